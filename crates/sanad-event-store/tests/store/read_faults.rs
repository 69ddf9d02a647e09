//! Everything that is read of a log fails once, in every way: an error names the file, nothing is changed, and nobody
//! is told that a log is whole of which he could not read all.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operation, Operations};
use sanad_event_store::{EventStore, FileReader, FileStore, KeptCheckpoints, Opened, StoreError};

use crate::crash_points::signed;
use crate::testlog::{
    TestLedger, alter, append, audit_by, check, check_as, drain, payload, payloads, try_append,
};

/// The ways to fail, at the operation that comes after `after` others.
fn faults(after: usize) -> [Fault; 6] {
    let operations = Operations::Reading;
    [
        (ErrorKind::Other, 0, false),
        (ErrorKind::Other, 50, false),
        (ErrorKind::Other, usize::MAX, false),
        (ErrorKind::Other, 0, true),
        (ErrorKind::PermissionDenied, 0, false),
        (ErrorKind::PermissionDenied, 0, true),
    ]
    .map(|(kind, written, lasting)| Fault { operations, after, kind, written, lasting })
}

/// Does something again and again, with a fault one operation later each time, until none is reached any more; says
/// how many were.
fn at_every_operation(mut doing: impl FnMut(&Arc<FaultyDisk>, Fault)) -> usize {
    let mut reached = 0;
    for after in 0.. {
        let before = reached;
        for fault in faults(after) {
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            doing(&disk, fault);
            reached += usize::from(disk.has_failed());
        }
        if reached == before {
            break;
        }
    }
    reached
}

fn open_on(ledger: &TestLedger, disk: &Arc<FaultyDisk>) -> Result<Opened, StoreError> {
    let mut options = ledger.options();
    options.disk = Arc::clone(disk) as Arc<dyn Disk>;
    FileStore::open(ledger.path(), options)
}

/// The error says what was being done and names a file of the ledger.
fn tells(ledger: &TestLedger, error: &StoreError) {
    let StoreError::Io { path, .. } = error else { panic!("{error:?}") };
    assert!(path.starts_with(ledger.path()), "{path:?}");
    let text = error.to_string();
    let words = ["could not read ", "could not list ", "could not look at "];
    assert!(words.iter().any(|word| text.starts_with(word)), "{text}");
    assert!(text.contains(path.to_str().unwrap()), "{text}");
}

/// Logs of six records: with several segments, with a torn tail, with a begun segment.
fn ledgers() -> [TestLedger; 4] {
    let ledgers = [350, 350, 1 << 20, 1].map(|size| TestLedger::with(&[1, 2, 2, 1], size));
    let last = |ledger: &TestLedger| ledger.segments().pop().unwrap();
    alter(&last(&ledgers[1]), |log| log.extend_from_slice(b"an append that never finished"));
    alter(&last(&ledgers[2]), |log| log.extend_from_slice(&[0; 200]));
    fs::write(ledgers[3].at("log/00000000000000000006.seg"), b"SANAD").unwrap();
    ledgers
}

#[test]
fn whatever_cannot_be_read_while_opening_nothing_is_changed_and_the_error_names_it() {
    let mut reached = 0;
    for whole in ledgers() {
        reached += at_every_operation(|disk, fault| {
            let ledger = whole.copy();
            let before = ledger.log_bytes();
            match open_on(&ledger, disk) {
                // What the lock says is for people; who cannot read it goes on.
                Ok(opened) => assert_eq!(opened.store.head().size, 6, "{fault:?}"),
                Err(error) => {
                    tells(&ledger, &error);
                    assert_eq!(ledger.log_bytes(), before, "{fault:?}");
                }
            }
            let mut store = ledger.open().store;
            assert_eq!(store.head().size, 6);
            append(&mut store, 2);
            drop(store);
            check(ledger.path(), 8);
        });
    }
    println!("{reached} reading faults while opening");
    assert!(reached > 300, "only {reached} were reached");
}

/// Reads a ledger of `size` records beside its writer in every way there is.
fn read_all(
    ledger: &TestLedger,
    disk: &Arc<FaultyDisk>,
    size: u64,
    payload: fn(u64) -> Vec<u8>,
) -> Result<(), StoreError> {
    let disk: Arc<dyn Disk> = Arc::clone(disk) as _;
    let reader = FileReader::open_on(&disk, ledger.path())?;
    let all: Vec<_> = (0..size).map(payload).collect();
    let seen = audit_by(&reader)?;
    if seen.findings.is_empty() {
        assert!(seen.sound == all, "{} records are all that is told", seen.sound.len());
    } else {
        let unreadable = seen.findings.iter().any(|(word, _)| *word == "unreadable");
        assert!(unreadable, "{:?}", seen.findings);
        assert!(seen.sound.iter().all(|one| all.contains(one)));
    }
    let head = reader.head()?;
    assert_eq!(head.size, size);
    assert!(reader.holds(head)?);
    for from in [0, size / 2, size - 1] {
        let read = drain(&mut reader.records(from..size)?)?;
        assert!(read == all[from as usize..], "{} from {from} on", read.len());
    }
    Ok(())
}

#[test]
fn whatever_cannot_be_read_beside_a_writer_is_told() {
    let ledger = TestLedger::with(&[1, 2, 2, 1], 350);
    let reached = at_every_operation(|disk, _| {
        if let Err(error) = read_all(&ledger, disk, 6, payload) {
            tells(&ledger, &error);
        }
    });
    println!("{reached} reading faults beside a writer");
    assert!(reached > 150, "only {reached} were reached");
}

#[test]
fn a_segment_longer_than_what_is_read_at_once_may_fail_in_its_middle() {
    let payload = |n| vec![n as u8; 60_000];
    let ledger = TestLedger::new();
    let mut store = ledger.open().store;
    for _ in 0..8 {
        try_append(&mut store, 10, payload).unwrap();
    }
    drop(store);
    check_as(ledger.path(), 80, payload);
    let mut ends = 0;
    at_every_operation(|disk, fault| {
        // One way is enough here: the others differ in what is said.
        if fault.written == 50 {
            match read_all(&ledger, disk, 80, payload) {
                Ok(()) => ends += 1,
                Err(error) => tells(&ledger, &error),
            }
        }
    });
    assert!(ends > 0);
}

/// A kept checkpoint that could not be read just then was taken for none, and replaced by one that said something else.
#[test]
fn a_checkpoint_that_cannot_be_read_is_not_replaced() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    let kept = KeptCheckpoints::of(ledger.path()).unwrap();
    let path = kept.keep(&signed(2, 1)).unwrap();
    let before = fs::read(&path).unwrap();
    for operation in [Operation::OpenToRead, Operation::Read] {
        let disk = Arc::new(FaultyDisk::default());
        let kept = KeptCheckpoints::on(Arc::clone(&disk) as _, ledger.path()).unwrap();
        let operations = Operations::One(operation);
        disk.set(Some(Fault { operations, ..faults(0)[0] }));
        tells(&ledger, &kept.keep(&signed(2, 2)).unwrap_err());
        assert_eq!(fs::read(&path).unwrap(), before);
        let all = kept.all().unwrap();
        assert!(all.len() == 1 && all[0].note.is_ok());
    }
    assert_eq!(payloads(0..2), drain(&mut ledger.reader().records(0..2).unwrap()).unwrap());
}
