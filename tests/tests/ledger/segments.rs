//! What a verification says of segment files that an operator removed, exchanged or altered.

use std::fs;
use std::path::{Path, PathBuf};

use sanad::tree::{Frontier, TreeHash};
use sanad::{Auditor, Class, Evidence, Identity, Ledger, LedgerId, Remark};
use sanad_audit_log::{EntryId, Head, Sealer, Unsealed};
use sanad_event_store::{FileStore, SEGMENT_HEADER};
use sanad_tests::{Forger, TestLedger};
use tempfile::TempDir;

use crate::published::key_of;

/// A ledger of twelve entries, two or three to a segment, without a memory.
pub(crate) fn segmented(change: impl FnOnce(&mut Forger)) -> (TempDir, PathBuf) {
    let mut ledger = TestLedger::with_surplus();
    for n in 0..11 {
        ledger.does(ledger.act().register_holder(&format!("h{n}"), "H").unwrap());
    }
    ledger.close();
    let mut forger = Forger::of(&ledger.folder());
    change(&mut forger);
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    forger.write_in_segments(&folder, 400);
    assert!(!folder.join("memory").exists());
    (home, folder)
}

/// The segments, in order, each with the sequence that it begins with.
fn segments(folder: &Path) -> Vec<(u64, PathBuf)> {
    let segments = segments_of(folder);
    assert!(segments.len() >= 4, "{segments:?}");
    segments
}

fn segments_of(folder: &Path) -> Vec<(u64, PathBuf)> {
    let mut segments: Vec<_> = fs::read_dir(folder.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().parse().unwrap(), path))
        .collect();
    segments.sort();
    segments
}

fn told(folder: &Path) -> (Vec<String>, Option<u64>) {
    let verdict = Auditor::open(folder).unwrap().verify(&mut |_| {}).unwrap();
    (sanad_tests::told(&verdict), verdict.last_good.map(|sequence| sequence.0))
}

#[test]
fn many_segments_are_one_history() {
    let (_home, folder) = segmented(|_| {});
    segments(&folder);
    assert_eq!(told(&folder), (vec![], None));
}

#[test]
fn a_segment_that_was_removed_leaves_a_gap() {
    let (_home, folder) = segmented(|_| {});
    let all = segments(&folder);
    fs::remove_file(&all[1].1).unwrap();
    let (told, last_good) = told(&folder);
    // It is told at the segment behind it, and the last good entry is the one before the gap.
    assert_eq!(told[0], format!("coverage gap {}", all[2].0));
    assert_eq!(last_good, Some(all[1].0 - 1));
}

#[test]
fn a_segment_of_another_ledger_is_foreign() {
    let (_home, folder) = segmented(|_| {});
    let (_other_home, other) = segmented(|forger| {
        let other = LedgerId::new(uuid::Uuid::from_u128(7));
        let of = &forger.identity;
        let (created, zone, origin) = (of.created_at_us(), of.time_zone(), of.origin());
        forger.identity = Identity::new(other, created, zone, origin, of.title()).unwrap();
    });
    let (ours, theirs) = (segments(&folder), segments(&other));
    assert_eq!(ours[1].0, theirs[1].0);
    fs::copy(&theirs[1].1, &ours[1].1).unwrap();
    let (told, last_good) = told(&folder);
    assert_eq!(told[0], format!("coverage foreign_segment {}", ours[1].0));
    assert_eq!(last_good, Some(ours[1].0 - 1));
}

#[test]
fn a_segment_of_another_history_of_the_same_ledger_is_a_replaced_one() {
    let (_home, folder) = segmented(|_| {});
    let (_other_home, other) = segmented(|forger| {
        forger.records.iter_mut().for_each(|record| record.recorded_at_us += 1);
    });
    let (ours, theirs) = (segments(&folder), segments(&other));
    fs::copy(&theirs[1].1, &ours[1].1).unwrap();
    let (told, last_good) = told(&folder);
    assert!(told.contains(&format!("coverage replaced_segment {}", ours[1].0)), "{told:?}");
    assert_eq!(last_good, Some(ours[1].0 - 1));
}

