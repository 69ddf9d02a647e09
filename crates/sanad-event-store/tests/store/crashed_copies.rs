//! A crash or a power cut after any step of a backup or a repair, with any part of what was not durable left.
//!
//! `SANAD_CRASHED_COPIES` sets how many states are tried of each: 300 unless said otherwise, 5,000 with `SANAD_LONG=1`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_event_store::{FileReader, Mender, Options, StoreError, restore};

use crate::backups::{back_up_on, log, marked};
use crate::crash_points::{Promised, RecordingDisk, Wreck};
use crate::mending::{Copy, bytes, good, mend};
use crate::mending_cut_short::{battered, segments};
use crate::testlog::{Dice, TestLedger, append, check, copy_into, scratch};

fn states() -> u64 {
    let usual = if std::env::var_os("SANAD_LONG").is_some() { 5_000 } else { 300 };
    std::env::var("SANAD_CRASHED_COPIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn options(disk: &Arc<RecordingDisk>) -> Options {
    let mut options = Options::default();
    options.disk = Arc::clone(disk) as _;
    options
}

/// What a crash may leave after some of the disk's steps, with what was promised by then.
fn left_by_a_crash(disk: &RecordingDisk, seed: u64) -> (tempfile::TempDir, Promised) {
    let (mut dice, steps) = (Dice::new(seed), disk.steps());
    let taken = dice.place(steps.len() + 1);
    let wreck = Wreck::after(disk.begun(), Promised::default(), &steps[..taken]);
    let left = scratch();
    wreck.leave(&mut dice, left.path());
    (left, wreck.promised)
}

/// What a backup that finished holds is durable, whatever becomes of the one after it.
#[test]
fn whatever_a_crash_leaves_of_a_backup_what_finished_is_there_and_the_next_goes_on() {
    let first = TestLedger::with(&[2, 2, 1], 350);
    let grown = first.copy();
    for count in [1, 2, 3] {
        append(&mut grown.open().store, count);
    }
    let root = scratch();
    let disk = RecordingDisk::new(root.path(), Promised::default());
    for ledger in [&first, &grown] {
        let copied =
            back_up_on(options(&disk), ledger.path(), &root.path().join("backup")).unwrap();
        disk.promise(|promised| promised.records = Some(copied.head.size));
    }
    let mut unfinished = 0;
    for seed in 0..states() {
        let (left, promised) = left_by_a_crash(&disk, seed);
        let path = left.path().join("backup");
        match (FileReader::open(&path), promised.records) {
            (Err(StoreError::UnfinishedBackup { .. } | StoreError::NotALedger { .. }), None) => {
                unfinished += 1;
            }
            (opened, records) => holds(&path, &opened.unwrap(), records.unwrap_or(0), seed),
        }
        let copied = back_up_on(Options::default(), grown.path(), &path).unwrap();
        assert_eq!(log(grown.path()), log(&path), "seed {seed}");
        assert_eq!((marked(&path), copied.head.size), (copied.head, 11));
    }
    println!(
        "{} states, {unfinished} of them of a first backup that is known not to be done",
        states()
    );
    assert!(unfinished > 10);
}

/// What is there is a beginning of the history, as long as was promised at least, and can be restored.
fn holds(path: &Path, opened: &FileReader, records: u64, seed: u64) {
    let sound = opened.sound_log(&mut |_| {}).unwrap();
    let size = sound.head().size;
    assert_eq!(sound.unsound(), None, "seed {seed}");
    assert!(size >= marked(path).size && marked(path).size >= records, "seed {seed}");
    let home = scratch();
    let again = home.path().join("again");
    restore(opened, &sound, &again, &Options::default(), &mut |_| {}).unwrap();
    check(&again, size);
}

#[test]
fn whatever_a_crash_leaves_of_a_repair_every_segment_is_the_old_or_the_new() {
    let good = good();
    let (root, ledger) = (scratch(), battered(&good));
    let path = root.path().join("ledger");
    fs::create_dir(&path).unwrap();
    copy_into(ledger.path(), &path);
    let damaged = bytes(&segments(&ledger)[0]);
    let disk = RecordingDisk::new(root.path(), Promised::default());
    let (mender, mut donor) = (Mender::open(&path, options(&disk)).unwrap(), Copy::of(&good));
    let plan = mender.plan(Some(&mut donor), &|_| false, &mut |_| {}).unwrap();
    mender.carry_out(&plan, Some(&mut donor)).unwrap();
    disk.promise(|promised| promised.records = Some(8));
    let mut whole = 0;
    for seed in 0..states() {
        let (left, promised) = left_by_a_crash(&disk, seed);
        let ledger = TestLedger::new();
        fs::remove_dir_all(ledger.path()).unwrap();
        fs::create_dir(ledger.path()).unwrap();
        copy_into(&left.path().join("ledger"), ledger.path());
        let theirs = |path: &PathBuf| bytes(&good.at("log").join(path.file_name().unwrap()));
        for path in segments(&ledger) {
            let found = bytes(&path);
            assert!(found == damaged || found == theirs(&path), "seed {seed}: {path:?}");
        }
        let in_place = bytes(&segments(&ledger)[0]) == damaged;
        assert!(in_place || ledger.aside().contains(&damaged), "seed {seed}: it was deleted");
        if promised.records.is_some() {
            assert_eq!(ledger.log_bytes(), good.log_bytes());
            whole += 1;
        }
        mend(&ledger, Some(&good));
        check(ledger.path(), 8);
    }
    println!("{} states, {whole} of them after the end", states());
    assert!(whole > 0);
}
