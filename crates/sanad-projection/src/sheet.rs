//! Entries as rows, made apart from the tables: every core makes some, and one thread appends them.

use std::hash::Hash;
use std::ops::Range;

use hashbrown::HashMap;
use sanad_core::{
    Amount, Event, Granted, HolderId, PoolId, Purpose, Recipient, RecordedEntry, Revoked, Sequence,
    Window,
};

use crate::projection::{as_u32, as_u64, at};
use crate::row::{EntryRow, GrantRow, Id, RecipientRow, RevocationRow, Span};

/// The rows of some entries that follow one another. Pools, holders and purposes have numbers of the sheet's own in
/// them, until a [`Bulk`](crate::Bulk) takes it.
#[derive(Debug, Default)]
pub struct Sheet {
    /// The sequence of the first entry.
    pub(crate) first: u64,
    /// Not every entry has the sequence behind the one before it.
    pub(crate) parted: bool,
    pub(crate) entry_ids: Vec<Id>,
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) grant_ids: Vec<Id>,
    pub(crate) grants: Vec<GrantRow>,
    pub(crate) revocations: Vec<Revoking>,
    pub(crate) pools: Called<PoolId>,
    pub(crate) holders: Called<HolderId>,
    pub(crate) purposes: Called<Purpose>,
    /// What is not one of many.
    pub(crate) apart: Vec<Apart>,
}

/// A revocation of a grant that is still to be looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Revoking {
    pub(crate) grant: Id,
    /// How many grants stand before it.
    pub(crate) behind: u32,
    /// With no grant in it.
    pub(crate) row: RevocationRow,
}

/// An event that is taken in its place among the grants.
#[derive(Debug)]
pub(crate) struct Apart {
    /// How many grants of the sheet stand before it.
    pub(crate) behind: usize,
    pub(crate) sequence: Sequence,
    pub(crate) event: Event,
}

impl Sheet {
    /// A sheet with room for so many entries of one grant each; it takes more.
    #[must_use]
    pub fn with_room_for(entries: usize) -> Self {
        Self {
            entry_ids: Vec::with_capacity(entries),
            entries: Vec::with_capacity(entries),
            grant_ids: Vec::with_capacity(entries),
            grants: Vec::with_capacity(entries),
            ..Self::default()
        }
    }

    /// Adds the entry behind those that are there. Whether it comes next is asked when the sheet is taken.
    pub fn add(&mut self, recorded: &RecordedEntry) {
        let sequence = recorded.sequence;
        if self.entries.is_empty() {
            self.first = sequence.0;
        }
        self.parted |= sequence.0.checked_sub(self.first) != Some(as_u64(self.entries.len()));
        self.entry_ids.push(recorded.entry.id().uuid().into_bytes());
        self.entries.push(EntryRow { recorded_us: recorded.recorded_at.us() });
        for event in recorded.entry.events() {
            match event {
                Event::Granted(granted) => self.add_grant(granted, sequence),
                Event::Revoked(revoked) => self.add_revocation(revoked, sequence),
                Event::PoolOpened(_) | Event::CapacityDeclared(_) | Event::HolderRegistered(_) => {
                    let behind = self.grants.len();
                    self.apart.push(Apart { behind, sequence, event: event.clone() });
                }
            }
        }
    }

    /// How many grants there are.
    #[must_use]
    pub fn grant_count(&self) -> usize {
        self.grants.len()
    }

    /// The amounts and windows of some grants, in order, those together that follow one another and are of one pool.
    pub fn grants_by_pool(
        &self,
        grants: Range<usize>,
    ) -> impl Iterator<Item = (&PoolId, impl Iterator<Item = (Amount, Window)>)> {
        let same_pool = |one: &GrantRow, other: &GrantRow| one.pool == other.pool;
        self.grants[grants].chunk_by(same_pool).map(|grants| {
            let pool = &self.pools.names[at(grants[0].pool)];
            (pool, grants.iter().map(|grant| (grant.amount(), grant.span.window())))
        })
    }

    fn add_grant(&mut self, granted: &Granted, sequence: Sequence) {
        let recipient = match &granted.recipient {
            Recipient::Holder(holder) => RecipientRow::Holder(self.holders.number(holder)),
            Recipient::Pool(pool) => RecipientRow::Pool(self.pools.number(pool)),
        };
        let purpose = granted.purpose.as_ref();
        self.grant_ids.push(granted.grant.uuid().into_bytes());
        self.grants.push(GrantRow {
            recipient,
            pool: self.pools.number(&granted.pool),
            count: granted.amount.get(),
            span: Span::of(granted.window),
            purpose: purpose.map_or(0, |purpose| self.purposes.number(purpose) + 1),
            granted_in: sequence,
        });
    }

    fn add_revocation(&mut self, revoked: &Revoked, sequence: Sequence) {
        let row = RevocationRow {
            grant: 0,
            count: revoked.amount.get(),
            span: Span::of(revoked.window),
            cause: revoked.cause,
            revoked_in: sequence,
        };
        let (grant, behind) = (revoked.grant.uuid().into_bytes(), as_u32(self.grants.len()));
        self.revocations.push(Revoking { grant, behind, row });
    }
}

/// Names in the order in which they were met.
#[derive(Debug)]
pub(crate) struct Called<T> {
    pub(crate) names: Vec<T>,
    numbers: HashMap<T, u32>,
    /// The number of the one that was met last: most are followed by themselves.
    last: u32,
}

impl<T> Default for Called<T> {
    fn default() -> Self {
        Self { names: Vec::new(), numbers: HashMap::new(), last: 0 }
    }
}

impl<T: Clone + Eq + Hash> Called<T> {
    fn number(&mut self, name: &T) -> u32 {
        if self.names.get(at(self.last)) == Some(name) {
            return self.last;
        }
        let next = as_u32(self.names.len());
        self.last = *self.numbers.entry_ref(name).or_insert(next);
        if self.last == next {
            self.names.push(name.clone());
        }
        self.last
    }
}
