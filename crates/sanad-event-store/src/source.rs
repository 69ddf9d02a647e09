//! A file that is read, on whatever disk it is.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::disk::Disk;

/// A file open to read.
#[derive(Debug)]
pub(crate) struct Source {
    disk: Arc<dyn Disk>,
    file: File,
}

impl Source {
    /// Opens the file at `path`.
    pub(crate) fn open(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<Self> {
        Ok(Self { disk: Arc::clone(disk), file: disk.open_to_read(path)? })
    }

    /// How long it is now, in bytes.
    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Adds to `bytes` what stands from byte `from` on: `most` bytes, or all up to the end. Says how many.
    pub(crate) fn read_at(
        &mut self,
        from: u64,
        most: u64,
        bytes: &mut Vec<u8>,
    ) -> io::Result<usize> {
        self.file.seek(SeekFrom::Start(from))?;
        self.disk.read(&mut self.file, most, bytes)
    }

    /// The file itself.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The same file again. Whoever reads says from where, so the two do not disturb one another.
    pub(crate) fn again(&self) -> io::Result<Self> {
        Ok(Self { disk: Arc::clone(&self.disk), file: self.file.try_clone()? })
    }
}
