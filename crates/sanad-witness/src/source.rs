//! Where a published log is read from.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::folder::guarded;

/// Something that has the files of a published log (`docs/format/publication.md`).
pub trait Source: Send {
    /// The file at `path` below the log's root, whole; `None` if there is none. What it says is not
    /// checked.
    ///
    /// # Errors
    /// [`FetchError`] where it has more than `most_bytes`, or cannot be had.
    fn fetch(&self, path: &str, most_bytes: usize) -> Result<Option<Vec<u8>>, FetchError>;
}

impl<S: Source + ?Sized> Source for Box<S> {
    fn fetch(&self, path: &str, most_bytes: usize) -> Result<Option<Vec<u8>>, FetchError> {
        (**self).fetch(path, most_bytes)
    }
}

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not one that is asked.
    #[error("{address:?} is no address to fetch from: {why}")]
    BadAddress {
        /// The address.
        address: String,
        /// Why not.
        why: String,
    },
    /// The path is not one of a published log.
    #[error("{path:?} is no path below a log's root")]
    BadPath {
        /// The path.
        path: String,
    },
    /// Nobody answered there, or the answer broke off or is not HTTP.
    #[error("{address}: {why}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why not.
        why: String,
    },
    /// The whole answer was not there in time.
    #[error("{address} did not answer in time")]
    TimedOut {
        /// The address.
        address: String,
    },
    /// There is another answer than the file or that there is none.
    #[error("{address} answered with status {status}")]
    Status {
        /// The address.
        address: String,
        /// The HTTP status.
        status: u16,
    },
    /// The file is longer than one of its kind may be.
    #[error("{address} has more than the {most} bytes that it may have")]
    TooLong {
        /// The address, or the path of the file.
        address: String,
        /// How many bytes it may have.
        most: usize,
    },
    /// The file system.
    #[error("could not read {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// A published log in a folder of this machine.
#[derive(Clone, Debug)]
pub struct FolderLog {
    root: PathBuf,
}

impl FolderLog {
    /// The log whose root this folder is.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Source for FolderLog {
    fn fetch(&self, path: &str, most_bytes: usize) -> Result<Option<Vec<u8>>, FetchError> {
        let path = self.root.join(plain(path)?);
        let read = || {
            let file = match guarded(OpenOptions::new().read(true)).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                opened => opened?,
            };
            if !file.metadata()?.is_file() {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            file.take(most_bytes as u64 + 1).read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        };
        let read = read().map_err(|source| FetchError::Io { path: path.clone(), source })?;
        if read.as_ref().is_some_and(|bytes| bytes.len() > most_bytes) {
            let address = path.display().to_string();
            return Err(FetchError::TooLong { address, most: most_bytes });
        }
        Ok(read)
    }
}

/// A path that leads nowhere but below the root, and means the same in a folder and in a URL.
pub(crate) fn plain(path: &str) -> Result<&str, FetchError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let segment = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(allowed)
    };
    if path.split('/').all(segment) {
        Ok(path)
    } else {
        Err(FetchError::BadPath { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_the_log_is_refused() {
        for path in ["", "/etc/passwd", "../key", "tile/../../key", "tile//0", "tile/0/", "a?b"] {
            assert!(plain(path).is_err(), "{path}");
        }
        for path in ["checkpoint", "tile/0/x001/234.p/17", "tile/entries/000", "ledger.json"] {
            assert!(plain(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn a_file_longer_than_asked_for_is_refused_and_one_that_is_not_there_is_none() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("checkpoint"), "12345").unwrap();
        std::fs::create_dir(home.path().join("tile")).unwrap();
        let log = FolderLog::new(home.path());
        assert_eq!(log.fetch("checkpoint", 5).unwrap(), Some(b"12345".to_vec()));
        assert!(matches!(log.fetch("checkpoint", 4), Err(FetchError::TooLong { most: 4, .. })));
        assert_eq!(log.fetch("tile/0/000", 5).unwrap(), None);
        assert_eq!(log.fetch("tile", 5).unwrap(), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_in_a_published_folder_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("secret"), "12345").unwrap();
        let link = home.path().join("checkpoint");
        std::os::unix::fs::symlink(home.path().join("secret"), link).unwrap();
        let fetched = FolderLog::new(home.path()).fetch("checkpoint", 5);
        assert!(matches!(fetched, Err(FetchError::Io { .. })), "{fetched:?}");
    }
}
