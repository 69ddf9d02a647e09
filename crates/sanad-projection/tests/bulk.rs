//! Entries taken in bulk against the same entries taken one by one: equal tables, or doubt where one is refused.

use proptest::prelude::*;
use proptest::sample::Index;
use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, EffectiveTime, Entry, EntryId, Event, GrantId,
    Granted, HolderId, HolderRegistered, PoolId, PoolKind, PoolOpened, Recipient, RecordedEntry,
    RecordedTime, Revoked, Sequence, Unit, Window,
};
use sanad_projection::{Bulk, Doubt, Projection, Sheet};
use uuid::Uuid;

const BEGIN_US: i64 = 1_735_689_600_000_000;
const DAY_US: i64 = 86_400_000_000;

fn window(from: u16, days: u16) -> Window {
    let on = |day: i64| EffectiveTime::from_us(BEGIN_US + day * DAY_US).unwrap();
    let from = i64::from(from);
    Window::new(on(from), (days > 0).then(|| on(from + i64::from(days)))).unwrap()
}

fn pool(n: u8) -> PoolId {
    format!("pool-{n}").parse().unwrap()
}

fn holder(n: u8) -> HolderId {
    format!("holder-{n}").parse().unwrap()
}

fn grant_id(n: u16) -> GrantId {
    GrantId::new(Uuid::from_u128(u128::from(n).wrapping_mul(0x9e37_79b9 << 60) | 1)).unwrap()
}

/// Few names, so that they are met before and after they are brought, and now and then brought twice.
fn event() -> impl Strategy<Value = Event> {
    let title = || "Made up".parse().unwrap();
    let opened = (0..4u8, prop::option::of(0..4u8)).prop_map(move |(n, parent)| {
        let kind = match parent {
            None => PoolKind::Root(Unit::new("MW".parse().unwrap(), 3).unwrap()),
            Some(parent) => PoolKind::SubPool { parent: pool(parent) },
        };
        Event::PoolOpened(PoolOpened { pool: pool(n), title: title(), kind })
    });
    let registered = (0..30u8).prop_map(move |n| {
        Event::HolderRegistered(HolderRegistered { holder: holder(n), title: title() })
    });
    let declared = (0..4u8, any::<u16>()).prop_map(|(n, capacity)| {
        let (pool, capacity) = (pool(n), Capacity::new(capacity.into()));
        Event::CapacityDeclared(CapacityDeclared { pool, capacity, from: window(1, 0).from() })
    });
    let granted = (any::<u16>(), 0..4u8, 0..34u8, 1..500u64, 0..9u8, any::<[u8; 2]>());
    let granted = granted.prop_map(|(id, of, to, amount, purpose, [from, days])| {
        let recipient =
            if to < 30 { Recipient::Holder(holder(to)) } else { Recipient::Pool(pool(to - 30)) };
        Event::Granted(Granted {
            grant: grant_id(id),
            pool: pool(of),
            recipient,
            amount: Amount::new(amount).unwrap(),
            purpose: (purpose < 5).then(|| format!("purpose {purpose}").parse().unwrap()),
            window: window(from.into(), days.into()),
        })
    });
    let revoked =
        (any::<u16>(), 1..9u64, any::<[u8; 2]>()).prop_map(|(id, amount, [from, days])| {
            Event::Revoked(Revoked {
                grant: grant_id(id),
                amount: Amount::new(amount).unwrap(),
                window: window(from.into(), days.into()),
                cause: Cause::ALL[usize::from(days) % 6],
            })
        });
    prop_oneof![1 => opened, 3 => registered, 2 => declared, 20 => granted, 8 => revoked]
}

/// What would be refused is left out, but for the entry at `kept`, if any.
fn history(proposed: Vec<(u128, Vec<Event>)>, kept: Option<usize>) -> Vec<RecordedEntry> {
    let (mut tables, mut history) = (Projection::default(), Vec::new());
    for (place, (id, events)) in proposed.into_iter().enumerate() {
        let events = if kept == Some(place) {
            events
        } else {
            let mut fits = Vec::new();
            for event in events {
                let mut tried = fits.clone();
                tried.push(event);
                if tables.clone().take(&recorded(history.len(), id, tried.clone())).is_ok() {
                    fits = tried;
                }
            }
            fits
        };
        if !events.is_empty() {
            let entry = recorded(history.len(), id, events);
            let taken = tables.take(&entry);
            history.push(entry);
            if taken.is_err() {
                // What follows stands on it.
                break;
            }
        }
    }
    history
}

fn recorded(place: usize, id: u128, events: Vec<Event>) -> RecordedEntry {
    let id = EntryId::new(Uuid::from_u128(id)).unwrap();
    let recorded_at = RecordedTime::from_us(BEGIN_US + place as i64 / 3).unwrap();
    let entry = Entry::new(id, "mof".parse().unwrap(), None, None, true, events).unwrap();
    RecordedEntry { sequence: Sequence(place as u64), recorded_at, entry }
}

