//! A damaged ledger repaired from what others have of it.

use std::fs;

use sanad::publication::Side;
use sanad::safekeeping::Repair;
use sanad::{Auditor, Evidence, KeptCheckpoints, LedgerError, StoreError};

use crate::kept_office::{Office, log, records, taken};

#[test]
fn a_flipped_bit_is_repaired_from_a_backup_and_from_a_publication_by_the_one_entry() {
    for from in [Office::backup, Office::published] {
        let office = Office::new();
        let from = from(&office);
        office.alter(1, |bytes| bytes[180] ^= 1);
        let damaged = fs::read(&office.segments()[1]).unwrap();
        let repaired = office.repaired_from(&from);
        assert!(repaired.is_whole(), "{repaired:?}");
        assert_eq!(taken(&repaired).len(), 1);
        let kept = repaired.files[0].kept_as.clone().unwrap();
        assert_eq!(fs::read(kept).unwrap(), damaged);
        assert!(repaired.opening.unwrap().memory_rebuilt);
        office.is_whole();
    }
}

#[test]
fn a_segment_that_is_missing_or_of_another_ledger_is_brought_back() {
    let stranger = Office::of_another_ledger();
    for from in [Office::backup, Office::published] {
        for damage in ["missing", "foreign"] {
            let office = Office::new();
            let from = from(&office);
            match damage {
                "missing" => fs::remove_file(&office.segments()[2]).unwrap(),
                _ => drop(fs::copy(&stranger.segments()[2], &office.segments()[2]).unwrap()),
            }
            let repaired = office.repaired_from(&from);
            assert!(repaired.is_whole() && !taken(&repaired).is_empty(), "{repaired:?}");
            office.is_whole();
        }
    }
}

/// The genesis hash in the first segment stands for every field of the identity.
#[test]
fn an_identity_file_that_is_lost_or_damaged_comes_back_where_the_log_proves_it() {
    for from in [Office::backup, Office::published] {
        let office = Office::new();
        let (from, path) = (from(&office), office.ledger.join("ledger.json"));
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(office.repair(&Repair::default()).is_err());
        let back = office.repaired_from(&from).identity_back.unwrap();
        assert_eq!((fs::read(&path).unwrap(), back.kept_as), (whole.clone(), None));
        fs::write(&path, "{}").unwrap();
        let back = office.repaired_from(&from).identity_back.unwrap();
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert_eq!(fs::read(back.kept_as.unwrap()).unwrap(), b"{}");
        office.is_whole();
        fs::write(&path, "{}").unwrap();
        let stranger = Office::of_another_ledger();
        let from = stranger.backup();
        let what = Repair { from: Some(&from), ..Repair::default() };
        let refused = office.repair(&what).unwrap_err();
        let is_it = matches!(refused, LedgerError::Store(StoreError::IdentityDamaged { .. }));
        assert!(is_it, "{refused}");
        assert_eq!(fs::read(&path).unwrap(), b"{}");
    }
}

#[test]
fn a_copy_of_another_ledger_is_refused_and_a_checkpoint_has_no_entries() {
    let (office, stranger) = (Office::new(), Office::of_another_ledger());
    let from = stranger.backup();
    let refused = office.repair(&Repair { from: Some(&from), ..Repair::default() }).unwrap_err();
    let is_it = matches!(refused, LedgerError::Store(StoreError::CopyOfOtherLedger { .. }));
    assert!(is_it, "{refused}");
    let from = Side::Checkpoint(office.signed());
    let refused = office.repair(&Repair { from: Some(&from), ..Repair::default() }).unwrap_err();
    assert!(matches!(refused, LedgerError::NoEntries), "{refused}");
}

#[test]
fn where_the_source_is_damaged_in_the_same_place_nothing_is_taken_and_nothing_is_changed() {
    let office = Office::new();
    drop(office.published());
    let bundle = office.path("published/tile/entries/000.p/12");
    let mut bytes = fs::read(&bundle).unwrap();
    let segment = fs::read(&office.segments()[1]).unwrap();
    // The same byte of the same record, there and here.
    let at = bytes.windows(15).position(|it| it == &segment[150..165]).unwrap();
    bytes[at] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    office.alter(1, |bytes| bytes[150] ^= 1);
    let before = log(&office.ledger);
    let repaired = office.repaired_from(&office.published());
    assert_eq!((repaired.plan.lacks.len(), repaired.files.len()), (1, 0));
    assert!(!repaired.is_whole() && taken(&repaired).is_empty());
    assert!(repaired.verdict.is_some_and(|verdict| !verdict.is_clean()));
    assert_eq!(log(&office.ledger), before);
    assert!(office.ledger.join("memory").exists(), "what is remembered is not given up");
}

