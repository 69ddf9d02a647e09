//! Appends that did not finish: cut at open, kept aside, and nothing acknowledged is lost.

use std::fs;

use sanad_audit_log::{Unsealed, layout};
use sanad_event_store::{EventStore, SEGMENT_HEADER, SealedBatch, StoreError};

use crate::testlog::{
    TestLedger, alter, append, audit, check, entry_id, identity, payload, payloads, try_append,
};

/// A log whose last append has three records, with the length before it and after it in bytes.
fn log_with_a_last_append(segment_bytes: u64) -> (TestLedger, usize, usize) {
    let ledger = TestLedger::with(&[2, 1], segment_bytes);
    let last = || fs::read(ledger.segments().pop().unwrap()).unwrap().len();
    let before = last();
    append(&mut ledger.open().store, 3);
    ledger.forget();
    let after = last();
    (ledger, before, after)
}

/// Opens a ledger whose last append was torn to `torn`; that cuts it, and the ledger goes on.
fn is_cut_and_goes_on(ledger: &TestLedger, before: usize, torn: &[u8], acknowledged: u64) {
    let path = ledger.segments().pop().unwrap();
    let opened = ledger.open();
    let whole = opened.store.head().size - acknowledged;
    let cut = match opened.recovery {
        Some(recovery) => {
            assert_eq!(recovery.after, opened.store.head());
            let kept = fs::read(&recovery.kept_as).unwrap();
            assert_eq!(kept.len() as u64, recovery.cut_bytes);
            assert_eq!(ledger.aside(), std::slice::from_ref(&kept));
            kept
        }
        None => Vec::new(),
    };
    let log = fs::read(&path).unwrap();
    assert_eq!([&log[before..], &cut].concat(), torn, "whole records stay, the rest is aside");
    let mut store = opened.store;
    append(&mut store, 2);
    drop(store);
    check(ledger.path(), acknowledged + whole + 2);
}

#[test]
fn a_log_cut_at_any_byte_of_its_last_append_opens_with_all_that_was_acknowledged() {
    let (ledger, before, after) = log_with_a_last_append(1 << 20);
    for length in before..=after {
        let torn = ledger.copy();
        alter(&torn.segments()[0], |log| log.truncate(length));
        let rest = fs::read(&torn.segments()[0]).unwrap()[before..].to_vec();
        let seen = audit(torn.path());
        let whole = seen.sound.len() as u64;
        assert_eq!(seen.sound, payloads(0..whole));
        assert!(whole >= 3);
        let ends_within = length != before && whole < 6 && !is_record_end(&rest);
        let expected = if ends_within { vec![("torn-tail", whole)] } else { vec![] };
        assert_eq!(seen.findings, expected, "cut at {length}");
        assert_eq!(torn.reader().head().unwrap(), seen.head);
        is_cut_and_goes_on(&torn, before, &rest, 3);
    }
}

/// Whether these bytes, which begin with a record, end with one.
fn is_record_end(bytes: &[u8]) -> bool {
    let length = usize::from(u16::from_le_bytes([bytes[0], *bytes.get(1).unwrap_or(&1)]));
    bytes.len().is_multiple_of(length)
}

#[test]
fn an_append_whose_end_is_zeros_is_cut_where_the_zeros_begin_to_matter() {
    // Some file systems make a file longer first and write what is in it later.
    let (ledger, before, after) = log_with_a_last_append(1 << 20);
    for from in before..after {
        let torn = ledger.copy();
        alter(&torn.segments()[0], |log| log[from..].fill(0));
        let rest = fs::read(&torn.segments()[0]).unwrap()[before..].to_vec();
        let whole = ((from - before) / ((after - before) / 3)) as u64;
        let seen = audit(torn.path());
        assert_eq!(seen.sound, payloads(0..3 + whole), "zeros from {from}");
        assert_eq!(seen.findings, [("torn-tail", 3 + whole)], "zeros from {from}");
        is_cut_and_goes_on(&torn, before, &rest, 3);
    }
}

