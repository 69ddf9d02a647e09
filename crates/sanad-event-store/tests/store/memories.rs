//! What is remembered about a log: used where it is sound, made anew where it is not, and never wrong.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sanad_audit_log::{ChainHash, Head, Sequence};
use sanad_event_store::{EventStore, Memory, MemoryError, Position, Remembered, StoreError};

use crate::testlog::{
    TestLedger, alter, append, check, copy_into, files_in, identity, other_identity, scratch,
};

/// The caller's number for the blocks made here.
pub(crate) const VERSION: u32 = 7;

/// The head of a history of that size, made up.
fn head(size: u64) -> Head {
    Head { size, hash: ChainHash::from_bytes([size as u8; 32]) }
}

/// The n-th block: each of another length.
fn block(n: usize) -> Vec<u8> {
    (0..400 + 37 * n).map(|at| ((at * (n + 1)) >> 3) as u8).collect()
}

/// What is not in blocks after `size` records.
fn rest(size: u64) -> Vec<u8> {
    format!("the rest of {size}").into_bytes()
}

/// Remembers `size` records, 100 a block, where so many blocks are kept.
fn remember_to(memory: &mut Memory, size: u64, keep: usize) -> Result<(), MemoryError> {
    let blocks: Vec<_> = (keep..(size / 100) as usize).map(block).collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(|block| &block[..]).collect();
    let (sequence, segment) = (Sequence::new(size - 1), Sequence::FIRST);
    let positions = [Position { sequence, segment, offset: 104 + 77 * size }];
    memory.remember(&Remembered {
        head: head(size),
        version: VERSION,
        keep,
        blocks: &blocks,
        rest: &rest(size),
        positions: &positions,
    })
}

/// Remembers in four steps.
fn fill(memory: &mut Memory) {
    for size in [130, 250, 990, 1_010] {
        let keep = memory.blocks();
        remember_to(memory, size, keep).unwrap();
    }
}

fn open(path: &Path) -> Result<Memory, MemoryError> {
    Memory::open(path, identity().ledger_id())
}

/// What a memory holds, which must be what was remembered at some time: the size that it stands for.
fn never_wrong(memory: &Memory) -> Result<u64, MemoryError> {
    let Some(at) = memory.head() else { return Ok(0) };
    let Some((blocks, found)) = memory.recall(VERSION, Some)? else { panic!("of that version") };
    assert!([130, 250, 990, 1_010].contains(&at.size) && at == head(at.size));
    assert!(blocks == (0..(at.size / 100) as usize).map(block).collect::<Vec<_>>());
    assert!(found == rest(at.size));
    assert_eq!(memory.positions().last().unwrap().offset, 104 + 77 * at.size);
    Ok(at.size)
}

#[test]
fn what_is_remembered_is_there_after_opening_again() {
    let folder = scratch();
    let path = folder.path().join("memory");
    let mut memory = open(&path).unwrap();
    assert_eq!(memory.head(), None);
    assert!(memory.recall(VERSION, Some).unwrap().is_none());
    fill(&mut memory);
    for _ in 0..2 {
        assert_eq!(never_wrong(&memory).unwrap(), 1_010);
        assert!(memory.recall(VERSION + 1, Some).unwrap().is_none());
        assert_eq!(memory.positions().len(), 4);
        assert!(memory.positions().is_sorted_by_key(|position| position.sequence));
        drop(memory);
        memory = open(&path).unwrap();
    }
    let refused = memory.recall(VERSION, |bytes| (bytes.len() != 437).then_some(bytes));
    assert!(
        matches!(refused, Err(MemoryError::Damaged { .. })),
        "the caller does not take a block"
    );
}

/// A manifest was read to its end, however far that was: a terabyte of zeros was asked for, and the process gone.
#[test]
fn a_manifest_of_a_terabyte_is_damaged_and_takes_no_memory_to_find_out() {
    let folder = scratch();
    let path = folder.path().join("memory");
    fill(&mut open(&path).unwrap());
    let manifest = fs::File::options().write(true).open(path.join("manifest")).unwrap();
    manifest.set_len(1 << 40).unwrap();
    assert!(matches!(open(&path), Err(MemoryError::Damaged { .. })));
}

