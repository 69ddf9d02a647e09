//! Stories of a chain: kept whole, altered, and walked to its end all the same.

mod testlog;

use proptest::prelude::*;
use sanad_audit_log::{
    AuthorKey, ChainFinding, ChainVerifier, Head, RawRecord, Record, RecordError, SealError,
    Sealer, Sequence, Unsealed, layout, linked_record_at,
};

use testlog::{chain, entry_id, identity, offsets, walk};

#[test]
fn an_untouched_chain_has_no_findings_and_ends_in_the_sealed_head() {
    let (log, head) = chain(&["open the pool", "declare 2000 MW", "", "grant 300 MW"]);
    assert_eq!(walk(&log), (head, vec![]));
}

#[test]
fn the_empty_ledger_ends_in_its_genesis() {
    assert_eq!(walk(&[]), (Head::empty(identity().genesis()), vec![]));
}

#[test]
fn entries_may_be_recorded_in_the_same_microsecond() {
    let (mut sealer, mut log) = (testlog::sealer(), Vec::new());
    for n in 0..2 {
        let (entry_id, payload, recorded_at_us) = (entry_id(n), b"act", testlog::time_us(0));
        let unsealed = Unsealed {
            entry_id,
            recorded_at_us,
            payload_schema: 0x0102,
            payload,
            author: None,
            barrier: true,
        };
        sealer.seal(&unsealed, &mut log).unwrap();
    }
    assert_eq!(walk(&log), (sealer.head(), vec![]));
    let (raw, _) = RawRecord::split(&log).unwrap();
    assert_eq!(Record::decode(raw).unwrap().payload_schema(), 0x0102);
}

#[test]
fn a_record_that_breaks_off_behind_its_length_is_told_how_long_it_should_be() {
    let found = RawRecord::split(&[200, 0]).unwrap_err();
    assert_eq!(found, RecordError::TooShort { have: 2, need: 200 });
    assert_eq!(RawRecord::split(&[200]).unwrap_err(), RecordError::TooShort { have: 1, need: 2 });
}

#[test]
fn a_verifier_goes_on_from_a_head_that_somebody_found() {
    let (log, head) = chain(&["a", "b", "c"]);
    let at = offsets(&log);
    let (first, _) = RawRecord::split(&log).unwrap();
    let mut verifier = ChainVerifier::new(&identity());
    verifier.check_raw(first).unwrap();
    let (second, _) = RawRecord::split(&log[at[1]..]).unwrap();
    let before = Head { size: 2, hash: Record::decode(second).unwrap().stored_hash() };
    verifier.resume_at(before);
    assert_eq!(verifier.head(), before);
    let (third, _) = RawRecord::split(&log[at[2]..]).unwrap();
    verifier.check_raw(third).unwrap();
    assert_eq!(verifier.head(), head);
}

#[test]
fn what_is_shown_of_a_record_is_its_header_and_of_a_key_its_public_half() {
    let (log, head) = chain(&["grant 300 MW to acme"]);
    let (raw, _) = RawRecord::split(&log).unwrap();
    assert_eq!(format!("{raw:?}"), format!("RawRecord({} bytes)", log.len()));
    let shown = format!("{:?}", Record::decode(raw).unwrap());
    assert!(shown.contains("payload_bytes: 20") && !shown.contains("acme"), "{shown}");
    assert_eq!(head.to_string(), format!("1 records ending in {}", head.hash));
    assert_eq!(Sequence::new(7).to_string(), "7");
    assert_eq!(entry_id(0).to_string(), "0197a3b0-5c1e-7d00-9000-000000000000");
    assert_eq!(entry_id(0).uuid().to_string(), entry_id(0).to_string());
    let ledger = identity().ledger_id();
    assert_eq!(ledger.uuid().to_string(), ledger.to_string());
    let seed = [7; 32];
    let (key, bytes) = (AuthorKey::from_seed(&seed), AuthorKey::from_seed(&seed).public());
    assert_eq!(format!("{key:?}"), format!("AuthorKey(public {bytes})"));
    let hex: String = bytes.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(bytes.to_string(), hex);
}

#[test]
fn a_changed_amount_is_one_finding_and_the_rest_is_still_proved() {
    let (mut log, head) = chain(&["grant 300 MW", "grant 200 MW", "grant 100 MW", "revoke"]);
    let at = offsets(&log)[1] + layout::HEADER_SIZE + 6;
    log[at] = b'9';
    let (reached, findings) = walk(&log);
    assert_eq!(reached, head);
    assert!(matches!(findings[..], [ChainFinding::HashMismatch { sequence, .. }]
        if sequence == Sequence::new(1)));
}