#[test]
fn a_source_whose_history_parts_is_told_and_nothing_is_changed() {
    let office = Office::new();
    let other = Office::with(|forger| {
        forger.records[5..].iter_mut().for_each(|record| record.recorded_at_us += 1);
    });
    office.alter(3, |bytes| bytes[180] ^= 1);
    let before = log(&office.ledger);
    for from in [other.backup(), other.published()] {
        let refused = office.repair(&Repair { from: Some(&from), ..Repair::default() });
        let is_it = matches!(refused, Err(LedgerError::Store(StoreError::HistoriesPart { .. })));
        assert!(is_it, "{refused:?}");
    }
    assert_eq!(log(&office.ledger), before);
    assert_eq!(fs::read_dir(office.ledger.join("aside")).unwrap().count(), 0);
}

/// Removes the last segments, and all that the ledger remembers of them.
fn cut(office: &Office) {
    for segment in office.segments().split_off(2) {
        fs::remove_file(segment).unwrap();
    }
    fs::remove_dir_all(office.ledger.join("memory")).unwrap();
}

/// Only a head that is known otherwise says that entries behind the ledger's end are its own.
#[test]
fn an_end_that_was_cut_off_comes_back_where_somebody_vouches_for_it() {
    let office = Office::new();
    cut(&office);
    let repaired = office.repaired_from(&office.published());
    let head = Auditor::open(&office.good).unwrap().head();
    assert_eq!((repaired.files.len(), repaired.plan.offered), (0, Some(head)));
    assert!(!repaired.is_whole(), "the ledger may have lost what the copy has");

    // The log's key signed what is published.
    let keys = vec![office.key().verifier_key()];
    let evidence = Evidence { keys, ..Evidence::default() };
    let from = office.published();
    let repaired = office.repair(&Repair { from: Some(&from), evidence, ..Repair::default() });
    assert!(repaired.unwrap().is_whole());
    office.is_whole();

    // The ledger kept a checkpoint of itself.
    let office = Office::new();
    KeptCheckpoints::of(&office.ledger).unwrap().keep(&office.signed()).unwrap();
    cut(&office);
    assert!(office.repaired_from(&office.backup()).plan.offered.is_none());
    assert!(records(&office.ledger) == records(&office.good));

    // Somebody has the chain hash in a letter.
    let office = Office::new();
    cut(&office);
    let from = office.backup();
    let what = Repair { from: Some(&from), head: Some(head.hash), ..Repair::default() };
    assert!(office.repair(&what).unwrap().is_whole());
    office.is_whole();

    // The ledger remembers its end, and says what is missing while it has no copy.
    let office = Office::new();
    for segment in office.segments().split_off(2) {
        fs::remove_file(segment).unwrap();
    }
    let repaired = office.repair(&Repair::default()).unwrap();
    assert_eq!(repaired.remembered, Some(head));
    assert!(!repaired.is_whole());
    assert!(office.repaired_from(&office.backup()).is_whole());
    office.is_whole();
}

#[test]
fn without_a_source_what_is_derived_is_made_anew_and_a_dry_run_changes_nothing() {
    let office = Office::new();
    let repaired = office.repair(&Repair::default()).unwrap();
    assert!(repaired.is_whole() && repaired.plan.mends.is_empty());
    assert_eq!(repaired.opening.map(|opening| opening.replayed), Some(12));
    office.is_whole();
    // A header is derived, too.
    office.alter(2, |bytes| bytes[50] ^= 1);
    let before = (log(&office.ledger), fs::read(office.ledger.join("lock")).unwrap());
    let looked = office.repair(&Repair { dry_run: true, ..Repair::default() }).unwrap();
    assert_eq!((looked.plan.mends.len(), looked.files.len()), (1, 0));
    assert_eq!(before, (log(&office.ledger), fs::read(office.ledger.join("lock")).unwrap()));
    assert!(office.repair(&Repair::default()).unwrap().is_whole());
    office.is_whole();
}
