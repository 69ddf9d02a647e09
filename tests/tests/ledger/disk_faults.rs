//! Everything that a ledger asks of its disk fails once: nothing that failed is acknowledged, what was acknowledged
//! stays, and once the cause is gone the ledger goes on as if nothing had been.
//!
//! `SANAD_LONG=1` lets every operation fail, in every way; else every seventh does, in one way.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use sanad::{Act, Auditor, Ledger, LedgerError, Receipt, RecordError};
use sanad_event_store::Options;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};
use sanad_tests::{BusyRegister, TestLedger, fixed, is_long};

const ACTS: usize = 12;

fn acts() -> Vec<Act> {
    let id = |n: u64| format!("0197a3b0-5c1e-7d00-8000-{n:012x}").parse().unwrap();
    let numbered = BusyRegister::default().zip(1..);
    numbered.take(ACTS).map(|(act, n)| Act { id: Some(id(n)), ..act }).collect()
}

fn open(folder: &Path, disk: Option<&Arc<FaultyDisk>>) -> Result<Ledger, LedgerError> {
    let mut options = Options::default();
    options.segment_bytes = 900;
    if let Some(disk) = disk {
        options.disk = Arc::clone(disk) as _;
    }
    Ledger::open_with(folder, options, fixed().0, &mut |_| {})
}

/// A clear message says what could not be done, and names a file of the ledger.
fn tells(folder: &Path, error: &dyn std::error::Error) {
    let text = error.to_string();
    assert!(text.contains("could not ") && text.contains(folder.to_str().unwrap()), "{text}");
}

/// Opens the ledger on a failing disk and records until it fails; gives what was acknowledged.
fn live(folder: &Path, disk: &Arc<FaultyDisk>) -> Vec<Receipt> {
    let ledger = match open(folder, Some(disk)) {
        Ok(ledger) => ledger,
        Err(error) => {
            tells(folder, &error);
            return Vec::new();
        }
    };
    let mut receipts = Vec::new();
    for act in acts() {
        // Each is asked for twice: the second time, the entry is read again to compare it.
        let asked = ledger.record(act.clone()).and_then(|receipt| {
            receipts.push(receipt);
            ledger.record(act)
        });
        match asked {
            Ok(again) => assert_eq!(Some(again.sequence), receipts.last().map(|one| one.sequence)),
            Err(RecordError::Unreadable(error)) => tells(folder, &*error),
            Err(RecordError::NotWritten(error)) => {
                tells(folder, &*error);
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    receipts
}

/// The ledger opens on a sound disk, has what was acknowledged once, and takes the rest.
fn goes_on(folder: &Path, receipts: &[Receipt]) {
    let ledger = open(folder, None).unwrap();
    for (n, act) in acts().into_iter().enumerate() {
        let receipt = ledger.record(act).unwrap();
        assert_eq!(receipt.sequence.0, n as u64);
        if let Some(before) = receipts.get(n) {
            assert!(receipt.repeated);
            assert_eq!(receipt.hash, before.hash);
        }
    }
    ledger.close();
    let auditor = Auditor::open(folder).unwrap();
    assert_eq!(auditor.head().size, ACTS as u64);
    let verdict = auditor.verify(&mut |_| {}).unwrap();
    assert!(verdict.is_clean(), "{verdict:?}");
}

/// The ways to fail, at the operation that comes after `after` others.
fn faults(after: usize) -> Vec<Fault> {
    let ways = [
        (Operations::Writing, ErrorKind::StorageFull, 40, true),
        (Operations::Reading, ErrorKind::Other, 0, false),
        (Operations::Writing, ErrorKind::Other, usize::MAX, false),
        (Operations::Writing, ErrorKind::ReadOnlyFilesystem, 0, true),
        (Operations::Reading, ErrorKind::PermissionDenied, 0, true),
    ];
    let ways = if is_long() { &ways[..] } else { &ways[..2] };
    let fault =
        |&(operations, kind, written, lasting)| Fault { operations, after, kind, written, lasting };
    ways.iter().map(fault).collect()
}

#[test]
fn whatever_the_disk_refuses_nothing_acknowledged_is_lost_and_the_ledger_goes_on() {
    let mut reached = 0;
    for after in (0..).step_by(if is_long() { 1 } else { 7 }) {
        let before = reached;
        for fault in faults(after) {
            let mut ledger = TestLedger::new();
            ledger.close();
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            let receipts = live(&ledger.folder(), &disk);
            reached += usize::from(disk.has_failed());
            goes_on(&ledger.folder(), &receipts);
        }
        if reached == before {
            break;
        }
    }
    println!("{reached} operations of the disk were let fail");
    assert!(reached >= 15);
}

/// The n-th holder that a thread registers.
fn registration(ledger: &Ledger, thread: u64, n: u64) -> Act {
    let id = format!("0197a3b0-5c1e-7d00-8000-{thread:04x}{n:08x}").parse().unwrap();
    let act = ledger.act("mof").unwrap().id(id);
    act.register_holder(&format!("h-{thread}-{n}"), "H").unwrap().build()
}

/// What is appended next is decided while the disk is busy: if that append fails, nothing behind it is acknowledged.
#[test]
fn whoever_waits_when_the_disk_fails_is_told_so_and_what_was_told_before_is_there() {
    let (operations, mut reached) = (Operations::Writing, 0);
    for after in (0..).step_by(if is_long() { 1 } else { 5 }).take(30) {
        let mut ledger = TestLedger::new();
        ledger.close();
        let disk = Arc::new(FaultyDisk::default());
        let ledger_on = open(&ledger.folder(), Some(&disk)).unwrap();
        let (kind, written, lasting) = (ErrorKind::Other, usize::MAX, after % 2 == 0);
        disk.set(Some(Fault { operations, after, kind, written, lasting }));
        let record = &|thread| {
            let told = (0..40).map(|n| ledger_on.record(registration(&ledger_on, thread, n)));
            let told: Vec<_> = told.collect();
            let acknowledged = told.iter().take_while(|told| told.is_ok()).count();
            assert!(told[acknowledged..].iter().all(Result::is_err), "none behind a failure");
            told.into_iter().map_while(Result::ok).collect::<Vec<_>>()
        };
        let acknowledged: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|n| scope.spawn(move || record(n))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        ledger_on.close();
        reached += usize::from(disk.has_failed());
        let again = open(&ledger.folder(), None).unwrap();
        for (thread, receipts) in (0..).zip(&acknowledged) {
            for (n, before) in (0..).zip(receipts) {
                let receipt = again.record(registration(&again, thread, n)).unwrap();
                assert!(receipt.repeated && receipt.hash == before.hash, "{thread}/{n}");
            }
        }
        again.close();
        let verdict = Auditor::open(&ledger.folder()).unwrap().verify(&mut |_| {}).unwrap();
        assert!(verdict.is_clean(), "{verdict:?}");
    }
    println!("{reached} operations were let fail under four threads");
    assert!(reached > 10);
}
