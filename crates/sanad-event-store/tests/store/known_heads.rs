//! A head that is known to be sound spares a reader what stands before it, and nothing else; how far a log is sound.

use std::fs;

use sanad_audit_log::{Head, Sequence, layout};
use sanad_event_store::{Position, SEGMENT_HEADER, SPACING};

use crate::testlog::{TestLedger, alter, append, other_identity};

/// A log of 3,000 records in one segment; the heads at 2,500 and at its end; positions of some records.
fn long() -> (TestLedger, [Head; 2], Vec<Position>) {
    let ledger = TestLedger::rolling_at(1 << 30);
    let mut store = ledger.open().store;
    let heads = [append(&mut store, 2_500), append(&mut store, 500)];
    let positions = store.positions_since(Sequence::FIRST).to_vec();
    drop(store);
    ledger.forget();
    (ledger, heads, positions)
}

#[test]
fn what_stands_before_a_known_head_is_not_read_again() {
    let (ledger, [known, end], positions) = long();
    // Record 1,000 is altered. Who knows a head behind it and where a record between them stands does not read it.
    let damaged = ledger.copy();
    let place = SEGMENT_HEADER + 1_000 * (layout::MIN_RECORD + 8);
    alter(&damaged.segments()[0], |log| log[place + 50] ^= 1);
    let head = |positions: &[Position], known| {
        let mut reader = damaged.reader();
        reader.add_positions(positions.iter().copied());
        reader.head_behind(known).unwrap()
    };
    let before_damage = damaged.reader().head().unwrap();
    assert!(before_damage.size < 1_010, "{before_damage}");
    for known in [known, end] {
        assert_eq!(head(&positions, Some(known)), end);
    }
    assert_eq!(head(&positions, None), before_damage);
    assert_eq!(head(&[], Some(known)), before_damage, "nothing tells where it stands");
    let other = Head { size: known.size, hash: end.hash };
    assert_eq!(head(&positions, Some(other)), before_damage, "the log does not hold that head");
    let beyond = Head { size: end.size + 1, hash: end.hash };
    assert_eq!(head(&positions, Some(beyond)), before_damage);
    let sooner = Head { size: known.size - 1, hash: known.hash };
    assert_eq!(head(&positions, Some(sooner)), before_damage);
    for by in [-1, 1, 70, 78, 1 << 40] {
        let shift = |p: &Position| Position { offset: p.offset.saturating_add_signed(by), ..*p };
        let shifted: Vec<_> = positions.iter().map(shift).collect();
        assert_eq!(head(&shifted, Some(known)), before_damage, "shifted by {by}");
    }
    assert_eq!(positions[2].sequence.get(), 2 * SPACING);
}

#[test]
fn damage_behind_a_known_head_ends_what_is_sound() {
    let (ledger, [known, end], positions) = long();
    let length = fs::read(&ledger.segments()[0]).unwrap().len();
    alter(&ledger.segments()[0], |log| log[length - 1] ^= 1);
    let mut reader = ledger.reader();
    reader.add_positions(positions);
    assert_eq!(reader.head_behind(Some(known)).unwrap().size, end.size - 1);
    assert_eq!(reader.head_behind(Some(end)).unwrap().size, end.size - 1);
}

#[test]
fn a_known_head_in_an_earlier_segment_says_nothing_of_the_last_one() {
    let ledger = TestLedger::rolling_at(1);
    let mut store = ledger.open().store;
    let known = append(&mut store, 1);
    let end = append(&mut store, 1);
    let mut reader = ledger.reader();
    reader.add_positions(store.positions_since(Sequence::FIRST).to_vec());
    assert_eq!(reader.head_behind(Some(known)).unwrap(), end);
}

#[test]
fn a_segment_too_short_for_a_header_ends_what_is_sound_and_is_a_tail_only_behind_others() {
    let several = TestLedger::with(&[2, 2, 2], 1);
    for (n, tail, why) in [(0, 0, true), (1, 0, true), (2, 50, false)] {
        let ledger = several.copy();
        alter(&ledger.segments()[n], |bytes| bytes.truncate(50));
        let sound = ledger.reader().sound_log(&mut |_| {}).unwrap();
        assert_eq!((sound.head().size, sound.tail()), (2 * n as u64, tail));
        assert_eq!(sound.unsound().map(|it| it.sequence.get()), why.then_some(2 * n as u64));
    }
    let only = TestLedger::with(&[2], 1 << 20);
    alter(&only.segments()[0], |bytes| bytes.truncate(50));
    let sound = only.reader().sound_log(&mut |_| {}).unwrap();
    let why = &sound.unsound().unwrap().why;
    assert_eq!((sound.tail(), why.as_str()), (0, "the file has 50 bytes and a header has 104"));
}

#[test]
fn a_segment_of_another_ledger_or_of_another_place_ends_what_is_sound() {
    let ledger = TestLedger::with(&[2, 2, 2], 1);
    let foreign = TestLedger::of(&other_identity());
    let exchanged = ledger.copy();
    fs::copy(&foreign.segments()[0], &exchanged.segments()[0]).unwrap();
    let gone = ledger.copy();
    fs::remove_file(&gone.segments()[1]).unwrap();
    for (ledger, size, why) in
        [(exchanged, 0, "it belongs to the ledger"), (gone, 2, "record 2 should come")]
    {
        let sound = ledger.reader().sound_log(&mut |_| {}).unwrap();
        let unsound = sound.unsound().unwrap();
        assert_eq!((sound.head().size, unsound.sequence.get()), (size, size));
        assert!(unsound.why.starts_with(why), "{}", unsound.why);
    }
}
