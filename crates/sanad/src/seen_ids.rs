//! The entry ids that a history has used, so that none is used twice.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use sanad_core::{EntryId, Sequence};

/// Where each entry id was seen first.
///
/// Ids that are made in order of time mostly ascend, and one that is greater than all before it is new: it needs no
/// look-up and no place in a hash table.
#[derive(Default)]
pub(crate) struct SeenIds {
    /// Ids of which each was greater than all before it.
    ascending: Vec<(EntryId, Sequence)>,
    others: HashMap<EntryId, Sequence>,
}

impl SeenIds {
    /// Takes note of an id. Gives the entry that had it before, if one had. O(log n), and O(1) for a new greatest id.
    pub(crate) fn note(&mut self, id: EntryId, sequence: Sequence) -> Option<Sequence> {
        if self.ascending.last().is_none_or(|(last, _)| *last < id) {
            self.ascending.push((id, sequence));
            return None;
        }
        if let Ok(found) = self.ascending.binary_search_by_key(&id, |(id, _)| *id) {
            return Some(self.ascending[found].1);
        }
        match self.others.entry(id) {
            Entry::Occupied(found) => Some(*found.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(sequence);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_is_known_from_its_first_use_on(numbers in prop::collection::vec(1u128..60, 0..120)) {
            let (mut ids, mut known) = (SeenIds::default(), HashMap::new());
            for (place, number) in (0..).zip(numbers) {
                let id: EntryId = uuid::Uuid::from_u128(number << 64 | 7 << 76 | 1 << 63)
                    .to_string()
                    .parse()
                    .unwrap();
                prop_assert_eq!(ids.note(id, Sequence(place)), known.get(&id).copied());
                known.entry(id).or_insert(Sequence(place));
            }
        }
    }
}
