//! A chunk: 4,096 rows of a table that will not change any more, as bytes that are used as they lie.
//!
//! ```text
//! table (1) ‖ how many fields (1) ‖ 1 if the rows have ids (1) ‖ 1 if there is a directory of the first field (1)
//! rows, u32 ‖ for each field: base, step, width (8 each)
//! ids, 16 each ‖ directory of the ids
//! directory of the first field
//! rows, each field in its width ‖ 8 zero bytes, so that any field can be read as eight bytes
//! ```
//!
//! Integers are little-endian. Directories are in whole chunks only; a shorter one holds the rows that are not sealed
//! yet.

use crate::directory::{self, DIRECTORY_BYTES, bucket_of_id, bucket_of_recipient};
use crate::error::SnapshotError;
use crate::field::{FIELD_HEAD, Field};
use crate::row::{Id, Row};

/// The rows of a whole chunk.
pub(crate) const CHUNK_ROWS: usize = 4_096;

const HEAD: usize = 8;
const PADDING: usize = 8;

/// The least and the greatest number of each field.
pub(crate) type Bounds<const N: usize> = [(u64, u64); N];

/// Rows of `N` numbers each, with or without identifiers.
#[derive(Debug, Clone)]
pub(crate) struct Chunk<const N: usize> {
    bytes: Vec<u8>,
    rows: usize,
    fields: [Field; N],
    /// Where each field stands in a row.
    places: [u8; N],
    stride: usize,
    /// Where the ids, the directories and the rows begin.
    ids: usize,
    directory: usize,
    numbers: usize,
}

/// One field of a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a> {
    /// The rows from the field's place in the first one on.
    bytes: &'a [u8],
    stride: usize,
    field: Field,
}

impl Column<'_> {
    /// Eight bytes that begin with a row's number as it is written.
    #[inline]
    fn written(&self, row: usize) -> u64 {
        let at = row * self.stride;
        let eight = self.bytes.get(at..at + 8).and_then(<[u8]>::first_chunk);
        eight.map_or(0, |eight| u64::from_le_bytes(*eight))
    }

    /// As [`written`](Column::written), of the first rows, all of them; once where all are the same.
    fn all_written(&self, rows: usize) -> impl Iterator<Item = u64> + '_ {
        let (step, rows) = if self.field.width == 0 { (1, 1) } else { (self.stride, rows) };
        let places = self.bytes.windows(8).step_by(step).take(rows);
        places.map(|eight| eight.first_chunk().map_or(0, |eight| u64::from_le_bytes(*eight)))
    }

    /// The number of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize) -> u64 {
        self.field.number(self.written(row))
    }
}

/// The least and the greatest number of each field, of some rows.
fn bounds_of<const N: usize>(rows: &[[u64; N]]) -> Bounds<N> {
    let mut bounds = [(u64::MAX, 0); N];
    for row in rows {
        for ((least, most), number) in bounds.iter_mut().zip(row) {
            (*least, *most) = ((*least).min(*number), (*most).max(*number));
        }
    }
    bounds
}

impl<const N: usize> Chunk<N> {
    /// Writes rows down.
    pub(crate) fn seal<R: Row<N>>(ids: &[Id], rows: &[R]) -> Self {
        let numbers: Vec<[u64; N]> = rows.iter().map(Row::numbers).collect();
        let bounds = bounds_of(&numbers);
        let fields: [Field; N] = std::array::from_fn(|field| {
            Field::within(bounds[field], numbers.iter().map(move |row| row[field]))
        });
        let whole = rows.len() == CHUNK_ROWS;
        let stride: usize = fields.iter().map(|field| field.width).sum();
        let directory = if whole { DIRECTORY_BYTES } else { 0 };
        let looked_up = if R::HAS_IDS { 16 * ids.len() + directory } else { 0 }
            + if R::DIRECTORY { directory } else { 0 };
        let behind = rows.len() * stride + PADDING;
        let mut bytes = Vec::with_capacity(HEAD + FIELD_HEAD * N + looked_up + behind);
        let flags = [R::HAS_IDS, R::DIRECTORY].map(u8::from);
        bytes.extend([R::TABLE.number(), N.to_le_bytes()[0], flags[0], flags[1]]);
        bytes.extend(u32::try_from(rows.len()).unwrap_or(u32::MAX).to_le_bytes());
        fields.iter().for_each(|field| bytes.extend(field.head()));
        if R::HAS_IDS {
            bytes.extend(ids.as_flattened());
            if whole {
                directory::write(ids.iter().map(bucket_of_id), &mut bytes);
            }
        }
        if R::DIRECTORY && whole {
            let buckets = numbers.iter().map(|row| bucket_of_recipient(row[0]));
            directory::write(buckets, &mut bytes);
        }
        let mut at = bytes.len();
        bytes.resize(at + behind, 0);
        for row in &numbers {
            for (field, number) in fields.iter().zip(row).filter(|(field, _)| field.width > 0) {
                // Of the eight bytes those behind the width are 0, and written over by what comes next.
                bytes[at..at + 8].copy_from_slice(&field.written(*number));
                at += field.width;
            }
        }
        Self::laid_out::<R>(bytes).expect("what was laid out here")
    }

