//! Where each entry stands by its id, for whoever records: what is sealed counts at once, durable or not.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use sanad_core::{EntryId, Sequence};

/// The ids of all entries in order. The table that finds them holds places only: some 23 bytes an entry.
#[derive(Debug, Default)]
pub(crate) struct EntryIds {
    ids: Vec<EntryId>,
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl EntryIds {
    /// The place of an entry.
    pub(crate) fn place(&self, id: EntryId) -> Option<Sequence> {
        let hash = self.hasher.hash_one(id);
        let place = self.places.find(hash, |place| self.ids[*place as usize] == id)?;
        Some(Sequence(u64::from(*place)))
    }

    /// The place of the next entry.
    pub(crate) fn next(&self) -> Sequence {
        Sequence(u64::try_from(self.ids.len()).unwrap_or(u64::MAX))
    }

    /// Adds the next entry, whose id is new.
    pub(crate) fn push(&mut self, id: EntryId) {
        let Self { ids, places, hasher } = self;
        let place = u32::try_from(ids.len()).expect("fewer than 2^32 entries");
        ids.push(id);
        let hash = |place: &u32| hasher.hash_one(ids[*place as usize]);
        places.insert_unique(hash(&place), place, hash);
    }
}

impl FromIterator<EntryId> for EntryIds {
    fn from_iter<T: IntoIterator<Item = EntryId>>(ids: T) -> Self {
        let mut all = Self::default();
        ids.into_iter().for_each(|id| all.push(id));
        all
    }
}
