//! A ledger backed up while it is in use, and restored.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sanad::publication::Side;
use sanad::safekeeping::{Repair, backup, repair, restore};
use sanad::{Class, Evidence, LedgerError, StoreError, Surroundings};
use sanad_tests::{TestLedger, files_in, told};

use crate::kept_office::{Office, log};

#[test]
fn a_damaged_backup_is_not_restored_and_can_be_repaired_itself() {
    let office = Office::new();
    drop(office.backup());
    let path = office.path("backup");
    let segment = path.join("log").join(office.segments()[1].file_name().unwrap());
    let mut bytes = fs::read(&segment).unwrap();
    bytes[180] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let again = |to: &str| {
        let (to, evidence) = (office.path(to), Evidence::default());
        restore(&path, &to, Surroundings::default(), &evidence, &mut |_| {})
    };
    let refused = again("one").unwrap_err();
    let is_it = matches!(refused, LedgerError::Store(StoreError::CopyUnsound { .. }));
    assert!(is_it, "{refused}");
    assert!(!office.path("one").exists());
    let from = Side::open(&office.ledger).unwrap();
    let what = Repair { from: Some(&from), ..Repair::default() };
    let repaired = repair(&path, &what, Surroundings::default(), &mut |_| {}).unwrap();
    assert!(repaired.is_whole(), "{repaired:?}");
    let restored = again("two").unwrap();
    assert!(restored.verdict.is_clean() && restored.unopened.is_none());
    assert_eq!(log(&office.path("two")), log(&office.good));
    // One that was cut is told by its mark.
    fs::remove_file(files_in(&path.join("log")).pop().map(|it| path.join("log").join(it)).unwrap())
        .unwrap();
    let refused = again("three").unwrap_err();
    assert!(refused.to_string().contains("when it was made"), "{refused}");
}

#[test]
fn a_restored_ledger_that_is_older_than_a_checkpoint_elsewhere_is_told() {
    let office = Office::new();
    drop(office.backup());
    let ledger = sanad::Ledger::open_here(&office.good).unwrap();
    let later = ledger.act("mof").unwrap().register_holder("later", "Later").unwrap();
    ledger.record(later.build()).unwrap();
    ledger.close();
    let checkpoints = vec![("a letter".to_owned(), office.signed())];
    let evidence = Evidence { checkpoints, ..Evidence::default() };
    let to = office.path("restored");
    let from = office.path("backup");
    let restored = restore(&from, &to, Surroundings::default(), &evidence, &mut |_| {}).unwrap();
    assert_eq!(told(&restored.verdict), ["coverage checkpoint_ahead 12"]);
}

#[test]
fn what_is_unlawful_is_backed_up_and_told() {
    let office = Office::with(|forger| {
        let twice = forger.records[3].clone();
        forger.records.push(twice);
    });
    let done =
        backup(&office.ledger, &office.path("copy"), &Evidence::default(), &mut |_| {}).unwrap();
    assert_eq!((done.copied.head.size, done.unsound), (13, None));
    assert!(!done.verdict.answer(Class::Lawfulness).is_clean());
    assert_eq!(log(&office.path("copy")), log(&office.ledger));
}

#[test]
fn backups_taken_while_many_threads_record_are_beginnings_of_the_history_and_lawful() {
    let mut ledger = TestLedger::with_surplus();
    let home = tempfile::tempdir().unwrap();
    let (done, mut heads) = (AtomicBool::new(false), Vec::new());
    thread::scope(|scope| {
        for thread in 0..4 {
            let (ledger, done) = (&ledger, &done);
            scope.spawn(move || {
                for n in 0.. {
                    if done.load(Ordering::Relaxed) {
                        return;
                    }
                    let act = ledger.act().register_holder(&format!("h-{thread}-{n}"), "H");
                    ledger.record(act.unwrap().build()).unwrap();
                }
            });
        }
        for _ in 0..6 {
            let to = home.path().join("backup");
            let done = backup(&ledger.folder(), &to, &Evidence::default(), &mut |_| {}).unwrap();
            assert!(done.is_clean(), "{done:?}");
            heads.push(done.copied.head);
        }
        done.store(true, Ordering::Relaxed);
    });
    ledger.close();
    let reader = sanad_event_store::FileReader::open(&ledger.folder()).unwrap();
    for head in &heads {
        assert!(reader.holds(*head).unwrap());
    }
    assert!(heads.is_sorted_by_key(|head| head.size));
    println!("backups of {:?} entries", heads.iter().map(|head| head.size).collect::<Vec<_>>());
}
