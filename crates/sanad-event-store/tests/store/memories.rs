//! What is remembered about a log: used where it is sound, made anew where it is not, and never wrong.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sanad_audit_log::{ChainHash, Head, Sequence};
use sanad_event_store::{
    EventStore, IndexKind, Memory, MemoryError, Position, Remembered, Snapshot, StoreError,
};

use crate::testlog::{
    TestLedger, alter, append, check, copy_into, files_in, identity, other_identity, scratch,
};

/// Which sequences each key was seen with.
type Truth = BTreeMap<(u8, Vec<u8>), Vec<u64>>;

/// The head of a history of that size, made up.
fn head(size: u64) -> Head {
    Head { size, hash: ChainHash::from_bytes([size as u8; 32]) }
}

fn state(size: u64) -> Vec<u8> {
    (0..600_000_u64).map(|n| (n.wrapping_mul(size + 1) >> 3) as u8).collect()
}

/// The keys of the records from `from` to `to`.
fn keys(from: u64, to: u64) -> Vec<(IndexKind, Vec<u8>, Sequence)> {
    let key = |n: u64| {
        let (kind, name) = match n % 3 {
            0 => (1, format!("entry {n}")),
            1 => (2, format!("pool {}", n % 7)),
            _ => (3, format!("holder {}", n % 101)),
        };
        (IndexKind(kind), name.into_bytes(), Sequence::new(n))
    };
    (from..to).map(key).collect()
}

/// Remembers ten times, with snapshots now and then, so that runs are merged and snapshots go.
fn fill(memory: &mut Memory) -> Truth {
    let mut truth = Truth::new();
    for round in 0..10 {
        let (from, to) = (round * 300, (round + 1) * 300);
        for (kind, key, sequence) in keys(from, to) {
            truth.entry((kind.0, key)).or_default().push(sequence.get());
        }
        let bytes = state(to);
        let snapshot = round.is_multiple_of(3).then_some(Snapshot { version: 1, bytes: &bytes });
        let (sequence, segment) = (Sequence::new(from), Sequence::FIRST);
        let positions = [Position { sequence, segment, offset: 104 + 77 * from }];
        let what = Remembered { head: head(to), snapshot, positions: &positions };
        memory.remember(&what, keys(from, to)).unwrap();
    }
    truth
}

fn open(path: &Path) -> Result<Memory, MemoryError> {
    Memory::open(path, identity().ledger_id())
}

/// Asks a memory everything up to the head that it says it stands for. An error is an answer; a
/// wrong answer is none.
fn never_wrong(memory: &Memory, truth: &Truth) -> Result<(), MemoryError> {
    let size = memory.head().map_or(0, |head| head.size);
    assert!(size.is_multiple_of(300) && memory.head().is_none_or(|at| at == head(size)));
    let mut known = Truth::new();
    for (key, sequences) in truth {
        let behind = sequences.partition_point(|&n| n < size);
        let found = memory.look_up(IndexKind(key.0), &key.1)?;
        assert!(found.iter().map(|n| n.get()).eq(sequences[..behind].iter().copied()), "{key:?}");
        if behind > 0 {
            known.insert(key.clone(), sequences[..behind].to_vec());
        }
    }
    assert!(memory.look_up(IndexKind(1), b"entry")?.is_empty());
    let mut seen = Truth::new();
    memory.visit_index(&mut |kind, key, sequence| {
        seen.entry((kind.0, key.to_vec())).or_default().push(sequence.get());
    })?;
    seen.values_mut().for_each(|sequences| sequences.sort_unstable());
    assert!(seen == known);
    if let Some((at, bytes)) = memory.latest_snapshot(1, 3000)? {
        assert!(bytes == state(at.size) && at == head(at.size) && at.size <= size);
    }
    Ok(())
}

