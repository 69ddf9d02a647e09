//! A ledger backed up while it is in use, restored, and repaired from what others have of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sanad::note::SignerKey;
use sanad::publication::{FolderSource, Side, publish};
use sanad::safekeeping::{Origin, Repair, Repaired, backup, repair, restore};
use sanad::{
    Auditor, Class, Evidence, KeptCheckpoints, LedgerError, OpenedCheckpoint, Remark, StoreError,
    Surroundings,
};
use sanad_tests::{Forger, PublishedLog, TestLedger, copy_folder, files_in, told};
use tempfile::TempDir;

/// A ledger of twelve entries in several segments, closed, with all that others have of it.
struct Office {
    _home: TempDir,
    ledger: PathBuf,
    /// A copy of it as it was before anything happened to it.
    good: PathBuf,
    home: PathBuf,
}

impl Office {
    fn new() -> Self {
        Self::with(|_| {})
    }

    /// One with the same entries, and another id.
    fn of_another_ledger() -> Self {
        Self::with(|forger| {
            let of = &forger.identity;
            let other = sanad::LedgerId::new(uuid::Uuid::from_u128(7));
            let (created, zone, origin) = (of.created_at_us(), of.time_zone(), of.origin());
            let identity = sanad::Identity::new(other, created, zone, origin, of.title());
            forger.identity = identity.unwrap();
        })
    }

    fn with(change: impl FnOnce(&mut Forger)) -> Self {
        let mut ledger = TestLedger::with_surplus();
        for n in 0..11 {
            ledger.does(ledger.act().register_holder(&format!("h{n}"), "H").unwrap());
        }
        ledger.close();
        let mut forger = Forger::of(&ledger.folder());
        change(&mut forger);
        let home = tempfile::tempdir().unwrap();
        let [folder, good] = ["ledger", "good"].map(|name| home.path().join(name));
        forger.write_in_segments(&folder, 400);
        sanad::Ledger::open_here(&folder).map(sanad::Ledger::close).unwrap_or_default();
        copy_folder(&folder, &good);
        let path = home.path().to_owned();
        Self { _home: home, ledger: folder, good, home: path }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    fn key(&self) -> SignerKey {
        let auditor = Auditor::open(&self.good).unwrap();
        SignerKey::from_seed(auditor.identity().origin().parse().unwrap(), &[7; 32])
    }

    fn signed(&self) -> OpenedCheckpoint {
        Auditor::open(&self.good).unwrap().checkpoint(&[self.key()]).unwrap()
    }

    /// What is published of it.
    fn published(&self) -> Side {
        let dir = self.path("published");
        if !dir.exists() {
            let auditor = Auditor::open(&self.good).unwrap();
            publish(&auditor, &dir, &self.signed(), &mut |_| {}).unwrap();
        }
        Side::publication(FolderSource::new(&dir)).unwrap()
    }

    /// A backup of it.
    fn backup(&self) -> Side {
        let dir = self.path("backup");
        assert!(backup(&self.good, &dir, &Evidence::default(), &mut |_| {}).unwrap().is_clean());
        Side::open(&dir).unwrap()
    }

    fn segments(&self) -> Vec<PathBuf> {
        files_in(&self.ledger.join("log"))
            .iter()
            .map(|it| self.ledger.join("log").join(it))
            .collect()
    }

    fn alter(&self, segment: usize, change: impl FnOnce(&mut Vec<u8>)) {
        let path = &self.segments()[segment];
        let mut bytes = fs::read(path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    }

    fn repair(&self, what: &Repair<'_>) -> Result<Repaired, LedgerError> {
        repair(&self.ledger, what, Surroundings::default(), &mut |_| {})
    }

    fn repaired_from(&self, from: &Side) -> Repaired {
        self.repair(&Repair { from: Some(from), ..Repair::default() }).unwrap()
    }

    /// The ledger has its records again, byte for byte, and nothing is wrong with it.
    fn is_whole(&self) {
        assert!(records(&self.ledger) == records(&self.good));
        let verdict = Auditor::open(&self.ledger).unwrap().verify(&mut |_| {}).unwrap();
        assert_eq!(told(&verdict), Vec::<String>::new());
        let unchecked = |remark: &&Remark| matches!(remark, Remark::NotChecked { .. });
        assert_eq!(verdict.remarks.iter().find(unchecked), None);
    }
}

fn log(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let log = folder.join("log");
    files_in(&log).into_iter().map(|it| (it.clone(), fs::read(log.join(it)).unwrap())).collect()
}

/// The records, however they are parted into segments.
fn records(folder: &Path) -> Vec<Vec<u8>> {
    let (log, _) = PublishedLog::of_ledger(folder);
    log.records
}

/// The entries that came from the copy.
fn taken(repaired: &Repaired) -> Vec<u64> {
    let runs = repaired.plan.mends.iter().flat_map(|mend| &mend.runs);
    runs.filter(|run| run.origin == Origin::Copy).flat_map(|run| run.records.clone()).collect()
}

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