#[test]
fn a_damaged_chain_hash_is_one_finding_since_the_next_record_follows_what_it_should_have_been() {
    let (mut log, head) = chain(&["a", "b", "c"]);
    let at = offsets(&log)[2] - 1;
    log[at] ^= 1;
    let (reached, findings) = walk(&log);
    assert_eq!((reached, findings.len()), (head, 1));
}

#[test]
fn a_damaged_sequence_is_one_finding() {
    let (mut log, head) = chain(&["a", "b", "c", "d"]);
    let at = offsets(&log)[1] + layout::SEQUENCE.offset + 7;
    log[at] ^= 0x80;
    let (reached, findings) = walk(&log);
    let (expected, found) = (Sequence::new(1), Sequence::new(1 | 1 << 63));
    assert_eq!(reached, head);
    assert_eq!(findings, [ChainFinding::SequenceBreak { expected, found }]);
}

/// Behind the second of two bad records, what was expected was counted from what the first one stored, so that a
/// sound record behind them was a third finding.
#[test]
fn two_bad_records_in_a_row_are_two_findings() {
    type Change = fn(&mut [u8]);
    let sequence: Change = |record| record[layout::SEQUENCE.offset + 7] ^= 0x80;
    let payload: Change = |record| record[layout::HEADER_SIZE] ^= 1;
    let hash: Change = |record| *record.last_mut().unwrap() ^= 1;
    let changes = [
        ("both sequences", [sequence, sequence]),
        ("both hashes", [hash, hash]),
        ("a payload, then a hash", [payload, hash]),
        ("a hash, then a payload", [hash, payload]),
    ];
    for (name, [first, second]) in changes {
        let (mut log, head) = chain(&["a", "b", "c", "d", "e"]);
        let offsets = offsets(&log);
        first(&mut log[offsets[1]..offsets[2]]);
        second(&mut log[offsets[2]..offsets[3]]);
        let (reached, findings) = walk(&log);
        assert_eq!((reached, findings.len()), (head, 2), "{name}: {findings:?}");
    }
}

#[test]
fn a_record_taken_out_is_one_finding_that_names_the_gap() {
    let (mut log, head) = chain(&["a", "b", "c", "d"]);
    let offsets = offsets(&log);
    log.drain(offsets[1]..offsets[2]);
    let (reached, findings) = walk(&log);
    let (expected, found) = (Sequence::new(1), Sequence::new(2));
    assert_eq!(reached, head);
    assert_eq!(findings, [ChainFinding::SequenceBreak { expected, found }]);
}

#[test]
fn a_clock_that_went_back_once_is_one_finding() {
    let (mut sealer, mut log) = (testlog::sealer(), Vec::new());
    testlog::seal(&mut sealer, b"a", None, &mut log);
    // Whoever seals with another program can do what this sealer refuses.
    let mut careless = Sealer::new(sealer.head(), None);
    for recorded_at_us in [5, 6] {
        let unsealed = Unsealed { recorded_at_us, ..unsealed(b"b") };
        careless.seal(&unsealed, &mut log).unwrap();
    }
    let (reached, findings) = walk(&log);
    assert_eq!(reached, careless.head());
    assert!(matches!(findings[..], [ChainFinding::TimeBackwards { found_us: 5, .. }]));
}

#[test]
fn a_history_moved_to_another_ledger_breaks_at_its_first_record() {
    let (log, _) = chain(&["a"]);
    let record = Record::parse(&log).unwrap();
    assert!(record.follows(&identity().genesis()));
    assert!(!record.follows(&sanad_audit_log::ChainHash::from_bytes([0; 32])));
}

#[test]
fn the_sealer_refuses_and_stays_where_it_was() {
    let mut sealer = testlog::sealer();
    let mut out = Vec::new();
    sealer.seal(&Unsealed { recorded_at_us: 10, ..unsealed(b"") }, &mut out).unwrap();
    let (before, length) = (sealer.clone(), out.len());
    let long = vec![0; layout::MAX_PAYLOAD + 1];
    let too_long = SealError::TooLong { bytes: long.len(), most: layout::MAX_PAYLOAD };
    assert_eq!(sealer.seal(&unsealed(&long), &mut out), Err(too_long));
    let section = testlog::author(1, b"");
    let most = layout::MAX_AUTHORED_PAYLOAD;
    let authored = Unsealed { author: Some(&section), ..unsealed(&long[..=most]) };
    let too_long = SealError::TooLong { bytes: most + 1, most };
    assert_eq!(sealer.seal(&authored, &mut out), Err(too_long));
    let backwards = SealError::TimeBackwards { last_us: 10, given_us: 9 };
    let late = Unsealed { recorded_at_us: 9, ..unsealed(b"") };
    assert_eq!(sealer.seal(&late, &mut out), Err(backwards));
    assert_eq!((sealer, out.len()), (before, length));
    let last = Head { size: u64::MAX, hash: identity().genesis() };
    let full = Sealer::new(last, None).seal(&unsealed(b""), &mut out);
    assert_eq!(full, Err(SealError::Full));
}