#[test]
fn what_is_remembered_is_there_after_opening_again() {
    let folder = scratch();
    let path = folder.path().join("memory");
    let mut memory = open(&path).unwrap();
    assert_eq!(memory.head(), None);
    let truth = fill(&mut memory);
    for _ in 0..2 {
        never_wrong(&memory, &truth).unwrap();
        let (at, bytes) = memory.latest_snapshot(1, 3000).unwrap().unwrap();
        assert!(at == head(3000) && bytes == state(3000));
        assert_eq!(memory.latest_snapshot(1, 2999).unwrap(), None);
        assert_eq!(memory.latest_snapshot(2, 3000).unwrap(), None);
        assert_eq!(memory.positions().unwrap().len(), 10);
        let before = memory.position_before(Sequence::new(1000)).unwrap().unwrap();
        assert_eq!((before.sequence.get(), before.offset), (900, 104 + 77 * 900));
        drop(memory);
        memory = open(&path).unwrap();
    }
}

#[test]
fn only_the_latest_snapshot_is_kept() {
    let folder = scratch();
    let mut memory = open(&folder.path().join("memory")).unwrap();
    for size in 1..=7 {
        let bytes = [size as u8; 9];
        let snapshot = Some(Snapshot { version: 1, bytes: &bytes });
        let what = Remembered { head: head(size), snapshot, positions: &[] };
        memory.remember::<&[u8]>(&what, []).unwrap();
    }
    assert_eq!(memory.latest_snapshot(1, 7).unwrap(), Some((head(7), vec![7; 9])));
    assert_eq!(memory.latest_snapshot(1, 6).unwrap(), None);
}

#[test]
fn keys_of_any_bytes_are_told_apart() {
    let folder = scratch();
    let mut memory = open(&folder.path().join("memory")).unwrap();
    let keys: [&[u8]; 9] = [
        b"",
        b"\0",
        b"\0\0",
        b"\0\xff",
        b"\xff",
        b"a",
        b"a\0",
        b"a\0\0\0\0\0\0\0\0\0\x05",
        &[0; 1024],
    ];
    let index = keys.iter().zip(0..).map(|(key, n)| (IndexKind(7), key, Sequence::new(n)));
    let what = Remembered { head: head(9), snapshot: None, positions: &[] };
    memory.remember(&what, index).unwrap();
    for (key, n) in keys.iter().zip(0..) {
        assert_eq!(memory.look_up(IndexKind(7), key).unwrap(), [Sequence::new(n)], "{key:?}");
        assert!(memory.look_up(IndexKind(8), key).unwrap().is_empty());
    }
    let mut seen = Vec::new();
    memory.visit_index(&mut |_, key, n| seen.push((n.get(), key.to_vec()))).unwrap();
    seen.sort();
    assert!(seen.iter().map(|(_, key)| &key[..]).eq(keys));
}

#[test]
fn a_key_seen_with_every_record_is_found_across_chunks_and_runs() {
    let folder = scratch();
    let mut memory = open(&folder.path().join("memory")).unwrap();
    for round in 0..3 {
        let numbers = round * 4000..(round + 1) * 4000;
        let index = numbers.map(|n| (IndexKind(1), b"pk-surplus", Sequence::new(n)));
        let what = Remembered { head: head((round + 1) * 4000), snapshot: None, positions: &[] };
        memory.remember(&what, index).unwrap();
    }
    let found = memory.look_up(IndexKind(1), b"pk-surplus").unwrap();
    assert!(found.iter().map(|n| n.get()).eq(0..12_000));
    assert!(memory.look_up(IndexKind(1), b"pk-surplu").unwrap().is_empty());
    assert!(memory.look_up(IndexKind(1), b"pk-surplus2").unwrap().is_empty());
}

#[test]
fn what_cannot_be_remembered_leaves_what_was_remembered_before() {
    let folder = scratch();
    let mut memory = open(&folder.path().join("memory")).unwrap();
    let truth = fill(&mut memory);
    let what = |size| Remembered { head: head(size), snapshot: None, positions: &[] };
    let long = [(IndexKind(1), vec![0; 1025], Sequence::FIRST)];
    let refused = memory.remember(&what(3001), long);
    assert!(matches!(refused, Err(MemoryError::KeyTooLong { bytes: 1025 })));
    let refused = memory.remember::<&[u8]>(&what(2999), []);
    let (remembered, given) = (3000, 2999);
    assert!(matches!(refused, Err(MemoryError::Backwards { remembered: r, given: g })
        if (r, g) == (remembered, given)));
    never_wrong(&memory, &truth).unwrap();
}