    /// Takes bytes for rows of a table, checking every value; gives the least and the greatest number of each field
    /// too.
    ///
    /// # Errors
    /// [`SnapshotError`] for bytes that [`seal`](Chunk::seal) does not write.
    pub(crate) fn read<R: Row<N>>(bytes: Vec<u8>) -> Result<(Self, Bounds<N>), SnapshotError> {
        let table = R::TABLE.name();
        let chunk = Self::laid_out::<R>(bytes)?;
        let bounds = chunk.bounds().ok_or(SnapshotError::Value { table })?;
        let mut sound = R::fits(&bounds);
        if !sound {
            // The least and the greatest of each field need not stand in one row.
            sound = (0..chunk.rows).all(|row| R::fits(&chunk.all(row).map(|n| (n, n))));
        }
        let ascending = |field: usize| {
            let mask = chunk.fields[field].mask();
            chunk.column(field).all_written(chunk.rows).map(|written| written & mask).is_sorted()
        };
        let sound = sound
            && R::ASCENDING.is_none_or(ascending)
            && (!R::HAS_IDS || !chunk.all_ids().contains(&[0; 16]));
        if sound { Ok((chunk, bounds)) } else { Err(SnapshotError::Value { table }) }
    }

    /// Finds the parts of a chunk in its bytes.
    fn laid_out<R: Row<N>>(bytes: Vec<u8>) -> Result<Self, SnapshotError> {
        let table = R::TABLE.name();
        let (short, wrong) = (SnapshotError::Short { table }, SnapshotError::Value { table });
        let flags = [R::HAS_IDS, R::DIRECTORY].map(u8::from);
        let expected = [R::TABLE.number(), N.to_le_bytes()[0], flags[0], flags[1]];
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(short.clone())?;
        let rows = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let rows = usize::try_from(rows).ok().filter(|rows| (1..=CHUNK_ROWS).contains(rows));
        let rows = rows.filter(|_| head[..4] == expected).ok_or(wrong)?;
        let (heads, _) = rest.as_chunks::<FIELD_HEAD>();
        let mut fields = [Field::empty(); N];
        let mut places = [0; N];
        let mut stride = 0usize;
        for (place, field) in fields.iter_mut().enumerate() {
            *field = Field::read(heads.get(place).ok_or(short.clone())?, table)?;
            places[place] = stride.to_le_bytes()[0];
            stride += field.width;
        }
        let directory = if rows == CHUNK_ROWS { DIRECTORY_BYTES } else { 0 };
        let ids = HEAD + FIELD_HEAD * N;
        let after_ids = ids + if R::HAS_IDS { 16 * rows + directory } else { 0 };
        let numbers = after_ids + if R::DIRECTORY { directory } else { 0 };
        if bytes.len() != numbers + rows * stride + PADDING {
            return Err(short);
        }
        Ok(Self { bytes, rows, fields, places, stride, ids, directory: after_ids, numbers })
    }

    /// The least and the greatest number of each field; `None` where one does not fit 64 bits.
    fn bounds(&self) -> Option<Bounds<N>> {
        let mut bounds = [(0, 0); N];
        for (place, field) in self.fields.iter().enumerate() {
            let (mut least, mut most) = (u64::MAX, 0);
            for written in self.column(place).all_written(self.rows) {
                let written = written & field.mask();
                (least, most) = (least.min(written), most.max(written));
            }
            bounds[place] = (field.checked(least)?, field.checked(most)?);
        }
        Some(bounds)
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The chunk as it is kept.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A field, to be read row after row.
    #[inline]
    pub(crate) fn column(&self, field: usize) -> Column<'_> {
        let bytes =
            self.bytes.get(self.numbers + usize::from(self.places[field])..).unwrap_or_default();
        Column { bytes, stride: self.stride, field: self.fields[field] }
    }

    /// One number of a row of the chunk.
    #[inline]
    pub(crate) fn number(&self, row: usize, field: usize) -> u64 {
        self.column(field).get(row)
    }

    /// All numbers of a row of the chunk.
    #[inline]
    pub(crate) fn all(&self, row: usize) -> [u64; N] {
        let bytes = self.bytes.get(self.begin(row)..).unwrap_or_default();
        let mut numbers = [0; N];
        for (number, (field, place)) in numbers.iter_mut().zip(self.fields.iter().zip(self.places))
        {
            let place = usize::from(place);
            let eight = bytes.get(place..place + 8).and_then(<[u8]>::first_chunk);
            *number = field.number(eight.map_or(0, |eight| u64::from_le_bytes(*eight)));
        }
        numbers
    }

    /// Where a row begins.
    #[inline]
    fn begin(&self, row: usize) -> usize {
        self.numbers.wrapping_add(row.wrapping_mul(self.stride))
    }

    /// Both ends of a row and its id, read so that the memory is asked for them.
    #[inline]
    pub(crate) fn touch(&self, row: usize) -> u8 {
        let begin = self.begin(row);
        let id = self.ids.wrapping_add(row.wrapping_mul(16));
        let places = [begin, begin.wrapping_add(self.stride), id];
        places.iter().fold(0, |all, place| all ^ self.bytes.get(*place).copied().unwrap_or(0))
    }

    /// All identifiers, of a chunk with ids.
    pub(crate) fn all_ids(&self) -> &[Id] {
        let bytes = self.bytes.get(self.ids..self.ids + 16 * self.rows);
        bytes.unwrap_or_default().as_chunks().0
    }

    /// The identifier of a row of the chunk.
    pub(crate) fn id(&self, row: usize) -> &Id {
        let at = self.ids + 16 * row;
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; 16])
    }

    /// The directory of the ids, in a whole chunk with ids.
    pub(crate) fn id_directory(&self) -> &[u8] {
        let begin = self.ids + 16 * self.rows;
        self.bytes.get(begin..begin + DIRECTORY_BYTES).unwrap_or_default()
    }

    /// The directory of the first field, in a whole chunk that has one.
    pub(crate) fn directory(&self) -> &[u8] {
        &self.bytes[self.directory..self.numbers]
    }
}
