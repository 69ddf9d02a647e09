//! Entries at random: histories that ask for anything, recorded as they are or only where they are lawful.

use sanad::{
    Amount, Capacity, CapacityDeclared, Cause, EffectiveTime, Entry, Event, GrantId, Granted,
    HolderRegistered, PoolKind, PoolOpened, Recipient, RecordedEntry, RecordedTime, Revoked,
    Sequence, State, Window,
};
use sanad_audit_log::{EntryId, StateHasher};
use sanad_projection::Projection;
use sanad_tests::{Forger, LooseRecord};
use serde_json::json;
use uuid::Uuid;

use crate::Court;
use crate::dice::Dice;
use crate::log_files::identity;

const HISTORIES: u64 = 60;
const ENTRIES: u64 = 60;

fn day(number: u64) -> EffectiveTime {
    EffectiveTime::from_us(number as i64 * 86_400_000_000 - 5).expect("a time of this era")
}

fn window(dice: &mut Dice) -> Window {
    let from = dice.below(20);
    let until = (dice.below(2) == 0).then(|| day(from + 1 + dice.below(20)));
    Window::new(day(from), until).expect("it ends after it begins")
}

fn grant_id(dice: &mut Dice) -> GrantId {
    GrantId::new(Uuid::from_u128(u128::from(1 + dice.below(25)))).expect("it is not nil")
}

fn pool(dice: &mut Dice) -> sanad::PoolId {
    format!("p{}", dice.below(4)).parse().expect("an identifier")
}

fn holder(dice: &mut Dice) -> sanad::HolderId {
    format!("h{}", dice.below(2)).parse().expect("an identifier")
}

fn amount(dice: &mut Dice, below: u64) -> Amount {
    Amount::new(1 + dice.below(below)).expect("it is not zero")
}

fn event(dice: &mut Dice) -> Event {
    let title = "عنوان".parse().expect("a title");
    match dice.below(10) {
        0 => {
            let kind = match dice.below(2) {
                0 => PoolKind::Root(sanad::Unit::new("MW".parse().expect("a unit"), 3).expect("3")),
                _ => PoolKind::SubPool { parent: pool(dice) },
            };
            Event::PoolOpened(PoolOpened { pool: pool(dice), title, kind })
        }
        1 => Event::HolderRegistered(HolderRegistered { holder: holder(dice), title }),
        2 | 3 => Event::CapacityDeclared(CapacityDeclared {
            pool: pool(dice),
            capacity: Capacity::new(dice.below(60)),
            from: day(dice.below(20)),
        }),
        4..=6 => Event::Granted(Granted {
            grant: grant_id(dice),
            pool: pool(dice),
            recipient: match dice.below(3) {
                0 => Recipient::Pool(pool(dice)),
                _ => Recipient::Holder(holder(dice)),
            },
            amount: amount(dice, 25),
            purpose: (dice.below(3) == 0).then(|| "مقصد".parse().expect("a purpose")),
            window: window(dice),
        }),
        _ => Event::Revoked(Revoked {
            grant: grant_id(dice),
            amount: amount(dice, 12),
            window: window(dice),
            cause: Cause::Revoked,
        }),
    }
}

/// What opens a history, so that most of what follows finds something to speak of.
fn scene() -> Vec<Event> {
    let mut events = Vec::new();
    for (number, parent) in [None, Some("p0"), Some("p1"), None].into_iter().enumerate() {
        let kind = match parent {
            None => PoolKind::Root(sanad::Unit::new("MW".parse().expect("a unit"), 3).expect("3")),
            Some(parent) => PoolKind::SubPool { parent: parent.parse().expect("an identifier") },
        };
        let pool = format!("p{number}").parse().expect("an identifier");
        events.push(Event::PoolOpened(PoolOpened {
            pool,
            title: "T".parse().expect("text"),
            kind,
        }));
    }
    for holder in ["h0", "h1"] {
        let holder = holder.parse().expect("an identifier");
        let title = "H".parse().expect("text");
        events.push(Event::HolderRegistered(HolderRegistered { holder, title }));
    }
    for (pool, capacity) in [("p0", 100), ("p3", 40)] {
        let (pool, capacity) = (pool.parse().expect("an identifier"), Capacity::new(capacity));
        events.push(Event::CapacityDeclared(CapacityDeclared { pool, capacity, from: day(0) }));
    }
    events
}

fn entry(number: u64, dice: &mut Dice) -> Entry {
    let events = match number {
        0 if dice.below(4) > 0 => scene(),
        _ => (0..=dice.below(10).saturating_sub(6)).map(|_| event(dice)).collect(),
    };
    let id = sanad::EntryId::new(Uuid::from_u128(0xE000 + u128::from(number))).expect("not nil");
    let actor = "stranger".parse().expect("an identifier");
    Entry::new(id, actor, None, None, dice.below(3) == 0, events).expect("there are events")
}

fn digest(projection: &Projection) -> String {
    let mut hasher = StateHasher::default();
    projection.canonical_state(projection.size(), &mut |bytes| hasher.update(bytes));
    hasher.finish().to_string()
}

/// A history of entries at random; `lawful` leaves out those that are not, and tells the states.
fn history(seed: u64, lawful: bool, court: &mut Court) {
    let (mut dice, mut state, mut projection) =
        (Dice::new(seed), State::default(), Projection::default());
    let mut forger = Forger { identity: identity(3, "Strangers"), records: Vec::new() };
    let mut states = vec![digest(&projection)];
    for number in 0..ENTRIES * if lawful { 4 } else { 1 } {
        let entry = entry(number, &mut dice);
        if lawful {
            let Ok(effect) = state.admit(&entry) else { continue };
            state.apply(effect);
            let (sequence, entry) = (Sequence(projection.size()), entry.clone());
            let recorded_at = RecordedTime::from_us(0).expect("a time");
            projection.take(&RecordedEntry { sequence, recorded_at, entry }).expect("it is lawful");
            states.push(digest(&projection));
        }
        forger.records.push(LooseRecord {
            entry_id: EntryId::new(entry.id().uuid()),
            recorded_at_us: number as i64 - 3,
            payload: sanad_codec::encode(&entry).expect("an entry that fits"),
        });
    }
    let name = format!("{}-strangers-{seed}", if lawful { "lawful" } else { "unlawful" });
    forger.write(&court.folder(&name));
    std::fs::remove_dir_all(court.folder(&name).join("memory")).ok();
    court.judge_with(&name, if lawful { json!(states) } else { json!(null) });
}

pub(crate) fn write(court: &mut Court) {
    for seed in 0..HISTORIES {
        history(seed, true, court);
        history(seed, false, court);
    }
}
