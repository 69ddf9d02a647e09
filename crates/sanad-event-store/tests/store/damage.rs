//! Damage to records that were acknowledged: refused or found, and never cut.

use std::fs;

use sanad_audit_log::Head;
use sanad_event_store::StoreError;

use crate::testlog::{TestLedger, alter, append, audit, drain, payloads};

/// What became of a ledger with one flipped bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Refused,
    Cut,
    Opened,
}

/// Flips every bit of one segment in turn, from byte `from` on, each time in an intact ledger, and
/// tells what opening it to write did. Whatever that was, an audit must have found the bit.
fn flip_every_bit(ledger: &TestLedger, segment: usize, from: usize) -> Vec<Fate> {
    let path = &ledger.segments()[segment];
    let whole = fs::read(path).unwrap();
    let mut fates = Vec::new();
    for bit in from * 8..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(path, &flipped).unwrap();
        assert!(!audit(ledger.path()).findings.is_empty(), "bit {bit} was not found");
        let log = ledger.log_bytes();
        fates.push(match ledger.try_open() {
            Err(_) => {
                assert_eq!(ledger.log_bytes(), log, "bit {bit}: refused, and changed all the same");
                Fate::Refused
            }
            Ok(opened) if opened.recovery.is_some() => Fate::Cut,
            Ok(_) => Fate::Opened,
        });
        for path in crate::testlog::files_in(&ledger.at("aside")) {
            fs::remove_file(path).unwrap();
        }
    }
    fs::write(path, &whole).unwrap();
    println!("{} flipped bits", fates.len());
    fates
}

#[test]
fn every_flipped_bit_before_the_last_append_is_refused_by_the_writer() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    let acknowledged = fs::read(&ledger.segments()[0]).unwrap().len();
    append(&mut ledger.open().store, 1);
    ledger.forget();
    let fates = flip_every_bit(&ledger, 0, 0);
    let wrong = fates[..acknowledged * 8].iter().position(|&fate| fate != Fate::Refused);
    assert_eq!(wrong, None, "the bit {wrong:?} was not refused");

    // The last append is told from a torn one only where a torn one could not look so: where its
    // first record's sequence has become greater. The page on segments says so.
    let refused = fates[acknowledged * 8..].iter().filter(|&&fate| fate == Fate::Refused).count();
    let opened = fates[acknowledged * 8..].iter().filter(|&&fate| fate == Fate::Opened).count();
    assert_eq!((refused, opened), (63, 0));
}

#[test]
fn every_flipped_bit_of_the_last_append_is_refused_where_the_memory_knows_the_head() {
    let ledger = TestLedger::with(&[1, 2], 1 << 20);
    let acknowledged = fs::read(&ledger.segments()[0]).unwrap().len();
    let mut opened = ledger.open();
    let head = append(&mut opened.store, 1);
    crate::memories::remember(opened.memory.as_mut().unwrap(), head);
    drop(opened.memory);
    drop(opened.store);
    let fates = flip_every_bit(&ledger, 0, acknowledged);
    assert!(fates.iter().all(|&fate| fate == Fate::Refused));
}

#[test]
fn every_flipped_bit_of_a_sealed_segment_is_found_and_none_is_cut() {
    let ledger = TestLedger::with(&[1, 1, 1], 1);
    assert_eq!(ledger.segments().len(), 3);
    let fates = flip_every_bit(&ledger, 1, 0);
    assert!(fates.iter().all(|&fate| fate != Fate::Cut));
    // A writer reads headers and seams, and leaves the rest to an audit.
    assert!(fates[..104 * 8].iter().all(|&fate| fate == Fate::Refused));
    assert!(fates[fates.len() - 32 * 8..].iter().all(|&fate| fate == Fate::Refused));
}

#[test]
fn a_record_zeroed_whole_is_not_cut_though_nothing_links_to_what_follows() {
    // The links were once looked at here, and a record zeroed together with its chain hash left the
    // one behind it without a link: both were taken for a torn write.
    let ledger = TestLedger::with(&[2, 1], 1 << 20);
    let from = fs::read(&ledger.segments()[0]).unwrap().len();
    append(&mut ledger.open().store, 1);
    let to = fs::read(&ledger.segments()[0]).unwrap().len();
    append(&mut ledger.open().store, 1);
    ledger.forget();
    for tail in [0, 1, 30] {
        // The record behind may itself be torn: its header is enough.
        alter(&ledger.segments()[0], |log| {
            log[from..to].fill(0);
            log.truncate(log.len() - tail);
        });
        assert!(matches!(ledger.try_open(), Err(StoreError::Damaged { sequence, .. })
            if sequence.get() == 3));
        assert!(ledger.aside().is_empty());
        assert_eq!(audit(ledger.path()).findings[0], ("damage", 3));
    }
}

