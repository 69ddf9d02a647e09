//! Where each entry stands by its id, for whoever records or judges: what is sealed counts at once, durable or not.

use sanad_core::{EntryId, IdTable, Sequence};

/// The ids of all entries, each with its place: 24 bytes an entry, and 4 in the run or some 16 in the table.
///
/// Ids that a ledger makes rise with time. An id above all others is new without a look, and a rising run of ids is
/// searched as it lies; only what comes out of order goes into a table.
#[derive(Debug, Default)]
pub(crate) struct EntryIds {
    rows: Vec<Row>,
    /// The rows whose ids were above all before them.
    rising: Vec<u32>,
    others: IdTable,
}

#[derive(Debug)]
struct Row {
    id: EntryId,
    place: Sequence,
}

impl EntryIds {
    /// The place of an entry. O(1) for an id above all others, else O(log n).
    pub(crate) fn place(&self, id: EntryId) -> Option<Sequence> {
        if self.is_above_all(id) {
            return None;
        }
        let row = |row: &u32| &self.rows[*row as usize];
        let risen = self.rising.binary_search_by_key(&id, |risen| row(risen).id);
        let found = match risen {
            Ok(place) => Some(self.rising[place]),
            Err(_) => self.others.find(id.uuid(), |other| row(&other).id == id),
        };
        found.map(|found| row(&found).place)
    }

    /// The place of the next entry of a history that has all its entries.
    pub(crate) fn next(&self) -> Sequence {
        Sequence(self.rows.last().map_or(0, |last| last.place.0 + 1))
    }

    /// Adds an entry whose id is new.
    pub(crate) fn add(&mut self, id: EntryId, place: Sequence) {
        let row = u32::try_from(self.rows.len()).expect("fewer than 2^32 entries");
        if self.is_above_all(id) {
            self.rising.push(row);
        } else {
            self.others.insert(id.uuid(), row);
        }
        self.rows.push(Row { id, place });
    }

    fn is_above_all(&self, id: EntryId) -> bool {
        self.rising.last().is_none_or(|last| self.rows[*last as usize].id < id)
    }
}

impl FromIterator<EntryId> for EntryIds {
    fn from_iter<T: IntoIterator<Item = EntryId>>(ids: T) -> Self {
        let mut all = Self::default();
        (0..).zip(ids).for_each(|(place, id)| all.add(id, Sequence(place)));
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_that_rise_and_ids_that_do_not_are_all_found_in_their_places() {
        let rising = (1..2_000u128).map(|n| n << 80);
        let shuffled = (1..2_000u128).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) << 60 | 1);
        let ids = rising.zip(shuffled).flat_map(|(one, other)| [one, other]);
        let ids = ids.map(|id| EntryId::new(Uuid::from_u128(id)).unwrap());
        let (mut known, mut naive) = (EntryIds::default(), HashMap::new());
        for (place, id) in (0..).map(|n| Sequence(3 * n)).zip(ids) {
            assert_eq!(known.place(id), naive.get(&id).copied());
            if naive.insert(id, place).is_none() {
                known.add(id, place);
                assert_eq!(known.next(), Sequence(place.0 + 1));
            }
        }
        assert!(naive.iter().all(|(id, place)| known.place(*id) == Some(*place)));
    }
}
