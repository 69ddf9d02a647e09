//! The rows of one recipient, which stand in many chunks: each look waits for memory, so many are done at a time.

use std::hint::black_box;
use std::ops::Range;

use crate::chunk::CHUNK_ROWS;
use crate::directory::{self, bucket_of_recipient};
use crate::projection::{as_u32, at};
use crate::row::{Id, Row};
use crate::table::Table;

/// So many chunks are looked into at a time.
const CHUNKS: usize = 64;
/// So many rows are read at a time; more would not stay near until they are used.
const ROWS: usize = 512;

/// The rows of a table below some row whose first number is the same.
#[derive(Debug)]
pub(crate) struct Having<'a, R, const N: usize> {
    table: &'a Table<R, N>,
    number: u64,
    end: u32,
    /// Where they stand in each chunk's directory, among others maybe.
    buckets: Vec<Range<usize>>,
}

impl<R: Row<N>, const N: usize> Table<R, N> {
    /// Looks for the rows below `end` whose first number is this, in a table with a directory of it. O(chunks).
    pub(crate) fn having(&self, number: u64, end: u32) -> Having<'_, R, N> {
        let bucket = bucket_of_recipient(number);
        let chunks = &self.sealed[..self.sealed.len().min(at(end).div_ceil(CHUNK_ROWS))];
        let buckets = chunks.iter().map(|it| directory::bucket(it.directory(), bucket));
        Having { table: self, number, end, buckets: buckets.collect() }
    }
}

impl<R: Row<N>, const N: usize> Having<'_, R, N> {
    /// No fewer than there are.
    pub(crate) fn most(&self) -> usize {
        let sealed: usize = self.buckets.iter().map(|bucket| bucket.len().min(CHUNK_ROWS)).sum();
        sealed + self.table.tail.len()
    }

    /// Shows them, ascending, each with its id.
    pub(crate) fn visit(&self, mut visit: impl FnMut(u32, &Id, R)) {
        let mut rows = Vec::new();
        for (first, buckets) in (0..).step_by(CHUNKS).zip(self.buckets.chunks(CHUNKS)) {
            rows.clear();
            self.gather(first, buckets, &mut rows);
            for rows in rows.chunks(ROWS) {
                self.touch(rows);
                for row in rows {
                    let (chunk, place) =
                        (&self.table.sealed[at(*row) / CHUNK_ROWS], at(*row) % CHUNK_ROWS);
                    let numbers = chunk.all(place);
                    if numbers[0] == self.number && *row < self.end {
                        visit(*row, chunk.id(place), R::of(numbers));
                    }
                }
            }
        }
        let first = as_u32(self.table.sealed.len() * CHUNK_ROWS);
        let unsealed = (first..self.end).zip(&self.table.tail).zip(&self.table.ids);
        for ((row, numbers), id) in unsealed {
            if numbers.numbers()[0] == self.number {
                visit(row, id, *numbers);
            }
        }
    }

    /// Reads from the directories of some chunks which rows may be among them.
    fn gather(&self, first: usize, buckets: &[Range<usize>], rows: &mut Vec<u32>) {
        let chunks = self.table.sealed[first..].iter().zip(buckets);
        let touched = chunks.clone().map(|(it, bucket)| directory::touch(it.directory(), bucket));
        black_box(touched.fold(0, |all, one| all ^ one));
        let first_rows = (as_u32(first * CHUNK_ROWS)..).step_by(CHUNK_ROWS);
        for ((chunk, bucket), first) in chunks.zip(first_rows) {
            let found = directory::rows(chunk.directory(), bucket.clone());
            rows.extend(found.map(|row| first + u32::from(row)));
        }
    }

    /// Asks the memory for some rows before one of them is waited for.
    fn touch(&self, rows: &[u32]) {
        let touched = rows
            .iter()
            .map(|row| self.table.sealed[at(*row) / CHUNK_ROWS].touch(at(*row) % CHUNK_ROWS));
        black_box(touched.fold(0, |all, one| all ^ one));
    }
}
