//! Logs that are battered by chance, the same way every time, and mended.

use std::fs;
use std::path::Path;

use sanad_event_store::FileReader;

use crate::mending::{bytes, mend, mend_with};
use crate::testlog::{TestLedger, check, files_in, other_identity};

/// How many ledgers are battered: 200, 12,000 with `SANAD_LONG=1`, or as many as `SANAD_BATTERED` says.
fn ledgers() -> u64 {
    let usual = if std::env::var_os("SANAD_LONG").is_some() { 12_000 } else { 200 };
    std::env::var("SANAD_BATTERED").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Numbers that look random, from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        // Knuth's constants; the upper bits are the better ones.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most.max(1)
    }
}

/// Does one thing to a log that no program of ours does.
fn batter(log: &Path, stranger: &TestLedger, dice: &mut Dice) {
    let paths = files_in(log);
    if paths.is_empty() {
        return;
    }
    let path = &paths[dice.below(paths.len())];
    let mut all = bytes(path);
    let at = dice.below(all.len());
    match dice.below(11) {
        0 | 1 if !all.is_empty() => all[at] ^= 1 << dice.below(8),
        2 => {
            let end = (at + dice.below(120)).min(all.len());
            all[at..end].fill(0);
        }
        3 => all.truncate(at),
        4 => return fs::remove_file(path).unwrap(),
        5 => {
            let other = &paths[dice.below(paths.len())];
            let theirs = bytes(other);
            fs::write(other, all).unwrap();
            all = theirs;
        }
        6 => all.extend((0..dice.below(150)).map(|_| dice.0 as u8)),
        7 => drop(all.splice(at..at, [7; 9])),
        8 => all = bytes(&stranger.segments()[dice.below(4)]),
        9 => {
            let name = log.join(format!("{:020}.seg", dice.below(12)));
            return fs::rename(path, name).unwrap();
        }
        _ => {
            let name = log.join(format!("{:020}.seg", dice.below(12)));
            return fs::write(name, all).unwrap();
        }
    }
    fs::write(path, all).unwrap();
}

/// Every byte that stood in the log stands there or in `aside`.
fn nothing_was_deleted(ledger: &TestLedger, before: &[Vec<u8>]) {
    let aside = ledger.aside();
    let now: Vec<_> = ledger.segments().iter().map(|path| bytes(path)).collect();
    for file in before {
        assert!(aside.contains(file) || now.contains(file), "a file is gone");
    }
}

#[test]
fn whatever_is_done_to_a_log_a_good_copy_and_a_head_make_it_whole() {
    let good = TestLedger::with(&[2, 2, 1, 2, 1], 1);
    let longer = TestLedger::with(&[2, 2, 1, 2, 1], 400);
    let mut stranger = TestLedger::of(&other_identity());
    stranger.segment_bytes = 1;
    let mut store = stranger.open().store;
    for _ in 0..4 {
        crate::testlog::append(&mut store, 2);
    }
    drop(store);
    let (mut by_itself, mut from_copy, mut strayed) = (0, 0, 0);
    for seed in 0..ledgers() {
        let (mut dice, source) = (Dice(seed), if seed % 2 == 0 { &good } else { &longer });
        let ledger = source.copy();
        for _ in 0..=dice.below(3) {
            batter(&ledger.at("log"), &stranger, &mut dice);
        }
        let before: Vec<_> = ledger.segments().iter().map(|path| bytes(path)).collect();
        // By itself it may not become whole, and loses nothing.
        let (plan, _) = mend(&ledger, None);
        nothing_was_deleted(&ledger, &before);
        let head = good.reader().head().unwrap();
        let is_whole = plan.lacks.is_empty() && plan.head == head && plan.tail == 0;
        by_itself += u32::from(is_whole);
        if is_whole {
            check(ledger.path(), 8);
        }
        // With a copy it does. The segments of the copy may be others.
        let (plan, _) = mend_with(&ledger, Some(&good), &|it| it == head).unwrap();
        nothing_was_deleted(&ledger, &before);
        if !plan.lacks.is_empty() {
            // A file of which nothing can be read, and whose name speaks of records behind the end.
            let mut files = plan.lacks.iter().flat_map(|lack| &lack.segments);
            assert!(files.any(|(name, _)| name.get() >= 8), "seed {seed}: {plan:?}");
            strayed += 1;
            continue;
        }
        assert_eq!(plan.head, head, "seed {seed}");
        from_copy += u32::from(!is_whole);
        if plan.tail > 0 {
            drop(ledger.open());
        }
        let sound = FileReader::open(ledger.path()).unwrap().sound_log(&mut |_| {}).unwrap();
        assert_eq!((sound.head(), sound.unsound()), (head, None), "seed {seed}");
        ledger.forget();
        check(ledger.path(), 8);
    }
    println!(
        "{by_itself} whole by themselves, {from_copy} from a copy, {strayed} with a stray file"
    );
    assert!(by_itself > 20 && from_copy > 100, "{by_itself} {from_copy}");
}

/// Each part that was mended was once put in place before the next was written. So the second found that the file which
/// held its records was the first's by then.
#[test]
fn two_segments_that_were_exchanged_across_a_third_are_put_right() {
    let good = TestLedger::with(&[2, 2, 2, 2], 1);
    let ledger = good.copy();
    let [one, other] = [0, 2].map(|n| bytes(&ledger.segments()[n]));
    fs::write(&ledger.segments()[0], other).unwrap();
    fs::write(&ledger.segments()[2], one).unwrap();
    let (plan, files) = mend(&ledger, None);
    assert_eq!((plan.mends.len(), files.len(), plan.lacks.len()), (2, 2, 0));
    assert_eq!(ledger.log_bytes(), good.log_bytes());
}

/// A sequence that was altered once spoke of records far behind the end, and kept the whole segment from being mended.
#[test]
fn a_record_whose_sequence_was_altered_makes_no_claim_to_that_place() {
    let good = TestLedger::with(&[2, 2, 4], 1);
    let ledger = good.copy();
    let last = &ledger.segments()[2];
    crate::testlog::alter(last, |log| {
        log[104 + 77 + sanad_audit_log::layout::SEQUENCE.offset + 1] ^= 16
    });
    let (plan, _) = mend(&ledger, Some(&good));
    assert_eq!((plan.lacks.len(), plan.mends.len()), (0, 1), "{plan:?}");
    assert_eq!(ledger.log_bytes(), good.log_bytes());
}
