//! Where it is measured: a new folder on the user's disk, and what can be said of that disk.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{BenchError, Doing};

/// A new folder that is removed with everything in it.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    within: PathBuf,
}

impl Place {
    /// Makes a folder within another, if that has so many bytes free and is no ledger's.
    ///
    /// # Errors
    /// [`BenchError::InsideALedger`], [`BenchError::NoRoom`] or [`BenchError::File`].
    pub fn within(within: &Path, need: u64) -> Result<Self, BenchError> {
        if within.join("ledger.json").exists() {
            return Err(BenchError::InsideALedger(within.to_owned()));
        }
        let free = free_bytes(within)?;
        if free < need {
            return Err(BenchError::NoRoom { folder: within.to_owned(), need, free });
        }
        let made = tempfile::Builder::new().prefix("sanad-bench-").tempdir_in(within);
        Ok(Self { folder: made.doing("make a folder in", within)?, within: within.to_owned() })
    }

    /// A path in the folder, where nothing is.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that it was made in.
    #[must_use]
    pub fn outer(&self) -> &Path {
        &self.within
    }

    /// Removes what is at one of its paths.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn remove(&self, name: &str) -> Result<(), BenchError> {
        let path = self.path(name);
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.doing("remove", path)
    }

    /// Removes the folder, and says if it could not be.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn close(self) -> Result<(), BenchError> {
        let path = self.folder.path().to_owned();
        self.folder.close().doing("remove", path)
    }
}

/// The bytes that a user may still write to the disk of a folder.
///
/// # Errors
/// [`BenchError::File`].
pub fn free_bytes(folder: &Path) -> Result<u64, BenchError> {
    let found = rustix::fs::statvfs(folder).map_err(std::io::Error::from);
    let found = found.doing("look at the disk of", folder)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_gone_when_it_is_closed_and_is_not_made_where_there_is_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::within(folder.path(), 1).unwrap();
        fs::create_dir(place.path("ledger")).unwrap();
        place.close().unwrap();
        let full = Place::within(folder.path(), u64::MAX);
        assert!(matches!(full, Err(BenchError::NoRoom { need: u64::MAX, .. })), "{full:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_measured_inside_a_ledger() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ledger.json"), "{}").unwrap();
        let inside = Place::within(folder.path(), 1);
        assert!(matches!(inside, Err(BenchError::InsideALedger(_))), "{inside:?}");
    }
}
