//! Rows by the hash of what they are called, kept when there is much to look up.

use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::projection::at;

/// An index grows a part at a time, so that growing never takes long.
const SHARDS: usize = 64;
/// After so many look-ups without an index one is made: it takes about as long as they did.
const PATIENCE: u32 = 4_096;

/// A row and a part of its key's hash: enough to tell most keys apart, and to move the row without reading its key.
#[derive(Debug, Clone, Copy)]
struct Slot {
    row: u32,
    tag: u32,
}

impl Slot {
    fn hash(self) -> u64 {
        u64::from(self.tag).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn shard(tag: u32) -> usize {
        at(tag >> 26) % SHARDS
    }
}

/// An index over a table that only grows. Copies of the table share it: each ignores the rows that it has not got.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    keys: DefaultHashBuilder,
    shared: Arc<RwLock<Shared>>,
}

#[derive(Debug)]
struct Shared {
    /// `None` where it was not worth making yet.
    shards: Option<Vec<HashTable<Slot>>>,
    /// How many rows it knows.
    known: u32,
    /// How often it was asked in vain.
    asked: u32,
}

/// What an index says of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is this row's.
    Row(u32),
    /// No row has it.
    Nowhere,
    /// There is no index; the rows themselves have to be asked.
    NotIndexed,
}

impl Default for Index {
    /// An index that is made when it is worth it.
    fn default() -> Self {
        let shared = Shared { shards: None, known: 0, asked: 0 };
        Self { keys: DefaultHashBuilder::default(), shared: Arc::new(RwLock::new(shared)) }
    }
}

impl Index {
    /// What the index goes by, of a key.
    pub(crate) fn tag<K: Hash + ?Sized>(&self, key: &K) -> u32 {
        tag(&self.keys, key)
    }

    /// Looks for the row below `rows` that `is` says has the key.
    pub(crate) fn find(&self, tag: u32, rows: u32, is: impl Fn(u32) -> bool) -> Found {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        let Some(shards) = &shared.shards else { return Found::NotIndexed };
        let slot = Slot { row: 0, tag };
        let same = |slot: &Slot| slot.tag == tag && slot.row < rows && is(slot.row);
        match shards[Slot::shard(tag)].find(slot.hash(), same) {
            Some(slot) => Found::Row(slot.row),
            // It may have been made by a copy that had fewer rows.
            None if shared.known < rows => Found::NotIndexed,
            None => Found::Nowhere,
        }
    }

    /// Adds the row behind all that a copy of the table has.
    pub(crate) fn add<K: Hash + ?Sized>(&mut self, key: &K, row: u32) {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            let shared = shared.get_mut().unwrap_or_else(PoisonError::into_inner);
            shared.add(&self.keys, key, row);
            return;
        }
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        if shared.shards.is_none() || shared.known == row {
            shared.add(&self.keys, key, row);
            return;
        }
        drop(shared);
        // Another copy went another way.
        *self = Self::default();
    }

    /// How many rows it knows, where there is an index.
    pub(crate) fn known(&self) -> Option<u32> {
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        shared.shards.as_ref().map(|_| shared.known)
    }

    /// Takes note of a look-up that the index had no answer to: whether there were so many that one should be made.
    pub(crate) fn is_due(&self) -> bool {
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        shared.asked = shared.asked.saturating_add(1);
        shared.asked > PATIENCE
    }

    /// Makes the index of all keys of a table, in order.
    pub(crate) fn make(&self, tags: impl Iterator<Item = u32>, rows: u32) {
        let each = at(rows) / SHARDS;
        let mut made: Vec<_> =
            (0..SHARDS).map(|_| HashTable::with_capacity(each + each / 8)).collect();
        (0..rows).zip(tags).for_each(|(row, tag)| insert(&mut made, Slot { row, tag }));
        let mut shared = self.shared.write().unwrap_or_else(PoisonError::into_inner);
        if shared.shards.is_none() || shared.known < rows {
            *shared = Shared { shards: Some(made), known: rows, asked: 0 };
        }
    }
}

fn insert(shards: &mut [HashTable<Slot>], slot: Slot) {
    shards[Slot::shard(slot.tag)].insert_unique(slot.hash(), slot, |slot| slot.hash());
}

fn tag<K: Hash + ?Sized>(keys: &DefaultHashBuilder, key: &K) -> u32 {
    u32::try_from(keys.hash_one(key) >> 32).unwrap_or(0)
}

impl Shared {
    fn add<K: Hash + ?Sized>(&mut self, keys: &DefaultHashBuilder, key: &K, row: u32) {
        // Where there is no index, nothing is lost; where rows are missing from it, it is of no use.
        match &mut self.shards {
            None => return,
            Some(shards) if self.known == row => insert(shards, Slot { row, tag: tag(keys, key) }),
            Some(_) => self.shards = None,
        }
        self.known = row + 1;
    }
}
