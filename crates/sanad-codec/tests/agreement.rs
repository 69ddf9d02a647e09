//! Our bytes are bincode's bytes of the same shapes, and what is accepted is what bincode accepts and encodes again to
//! the same bytes.

mod mirror;
mod sample;

use proptest::prelude::*;
use proptest::sample::Index;
use sanad_codec::{Decoder, MAX_PAYLOAD, SCHEMA, decode, encode};
use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, EARLIEST_US, EffectiveTime, Entry, Event, GrantId,
    Granted, HolderRegistered, Instrument, LATEST_US, PoolKind, PoolOpened, Recipient, Revoked,
    Unit, Window,
};
use uuid::Uuid;

use sample::{entry_id, registered};

/// The same verdict, and the same entry.
fn agree(payload: &[u8]) -> Result<bool, TestCaseError> {
    let ours = decode(SCHEMA, entry_id(), payload);
    let accepted = ours.is_ok();
    prop_assert_eq!(ours.ok(), mirror::decode(entry_id(), payload), "{:?}", payload);
    Ok(accepted)
}

/// A text that its type takes; in place of one that it refuses, `x`.
fn parsed<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| "x".parse().unwrap())
}

fn slug<T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug>() -> impl Strategy<Value = T>
{
    prop_oneof!["[a-z0-9][a-z0-9._/-]{0,25}", "[a-z0-9][a-z0-9._/-]{0,63}"]
        .prop_map(|text| parsed(&text))
}

/// Texts of every length about where they stop to be kept in place and where their length takes three bytes.
fn text<T: std::str::FromStr<Err: std::fmt::Debug> + std::fmt::Debug>(
    most: usize,
) -> impl Strategy<Value = T> {
    let any = prop_oneof!["[ -~]{1,40}", "\\PC{1,40}", "[آ-ے ]{1,20}"];
    let long = (1..=most).prop_map(|length| "t".repeat(length));
    prop_oneof![3 => any, 1 => long].prop_map(|text| parsed(&text))
}

/// Numbers about each step in length.
fn number() -> impl Strategy<Value = u64> {
    let step =
        (0u32..64, -3i64..4).prop_map(|(bits, near)| (1u64 << bits).wrapping_add_signed(near));
    prop_oneof![step, 245u64..260, any::<u64>()]
}

fn time() -> impl Strategy<Value = EffectiveTime> {
    let about = number().prop_map(|number| {
        let us = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
        us.clamp(EARLIEST_US, LATEST_US)
    });
    prop_oneof![about, Just(EARLIEST_US), Just(LATEST_US), 0i64..4_000_000_000_000_000]
        .prop_map(|us| EffectiveTime::from_us(us).unwrap())
}

fn window() -> impl Strategy<Value = Window> {
    (time(), prop::option::of(time())).prop_map(|(from, until)| {
        Window::new(from, until).unwrap_or_else(|_| Window::new(from, None).unwrap())
    })
}

fn grant() -> impl Strategy<Value = GrantId> {
    (1u128..).prop_map(|number| GrantId::new(Uuid::from_u128(number)).unwrap())
}

fn amount() -> impl Strategy<Value = Amount> {
    number().prop_map(|count| Amount::new(count.max(1)).unwrap())
}

fn kind() -> impl Strategy<Value = PoolKind> {
    let unit = (text(16), 0u8..=18)
        .prop_map(|(symbol, decimals)| PoolKind::Root(Unit::new(symbol, decimals).unwrap()));
    prop_oneof![unit, slug().prop_map(|parent| PoolKind::SubPool { parent })]
}

fn event() -> impl Strategy<Value = Event> {
    let recipient =
        prop_oneof![slug().prop_map(Recipient::Holder), slug().prop_map(Recipient::Pool)];
    let opened = (slug(), text(256), kind())
        .prop_map(|(pool, title, kind)| Event::PoolOpened(PoolOpened { pool, title, kind }));
    let declared = (slug(), number(), time()).prop_map(|(pool, count, from)| {
        Event::CapacityDeclared(CapacityDeclared { pool, capacity: Capacity::new(count), from })
    });
    let registered = (slug(), text(256))
        .prop_map(|(holder, title)| Event::HolderRegistered(HolderRegistered { holder, title }));
    let purpose = prop::option::of(text(128));
    let granted = (grant(), slug(), recipient, amount(), purpose, window()).prop_map(
        |(grant, pool, recipient, amount, purpose, window)| {
            Event::Granted(Granted { grant, pool, recipient, amount, purpose, window })
        },
    );
    let revoked = (grant(), amount(), window(), prop::sample::select(&Cause::ALL[..])).prop_map(
        |(grant, amount, window, cause)| Event::Revoked(Revoked { grant, amount, window, cause }),
    );
    prop_oneof![1 => opened, 1 => declared, 1 => registered, 3 => granted, 1 => revoked]
}

fn entry(most: usize) -> impl Strategy<Value = Entry> {
    let digest = prop::option::of(any::<[u8; 32]>().prop_map(sanad_core::Digest::new));
    let instrument =
        (text(512), digest).prop_map(|(reference, digest)| Instrument { reference, digest });
    let (instrument, reason) = (prop::option::of(instrument), prop::option::of(text(2048)));
    let events = prop::collection::vec(event(), 1..=most);
    (slug(), instrument, reason, any::<bool>(), events).prop_map(
        |(actor, instrument, reason, accept_shortfall, events)| {
            Entry::new(entry_id(), actor, instrument, reason, accept_shortfall, events).unwrap()
        },
    )
}

