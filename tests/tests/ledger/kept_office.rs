//! A ledger of several segments, with all that others have of it: a copy, a backup, what is published.

use std::fs;
use std::path::{Path, PathBuf};

use sanad::note::SignerKey;
use sanad::publication::{FolderSource, Side, publish};
use sanad::safekeeping::{Origin, Repair, Repaired, backup, repair};
use sanad::{Auditor, Evidence, LedgerError, OpenedCheckpoint, Remark, Surroundings};
use sanad_tests::{Forger, PublishedLog, copy_folder, files_in, told};
use tempfile::TempDir;

use crate::segments::segmented;

/// A ledger of twelve entries in several segments, closed.
pub(crate) struct Office {
    _home: TempDir,
    pub(crate) ledger: PathBuf,
    /// A copy of it as it was before anything happened to it.
    pub(crate) good: PathBuf,
    home: PathBuf,
}

impl Office {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// One with the same entries, and another id.
    pub(crate) fn of_another_ledger() -> Self {
        Self::with(|forger| {
            let of = &forger.identity;
            let other = sanad::LedgerId::new(uuid::Uuid::from_u128(7));
            let (created, zone, origin) = (of.created_at_us(), of.time_zone(), of.origin());
            let identity = sanad::Identity::new(other, created, zone, origin, of.title());
            forger.identity = identity.unwrap();
        })
    }

    pub(crate) fn with(change: impl FnOnce(&mut Forger)) -> Self {
        let (home, folder) = segmented(change);
        let good = home.path().join("good");
        sanad::Ledger::open_here(&folder).map(sanad::Ledger::close).unwrap_or_default();
        copy_folder(&folder, &good);
        let path = home.path().to_owned();
        Self { _home: home, ledger: folder, good, home: path }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    pub(crate) fn key(&self) -> SignerKey {
        let auditor = Auditor::open(&self.good).unwrap();
        SignerKey::from_seed(auditor.identity().origin().parse().unwrap(), &[7; 32])
    }

    pub(crate) fn signed(&self) -> OpenedCheckpoint {
        Auditor::open(&self.good).unwrap().checkpoint(&[self.key()]).unwrap()
    }

    /// What is published of it.
    pub(crate) fn published(&self) -> Side {
        let dir = self.path("published");
        if !dir.exists() {
            let auditor = Auditor::open(&self.good).unwrap();
            publish(&auditor, &dir, &self.signed(), &mut |_| {}).unwrap();
        }
        Side::publication(FolderSource::new(&dir)).unwrap()
    }

    /// A backup of it.
    pub(crate) fn backup(&self) -> Side {
        let dir = self.path("backup");
        assert!(backup(&self.good, &dir, &Evidence::default(), &mut |_| {}).unwrap().is_clean());
        Side::open(&dir).unwrap()
    }

    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        files_in(&self.ledger.join("log"))
            .iter()
            .map(|it| self.ledger.join("log").join(it))
            .collect()
    }

    pub(crate) fn alter(&self, segment: usize, change: impl FnOnce(&mut Vec<u8>)) {
        let path = &self.segments()[segment];
        let mut bytes = fs::read(path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn repair(&self, what: &Repair<'_>) -> Result<Repaired, LedgerError> {
        repair(&self.ledger, what, Surroundings::default(), &mut |_| {})
    }

    pub(crate) fn repaired_from(&self, from: &Side) -> Repaired {
        self.repair(&Repair { from: Some(from), ..Repair::default() }).unwrap()
    }

    /// The ledger has its records again, byte for byte, and nothing is wrong with it.
    pub(crate) fn is_whole(&self) {
        assert!(records(&self.ledger) == records(&self.good));
        let verdict = Auditor::open(&self.ledger).unwrap().verify(&mut |_| {}).unwrap();
        assert_eq!(told(&verdict), Vec::<String>::new());
        let unchecked = |remark: &&Remark| matches!(remark, Remark::NotChecked { .. });
        assert_eq!(verdict.remarks.iter().find(unchecked), None);
    }
}

pub(crate) fn log(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let log = folder.join("log");
    files_in(&log).into_iter().map(|it| (it.clone(), fs::read(log.join(it)).unwrap())).collect()
}

/// The records, however they are parted into segments.
pub(crate) fn records(folder: &Path) -> Vec<Vec<u8>> {
    let (log, _) = PublishedLog::of_ledger(folder);
    log.records
}

/// The entries that came from the copy.
pub(crate) fn taken(repaired: &Repaired) -> Vec<u64> {
    let runs = repaired.plan.mends.iter().flat_map(|mend| &mend.runs);
    runs.filter(|run| run.origin == Origin::Copy).flat_map(|run| run.records.clone()).collect()
}
