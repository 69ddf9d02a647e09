//! The fact tables, and how they are looked up.

use sanad_core::{
    EffectiveTime, EntryId, GrantId, HolderId, PoolId, PoolKind, Purpose, Recipient, RecordedTime,
    Sequence, Unit,
};

use crate::error::ProjectionError;
use crate::index::{Found, Index};
use crate::known::Known;
use crate::revoked::Revoked;
use crate::roll::Roll;
use crate::row::{
    DeclarationRow, EntryRow, GrantRow, HolderRow, Id, PoolRow, RecipientRow, RevocationRow, Row,
    TableName,
};
use crate::table::Table;

/// The facts of a history, as tables. A copy is cheap: it shares all but the last rows of each table.
///
/// ```
/// use sanad_projection::{Known, Projection};
/// let projection = Projection::default();
/// assert_eq!(projection.size(), 0);
/// assert_eq!(projection.known(Known::Head)?, 0);
/// # Ok::<(), sanad_projection::ProjectionError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// The id and the recorded time of each entry; time never goes backwards.
    pub(crate) entries: Table<EntryRow, 1>,
    pub(crate) pools: Roll<PoolRow>,
    /// The root of each pool.
    pub(crate) roots: Vec<u32>,
    pub(crate) declarations: Table<DeclarationRow, 4>,
    pub(crate) holders: Roll<HolderRow>,
    /// Each purpose once: grants share its text.
    pub(crate) purposes: Roll<Purpose>,
    pub(crate) grants: Table<GrantRow, 7>,
    pub(crate) revocations: Table<RevocationRow, 6>,
    pub(crate) entries_by_id: Index,
    pub(crate) grants_by_id: Index,
    pub(crate) revoked: Revoked,
    /// Of which table each sealed chunk is, in the order of sealing.
    pub(crate) sealed: Vec<TableName>,
}

impl PartialEq for Projection {
    fn eq(&self, other: &Self) -> bool {
        self.first_difference(other).is_none()
    }
}

impl Eq for Projection {}

