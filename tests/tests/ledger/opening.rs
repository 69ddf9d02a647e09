//! Opening a ledger again: nothing is lost, and what was derived is made anew.

use std::fs;

use sanad::{CreateOptions, Known, Ledger, LedgerError, StoreError};
use sanad_tests::{TestLedger, tamper};

fn granted() -> TestLedger {
    let ledger = TestLedger::with_surplus();
    ledger.does(ledger.act().grant("surplus", "acme", "300 MW", "2025-06-01").unwrap());
    ledger
}

#[test]
fn a_ledger_opens_again_as_it_was_and_goes_on() {
    let mut ledger = granted();
    let before = ledger.ledger().view(Known::Head).unwrap().basis();
    ledger.reopen_after(|_| {});
    assert_eq!(ledger.ledger().view(Known::Head).unwrap().basis(), before);
    ledger.does(ledger.act().grant("surplus", "bolt", "1700 MW", "2025-06-01").unwrap());
    let refused = ledger.act().grant("surplus", "bolt", "0.001", "2025-06-01").unwrap();
    assert_eq!(ledger.refuses(refused).code(), "exceeds_capacity");
}

#[test]
fn what_the_ledger_remembers_is_made_anew_when_it_is_missing_or_damaged() {
    let mut ledger = granted();
    ledger.reopen_after(|folder| fs::remove_dir_all(folder.join("memory")).unwrap());
    ledger.reopen_after(|folder| {
        for file in fs::read_dir(folder.join("memory")).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                fs::write(path, b"not what it was").unwrap();
            }
        }
    });
    assert!(ledger.ledger().opening().memory_rebuilt);
    ledger.close();
    assert!(ledger.verdict().is_clean());
}

#[test]
fn a_torn_tail_is_cut_and_kept_aside() {
    let mut ledger = granted();
    ledger.reopen_after(|folder| {
        tamper(folder, |bytes, records| {
            let half = bytes[records[1].start..records[1].start + 60].to_vec();
            bytes.extend_from_slice(&half);
        });
    });
    let recovery = ledger.ledger().opening().recovery.clone().unwrap();
    assert_eq!((recovery.cut_bytes, recovery.after.size), (60, 2));
    assert_eq!(fs::read(recovery.kept_as).unwrap().len(), 60);
}

#[test]
fn entries_that_were_acknowledged_and_are_gone_are_an_error_and_not_a_shorter_ledger() {
    let mut ledger = granted();
    ledger.close();
    tamper(&ledger.folder(), |bytes, records| bytes.truncate(records[1].start));
    let error = Ledger::open_here(&ledger.folder()).unwrap_err();
    assert!(matches!(
        error,
        LedgerError::Store(StoreError::AcknowledgedTailMissing { remembered, found })
            if remembered.size == 2 && found.size == 1
    ));
}

/// Found with the fuzzing program `segment`: recovery tells a later append by a time that is not before the ledger's
/// creation, and a ledger whose clock was set right after that recorded just such times. With a bit of its first entry
/// flipped, and nothing remembered, all that was acknowledged was taken for one torn append, and was cut.
#[test]
fn nothing_is_recorded_before_the_ledger_was_created_so_a_clock_that_was_ahead_loses_nothing() {
    let mut ledger = TestLedger::new();
    let created_at_us = ledger.ledger().identity().created_at_us();
    ledger.clock.set_us(created_at_us - 86_400_000_000);
    for holder in ["acme", "bolt", "coil"] {
        let receipt =
            ledger.does(ledger.act().register_holder(holder, "Of the first day").unwrap());
        assert_eq!((receipt.recorded_at.us(), receipt.clock_held), (created_at_us, true));
    }
    ledger.close();
    fs::remove_dir_all(ledger.folder().join("memory")).unwrap();
    tamper(&ledger.folder(), |bytes, records| bytes[records[0].start + 40] ^= 1);
    let error = Ledger::open_here(&ledger.folder()).unwrap_err();
    assert!(matches!(error, LedgerError::Store(StoreError::Damaged { .. })), "{error}");
}

#[test]
fn a_folder_that_should_hold_a_ledger_and_does_not_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    for folder in [home.path().to_owned(), home.path().join("nothing")] {
        let error = Ledger::open_here(&folder).unwrap_err();
        assert!(matches!(error, LedgerError::Store(StoreError::NotALedger { .. })), "{error}");
    }
    fs::write(home.path().join("letter.txt"), "dear auditor").unwrap();
    let error = Ledger::create(home.path(), CreateOptions::default()).unwrap_err();
    assert!(matches!(error, LedgerError::Store(StoreError::NotEmpty { .. })), "{error}");
}

#[test]
fn a_ledger_in_a_zone_that_does_not_exist_is_not_made() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    let options = CreateOptions { time_zone: "Asia/Lahore".into(), ..CreateOptions::default() };
    assert!(matches!(Ledger::create(&folder, options), Err(LedgerError::Calendar(_))));
    assert!(!folder.exists());
}
