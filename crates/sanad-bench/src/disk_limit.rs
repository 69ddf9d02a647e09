//! What the disk can do: the same bytes added to a plain file and made durable, with nothing else done.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
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

/// Appends records by so many threads at once, each one by one: whoever comes while the file is being made durable
/// shares the next `write` and `fdatasync`, and all who shared one are woken together. Gives how long all of it took.
///
/// This is the least that callers who wait together can cost: one thread that appends, and nothing done to a record.
///
/// # Errors
/// [`BenchError::File`].
pub fn append_by_threads(
    file: &mut PlainFile,
    specimens: &Specimens,
    threads: usize,
    each: usize,
) -> Result<Duration, BenchError> {
    let (counter, ready) = (Counter::default(), Barrier::new(threads + 1));
    let call = &|thread| {
        ready.wait();
        let places = (0..each).map(|turn| 1 + turn * threads + thread);
        places.for_each(|place| counter.hand_in(specimens.record(place)));
    };
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || call(thread));
        }
        ready.wait();
        let (done, took) = timed(|| counter.serve(file, threads * each));
        done.map(|()| took)
    })
}

/// Where records lie that are to be appended together.
#[derive(Default)]
struct Counter {
    lying: Mutex<Lying>,
    handed_in: Condvar,
}

#[derive(Default)]
struct Lying {
    bytes: Vec<u8>,
    records: usize,
    /// What those who handed them in wait for.
    durable: Arc<OnceLock<()>>,
    /// Nothing is appended any more.
    closed: bool,
}

impl Counter {
    /// Hands a record in and waits until it is durable, or nothing is appended any more.
    fn hand_in(&self, record: &[u8]) {
        let mut lying = self.lying.lock().unwrap_or_else(PoisonError::into_inner);
        if lying.closed {
            return;
        }
        lying.bytes.extend_from_slice(record);
        lying.records += 1;
        let (durable, is_first) = (Arc::clone(&lying.durable), lying.records == 1);
        drop(lying);
        if is_first {
            self.handed_in.notify_one();
        }
        durable.wait();
    }

    /// Appends what lies there until so many records are durable.
    fn serve(&self, file: &mut PlainFile, records: usize) -> Result<(), BenchError> {
        let mut left = records;
        while left > 0 {
            let lying = self.lying.lock().unwrap_or_else(PoisonError::into_inner);
            let lying = self.handed_in.wait_while(lying, |lying| lying.records == 0);
            let taken = std::mem::take(&mut *lying.unwrap_or_else(PoisonError::into_inner));
            let appended = file.append(&taken.bytes);
            if appended.is_err() {
                let mut lying = self.lying.lock().unwrap_or_else(PoisonError::into_inner);
                lying.closed = true;
                lying.durable.get_or_init(|| ());
            }
            taken.durable.get_or_init(|| ());
            appended?;
            left -= taken.records;
        }
        Ok(())
    }
}
