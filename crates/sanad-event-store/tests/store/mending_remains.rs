//! What a damaged log itself still holds, and claims to hold: used where the chain proves it, and never cut on a guess.

use std::fs;
use std::path::Path;

use sanad_audit_log::{Sequence, layout};
use sanad_event_store::{Origin, SEGMENT_HEADER};

use crate::mending::{bytes, good, mend, mend_with};
use crate::testlog::{TestLedger, alter, check, other_identity};

/// The length of a record here, in bytes.
const RECORD: usize = layout::MIN_RECORD + "entry 0".len();

/// Where the n-th record of a segment begins.
fn place(n: usize) -> usize {
    SEGMENT_HEADER + n * RECORD
}

/// Six appends of one record each in one segment, and the same with record 1 altered.
fn one_damaged() -> (TestLedger, TestLedger) {
    let whole = TestLedger::with(&[1; 6], 1 << 20);
    assert_eq!(bytes(&whole.segments()[0]).len(), place(6));
    let damaged = whole.copy();
    alter(&damaged.segments()[0], |log| log[place(1) + layout::HEADER_SIZE] ^= 1);
    (whole, damaged)
}

/// The file that is named after record 3, behind the only segment.
fn stray(ledger: &TestLedger) -> std::path::PathBuf {
    ledger.at("log/00000000000000000003.seg")
}

/// Writes records of `whole` into a file named after record 3 whose header is gone.
fn write_stray(ledger: &TestLedger, whole: &TestLedger, records: std::ops::Range<usize>) {
    let log = bytes(&whole.segments()[0]);
    let records = &log[place(records.start)..place(records.end)];
    let header = [0x5a; SEGMENT_HEADER - layout::HASH_SIZE];
    let before = &log[place(2) - layout::HASH_SIZE..place(2)];
    fs::write(stray(ledger), [&header, before, records].concat()).unwrap();
}

/// It is said that nothing can be done, from this record on, and nothing is done.
fn is_left(ledger: &TestLedger, copy: &TestLedger, from: u64) {
    let before = (ledger.log_bytes(), ledger.segments());
    let (plan, files) = mend(ledger, Some(copy));
    assert_eq!((plan.lacks.len(), plan.mends.len(), files.len()), (1, 0, 0), "{plan:?}");
    assert_eq!(plan.lacks[0].sequence, Sequence::new(from));
    assert_eq!((ledger.log_bytes(), ledger.segments()), before);
}

/// It becomes what `whole` is, and what stood in its place is aside.
fn becomes_whole(ledger: &TestLedger, copy: &TestLedger, whole: &TestLedger) {
    let (plan, _) = mend(ledger, Some(copy));
    assert_eq!((plan.lacks.len(), plan.tail), (0, 0), "{plan:?}");
    assert_eq!(ledger.log_bytes(), whole.log_bytes());
    assert!(!ledger.aside().is_empty());
}

#[test]
fn a_segment_cut_within_its_header_is_missing_and_only_the_last_of_several_was_just_begun() {
    let good = good();
    let cut = |path: &Path| alter(path, |log| log.truncate(SEGMENT_HEADER - 1));
    for n in 0..3 {
        let ledger = good.copy();
        cut(&ledger.segments()[n]);
        let (plan, files) = mend(&ledger, None);
        assert_eq!((plan.lacks.len(), plan.tail, files.len()), (1, 0, 0), "{n}: {plan:?}");
        assert_eq!(plan.lacks[0].sequence, Sequence::new(2 * n as u64));
        becomes_whole(&ledger, &good, &good);
    }
    let ledger = good.copy();
    cut(&ledger.segments()[3]);
    let (plan, files) = mend(&ledger, None);
    let tail = SEGMENT_HEADER as u64 - 1;
    assert_eq!((plan.lacks.len(), plan.tail, files.len()), (0, tail, 0), "{plan:?}");
    // The only one of a ledger was durable before there was a ledger.
    let (only, ledger) = (TestLedger::with(&[2], 1), TestLedger::with(&[2], 1));
    cut(&ledger.segments()[0]);
    let (plan, files) = mend(&ledger, None);
    assert_eq!((plan.lacks.len(), plan.tail, files.len()), (1, 0, 0), "{plan:?}");
    let head = only.reader().head().unwrap();
    let (plan, _) = mend_with(&ledger, Some(&only), &|it| it == head).unwrap();
    assert_eq!((plan.head, ledger.log_bytes()), (head, only.log_bytes()));
}

