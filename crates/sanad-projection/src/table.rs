//! A table of rows of numbers: chunks that are sealed and shared, and the rows that are not sealed yet.

use std::ops::Range;
use std::sync::Arc;

use crate::chunk::{CHUNK_ROWS, Chunk};
use crate::directory::{self, bucket_of_id};
use crate::error::SnapshotError;
use crate::projection::{as_u32, at};
use crate::row::{Id, Row};

/// So many chunks are looked into before what was found in one of them is read.
const STEP: usize = 128;

/// Rows, only ever added to. Copying it copies only what is not sealed.
#[derive(Debug, Clone)]
pub(crate) struct Table<R, const N: usize> {
    pub(crate) sealed: Vec<Arc<Chunk<N>>>,
    pub(crate) ids: Vec<Id>,
    pub(crate) tail: Vec<R>,
}

impl<R, const N: usize> Default for Table<R, N> {
    fn default() -> Self {
        Self { sealed: Vec::new(), ids: Vec::new(), tail: Vec::new() }
    }
}

impl<R: Row<N>, const N: usize> Table<R, N> {
    pub(crate) fn len(&self) -> u32 {
        as_u32(self.sealed.len() * CHUNK_ROWS + self.tail.len())
    }

    /// Adds a row to a table with ids. Says whether a chunk was sealed with it.
    pub(crate) fn add(&mut self, id: Id, row: R) -> bool {
        self.ids.push(id);
        self.push(row)
    }

    /// Adds a row to a table without ids. Says whether a chunk was sealed with it.
    pub(crate) fn push(&mut self, row: R) -> bool {
        self.tail.push(row);
        self.seal_if_full(None)
    }

    fn seal_if_full(&mut self, expected: Option<&Self>) -> bool {
        let full = self.tail.len() == CHUNK_ROWS;
        if full {
            let chunk = Chunk::seal(&self.ids, &self.tail);
            let expected = expected.and_then(|table| table.sealed.get(self.sealed.len()));
            let shared = expected.filter(|expected| expected.bytes() == chunk.bytes());
            self.sealed.push(shared.map_or_else(|| Arc::new(chunk), Arc::clone));
            self.ids.clear();
            self.tail.clear();
        }
        full
    }

    /// Adds rows, with their ids where the table has them. Says how many chunks were sealed. One that is as expected is
    /// shared with the table that expects it.
    pub(crate) fn append(
        &mut self,
        mut ids: &[Id],
        mut rows: &[R],
        expected: Option<&Self>,
    ) -> usize {
        let before = self.sealed.len();
        while !rows.is_empty() {
            let room = (CHUNK_ROWS - self.tail.len()).min(rows.len());
            let (next, behind) = rows.split_at(room);
            let (next_ids, ids_behind) = ids.split_at(room.min(ids.len()));
            self.ids.extend_from_slice(next_ids);
            self.tail.extend_from_slice(next);
            (ids, rows) = (ids_behind, behind);
            self.seal_if_full(expected);
        }
        self.sealed.len() - before
    }

    /// Adds a whole chunk to a table without a tail.
    pub(crate) fn add_chunk(&mut self, chunk: Chunk<N>) -> Result<(), SnapshotError> {
        let table = R::TABLE.name();
        let follows = |field: usize| {
            let last = self.sealed.last().map_or(0, |last| last.number(CHUNK_ROWS - 1, field));
            last <= chunk.number(0, field)
        };
        if chunk.rows() != CHUNK_ROWS || !R::ASCENDING.is_none_or(follows) {
            return Err(SnapshotError::Value { table });
        }
        self.sealed.push(Arc::new(chunk));
        Ok(())
    }

