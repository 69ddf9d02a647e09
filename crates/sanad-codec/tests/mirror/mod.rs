//! Schema 1 stated once more, as the shapes that bincode 2 encodes and decodes: fields and variants in their order.
//!
//! Nothing here may be reordered.

use bincode::config::{self, Config};
use bincode::{BorrowDecode, Encode};
use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, Digest, EffectiveTime, Entry, EntryId, Event,
    GrantId, Granted, HolderRegistered, Instrument, PoolKind, PoolOpened, Recipient, Revoked, Unit,
    Window,
};
use uuid::Uuid;

/// Little-endian, integers of variable length. The limit counts the memory that a list would take: with it a stated
/// length cannot take all there is, and as many events as fit in a payload stay below it.
fn configuration() -> impl Config {
    config::standard().with_limit::<{ 16 << 20 }>()
}

/// The payload of an entry, however long.
pub(crate) fn encode(entry: &Entry) -> Vec<u8> {
    bincode::encode_to_vec(WireEntry::of(entry), configuration()).unwrap()
}

/// The entry of a payload that is consumed whole, whose values are in their bounds, and that is encoded again to the
/// same bytes.
pub(crate) fn decode(id: EntryId, payload: &[u8]) -> Option<Entry> {
    let decoded = bincode::borrow_decode_from_slice::<WireEntry<'_>, _>(payload, configuration());
    let (wire, consumed) = decoded.ok()?;
    let again = bincode::encode_to_vec(&wire, configuration()).unwrap();
    (consumed == payload.len() && again == payload).then(|| wire.into_entry(id))?
}

#[derive(Encode, BorrowDecode)]
struct WireEntry<'a> {
    actor: &'a str,
    instrument: Option<WireInstrument<'a>>,
    reason: Option<&'a str>,
    accept_shortfall: bool,
    events: Vec<WireEvent<'a>>,
}

#[derive(Encode, BorrowDecode)]
struct WireInstrument<'a> {
    reference: &'a str,
    digest: Option<[u8; 32]>,
}