#[test]
fn the_longest_payload_fits() {
    let payload = vec![7; layout::MAX_PAYLOAD];
    let (mut sealer, mut out) = (testlog::sealer(), Vec::new());
    sealer.seal(&unsealed(&payload), &mut out).unwrap();
    assert_eq!(out.len(), layout::MAX_RECORD);
    assert_eq!(walk(&out), (sealer.head(), vec![]));
}

#[test]
fn records_are_found_again_behind_a_broken_length() {
    let (mut log, _) = chain(&["a", "b", "c", "d"]);
    let offsets = offsets(&log);
    log[offsets[1]] ^= 0x5a;
    let found = |at| linked_record_at(&log, at, &(1..=10)).map(|record| record.sequence().get());
    let places: Vec<_> = (1..log.len()).filter_map(|at| Some((at, found(at)?))).collect();
    assert_eq!(places, [(offsets[2], 2), (offsets[3], 3)]);
    assert!(linked_record_at(&log, offsets[3], &(0..=2)).is_none());
    assert!(linked_record_at(&log, 31, &(0..=9)).is_none());
    assert!(linked_record_at(&log, usize::MAX, &(0..=9)).is_none());
}

/// Whether every byte belongs to a record that follows; stops at the first finding.
fn is_sound(mut log: &[u8]) -> bool {
    let mut verifier = ChainVerifier::new(&identity());
    while !log.is_empty() {
        let Ok((raw, rest)) = RawRecord::split(log) else { return false };
        if verifier.check_raw(raw).is_err() {
            return false;
        }
        log = rest;
    }
    true
}

#[test]
fn every_flipped_bit_of_a_chain_is_found() {
    let (log, _) = chain(&["grant 300 MW", "", "revoke 100 MW"]);
    assert!(is_sound(&log));
    for bit in 0..log.len() * 8 {
        let mut flipped = log.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!is_sound(&flipped), "bit {bit} was flipped and nothing was found");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused_and_never_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        length in 0u16..500,
        flags in 0u8..5,
    ) {
        let _ = walk(&bytes);
        // Mostly right headers reach further into the decoder.
        if bytes.len() > 4 {
            bytes[..2].copy_from_slice(&length.to_le_bytes());
            (bytes[2], bytes[3]) = (1, flags);
            if let Ok(record) = Record::parse(&bytes) {
                let rest = record.payload().len() + record.author().map_or(0, |_| 96) + 70;
                prop_assert_eq!(rest, bytes.len());
            }
            let _ = walk(&bytes);
        }
        for at in 0..bytes.len() {
            let _ = linked_record_at(&bytes, at, &(0..=u64::MAX));
        }
    }

    #[test]
    fn what_is_sealed_is_what_is_decoded(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..8),
    ) {
        let (log, head) = chain(&payloads);
        prop_assert_eq!(walk(&log), (head, vec![]));
        let mut rest = &log[..];
        for (n, payload) in payloads.iter().enumerate() {
            let (raw, after) = RawRecord::split(rest).unwrap();
            let record = Record::decode(raw).unwrap();
            prop_assert_eq!(record.payload(), &payload[..]);
            prop_assert_eq!(record.sequence(), Sequence::new(n as u64));
            prop_assert_eq!(record.entry_id(), entry_id(n as u64));
            prop_assert_eq!(record.recorded_at_us(), testlog::time_us(n as u64));
            prop_assert_eq!(record.payload_schema(), 1);
            prop_assert_eq!(record.author(), (n % 3 == 2).then(|| testlog::author(n as u64, payload)));
            prop_assert_eq!(record.is_barrier(), n % 2 == 0);
            rest = after;
        }
    }
}

fn unsealed(payload: &[u8]) -> Unsealed<'_> {
    Unsealed {
        entry_id: entry_id(0),
        recorded_at_us: i64::MAX,
        payload_schema: 1,
        payload,
        author: None,
        barrier: true,
    }
}
