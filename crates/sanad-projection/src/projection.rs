//! The fact tables, and how they are looked up.

use std::collections::{HashMap, HashSet};

use sanad_core::{
    Amount, Cause, EffectiveTime, EntryId, GrantId, HolderId, PoolId, PoolKind, Purpose, Recipient,
    RecordedTime, Sequence, Unit, Window,
};

use crate::error::ProjectionError;
use crate::known::Known;
use crate::row::{EntryRow, GrantRow, HolderRow, PoolRow, RecipientRow, RevocationRow};

/// The facts of a history, as tables.
///
/// ```
/// use sanad_projection::{Known, Projection};
/// let projection = Projection::default();
/// assert_eq!(projection.size(), 0);
/// assert_eq!(projection.known(Known::Head)?, 0);
/// # Ok::<(), sanad_projection::ProjectionError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    pub(crate) pools: Vec<PoolRow>,
    pub(crate) holders: Vec<HolderRow>,
    pub(crate) grants: Vec<GrantRow>,
    pub(crate) revocations: Vec<RevocationRow>,
    /// The id and the recorded time of each entry; time never goes backwards.
    pub(crate) entries: Vec<EntryRow>,
    pub(crate) entries_by_id: HashMap<EntryId, u32>,
    pub(crate) pools_by_id: HashMap<PoolId, u32>,
    pub(crate) holders_by_id: HashMap<HolderId, u32>,
    pub(crate) grants_by_id: HashMap<GrantId, u32>,
    /// Each purpose once: grants share its text.
    pub(crate) purposes: HashSet<Purpose>,
}

impl Projection {
    /// How many entries it has taken in.
    #[must_use]
    pub fn size(&self) -> u64 {
        as_u64(self.entries.len())
    }

    /// How many grants it holds, revoked and expired ones among them.
    #[must_use]
    pub fn grant_count(&self) -> u64 {
        as_u64(self.grants.len())
    }

    /// When an entry was recorded.
    #[must_use]
    pub fn recorded_at(&self, sequence: Sequence) -> Option<RecordedTime> {
        self.entries.get(usize::try_from(sequence.0).ok()?).map(|row| row.recorded_at)
    }

    /// When the last of the first `size` entries was recorded.
    #[must_use]
    pub fn last_recorded_at(&self, size: u64) -> Option<RecordedTime> {
        self.recorded_at(Sequence(size.checked_sub(1)?))
    }

    /// The place of an entry.
    #[must_use]
    pub fn sequence_of(&self, entry: EntryId) -> Option<Sequence> {
        self.entries_by_id.get(&entry).map(|index| Sequence(u64::from(*index)))
    }

