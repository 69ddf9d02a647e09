//! Sealed rows as they are kept, read back one block at a time.

use sanad_core::{Purpose, Sequence};

use crate::chunk::{Bounds, Chunk};
use crate::error::SnapshotError;
use crate::roll::Named;
use crate::row::{
    DeclarationRow, EntryRow, GrantRow, HolderRow, PoolRow, RevocationRow, TableName,
};
use crate::text_rows::Reader;

/// Rows of one table, as [`Projection::blocks_since`](crate::Projection::blocks_since) gives them.
///
/// Every value in it was checked; what it says of other tables is checked once they are all there.
#[derive(Debug, Clone)]
pub struct Block {
    pub(crate) rows: Rows,
    pub(crate) needs: Needs,
}

#[derive(Debug, Clone)]
pub(crate) enum Rows {
    Entries(Chunk<1>),
    Pools(Vec<PoolRow>),
    Declarations(Chunk<4>),
    Holders(Vec<HolderRow>),
    Purposes(Vec<Purpose>),
    Grants(Chunk<7>),
    Revocations(Chunk<6>),
}

/// How many rows of each table there must be at least, for what is said of them to be true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) entries: u64,
    pub(crate) pools: u64,
    pub(crate) holders: u64,
    pub(crate) purposes: u64,
    pub(crate) grants: u64,
}

impl Needs {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            entries: self.entries.max(other.entries),
            pools: self.pools.max(other.pools),
            holders: self.holders.max(other.holders),
            purposes: self.purposes.max(other.purposes),
            grants: self.grants.max(other.grants),
        }
    }
}

/// The number behind the greatest.
fn behind((_, greatest): (u64, u64)) -> u64 {
    greatest.saturating_add(1)
}

impl Block {
    /// Reads a block. The bytes may be anything.
    ///
    /// # Errors
    /// [`SnapshotError`] for bytes that are no block of this version.
    pub fn read(bytes: Vec<u8>) -> Result<Self, SnapshotError> {
        let number = bytes.first().copied().unwrap_or(0);
        let table = TableName::ALL.into_iter().find(|table| table.number() == number);
        let mut needs = Needs::default();
        let rows = match table.ok_or(SnapshotError::Table { number })? {
            TableName::Entries => Rows::Entries(Chunk::read::<EntryRow>(bytes)?.0),
            TableName::Pools => {
                let rows: Vec<PoolRow> = Reader::block(&bytes)?;
                needs.entries = ascending(rows.iter().map(|row| row.opened_in), table_of(&rows))?;
                Rows::Pools(rows)
            }
            TableName::Declarations => {
                let (chunk, [pool, _, _, declared_in]) = Chunk::read::<DeclarationRow>(bytes)?;
                (needs.pools, needs.entries) = (behind(pool), behind(declared_in));
                Rows::Declarations(chunk)
            }
            TableName::Holders => {
                let rows: Vec<HolderRow> = Reader::block(&bytes)?;
                needs.entries =
                    ascending(rows.iter().map(|row| row.registered_in), table_of(&rows))?;
                Rows::Holders(rows)
            }
            TableName::Purposes => Rows::Purposes(Reader::block(&bytes)?),
            TableName::Grants => {
                let (chunk, bounds) = Chunk::read::<GrantRow>(bytes)?;
                needs = grants_need(&chunk, &bounds);
                Rows::Grants(chunk)
            }
            TableName::Revocations => {
                let (chunk, [grant, .., revoked_in]) = Chunk::read::<RevocationRow>(bytes)?;
                (needs.grants, needs.entries) = (behind(grant), behind(revoked_in));
                Rows::Revocations(chunk)
            }
        };
        Ok(Self { rows, needs })
    }
}

fn grants_need(chunk: &Chunk<7>, bounds: &Bounds<7>) -> Needs {
    let [_, pool, _, _, _, purpose, granted_in] = *bounds;
    // Holders and sub-pools are numbered apart, and told apart by the last bit.
    let mut recipients = [0, 0];
    let column = chunk.column(GrantRow::RECIPIENT);
    for number in (0..chunk.rows()).map(|row| column.get(row)) {
        let most = &mut recipients[usize::from(number & 1 == 1)];
        *most = (*most).max((number >> 1) + 1);
    }
    let [holders, pools] = recipients;
    Needs {
        entries: behind(granted_in),
        pools: behind(pool).max(pools),
        holders,
        purposes: purpose.1,
        grants: 0,
    }
}

fn table_of<T: Named>(_: &[T]) -> &'static str {
    T::TABLE.name()
}

/// The sequence behind the last of some that never fall.
fn ascending(
    sequences: impl Iterator<Item = Sequence>,
    table: &'static str,
) -> Result<u64, SnapshotError> {
    let mut last = 0;
    for sequence in sequences {
        if sequence.0 < last {
            return Err(SnapshotError::Value { table });
        }
        last = sequence.0;
    }
    Ok(last.saturating_add(1))
}
