//! Every change to a file fails once, in every way: nothing acknowledged is lost.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operation, Operations};
use sanad_event_store::{AppendError, EventStore, FileStore, Options, SealedBatch, StoreError};

use crate::testlog::{TestLedger, alter, append, check, identity, scratch, sealed};

const SEGMENT_BYTES: u64 = 350;
/// Appends of these sizes, so that segments roll.
const APPENDS: [u64; 4] = [1, 2, 3, 1];

/// The ways to fail, at the operation that comes after `after` others.
fn faults(after: usize) -> Vec<Fault> {
    let ways = [
        (ErrorKind::StorageFull, 40, false),
        (ErrorKind::StorageFull, 120, true),
        (ErrorKind::ReadOnlyFilesystem, 0, true),
        (ErrorKind::Other, 0, false),
        (ErrorKind::Other, usize::MAX, false),
        (ErrorKind::Other, usize::MAX, true),
    ];
    let operations = Operations::Writing;
    let fault = |(kind, written, lasting)| Fault { operations, after, kind, written, lasting };
    ways.map(fault).to_vec()
}

fn options(disk: &Arc<FaultyDisk>) -> Options {
    let mut options = Options::default();
    options.segment_bytes = SEGMENT_BYTES;
    options.disk = Arc::clone(disk) as Arc<dyn Disk>;
    options
}

/// How far a run of a ledger's life came.
#[derive(Debug)]
struct Run {
    acknowledged: u64,
    attempted: u64,
    failed: Option<Failed>,
}

#[derive(Debug)]
enum Failed {
    Store(StoreError),
    Append(AppendError),
}

/// Opens the ledger and appends until something fails.
fn live(path: &Path, disk: &Arc<FaultyDisk>) -> Run {
    let mut store = match FileStore::open(path, options(disk)) {
        Ok(opened) => opened.store,
        Err(error) => {
            return Run { acknowledged: 0, attempted: 0, failed: Some(Failed::Store(error)) };
        }
    };
    for count in APPENDS {
        let (epoch, head) = (store.epoch(), store.head());
        let bytes = sealed(&mut store.sealer(), count);
        let batch = SealedBatch::following(head, &bytes).unwrap();
        if let Err(error) = store.append(epoch, head, &batch) {
            assert_eq!(store.head(), head, "nothing was acknowledged");
            let again = store.append(epoch, head, &batch);
            assert!(matches!(again, Err(AppendError::Poisoned)), "{again:?}");
            assert_eq!(store.read(0..head.size).map(|_| ()).ok(), Some(()), "reading goes on");
            let (acknowledged, attempted) = (head.size, batch.after().size);
            return Run { acknowledged, attempted, failed: Some(Failed::Append(error)) };
        }
    }
    let size = store.head().size;
    Run { acknowledged: size, attempted: size, failed: None }
}

/// Checks that the error is of the kind of the fault, and says where and what to do.
fn tells(failed: &Failed, fault: Fault) {
    let fits = match failed {
        Failed::Store(StoreError::DiskFull { .. })
        | Failed::Append(AppendError::DiskFull { .. }) => fault.kind == ErrorKind::StorageFull,
        Failed::Store(StoreError::ReadOnly { .. })
        | Failed::Append(AppendError::ReadOnly { .. }) => {
            fault.kind == ErrorKind::ReadOnlyFilesystem
        }
        Failed::Store(StoreError::Io { .. }) | Failed::Append(AppendError::Io { .. }) => {
            fault.kind == ErrorKind::Other
        }
        _ => false,
    };
    assert!(fits, "{fault:?} became {failed:?}");
    let text = match failed {
        Failed::Store(error) => error.to_string(),
        Failed::Append(error) => error.to_string(),
    };
    assert!(text.starts_with("could not "), "{text}");
}

/// Opens a ledger on a sound disk after a failure, and lets it go on.
fn recovers(path: &Path, run: &Run, fault: Fault) {
    let sound = Arc::new(FaultyDisk::default());
    let mut store = FileStore::open(path, options(&sound)).unwrap().store;
    let size = store.head().size;
    let whole = [run.acknowledged, run.attempted].contains(&size);
    // A short write may leave whole records of an append that was never acknowledged. They are kept.
    let partly = fault.written > 0 && (run.acknowledged..=run.attempted).contains(&size);
    assert!(whole || partly, "{fault:?}: {run:?}, and then {size}");
    append(&mut store, 2);
    drop(store);
    check(path, size + 2);
}

