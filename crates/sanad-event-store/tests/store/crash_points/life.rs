//! The life of a ledger up to a crash, and what must hold after it.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Checkpoint, Head, OpenedCheckpoint};
use sanad_event_store::fault::{Fault, Operations};
use sanad_event_store::{
    EventStore, FileStore, KeptCheckpoints, Memory, MemoryError, Options, Remembered, StoreError,
};

use super::recording_disk::{Promised, RecordingDisk};
use super::wreck::Wreck;
use crate::memories::VERSION;
use crate::testlog::{Dice, audit, check_as, identity, scratch, try_append};

/// What the n-th record holds: mostly a little, now and then what fills several sectors.
pub(crate) fn payload(n: u64) -> Vec<u8> {
    let mut dice = Dice::new(n);
    let length = match dice.below(16) {
        0..=10 => 8 + dice.below(60),
        11..=13 => 300 + dice.below(1_500),
        14 => 4_000 + dice.below(3_000),
        _ => 9_000 + dice.below(12_000),
    };
    // Small numbers, as an encoded entry has them; no run of zeros is as long as a number.
    const BYTES: [u8; 16] = [0, 0, 1, 1, 2, 2, 3, 4, 5, 40, 97, 128, 250, 251, 252, 254];
    let mut bytes = format!("entry {n} ").into_bytes();
    while (bytes.len() as u64) < length {
        let thrown = dice.next();
        bytes.extend((0..16).map(|n| BYTES[(thrown >> (4 * n) & 15) as usize]));
        bytes.push(n as u8 | 1);
    }
    bytes
}

/// A checkpoint of this size, whose root is that byte again and again.
pub(crate) fn signed(size: u64, root: u8) -> OpenedCheckpoint {
    let key = SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[7; 32]);
    let root = TreeHash::from_bytes([root; 32]);
    let checkpoint = Checkpoint::new(key.name().clone(), size, root).unwrap();
    OpenedCheckpoint::from_note(key.sign(checkpoint.to_text())).unwrap()
}

fn options(disk: &Arc<RecordingDisk>, segment_bytes: u64) -> Options {
    let mut options = Options::default();
    options.segment_bytes = segment_bytes;
    options.disk = Arc::clone(disk) as _;
    options
}

fn segment_bytes(dice: &mut Dice) -> u64 {
    dice.of(&[1, 350, 2_000, 9_000, 1 << 20])
}

/// A write or a sync that fails, having written all or nothing.
fn fault(dice: &mut Dice) -> Fault {
    let kind = dice.of(&[ErrorKind::Other, ErrorKind::StorageFull]);
    let (after, written) = (dice.place(40), dice.of(&[0, usize::MAX]));
    Fault { operations: Operations::Writing, after, kind, written, lasting: dice.percent(30) }
}

/// Makes a ledger in the folder `root` and lets some processes write to it, most of which are killed, or fail.
pub(crate) fn live(root: &Path, dice: &mut Dice) -> Arc<RecordingDisk> {
    let (path, disk) = (root.join("ledger"), RecordingDisk::new(root, Promised::default()));
    if dice.percent(10) {
        disk.kill_after(dice.place(20), dice.place(200));
    }
    if FileStore::create_on(&(Arc::clone(&disk) as _), &path, &identity()).is_err() {
        return disk;
    }
    disk.promise(|promised| promised.records = Some(0));
    for _ in 0..=dice.below(4) {
        match dice.below(10) {
            0..=5 => disk.kill_after(dice.place(40), dice.place(6_000)),
            6..=7 => disk.fail(fault(dice)),
            _ => {}
        }
        if let Ok(opened) = FileStore::open(&path, options(&disk, segment_bytes(dice))) {
            let times = 1 + dice.below(6);
            go_on(&disk, &path, (opened.store, opened.memory), times, dice);
        }
        disk.revive();
    }
    disk
}

/// Appends until all is done or the process was killed; remembers and keeps a checkpoint now and then.
fn go_on(
    disk: &Arc<RecordingDisk>,
    path: &Path,
    (mut store, mut memory): (FileStore, Option<Memory>),
    times: u64,
    dice: &mut Dice,
) {
    for _ in 0..times {
        let count = 1 + dice.below(5);
        let attempted = store.head().size + count;
        disk.promise(|promised| promised.attempted = promised.attempted.max(attempted));
        let Ok(head) = try_append(&mut store, count, payload) else { return };
        disk.promise(|promised| promised.records = Some(head.size));
        if dice.percent(40) && memory.as_mut().is_some_and(|it| remember(it, head, dice).is_err()) {
            // Whoever cannot write it down goes without.
            memory = None;
        }
        if dice.percent(25) {
            let checkpoint = signed(head.size, 1);
            let kept = KeptCheckpoints::on(Arc::clone(disk) as _, path).unwrap();
            if kept.keep(&checkpoint).is_err() {
                return;
            }
            let text = checkpoint.note().to_string();
            disk.promise(|promised| drop(promised.checkpoints.insert(head.size, text)));
        }
    }
}