/// A closed ledger of five records that remembers three of them.
fn remembering_ledger() -> TestLedger {
    let ledger = TestLedger::rolling_at(350);
    let mut opened = ledger.open();
    append(&mut opened.store, 2);
    let head = append(&mut opened.store, 1);
    remember(opened.memory.as_mut().unwrap(), head);
    append(&mut opened.store, 2);
    drop(opened);
    ledger
}

fn remember(memory: &mut Memory, head: Head) {
    let what = Remembered { head, snapshot: None, positions: &[] };
    memory.remember(&what, [(IndexKind(1), b"key", Sequence::new(1))]).unwrap();
}

/// Opens a ledger whose memory cannot be used: it is made anew, and works the next time.
fn is_made_anew(ledger: &TestLedger) -> MemoryError {
    let opened = ledger.open();
    let mut memory = opened.memory.unwrap();
    assert_eq!(memory.head(), None);
    remember(&mut memory, opened.store.head());
    drop((memory, opened.store));
    let again = ledger.open();
    assert!(again.memory_lost.is_none());
    assert_eq!(again.memory.unwrap().head(), Some(again.store.head()));
    check(ledger.path(), 5);
    opened.memory_lost.unwrap()
}

#[test]
fn a_memory_behind_the_log_is_used_as_far_as_it_goes() {
    let ledger = remembering_ledger();
    let opened = ledger.open();
    assert!(opened.memory_lost.is_none());
    assert_eq!(opened.memory.unwrap().head().unwrap().size, 3);
}

#[test]
fn a_memory_that_is_missing_or_empty_is_made_anew_and_said() {
    let ledger = remembering_ledger();
    ledger.forget();
    assert!(matches!(is_made_anew(&ledger), MemoryError::Absent));

    let ledger = remembering_ledger();
    ledger.forget();
    fs::create_dir(ledger.at("memory")).unwrap();
    assert!(matches!(is_made_anew(&ledger), MemoryError::Absent));

    let ledger = remembering_ledger();
    fs::remove_file(ledger.at("memory/db")).unwrap();
    is_made_anew(&ledger);

    let ledger = remembering_ledger();
    fs::write(ledger.at("memory/db"), "").unwrap();
    is_made_anew(&ledger);

    let ledger = remembering_ledger();
    ledger.forget();
    fs::write(ledger.at("memory"), "a file").unwrap();
    is_made_anew(&ledger);
}

#[test]
fn a_memory_of_another_ledger_or_history_is_made_anew() {
    let ledger = remembering_ledger();
    let other = TestLedger::of(&other_identity());
    let mut opened = other.open();
    let head = append(&mut opened.store, 1);
    remember(opened.memory.as_mut().unwrap(), head);
    drop(opened);
    ledger.forget();
    fs::create_dir(ledger.at("memory")).unwrap();
    copy_into(&other.at("memory"), &ledger.at("memory"));
    assert!(matches!(is_made_anew(&ledger), MemoryError::OtherLedger));

    for size in [0, 1, 3, 5] {
        let ledger = remembering_ledger();
        ledger.forget();
        let mut memory = open(&ledger.at("memory")).unwrap();
        remember(&mut memory, super::memories::head(size));
        drop(memory);
        assert!(matches!(is_made_anew(&ledger), MemoryError::OtherHistory), "of size {size}");
    }
}

#[test]
fn a_log_shorter_than_what_is_remembered_has_lost_its_acknowledged_end() {
    let ledger = remembering_ledger();
    let mut opened = ledger.open();
    let head = opened.store.head();
    remember(opened.memory.as_mut().unwrap(), head);
    drop(opened);
    let last = ledger.segments().pop().unwrap();
    fs::remove_file(&last).unwrap();
    let before = ledger.log_bytes();
    let error = ledger.try_open().unwrap_err();
    assert!(
        matches!(error, StoreError::AcknowledgedTailMissing { remembered, found }
        if remembered == head && found.size < head.size),
        "{error}"
    );
    assert_eq!(ledger.log_bytes(), before);
    // As the message says: whoever knows better deletes the memory.
    ledger.forget();
    ledger.open();
}