#[test]
fn an_audit_names_the_place_and_goes_on_behind_it() {
    let ledger = TestLedger::with(&[2, 3, 2, 1], 400);
    assert_eq!(ledger.segments().len(), 3);
    let whole = ledger.copy();
    let record = 70 + "entry 0".len();
    let alter_record = |n: usize, alter_it: &dyn Fn(&mut [u8])| {
        let copy = whole.copy();
        let first = [0, 2, 5];
        let segment = first.iter().rposition(|&first| first <= n).unwrap();
        let at = 104 + (n - first[segment]) * record;
        alter(&copy.segments()[segment], |log| alter_it(&mut log[at..at + record]));
        audit(copy.path())
    };
    for n in 0..8 {
        let is_last = n == 7;
        let changed = alter_record(n, &|bytes| bytes[40] ^= 1);
        let word = if is_last { "torn-tail" } else { "chain-hash-mismatch" };
        assert_eq!(changed.findings, [(word, n as u64)]);
        let mut rest = payloads(0..8);
        rest.remove(n);
        assert_eq!(changed.sound, rest);
        let unframed = alter_record(n, &|bytes| bytes[..4].fill(0xff));
        let word = if is_last { "torn-tail" } else { "damage" };
        assert_eq!(unframed.findings, [(word, n as u64)]);
        assert_eq!(unframed.sound, rest);
    }
}

#[test]
fn damage_does_not_keep_anybody_from_reading_what_is_before_and_behind() {
    let ledger = TestLedger::with(&[2, 3, 2, 1], 1 << 20);
    let record = 70 + "entry 0".len();
    alter(&ledger.segments()[0], |log| log[104 + 3 * record..][..4].fill(0xff));
    let read = |from, to| drain(&mut ledger.reader().records(from..to).unwrap());
    assert_eq!(read(0, 3).unwrap(), payloads(0..3));
    assert_eq!(read(4, 8).unwrap(), payloads(4..8));
    let mut records = ledger.reader().records(0..8).unwrap();
    let error = drain(&mut records).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { sequence, .. } if sequence.get() == 3));
    assert!(drain(&mut records).unwrap().is_empty(), "the stream has ended");
    let held =
        |n| ledger.reader().holds(Head { size: n, hash: ledger.reader().identity().genesis() });
    assert!(matches!(held(4), Err(StoreError::Damaged { .. })));
    assert!(!held(5).unwrap());
    assert!(!held(100).unwrap());
}

/// Half a megabyte that looked like the header of a long record every four bytes took seconds to search, and a whole
/// segment of it would have taken minutes: every one of them was hashed.
#[test]
fn a_bait_of_headers_is_searched_in_proportion_to_its_length() {
    let bait = |length: usize| {
        let ledger = TestLedger::with(&[1, 1, 1], 1 << 20);
        let record = 70 + "entry 0".len();
        alter(&ledger.segments()[0], |log| {
            let at = 104 + record;
            log.splice(at..at, [0x07, 0xff, 0x01, 0x02].repeat(length / 4));
        });
        audit(ledger.path())
    };
    // It goes on with the first record that follows the one before it, whatever was laid before.
    for length in [4, 1 << 19] {
        let found = bait(length);
        let sound = [payloads(0..1), payloads(2..3)].concat();
        assert_eq!((found.findings, found.sound), (vec![("damage", 1)], sound), "{length}");
    }
}

/// Damages a log at a place.
type Kind = fn(&mut Vec<u8>, usize);

#[test]
fn any_damage_of_any_kind_is_answered_and_never_panics() {
    // Bytes are overwritten, taken out and put in, at many places of a log with several segments.
    let ledger = TestLedger::with(&[1, 2, 3, 1, 2], 350);
    let kinds: [(&str, Kind); 6] = [
        ("overwritten", |log, at| log[at..].iter_mut().take(90).for_each(|byte| *byte = 0xa5)),
        ("zeroed", |log, at| log[at..].iter_mut().take(90).for_each(|byte| *byte = 0)),
        ("taken out", |log, at| drop(log.drain(at..(at + 77).min(log.len())))),
        ("put in", |log, at| drop(log.splice(at..at, [7; 77]))),
        ("repeated", |log, at| log.extend_from_within(at..)),
        ("cut off", Vec::truncate),
    ];
    for path in ledger.segments() {
        let whole = fs::read(&path).unwrap();
        for (kind, damage) in kinds {
            for at in (0..whole.len()).step_by(7) {
                let mut damaged = whole.clone();
                damage(&mut damaged, at);
                if damaged == whole {
                    continue;
                }
                fs::write(&path, &damaged).unwrap();
                let seen = audit(ledger.path());
                let cut_off =
                    seen.sound.len() < 9 && seen.sound == payloads(0..seen.sound.len() as u64);
                assert!(!seen.findings.is_empty() || cut_off, "{kind} at {at} of {path:?}");
                let _ = ledger.reader().head();
                let _ = drain(&mut ledger.reader().records(0..9).unwrap());
            }
        }
        fs::write(&path, &whole).unwrap();
    }
}
