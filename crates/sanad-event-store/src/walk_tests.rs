//! What a look at a segment is sure of, and what a later append looks like.

use std::fs;

use sanad_audit_log::{ChainHash, EntryId, LedgerId, Sealer, Sequence, Unsealed};
use uuid::Uuid;

use super::*;

const CREATED_AT_US: i64 = 1_000_000;
/// How long each record is here, in bytes.
const RECORD: usize = layout::MIN_RECORD + 1;

fn header() -> SegmentHeader {
    let (ledger_id, previous) = (LedgerId::new(Uuid::max()), ChainHash::from_bytes([7; 32]));
    SegmentHeader { ledger_id, first: Sequence::new(5), previous }
}

/// A segment of records with these ids, barriers and times behind the creation.
fn segment(records: &[(u128, bool, i64)]) -> Vec<u8> {
    segment_of(records, b"1")
}

/// As [`segment`], all with this payload.
fn segment_of(records: &[(u128, bool, i64)], payload: &[u8]) -> Vec<u8> {
    let mut bytes = header().encode().to_vec();
    let mut sealer = Sealer::new(header().begins(), None);
    for &(id, barrier, behind_us) in records {
        let entry_id = EntryId::new(Uuid::from_u128(id));
        let (recorded_at_us, payload_schema) = (CREATED_AT_US + behind_us, 1);
        let author = None;
        let unsealed =
            Unsealed { entry_id, recorded_at_us, payload_schema, payload, author, barrier };
        sealer.seal(&unsealed, &mut bytes).unwrap();
    }
    bytes
}

fn is_sure(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("segment");
    fs::write(&path, bytes).unwrap();
    let file = Source::open(&crate::disk::os(), &path).unwrap();
    is_surely_not_torn(file, bytes.len() as u64, &header(), CREATED_AT_US).unwrap()
}

#[test]
fn it_is_sure_of_a_segment_whose_last_append_is_linked_whatever_is_in_those_before() {
    assert!(is_sure(&segment(&[])));
    assert!(is_sure(&segment(&[(1, true, 0)])));
    // Only an append's first record need have an id to be taken for a later one.
    let mut whole = segment(&[(1, true, 0), (2, true, 0), (0, false, 5), (3, true, 9)]);
    assert!(is_sure(&whole));
    assert!(is_sure(&segment(&[(1, true, 0), (2, true, LATER_AT_MOST_US)])));
    // Damage that does not look torn is found by whoever reads all.
    whole[SEGMENT_HEADER + layout::HEADER_SIZE] ^= 1;
    assert!(is_sure(&whole));
}

#[test]
fn it_goes_back_for_a_last_append_that_is_longer_than_what_is_read_at_once() {
    let records: Vec<_> = (1..60).map(|id| (id, id < 3, 0)).collect();
    let mut whole = segment_of(&records, &[0xa5; 60_000]);
    assert!(is_sure(&whole));
    let last_begins = SEGMENT_HEADER + layout::MIN_RECORD + 60_000;
    whole[last_begins + layout::HEADER_SIZE] ^= 1;
    assert!(!is_sure(&whole));
}

#[test]
fn it_is_not_sure_where_a_writer_might_cut() {
    let whole = segment(&[(1, true, 0), (2, false, 0), (3, true, 9), (4, false, 9)]);
    let place = |n: usize| SEGMENT_HEADER + n * RECORD;
    assert!(is_sure(&whole));
    for n in [2, 3] {
        let mut altered = whole.clone();
        altered[place(n) + layout::HEADER_SIZE] ^= 1;
        assert!(!is_sure(&altered), "record {n} of the last append is altered");
    }
    for n in 0..4 {
        let mut altered = whole.clone();
        altered[place(n) + layout::SEQUENCE.offset] ^= 1;
        assert!(!is_sure(&altered), "record {n} has another sequence");
    }
    assert!(!is_sure(&whole[..whole.len() - 1]));
    assert!(!is_sure(&[&whole[..], &[0]].concat()));
    // What acknowledged_behind takes for no later append: one without an id, or of another time.
    assert!(!is_sure(&segment(&[(1, true, 0), (0, true, 9)])));
    assert!(!is_sure(&segment(&[(1, true, 0), (2, true, LATER_AT_MOST_US + 1)])));
    assert!(!is_sure(&segment(&[(1, true, -1)])));
}

#[test]
fn a_later_append_has_a_length_and_an_id_that_a_record_can_have() {
    let is_whole = |length: usize, id: u8| {
        let mut header = [0; layout::HEADER_SIZE];
        header[layout::VERSION.offset] = layout::VERSION_1;
        header[layout::FLAGS.offset] = layout::FLAG_BARRIER;
        header[layout::LENGTH.offset..][..2].copy_from_slice(&(length as u16).to_le_bytes());
        header[layout::ENTRY_ID.offset + 15] = id;
        Barrier::at(&header).unwrap().is_whole()
    };
    assert!(is_whole(layout::MIN_RECORD, 1));
    assert!(!is_whole(layout::MIN_RECORD - 1, 1));
    assert!(!is_whole(layout::MIN_RECORD, 0));
}
