//! A log that becomes shorter while it is read: a writer beside the reader takes back an append that failed.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::FaultyDisk;
use sanad_event_store::{FileReader, SEGMENT_HEADER, SoundLog, StoreError};

use crate::testlog::{TestLedger, audit_by};

/// A disk on which a file is cut whenever more than its header is read.
#[derive(Debug)]
struct ShrinkingDisk {
    os: FaultyDisk,
    path: PathBuf,
    /// What is left of the file each time, in bytes.
    lengths: Mutex<VecDeque<u64>>,
    /// Whether what is cut was just read, or is no longer there to be read.
    is_read_before: bool,
}

impl ShrinkingDisk {
    fn shrink(&self) {
        if let Some(length) = self.lengths.lock().unwrap().pop_front() {
            OpenOptions::new().write(true).open(&self.path).unwrap().set_len(length).unwrap();
        }
    }
}

/// A reader writes nothing.
fn never<T>() -> T {
    panic!("a reader has written")
}

impl Disk for ShrinkingDisk {
    fn read(&self, file: &mut File, most: u64, bytes: &mut Vec<u8>) -> io::Result<usize> {
        let is_header = most <= SEGMENT_HEADER as u64;
        if !is_header && !self.is_read_before {
            self.shrink();
        }
        let read = self.os.read(file, most, bytes)?;
        if !is_header && self.is_read_before {
            self.shrink();
        }
        Ok(read)
    }

    fn create_dir(&self, _: &Path) -> io::Result<()> {
        never()
    }
    fn create_new(&self, _: &Path) -> io::Result<File> {
        never()
    }
    fn open_append(&self, _: &Path) -> io::Result<File> {
        never()
    }
    fn open_or_make(&self, _: &Path) -> io::Result<File> {
        never()
    }
    fn write_all(&self, _: &mut File, _: &[u8]) -> io::Result<()> {
        never()
    }
    fn sync_data(&self, _: &File) -> io::Result<()> {
        never()
    }
    fn sync_all(&self, _: &File) -> io::Result<()> {
        never()
    }
    fn truncate(&self, _: &File, _: u64) -> io::Result<()> {
        never()
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        never()
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        never()
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        never()
    }
}

/// Eight records in one segment, and how long it is with so many of them.
fn eight() -> (TestLedger, impl Fn(u64) -> u64) {
    let ledger = TestLedger::with(&[1; 8], 1 << 20);
    let length = std::fs::metadata(&ledger.segments()[0]).unwrap().len();
    let header = SEGMENT_HEADER as u64;
    (ledger, move |records| header + records * (length - header) / 8)
}

/// A reader of a ledger whose only segment is cut to these lengths, one after another.
fn reader(ledger: &TestLedger, lengths: impl Into<VecDeque<u64>>, read: bool) -> FileReader {
    let (os, path) = (FaultyDisk::default(), ledger.segments()[0].clone());
    let disk = ShrinkingDisk { os, path, lengths: Mutex::default(), is_read_before: read };
    let disk = Arc::new(disk);
    let reader = FileReader::open_on(&(Arc::clone(&disk) as Arc<dyn Disk>), ledger.path()).unwrap();
    *disk.lengths.lock().unwrap() = lengths.into();
    reader
}

fn sound_log(
    ledger: &TestLedger,
    lengths: impl Into<VecDeque<u64>>,
) -> Result<SoundLog, StoreError> {
    reader(ledger, lengths, true).sound_log(&mut |_| {})
}

#[test]
fn records_that_were_taken_back_after_they_were_read_are_no_part_of_what_is_sound() {
    let (ledger, length) = eight();
    let sound = sound_log(&ledger, [length(6)]).unwrap();
    assert_eq!((sound.head().size, sound.tail(), sound.unsound()), (6, 0, None));
    // Each reading may be overtaken, up to the last but one.
    let (ledger, length) = eight();
    let sound = sound_log(&ledger, [7, 6, 5, 4].map(&length)).unwrap();
    assert_eq!((sound.head().size, sound.tail(), sound.unsound()), (4, 0, None));
}

#[test]
fn of_a_log_that_becomes_shorter_again_and_again_nothing_is_said_but_that() {
    let (ledger, length) = eight();
    let error = sound_log(&ledger, [7, 6, 5, 4, 3].map(length)).unwrap_err();
    assert!(matches!(error, StoreError::Io { operation: "read", .. }), "{error:?}");
    assert!(error.to_string().ends_with("it becomes shorter again and again"), "{error}");
}

#[test]
fn a_log_that_is_cut_before_it_is_read_ends_where_its_bytes_end() {
    let (ledger, length) = eight();
    let sound = reader(&ledger, [length(5)], false).sound_log(&mut |_| {}).unwrap();
    assert_eq!((sound.head().size, sound.tail(), sound.unsound()), (5, 0, None));
    let (ledger, length) = eight();
    let seen = audit_by(&reader(&ledger, [length(3)], false)).unwrap();
    assert_eq!((seen.head.size, seen.findings), (3, vec![]));
    let (ledger, length) = eight();
    assert_eq!(reader(&ledger, [length(2)], false).head().unwrap().size, 2);
}
