//! The bytes of schema 1 into an entry, field by field, each parsed into its type where it is read.

use std::borrow::Borrow;
use std::error::Error;
use std::str::FromStr;

use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, Digest, EffectiveTime, Entry, EntryId, Event,
    Events, GrantId, Granted, HolderRegistered, Instrument, PoolKind, PoolOpened, Recipient,
    Revoked, Unit, Window,
};
use uuid::Uuid;

use crate::names::Names;
use crate::numbers::{self, event};
use crate::payload::{LEAST_EVENT, PayloadError};
use crate::reader::{Reader, Taken};

impl Reader<'_> {
    /// The entry that the payload is, to its end.
    #[inline]
    pub(crate) fn entry(&mut self, id: EntryId) -> Taken<Entry> {
        let actor = self.name("actor", |names| &mut names.actor)?;
        let instrument = self.optional(Self::instrument)?;
        let reason = self.optional(|bytes| bytes.parsed("reason"))?;
        let accept_shortfall = self.flag()?;
        // Filled where it stands: an entry's only event is kept in place, and long.
        let mut events = Events::new();
        self.events(&mut events)?;
        self.end()?;
        valid("events", Entry::new(id, actor, instrument, reason, accept_shortfall, events))
    }

    fn instrument(&mut self) -> Taken<Instrument> {
        let reference = self.parsed("instrument reference")?;
        let digest = self.optional(Self::array)?.map(Digest::new);
        Ok(Instrument { reference, digest })
    }

    #[inline]
    fn events(&mut self, events: &mut Events) -> Taken<()> {
        let stated = self.unsigned()?;
        if stated > 1 {
            // What is stated may be anything; there are no more events than fit in the bytes that are left.
            let fit = self.left() / LEAST_EVENT;
            events.reserve(usize::try_from(stated).unwrap_or(fit).min(fit));
        }
        for _ in 0..stated {
            events.push(self.event()?);
        }
        Ok(())
    }

    #[inline]
    fn event(&mut self) -> Taken<Event> {
        match self.unsigned()? {
            event::ROOT_POOL_OPENED => self.pool_opened(Self::root),
            event::SUB_POOL_OPENED => self.pool_opened(Self::parent),
            event::CAPACITY_DECLARED => self.capacity_declared(),
            event::HOLDER_REGISTERED => self.holder_registered(),
            event::GRANTED_TO_HOLDER => self.granted(Self::holder),
            event::GRANTED_TO_SUB_POOL => self.granted(Self::sub_pool),
            event::REVOKED => self.revoked(),
            other => Err(self.malformed(&format_args!("{other} stands for no event"))),
        }
    }

    fn pool_opened(&mut self, kind: impl FnOnce(&mut Self) -> Taken<PoolKind>) -> Taken<Event> {
        let (pool, title) = (self.parsed("pool")?, self.parsed("title")?);
        Ok(Event::PoolOpened(PoolOpened { pool, title, kind: kind(self)? }))
    }

    fn root(&mut self) -> Taken<PoolKind> {
        let symbol = self.parsed("unit")?;
        valid("unit", Unit::new(symbol, self.byte()?)).map(PoolKind::Root)
    }

    fn parent(&mut self) -> Taken<PoolKind> {
        Ok(PoolKind::SubPool { parent: self.parsed("parent")? })
    }

    fn capacity_declared(&mut self) -> Taken<Event> {
        let pool = self.parsed("pool")?;
        let (capacity, from) = (Capacity::new(self.unsigned()?), self.time("from")?);
        Ok(Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }))
    }

    fn holder_registered(&mut self) -> Taken<Event> {
        let (holder, title) = (self.parsed("holder")?, self.parsed("title")?);
        Ok(Event::HolderRegistered(HolderRegistered { holder, title }))
    }

    #[inline(never)]
    fn granted(&mut self, recipient: impl FnOnce(&mut Self) -> Taken<Recipient>) -> Taken<Event> {
        Ok(Event::Granted(Granted {
            grant: self.grant()?,
            pool: self.name("pool", |names| &mut names.pool)?,
            recipient: recipient(self)?,
            amount: self.amount()?,
            purpose: self.optional(|bytes| bytes.parsed("purpose"))?,
            window: self.window()?,
        }))
    }

    #[inline]
    fn holder(&mut self) -> Taken<Recipient> {
        self.parsed("recipient").map(Recipient::Holder)
    }

    #[inline]
    fn sub_pool(&mut self) -> Taken<Recipient> {
        self.parsed("recipient").map(Recipient::Pool)
    }

    #[inline(never)]
    fn revoked(&mut self) -> Taken<Event> {
        Ok(Event::Revoked(Revoked {
            grant: self.grant()?,
            amount: self.amount()?,
            window: self.window()?,
            cause: self.cause()?,
        }))
    }

    #[inline]
    fn grant(&mut self) -> Taken<GrantId> {
        valid("grant", GrantId::new(Uuid::from_bytes(self.array()?)))
    }

    #[inline]
    fn amount(&mut self) -> Taken<Amount> {
        valid("amount", Amount::new(self.unsigned()?))
    }

    #[inline]
    fn window(&mut self) -> Taken<Window> {
        let from = self.time("from")?;
        let until = self.optional(|bytes| bytes.time("until"))?;
        valid("window", Window::new(from, until))
    }

    #[inline]
    fn time(&mut self, field: &'static str) -> Taken<EffectiveTime> {
        valid(field, EffectiveTime::from_us(self.signed()?))
    }

    fn cause(&mut self) -> Taken<Cause> {
        let number = self.byte()?;
        numbers::cause(number)
            .ok_or_else(|| refused("cause", &format_args!("{number} stands for no cause")))
    }

    // Inline, so that a text is parsed to where its event has it.
    #[inline(always)]
    fn parsed<T: FromStr<Err: Error>>(&mut self, field: &'static str) -> Taken<T> {
        let bytes = self.text_bytes()?;
        valid(field, self.text(bytes)?.parse())
    }

    /// As [`parsed`](Reader::parsed), for a name that was mostly met just before.
    #[inline(always)]
    fn name<T>(
        &mut self,
        field: &'static str,
        last: impl Fn(&mut Names) -> &mut Option<T>,
    ) -> Taken<T>
    where
        T: FromStr<Err: Error> + Borrow<str> + Clone,
    {
        let bytes = self.text_bytes()?;
        if let Some(same) = last(self.names).as_ref()
            && same.borrow().as_bytes() == bytes
        {
            return Ok(same.clone());
        }
        let name: T = valid(field, self.text(bytes)?.parse())?;
        *last(self.names) = Some(name.clone());
        Ok(name)
    }
}

#[inline]
fn valid<T, E: Error>(field: &'static str, value: Result<T, E>) -> Taken<T> {
    value.map_err(|error| refused(field, &error))
}

#[cold]
#[inline(never)]
fn refused(field: &'static str, reason: &dyn std::fmt::Display) -> Box<PayloadError> {
    Box::new(PayloadError::Value { field, reason: reason.to_string() })
}
