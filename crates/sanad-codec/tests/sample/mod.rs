//! Entries that show every event and every field.

use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, EffectiveTime, Entry, EntryId, Event, GrantId,
    Granted, HolderRegistered, Instrument, PoolKind, PoolOpened, Recipient, Revoked, Unit, Window,
};
use uuid::Uuid;

pub(crate) fn entry_id() -> EntryId {
    "01970e3c-7b7a-7000-8000-000000000001".parse().unwrap()
}

pub(crate) fn grant_id() -> GrantId {
    GrantId::new(Uuid::from_u128(0x0197_0e3c_7b7a_7000_8000_0000_0000_00a1)).unwrap()
}

fn at(us: i64) -> EffectiveTime {
    EffectiveTime::from_us(us).unwrap()
}

/// A window of times that need one, three, five and nine bytes.
fn window(from: i64, until: Option<i64>) -> Window {
    Window::new(at(from), until.map(at)).unwrap()
}

pub(crate) fn root_opened() -> Event {
    Event::PoolOpened(PoolOpened {
        pool: "pk-surplus".parse().unwrap(),
        title: "فاضل بجلی".parse().unwrap(),
        kind: PoolKind::Root(Unit::new("MW".parse().unwrap(), 3).unwrap()),
    })
}

pub(crate) fn sub_pool_opened() -> Event {
    Event::PoolOpened(PoolOpened {
        pool: "pk-surplus/mining".parse().unwrap(),
        title: "Bitcoin mining".parse().unwrap(),
        kind: PoolKind::SubPool { parent: "pk-surplus".parse().unwrap() },
    })
}

pub(crate) fn declared(capacity: u64, from: i64) -> Event {
    let pool = "pk-surplus".parse().unwrap();
    let (capacity, from) = (Capacity::new(capacity), at(from));
    Event::CapacityDeclared(CapacityDeclared { pool, capacity, from })
}

pub(crate) fn registered(holder: &str) -> Event {
    let (holder, title) = (holder.parse().unwrap(), "T".parse().unwrap());
    Event::HolderRegistered(HolderRegistered { holder, title })
}

pub(crate) fn granted(amount: u64, until: Option<i64>) -> Event {
    Event::Granted(Granted {
        grant: grant_id(),
        pool: "pk-surplus/mining".parse().unwrap(),
        recipient: Recipient::Holder("misal".parse().unwrap()),
        amount: Amount::new(amount).unwrap(),
        purpose: Some("bitcoin-mining".parse().unwrap()),
        window: window(1_748_113_200_000_000, until),
    })
}

pub(crate) fn allotted() -> Event {
    Event::Granted(Granted {
        grant: grant_id(),
        pool: "pk-surplus".parse().unwrap(),
        recipient: Recipient::Pool("pk-surplus/mining".parse().unwrap()),
        amount: Amount::new(u64::MAX).unwrap(),
        purpose: None,
        window: window(-1, None),
    })
}

pub(crate) fn revoked(cause: Cause) -> Event {
    let (amount, window) = (Amount::new(251).unwrap(), window(-126, Some(32_768)));
    Event::Revoked(Revoked { grant: grant_id(), amount, window, cause })
}

pub(crate) fn entry(events: Vec<Event>) -> Entry {
    Entry::new(entry_id(), "mof".parse().unwrap(), None, None, false, events).unwrap()
}

/// An entry with all that an entry can say about itself.
pub(crate) fn authorised(events: Vec<Event>) -> Entry {
    let digest = format!("blake3:{}", "ab".repeat(32)).parse().unwrap();
    let reference = "Notice of 25 May 2025".parse().unwrap();
    let instrument = Some(Instrument { reference, digest: Some(digest) });
    let reason = Some("first phase".parse().unwrap());
    Entry::new(entry_id(), "mof".parse().unwrap(), instrument, reason, true, events).unwrap()
}