#[test]
fn an_append_with_a_hole_of_zeros_is_cut_from_the_hole_on() {
    // The parts of a write reach the disk in any order.
    let (ledger, before, after) = log_with_a_last_append(1 << 20);
    let record = (after - before) / 3;
    for from in before..after - 8 {
        let torn = ledger.copy();
        alter(&torn.segments()[0], |log| log[from..from + 8].fill(0));
        let rest = fs::read(&torn.segments()[0]).unwrap()[before..].to_vec();
        if rest == fs::read(&ledger.segments()[0]).unwrap()[before..] {
            continue;
        }
        let seen = audit(torn.path());
        let [("torn-tail", place)] = seen.findings[..] else { panic!("{from}: {seen:?}") };
        assert!(place as usize * record <= 3 * record + (from + 7 - before), "hole at {from}");
        is_cut_and_goes_on(&torn, before, &rest, 3);
    }
}

/// A power cut left zeros behind the bytes 1, 2, any two, 3 of a payload. They were taken for the version, the flags
/// and the sequence of a later append, and the log was refused as damaged though nothing acknowledged was.
#[test]
fn small_numbers_before_a_hole_of_zeros_are_no_later_append() {
    let ledger = TestLedger::with(&[2, 1], 1 << 20);
    let before = fs::read(&ledger.segments()[0]).unwrap().len();
    let payload = |_| [&[0x80, 0, 1, 2, 7, 7, 3][..], &[0xa5; 200]].concat();
    try_append(&mut ledger.open().store, 1, payload).unwrap();
    ledger.forget();
    let hole = before + layout::HEADER_SIZE + 7;
    for length in 7..200 {
        let torn = ledger.copy();
        alter(&torn.segments()[0], |log| log[hole..hole + length].fill(0));
        let rest = fs::read(&torn.segments()[0]).unwrap()[before..].to_vec();
        assert_eq!(audit(torn.path()).findings, [("torn-tail", 3)], "{length} zeros");
        is_cut_and_goes_on(&torn, before, &rest, 3);
    }
}

#[test]
fn what_looks_like_a_later_append_is_one_only_where_the_records_before_it_have_room() {
    let ledger = TestLedger::with(&[2, 1], 1 << 20);
    let log = fs::read(&ledger.segments()[0]).unwrap();
    // The header of the last append's record, at the end of room for four records.
    let header = &log[log.len() - layout::MIN_RECORD - payload(2).len()..][..layout::HEADER_SIZE];
    for (sequence, is_later) in [(3_u64, true), (7, true), (8, false), (1 << 40, false)] {
        let mut torn = vec![0; 4 * layout::MIN_RECORD];
        let looks = torn.last_chunk_mut::<{ layout::HEADER_SIZE }>().unwrap();
        looks.copy_from_slice(header);
        looks[layout::SEQUENCE.offset..][..8].copy_from_slice(&sequence.to_le_bytes());
        let ledger = ledger.copy();
        alter(&ledger.segments()[0], |log| log.extend_from_slice(&torn));
        let findings = audit(ledger.path()).findings;
        if is_later {
            assert!(matches!(ledger.try_open(), Err(StoreError::Damaged { .. })), "{sequence}");
            assert_eq!(findings, [("damage", 3)], "{sequence}");
        } else {
            assert_eq!(findings, [("torn-tail", 3)], "{sequence}");
            is_cut_and_goes_on(&ledger, log.len(), &torn, 3);
        }
    }
}

#[test]
fn zeros_behind_the_last_record_are_cut_however_many_there_are() {
    for zeros in [1, 69, 70, 38, 4096, 5 << 20] {
        let ledger = TestLedger::with(&[2, 1], 1 << 20);
        alter(&ledger.segments()[0], |log| log.resize(log.len() + zeros, 0));
        assert_eq!(audit(ledger.path()).findings, [("torn-tail", 3)]);
        let recovery = ledger.open().recovery.unwrap();
        assert_eq!((recovery.cut_bytes, recovery.after.size), (zeros as u64, 3));
        check(ledger.path(), 3);
    }
}

#[test]
fn each_torn_tail_is_kept_in_a_file_of_its_own() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    for tail in [b"first", b"other"] {
        alter(&ledger.segments()[0], |log| log.extend_from_slice(tail));
        assert_eq!(fs::read(ledger.open().recovery.unwrap().kept_as).unwrap(), tail);
    }
    assert_eq!(ledger.aside(), [b"first", b"other"]);
    fs::remove_dir_all(ledger.at("aside")).unwrap();
    alter(&ledger.segments()[0], |log| log.extend_from_slice(b"third"));
    assert!(ledger.open().recovery.is_some(), "a folder aside is made where there is none");
    assert_eq!(ledger.aside(), [b"third"]);
}

