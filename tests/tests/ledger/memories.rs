//! What a verification says of a memory that lies: snapshots and indexes are derived, and are held against the replay.

use std::path::Path;

use sanad::{Auditor, ChainHash, Head, Sequence};
use sanad_audit_log::Sequence as LogSequence;
use sanad_event_store::{IndexKind, Memory, Remembered, Snapshot};
use sanad_projection::{Projection, SNAPSHOT_VERSION};
use sanad_tests::TestLedger;

/// A ledger of three entries, closed; its memory stands for all of them.
fn remembered() -> TestLedger {
    let mut ledger = TestLedger::with_surplus();
    for holder in ["h1", "h2"] {
        ledger.does(ledger.act().register_holder(holder, "H").unwrap());
    }
    ledger.close();
    ledger
}

/// What is remembered of a ledger, to be falsified.
fn memory(folder: &Path) -> (Memory, Head) {
    let auditor = Auditor::open(folder).unwrap();
    let memory = Memory::open(&folder.join("memory"), auditor.identity().ledger_id()).unwrap();
    assert_eq!(memory.head(), Some(auditor.head()));
    (memory, auditor.head())
}

/// A snapshot that says of the ledger what some of its entries amount to, and stands for `size` of them.
fn snapshot_of(folder: &Path, size: u64, entries: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let auditor = Auditor::open(folder).unwrap();
    let tree = auditor.tree_of(size).unwrap();
    let mut projection = Projection::default();
    for (place, entry) in entries.into_iter().enumerate() {
        let mut recorded = auditor.entry(Sequence(entry)).unwrap().recorded;
        recorded.sequence = Sequence(place as u64);
        projection.take(&recorded).unwrap();
    }
    let peaks = tree.frontier().peaks();
    let mut bytes = vec![peaks.len() as u8];
    peaks.iter().for_each(|peak| bytes.extend_from_slice(peak.as_bytes()));
    bytes.extend_from_slice(&projection.snapshot());
    bytes
}

fn told(ledger: &TestLedger) -> Vec<String> {
    let verdict = ledger.verdict();
    verdict.findings().map(|found| format!("{} {}", found.class.as_str(), found.code)).collect()
}

fn remember(memory: &mut Memory, head: Head, bytes: Option<&[u8]>, key: Option<[u8; 16]>) {
    let snapshot = bytes.map(|bytes| Snapshot { version: 1 << 16 | SNAPSHOT_VERSION, bytes });
    let index = key.map(|key| (IndexKind(2), key, LogSequence::new(1)));
    memory.remember(&Remembered { head, snapshot, positions: &[] }, index).unwrap();
}

#[test]
fn a_snapshot_that_is_what_the_entries_amount_to_agrees() {
    let ledger = remembered();
    let bytes = snapshot_of(&ledger.folder(), 3, [0, 1, 2]);
    let (mut memory, head) = memory(&ledger.folder());
    remember(&mut memory, head, Some(&bytes), None);
    drop(memory);
    assert!(told(&ledger).is_empty());
}

#[test]
fn a_snapshot_that_lies_is_found_although_its_head_is_right() {
    let ledger = remembered();
    // The two holders in the other order.
    let bytes = snapshot_of(&ledger.folder(), 3, [0, 2, 1]);
    let (mut memory, head) = memory(&ledger.folder());
    remember(&mut memory, head, Some(&bytes), None);
    drop(memory);
    assert_eq!(told(&ledger), ["agreement snapshot_differs"]);
}

#[test]
fn an_index_that_knows_of_a_grant_that_there_is_not_is_found() {
    let ledger = remembered();
    let (mut memory, head) = memory(&ledger.folder());
    remember(&mut memory, head, None, Some([7; 16]));
    drop(memory);
    assert_eq!(told(&ledger), ["agreement index_differs"]);
}

#[test]
fn a_memory_of_another_history_is_found_and_not_believed() {
    let ledger = remembered();
    let (mut memory, head) = memory(&ledger.folder());
    let other = Head { size: head.size, hash: ChainHash::from_bytes([7; 32]) };
    let bytes = snapshot_of(&ledger.folder(), 3, [0, 2, 1]);
    remember(&mut memory, other, Some(&bytes), None);
    drop(memory);
    let told = told(&ledger);
    assert!(told.contains(&"agreement snapshot_of_other_history".to_owned()), "{told:?}");
    assert!(told.contains(&"agreement memory_of_other_history".to_owned()), "{told:?}");
}
