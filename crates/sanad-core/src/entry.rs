//! The entry: one atomic, authorised act that was recorded.

use std::fmt;

use smallvec::SmallVec;

use crate::event::Event;
use crate::id::{EntryId, GrantId};
use crate::instrument::Instrument;
use crate::slug::ActorId;
use crate::text::Reason;
use crate::time::{EffectiveTime, RecordedTime};

/// Events in order; a single one, the common case, takes no memory of its own.
pub type Events = SmallVec<[Event; 1]>;

/// An entry's place in the history; the first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Why parts are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// An entry says at least one thing.
    #[error("the entry has no events; give at least one")]
    NoEvents,
}

/// One atomic act: all of its events take effect, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: EntryId,
    actor: ActorId,
    /// Apart, because it is long and many entries have none: an entry is moved often on its way.
    instrument: Option<Box<Instrument>>,
    reason: Option<Reason>,
    accept_shortfall: bool,
    events: Events,
}

impl Entry {
    /// Joins the parts of an entry.
    ///
    /// # Errors
    /// [`EntryError::NoEvents`].
    // An entry is long, and is made where it is decided or decoded: a call would copy its events twice more.
    #[inline(always)]
    pub fn new(
        id: EntryId,
        actor: ActorId,
        instrument: Option<Instrument>,
        reason: Option<Reason>,
        accept_shortfall: bool,
        events: impl Into<Events>,
    ) -> Result<Self, EntryError> {
        let events = events.into();
        if events.is_empty() {
            return Err(EntryError::NoEvents);
        }
        let instrument = instrument.map(Box::new);
        Ok(Self { id, actor, instrument, reason, accept_shortfall, events })
    }

    /// Its identifier, the key of idempotency.
    #[must_use]
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// Who asked for it.
    #[must_use]
    pub fn actor(&self) -> &ActorId {
        &self.actor
    }

    /// The legal document behind it.
    #[must_use]
    pub fn instrument(&self) -> Option<&Instrument> {
        self.instrument.as_deref()
    }

    /// Why it was made.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
    }

    /// Whether it accepts that capacity taken away leaves live grants uncovered.
    #[must_use]
    pub fn accepts_shortfall(&self) -> bool {
        self.accept_shortfall
    }

    /// Its events, at least one, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The grants that it speaks of, made or revoked.
    pub fn grants(&self) -> impl Iterator<Item = GrantId> {
        self.events.iter().filter_map(|event| match event {
            Event::Granted(granted) => Some(granted.grant),
            Event::Revoked(revoked) => Some(revoked.grant),
            _ => None,
        })
    }

    /// The earliest effective instant that any of its events speaks of.
    #[must_use]
    pub fn effective_from(&self) -> Option<EffectiveTime> {
        self.events.iter().filter_map(Event::effective_from).min()
    }
}

/// An entry with its place and time in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEntry {
    /// Its place.
    pub sequence: Sequence,
    /// When the ledger learned it.
    pub recorded_at: RecordedTime,
    /// What was recorded.
    pub entry: Entry,
}
