//! The shapes that are encoded: schema 1.
//!
//! They mirror the domain's types so that a change there cannot change the bytes. The order of fields and variants is
//! the format: nothing here may be reordered, and anything new is a new schema.

use bincode::de::{BorrowDecoder, Decode};
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{BorrowDecode, Encode};
use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, Digest, EffectiveTime, Entry, EntryId, Event,
    Events, GrantId, Granted, HolderRegistered, Instrument, PoolKind, PoolOpened, Recipient,
    Revoked, Unit, Window,
};
use smallvec::SmallVec;
use uuid::Uuid;

use crate::payload::PayloadError;

#[derive(Encode, BorrowDecode)]
pub(crate) struct WireEntry<'a> {
    pub(crate) actor: &'a str,
    pub(crate) instrument: Option<WireInstrument<'a>>,
    pub(crate) reason: Option<&'a str>,
    accept_shortfall: bool,
    pub(crate) events: WireEvents<'a>,
}

/// A sequence as bincode writes a `Vec`. Its own decoder sets the memory that a stated length would take against the
/// limit for bytes, and so refuses long sequences of short events; this one takes memory as events are read.
pub(crate) struct WireEvents<'a>(SmallVec<[WireEvent<'a>; 1]>);

impl<'a> WireEvents<'a> {
    pub(crate) fn as_slice(&self) -> &[WireEvent<'a>] {
        &self.0
    }
}

impl Encode for WireEvents<'_> {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        self.0.as_slice().encode(encoder)
    }
}

impl<'de: 'a, 'a, Context> BorrowDecode<'de, Context> for WireEvents<'a> {
    fn borrow_decode<D: BorrowDecoder<'de, Context = Context>>(
        decoder: &mut D,
    ) -> Result<Self, DecodeError> {
        let stated = u64::decode(decoder)?;
        let mut events = SmallVec::new();
        for _ in 0..stated {
            events.push(WireEvent::borrow_decode(decoder)?);
        }
        Ok(Self(events))
    }
}

#[derive(Encode, BorrowDecode)]
pub(crate) struct WireInstrument<'a> {
    pub(crate) reference: &'a str,
    pub(crate) digest: Option<[u8; 32]>,
}

