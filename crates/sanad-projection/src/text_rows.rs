//! Rows with texts as bytes: those of the rolls, which are few beside the rows of numbers.
//!
//! A block is its table (1), three zero bytes, the number of rows (u32) and the rows. All integers are little-endian; a
//! text is a 16-bit length and UTF-8. Nothing that is read is trusted: every value is parsed into its type again.

use sanad_core::{PoolKind, Purpose, Sequence, Unit};

use crate::chunk::CHUNK_ROWS;
use crate::error::SnapshotError;
use crate::projection::as_u32;
use crate::roll::Named;
use crate::row::{HolderRow, PoolRow, TableName};

#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Rows as a block.
    pub(crate) fn block<T: Named>(rows: &[T]) -> Vec<u8> {
        let mut out = Self(vec![T::TABLE.number(), 0, 0, 0]);
        out.0.extend(as_u32(rows.len()).to_le_bytes());
        rows.iter().for_each(|row| row.write(&mut out));
        out.0
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        let len =
            u16::try_from(text.len()).expect("every text of the domain is shorter than 64 KiB");
        self.0.extend(len.to_le_bytes());
        self.0.extend(text.as_bytes());
    }
}

/// Bytes of a block, taken value by value.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    table: &'static str,
}

type Read<T> = Result<T, SnapshotError>;

impl<'a> Reader<'a> {
    /// The rows of a block: one at least.
    pub(crate) fn block<T: Named>(bytes: &'a [u8]) -> Read<Vec<T>> {
        let mut from = Self { bytes, table: T::TABLE.name() };
        let head = [T::TABLE.number(), 0, 0, 0];
        let (found, rows) = (from.array::<4>()?, u32::from_le_bytes(from.array()?));
        from.check(found == head && (1..=as_u32(CHUNK_ROWS)).contains(&rows))?;
        let rows = (0..rows).map(|_| T::read(&mut from)).collect::<Read<Vec<T>>>()?;
        match from.bytes.len() {
            0 => Ok(rows),
            bytes => Err(SnapshotError::Trailing { bytes }),
        }
    }

    fn check(&self, holds: bool) -> Read<()> {
        if holds { Ok(()) } else { Err(SnapshotError::Value { table: self.table }) }
    }

    fn value<T, E>(&self, parsed: Result<T, E>) -> Read<T> {
        parsed.map_err(|_| SnapshotError::Value { table: self.table })
    }

    fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        let (taken, rest) =
            self.bytes.split_at_checked(len).ok_or(SnapshotError::Short { table: self.table })?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (taken, rest) =
            self.bytes.split_first_chunk().ok_or(SnapshotError::Short { table: self.table })?;
        self.bytes = rest;
        Ok(*taken)
    }

    fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Read<T> {
        let len = u16::from_le_bytes(self.array()?);
        let bytes = self.take(usize::from(len))?;
        let text = self.value(std::str::from_utf8(bytes))?;
        self.value(text.parse())
    }
}

impl Named for PoolRow {
    const TABLE: TableName = TableName::Pools;

    fn name(&self) -> &str {
        self.id.as_str()
    }

    fn write(&self, out: &mut Writer) {
        out.text(self.id.as_str());
        out.text(self.title.as_str());
        out.u64(self.opened_in.0);
        match &self.kind {
            PoolKind::Root(unit) => {
                out.0.extend([0, unit.decimals()]);
                out.text(unit.symbol().as_str());
            }
            PoolKind::SubPool { parent } => {
                out.0.push(1);
                out.text(parent.as_str());
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let (id, title, opened_in) = (from.parsed()?, from.parsed()?, Sequence(from.u64()?));
        let kind = match from.array()? {
            [0] => {
                let [decimals] = from.array()?;
                let symbol = from.parsed()?;
                PoolKind::Root(from.value(Unit::new(symbol, decimals))?)
            }
            [1] => PoolKind::SubPool { parent: from.parsed()? },
            _ => return Err(SnapshotError::Value { table: from.table }),
        };
        Ok(Self { id, title, kind, opened_in })
    }
}

impl Named for HolderRow {
    const TABLE: TableName = TableName::Holders;

    fn name(&self) -> &str {
        self.id.as_str()
    }

    fn write(&self, out: &mut Writer) {
        out.text(self.id.as_str());
        out.text(self.title.as_str());
        out.u64(self.registered_in.0);
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        let (id, title) = (from.parsed()?, from.parsed()?);
        Ok(Self { id, title, registered_in: Sequence(from.u64()?) })
    }
}

impl Named for Purpose {
    const TABLE: TableName = TableName::Purposes;

    fn name(&self) -> &str {
        self.as_str()
    }

    fn write(&self, out: &mut Writer) {
        out.text(self.as_str());
    }

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.parsed()
    }
}
