//! The tables as bytes, so that a ledger opens without replaying its whole history.
//!
//! What is sealed is given block by block, each once and never again: it does not change. What is not sealed yet is the
//! rest, which is small. `docs/format/memory.md` describes the bytes.
//!
//! All of it is derived and can be thrown away. Whoever keeps it binds it to (size, chain hash, [`SNAPSHOT_VERSION`])
//! and checks its digest; still, nothing in the bytes is trusted: every value and every reference is checked once, when
//! it is read.

use std::borrow::Cow;

use sanad_core::PoolKind;

use crate::block::{Block, Needs, Rows};
use crate::chunk::{CHUNK_ROWS, Chunk};
use crate::error::SnapshotError;
use crate::projection::{Projection, at};
use crate::row::{PoolRow, TableName};

/// The version of the layout; tables of another version are not used.
pub const SNAPSHOT_VERSION: u32 = 2;

impl Projection {
    /// How many blocks are sealed.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.sealed.len()
    }

    /// The sealed blocks from the n-th on, in the order of sealing.
    pub fn blocks_since(&self, first: usize) -> impl Iterator<Item = Cow<'_, [u8]>> {
        let first = first.min(self.sealed.len());
        let mut places = [0; TableName::ALL.len() + 1];
        for table in &self.sealed[..first] {
            places[usize::from(table.number())] += 1;
        }
        self.sealed[first..].iter().map(move |table| {
            let next = &mut places[usize::from(table.number())];
            let place = *next;
            *next += 1;
            self.block(*table, place)
        })
    }

    fn block(&self, table: TableName, place: usize) -> Cow<'_, [u8]> {
        match table {
            TableName::Entries => self.entries.chunks()[place].bytes().into(),
            TableName::Pools => self.pools.block(place).into(),
            TableName::Declarations => self.declarations.chunks()[place].bytes().into(),
            TableName::Holders => self.holders.block(place).into(),
            TableName::Purposes => self.purposes.block(place).into(),
            TableName::Grants => self.grants.chunks()[place].bytes().into(),
            TableName::Revocations => self.revocations.chunks()[place].bytes().into(),
        }
    }

    /// What is not sealed: a block of each table in the order of their numbers, its length (u32) before it, 0 for none.
    #[must_use]
    pub fn rest(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |block: Option<&[u8]>| {
            let block = block.unwrap_or_default();
            out.extend(u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes());
            out.extend(block);
        };
        put(self.entries.tail_chunk().as_ref().map(Chunk::bytes));
        put(self.pools.tail_block().as_deref());
        put(self.declarations.tail_chunk().as_ref().map(Chunk::bytes));
        put(self.holders.tail_block().as_deref());
        put(self.purposes.tail_block().as_deref());
        put(self.grants.tail_chunk().as_ref().map(Chunk::bytes));
        put(self.revocations.tail_chunk().as_ref().map(Chunk::bytes));
        out
    }

    /// The tables that were sealed in these blocks and the rest. O(blocks) beside the rest and what has names.
    ///
    /// # Errors
    /// [`SnapshotError`] for blocks and a rest that do not belong together.
    pub fn from_blocks(
        blocks: impl IntoIterator<Item = Block>,
        rest: &[u8],
    ) -> Result<Self, SnapshotError> {
        let mut projection = Self::default();
        let mut needs = Needs::default();
        for block in blocks {
            needs = needs.and(block.needs);
            projection.add_block(block)?;
        }
        needs = needs.and(projection.add_rest(rest)?);
        projection.has(needs)?;
        Ok(projection)
    }

    fn add_block(&mut self, block: Block) -> Result<(), SnapshotError> {
        let whole = |table: TableName, rows: usize| match rows {
            CHUNK_ROWS => Ok(table),
            _ => Err(SnapshotError::Value { table: table.name() }),
        };
        let table = match block.rows {
            Rows::Entries(chunk) => {
                self.entries.add_chunk(chunk)?;
                TableName::Entries
            }
            Rows::Pools(rows) => {
                let table = whole(TableName::Pools, rows.len())?;
                self.add_pools(rows)?;
                table
            }
            Rows::Declarations(chunk) => {
                self.declarations.add_chunk(chunk)?;
                TableName::Declarations
            }
            Rows::Holders(rows) => {
                let table = whole(TableName::Holders, rows.len())?;
                self.holders.add_all(rows)?;
                table
            }
            Rows::Purposes(rows) => {
                let table = whole(TableName::Purposes, rows.len())?;
                self.purposes.add_all(rows)?;
                table
            }
            Rows::Grants(chunk) => {
                self.grants.add_chunk(chunk)?;
                TableName::Grants
            }
            Rows::Revocations(chunk) => {
                self.revocations.add_chunk(chunk)?;
                TableName::Revocations
            }
        };
        self.sealed.push(table);
        Ok(())
    }

    fn add_pools(&mut self, rows: Vec<PoolRow>) -> Result<(), SnapshotError> {
        for row in rows {
            let table = TableName::Pools.name();
            let parent = match &row.kind {
                PoolKind::Root(_) => None,
                PoolKind::SubPool { parent } => {
                    Some(self.pool_index(parent).ok_or(SnapshotError::Value { table })?)
                }
            };
            if self.pool_index(&row.id).is_some() {
                return Err(SnapshotError::Value { table });
            }
            self.roots.push(parent.map_or(self.pools.len(), |parent| self.roots[at(parent)]));
            self.pools.add(row);
        }
        Ok(())
    }

    fn add_rest(&mut self, mut rest: &[u8]) -> Result<Needs, SnapshotError> {
        let mut needs = Needs::default();
        for table in TableName::ALL {
            let short = SnapshotError::Short { table: table.name() };
            let (length, behind) = rest.split_first_chunk::<4>().ok_or(short.clone())?;
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            let (bytes, behind) = behind.split_at_checked(length).ok_or(short)?;
            rest = behind;
            if bytes.is_empty() {
                continue;
            }
            let block = Block::read(bytes.to_vec())?;
            needs = needs.and(block.needs);
            self.add_tail(table, block.rows)?;
        }
        match rest.len() {
            0 => Ok(needs),
            bytes => Err(SnapshotError::Trailing { bytes }),
        }
    }

    fn add_tail(&mut self, expected: TableName, rows: Rows) -> Result<(), SnapshotError> {
        let wrong = SnapshotError::Value { table: expected.name() };
        let short = |rows: usize| if rows < CHUNK_ROWS { Ok(()) } else { Err(wrong.clone()) };
        match (expected, rows) {
            (TableName::Entries, Rows::Entries(chunk)) => self.entries.add_tail(&chunk),
            (TableName::Pools, Rows::Pools(rows)) => {
                short(rows.len())?;
                self.add_pools(rows)
            }
            (TableName::Declarations, Rows::Declarations(chunk)) => {
                self.declarations.add_tail(&chunk)
            }
            (TableName::Holders, Rows::Holders(rows)) => {
                short(rows.len())?;
                self.holders.add_all(rows)
            }
            (TableName::Purposes, Rows::Purposes(rows)) => {
                short(rows.len())?;
                self.purposes.add_all(rows)
            }
            (TableName::Grants, Rows::Grants(chunk)) => self.grants.add_tail(&chunk),
            (TableName::Revocations, Rows::Revocations(chunk)) => self.revocations.add_tail(&chunk),
            _ => Err(wrong),
        }
    }

    /// Checks that there are as many rows of each table as others speak of.
    fn has(&self, needs: Needs) -> Result<(), SnapshotError> {
        let enough = [
            (TableName::Entries, needs.entries, self.entries.len()),
            (TableName::Pools, needs.pools, self.pools.len()),
            (TableName::Holders, needs.holders, self.holders.len()),
            (TableName::Purposes, needs.purposes, self.purposes.len()),
            (TableName::Grants, needs.grants, self.grants.len()),
        ];
        match enough.into_iter().find(|(_, needed, there)| *needed > u64::from(*there)) {
            Some((table, ..)) => Err(SnapshotError::Value { table: table.name() }),
            None => Ok(()),
        }
    }
}
