//! A disk that fails when it is told to. For tests.

use std::fs::{File, Metadata, ReadDir};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::disk::{Disk, OsDisk};

/// One operation of [`Disk`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Listing a folder.
    List,
    /// Looking at what has a name.
    LookAt,
    /// Opening a file to read.
    OpenToRead,
    /// Reading.
    Read,
    /// Making a folder.
    CreateDir,
    /// Making a file.
    CreateNew,
    /// Opening a file to append.
    OpenAppend,
    /// Opening a file to write anywhere in it, or making it.
    OpenOrMake,
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

impl Operation {
    /// The operations that change nothing.
    pub const READING: [Self; 4] = [Self::List, Self::LookAt, Self::OpenToRead, Self::Read];

    /// Whether it changes something, or prepares to.
    pub fn is_writing(self) -> bool {
        !Self::READING.contains(&self)
    }
}

/// A failure to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Which operations can fail.
    pub operations: Operations,
    /// How many such operations still succeed first.
    pub after: usize,
    /// How it fails.
    pub kind: io::ErrorKind,
    /// How many bytes a failing write still writes, or a failing read still reads.
    pub written: usize,
    /// Whether all later operations fail too.
    pub lasting: bool,
}

/// Some operations of [`Disk`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operations {
    /// One of them.
    One(Operation),
    /// All that change something.
    Writing,
    /// All that change nothing.
    Reading,
    /// All.
    All,
}

impl Operations {
    fn contain(self, operation: Operation) -> bool {
        match self {
            Self::One(only) => only == operation,
            Self::Writing => operation.is_writing(),
            Self::Reading => !operation.is_writing(),
            Self::All => true,
        }
    }
}

/// The operating system's file system, with failures that are set beforehand.
#[derive(Debug, Default)]
pub struct FaultyDisk {
    fault: Mutex<Option<Fault>>,
    failed: AtomicBool,
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

    /// Whether anything has failed yet.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    fn pass(&self, operation: Operation) -> Result<(), Fault> {
        let mut slot = self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Some(mut fault) = *slot else { return Ok(()) };
        if !fault.operations.contain(operation) {
            return Ok(());
        }
        if fault.after > 0 {
            fault.after -= 1;
            *slot = Some(fault);
            return Ok(());
        }
        self.failed.store(true, Ordering::Relaxed);
        if fault.lasting {
            let operations = match fault.operations {
                Operations::One(only) if only.is_writing() => Operations::Writing,
                Operations::One(_) => Operations::Reading,
                several => several,
            };
            *slot = Some(Fault { operations, ..fault });
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
    fn list(&self, path: &Path) -> io::Result<ReadDir> {
        self.or_fail(Operation::List)?;
        OsDisk.list(path)
    }

    fn look_at(&self, path: &Path) -> io::Result<Metadata> {
        self.or_fail(Operation::LookAt)?;
        OsDisk.look_at(path)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<File> {
        self.or_fail(Operation::OpenToRead)?;
        OsDisk.open_to_read(path)
    }

    fn read(&self, file: &mut File, most: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
        if let Err(fault) = self.pass(Operation::Read) {
            OsDisk.read(file, most.min(fault.written as u64), bytes)?;
            return Err(fault.kind.into());
        }
        OsDisk.read(file, most, bytes)
    }

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

    fn open_or_make(&self, path: &Path) -> io::Result<File> {
        self.or_fail(Operation::OpenOrMake)?;
        OsDisk.open_or_make(path)
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
