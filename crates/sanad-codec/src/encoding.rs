//! An entry into the bytes of schema 1, field by field. The order is the format: nothing here may be reordered, and
//! anything new is a new schema.

use sanad_core::{
    CapacityDeclared, EffectiveTime, Entry, Event, Granted, HolderRegistered, Instrument, PoolKind,
    PoolOpened, Recipient, Revoked, Window,
};

use crate::numbers::{self, event};
use crate::writer::Writer;

impl Writer<'_> {
    pub(crate) fn entry(&mut self, entry: &Entry) {
        self.text(entry.actor().as_str());
        self.optional(entry.instrument(), Self::instrument);
        self.optional(entry.reason(), |out, reason| out.text(reason.as_str()));
        self.flag(entry.accepts_shortfall());
        self.unsigned(entry.events().len() as u64);
        entry.events().iter().for_each(|event| self.event(event));
    }

    fn instrument(&mut self, instrument: &Instrument) {
        self.text(instrument.reference.as_str());
        self.optional(instrument.digest, |out, digest| out.bytes(digest.as_bytes()));
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::PoolOpened(opened) => self.pool_opened(opened),
            Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }) => {
                self.unsigned(event::CAPACITY_DECLARED);
                self.text(pool.as_str());
                self.unsigned(capacity.get());
                self.signed(from.us());
            }
            Event::HolderRegistered(HolderRegistered { holder, title }) => {
                self.unsigned(event::HOLDER_REGISTERED);
                self.text(holder.as_str());
                self.text(title.as_str());
            }
            Event::Granted(granted) => self.granted(granted),
            Event::Revoked(Revoked { grant, amount, window, cause }) => {
                self.unsigned(event::REVOKED);
                self.bytes(grant.uuid().as_bytes());
                self.unsigned(amount.get());
                self.window(window);
                self.byte(numbers::of_cause(*cause));
            }
        }
    }

    fn pool_opened(&mut self, PoolOpened { pool, title, kind }: &PoolOpened) {
        self.unsigned(match kind {
            PoolKind::Root(_) => event::ROOT_POOL_OPENED,
            PoolKind::SubPool { .. } => event::SUB_POOL_OPENED,
        });
        self.text(pool.as_str());
        self.text(title.as_str());
        match kind {
            PoolKind::Root(unit) => {
                self.text(unit.symbol().as_str());
                self.byte(unit.decimals());
            }
            PoolKind::SubPool { parent } => self.text(parent.as_str()),
        }
    }

    fn granted(&mut self, granted: &Granted) {
        let Granted { grant, pool, recipient, amount, purpose, window } = granted;
        let (number, recipient) = match recipient {
            Recipient::Holder(holder) => (event::GRANTED_TO_HOLDER, holder.as_str()),
            Recipient::Pool(pool) => (event::GRANTED_TO_SUB_POOL, pool.as_str()),
        };
        self.unsigned(number);
        self.bytes(grant.uuid().as_bytes());
        self.text(pool.as_str());
        self.text(recipient);
        self.unsigned(amount.get());
        self.optional(purpose.as_ref(), |out, purpose| out.text(purpose.as_str()));
        self.window(window);
    }

    #[inline]
    fn window(&mut self, window: &Window) {
        self.signed(window.from().us());
        self.optional(window.until().map(EffectiveTime::us), Self::signed);
    }
}