#[derive(Encode, BorrowDecode)]
enum WireEvent<'a> {
    RootPoolOpened { pool: &'a str, title: &'a str, unit: &'a str, decimals: u8 },
    SubPoolOpened { pool: &'a str, title: &'a str, parent: &'a str },
    CapacityDeclared { pool: &'a str, capacity: u64, from_us: i64 },
    HolderRegistered { holder: &'a str, title: &'a str },
    GrantedToHolder(WireGrant<'a>),
    GrantedToSubPool(WireGrant<'a>),
    Revoked { grant: [u8; 16], amount: u64, from_us: i64, until_us: Option<i64>, cause: u8 },
}

#[derive(Encode, BorrowDecode)]
struct WireGrant<'a> {
    grant: [u8; 16],
    pool: &'a str,
    recipient: &'a str,
    amount: u64,
    purpose: Option<&'a str>,
    from_us: i64,
    until_us: Option<i64>,
}

impl<'a> WireEntry<'a> {
    fn of(entry: &'a Entry) -> Self {
        WireEntry {
            actor: entry.actor().as_str(),
            instrument: entry.instrument().map(|instrument| WireInstrument {
                reference: instrument.reference.as_str(),
                digest: instrument.digest.map(|digest| *digest.as_bytes()),
            }),
            reason: entry.reason().map(|reason| reason.as_str()),
            accept_shortfall: entry.accepts_shortfall(),
            events: entry.events().iter().map(WireEvent::of).collect(),
        }
    }

    fn into_entry(self, id: EntryId) -> Option<Entry> {
        let instrument = match self.instrument {
            Some(WireInstrument { reference, digest }) => {
                Some(Instrument { reference: parsed(reference)?, digest: digest.map(Digest::new) })
            }
            None => None,
        };
        let (actor, reason) = (parsed(self.actor)?, optional(self.reason)?);
        let events: Vec<_> =
            self.events.into_iter().map(WireEvent::into_event).collect::<Option<_>>()?;
        Entry::new(id, actor, instrument, reason, self.accept_shortfall, events).ok()
    }
}

impl<'a> WireEvent<'a> {
    fn of(event: &'a Event) -> Self {
        match event {
            Event::PoolOpened(PoolOpened { pool, title, kind: PoolKind::Root(unit) }) => {
                let (unit, decimals) = (unit.symbol().as_str(), unit.decimals());
                let (pool, title) = (pool.as_str(), title.as_str());
                WireEvent::RootPoolOpened { pool, title, unit, decimals }
            }
            Event::PoolOpened(PoolOpened { pool, title, kind: PoolKind::SubPool { parent } }) => {
                let (pool, title, parent) = (pool.as_str(), title.as_str(), parent.as_str());
                WireEvent::SubPoolOpened { pool, title, parent }
            }
            Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }) => {
                let (capacity, from_us) = (capacity.get(), from.us());
                WireEvent::CapacityDeclared { pool: pool.as_str(), capacity, from_us }
            }
            Event::HolderRegistered(HolderRegistered { holder, title }) => {
                WireEvent::HolderRegistered { holder: holder.as_str(), title: title.as_str() }
            }
            Event::Granted(granted) => match &granted.recipient {
                Recipient::Holder(holder) => {
                    WireEvent::GrantedToHolder(WireGrant::of(granted, holder.as_str()))
                }
                Recipient::Pool(pool) => {
                    WireEvent::GrantedToSubPool(WireGrant::of(granted, pool.as_str()))
                }
            },
            Event::Revoked(Revoked { grant, amount, window, cause }) => WireEvent::Revoked {
                grant: grant.uuid().into_bytes(),
                amount: amount.get(),
                from_us: window.from().us(),
                until_us: window.until().map(EffectiveTime::us),
                cause: cause_number(*cause),
            },
        }
    }

    fn into_event(self) -> Option<Event> {
        Some(match self {
            WireEvent::RootPoolOpened { pool, title, unit, decimals } => {
                let kind = PoolKind::Root(Unit::new(parsed(unit)?, decimals).ok()?);
                Event::PoolOpened(PoolOpened { pool: parsed(pool)?, title: parsed(title)?, kind })
            }
            WireEvent::SubPoolOpened { pool, title, parent } => {
                let kind = PoolKind::SubPool { parent: parsed(parent)? };
                Event::PoolOpened(PoolOpened { pool: parsed(pool)?, title: parsed(title)?, kind })
            }
            WireEvent::CapacityDeclared { pool, capacity, from_us } => {
                let (capacity, from) = (Capacity::new(capacity), time(from_us)?);
                Event::CapacityDeclared(CapacityDeclared { pool: parsed(pool)?, capacity, from })
            }
            WireEvent::HolderRegistered { holder, title } => {
                let (holder, title) = (parsed(holder)?, parsed(title)?);
                Event::HolderRegistered(HolderRegistered { holder, title })
            }
            WireEvent::GrantedToHolder(grant) => {
                let holder = Recipient::Holder(parsed(grant.recipient)?);
                Event::Granted(grant.into_granted(holder)?)
            }
            WireEvent::GrantedToSubPool(grant) => {
                let pool = Recipient::Pool(parsed(grant.recipient)?);
                Event::Granted(grant.into_granted(pool)?)
            }
            WireEvent::Revoked { grant, amount, from_us, until_us, cause } => {
                Event::Revoked(Revoked {
                    grant: grant_id(grant)?,
                    amount: Amount::new(amount).ok()?,
                    window: window(from_us, until_us)?,
                    cause: Cause::ALL.into_iter().find(|known| cause_number(*known) == cause)?,
                })
            }
        })
    }
}

impl<'a> WireGrant<'a> {
    fn of(granted: &'a Granted, recipient: &'a str) -> Self {
        WireGrant {
            grant: granted.grant.uuid().into_bytes(),
            pool: granted.pool.as_str(),
            recipient,
            amount: granted.amount.get(),
            purpose: granted.purpose.as_ref().map(|purpose| purpose.as_str()),
            from_us: granted.window.from().us(),
            until_us: granted.window.until().map(EffectiveTime::us),
        }
    }

    fn into_granted(self, recipient: Recipient) -> Option<Granted> {
        Some(Granted {
            grant: grant_id(self.grant)?,
            pool: parsed(self.pool)?,
            recipient,
            amount: Amount::new(self.amount).ok()?,
            purpose: optional(self.purpose)?,
            window: window(self.from_us, self.until_us)?,
        })
    }
}

fn cause_number(cause: Cause) -> u8 {
    match cause {
        Cause::Revoked => 0,
        Cause::Surrendered => 1,
        Cause::Lapsed => 2,
        Cause::Transferred => 3,
        Cause::Curtailed => 4,
        Cause::Annulled => 5,
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// None if it is there and is refused.
fn optional<T: std::str::FromStr>(text: Option<&str>) -> Option<Option<T>> {
    text.map(str::parse).transpose().ok()
}

fn grant_id(bytes: [u8; 16]) -> Option<GrantId> {
    GrantId::new(Uuid::from_bytes(bytes)).ok()
}

fn time(us: i64) -> Option<EffectiveTime> {
    EffectiveTime::from_us(us).ok()
}

fn window(from_us: i64, until_us: Option<i64>) -> Option<Window> {
    let until = match until_us {
        Some(us) => Some(time(us)?),
        None => None,
    };
    Window::new(time(from_us)?, until).ok()
}
