//! A log backed up beside its writer, gone on with, and restored.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use sanad_audit_log::Head;
use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};
use sanad_event_store::{
    BackupFolder, BackupMark, Copied, EventStore, FileReader, FileStore, Options, StoreError,
    restore,
};
use tempfile::TempDir;

use crate::testlog::{
    TestLedger, alter, append, audit, check, files_in, identity, other_identity, payloads, scratch,
};

/// A folder for a backup, deleted with it.
struct Place {
    _home: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let home = scratch();
        Self { path: home.path().join("backup"), _home: home }
    }
}

fn back_up(ledger: &Path, to: &Path) -> Result<Copied, StoreError> {
    back_up_on(Options::default(), ledger, to)
}

pub(crate) fn back_up_on(options: Options, ledger: &Path, to: &Path) -> Result<Copied, StoreError> {
    let reader = FileReader::open(ledger)?;
    let sound = reader.sound_log(&mut |_| {})?;
    let mut backup = BackupFolder::open(to, reader.identity(), options)?;
    let copied = backup.copy(&reader, &sound, &mut |_| {})?;
    backup.finish(copied.head)?;
    Ok(copied)
}

pub(crate) fn marked(backup: &Path) -> Head {
    BackupMark::of(backup).unwrap().unwrap().head
}

/// The bytes of every segment of a folder.
pub(crate) fn log(folder: &Path) -> Vec<Vec<u8>> {
    files_in(&folder.join("log")).iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn a_backup_has_the_ledgers_very_bytes_and_is_read_as_a_ledger_and_never_recorded_to() {
    let (ledger, place) = (TestLedger::with(&[2, 2, 3], 350), Place::new());
    let copied = back_up(ledger.path(), &place.path).unwrap();
    assert_eq!((copied.head.size, copied.there), (7, 0));
    assert_eq!(copied.written as usize, ledger.segments().len());
    assert_eq!(log(ledger.path()), log(&place.path));
    assert_eq!(marked(&place.path), copied.head);
    check(&place.path, 7);
    let refused = FileStore::open(&place.path, Options::default()).unwrap_err();
    assert!(matches!(refused, StoreError::IsABackup { .. }), "{refused}");
}

#[test]
fn a_backup_is_gone_on_with_and_what_is_there_is_not_copied_again() {
    let (ledger, place) = (TestLedger::rolling_at(350), Place::new());
    let mut size = 0;
    for count in [1, 2, 3, 1, 4, 1] {
        append(&mut ledger.open().store, count);
        size += count;
        let before = log(&place.path);
        let copied = back_up(ledger.path(), &place.path).unwrap();
        assert_eq!(log(ledger.path()), log(&place.path));
        assert_eq!(copied.head.size, size);
        let sealed = before.len().saturating_sub(1) as u64;
        assert!(copied.there >= sealed, "{copied:?}");
        let had: usize = before.iter().map(Vec::len).sum();
        let has: usize = log(&place.path).iter().map(Vec::len).sum();
        assert_eq!(copied.bytes as usize, has - had, "no byte was written twice");
    }
    let again = back_up(ledger.path(), &place.path).unwrap();
    assert_eq!((again.written, again.bytes), (0, 0));
}

/// Says that there are no more rounds when it is dropped.
struct Ending<'a>(&'a AtomicU64);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }
}

#[test]
fn a_copy_taken_while_threads_append_and_segments_roll_is_a_beginning_of_what_they_wrote() {
    let (ledger, place) = (TestLedger::rolling_at(900), Place::new());
    let store = Mutex::new(ledger.open().store);
    let (rounds, mut seen) = (AtomicU64::new(0), Vec::new());
    thread::scope(|scope| {
        // However much faster they are than the copies, there is not much more to copy each time.
        let writer = || {
            while rounds.load(Ordering::Relaxed) < 12 {
                let mut store = store.lock().unwrap();
                if store.head().size < 1_000 * (1 + rounds.load(Ordering::Relaxed)) {
                    append(&mut store, 3);
                }
                drop(store);
                thread::yield_now();
            }
        };
        for _ in 0..3 {
            scope.spawn(writer);
        }
        let _the_writers_end_however_this_does = Ending(&rounds);
        for round in 0..12 {
            rounds.store(round, Ordering::Relaxed);
            let other = Place::new();
            let to = if round % 3 == 0 { &other.path } else { &place.path };
            let acknowledged = FileReader::open(ledger.path()).unwrap().head().unwrap().size;
            let copied = back_up(ledger.path(), to).unwrap();
            assert!(copied.head.size + 3 >= acknowledged, "{copied:?} of {acknowledged}");
            assert_eq!(audit(to).findings, []);
            assert_eq!(audit(to).sound, payloads(0..copied.head.size));
            seen.push(copied.head);
        }
    });
    drop(store);
    let reader = ledger.reader();
    for head in &seen {
        assert!(reader.holds(*head).unwrap(), "{head} is none of the ledger's");
    }
    back_up(ledger.path(), &place.path).unwrap();
    assert_eq!(log(ledger.path()), log(&place.path));
    println!("{} backups of up to {} records", seen.len(), reader.head().unwrap().size);
}

