//! A disk that fails when it is told to. For tests.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use crate::disk::{Disk, OsDisk};

/// One operation of [`Disk`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Making a folder.
    CreateDir,
    /// Making a file.
    CreateNew,
    /// Opening a file to append.
    OpenAppend,
    /// Writing.
    Write,
    /// Making added bytes durable.
    SyncData,
    /// Making all of a file durable.
    SyncAll,
    /// Setting a length.
    Truncate,
    /// Renaming.
    Rename,
    /// Removing a file.
    Remove,
    /// Making names durable.
    SyncDir,
}

/// A failure to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Which operation fails; `None` means any.
    pub operation: Option<Operation>,
    /// How many such operations still succeed first.
    pub after: usize,
    /// How it fails.
    pub kind: io::ErrorKind,
    /// How many bytes a failing write still writes.
    pub written: usize,
    /// Whether all later operations fail too.
    pub lasting: bool,
}

/// The operating system's file system, with failures that are set beforehand.
#[derive(Debug, Default)]
pub struct FaultyDisk {
    fault: Mutex<Option<Fault>>,
}

impl FaultyDisk {
    /// Sets, or with `None` lifts, the failure to come.
    pub fn set(&self, fault: Option<Fault>) {
        *self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = fault;
    }

    /// Whether a failure was set that has not happened (or that lasts).
    pub fn is_set(&self) -> bool {
        self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).is_some()
    }

    fn pass(&self, operation: Operation) -> Result<(), Fault> {
        let mut slot = self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Some(mut fault) = *slot else { return Ok(()) };
        if fault.operation.is_some_and(|only| only != operation) {
            return Ok(());
        }
        if fault.after > 0 {
            fault.after -= 1;
            *slot = Some(fault);
            return Ok(());
        }
        if fault.lasting {
            *slot = Some(Fault { operation: None, ..fault });
        } else {
            *slot = None;
        }
        Err(fault)
    }

    fn or_fail(&self, operation: Operation) -> io::Result<()> {
        self.pass(operation).map_err(|fault| fault.kind.into())
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.or_fail(Operation::CreateDir)?;
        OsDisk.create_dir(path)
    }

    fn create_new(&self, path: &Path) -> io::Result<File> {
        self.or_fail(Operation::CreateNew)?;
        OsDisk.create_new(path)
    }

    fn open_append(&self, path: &Path) -> io::Result<File> {
        self.or_fail(Operation::OpenAppend)?;
        OsDisk.open_append(path)
    }

    fn write_all(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Err(fault) = self.pass(Operation::Write) {
            OsDisk.write_all(file, &bytes[..fault.written.min(bytes.len())])?;
            return Err(fault.kind.into());
        }
        OsDisk.write_all(file, bytes)
    }

    fn sync_data(&self, file: &File) -> io::Result<()> {
        self.or_fail(Operation::SyncData)?;
        OsDisk.sync_data(file)
    }

    fn sync_all(&self, file: &File) -> io::Result<()> {
        self.or_fail(Operation::SyncAll)?;
        OsDisk.sync_all(file)
    }

    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        self.or_fail(Operation::Truncate)?;
        OsDisk.truncate(file, length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.or_fail(Operation::Rename)?;
        OsDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.or_fail(Operation::Remove)?;
        OsDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.or_fail(Operation::SyncDir)?;
        OsDisk.sync_dir(path)
    }
}