#[derive(Encode, BorrowDecode)]
pub(crate) enum WireEvent<'a> {
    RootPoolOpened { pool: &'a str, title: &'a str, unit: &'a str, decimals: u8 },
    SubPoolOpened { pool: &'a str, title: &'a str, parent: &'a str },
    CapacityDeclared { pool: &'a str, capacity: u64, from_us: i64 },
    HolderRegistered { holder: &'a str, title: &'a str },
    GrantedToHolder(WireGrant<'a>),
    GrantedToSubPool(WireGrant<'a>),
    Revoked { grant: [u8; 16], amount: u64, from_us: i64, until_us: Option<i64>, cause: u8 },
}

#[derive(Encode, BorrowDecode)]
pub(crate) struct WireGrant<'a> {
    pub(crate) grant: [u8; 16],
    pub(crate) pool: &'a str,
    pub(crate) recipient: &'a str,
    pub(crate) amount: u64,
    pub(crate) purpose: Option<&'a str>,
    pub(crate) from_us: i64,
    pub(crate) until_us: Option<i64>,
}

impl<'a> WireEntry<'a> {
    pub(crate) fn of(entry: &'a Entry) -> Self {
        WireEntry {
            actor: entry.actor().as_str(),
            instrument: entry.instrument().map(|instrument| WireInstrument {
                reference: instrument.reference.as_str(),
                digest: instrument.digest.map(|digest| *digest.as_bytes()),
            }),
            reason: entry.reason().map(|reason| reason.as_str()),
            accept_shortfall: entry.accepts_shortfall(),
            events: WireEvents(entry.events().iter().map(WireEvent::of).collect()),
        }
    }

    pub(crate) fn into_entry(self, id: EntryId) -> Result<Entry, PayloadError> {
        let instrument = self.instrument.map(|instrument| {
            let reference = parsed("instrument reference", instrument.reference)?;
            Ok(Instrument { reference, digest: instrument.digest.map(Digest::new) })
        });
        let reason = self.reason.map(|reason| parsed("reason", reason));
        let events: Result<Events, _> =
            self.events.0.into_iter().map(WireEvent::into_event).collect();
        let actor = parsed("actor", self.actor)?;
        let entry = Entry::new(
            id,
            actor,
            instrument.transpose()?,
            reason.transpose()?,
            self.accept_shortfall,
            events?,
        );
        valid("events", entry)
    }
}

impl<'a> WireEvent<'a> {
    fn of(event: &'a Event) -> Self {
        match event {
            Event::PoolOpened(PoolOpened { pool, title, kind: PoolKind::Root(unit) }) => {
                WireEvent::RootPoolOpened {
                    pool: pool.as_str(),
                    title: title.as_str(),
                    unit: unit.symbol().as_str(),
                    decimals: unit.decimals(),
                }
            }
            Event::PoolOpened(PoolOpened { pool, title, kind: PoolKind::SubPool { parent } }) => {
                WireEvent::SubPoolOpened {
                    pool: pool.as_str(),
                    title: title.as_str(),
                    parent: parent.as_str(),
                }
            }
            Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }) => {
                WireEvent::CapacityDeclared {
                    pool: pool.as_str(),
                    capacity: capacity.get(),
                    from_us: from.us(),
                }
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

    fn into_event(self) -> Result<Event, PayloadError> {
        Ok(match self {
            WireEvent::RootPoolOpened { pool, title, unit, decimals } => {
                let unit = valid("unit", Unit::new(parsed("unit", unit)?, decimals))?;
                Event::PoolOpened(PoolOpened {
                    pool: parsed("pool", pool)?,
                    title: parsed("title", title)?,
                    kind: PoolKind::Root(unit),
                })
            }
            WireEvent::SubPoolOpened { pool, title, parent } => Event::PoolOpened(PoolOpened {
                pool: parsed("pool", pool)?,
                title: parsed("title", title)?,
                kind: PoolKind::SubPool { parent: parsed("parent", parent)? },
            }),
            WireEvent::CapacityDeclared { pool, capacity, from_us } => {
                Event::CapacityDeclared(CapacityDeclared {
                    pool: parsed("pool", pool)?,
                    capacity: Capacity::new(capacity),
                    from: valid("from", EffectiveTime::from_us(from_us))?,
                })
            }
            WireEvent::HolderRegistered { holder, title } => {
                Event::HolderRegistered(HolderRegistered {
                    holder: parsed("holder", holder)?,
                    title: parsed("title", title)?,
                })
            }
            WireEvent::GrantedToHolder(grant) => {
                let holder = Recipient::Holder(parsed("recipient", grant.recipient)?);
                Event::Granted(grant.into_granted(holder)?)
            }
            WireEvent::GrantedToSubPool(grant) => {
                let pool = Recipient::Pool(parsed("recipient", grant.recipient)?);
                Event::Granted(grant.into_granted(pool)?)
            }
            WireEvent::Revoked { grant, amount, from_us, until_us, cause } => {
                Event::Revoked(Revoked {
                    grant: valid("grant", GrantId::new(Uuid::from_bytes(grant)))?,
                    amount: valid("amount", Amount::new(amount))?,
                    window: window(from_us, until_us)?,
                    cause: cause_of(cause)?,
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

    fn into_granted(self, recipient: Recipient) -> Result<Granted, PayloadError> {
        Ok(Granted {
            grant: valid("grant", GrantId::new(Uuid::from_bytes(self.grant)))?,
            pool: parsed("pool", self.pool)?,
            recipient,
            amount: valid("amount", Amount::new(self.amount))?,
            purpose: self.purpose.map(|purpose| parsed("purpose", purpose)).transpose()?,
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

fn cause_of(number: u8) -> Result<Cause, PayloadError> {
    let found = Cause::ALL.into_iter().find(|cause| cause_number(*cause) == number);
    found.ok_or_else(|| PayloadError::Value {
        field: "cause",
        reason: format!("{number} stands for no cause"),
    })
}

fn window(from_us: i64, until_us: Option<i64>) -> Result<Window, PayloadError> {
    let from = valid("from", EffectiveTime::from_us(from_us))?;
    let until = until_us.map(|us| valid("until", EffectiveTime::from_us(us))).transpose()?;
    valid("window", Window::new(from, until))
}

fn parsed<T: std::str::FromStr<Err: std::error::Error>>(
    field: &'static str,
    text: &str,
) -> Result<T, PayloadError> {
    valid(field, text.parse())
}

fn valid<T, E: std::error::Error>(
    field: &'static str,
    value: Result<T, E>,
) -> Result<T, PayloadError> {
    value.map_err(|error| PayloadError::Value { field, reason: error.to_string() })
}