#[test]
fn a_backup_of_another_ledger_or_of_another_history_is_left_as_it_is() {
    let (ledger, place) = (TestLedger::with(&[2, 2], 350), Place::new());
    back_up(ledger.path(), &place.path).unwrap();
    let before = log(&place.path);
    let other = TestLedger::of(&other_identity());
    let refused = back_up(other.path(), &place.path).unwrap_err();
    assert!(matches!(refused, StoreError::BackupOfOtherLedger { .. }), "{refused}");
    // The same ledger, and the third record comes in another append: another history.
    let parted = TestLedger::with(&[2, 1, 3], 350);
    let refused = back_up(parted.path(), &place.path).unwrap_err();
    assert!(matches!(refused, StoreError::BackupDiverged { .. }), "{refused}");
    let shorter = TestLedger::with(&[2], 350);
    let refused = back_up(shorter.path(), &place.path).unwrap_err();
    assert!(matches!(refused, StoreError::BackupAhead { .. }), "{refused}");
    let letters = scratch();
    fs::write(letters.path().join("letter.txt"), "dear auditor").unwrap();
    let refused = back_up(ledger.path(), letters.path()).unwrap_err();
    assert!(matches!(refused, StoreError::NotABackup { .. }), "{refused}");
    assert_eq!(files_in(letters.path()).len(), 1);
    assert_eq!(before, log(&place.path));
    assert!(!place.path.join("aside").exists());
}

#[test]
fn what_is_damaged_in_a_backup_is_copied_again_and_the_damaged_file_is_kept() {
    let (ledger, place) = (TestLedger::with(&[2, 2, 2], 1), Place::new());
    back_up(ledger.path(), &place.path).unwrap();
    let segments = files_in(&place.path.join("log"));
    alter(&segments[1], |bytes| bytes[150] ^= 4);
    let damaged = fs::read(&segments[1]).unwrap();
    fs::remove_file(&segments[2]).unwrap();
    fs::copy(&segments[0], place.path.join("log/00000000000000000005.seg")).unwrap();
    let copied = back_up(ledger.path(), &place.path).unwrap();
    assert_eq!((copied.there, copied.written, copied.put_aside.len()), (1, 2, 2));
    assert_eq!(fs::read(&copied.put_aside[0]).unwrap(), damaged);
    assert_eq!(log(ledger.path()), log(&place.path));
}

#[test]
fn of_a_damaged_ledger_what_stands_before_the_damage_is_backed_up() {
    let ledger = TestLedger::with(&[2, 2, 2], 1);
    alter(&ledger.segments()[1], |bytes| *bytes.last_mut().unwrap() ^= 1);
    let place = Place::new();
    let copied = back_up(ledger.path(), &place.path).unwrap();
    assert_eq!(copied.head.size, 3);
    let unsound = ledger.reader().sound_log(&mut |_| {}).unwrap().unsound().cloned().unwrap();
    assert_eq!((unsound.sequence.get(), &unsound.path), (3, &ledger.segments()[1]));
    check(&place.path, 3);
}

#[test]
fn a_torn_tail_is_not_backed_up_and_is_no_damage() {
    let ledger = TestLedger::with(&[2, 2], 350);
    alter(ledger.segments().last().unwrap(), |log| log.extend_from_slice(b"half a record"));
    let sound = ledger.reader().sound_log(&mut |_| {}).unwrap();
    assert_eq!((sound.head().size, sound.tail(), sound.unsound()), (4, 13, None));
    let place = Place::new();
    back_up(ledger.path(), &place.path).unwrap();
    check(&place.path, 4);
}

/// The ways to fail, at the operation that comes after `after` others.
fn faults(after: usize) -> [Fault; 4] {
    let full = |written, lasting| Fault {
        operations: Operations::Writing,
        after,
        kind: ErrorKind::StorageFull,
        written,
        lasting,
    };
    let other = Fault { kind: ErrorKind::Other, ..full(usize::MAX, true) };
    [full(0, false), full(130, true), full(usize::MAX, false), other]
}

