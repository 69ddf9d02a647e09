//! One writer at a time: a lock held by the operating system, and a number that each writer raises.

use std::fmt;
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::disk::Disk;
use crate::error::{Doing, StoreError};
use crate::folder::Folder;

/// How often a writer tries for the lock. A reader that asks whether there is a writer holds the
/// lock for an instant, which must not keep a writer out.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Which writer: each one that opens a ledger has a greater number than all before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch with this number; 0 is before the first writer.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}", self.0)
    }
}

/// The lock, held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
    path: PathBuf,
    epoch: Epoch,
}

impl Lock {
    /// Takes the lock and raises the epoch, durably.
    pub(crate) fn take(disk: &dyn Disk, folder: &Folder) -> Result<Self, StoreError> {
        let path = folder.lock();
        let mut file = acquire(disk, folder, &path)?;
        let written = Written::read(&mut file);
        let epoch = Epoch(written.epoch.0.saturating_add(1));
        // One short line in one sector; were it torn, the lock itself would still exclude others.
        let line = format!("epoch {:020} process {:010}\n", epoch.get(), std::process::id());
        file.seek(SeekFrom::Start(0)).doing("write to", &path)?;
        disk.write_all(&mut file, line.as_bytes()).doing("write to", &path)?;
        disk.truncate(&file, line.len() as u64).doing("write to", &path)?;
        disk.sync_data(&file).doing("make durable", &path)?;
        disk.sync_dir(folder.root()).doing("make durable the folder", folder.root())?;
        Ok(Self { file, path, epoch })
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(crate) fn path(&self) -> &PathBuf {
        &self.path
    }

    /// Whether the file at the lock's path is still the one that is locked. If somebody deleted it,
    /// another writer may hold a lock on a new file of that name.
    pub(crate) fn still_held(&self) -> bool {
        is_at(&self.file, &self.path)
    }
}

/// Whether `file` is the one that lies at `path` now.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(there)) => same_file(&held, &there),
        _ => false,
    }
}

#[cfg(unix)]
fn same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, _: &Metadata) -> bool {
    // Other systems do not let an open file be deleted.
    true
}

/// Opens the lock's file, or makes it, and locks it.
fn acquire(disk: &dyn Disk, folder: &Folder, path: &Path) -> Result<File, StoreError> {
    for left in (0..TRIES).rev() {
        let file = disk.open_or_make(path).doing("open", path)?;
        match file.try_lock() {
            // If it was deleted between opening and locking, the lock on it keeps nobody out.
            Ok(()) if is_at(&file, path) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if left > 0 => thread::sleep(BETWEEN_TRIES),
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(error)) => Err(error).doing("lock", path)?,
        }
    }
    let pid = disk.open_to_read(path).ok().and_then(|mut file| Written::read(&mut file).pid);
    Err(StoreError::AlreadyOpen { path: folder.root().to_owned(), pid })
}

/// Whether a writer holds the lock just now, and the last epoch. Changes nothing.
pub(crate) fn glance(folder: &Folder) -> (bool, Epoch) {
    let Ok(mut file) = folder.disk().open_to_read(&folder.lock()) else { return (false, Epoch(0)) };
    let held = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    (held, Written::read(&mut file).epoch)
}

/// What the lock file says.
struct Written {
    epoch: Epoch,
    pid: Option<u32>,
}

impl Written {
    /// Reads the file's line. What is unreadable counts as the epoch before the first: the lock
    /// excludes other writers, and the epoch only tells a late one apart.
    fn read(file: &mut File) -> Self {
        let mut text = String::new();
        let _ = file.take(100).read_to_string(&mut text);
        let mut words = text.split_ascii_whitespace();
        let mut after = |name| words.next().filter(|&word| word == name).and(words.next());
        let epoch = after("epoch").and_then(|number| number.parse().ok()).unwrap_or(0);
        let pid = after("process").and_then(|number| number.parse().ok());
        Self { epoch: Epoch(epoch), pid }
    }
}
