//! A look at the ledger, as far as it is known.

use std::ops::Deref;
use std::sync::Arc;

use sanad_audit_log::{ChainHash, Head, StateDigest, StateHasher};
use sanad_core::{EffectiveTime, GrantId, HolderId, PoolId, RecordedTime, Unit};
use sanad_event_store::{FileReader, RecordStream};
use sanad_projection::{
    Allocation, GrantHistory, HolderStanding, PoolStanding, Projection, Statement, TimelineStep,
};

use crate::book::Book;
use crate::error::LedgerError;

/// What an answer was computed from: so many entries, and the chain hash of the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// How many entries were used.
    pub size: u64,
    /// The chain hash after them.
    pub head: ChainHash,
    /// When the last of them was recorded.
    pub last_recorded_at: Option<RecordedTime>,
    /// How many entries the ledger has.
    pub ledger_size: u64,
}

/// What a view of the first `size` entries is computed from.
pub(crate) fn basis(
    projection: &Projection,
    whole: Head,
    size: u64,
    reader: &FileReader,
) -> Result<Basis, LedgerError> {
    let head = match size.checked_sub(1) {
        _ if size == whole.size => whole.hash,
        None => reader.identity().genesis(),
        Some(last) => {
            let mut records = reader.records(last..size)?;
            records.next_record()?.ok_or(LedgerError::Closed)?.stored_hash()
        }
    };
    Ok(Basis {
        size,
        head,
        last_recorded_at: projection.last_recorded_at(size),
        ledger_size: whole.size,
    })
}

/// The ledger as known after some number of entries; every question can be asked for any effective instant.
///
/// It does not change while it is held, whatever is recorded.
#[derive(Debug)]
pub struct View<'a> {
    tables: Shared<'a>,
    basis: Basis,
}

#[derive(Debug)]
pub(crate) enum Shared<'a> {
    Held(Arc<Book>),
    Plain(&'a Projection),
}

impl Deref for Shared<'_> {
    type Target = Projection;

    fn deref(&self) -> &Projection {
        match self {
            Shared::Held(book) => &book.projection,
            Shared::Plain(projection) => projection,
        }
    }
}

impl<'a> View<'a> {
    pub(crate) fn new(tables: Shared<'a>, basis: Basis) -> Self {
        Self { tables, basis }
    }

    fn projection(&self) -> &Projection {
        &self.tables
    }

    /// What every answer of this view was computed from.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// The digest of all that the view knows, at every effective instant (`docs/format/state.md`). Two programs that
    /// replay the same entries get the same one. O(n log n) in pools, holders and grants.
    #[must_use]
    pub fn state_digest(&self) -> StateDigest {
        let mut hasher = StateHasher::default();
        self.projection().canonical_state(self.basis.size, &mut |bytes| hasher.update(bytes));
        hasher.finish()
    }

    /// What grants amount to at an instant, in order of granting; those that amount to nothing are left out.
    /// O(grants).
    pub fn allocations(&self, in_force_at: EffectiveTime) -> impl Iterator<Item = Allocation> + '_ {
        self.projection().allocations(self.basis.size, in_force_at)
    }

    /// As [`allocations`](View::allocations), of one holder; none of one that is unknown. O(k) in the holder's grants,
    /// and a look into each 4,096 grants; all are found before the first is given.
    pub fn allocations_to(
        &self,
        holder: &HolderId,
        in_force_at: EffectiveTime,
    ) -> impl Iterator<Item = Allocation> + '_ {
        self.projection().allocations_to(self.basis.size, holder, in_force_at)
    }

    /// Every pool at an instant, each parent before its sub-pools. O(grants).
    #[must_use]
    pub fn pools(&self, in_force_at: EffectiveTime) -> Vec<PoolStanding> {
        self.projection().pools(self.basis.size, in_force_at)
    }

    /// Every holder at an instant, in order of registration. O(grants).
    #[must_use]
    pub fn holders(&self, in_force_at: EffectiveTime) -> Vec<HolderStanding> {
        self.projection().holders(self.basis.size, in_force_at)
    }

    /// A pool's capacity and usage over time; `None` for a pool that is unknown.
    #[must_use]
    pub fn timeline(&self, pool: &PoolId) -> Option<Vec<TimelineStep>> {
        self.projection().timeline(self.basis.size, pool)
    }

    /// What was given to and taken from a holder; `None` for a holder that is unknown.
    #[must_use]
    pub fn statement(&self, holder: &HolderId, in_force_at: EffectiveTime) -> Option<Statement> {
        self.projection().statement(self.basis.size, holder, in_force_at)
    }

    /// All that happened to a grant; `None` for a grant that is unknown.
    #[must_use]
    pub fn history(&self, grant: GrantId) -> Option<GrantHistory> {
        self.projection().history(self.basis.size, grant)
    }

    /// The grants whose written id begins with a prefix. O(grants).
    #[must_use]
    pub fn grants_with_prefix(&self, prefix: &str) -> Vec<GrantId> {
        self.projection().grants_with_prefix(prefix)
    }

    /// How many hexadecimal digits of a grant's id tell it from every other grant's. O(n log n) in the grants.
    #[must_use]
    pub fn telling_digits(&self) -> u32 {
        self.projection().telling_digits()
    }

    /// Every pool's identifier, in order of opening.
    pub fn pool_ids(&self) -> impl Iterator<Item = &PoolId> {
        self.projection().pool_ids()
    }

    /// Every holder's identifier, in order of registration.
    pub fn holder_ids(&self) -> impl Iterator<Item = &HolderId> {
        self.projection().holder_ids()
    }

    /// The unit of a pool.
    #[must_use]
    pub fn unit(&self, pool: &PoolId) -> Option<&Unit> {
        self.projection().unit(pool)
    }

    /// The unit that a grant is counted in.
    #[must_use]
    pub fn unit_of_grant(&self, grant: GrantId) -> Option<&Unit> {
        self.projection().unit(self.projection().pool_of(grant)?)
    }
}
