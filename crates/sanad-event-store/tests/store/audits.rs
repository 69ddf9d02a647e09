//! What an audit says of damage, exactly: which bytes, which record, and where the log goes on.

use std::fs;

use sanad_audit_log::{ChainHash, Head, Sealer, Sequence, Unsealed, layout};
use sanad_event_store::{
    Damage, EventStore, RecordStream, SEGMENT_HEADER, ScanItem, SealedBatch, StoreError, TornTail,
};

use crate::testlog::{
    TestLedger, alter, append, audit, drain, entry_id, identity, payload, payload_of, payloads,
    sealed, sealed_with, time_us,
};

/// How long each record of a test ledger is whose number has one digit.
const RECORD: usize = layout::MIN_RECORD + "entry 0".len();

/// Everything but records that a scan comes upon.
fn damages(ledger: &TestLedger) -> Vec<Damage> {
    let mut scan = ledger.reader().scan().unwrap();
    let mut damages = Vec::new();
    while let Some(item) = scan.next_item() {
        match item {
            ScanItem::Damage(damage) => damages.push(damage),
            ScanItem::Records(_) => {}
            other => panic!("{other:?}"),
        }
    }
    damages
}

#[test]
fn damage_is_told_by_its_bytes_and_by_the_head_from_which_the_log_goes_on() {
    let ledger = TestLedger::with(&[2, 2, 2, 1], 1 << 20);
    let place = |n: usize| SEGMENT_HEADER + n * RECORD;
    alter(&ledger.segments()[0], |log| log[place(2)..place(4) - 32].fill(0xee));
    let log = fs::read(&ledger.segments()[0]).unwrap();
    let hash = *log[place(4) - 32..].first_chunk().unwrap();
    let resumes = Head { size: 4, hash: ChainHash::from_bytes(hash) };
    let (segment, expected) = (Sequence::FIRST, Sequence::new(2));
    let (offset, length) = (place(2) as u64, 2 * RECORD as u64);
    let damage = Damage { segment, offset, length, expected, resumes: Some(resumes) };
    assert_eq!(damages(&ledger), [damage]);
}

/// Its header says nothing, but the one behind it follows its last bytes, and so does the end of the log.
#[test]
fn a_record_whose_sequence_was_altered_is_told_as_that_record_and_not_as_bytes_that_are_none() {
    let ledger = TestLedger::with(&[2, 2, 2], 1 << 20);
    alter(&ledger.segments()[0], |log| {
        log[SEGMENT_HEADER + 2 * RECORD + layout::SEQUENCE.offset] ^= 0x40;
    });
    let seen = audit(ledger.path());
    assert_eq!(seen.findings, [("chain-sequence-break", 2)]);
    assert_eq!(seen.sound.len(), 5);
}

/// What stands out of its place is believed only together with the record behind it: here that one is damaged too.
#[test]
fn a_record_out_of_its_place_before_a_damaged_one_is_part_of_the_damage() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    let place = |n: usize| SEGMENT_HEADER + n * RECORD;
    let head = ledger.reader().head().unwrap();
    let mut behind = sealed(&mut Sealer::new(Head { size: 5, ..head }, None), 3);
    behind[RECORD + layout::HEADER_SIZE] ^= 1;
    alter(&ledger.segments()[0], |log| log.extend_from_slice(&behind));
    let found = damages(&ledger);
    let places: Vec<_> = found
        .iter()
        .map(|it| (it.offset as usize, it.length as usize, it.resumes.map(|head| head.size)))
        .collect();
    assert_eq!(places, [(place(2), 2 * RECORD, Some(7))]);
}

#[test]
fn a_segment_too_short_for_a_header_is_a_torn_tail_only_where_it_is_the_last_of_several() {
    let several = TestLedger::with(&[2, 2, 2], 1);
    for (n, expected) in [(0, ("header", 0)), (1, ("header", 2)), (2, ("torn-tail", 4))] {
        let ledger = several.copy();
        alter(&ledger.segments()[n], |bytes| bytes.truncate(50));
        assert_eq!(audit(ledger.path()).findings[0], expected);
    }
    let only = TestLedger::with(&[2], 1 << 20);
    alter(&only.segments()[0], |bytes| bytes.truncate(50));
    assert_eq!(audit(only.path()).findings, [("header", 0)]);
}