fn one_by_one(history: &[RecordedEntry]) -> Option<Projection> {
    let mut tables = Projection::default();
    history.iter().all(|entry| tables.take(entry).is_ok()).then_some(tables)
}

fn in_bulk(
    behind: Projection,
    history: &[RecordedEntry],
    each: usize,
) -> Result<Projection, Doubt> {
    let mut bulk = Bulk::behind(behind);
    for entries in history.chunks(each) {
        let mut sheet = Sheet::default();
        entries.iter().for_each(|entry| sheet.add(entry));
        bulk.take(&sheet)?;
    }
    bulk.finish()
}

fn proposed() -> impl Strategy<Value = Vec<(u128, Vec<Event>)>> {
    // An id that was there before now and then.
    let id = prop_oneof![30 => 1u128.., 1 => 1u128..40];
    prop::collection::vec((id, prop::collection::vec(event(), 1..5)), 1..120)
}

proptest! {
    #[test]
    fn a_history_comes_to_the_same_tables_or_is_doubted_where_one_entry_is_refused(
        proposed in proposed(), wild in prop::option::of(any::<Index>()), each in 1..40usize, first: Index,
    ) {
        let kept = wild.map(|index| index.index(proposed.len()));
        let history = history(proposed, kept);
        let expected = one_by_one(&history);
        prop_assert_eq!(in_bulk(Projection::default(), &history, each).ok(), expected.clone());
        let (first, rest) = history.split_at(first.index(history.len() + 1));
        if let Some(behind) = one_by_one(first) {
            let taken = in_bulk(behind, rest, each).ok();
            prop_assert_eq!(&taken, &expected);
            if let (Some(taken), Some(expected)) = (taken, expected) {
                for event in history.iter().flat_map(|entry| entry.entry.events()) {
                    let Event::Granted(granted) = event else { continue };
                    let history = |of: &Projection| of.history(of.size(), granted.grant);
                    prop_assert_eq!(history(&taken), history(&expected));
                }
            }
        }
    }
}

#[test]
fn an_entry_out_of_its_place_is_doubted() {
    let grants = |place: usize| {
        let registered =
            HolderRegistered { holder: holder(place as u8), title: "A".parse().unwrap() };
        recorded(place, place as u128 + 1, vec![Event::HolderRegistered(registered)])
    };
    let apart = [grants(0), grants(1), grants(3)];
    assert_eq!(in_bulk(Projection::default(), &apart[..2], 1).unwrap().size(), 2);
    assert_eq!(in_bulk(Projection::default(), &apart, 1), Err(Doubt));
    assert_eq!(in_bulk(Projection::default(), &apart, 3), Err(Doubt));
    assert_eq!(in_bulk(Projection::default(), &apart[1..], 1), Err(Doubt));
}

/// Once many grants were looked for an index is made, which has to keep up with what is taken in behind it.
#[test]
fn a_grant_that_was_taken_in_is_found_however_many_are_asked_for() {
    let title = || "Made up".parse().unwrap();
    let kind = PoolKind::Root(Unit::new("MW".parse().unwrap(), 3).unwrap());
    let opened = vec![
        Event::PoolOpened(PoolOpened { pool: pool(0), title: title(), kind }),
        Event::HolderRegistered(HolderRegistered { holder: holder(0), title: title() }),
    ];
    let granted = |n: u16| Granted {
        grant: grant_id(n),
        pool: pool(0),
        recipient: Recipient::Holder(holder(0)),
        amount: Amount::new(u64::from(n) + 1).unwrap(),
        purpose: None,
        window: window(n % 100, n % 7),
    };
    let mut bulk = Bulk::behind(Projection::default());
    let mut take = |place: u16, events| {
        let mut sheet = Sheet::default();
        sheet.add(&recorded(place.into(), u128::from(place) + 1, events));
        bulk.take(&sheet).unwrap();
        if place > 0 {
            for asked in [place - 1, (place - 1) / 2, (place - 1) / 3, 0, (place - 1) * 5 / 7] {
                let before = |entry: u16| Sequence(entry.into());
                assert_eq!(bulk.granted(grant_id(asked), before(asked + 2)), Some(granted(asked)));
                assert_eq!(
                    bulk.granted(grant_id(asked), before(asked + 1)),
                    None,
                    "then it is made"
                );
            }
        }
        assert_eq!(bulk.granted(grant_id(place), Sequence(u64::MAX)), None, "it comes next");
    };
    take(0, opened);
    (1..1_500).for_each(|place| take(place, vec![Event::Granted(granted(place - 1))]));
}