/// The n-th block that is remembered: one for every second record.
fn block(n: u64) -> Vec<u8> {
    payload(n << 32)
}

fn remember(memory: &mut Memory, head: Head, dice: &mut Dice) -> Result<(), MemoryError> {
    // Now and then those that are there do not count any more.
    let keep = if dice.percent(20) { 0 } else { memory.blocks() };
    let blocks: Vec<_> = (keep as u64..head.size / 2).map(block).collect();
    let blocks: Vec<&[u8]> = blocks.iter().map(Vec::as_slice).collect();
    let (blocks, rest) = (&blocks[..], head.hash.as_bytes());
    memory.remember(&Remembered { head, version: VERSION, keep, blocks, rest, positions: &[] })
}

/// What is remembered is what was, at some time.
fn check_memory(memory: &Memory, size: u64) {
    let Some(head) = memory.head() else { return };
    assert!(head.size <= size, "{} are remembered of {size}", head.size);
    let (blocks, rest) = memory.recall(VERSION, Some).unwrap().expect("of that version");
    assert!(blocks == (0..head.size / 2).map(block).collect::<Vec<_>>());
    assert_eq!(rest, head.hash.as_bytes());
}

/// Leaves in a new folder what a crash may leave after some of the disk's steps, and lets a ledger live there that
/// crashes so many `times` more.
pub(crate) fn crash(disk: &RecordingDisk, before: &Promised, dice: &mut Dice, times: u32) {
    let steps = disk.steps();
    let taken = dice.place(steps.len() + 1);
    let wreck = Wreck::after(disk.begun(), before.clone(), &steps[..taken]);
    let left = scratch();
    wreck.leave(dice, left.path());
    survive(left.path(), &wreck.promised, dice, times);
}

/// Checks that all that was promised holds in what a crash left, and that writing goes on.
fn survive(root: &Path, promised: &Promised, dice: &mut Dice, times: u32) {
    let (path, disk) = (root.join("ledger"), RecordingDisk::new(root, promised.clone()));
    let Some(records) = promised.records else { return never_promised(&path) };
    // Who reads before anybody writes sees the same, and at worst the end of an append.
    let seen = audit(&path);
    let torn = seen.findings.iter().all(|(word, _)| *word == "torn-tail");
    assert!(torn && seen.findings.len() <= 1, "{:?}", seen.findings);
    let opened = FileStore::open(&path, options(&disk, segment_bytes(dice))).unwrap();
    let size = opened.store.head().size;
    assert_eq!(size, seen.sound.len() as u64);
    let possible = records..=promised.attempted;
    assert!(possible.contains(&size), "{size} records are there, and {possible:?} may be");
    if let Some(memory) = &opened.memory {
        check_memory(memory, size);
    }
    check_as(&path, size, payload);
    check_checkpoints(&path, promised);
    // What was found is now promised: it was made durable when the ledger was opened.
    disk.promise(|promised| promised.records = Some(size));
    let times_more = 1 + dice.below(2);
    go_on(&disk, &path, (opened.store, opened.memory), times_more, dice);
    check_as(&path, disk.promised().records.unwrap(), payload);
    if times > 0 {
        crash(&disk, promised, dice, times - 1);
    }
}

/// A creation that was not told to be done left a whole ledger, or a folder that says what it is.
fn never_promised(path: &Path) {
    match FileStore::open(path, Options::default()) {
        Ok(opened) => assert_eq!(opened.store.head().size, 0),
        Err(StoreError::NotALedger { .. } | StoreError::HalfCreated { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

fn check_checkpoints(path: &Path, promised: &Promised) {
    let all = KeptCheckpoints::of(path).unwrap().all().unwrap();
    for kept in &all {
        let note = kept.note.as_ref().expect("a checkpoint is there whole or not at all");
        assert_eq!(note.claimed().size(), kept.size);
    }
    for (size, text) in &promised.checkpoints {
        let kept = all.iter().find(|kept| kept.size == *size).expect("it was kept");
        assert_eq!(kept.note.as_ref().unwrap().note().to_string(), *text);
    }
}