impl Projection {
    /// How many entries it has taken in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.entries.len().into()
    }

    /// How many grants it holds, revoked and expired ones among them.
    #[must_use]
    pub fn grant_count(&self) -> u64 {
        self.grants.len().into()
    }

    /// When an entry was recorded.
    #[must_use]
    pub fn recorded_at(&self, sequence: Sequence) -> Option<RecordedTime> {
        let row = u32::try_from(sequence.0).ok().filter(|row| *row < self.entries.len());
        row.map(|row| self.entries.get(row).recorded_at())
    }

    /// When the last of the first `size` entries was recorded.
    #[must_use]
    pub fn last_recorded_at(&self, size: u64) -> Option<RecordedTime> {
        self.recorded_at(Sequence(size.checked_sub(1)?))
    }

    /// The place of an entry.
    #[must_use]
    pub fn sequence_of(&self, entry: EntryId) -> Option<Sequence> {
        let id = entry.uuid().into_bytes();
        let row = row_of(&self.entries_by_id, &self.entries, &id)?;
        Some(Sequence(row.into()))
    }

    /// The entries that speak of a grant, in order.
    #[must_use]
    pub fn entries_about(&self, grant: GrantId) -> Vec<Sequence> {
        let Some(row) = self.row_of_grant(grant) else { return Vec::new() };
        let revoked = self.revoked.of(row, &self.revocations).into_iter();
        let revoked = revoked.map(|revocation| self.revocations.get(revocation).revoked_in);
        let mut sequences: Vec<_> = revoked.collect();
        sequences.push(self.grants.get(row).granted_in);
        sequences.reverse();
        sequences.dedup();
        sequences
    }

    /// The ids of all entries, in order.
    pub fn entry_ids(&self) -> impl Iterator<Item = EntryId> + '_ {
        let id = |id: &Id| EntryId::new(uuid::Uuid::from_bytes(*id));
        self.entries.ids().map(move |bytes| id(bytes).expect("an id is checked when it is taken"))
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
                Ok(self.entries.partition_point(|row| row.recorded_us <= time.us()).into())
            }
        }
    }

    pub(crate) fn note_sealed(&mut self, table: TableName, sealed: bool) {
        if sealed {
            self.sealed.push(table);
        }
    }

    /// Adds a pool whose parent, if it has one, is there.
    pub(crate) fn add_pool(&mut self, row: PoolRow, parent: Option<u32>) {
        let root = parent.map_or(self.pools.len(), |parent| self.roots[at(parent)]);
        self.roots.push(root);
        let sealed = self.pools.add(row);
        self.note_sealed(TableName::Pools, sealed);
    }

    /// The number by which a grant knows a purpose.
    pub(crate) fn purpose_number(&mut self, purpose: Option<&Purpose>) -> u32 {
        let Some(purpose) = purpose else { return 0 };
        if let Some(row) = self.purposes.find(purpose.as_str()) {
            return row + 1;
        }
        let sealed = self.purposes.add(purpose.clone());
        self.note_sealed(TableName::Purposes, sealed);
        self.purposes.len()
    }

    pub(crate) fn purpose(&self, number: u32) -> Option<&Purpose> {
        number.checked_sub(1).map(|row| self.purposes.get(row))
    }

    pub(crate) fn pool_index(&self, pool: &PoolId) -> Option<u32> {
        self.pools.find(pool.as_str())
    }

    pub(crate) fn pool_row(&self, index: u32) -> &PoolRow {
        self.pools.get(index)
    }

    pub(crate) fn holder_index(&self, holder: &HolderId) -> Option<u32> {
        self.holders.find(holder.as_str())
    }

    pub(crate) fn row_of_grant(&self, grant: GrantId) -> Option<u32> {
        row_of(&self.grants_by_id, &self.grants, &grant.uuid().into_bytes())
    }

    pub(crate) fn grant_id(&self, row: u32) -> GrantId {
        let uuid = uuid::Uuid::from_bytes(*self.grants.id(row));
        GrantId::new(uuid).expect("an id is checked when it is taken")
    }

    /// The unit of a pool: its root's.
    #[must_use]
    pub fn unit(&self, pool: &PoolId) -> Option<&Unit> {
        self.unit_of(self.pool_index(pool)?)
    }

    pub(crate) fn unit_of(&self, pool: u32) -> Option<&Unit> {
        match &self.pool_row(self.roots[at(pool)]).kind {
            PoolKind::Root(unit) => Some(unit),
            PoolKind::SubPool { .. } => None,
        }
    }

    /// The pool that a grant was made from.
    #[must_use]
    pub fn pool_of(&self, grant: GrantId) -> Option<&PoolId> {
        let row = self.grants.get(self.row_of_grant(grant)?);
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
        Some(self.holders.get(self.holder_index(holder)?).registered_in)
    }

    /// Every pool's identifier, in order of opening.
    pub fn pool_ids(&self) -> impl Iterator<Item = &PoolId> {
        self.pools.iter().map(|row| &row.id)
    }

    /// Every holder's identifier, in order of registration.
    pub fn holder_ids(&self) -> impl Iterator<Item = &HolderId> {
        self.holders.iter().map(|row| &row.id)
    }

    pub(crate) fn recipient(&self, row: RecipientRow) -> Recipient {
        match row {
            RecipientRow::Holder(holder) => Recipient::Holder(self.holders.get(holder).id.clone()),
            RecipientRow::Pool(pool) => Recipient::Pool(self.pool_row(pool).id.clone()),
        }
    }

    /// The grants among the first `size` entries come before this row.
    pub(crate) fn grants_end(&self, size: u64) -> u32 {
        if size >= self.size() {
            return self.grants.len();
        }
        self.grants.partition_point(|row| row.granted_in.0 < size)
    }

    /// A grant's revocations among the first `size` entries, the latest first.
    pub(crate) fn revocations(
        &self,
        grant: u32,
        size: u64,
    ) -> impl Iterator<Item = RevocationRow> + '_ {
        let rows = self.revoked.of(grant, &self.revocations).into_iter();
        let rows = rows.map(|row| self.revocations.get(row));
        rows.filter(move |revocation| revocation.revoked_in.0 < size)
    }

    /// What is left of a grant at an instant, as known after the first `size` entries.
    pub(crate) fn left(
        &self,
        grant: u32,
        row: &GrantRow,
        size: u64,
        in_force_at: EffectiveTime,
    ) -> i128 {
        if row.granted_in.0 >= size || !row.span.contains(in_force_at.us()) {
            return 0;
        }
        let taken = self
            .revocations(grant, size)
            .filter(|revocation| revocation.span.contains(in_force_at.us()));
        i128::from(row.count) - taken.map(|revocation| i128::from(revocation.count)).sum::<i128>()
    }

    /// The table and the row in which two projections first differ, if they do. Only tables of a copy or of the same
    /// history are quick to compare.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<(&'static str, u64)> {
        let of = |table: TableName| match table {
            TableName::Entries => self.entries.first_difference(&other.entries),
            TableName::Pools => self.pools.first_difference(&other.pools),
            TableName::Declarations => self.declarations.first_difference(&other.declarations),
            TableName::Holders => self.holders.first_difference(&other.holders),
            TableName::Purposes => self.purposes.first_difference(&other.purposes),
            TableName::Grants => self.grants.first_difference(&other.grants),
            TableName::Revocations => self.revocations.first_difference(&other.revocations),
        };
        let differs = |table: TableName| Some((table.name(), u64::from(of(table)?)));
        TableName::ALL.into_iter().find_map(differs)
    }
}

/// The row with an id: by the index where there is one, else by the rows.
pub(crate) fn row_of<R: Row<N>, const N: usize>(
    index: &Index,
    table: &Table<R, N>,
    id: &Id,
) -> Option<u32> {
    match index.find(index.tag(id), table.len(), |row| table.id(row) == id) {
        Found::Row(row) => Some(row),
        Found::Nowhere => None,
        Found::NotIndexed => {
            if index.is_due() {
                index.make(table.ids().map(|id| index.tag(id)), table.len());
            }
            table.find(id)
        }
    }
}

/// Rows are counted in 32 bits to keep them small; a table that large would need over 200 GB of memory before.
pub(crate) fn as_u32(len: usize) -> u32 {
    u32::try_from(len).expect("fewer than 2^32 rows")
}

pub(crate) fn at(index: u32) -> usize {
    usize::try_from(index).expect("a 32-bit index fits")
}

pub(crate) fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