#[test]
fn remembering_writes_what_is_new_and_nothing_twice() {
    let folder = scratch();
    let path = folder.path().join("memory");
    let mut memory = open(&path).unwrap();
    fill(&mut memory);
    let before = fs::read(path.join("blocks.0")).unwrap();
    assert_eq!(before, (0..10).flat_map(block).collect::<Vec<_>>());
    remember_to(&mut memory, 1_110, 10).unwrap();
    let after = fs::read(path.join("blocks.0")).unwrap();
    assert!(after.starts_with(&before) && after.len() == before.len() + block(10).len());
}

#[test]
fn blocks_that_do_not_count_any_more_leave_a_reader_at_them_alone() {
    let folder = scratch();
    let path = folder.path().join("memory");
    let mut memory = open(&path).unwrap();
    fill(&mut memory);
    let reader = open(&path).unwrap();
    remember_to(&mut memory, 1_130, 0).unwrap();
    assert_eq!(never_wrong(&reader).unwrap(), 1_010);
    let names: Vec<_> =
        files_in(&path).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["blocks.1", "manifest"], "the file that was replaced is gone");
    let again = open(&path).unwrap();
    assert_eq!((again.head(), again.blocks()), (Some(head(1_130)), 11));
    assert!(again.recall(VERSION, Some).unwrap().is_some());
}

#[test]
fn what_a_remembering_left_that_did_not_finish_is_written_over() {
    let folder = scratch();
    let path = folder.path().join("memory");
    let mut memory = open(&path).unwrap();
    remember_to(&mut memory, 250, 0).unwrap();
    drop(memory);
    alter(&path.join("blocks.0"), |bytes| bytes.extend_from_slice(&[9; 5_000]));
    fs::write(path.join("manifest.tmp"), "half").unwrap();
    fs::write(path.join("blocks.1"), "half").unwrap();
    let mut memory = open(&path).unwrap();
    assert_eq!(never_wrong(&memory).unwrap(), 250);
    remember_to(&mut memory, 1_010, 2).unwrap();
    assert_eq!(never_wrong(&open(&path).unwrap()).unwrap(), 1_010);
}

