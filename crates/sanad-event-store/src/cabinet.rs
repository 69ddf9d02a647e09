//! sled, fenced in: its panics become errors, and nothing else here touches it.
//!
//! A damaged database makes sled panic as often as it makes it return an error, so every call is
//! made where a panic is caught. (The panic's message still goes to standard error: a library must
//! not replace the process's panic hook.) After one the database is not used any more.

use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::memory::MemoryError;

/// How much of the database sled may keep in memory, in bytes.
const CACHE: u64 = 64 << 20;

/// How often a database that is in use is tried. Work that sled does in the background can keep one
/// locked for a moment after it was closed.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// A sled database.
#[derive(Debug)]
pub(crate) struct Cabinet {
    db: Option<sled::Db>,
    broken: AtomicBool,
}

impl Cabinet {
    /// Opens the database in the folder `path`, or makes one.
    pub(crate) fn open(path: &Path) -> Result<Self, MemoryError> {
        // No thread that flushes now and then: a panic there could not be caught.
        let config = sled::Config::new().path(path).cache_capacity(CACHE).flush_every_ms(None);
        for _ in 0..TRIES {
            match caught(|| config.open()) {
                Err(MemoryError::Database { why }) if why.contains("could not acquire lock") => {
                    thread::sleep(BETWEEN_TRIES);
                }
                opened => return Ok(Self { db: Some(opened?), broken: AtomicBool::new(false) }),
            }
        }
        Err(MemoryError::InUse)
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, MemoryError> {
        self.run(|db| Ok(db.get(key)?.map(|value| value.to_vec())))
    }

    pub(crate) fn insert(&self, key: &[u8], value: &[u8]) -> Result<(), MemoryError> {
        self.run(|db| db.insert(key, value).map(drop))
    }

    pub(crate) fn is_empty(&self) -> Result<bool, MemoryError> {
        self.run(|db| Ok(db.iter().next().transpose()?.is_none()))
    }

    /// The last pair whose key begins with `prefix` and is within `to`.
    pub(crate) fn last(
        &self,
        prefix: &[u8],
        to: Bound<&[u8]>,
    ) -> Result<Option<Pair>, MemoryError> {
        self.run(|db| {
            let mut range = db.range::<&[u8], _>((Bound::Included(prefix), to));
            let last = range.next_back().transpose()?;
            Ok(last.map(|(key, value)| (key.to_vec(), value.to_vec())))
        })
    }

    /// All pairs whose key begins with `prefix`.
    pub(crate) fn all(&self, prefix: &[u8]) -> Result<Vec<Pair>, MemoryError> {
        self.run(|db| {
            let pairs = db.scan_prefix(prefix);
            pairs.map(|pair| pair.map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
        })
    }

    /// Removes all pairs whose key begins with `prefix`.
    pub(crate) fn remove_all(&self, prefix: &[u8]) -> Result<(), MemoryError> {
        self.run(|db| {
            for key in db.scan_prefix(prefix).keys() {
                db.remove(key?)?;
            }
            Ok(())
        })
    }

    pub(crate) fn flush(&self) -> Result<(), MemoryError> {
        self.run(|db| db.flush().map(drop))
    }

    fn run<T>(
        &self,
        operation: impl FnOnce(&sled::Db) -> sled::Result<T>,
    ) -> Result<T, MemoryError> {
        let usable = self.db.as_ref().filter(|_| !self.broken.load(Ordering::Acquire));
        let db = usable.ok_or(MemoryError::Broken)?;
        let done = caught(|| operation(db));
        if matches!(done, Err(MemoryError::Panicked { .. })) {
            self.broken.store(true, Ordering::Release);
        }
        done
    }
}

impl Drop for Cabinet {
    fn drop(&mut self) {
        let Some(db) = self.db.take() else { return };
        if self.broken.load(Ordering::Acquire) {
            // Closing would wait for work that will never be done.
            std::mem::forget(db);
        } else {
            let _ = catch_unwind(AssertUnwindSafe(move || drop(db)));
        }
    }
}

fn caught<T>(operation: impl FnOnce() -> sled::Result<T>) -> Result<T, MemoryError> {
    match catch_unwind(AssertUnwindSafe(operation)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(MemoryError::Database { why: error.to_string() }),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&text| text.to_owned()));
            Err(MemoryError::Panicked { why: text.unwrap_or_else(|| "no message".to_owned()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_database_is_not_used_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let cabinet = Cabinet::open(folder.path()).unwrap();
        cabinet.insert(b"key", b"value").unwrap();
        let panicked = cabinet.run(|_| -> sled::Result<()> { panic!("as sled does") });
        assert!(matches!(panicked, Err(MemoryError::Panicked { why }) if why == "as sled does"));
        assert!(matches!(cabinet.get(b"key"), Err(MemoryError::Broken)));
        assert!(matches!(cabinet.flush(), Err(MemoryError::Broken)));
    }
}