#[test]
fn a_history_with_a_replaced_segment_has_no_gap_and_is_replayed_against_the_memory() {
    let (_home, folder) = segmented(|_| {});
    Ledger::open_here(&folder).unwrap().close();
    let (_other_home, other) = segmented(|forger| {
        forger.records.iter_mut().for_each(|record| record.recorded_at_us += 1);
    });
    let (ours, theirs) = (segments(&folder), segments(&other));
    fs::copy(&theirs[1].1, &ours[1].1).unwrap();
    let verdict = Auditor::open(&folder).unwrap().verify(&mut |_| {}).unwrap();
    let told = sanad_tests::told(&verdict);
    assert!(told.contains(&format!("coverage replaced_segment {}", ours[1].0)), "{told:?}");
    let unchecked =
        |remark: &Remark| matches!(remark, Remark::NotChecked { class: Class::Agreement, .. });
    assert!(!verdict.remarks.iter().any(unchecked), "{:?}", verdict.remarks);
}

/// Records that stood twice were counted twice in the tree: a checkpoint kept elsewhere was said to be of another past.
#[test]
fn behind_records_that_stand_twice_no_checkpoint_is_called_one_of_another_history() {
    let (_home, folder) = segmented(|_| {});
    let checkpoint = Auditor::open(&folder).unwrap().checkpoint(&[key_of(&folder)]).unwrap();
    let all = segments(&folder);
    let records = fs::read(&all[1].1).unwrap()[SEGMENT_HEADER..].to_vec();
    let before = fs::read(&all[0].1).unwrap();
    fs::write(&all[0].1, [before, records].concat()).unwrap();
    let checkpoints = vec![("mine".to_owned(), checkpoint)];
    let evidence = Evidence { checkpoints, ..Evidence::default() };
    let verdict = Auditor::open(&folder).unwrap().verify_with(&evidence, &mut |_| {}).unwrap();
    let told = sanad_tests::told(&verdict);
    assert_eq!(told[0], format!("coverage overlap {}", all[1].0));
    assert!(!told.iter().any(|finding| finding.contains("checkpoint")), "{told:?}");
    let unchecked =
        |remark: &Remark| matches!(remark, Remark::NotChecked { class: Class::Coverage, .. });
    assert!(verdict.remarks.iter().any(unchecked), "{:?}", verdict.remarks);
}

#[test]
fn the_root_is_that_of_the_records_as_they_stand_whatever_sequences_they_claim() {
    let ledger = TestLedger::with_surplus();
    let identity = ledger.ledger().identity().clone();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    FileStore::create(&folder, &identity).unwrap();
    let (mut log, mut tree) = (Vec::new(), Frontier::new());
    let mut sealer = Sealer::new(Head::empty(identity.genesis()), None);
    // More than are examined together, and from the fourth on five are passed over.
    for n in 0..2_500 {
        if n == 3 {
            let Head { size, hash } = sealer.head();
            sealer = Sealer::new(Head { size: size + 5, hash }, Some(identity.created_at_us()));
        }
        let unsealed = Unsealed {
            entry_id: EntryId::new(uuid::Uuid::from_u128(n + 1)),
            recorded_at_us: identity.created_at_us(),
            payload_schema: sanad_codec::SCHEMA,
            payload: b"no entry",
            author: None,
            barrier: true,
        };
        let begins = log.len();
        sealer.seal(&unsealed, &mut log).unwrap();
        tree.append(TreeHash::leaf(&log[begins..]));
    }
    let segment = segments_of(&folder).pop().unwrap().1;
    fs::write(&segment, [fs::read(&segment).unwrap(), log].concat()).unwrap();
    let verdict = Auditor::open(&folder).unwrap().verify(&mut |_| {}).unwrap();
    let told = sanad_tests::told(&verdict);
    assert!(told.contains(&"coverage chain-sequence-break 3".to_owned()), "{told:?}");
    assert_eq!((verdict.entries, verdict.root), (2_500, tree.root()));
}

#[test]
fn a_segment_that_was_renamed_or_has_an_altered_header_is_said_to_be() {
    let (_home, folder) = segmented(|_| {});
    let all = segments(&folder);
    let mut bytes = fs::read(&all[1].1).unwrap();
    bytes[33] ^= 1;
    fs::write(&all[1].1, &bytes).unwrap();
    let (told, _) = told(&folder);
    assert_eq!(told, [format!("integrity segment_header {}", all[1].0)]);
}
