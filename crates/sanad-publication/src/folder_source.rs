//! A folder as a source.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::source::{Source, SourceError};

/// A publication in a folder of this machine. It follows no symbolic link below the folder and opens
/// nothing but regular files, so whoever wrote the folder cannot make a reader look elsewhere or
/// wait.
///
/// ```
/// use sanad_publication::{FolderSource, Source};
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// std::fs::write(folder.join("checkpoint"), "no checkpoint yet")?;
/// let source = FolderSource::new(folder);
/// assert_eq!(source.fetch("checkpoint", 100)?.as_deref(), Some(&b"no checkpoint yet"[..]));
/// assert!(source.fetch("checkpoint", 10).is_err());
/// assert!(source.fetch("../secret", 100).is_err());
/// assert_eq!(source.fetch("tile/0/000", 8_192)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FolderSource {
    root: PathBuf,
}

impl FolderSource {
    /// The publication in the folder `root`. Nothing is looked at yet.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Source for FolderSource {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let parts: Vec<_> = path.split('/').collect();
        if !parts.iter().all(|part| is_plain(part)) {
            return Err(SourceError::BadPath { file: path.to_owned() });
        }
        let failed = |cause| SourceError::Failed { file: path.to_owned(), cause };
        let file = match open::below(&self.root, &parts) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(Unopened::Symlink) => return Err(SourceError::Symlink { file: path.to_owned() }),
            Err(Unopened::Failed(cause)) => return Err(failed(cause)),
        };
        if !file.metadata().map_err(failed)?.is_file() {
            return Err(SourceError::NotAFile { file: path.to_owned() });
        }
        let mut bytes = Vec::new();
        file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > most {
            return Err(SourceError::TooLong { file: path.to_owned(), most });
        }
        Ok(Some(bytes))
    }
}

/// Whether this is the plain name of a file or folder: no way up, no other root.
fn is_plain(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !part.is_empty() && part != "." && part != ".." && part.chars().all(plain)
}

/// Why a file could not be opened.
enum Unopened {
    Symlink,
    Failed(io::Error),
}

#[cfg(unix)]
mod open {
    //! Opening step by step from folder to folder, so that nothing can be put in between.

    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, OwnedFd};
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
    use rustix::io::Errno;

    use super::Unopened;

    pub(super) fn below(root: &Path, parts: &[&str]) -> Result<Option<File>, Unopened> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let mut at: OwnedFd = match openat(CWD, root, flags | OFlags::DIRECTORY, Mode::empty()) {
            Ok(root) => root,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        for (n, &part) in parts.iter().enumerate() {
            let kind = if n + 1 < parts.len() { OFlags::DIRECTORY } else { OFlags::NONBLOCK };
            at = match openat(&at, part, flags | kind | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(next) => next,
                Err(Errno::NOENT) => return Ok(None),
                Err(error) => return unopened(&at, part, error),
            };
        }
        Ok(Some(File::from(at)))
    }

    /// What an error means: systems differ in what they say of a link that may not be followed.
    fn unopened(at: impl AsFd, part: &str, error: Errno) -> Result<Option<File>, Unopened> {
        let found = statat(at, part, AtFlags::SYMLINK_NOFOLLOW);
        let found = found.map(|found| FileType::from_raw_mode(found.st_mode));
        match found {
            Ok(FileType::Symlink) => Err(Unopened::Symlink),
            // Where a folder should be there is a file, so there is nothing in it.
            Ok(FileType::RegularFile) if error == Errno::NOTDIR => Ok(None),
            _ => Err(failed(error)),
        }
    }

    fn failed(error: Errno) -> Unopened {
        Unopened::Failed(io::Error::from(error))
    }
}

#[cfg(not(unix))]
mod open {
    //! Opening after a look at each step.

    use std::fs::{self, File};
    use std::io::ErrorKind;
    use std::path::Path;

    use super::Unopened;

    pub(super) fn below(root: &Path, parts: &[&str]) -> Result<Option<File>, Unopened> {
        let mut path = root.to_owned();
        for part in parts {
            path.push(part);
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() => return Err(Unopened::Symlink),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(Unopened::Failed(error)),
            }
        }
        File::open(path).map(Some).map_err(Unopened::Failed)
    }
}
