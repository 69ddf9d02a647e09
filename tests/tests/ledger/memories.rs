//! What a verification says of a memory that lies: what is remembered is derived, and is held against the replay.

use std::path::Path;

use sanad::{Auditor, ChainHash, Head, Known, Remark, Sequence};
use sanad_event_store::{Memory, Remembered};
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

/// A rest that says of the ledger what some of its entries amount to, and stands for `size` of them.
fn rest_of(folder: &Path, size: u64, entries: impl IntoIterator<Item = u64>) -> Vec<u8> {
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
    bytes.extend_from_slice(&projection.rest());
    bytes
}

fn told(ledger: &TestLedger) -> Vec<String> {
    let verdict = ledger.verdict();
    verdict.findings().map(|found| format!("{} {}", found.class.as_str(), found.code)).collect()
}

fn remember(memory: &mut Memory, head: Head, rest: &[u8], blocks: &[&[u8]]) {
    let (version, positions) = (2 << 16 | SNAPSHOT_VERSION, &[]);
    let what = Remembered { head, version, keep: 0, blocks, rest, positions };
    memory.remember(&what).unwrap();
}

#[test]
fn a_memory_that_is_what_the_entries_amount_to_agrees() {
    let ledger = remembered();
    let rest = rest_of(&ledger.folder(), 3, [0, 1, 2]);
    let (mut memory, head) = memory(&ledger.folder());
    remember(&mut memory, head, &rest, &[]);
    assert!(told(&ledger).is_empty());
}

#[test]
fn a_memory_that_lies_is_found_although_its_head_is_right() {
    let ledger = remembered();
    // The two holders in the other order.
    let rest = rest_of(&ledger.folder(), 3, [0, 2, 1]);
    let (mut memory, head) = memory(&ledger.folder());
    remember(&mut memory, head, &rest, &[]);
    assert_eq!(told(&ledger), ["agreement memory_differs"]);
    let verdict = ledger.verdict();
    let sentence = &verdict.findings().next().unwrap().message;
    assert!(sentence.contains("row 1 of the entries differs first"), "{sentence}");
}

#[test]
fn a_memory_whose_digests_hold_and_that_is_no_memory_all_the_same_is_found_and_made_anew() {
    let mut ledger = remembered();
    let rest = rest_of(&ledger.folder(), 3, [0, 1, 2]);
    for (rest, blocks) in [(&rest[..9], &[][..]), (&rest, &[&b"no block"[..]])] {
        let (mut memory, head) = memory(&ledger.folder());
        remember(&mut memory, head, rest, blocks);
        assert_eq!(told(&ledger), ["agreement memory_damaged"]);
        let auditor = Auditor::open(&ledger.folder()).unwrap();
        assert_eq!(auditor.view(Known::Head).unwrap().holder_ids().count(), 4);
        drop(memory);
        ledger.reopen_after(|_| {});
        assert!(ledger.ledger().opening().memory_rebuilt);
        assert_eq!(ledger.ledger().opening().replayed, 3);
        ledger.close();
        assert!(told(&ledger).is_empty());
        ledger.reopen_after(|_| {});
        assert_eq!(ledger.ledger().opening().replayed, 0);
        ledger.close();
    }
}

#[test]
fn a_memory_of_another_history_is_found_and_not_believed() {
    let ledger = remembered();
    let (mut memory, head) = memory(&ledger.folder());
    let other = Head { size: head.size, hash: ChainHash::from_bytes([7; 32]) };
    remember(&mut memory, other, &rest_of(&ledger.folder(), 3, [0, 2, 1]), &[]);
    assert_eq!(told(&ledger), ["agreement memory_of_other_history"]);
    let auditor = Auditor::open(&ledger.folder()).unwrap();
    let view = auditor.view(Known::Head).unwrap();
    let holders: Vec<_> = view.holder_ids().map(ToString::to_string).collect();
    assert_eq!(holders[2..], ["h1", "h2"]);
}

#[test]
fn a_reader_beside_a_writer_uses_what_the_writer_remembers() {
    let mut ledger = remembered();
    ledger.reopen_after(|_| {});
    ledger.does(ledger.act().register_holder("h3", "H").unwrap());
    let auditor = Auditor::open(&ledger.folder()).unwrap();
    assert_eq!(auditor.view(Known::Head).unwrap().holder_ids().count(), 5);
    let verdict = auditor.verify(&mut |_| {}).unwrap();
    let unchecked = verdict.remarks.iter().find(|it| matches!(it, Remark::NotChecked { .. }));
    assert_eq!(unchecked, None, "the memory is checked too");
}