    /// Adds the rows of a chunk that is not whole.
    pub(crate) fn add_tail(&mut self, chunk: &Chunk<N>) -> Result<(), SnapshotError> {
        let table = R::TABLE.name();
        let last = self.len().checked_sub(1).map(|last| self.get(last).numbers());
        let follows = |field: usize| last.is_none_or(|last| last[field] <= chunk.number(0, field));
        if chunk.rows() == CHUNK_ROWS || !R::ASCENDING.is_none_or(follows) {
            return Err(SnapshotError::Value { table });
        }
        self.tail.extend((0..chunk.rows()).map(|row| R::of(chunk.all(row))));
        if R::HAS_IDS {
            self.ids.extend((0..chunk.rows()).map(|row| *chunk.id(row)));
        }
        Ok(())
    }

    /// The rows that are not sealed, as a chunk that is not whole; `None` where there are none.
    pub(crate) fn tail_chunk(&self) -> Option<Chunk<N>> {
        (!self.tail.is_empty()).then(|| Chunk::seal(&self.ids, &self.tail))
    }

    pub(crate) fn chunks(&self) -> &[Arc<Chunk<N>>] {
        &self.sealed
    }

    /// A row that there is.
    #[inline]
    pub(crate) fn get(&self, row: u32) -> R {
        let (chunk, place) = (at(row) / CHUNK_ROWS, at(row) % CHUNK_ROWS);
        match self.sealed.get(chunk) {
            Some(chunk) => R::of(chunk.all(place)),
            None => self.tail[place],
        }
    }

    /// The id of a row that there is.
    pub(crate) fn id(&self, row: u32) -> &Id {
        let (chunk, place) = (at(row) / CHUNK_ROWS, at(row) % CHUNK_ROWS);
        match self.sealed.get(chunk) {
            Some(chunk) => chunk.id(place),
            None => &self.ids[place],
        }
    }

