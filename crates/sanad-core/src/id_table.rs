//! Rows by the ids that they have: a table of row numbers, for whoever keeps the rows themselves.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use uuid::Uuid;

/// The table grows a part at a time: growing never takes long, and a part fits into the cache while it does.
const SHARDS: usize = 256;

/// A row and a part of its id's hash: enough to tell most ids apart, and to move the slot without reading the row.
#[derive(Debug, Clone, Copy)]
struct Slot {
    row: u32,
    tag: u32,
}

impl Slot {
    fn hash(self) -> u64 {
        u64::from(self.tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn shard(self) -> usize {
        (self.tag >> 24) as usize
    }
}

/// Row numbers, found by the ids of the rows: some 16 bytes a row. The ids stay with the rows.
///
/// ```
/// use sanad_core::IdTable;
/// use uuid::Uuid;
/// let rows = [Uuid::from_u128(7), Uuid::from_u128(8)];
/// let mut table = IdTable::default();
/// (0..).zip(rows).for_each(|(row, id)| table.insert(id, row));
/// assert_eq!(table.find(rows[1], |row| rows[row as usize] == rows[1]), Some(1));
/// ```
#[derive(Debug, Clone, Default)]
pub struct IdTable {
    /// None as long as there is no row.
    shards: Vec<HashTable<Slot>>,
    hasher: DefaultHashBuilder,
}

impl IdTable {
    /// The row with an id, as `has_it` says of those that may have it. O(1).
    #[must_use]
    pub fn find(&self, id: Uuid, has_it: impl Fn(u32) -> bool) -> Option<u32> {
        let sought = self.slot(id, 0);
        let shard = self.shards.get(sought.shard())?;
        let same = |slot: &Slot| slot.tag == sought.tag && has_it(slot.row);
        shard.find(sought.hash(), same).map(|slot| slot.row)
    }

    /// Whether some row may have an id. Reads what [`find`](IdTable::find) and [`insert`](IdTable::insert) read first.
    #[must_use]
    pub fn may_have(&self, id: Uuid) -> bool {
        let sought = self.slot(id, 0);
        let shard = self.shards.get(sought.shard());
        shard
            .is_some_and(|shard| shard.find(sought.hash(), |slot| slot.tag == sought.tag).is_some())
    }

    /// Enters a row under an id that no other row has. O(1), now and then a part of the table's growth.
    pub fn insert(&mut self, id: Uuid, row: u32) {
        if self.shards.is_empty() {
            self.shards = vec![HashTable::new(); SHARDS];
        }
        let slot = self.slot(id, row);
        self.shards[slot.shard()].insert_unique(slot.hash(), slot, |slot| slot.hash());
    }

    fn slot(&self, id: Uuid, row: u32) -> Slot {
        let hash = self.hasher.hash_one(id.as_u128());
        Slot { row, tag: (hash >> 32) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_id_and_none_by_another() {
        let id = |row: u32| Uuid::from_u128(u128::from(row) << 64 | 1);
        let mut table = IdTable::default();
        assert_eq!(table.find(id(0), |_| true), None);
        for row in 0..50_000 {
            assert_eq!(table.find(id(row), |found| found == row), None);
            table.insert(id(row), row);
        }
        for row in 0..50_000 {
            assert_eq!(table.find(id(row), |found| found == row), Some(row));
            assert!(table.may_have(id(row)));
            assert_eq!(table.find(id(row), |_| false), None, "a tag alone is no id");
            assert_eq!(table.find(id(50_000 + row), |found| found == 50_000 + row), None);
        }
    }
}