#[test]
fn a_segment_too_short_for_a_header_is_put_aside_and_begun_again() {
    let ledger = TestLedger::with(&[2, 1], 1);
    assert_eq!(ledger.segments().len(), 2);
    for length in 0..SEGMENT_HEADER {
        let torn = ledger.copy();
        let last = torn.segments().pop().unwrap();
        alter(&last, |bytes| bytes.truncate(length));
        let rest = fs::read(&last).unwrap();
        assert_eq!(audit(torn.path()).findings, [("torn-tail", 2)]);
        assert_eq!(torn.reader().head().unwrap().size, 2);
        let mut opened = torn.open();
        let recovery = opened.recovery.unwrap();
        assert_eq!((recovery.cut_bytes, recovery.after.size), (length as u64, 2));
        assert_eq!(torn.aside(), [rest]);
        append(&mut opened.store, 1);
        drop(opened.store);
        check(torn.path(), 3);
    }
}

#[test]
fn a_segment_whose_making_did_not_finish_is_no_segment_yet() {
    let ledger = TestLedger::with(&[2], 1);
    let unfinished = ledger.at("log/00000000000000000002.seg.tmp");
    fs::write(&unfinished, b"SANAD").unwrap();
    check(ledger.path(), 2);
    append(&mut ledger.open().store, 1);
    assert!(!unfinished.exists());
    check(ledger.path(), 3);
}

#[test]
fn a_torn_tail_under_a_begun_segment_was_acknowledged_and_is_not_cut() {
    // A segment is begun only when all before it is durable. This was once passed over where the
    // segment begun was itself too short to have a header.
    let ledger = TestLedger::with(&[2, 2, 1], 350);
    let segments = ledger.segments();
    assert_eq!(segments.len(), 2);
    let whole = fs::read(&segments[0]).unwrap();
    for (last_length, cut) in [(3, 1), (3, 80), (SEGMENT_HEADER, 1), (SEGMENT_HEADER, 80)] {
        alter(&segments[1], |bytes| bytes.resize(last_length, 0));
        fs::write(&segments[0], &whole[..whole.len() - cut]).unwrap();
        let before = ledger.log_bytes();
        assert!(ledger.try_open().is_err());
        assert_eq!(ledger.log_bytes(), before);
        assert!(ledger.aside().is_empty());
    }
}

#[test]
fn damage_under_a_segment_without_records_is_refused_by_the_writer() {
    // The last bytes of the segment before fit the next one's header; what is before them does not.
    let ledger = TestLedger::with(&[2, 2, 1], 350);
    let segments = ledger.segments();
    alter(&segments[1], |bytes| bytes.truncate(SEGMENT_HEADER));
    alter(&segments[0], |bytes| *bytes.iter_mut().rev().nth(layout::HASH_SIZE).unwrap() ^= 1);
    assert!(matches!(ledger.try_open(), Err(StoreError::Damaged { sequence, .. })
        if sequence.get() == 1));
}

/// Found by the fuzzing program `segment`: an audit took the last append's first record for a sign that nothing before
/// it is torn, whatever its time, and told of no torn tail where a writer cut one.
#[test]
fn an_audit_calls_torn_what_a_writer_cuts_though_the_last_append_is_older_than_the_ledger() {
    let created_at_us = identity().created_at_us();
    for (last_at_us, outcome) in [(created_at_us - 1, "torn-tail"), (created_at_us, "refused")] {
        let ledger = TestLedger::new();
        let mut store = ledger.open().store;
        for recorded_at_us in [last_at_us.min(created_at_us - 1), last_at_us] {
            let (epoch, head, mut bytes) = (store.epoch(), store.head(), Vec::new());
            let (entry_id, payload) = (entry_id(head.size), &payload(head.size));
            let (payload_schema, author, barrier) = (1, None, true);
            let unsealed =
                Unsealed { entry_id, recorded_at_us, payload_schema, payload, author, barrier };
            store.sealer().seal(&unsealed, &mut bytes).unwrap();
            store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap()).unwrap();
        }
        drop(store);
        ledger.forget();
        alter(&ledger.segments()[0], |log| log[SEGMENT_HEADER + 40] ^= 1);
        let findings = audit(ledger.path()).findings;
        assert_eq!(findings.contains(&("torn-tail", 0)), outcome == "torn-tail", "{findings:?}");
        assert!(!findings.is_empty());
        assert_eq!(ledger.try_open().is_ok(), outcome == "torn-tail");
    }
}