/// What a forger does to bytes.
#[derive(Debug, Clone)]
enum Change {
    Overwritten(Index, u8),
    BitTurned(Index, u8),
    Inserted(Index, u8),
    Removed(Index),
    CutAfter(Index),
    /// An integer of one byte, if there is one there, in more bytes than it needs.
    Widened(Index, u8),
    Repeated(Index, Index),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len();
        let at = |index: &Index| index.index(length);
        match self {
            Change::Overwritten(index, byte) => bytes[at(index)] = *byte,
            Change::BitTurned(index, bit) => bytes[at(index)] ^= 1 << bit,
            Change::Inserted(index, byte) => bytes.insert(at(index), *byte),
            Change::Removed(index) => drop(bytes.remove(at(index))),
            Change::CutAfter(index) => bytes.truncate(at(index)),
            Change::Widened(index, marker) => {
                let at = at(index);
                let width = 1 << (marker - 250);
                let wide = [&[*marker, bytes[at]][..], &vec![0; width - 1]].concat();
                drop(bytes.splice(at..=at, wide));
            }
            Change::Repeated(from, to) => {
                let (from, to) = (at(from).min(at(to)), at(from).max(at(to)));
                bytes.extend_from_within(from..to);
            }
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let byte = || prop_oneof![0u8..8, 248u8..=255, any::<u8>()];
    let index = any::<Index>;
    prop_oneof![
        (index(), byte()).prop_map(|(index, byte)| Change::Overwritten(index, byte)),
        (index(), 0u8..8).prop_map(|(index, bit)| Change::BitTurned(index, bit)),
        (index(), byte()).prop_map(|(index, byte)| Change::Inserted(index, byte)),
        index().prop_map(Change::Removed),
        index().prop_map(Change::CutAfter),
        (index(), 251u8..=253).prop_map(|(index, marker)| Change::Widened(index, marker)),
        (index(), index()).prop_map(|(from, to)| Change::Repeated(from, to)),
    ]
}

proptest! {
    #[test]
    fn every_byte_of_an_entry_is_as_bincode_encodes_it(entry in entry(12)) {
        let expected = mirror::encode(&entry);
        prop_assert_eq!(encode(&entry), Ok(expected.clone()));
        prop_assert!(agree(&expected)?);
    }

    #[test]
    fn of_changed_payloads_the_same_are_accepted_and_say_the_same(
        entry in entry(3), changes in prop::collection::vec(change(), 1..4),
    ) {
        let mut payload = encode(&entry).unwrap();
        for change in &changes {
            change.apply(&mut payload);
            agree(&payload)?;
        }
    }

    #[test]
    fn whatever_a_decoder_met_before_it_says_what_is_said_of_a_payload_alone(
        entries in prop::collection::vec(entry(2), 1..4),
        order in prop::collection::vec((any::<Index>(), prop::option::weighted(0.3, change())), 1..12),
    ) {
        let payloads: Vec<_> = entries.iter().map(|entry| encode(entry).unwrap()).collect();
        let mut decoder = Decoder::default();
        for (which, change) in order {
            let mut payload = payloads[which.index(payloads.len())].clone();
            change.iter().for_each(|change| change.apply(&mut payload));
            let alone = decode(SCHEMA, entry_id(), &payload);
            prop_assert_eq!(decoder.decode(SCHEMA, entry_id(), &payload), alone);
        }
    }

    #[test]
    fn of_random_bytes_the_same_are_accepted(
        bytes in prop::collection::vec(prop_oneof![0u8..8, 248u8..=255, any::<u8>()], 0..200),
    ) {
        agree(&bytes)?;
    }
}

/// One byte of each kind of value, changed to every other.
#[test]
fn whatever_one_byte_becomes_the_verdict_is_the_same() {
    let instrument = sample::authorised(vec![sample::root_opened(), sample::declared(300, -1)]);
    let grants = vec![sample::granted(1, Some(1_905_879_600_000_000)), sample::allotted()];
    let others = vec![sample::sub_pool_opened(), sample::revoked(Cause::Lapsed), registered("h")];
    let (mut accepted, mut refused) = (0, 0);
    for entry in [instrument, sample::entry(grants), sample::entry(others)] {
        let payload = encode(&entry).unwrap();
        for at in 0..payload.len() {
            for byte in 0..=255 {
                let mut changed = payload.clone();
                changed[at] = byte;
                let counted = if agree(&changed).unwrap() { &mut accepted } else { &mut refused };
                *counted += 1;
            }
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} accepted, {refused} refused");
}

#[test]
fn an_entry_with_as_many_events_as_fit_is_as_bincode_encodes_it() {
    let count = (MAX_PAYLOAD - 10) / 9;
    let entry = sample::entry((0..count).map(|n| registered(&format!("{n:05}"))).collect());
    let payload = encode(&entry).unwrap();
    assert_eq!(payload, mirror::encode(&entry));
    assert!(agree(&payload).unwrap());
    for cut in [1, 2, payload.len() / 2] {
        assert!(!agree(&payload[..payload.len() - cut]).unwrap());
    }
}
