//! A ledger that an earlier version wrote is opened, verified and gone on with by this one (`tests/frozen/`).

use std::fs;
use std::path::{Path, PathBuf};

use sanad::note::VerifierKey;
use sanad::publication::{FolderSource, Publication, publish, verify_publication};
use sanad::{
    Auditor, Evidence, Known, Ledger, OpenedCheckpoint, ProofFile, Sequence, StatusFile,
    check_entry_proof, check_status,
};
use sanad_tests::{copy_folder, files_in, workspace};
use tempfile::TempDir;

/// The versions of the format that have a folder.
const FORMATS: [&str; 1] = ["0.1"];

/// A copy of a frozen folder.
struct Frozen {
    home: TempDir,
}

impl Frozen {
    fn of(format: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        copy_folder(&workspace().join("tests/frozen").join(format), home.path());
        Self { home }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    fn evidence(&self) -> Evidence {
        let key: VerifierKey = self.read("log.key.pub").trim().parse().unwrap();
        Evidence { keys: vec![key], ..Evidence::default() }
    }

    /// Size, head and digest of the state, as the version that wrote it computed them.
    fn digests(&self) -> Vec<(u64, String, String)> {
        let line = |line: &str| {
            let [size, head, digest] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            (size.parse().unwrap(), head.to_owned(), digest.to_owned())
        };
        self.read("digests.txt").lines().map(line).collect()
    }
}

/// Everything in the ledger's log as it stands.
fn logged(ledger: &Path) -> Vec<u8> {
    let log = ledger.join("log");
    files_in(&log).iter().flat_map(|segment| fs::read(log.join(segment)).unwrap()).collect()
}

#[test]
fn a_ledger_of_an_earlier_version_verifies_with_the_checkpoints_it_kept() {
    for format in FORMATS {
        let frozen = Frozen::of(format);
        let auditor = Auditor::open(&frozen.at("ledger")).unwrap();
        let verdict = auditor.verify_with(&frozen.evidence(), &mut |_| {}).unwrap();
        assert!(verdict.is_clean(), "{format}: {verdict:?}");
        assert_eq!(verdict.findings().count(), 0, "{format}");
    }
}

#[test]
fn a_replay_comes_to_the_same_state_after_every_entry_as_it_did_then() {
    for format in FORMATS {
        let frozen = Frozen::of(format);
        let auditor = Auditor::open(&frozen.at("ledger")).unwrap();
        let digests = frozen.digests();
        assert_eq!(auditor.head().size, u64::try_from(digests.len()).unwrap());
        for (size, head, digest) in digests {
            let view = auditor.view(Known::AtEntry(Sequence(size - 1))).unwrap();
            assert_eq!(view.basis().head.to_string(), head, "{format} at {size} entries");
            assert_eq!(view.state_digest().to_string(), digest, "{format} at {size} entries");
        }
    }
}

#[test]
fn a_ledger_of_an_earlier_version_is_gone_on_with_and_what_it_held_stays_as_it_was() {
    for format in FORMATS {
        for with_its_memory in [true, false] {
            let frozen = Frozen::of(format);
            let folder = frozen.at("ledger");
            if !with_its_memory {
                fs::remove_dir_all(folder.join("memory")).unwrap();
            }
            let before = logged(&folder);
            let size = u64::try_from(frozen.digests().len()).unwrap();
            let ledger = Ledger::open_here(&folder).unwrap();
            let act = ledger.act("mof").unwrap().register_holder("late", "Late (made up)").unwrap();
            let act = act.grant("ai", "late", "1 MW", "2033-01-01").unwrap();
            let receipt = ledger.record(act.build()).unwrap();
            assert_eq!(receipt.sequence, Sequence(size));
            drop(ledger);
            assert!(logged(&folder).starts_with(&before), "{format}");
            let auditor = Auditor::open(&folder).unwrap();
            let verdict = auditor.verify_with(&frozen.evidence(), &mut |_| {}).unwrap();
            assert!(verdict.is_clean(), "{format}: {verdict:?}");
        }
    }
}

#[test]
fn what_an_earlier_version_published_verifies_and_is_to_the_byte_what_this_one_publishes() {
    for format in FORMATS {
        let frozen = Frozen::of(format);
        let (then, now) = (frozen.at("published"), frozen.at("now"));
        let publication = Publication::new(FolderSource::new(&then));
        let audit = verify_publication(&publication, &frozen.evidence(), &mut |_| {}).unwrap();
        assert!(audit.verdict.is_clean(), "{format}: {:?}", audit.verdict);
        let signed = OpenedCheckpoint::parse(&fs::read(then.join("checkpoint")).unwrap()).unwrap();
        let auditor = Auditor::open(&frozen.at("ledger")).unwrap();
        publish(&auditor, &now, &signed, &mut |_| {}).unwrap();
        let published = files_in(&now);
        assert!(published.len() >= 5, "{published:?}");
        for file in published {
            let same = fs::read(now.join(&file)).unwrap() == fs::read(then.join(&file)).unwrap();
            assert!(same, "{format}: {}", file.display());
        }
    }
}

#[test]
fn a_proof_that_a_holder_kept_still_proves_what_it_proved() {
    for format in FORMATS {
        let frozen = Frozen::of(format);
        let keys = frozen.evidence().keys;
        let proof = ProofFile::parse(frozen.read("entry.proof").as_bytes()).unwrap();
        let proven = check_entry_proof(&proof, &keys).unwrap();
        assert_eq!(proven.recorded.sequence, Sequence(19), "{format}");
        let status = StatusFile::parse(frozen.read("status.proof").as_bytes()).unwrap();
        let status = check_status(&status, &keys).unwrap();
        let left: Vec<_> = status.left.iter().map(|(_, left)| *left).collect();
        assert_eq!(left, [12_345, 10_345, 12_345, 9_345], "{format}");
    }
}