#[test]
fn a_segment_that_goes_on_into_the_middle_of_the_next_ends_where_the_next_begins() {
    let (good, ledger) = (good(), good());
    let segments = ledger.segments();
    let next = bytes(&segments[1]);
    alter(&segments[0], |log| log.extend_from_slice(&next[place(0)..place(1)]));
    let (plan, files) = mend(&ledger, None);
    assert_eq!((plan.lacks.len(), files.len(), plan.head.size), (0, 1, 8), "{plan:?}");
    let [run] = &plan.mends[0].runs[..] else { panic!("{plan:?}") };
    assert_eq!((run.records.clone(), run.origin), (0..2, Origin::Own(Sequence::new(0))));
    assert_eq!(ledger.log_bytes(), good.log_bytes());
}

#[test]
fn an_end_of_zeros_behind_damage_is_not_cut_for_want_of_anything_that_can_be_read_in_it() {
    let (whole, ledger) = one_damaged();
    alter(&ledger.segments()[0], |log| log[place(4)..].fill(0));
    is_left(&ledger, &whole, 4);
    let head = whole.reader().head().unwrap();
    let (plan, _) = mend_with(&ledger, Some(&whole), &|it| it == head).unwrap();
    assert_eq!((plan.head, ledger.log_bytes()), (head, whole.log_bytes()));
}

#[test]
fn a_last_record_that_is_altered_is_not_cut_with_the_damage_before_it() {
    let (whole, ledger) = one_damaged();
    alter(&ledger.segments()[0], |log| log[place(5) + layout::HEADER_SIZE] ^= 1);
    is_left(&ledger, &whole, 5);
}

#[test]
fn what_is_put_aside_with_damage_is_a_strangers_file_and_never_one_that_cannot_be_read() {
    let mut other = TestLedger::of(&other_identity());
    other.segment_bytes = 1;
    let foreign = bytes(&other.segments()[0]);
    let (whole, ledger) = one_damaged();
    fs::write(stray(&ledger), foreign).unwrap();
    becomes_whole(&ledger, &whole, &whole);
    assert_eq!(ledger.segments().len(), 1);
    // Of a version that nobody knows yet.
    let (whole, ledger) = one_damaged();
    let mut later = bytes(&whole.segments()[0]);
    later[8] = 2;
    fs::write(stray(&ledger), later).unwrap();
    is_left(&ledger, &whole, 6);
    // The system says that it is a folder.
    let (whole, ledger) = one_damaged();
    fs::create_dir(stray(&ledger)).unwrap();
    let (plan, files) = mend(&ledger, Some(&whole));
    assert_eq!((plan.lacks.len(), plan.mends.len(), files.len()), (1, 0, 0), "{plan:?}");
    assert!(stray(&ledger).is_dir());
}

#[test]
fn a_segment_that_was_just_begun_keeps_nothing_before_it_from_being_mended() {
    let (whole, ledger) = one_damaged();
    fs::write(ledger.at("log/00000000000000000006.seg"), "SANADS").unwrap();
    becomes_whole(&ledger, &whole, &whole);
    check(ledger.path(), 6);
}

#[test]
fn a_file_without_a_header_whose_name_is_too_small_still_gives_its_records() {
    let (good, ledger) = (good(), good());
    let segments = ledger.segments();
    alter(&segments[1], |log| log[..SEGMENT_HEADER - layout::HASH_SIZE].fill(0x5a));
    fs::rename(&segments[1], ledger.at("log/00000000000000000001.seg")).unwrap();
    let (plan, _) = mend(&ledger, None);
    assert_eq!(plan.lacks, [], "{plan:?}");
    assert_eq!(ledger.log_bytes(), good.log_bytes());
}

#[test]
fn a_record_speaks_for_a_place_that_a_segment_reaches_from_what_was_found_and_for_none_beyond() {
    // Six records are good with the copy's, and nine were found; a segment has room for 65,536 more.
    let nearest_beyond = 6 + 9 + 65_536_u64;
    for (claimed, is_heard) in [(nearest_beyond - 1, true), (nearest_beyond, false)] {
        let (whole, ledger) = one_damaged();
        write_stray(&ledger, &whole, 2..5);
        alter(&stray(&ledger), |log| {
            log[place(0) + layout::SEQUENCE.offset..][..8].copy_from_slice(&claimed.to_le_bytes());
        });
        if is_heard {
            is_left(&ledger, &whole, 6);
        } else {
            becomes_whole(&ledger, &whole, &whole);
        }
    }
}
