//! Files put in place, each whole or not at all.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_event_store::disk::{Disk, PublicDisk};

use crate::error::{Doing, PublicationError};
use crate::folder_source::FolderSource;
use crate::source::{Source, SourceError};

/// Under this name a file is written before it gets its own. One is enough, since one process
/// writes at a time; what a crash leaves of it is overwritten by the next.
pub(crate) const TEMPORARY: &str = ".publishing.tmp";

/// A folder that published files are put into. One process at a time has it.
#[derive(Debug)]
pub(crate) struct Shelf {
    disk: Arc<dyn Disk>,
    source: FolderSource,
    /// The folder, open and locked.
    _lock: File,
    /// Folders with names that are not durable yet.
    unsynced: BTreeSet<PathBuf>,
    written: u64,
}

/// The file system of the operating system, for files that everybody may read.
pub(crate) fn os_disk() -> Arc<dyn Disk> {
    Arc::new(PublicDisk)
}

impl Shelf {
    /// Opens the folder, making it if it is not there, and keeps other writers out.
    pub(crate) fn open(disk: Arc<dyn Disk>, root: &Path) -> Result<Self, PublicationError> {
        let mut unsynced = BTreeSet::new();
        match disk.create_dir(root) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && root.is_dir() => {}
            made => {
                made.doing("make the folder", root)?;
                unsynced.insert(parent_of(root));
            }
        }
        let lock = File::open(root).doing("open", root)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(PublicationError::Busy { path: root.to_owned() });
            }
            Err(TryLockError::Error(error)) => Err(error).doing("lock", root)?,
        }
        let source = FolderSource::new(root);
        Ok(Self { disk, source, _lock: lock, unsynced, written: 0 })
    }

    /// The folder, to read.
    pub(crate) const fn source(&self) -> &FolderSource {
        &self.source
    }

    /// The disk that changes go to.
    pub(crate) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// How many files were written.
    pub(crate) const fn written(&self) -> u64 {
        self.written
    }

    /// Puts a file in place that never changes. One that is there already must have the same bytes.
    /// Its name is durable after the next [`Shelf::sync`].
    pub(crate) fn put(&mut self, file: &str, bytes: &[u8]) -> Result<(), PublicationError> {
        match self.source.fetch(file, bytes.len()) {
            Ok(None) => self.write(file, bytes),
            Ok(Some(found)) if found == bytes => {
                // Whoever wrote it may have ended before its name was durable.
                self.note(file);
                Ok(())
            }
            Ok(Some(_)) | Err(SourceError::TooLong { .. }) => {
                Err(PublicationError::Differs { file: file.to_owned() })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Puts a file in place of one that may be there, durably, once all that was put before is.
    pub(crate) fn replace(&mut self, file: &str, bytes: &[u8]) -> Result<(), PublicationError> {
        self.sync()?;
        self.write(file, bytes)?;
        self.sync()
    }

    /// Makes the names of all files durable that were put in place.
    pub(crate) fn sync(&mut self) -> Result<(), PublicationError> {
        while let Some(folder) = self.unsynced.last() {
            self.disk.sync_dir(folder).doing("make durable the folder", folder)?;
            self.unsynced.pop_last();
        }
        Ok(())
    }

    fn write(&mut self, file: &str, bytes: &[u8]) -> Result<(), PublicationError> {
        let (path, temporary) = (self.path(file), self.path(TEMPORARY));
        self.make_folders(file)?;
        self.disk.remove(&temporary).doing("remove", &temporary)?;
        let mut out = self.disk.create_new(&temporary).doing("create", &temporary)?;
        self.disk.write_all(&mut out, bytes).doing("write to", &temporary)?;
        // Before the file has its name, so that the name never stands for less than all of it.
        self.disk.sync_all(&out).doing("make durable", &temporary)?;
        self.disk.rename(&temporary, &path).doing("put in place", &path)?;
        self.note(file);
        self.written += 1;
        Ok(())
    }

    fn make_folders(&mut self, file: &str) -> Result<(), PublicationError> {
        for (at, _) in file.match_indices('/') {
            let folder = self.path(&file[..at]);
            match self.disk.create_dir(&folder) {
                // Links were refused by the look at the file that was to be there.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
                made => {
                    made.doing("make the folder", &folder)?;
                    self.unsynced.insert(parent_of(&folder));
                }
            }
        }
        Ok(())
    }

    /// Remembers that the names on the way to a file are to be made durable.
    fn note(&mut self, file: &str) {
        let mut path = self.path(file);
        while path.pop() && path.starts_with(self.source.root()) {
            self.unsynced.insert(path.clone());
        }
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.source.root().join(file)
    }
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
