//! A roll of what has a name: pools, holders and purposes, each once, found by name.

use std::sync::Arc;

use crate::chunk::CHUNK_ROWS;
use crate::error::SnapshotError;
use crate::index::{Found, Index};
use crate::projection::{as_u32, at};
use crate::row::TableName;
use crate::text_rows::{Reader, Writer};

/// What stands in a roll.
pub(crate) trait Named: Sized + Clone + PartialEq {
    const TABLE: TableName;

    /// What it is found by.
    fn name(&self) -> &str;

    fn write(&self, out: &mut Writer);

    fn read(from: &mut Reader<'_>) -> Result<Self, SnapshotError>;
}

/// Rows with names, only ever added to. Copying it copies only what is not sealed.
#[derive(Debug, Clone)]
pub(crate) struct Roll<T> {
    sealed: Vec<Arc<Vec<T>>>,
    tail: Vec<T>,
    index: Index,
    /// The row that was met last.
    met: u32,
}

impl<T> Default for Roll<T> {
    fn default() -> Self {
        Self { sealed: Vec::new(), tail: Vec::new(), index: Index::default(), met: 0 }
    }
}

impl<T: Named> Roll<T> {
    pub(crate) fn len(&self) -> u32 {
        as_u32(self.sealed.len() * CHUNK_ROWS + self.tail.len())
    }

    /// Adds a row whose name is new. Says whether a block was sealed with it.
    pub(crate) fn add(&mut self, row: T) -> bool {
        self.index.add(row.name(), self.len());
        self.tail.push(row);
        let full = self.tail.len() == CHUNK_ROWS;
        if full {
            self.sealed.push(Arc::new(std::mem::take(&mut self.tail)));
        }
        full
    }

    /// Adds the rows of a block, whose names must be new.
    pub(crate) fn add_all(&mut self, rows: Vec<T>) -> Result<(), SnapshotError> {
        for row in rows {
            if self.find(row.name()).is_some() {
                return Err(SnapshotError::Value { table: T::TABLE.name() });
            }
            self.add(row);
        }
        Ok(())
    }

    /// A row that there is.
    pub(crate) fn get(&self, row: u32) -> &T {
        let (block, place) = (at(row) / CHUNK_ROWS, at(row) % CHUNK_ROWS);
        self.sealed.get(block).map_or_else(|| &self.tail[place], |block| &block[place])
    }

    /// The row with a name.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let is = |row| self.get(row).name() == name;
        loop {
            match self.index.find(self.index.tag(name), self.len(), is) {
                Found::Row(row) => return Some(row),
                Found::Nowhere => return None,
                Found::NotIndexed => {
                    let tags = self.iter().map(|row| self.index.tag(row.name()));
                    self.index.make(tags, self.len());
                }
            }
        }
    }

    /// As [`find`](Roll::find), for who meets the same name many times on end.
    pub(crate) fn meet(&mut self, name: &str) -> Option<u32> {
        if self.met >= self.len() || self.get(self.met).name() != name {
            self.met = self.find(name)?;
        }
        Some(self.met)
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.sealed.iter().flat_map(|block| block.iter()).chain(&self.tail)
    }

    /// A sealed block as bytes.
    pub(crate) fn block(&self, place: usize) -> Vec<u8> {
        Writer::block(&self.sealed[place])
    }

    /// The rows that are not sealed, as bytes; `None` where there are none.
    pub(crate) fn tail_block(&self) -> Option<Vec<u8>> {
        (!self.tail.is_empty()).then(|| Writer::block(&self.tail))
    }

    /// The first row that is not the same in another roll, if any.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<u32> {
        let mut apart = self.iter().zip(other.iter());
        let apart = apart.position(|(one, other)| one != other).map(as_u32);
        let shorter = self.len().min(other.len());
        apart.or((self.len() != other.len()).then_some(shorter))
    }
}