#[test]
fn a_database_that_something_else_has_open_is_left_to_it() {
    // It was once deleted here, since sled keeps a database locked for a moment after it was closed.
    let ledger = remembering_ledger();
    let other = open(&ledger.at("memory")).unwrap();
    let opened = ledger.open();
    assert!(opened.memory.is_none());
    assert!(matches!(opened.memory_lost, Some(MemoryError::InUse)));
    drop((opened, other));
    assert_eq!(ledger.open().memory.unwrap().head().unwrap().size, 3);
}

#[test]
fn a_link_among_the_memorys_files_is_not_followed() {
    let ledger = remembering_ledger();
    let elsewhere = scratch();
    let target = elsewhere.path().join("db");
    fs::rename(ledger.at("memory/db"), &target).unwrap();
    let before = fs::read(&target).unwrap();
    symlink(&target, ledger.at("memory/db")).unwrap();
    assert!(matches!(is_made_anew(&ledger), MemoryError::Damaged { .. }));
    assert!(fs::read(&target).unwrap() == before);
}

#[test]
fn a_reader_recalls_from_a_copy_and_leaves_the_memory_as_it_is() {
    let ledger = remembering_ledger();
    let bytes = || {
        files_in(&ledger.at("memory")).iter().map(|path| fs::read(path).ok()).collect::<Vec<_>>()
    };
    let before = bytes();
    let scratch_folder = scratch();
    let memory = ledger.reader().memory(scratch_folder.path()).unwrap();
    assert_eq!(memory.head().unwrap().size, 3);
    assert_eq!(memory.look_up(IndexKind(1), b"key").unwrap(), [Sequence::new(1)]);
    assert!(bytes() == before);
    let opened = ledger.open();
    assert!(ledger.reader().memory(scratch().path()).is_none(), "a writer uses it");
    drop(opened);
    ledger.forget();
    assert!(ledger.reader().memory(scratch().path()).is_none(), "there is none");
}

/// Damages `bytes` at a place; which place and how is told by two numbers.
fn damage(bytes: &mut Vec<u8>, round: u64, random: u64) {
    // A database is mostly room that is not used yet: half of the places are near its beginning.
    let most = if round % 4 < 2 { bytes.len() } else { bytes.len().min(40_000) };
    let at = (random >> 20) as usize % most.max(1);
    match (bytes.get_mut(at..), round % 5) {
        (None, _) => bytes.push(0),
        (Some(_), 3) => bytes.truncate(at),
        (Some(rest), 4) => rest.iter_mut().take(500).for_each(|byte| *byte = 0),
        (Some(rest), _) => rest[0] ^= 1 << (random >> 61),
    }
}

#[test]
fn a_damaged_memory_gives_errors_and_never_a_wrong_answer() {
    // What sled says of panics on the way goes to standard error.
    let whole = scratch();
    let path = whole.path().join("memory");
    let mut memory = open(&path).unwrap();
    let truth = fill(&mut memory);
    drop(memory);
    let files: Vec<_> = files_in(&path).into_iter().filter(|path| path.is_file()).collect();
    let (mut refused, mut behind, mut sound) = (0, 0, 0);
    let mut random = 0x5a4a_dade_u64;
    for round in 0..DAMAGES {
        let copy = scratch();
        copy_into(&path, copy.path());
        let file = &files[round as usize % files.len()];
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round | 1);
        alter(&copy.path().join(file.file_name().unwrap()), |bytes| damage(bytes, round, random));
        let answered = open(copy.path()).and_then(|memory| {
            never_wrong(&memory, &truth)?;
            Ok(memory.head())
        });
        match answered {
            Err(_) => refused += 1,
            Ok(at) if at != Some(head(3000)) => behind += 1,
            Ok(_) => sound += 1,
        }
    }
    eprintln!("{refused} refused, {behind} found behind, {sound} damaged where it does not matter");
    assert!(refused > 0);
}

/// How often a memory is damaged, each time another copy.
const DAMAGES: u64 = 30;
