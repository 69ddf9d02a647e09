//! What the disk can do: the same bytes added to a plain file and made durable, with nothing else done.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{BenchError, Doing};
use crate::specimens::Specimens;
use crate::stopwatch::{Stopwatch, timed};

/// A file that bytes are added to; each addition is durable when it returns.
#[derive(Debug)]
pub struct PlainFile {
    path: PathBuf,
    file: File,
}

impl PlainFile {
    /// Makes the file.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn create(path: &Path) -> Result<Self, BenchError> {
        let file = OpenOptions::new().append(true).create_new(true).open(path);
        let file = file.doing("make", path)?;
        file.sync_all().doing("make durable", path)?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds bytes: one `write` and one `fdatasync`.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BenchError> {
        self.file.write_all(bytes).doing("write to", &self.path)?;
        self.file.sync_data().doing("make durable", &self.path)
    }
}

/// Appends all records in batches of so many.
///
/// # Errors
/// [`BenchError::File`].
pub fn append_in_batches(
    file: &mut PlainFile,
    specimens: &Specimens,
    batch: usize,
) -> Result<Duration, BenchError> {
    let (done, took) = timed(|| specimens.batches(batch).try_for_each(|bytes| file.append(bytes)));
    done.map(|()| took)
}

/// Appends single records, each durable before the next; gives how long each took.
///
/// # Errors
/// [`BenchError::File`].
pub fn append_singly<'a>(
    file: &mut PlainFile,
    records: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<Duration>, BenchError> {
    let mut watch = Stopwatch::start();
    records
        .map(|record| {
            watch.lap();
            file.append(record)?;
            Ok(watch.lap())
        })
        .collect()
}
