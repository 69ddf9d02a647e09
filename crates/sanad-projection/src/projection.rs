//! The fact tables, and how an entry enters them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use sanad_core::{
    Amount, Capacity, Cause, EffectiveTime, EntryId, Event, GrantId, HolderId, PoolId, PoolKind,
    Purpose, Recipient, RecordedEntry, RecordedTime, Sequence, Title, Unit, Window,
};

use crate::known::Known;

/// Why an entry or a question does not fit the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// Entries come in order, each once.
    #[error("entry {found} was given where entry {expected} comes next")]
    OutOfOrder {
        /// The sequence that comes next.
        expected: u64,
        /// The sequence that was given.
        found: u64,
    },
    /// An event speaks of a pool, holder or grant that no earlier event brought.
    #[error("entry {sequence} speaks of {what} {id}, which no entry before it brought")]
    Unknown {
        /// The entry.
        sequence: Sequence,
        /// `pool`, `holder` or `grant`.
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// An event brings a pool, holder, grant or entry id that an earlier event brought.
    #[error("entry {sequence} brings {what} {id} a second time")]
    Repeated {
        /// The entry.
        sequence: Sequence,
        /// `pool`, `holder`, `grant` or `entry`.
        what: &'static str,
        /// Its identifier.
        id: String,
    },
    /// A question about an entry that is not there yet.
    #[error("entry {asked} is not in the ledger, which has {size} entries (the last is {last})", last = size.saturating_sub(1))]
    NotYet {
        /// The entry asked about.
        asked: Sequence,
        /// How many there are.
        size: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryRow {
    pub(crate) id: EntryId,
    pub(crate) recorded_at: RecordedTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolRow {
    pub(crate) id: PoolId,
    pub(crate) title: Title,
    pub(crate) kind: PoolKind,
    pub(crate) opened_in: Sequence,
    /// Declarations in the order of recording.
    pub(crate) declared: Vec<DeclarationRow>,
    /// The grants made from the pool, in order.
    pub(crate) grants: Vec<u32>,
    /// The grants made to the pool by its parent, in order.
    pub(crate) received: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeclarationRow {
    pub(crate) from: EffectiveTime,
    pub(crate) capacity: Capacity,
    pub(crate) declared_in: Sequence,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HolderRow {
    pub(crate) id: HolderId,
    pub(crate) title: Title,
    pub(crate) registered_in: Sequence,
    pub(crate) grants: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientRow {
    Holder(u32),
    Pool(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantRow {
    pub(crate) id: GrantId,
    pub(crate) pool: u32,
    pub(crate) recipient: RecipientRow,
    pub(crate) amount: Amount,
    pub(crate) window: Window,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) granted_in: Sequence,
    /// The latest revocation; each names the one before it.
    pub(crate) last_revocation: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RevocationRow {
    pub(crate) amount: Amount,
    pub(crate) window: Window,
    pub(crate) cause: Cause,
    pub(crate) revoked_in: Sequence,
    pub(crate) before: Option<u32>,
}

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

    /// Takes an entry in.
    ///
    /// # Errors
    /// Where it is not the next one, or speaks of what no entry brought. The tables then hold the events before the
    /// one that failed; a history that was verified cannot fail.
    pub fn take(&mut self, recorded: &RecordedEntry) -> Result<(), ProjectionError> {
        let (expected, found) = (self.size(), recorded.sequence.0);
        if expected != found {
            return Err(ProjectionError::OutOfOrder { expected, found });
        }
        let id = recorded.entry.id();
        refuse_repeated(&self.entries_by_id, &id, "entry", recorded.sequence)?;
        self.add_entry(EntryRow { id, recorded_at: recorded.recorded_at });
        recorded
            .entry
            .events()
            .iter()
            .try_for_each(|event| self.take_event(event, recorded.sequence))
    }

    fn take_event(&mut self, event: &Event, sequence: Sequence) -> Result<(), ProjectionError> {
        match event {
            Event::PoolOpened(opened) => {
                refuse_repeated(&self.pools_by_id, &opened.pool, "pool", sequence)?;
                if let PoolKind::SubPool { parent } = &opened.kind {
                    self.pool_index(parent).ok_or_else(|| unknown_pool(sequence, parent))?;
                }
                self.add_pool(PoolRow {
                    id: opened.pool.clone(),
                    title: opened.title.clone(),
                    kind: opened.kind.clone(),
                    opened_in: sequence,
                    declared: Vec::new(),
                    grants: Vec::new(),
                    received: Vec::new(),
                });
            }
            Event::CapacityDeclared(declared) => {
                let pool = self
                    .pool_index(&declared.pool)
                    .ok_or_else(|| unknown_pool(sequence, &declared.pool))?;
                let (from, capacity) = (declared.from, declared.capacity);
                self.pools[at(pool)].declared.push(DeclarationRow {
                    from,
                    capacity,
                    declared_in: sequence,
                });
            }
            Event::HolderRegistered(registered) => {
                refuse_repeated(&self.holders_by_id, &registered.holder, "holder", sequence)?;
                let (id, title) = (registered.holder.clone(), registered.title.clone());
                self.add_holder(HolderRow {
                    id,
                    title,
                    registered_in: sequence,
                    grants: Vec::new(),
                });
            }
            Event::Granted(granted) => {
                refuse_repeated(&self.grants_by_id, &granted.grant, "grant", sequence)?;
                let pool = self
                    .pool_index(&granted.pool)
                    .ok_or_else(|| unknown_pool(sequence, &granted.pool))?;
                let recipient = self.recipient_row(&granted.recipient, sequence)?;
                self.add_grant(GrantRow {
                    id: granted.grant,
                    pool,
                    recipient,
                    amount: granted.amount,
                    window: granted.window,
                    purpose: granted.purpose.clone(),
                    granted_in: sequence,
                    last_revocation: None,
                });
            }
            Event::Revoked(revoked) => {
                let unknown = || ProjectionError::Unknown {
                    sequence,
                    what: "grant",
                    id: revoked.grant.to_string(),
                };
                let grant = *self.grants_by_id.get(&revoked.grant).ok_or_else(unknown)?;
                let (amount, window, cause) = (revoked.amount, revoked.window, revoked.cause);
                self.add_revocation(grant, amount, window, cause, sequence);
            }
        }
        Ok(())
    }

    fn recipient_row(
        &self,
        recipient: &Recipient,
        sequence: Sequence,
    ) -> Result<RecipientRow, ProjectionError> {
        match recipient {
            Recipient::Pool(pool) => self
                .pool_index(pool)
                .map(RecipientRow::Pool)
                .ok_or_else(|| unknown_pool(sequence, pool)),
            Recipient::Holder(holder) => {
                let unknown = || ProjectionError::Unknown {
                    sequence,
                    what: "holder",
                    id: holder.to_string(),
                };
                self.holders_by_id
                    .get(holder)
                    .copied()
                    .map(RecipientRow::Holder)
                    .ok_or_else(unknown)
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

fn refuse_repeated<K: Eq + Hash + ToString>(
    known: &HashMap<K, u32>,
    id: &K,
    what: &'static str,
    sequence: Sequence,
) -> Result<(), ProjectionError> {
    if known.contains_key(id) {
        return Err(ProjectionError::Repeated { sequence, what, id: id.to_string() });
    }
    Ok(())
}

fn unknown_pool(sequence: Sequence, pool: &PoolId) -> ProjectionError {
    ProjectionError::Unknown { sequence, what: "pool", id: pool.to_string() }
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
