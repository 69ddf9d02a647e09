//! What is encoded is decoded again, and nothing else is.

mod sample;

use proptest::prelude::*;
use sanad_codec::{LEAST_EVENT, MAX_PAYLOAD, PayloadError, SCHEMA, decode, encode};
use sanad_core::{Cause, Event};

use sample::{
    allotted, authorised, declared, entry, entry_id, granted, registered, revoked, root_opened,
    sub_pool_opened,
};

/// An entry that registered a thousand holders was recorded and could never be read again: the decoder's limit for
/// bytes counted the memory that the list would take.
#[test]
fn an_entry_with_as_many_events_as_fit_can_be_read_again() {
    let holders = |count: usize| (0..count).map(|n| registered(&format!("{n:x}"))).collect();
    let bytes = |count| encode(&entry(holders(count)));
    let (mut fits, mut too_many) = (1, MAX_PAYLOAD);
    while fits + 1 < too_many {
        let middle = fits.midpoint(too_many);
        if bytes(middle).is_ok() { fits = middle } else { too_many = middle }
    }
    assert!(fits > 5_000, "{fits}");
    let full = entry(holders(fits));
    assert_eq!(decode(SCHEMA, entry_id(), &encode(&full).unwrap()), Ok(full));
    assert!(matches!(bytes(too_many), Err(PayloadError::TooLarge { .. })));
}

#[test]
fn the_smallest_events_take_as_many_bytes_as_any_takes_at_least() {
    let bytes = |event: &Event, count| encode(&entry(vec![event.clone(); count])).unwrap().len();
    let all = [root_opened(), sub_pool_opened(), allotted(), granted(1, None), declared(0, 0)];
    for event in all.iter().chain(&[revoked(Cause::Revoked)]) {
        assert!(bytes(event, 3) - bytes(event, 2) >= LEAST_EVENT, "{event:?}");
    }
    assert_eq!(bytes(&registered("h"), 3) - bytes(&registered("h"), 2), LEAST_EVENT);
}

fn event() -> impl Strategy<Value = Event> {
    let number = prop_oneof![0u64..300, 65_000u64..66_000, any::<u64>()];
    let time = prop_oneof![-200i64..200, -40_000i64..40_000, -5_000_000_000i64..5_000_000_000];
    prop_oneof![
        Just(root_opened()),
        Just(sub_pool_opened()),
        Just(allotted()),
        "[a-z0-9][a-z0-9._/-]{0,63}".prop_map(|holder| registered(&holder)),
        (number.clone(), time).prop_map(|(capacity, from)| declared(capacity, from)),
        number.prop_map(|amount| granted(amount.max(1), None)),
        (0usize..6).prop_map(|n| revoked(Cause::ALL[n])),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_again(events in prop::collection::vec(event(), 1..40)) {
        for entry in [entry(events.clone()), authorised(events)] {
            let payload = encode(&entry).unwrap();
            prop_assert_eq!(decode(SCHEMA, entry_id(), &payload), Ok(entry));
        }
    }

    #[test]
    fn a_changed_payload_says_something_else_or_is_refused(
        events in prop::collection::vec(event(), 1..6), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let entry = authorised(events);
        let payload = encode(&entry).unwrap();
        let mut changed = payload.clone();
        changed[at.index(payload.len())] = byte;
        if let Ok(other) = decode(SCHEMA, entry_id(), &changed) {
            prop_assert_eq!(other == entry, changed == payload);
        }
        prop_assert!(decode(SCHEMA, entry_id(), &payload[..at.index(payload.len())]).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(SCHEMA, entry_id(), &bytes);
    }
}