#[test]
fn whatever_fails_while_opening_and_appending_what_was_acknowledged_is_there() {
    let mut reached = 0;
    for after in 0.. {
        let mut all_passed = true;
        for fault in faults(after) {
            let ledger = TestLedger::new();
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            let run = live(ledger.path(), &disk);
            match &run.failed {
                Some(failed) => tells(failed, fault),
                None => assert_eq!(run.acknowledged, APPENDS.iter().sum::<u64>()),
            }
            all_passed &= run.failed.is_none();
            recovers(ledger.path(), &run, fault);
        }
        if all_passed {
            break;
        }
        reached = after;
    }
    println!("{} faults", (reached + 1) * faults(0).len());
    // Opening takes six steps, four appends two each, and a new segment six.
    assert!(reached >= 6 + 4 * 2 + 6, "only {reached} operations were let fail");
}

#[test]
fn a_failed_append_is_taken_back_so_that_a_reader_sees_no_torn_tail() {
    for operation in [Operation::Write, Operation::SyncData] {
        let ledger = TestLedger::with(&[2], 1 << 20);
        let disk = Arc::new(FaultyDisk::default());
        let mut store = FileStore::open(ledger.path(), options(&disk)).unwrap().store;
        let kind = ErrorKind::StorageFull;
        disk.set(Some(Fault {
            operations: Operations::One(operation),
            after: 0,
            kind,
            written: 50,
            lasting: false,
        }));
        let (epoch, head) = (store.epoch(), store.head());
        let bytes = sealed(&mut store.sealer(), 1);
        let batch = SealedBatch::following(head, &bytes).unwrap();
        assert!(matches!(store.append(epoch, head, &batch), Err(AppendError::DiskFull { .. })));
        check(ledger.path(), 2);
    }
}

#[test]
fn whatever_fails_while_a_torn_tail_is_cut_the_cut_bytes_are_kept() {
    let torn = TestLedger::with(&[2, 1], SEGMENT_BYTES);
    alter(&torn.segments()[0], |log| log.extend_from_slice(b"an append that never finished"));
    let mut done = false;
    for after in 0..40 {
        for fault in faults(after) {
            let ledger = torn.copy();
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            match FileStore::open(ledger.path(), options(&disk)) {
                Ok(opened) => {
                    assert!(opened.recovery.is_some());
                    done = disk.is_set() && after > 0;
                }
                Err(error) => tells(&Failed::Store(error), fault),
            }
            let opened = ledger.open();
            assert_eq!(opened.store.head().size, 3);
            drop(opened);
            let kept = ledger.aside();
            assert!(kept.iter().any(|kept| kept == b"an append that never finished"), "{fault:?}");
            check(ledger.path(), 3);
        }
        if done {
            return;
        }
    }
    panic!("the cut was never reached");
}

#[test]
fn whatever_fails_while_a_ledger_is_made_the_folder_is_a_whole_ledger_or_none() {
    for after in 0.. {
        let mut all_passed = true;
        for fault in faults(after) {
            let folder = scratch();
            let path = folder.path().join("ledger");
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            let made = FileStore::create_on(&options(&disk).disk, &path, &identity());
            all_passed &= made.is_ok();
            let opened = FileStore::open(&path, Options::default());
            match (made, opened) {
                (Ok(()), opened) => assert_eq!(opened.unwrap().store.head().size, 0),
                (Err(error), opened) => {
                    tells(&Failed::Store(error), fault);
                    made_or_not(&path, opened.map(|opened| opened.store.head().size));
                }
            }
        }
        if all_passed {
            assert!(after > 12, "only {after} operations were let fail");
            return;
        }
    }
}

/// After a creation that failed: another try succeeds, or the folder says what it is.
fn made_or_not(path: &Path, opened: Result<u64, StoreError>) {
    match opened {
        Ok(size) => {
            assert_eq!(size, 0);
            check(path, 0);
        }
        Err(StoreError::NotALedger { .. }) => FileStore::create(path, &identity()).unwrap(),
        Err(StoreError::HalfCreated { .. }) => {
            let again = FileStore::create(path, &identity());
            assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
            fs::remove_dir_all(path).unwrap();
            FileStore::create(path, &identity()).unwrap();
        }
        Err(other) => panic!("{other:?}"),
    }
}