    /// The ids of all entries, in order.
    pub fn entry_ids(&self) -> impl Iterator<Item = EntryId> + '_ {
        self.entries.iter().map(|row| row.id)
    }

    /// The number of entries that a view may use. O(log n).
    ///
    /// # Errors
    /// [`ProjectionError::NotYet`] for an entry that is not there.
    pub fn known(&self, known: Known) -> Result<u64, ProjectionError> {
        match known {
            Known::Nothing => Ok(0),
            Known::Head => Ok(self.size()),
            Known::AtEntry(asked) if asked.0 < self.size() => Ok(asked.0 + 1),
            Known::AtEntry(asked) => Err(ProjectionError::NotYet { asked, size: self.size() }),
            Known::At(time) => {
                Ok(as_u64(self.entries.partition_point(|row| row.recorded_at <= time)))
            }
        }
    }

    pub(crate) fn add_entry(&mut self, row: EntryRow) {
        self.entries_by_id.insert(row.id, as_u32(self.entries.len()));
        self.entries.push(row);
    }

    pub(crate) fn add_pool(&mut self, row: PoolRow) {
        self.pools_by_id.insert(row.id.clone(), as_u32(self.pools.len()));
        self.pools.push(row);
    }

    pub(crate) fn add_holder(&mut self, row: HolderRow) {
        self.holders_by_id.insert(row.id.clone(), as_u32(self.holders.len()));
        self.holders.push(row);
    }

    pub(crate) fn add_grant(&mut self, mut row: GrantRow) {
        row.purpose = row.purpose.map(|purpose| self.shared(purpose));
        let index = as_u32(self.grants.len());
        self.grants_by_id.insert(row.id, index);
        self.pools[at(row.pool)].grants.push(index);
        match row.recipient {
            RecipientRow::Holder(holder) => self.holders[at(holder)].grants.push(index),
            RecipientRow::Pool(pool) => self.pools[at(pool)].received.push(index),
        }
        self.grants.push(row);
    }

    fn shared(&mut self, purpose: Purpose) -> Purpose {
        if let Some(known) = self.purposes.get(&purpose) {
            return known.clone();
        }
        self.purposes.insert(purpose.clone());
        purpose
    }

    pub(crate) fn add_revocation(
        &mut self,
        grant: u32,
        amount: Amount,
        window: Window,
        cause: Cause,
        revoked_in: Sequence,
    ) {
        let index = as_u32(self.revocations.len());
        let before = self.grants[at(grant)].last_revocation.replace(index);
        self.revocations.push(RevocationRow { amount, window, cause, revoked_in, before });
    }

    pub(crate) fn pool_index(&self, pool: &PoolId) -> Option<u32> {
        self.pools_by_id.get(pool).copied()
    }

    pub(crate) fn pool_row(&self, index: u32) -> &PoolRow {
        &self.pools[at(index)]
    }

    pub(crate) fn grant_row(&self, index: u32) -> &GrantRow {
        &self.grants[at(index)]
    }

    /// The unit of a pool: its root's.
    #[must_use]
    pub fn unit(&self, pool: &PoolId) -> Option<&Unit> {
        let mut row = self.pool_row(self.pool_index(pool)?);
        loop {
            match &row.kind {
                PoolKind::Root(unit) => return Some(unit),
                // Parents come before their sub-pools, so this ends.
                PoolKind::SubPool { parent } => row = self.pool_row(self.pool_index(parent)?),
            }
        }
    }

    /// The pool that a grant was made from.
    #[must_use]
    pub fn pool_of(&self, grant: GrantId) -> Option<&PoolId> {
        let row = self.grant_row(*self.grants_by_id.get(&grant)?);
        Some(&self.pool_row(row.pool).id)
    }

    /// The entry that opened a pool.
    #[must_use]
    pub fn opened_in(&self, pool: &PoolId) -> Option<Sequence> {
        Some(self.pool_row(self.pool_index(pool)?).opened_in)
    }

    /// The entry that registered a holder.
    #[must_use]
    pub fn registered_in(&self, holder: &HolderId) -> Option<Sequence> {
        Some(self.holders[at(*self.holders_by_id.get(holder)?)].registered_in)
    }

    /// Every pool's identifier, in order of opening.
    pub fn pool_ids(&self) -> impl Iterator<Item = &PoolId> {
        self.pools.iter().map(|row| &row.id)
    }

    /// Every holder's identifier, in order of registration.
    pub fn holder_ids(&self) -> impl Iterator<Item = &HolderId> {
        self.holders.iter().map(|row| &row.id)
    }

    /// The grants whose written id begins with a prefix, in order of granting. O(grants).
    #[must_use]
    pub fn grants_with_prefix(&self, prefix: &str) -> Vec<GrantId> {
        let begins = |row: &&GrantRow| row.id.to_string().starts_with(prefix);
        self.grants.iter().filter(begins).map(|row| row.id).collect()
    }

    pub(crate) fn recipient(&self, row: RecipientRow) -> Recipient {
        match row {
            RecipientRow::Holder(holder) => Recipient::Holder(self.holders[at(holder)].id.clone()),
            RecipientRow::Pool(pool) => Recipient::Pool(self.pool_row(pool).id.clone()),
        }
    }

    /// A grant's revocations among the first `size` entries, the latest first.
    pub(crate) fn revocations(
        &self,
        grant: &GrantRow,
        size: u64,
    ) -> impl Iterator<Item = &RevocationRow> {
        let row = |index: u32| &self.revocations[at(index)];
        std::iter::successors(grant.last_revocation.map(row), move |revocation| {
            revocation.before.map(row)
        })
        .filter(move |revocation| revocation.revoked_in.0 < size)
    }

    /// What is left of a grant at an instant, as known after the first `size` entries.
    pub(crate) fn left(&self, grant: &GrantRow, size: u64, in_force_at: EffectiveTime) -> i128 {
        if grant.granted_in.0 >= size || !grant.window.contains(in_force_at) {
            return 0;
        }
        let taken = self
            .revocations(grant, size)
            .filter(|revocation| revocation.window.contains(in_force_at));
        grant.amount.total() - taken.map(|revocation| revocation.amount.total()).sum::<i128>()
    }
}

/// Rows are counted in 32 bits to keep them small; a table that large would need over 300 GB of memory before.
pub(crate) fn as_u32(len: usize) -> u32 {
    u32::try_from(len).expect("fewer than 2^32 rows")
}

pub(crate) fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

pub(crate) fn at(index: u32) -> usize {
    usize::try_from(index).expect("a 32-bit index fits")
}