/// A disk that fails in the middle leaves a folder that is told from a finished backup, and the next
/// backup goes on with it.
#[test]
fn whatever_fails_in_a_backup_what_was_finished_stands_and_the_next_one_goes_on() {
    let first = TestLedger::with(&[2, 2, 1], 350);
    let grown = first.copy();
    for count in [1, 2, 3] {
        append(&mut grown.open().store, count);
    }
    let (mut tried, mut unfinished) = (0, 0);
    for (ledger, held) in [(&first, 0), (&grown, 5)] {
        for after in 0.. {
            let mut all_passed = true;
            for fault in faults(after) {
                let place = Place::new();
                if held > 0 {
                    back_up(first.path(), &place.path).unwrap();
                }
                let disk = Arc::new(FaultyDisk::default());
                disk.set(Some(fault));
                let mut options = Options::default();
                options.disk = Arc::clone(&disk) as Arc<dyn Disk>;
                let failed = back_up_on(options, ledger.path(), &place.path).err();
                all_passed &= failed.is_none();
                tried += usize::from(failed.is_some());
                unfinished += usize::from(left_behind(&place.path, held));
                let copied = back_up(ledger.path(), &place.path).unwrap();
                assert_eq!(log(ledger.path()), log(&place.path), "{fault:?}");
                assert_eq!(marked(&place.path), copied.head);
                check(&place.path, copied.head.size);
            }
            if all_passed {
                break;
            }
        }
    }
    println!("{tried} faults, {unfinished} of which left a first backup unfinished");
    assert!(tried > 150 && unfinished > 60, "{tried} {unfinished}");
}

/// What an interrupted backup left is at least what was finished before, or is known to be unfinished;
/// says whether it is that.
fn left_behind(backup: &Path, held: u64) -> bool {
    match FileReader::open(backup) {
        Err(StoreError::UnfinishedBackup { .. }) => {
            assert_eq!(held, 0);
            true
        }
        Err(StoreError::NotALedger { .. }) if held == 0 => false,
        opened => {
            let sound = opened.unwrap().sound_log(&mut |_| {}).unwrap();
            assert!(sound.unsound().is_none());
            assert!(sound.head().size >= marked(backup).size && marked(backup).size >= held);
            false
        }
    }
}

#[test]
fn a_restored_ledger_opens_and_goes_on_and_nothing_is_written_over() {
    let (ledger, place, home) = (TestLedger::with(&[2, 2, 1], 350), Place::new(), Place::new());
    back_up(ledger.path(), &place.path).unwrap();
    let reader = FileReader::open(&place.path).unwrap();
    let sound = reader.sound_log(&mut |_| {}).unwrap();
    let options = Options::default();
    restore(&reader, &sound, &home.path, &options, &mut |_| {}).unwrap();
    assert_eq!(log(ledger.path()), log(&home.path));
    assert_eq!(BackupMark::of(&home.path).unwrap(), None);
    append(&mut FileStore::open(&home.path, options.clone()).unwrap().store, 1);
    check(&home.path, 6);
    let refused = restore(&reader, &sound, &home.path, &options, &mut |_| {}).unwrap_err();
    assert!(matches!(refused, StoreError::NotEmpty { .. }), "{refused}");
    check(&home.path, 6);
}

#[test]
fn a_restoration_that_fails_leaves_a_folder_that_is_not_taken_for_a_ledger() {
    let (ledger, mut tried) = (TestLedger::with(&[2, 2, 1], 350), 0);
    let reader = ledger.reader();
    let sound = reader.sound_log(&mut |_| {}).unwrap();
    for after in 0.. {
        let home = Place::new();
        let disk = Arc::new(FaultyDisk::default());
        disk.set(Some(faults(after)[1]));
        let mut options = Options::default();
        options.disk = Arc::clone(&disk) as Arc<dyn Disk>;
        if restore(&reader, &sound, &home.path, &options, &mut |_| {}).is_ok() {
            break;
        }
        tried += 1;
        match FileReader::open(&home.path) {
            Err(StoreError::NotALedger { .. } | StoreError::HalfCreated { .. }) => {}
            // The identity file is the last; only its name may not be durable yet.
            opened => assert_eq!(opened.unwrap().head().unwrap().size, 5),
        }
    }
    assert!(tried > 15, "{tried}");
}

#[test]
fn a_mark_that_was_altered_is_not_believed() {
    let (ledger, place) = (TestLedger::with(&[2], 350), Place::new());
    back_up(ledger.path(), &place.path).unwrap();
    let path = place.path.join("backup.json");
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to) in [("\"format\": 1", "\"format\": 2"), ("entries", "entry"), ("{", "[")] {
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let refused = back_up(ledger.path(), &place.path).unwrap_err();
        assert!(matches!(refused, StoreError::BackupMarkDamaged { .. }), "{refused}");
    }
    fs::write(&path, [0xff; 30]).unwrap();
    let refused = back_up(ledger.path(), &place.path).unwrap_err();
    assert!(matches!(refused, StoreError::BackupMarkDamaged { .. }), "{refused}");
    // One that says more than there is: the backup was cut.
    fs::write(&path, whole.replacen("\"entries\": 2", "\"entries\": 3", 1)).unwrap();
    let refused = back_up(ledger.path(), &place.path).unwrap_err();
    assert!(matches!(refused, StoreError::BackupAhead { .. }), "{refused}");
    assert_eq!(identity(), *ledger.reader().identity());
}
