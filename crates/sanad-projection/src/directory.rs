//! Where in a chunk the rows with a key are: found in two looks, without reading the rows that have other keys.

use std::ops::Range;

use crate::chunk::CHUNK_ROWS;

/// Keys are spread over so many buckets.
const BUCKETS: usize = 1_024;
/// The bytes of a directory: where each bucket begins, and the rows by bucket; two bytes each.
pub(crate) const DIRECTORY_BYTES: usize = 2 * (BUCKETS + CHUNK_ROWS);

/// All bits of a row's number.
const LAST_ROW: u16 = 4_095;
const _: () = assert!(LAST_ROW as usize + 1 == CHUNK_ROWS);

/// A number of an identifier, in which all of its bytes are mixed. Of equal ones it is the same; people can choose
/// others of which it is the same too.
#[inline]
pub(crate) fn mixed(id: &[u8; 16]) -> u64 {
    let (halves, _) = id.as_chunks::<8>();
    let [one, other] = [halves[0], halves[1]].map(u64::from_le_bytes);
    (one.rotate_left(23) ^ other).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The bucket of an identifier. Identifiers that people chose to meet in one bucket make looking slower, not wrong.
#[inline]
pub(crate) fn bucket_of_id(id: &[u8; 16]) -> usize {
    usize::try_from(mixed(id) >> 54).unwrap_or(0)
}

/// The bucket of a recipient's number: of up to 512 holders and as many pools each has its own.
pub(crate) fn bucket_of_recipient(number: u64) -> usize {
    let spread = number >> 1 ^ (number & 1) << 9;
    usize::try_from(spread % 1_024).unwrap_or(0)
}

/// Writes the directory of a whole chunk whose rows are in these buckets.
pub(crate) fn write(buckets: impl Iterator<Item = usize> + Clone, out: &mut Vec<u8>) {
    let mut starts = [0u16; BUCKETS + 1];
    for bucket in buckets.clone() {
        starts[bucket + 1] += 1;
    }
    for bucket in 0..BUCKETS {
        starts[bucket + 1] += starts[bucket];
    }
    let mut rows = [0u16; CHUNK_ROWS];
    let mut next = starts;
    for (row, bucket) in (0u16..).zip(buckets) {
        rows[usize::from(next[bucket])] = row;
        next[bucket] += 1;
    }
    let begin = out.len();
    out.resize(begin + DIRECTORY_BYTES, 0);
    let (places, _) = out[begin..].as_chunks_mut::<2>();
    for (place, number) in places.iter_mut().zip(starts[..BUCKETS].iter().chain(&rows)) {
        *place = number.to_le_bytes();
    }
}

/// Which of a directory's rows are those in a bucket.
#[inline]
pub(crate) fn bucket(directory: &[u8], bucket: usize) -> Range<usize> {
    let (numbers, _) = directory.as_chunks::<2>();
    let begin = |bucket: usize| numbers.get(bucket).map_or(0, |it| u16::from_le_bytes(*it).into());
    let end = if bucket + 1 == BUCKETS { CHUNK_ROWS } else { begin(bucket + 1) };
    begin(bucket)..end
}

/// Rows of a bucket, ascending. Whatever the bytes are, the rows are within a chunk.
#[inline]
pub(crate) fn rows(directory: &[u8], bucket: Range<usize>) -> impl Iterator<Item = u16> + '_ {
    let (numbers, _) = directory.as_chunks::<2>();
    let rows = numbers.get(BUCKETS + bucket.start..BUCKETS + bucket.end).unwrap_or_default();
    rows.iter().map(|row| u16::from_le_bytes(*row) & LAST_ROW)
}

/// Something of the first and the last row of a bucket, read so that the memory is asked for them.
#[inline]
pub(crate) fn touch(directory: &[u8], bucket: &Range<usize>) -> u8 {
    let byte = |row: usize| directory.get(2 * (BUCKETS + row)).copied().unwrap_or(0);
    byte(bucket.start) ^ byte(bucket.end.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_its_bucket_and_in_no_other() {
        let key = |row: usize| row * row % 1_000;
        let mut directory = Vec::new();
        write((0..CHUNK_ROWS).map(key), &mut directory);
        assert_eq!(directory.len(), DIRECTORY_BYTES);
        for asked in 0..BUCKETS {
            let expected = (0..CHUNK_ROWS).filter(|row| key(*row) == asked);
            let found = rows(&directory, bucket(&directory, asked)).map(usize::from);
            assert!(found.eq(expected), "bucket {asked}");
        }
    }

    #[test]
    fn bytes_that_are_no_directory_give_rows_of_the_chunk_or_none() {
        for bytes in
            [vec![], vec![0xff; 7], vec![0xff; DIRECTORY_BYTES], vec![0x3c; DIRECTORY_BYTES]]
        {
            for asked in 0..BUCKETS {
                assert!(rows(&bytes, bucket(&bytes, asked)).all(|row| row <= LAST_ROW));
            }
        }
    }
}