    /// All ids, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &Id> {
        self.sealed.iter().flat_map(|chunk| chunk.all_ids()).chain(&self.ids)
    }

    /// The ids of some rows, in order.
    pub(crate) fn ids_of(&self, rows: Range<u32>) -> impl Iterator<Item = &Id> {
        let (from, end) = (at(rows.start), at(rows.end));
        let chunks = from / CHUNK_ROWS..end.div_ceil(CHUNK_ROWS).min(self.sealed.len() + 1);
        chunks.flat_map(move |place| {
            let ids = self.sealed.get(place).map_or(&self.ids[..], |chunk| chunk.all_ids());
            let first = place * CHUNK_ROWS;
            let until = end.saturating_sub(first).min(ids.len());
            ids.get(from.saturating_sub(first)..until).unwrap_or_default()
        })
    }

    /// The row with an id. O(n), with a look into each chunk's directory: at many of them at a time, so that the memory
    /// is asked for many places before one of them is waited for.
    pub(crate) fn find(&self, id: &Id) -> Option<u32> {
        // What is looked for was mostly recorded lately.
        if let Some(place) = self.ids.iter().rposition(|found| found == id) {
            return Some(as_u32(self.sealed.len() * CHUNK_ROWS + place));
        }
        let bucket = bucket_of_id(id);
        let (mut buckets, mut rows) = (Vec::new(), Vec::new());
        let mut end = self.sealed.len();
        for chunks in self.sealed.rchunks(STEP) {
            end -= chunks.len();
            buckets.clear();
            buckets.extend(chunks.iter().map(|it| directory::bucket(it.id_directory(), bucket)));
            rows.clear();
            for (place, (chunk, bucket)) in chunks.iter().zip(buckets.drain(..)).enumerate() {
                let first = (end + place) * CHUNK_ROWS;
                let found = directory::rows(chunk.id_directory(), bucket);
                rows.extend(found.map(|row| as_u32(first + usize::from(row))));
            }
            if let Some(row) = rows.iter().rev().find(|row| self.id(**row) == id) {
                return Some(*row);
            }
        }
        None
    }

    /// Shows some numbers of each row of a range, in order.
    #[inline]
    pub(crate) fn visit_numbers<const K: usize>(
        &self,
        range: Range<u32>,
        fields: [usize; K],
        mut visit: impl FnMut(u32, [u64; K]),
    ) {
        let (mut row, end) = (at(range.start), at(range.end.min(self.len())));
        while row < end {
            let (place, from) = (row / CHUNK_ROWS, row % CHUNK_ROWS);
            let until = CHUNK_ROWS.min(from + end - row);
            let first = as_u32(row - from);
            match self.sealed.get(place) {
                Some(chunk) => {
                    let columns = fields.map(|field| chunk.column(field));
                    for (place, row) in (from..until).zip(first + as_u32(from)..) {
                        let mut numbers = [0; K];
                        for (number, column) in numbers.iter_mut().zip(&columns) {
                            *number = column.get(place);
                        }
                        visit(row, numbers);
                    }
                }
                None => {
                    for (place, row) in (from..until).zip(first + as_u32(from)..) {
                        let numbers = self.tail[place].numbers();
                        visit(row, fields.map(|field| numbers[field]));
                    }
                }
            }
            row += until - from;
        }
    }

    /// Shows rows of a range, in order.
    pub(crate) fn visit(&self, range: Range<u32>, mut visit: impl FnMut(u32, R)) {
        let all = std::array::from_fn(|field| field);
        self.visit_numbers::<N>(range, all, |row, numbers| visit(row, R::of(numbers)));
    }

    /// How many rows come before the first for which `holds` is false; it is true of all rows before one of which it
    /// is. O(log n).
    pub(crate) fn partition_point(&self, holds: impl Fn(R) -> bool) -> u32 {
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from + (to - from) / 2;
            if holds(self.get(middle)) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// The first row that is not the same in another table, if any. O(n), by whole chunks.
    pub(crate) fn first_difference(&self, other: &Self) -> Option<u32> {
        let common = self.sealed.len().min(other.sealed.len());
        let alike = |place: &usize| {
            let (one, other) = (&self.sealed[*place], &other.sealed[*place]);
            Arc::ptr_eq(one, other) || one.bytes() == other.bytes()
        };
        let from = (0..common).find(|place| !alike(place)).unwrap_or(common) * CHUNK_ROWS;
        let (from, end) = (as_u32(from), self.len().min(other.len()));
        let apart = |row: &u32| {
            let ids = R::HAS_IDS && self.id(*row) != other.id(*row);
            ids || self.get(*row) != other.get(*row)
        };
        match (from..end).find(apart) {
            Some(row) => Some(row),
            None if self.len() != other.len() => Some(end),
            // The rows are the same, and something in how a chunk is written is not.
            None => (at(from) < common * CHUNK_ROWS).then_some(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::EntryRow;

    #[test]
    fn a_chunk_that_is_as_expected_is_shared_and_one_that_is_not_is_its_own() {
        let (count, odd) = (3 * CHUNK_ROWS + 7, CHUNK_ROWS + 5);
        let id = |place: usize| (place as u128 + 1).to_be_bytes();
        let ids: Vec<Id> = (0..count).map(id).collect();
        let row = |place: usize| EntryRow { recorded_us: place as i64 * 1_000 };
        let rows: Vec<EntryRow> = (0..count).map(row).collect();
        let mut expected = Table::default();
        expected.append(&ids, &rows, None);
        for (change_id, change_row) in [(false, false), (true, false), (false, true)] {
            let (mut ids, mut rows) = (ids.clone(), rows.clone());
            ids[odd][0] ^= u8::from(change_id);
            rows[odd].recorded_us += i64::from(change_row);
            let (mut alone, mut table) = (Table::default(), Table::default());
            alone.append(&ids, &rows, None);
            for (ids, rows) in ids.chunks(1_000).zip(rows.chunks(1_000)) {
                table.append(ids, rows, Some(&expected));
            }
            assert_eq!(table.first_difference(&alone), None);
            let shared: Vec<_> = (0..3)
                .map(|chunk| Arc::ptr_eq(&table.sealed[chunk], &expected.sealed[chunk]))
                .collect();
            assert_eq!(shared, [true, !change_id && !change_row, true]);
        }
    }
}