/// Damage at a segment's end explains that records are missing before the next one, and nothing else.
#[test]
fn a_segment_of_another_history_behind_damage_is_told_beside_it() {
    let (ledger, other) = (TestLedger::with(&[2, 2], 1), TestLedger::rolling_at(1));
    let mut store = other.open().store;
    for _ in 0..2 {
        let (epoch, head) = (store.epoch(), store.head());
        let bytes = sealed_with(&mut store.sealer(), 2, |n| format!("other {n}").into_bytes());
        let batch = SealedBatch::following(head, &bytes).unwrap();
        store.append(epoch, head, &batch).unwrap();
    }
    drop(store);
    fs::copy(&other.segments()[1], &ledger.segments()[1]).unwrap();
    alter(&ledger.segments()[0], |bytes| bytes.extend_from_slice(&[0xee; 40]));
    assert_eq!(audit(ledger.path()).findings, [("damage", 2), ("previous", 2)]);
}

#[test]
fn a_writer_that_closed_the_ledger_while_its_end_was_read_still_counts() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    let opened = ledger.open();
    alter(&ledger.segments()[0], |bytes| bytes.extend_from_slice(&[0xee; 40]));
    let mut scan = ledger.reader().scan().unwrap();
    assert!(matches!(scan.next_item(), Some(ScanItem::Records(_))));
    drop(opened);
    let Some(ScanItem::TornTail(torn)) = scan.next_item() else { panic!("no torn tail") };
    let offset = (SEGMENT_HEADER + 2 * RECORD) as u64;
    let (segment, expected) = (Sequence::FIRST, Sequence::new(2));
    assert_eq!(torn, TornTail { segment, offset, length: 40, expected, writer_active: true });
    let mut scan = ledger.reader().scan().unwrap();
    scan.next_item();
    let Some(ScanItem::TornTail(torn)) = scan.next_item() else { panic!("no torn tail") };
    assert!(!torn.writer_active);
}

/// No later append is recorded before the last record. So what looks like one from before it, in the bytes of an append
/// that did not finish, does not make damage of them.
#[test]
fn what_was_recorded_before_the_last_record_is_no_later_append_to_a_reader() {
    let ledger = TestLedger::with(&[2, 2], 1 << 20);
    let head = ledger.reader().head().unwrap();
    let size = ledger.segments().iter().map(|path| fs::read(path).unwrap().len()).sum::<usize>();
    for (recorded, ends) in [(0, true), (3, false)] {
        let torn = ledger.copy();
        let unsealed = Unsealed {
            entry_id: entry_id(4),
            recorded_at_us: time_us(recorded),
            payload_schema: 1,
            payload: &payload(4),
            author: None,
            barrier: true,
        };
        let mut later = vec![0xee; 80];
        Sealer::new(head, None).seal(&unsealed, &mut later).unwrap();
        alter(&torn.segments()[0], |bytes| bytes.extend_from_slice(&later));
        let mut records = torn.reader().records(0..5).unwrap();
        let mut read = Vec::new();
        let error = loop {
            match records.next_record() {
                Ok(Some(raw)) => read.push(payload_of(raw)),
                Ok(None) => panic!("the log has no five records"),
                Err(error) => break error,
            }
        };
        assert_eq!(read, payloads(0..4));
        match error {
            StoreError::OutOfRange { asked: 5, size: 4 } => assert!(ends),
            StoreError::Damaged { offset, .. } => assert_eq!((ends, offset), (false, size as u64)),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn records_behind_damage_are_read_and_records_in_it_never() {
    let ledger = TestLedger::with(&[2, 2, 2], 1 << 20);
    let place = |n: usize| SEGMENT_HEADER + n * RECORD;
    alter(&ledger.segments()[0], |log| log[place(1)..place(3) - 32].fill(0xee));
    let read = |from, to| drain(&mut ledger.reader().records(from..to).unwrap());
    assert_eq!(read(3, 6).unwrap(), payloads(3..6));
    for from in [0, 1, 2] {
        assert!(matches!(read(from, 6), Err(StoreError::Damaged { sequence, .. })
            if sequence.get() == 1));
    }
}

#[test]
fn a_segment_is_full_when_more_would_make_it_longer_than_asked_and_never_without_a_record() {
    let two = (SEGMENT_HEADER + 2 * RECORD) as u64;
    for (segment_bytes, segments) in [(two, 2), (two - 1, 4), (1, 4)] {
        let ledger = TestLedger::rolling_at(segment_bytes);
        let mut store = ledger.open().store;
        for _ in 0..4 {
            append(&mut store, 1);
        }
        assert_eq!(ledger.segments().len(), segments, "{segment_bytes}");
    }
    let mut sealer = Sealer::new(Head::empty(identity().genesis()), None);
    assert_eq!(sealed(&mut sealer, 1).len(), RECORD);
}