#[test]
fn what_cannot_be_remembered_leaves_what_was_remembered_before() {
    let folder = scratch();
    let mut memory = open(&folder.path().join("memory")).unwrap();
    fill(&mut memory);
    let refused = remember_to(&mut memory, 1_009, 10);
    assert!(matches!(refused, Err(MemoryError::Backwards { remembered: 1_010, given: 1_009 })));
    assert_eq!(never_wrong(&memory).unwrap(), 1_010);
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

/// Remembers a head with one block.
pub(crate) fn remember(memory: &mut Memory, head: Head) {
    let (version, keep, blocks) = (VERSION, memory.blocks(), [&b"block"[..]]);
    let what = Remembered { head, version, keep, blocks: &blocks, rest: b"", positions: &[] };
    memory.remember(&what).unwrap();
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

    for name in ["manifest", "blocks.0"] {
        let ledger = remembering_ledger();
        fs::remove_file(ledger.at("memory").join(name)).unwrap();
        is_made_anew(&ledger);

        let ledger = remembering_ledger();
        fs::write(ledger.at("memory").join(name), "").unwrap();
        is_made_anew(&ledger);
    }

    let ledger = remembering_ledger();
    ledger.forget();
    fs::write(ledger.at("memory"), "a file").unwrap();
    is_made_anew(&ledger);
}

#[test]
fn the_database_of_an_earlier_version_is_made_anew() {
    let ledger = remembering_ledger();
    ledger.forget();
    fs::create_dir(ledger.at("memory")).unwrap();
    for name in ["conf", "db", "snap.000000000000669E"] {
        fs::write(ledger.at("memory").join(name), "what sled wrote").unwrap();
    }
    assert!(matches!(is_made_anew(&ledger), MemoryError::Damaged { .. }));
    let names = files_in(&ledger.at("memory")).len();
    assert_eq!(names, 2, "nothing of it is left");
}

#[test]
fn a_memory_of_another_ledger_layout_or_history_is_made_anew() {
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

    let ledger = remembering_ledger();
    alter(&ledger.at("memory/manifest"), |bytes| bytes[8] = 99);
    assert!(matches!(is_made_anew(&ledger), MemoryError::OtherVersion { found: 99 }));

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
fn a_link_among_the_memorys_files_is_not_followed() {
    for name in ["manifest", "blocks.0"] {
        let ledger = remembering_ledger();
        let elsewhere = scratch();
        let (link, target) = (ledger.at("memory").join(name), elsewhere.path().join(name));
        fs::rename(&link, &target).unwrap();
        let before = fs::read(&target).unwrap();
        symlink(&target, &link).unwrap();
        assert!(matches!(is_made_anew(&ledger), MemoryError::Io { .. }), "{name}");
        assert!(fs::read(&target).unwrap() == before);
    }
}

#[test]
fn a_reader_recalls_beside_a_writer_and_leaves_the_memory_as_it_is() {
    let ledger = remembering_ledger();
    let bytes = || {
        files_in(&ledger.at("memory")).iter().map(|path| fs::read(path).ok()).collect::<Vec<_>>()
    };
    let before = bytes();
    let recalls = |size: u64, blocks: usize| {
        let memory = ledger.reader().memory().unwrap();
        assert_eq!(memory.head().unwrap().size, size);
        assert_eq!(memory.recall(VERSION, Some).unwrap().unwrap().0, vec![b"block"; blocks]);
    };
    recalls(3, 1);
    let mut opened = ledger.open();
    recalls(3, 1);
    assert!(bytes() == before);
    let early = ledger.reader().memory().unwrap();
    let head = opened.store.head();
    remember(opened.memory.as_mut().unwrap(), head);
    recalls(5, 2);
    assert_eq!(early.recall(VERSION, Some).unwrap().unwrap().0, [b"block"], "as it was opened");
    drop(opened);
    ledger.forget();
    assert!(ledger.reader().memory().is_none(), "there is none");
}

#[test]
fn no_damage_to_a_memory_gives_a_wrong_answer() {
    let whole = scratch();
    let path = whole.path().join("memory");
    fill(&mut open(&path).unwrap());
    let copy = scratch();
    copy_into(&path, copy.path());
    let (mut damages, mut passed_over) = (0, Vec::new());
    let mut tries = |what: String| {
        damages += 1;
        let answered = open(copy.path()).and_then(|memory| never_wrong(&memory));
        if answered.is_ok_and(|size| size > 0) {
            passed_over.push(what);
        }
    };
    for name in ["manifest", "blocks.0"] {
        let (file, sound) = (copy.path().join(name), fs::read(path.join(name)).unwrap());
        for byte in 0..sound.len() {
            for wrong in [sound[byte] ^ 1, !sound[byte]] {
                alter(&file, |bytes| bytes[byte] = wrong);
                tries(format!("byte {byte} of {name}"));
            }
            fs::write(&file, &sound[..byte]).unwrap();
            tries(format!("{name} cut at {byte}"));
            fs::write(&file, &sound).unwrap();
        }
        for (from, length) in (0..sound.len()).step_by(61).flat_map(|at| [(at, 61), (at, 512)]) {
            let to = sound.len().min(from + length);
            if sound[from..to].iter().any(|byte| *byte != 0) {
                alter(&file, |bytes| bytes[from..to].fill(0));
                tries(format!("{name} zeroed from {from} to {to}"));
                fs::write(&file, &sound).unwrap();
            }
        }
        fs::remove_file(&file).unwrap();
        tries(format!("{name} removed"));
        fs::write(&file, fs::read(path.join("manifest")).unwrap()).unwrap();
        if name != "manifest" {
            tries(format!("a manifest in the place of {name}"));
        }
        fs::write(&file, &sound).unwrap();
    }
    // Two blocks in each other's place: both are whole.
    let mut swapped: Vec<_> = (0..10).map(block).collect();
    swapped.swap(2, 7);
    fs::write(copy.path().join("blocks.0"), swapped.concat()).unwrap();
    tries("blocks swapped".to_owned());
    println!("{damages} damages");
    assert_eq!(passed_over, Vec::<String>::new());
    assert!(damages > 10_000, "{damages}");
}
