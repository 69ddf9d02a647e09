//! A ledger's folder: what lies where.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::Sequence;

use crate::disk::{self, Disk, folder_of};
use crate::error::{Doing, StoreError};
use crate::source::Source;

/// The paths in a ledger's folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    disk: Arc<dyn Disk>,
}

impl Folder {
    /// The folder at this path, not looked at.
    pub(crate) fn at(disk: &Arc<dyn Disk>, root: &Path) -> Self {
        Self { root: root.to_owned(), disk: Arc::clone(disk) }
    }

    /// The folder at this path, after a look for symbolic links in it.
    pub(crate) fn checked(root: &Path) -> Result<Self, StoreError> {
        Self::checked_on(&disk::os(), root)
    }

    /// As [`Folder::checked`], on a given disk.
    pub(crate) fn checked_on(disk: &Arc<dyn Disk>, root: &Path) -> Result<Self, StoreError> {
        let folder = Self::at(disk, root);
        let paths = [
            folder.identity(),
            folder.lock(),
            folder.log(),
            folder.aside(),
            folder.memory(),
            folder.checkpoints(),
            folder.backup_mark(),
        ];
        paths.iter().try_for_each(|path| refuse_symlink(&**disk, path))?;
        Ok(folder)
    }

    /// Refuses a folder in which anybody could put files, and files that anybody could change. Who may
    /// write here can make a history; a copy that is only read may lie anywhere.
    pub(crate) fn refuse_exposed(&self) -> Result<(), StoreError> {
        let own = [self.root.clone(), self.identity(), self.lock(), self.log(), self.aside()];
        for path in own.into_iter().chain([self.checkpoints(), self.backup_mark()]) {
            match self.disk.look_at(&path) {
                Err(error) if is_absent(&error) => {}
                found => refuse_exposed(&path, &found.doing("look at", &path)?)?,
            }
        }
        Ok(())
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The disk that it lies on.
    pub(crate) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Opens a file in it to read.
    pub(crate) fn open(&self, path: &Path) -> io::Result<Source> {
        Source::open(&self.disk, path)
    }

    pub(crate) fn identity(&self) -> PathBuf {
        self.root.join("ledger.json")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("lock")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(crate) fn aside(&self) -> PathBuf {
        self.root.join("aside")
    }

    pub(crate) fn memory(&self) -> PathBuf {
        self.root.join("memory")
    }

    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    /// What says that the folder is a backup.
    pub(crate) fn backup_mark(&self) -> PathBuf {
        self.root.join("backup.json")
    }

    /// The segment whose first record is `first`.
    pub(crate) fn segment(&self, first: Sequence) -> PathBuf {
        self.log().join(format!("{:020}.seg", first.get()))
    }

    /// The first sequences of all segments by their names, ascending.
    pub(crate) fn segments(&self) -> Result<Vec<Sequence>, StoreError> {
        let log = self.log();
        let mut segments = Vec::new();
        let entries = match self.disk.list(&log) {
            Err(error) if is_absent(&error) => return Err(StoreError::NoSegments { path: log }),
            entries => entries.doing("list", &log)?,
        };
        for entry in entries {
            let entry = entry.doing("list", &log)?;
            let Some(first) = entry.file_name().to_str().and_then(first_of_name) else { continue };
            if entry.file_type().doing("look at", &entry.path())?.is_symlink() {
                return Err(StoreError::Symlink { path: entry.path() });
            }
            segments.push(first);
        }
        segments.sort_unstable();
        if segments.is_empty() {
            return Err(StoreError::NoSegments { path: log });
        }
        Ok(segments)
    }

    /// A path in the folder for bytes put aside, for which there is no file yet: `cut` from a log's end,
    /// or a `seg` that was another.
    pub(crate) fn free_aside(&self, sequence: Sequence, kind: &str) -> PathBuf {
        let name = |n: u32| self.aside().join(format!("{:020}-{n}.{kind}", sequence.get()));
        let is_free = |path: &PathBuf| self.disk.look_at(path).is_err();
        // The range is longer than any folder; the last name would then fail to be created.
        (0..u32::MAX).map(name).find(is_free).unwrap_or_else(|| name(u32::MAX))
    }
}

/// The sequence in a segment's name: exactly 20 digits and `.seg`.
fn first_of_name(name: &str) -> Option<Sequence> {
    let digits = name.strip_suffix(".seg")?;
    let proper = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !proper {
        return None;
    }
    digits.parse().ok().map(Sequence::new)
}

/// Refuses a symbolic link at `path`; nothing at all there is fine.
fn refuse_symlink(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    match disk.look_at(path) {
        Ok(found) if found.is_symlink() => Err(StoreError::Symlink { path: path.to_owned() }),
        Ok(_) => Ok(()),
        Err(error) if is_absent(&error) => Ok(()),
        Err(error) => Ok(Err(error).doing("look at", path)?),
    }
}

/// Refuses a file or folder that anybody may write to.
pub(crate) fn refuse_exposed(path: &Path, found: &Metadata) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode() & 0o7777;
        if mode & 0o002 != 0 {
            return Err(StoreError::Exposed { path: path.to_owned(), mode });
        }
    }
    Ok(())
}

/// Whether an error says that there is no such file, or that its folder is none.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Makes the folder at `path` unless it is there; its name is durable then.
pub(crate) fn ensure_dir(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    let existed = match disk.create_dir(path) {
        Ok(()) => false,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => true,
        Err(error) => Err(error).doing("make the folder", path)?,
    };
    let parent = folder_of(path);
    match disk.sync_dir(parent) {
        // Whoever made the folder may have ended before this. But where its parent may not even be
        // read, it was made by somebody else, long ago.
        Err(error) if existed && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => Ok(synced.doing("make durable the folder", parent)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_segments_own_name_is_a_segment() {
        assert_eq!(first_of_name("00000000000000000007.seg"), Some(Sequence::new(7)));
        for name in [
            "7.seg",
            "00000000000000000007.seg.tmp",
            "+0000000000000000007.seg",
            "99999999999999999999.seg",
        ] {
            assert_eq!(first_of_name(name), None, "{name}");
        }
    }
}
