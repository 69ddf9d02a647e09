//! The tables as bytes, so that a ledger opens without replaying its whole history.
//!
//! A snapshot is derived and can be thrown away. Whoever keeps it binds it to (size, chain hash, [`SNAPSHOT_VERSION`])
//! and checks its digest; still, nothing in the bytes is trusted: every value is parsed into its type again and every
//! reference is checked.
//!
//! All integers are little-endian; a text is a 16-bit length and UTF-8; a table is a 64-bit count and its rows.

use sanad_core::{
    Amount, Capacity, Cause, EffectiveTime, EntryId, GrantId, HolderId, PoolId, PoolKind, Purpose,
    RecordedTime, Sequence, Unit, Window,
};

use crate::projection::{Projection, as_u32, as_u64, at};
use crate::row::{DeclarationRow, EntryRow, GrantRow, HolderRow, PoolRow, RecipientRow};

/// The version of the layout; a snapshot of another version is not used.
pub const SNAPSHOT_VERSION: u32 = 1;

/// Marks a window without an end; no effective time is this early.
const NO_END: i64 = i64::MIN;
const NO_PURPOSE: u32 = u32::MAX;

/// Bytes that are no snapshot of this version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// They end too early.
    #[error("the snapshot ends within its {table}")]
    Short {
        /// The table in which they end.
        table: &'static str,
    },
    /// A value does not fit its type.
    #[error("the snapshot's {table} hold a value that is none")]
    Value {
        /// The table that holds it.
        table: &'static str,
    },
    /// Bytes behind the last table.
    #[error("the snapshot goes on {bytes} bytes behind its end")]
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl Projection {
    /// The tables as bytes. O(n).
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out =
            Writer(Vec::with_capacity(self.grants.len() * 72 + self.entries.len() * 24 + 4096));
        out.table(&self.entries, |out, row| {
            out.0.extend_from_slice(row.id.uuid().as_bytes());
            out.i64(row.recorded_at.us());
        });
        out.table(&self.pools, Writer::pool);
        out.table(&self.holders, |out, row| {
            out.text(row.id.as_str());
            out.text(row.title.as_str());
            out.u64(row.registered_in.0);
        });
        let purposes: Vec<&Purpose> = self.purposes.iter().collect();
        let places: std::collections::HashMap<&Purpose, u32> =
            purposes.iter().enumerate().map(|(place, purpose)| (*purpose, as_u32(place))).collect();
        out.table(&purposes, |out, purpose| out.text(purpose.as_str()));
        out.table(&self.grants, |out, row| {
            let purpose = row.purpose.as_ref().and_then(|purpose| places.get(purpose).copied());
            out.grant(row, purpose.unwrap_or(NO_PURPOSE));
        });
        // Revocations are told in order, each with its grant, so that their chains are rebuilt by adding them.
        let mut of_grant = vec![0; self.revocations.len()];
        for (grant, row) in self.grants.iter().enumerate() {
            let mut next = row.last_revocation;
            while let Some(index) = next {
                of_grant[at(index)] = as_u32(grant);
                next = self.revocations[at(index)].before;
            }
        }
        out.u64(as_u64(self.revocations.len()));
        for (row, grant) in self.revocations.iter().zip(of_grant) {
            out.u32(grant);
            out.u64(row.amount.get());
            out.window(row.window);
            out.0.push(
                Cause::ALL
                    .iter()
                    .position(|cause| *cause == row.cause)
                    .map_or(0, |n| n.to_le_bytes()[0]),
            );
            out.u64(row.revoked_in.0);
        }
        out.0
    }

    /// Reads tables back. O(n).
    ///
    /// # Errors
    /// [`SnapshotError`] for bytes that [`snapshot`](Projection::snapshot) does not write.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let mut projection = Projection::default();
        let mut from = Reader { bytes, table: "entries" };
        from.rows(|from| {
            let uuid = uuid::Uuid::from_bytes(from.array()?);
            let (id, recorded_at) = (from.value(EntryId::new(uuid))?, from.recorded()?);
            from.check(!projection.entries_by_id.contains_key(&id))?;
            projection.add_entry(EntryRow { id, recorded_at });
            Ok(())
        })?;
        from.table = "pools";
        from.rows(|from| {
            let row = from.pool(&projection)?;
            from.check(!projection.pools_by_id.contains_key(&row.id))?;
            projection.add_pool(row);
            Ok(())
        })?;
        from.table = "holders";
        from.rows(|from| {
            let id: HolderId = from.parsed()?;
            let (title, registered_in) = (from.parsed()?, Sequence(from.u64()?));
            from.check(!projection.holders_by_id.contains_key(&id))?;
            projection.add_holder(HolderRow { id, title, registered_in, grants: Vec::new() });
            Ok(())
        })?;
        from.table = "purposes";
        let purposes: Vec<Purpose> = from.table(|from| from.parsed())?;
        from.table = "grants";
        from.rows(|from| {
            let row = from.grant(&projection, &purposes)?;
            from.check(!projection.grants_by_id.contains_key(&row.id))?;
            projection.add_grant(row);
            Ok(())
        })?;
        from.table = "revocations";
        from.rows(|from| {
            let grant = from.index(projection.grants.len())?;
            let (amount, window) = (from.amount()?, from.window()?);
            let cause = Cause::ALL.get(usize::from(from.array::<1>()?[0])).copied();
            let cause = cause.ok_or(SnapshotError::Value { table: from.table })?;
            projection.add_revocation(grant, amount, window, cause, Sequence(from.u64()?));
            Ok(())
        })?;
        match from.bytes.len() {
            0 => Ok(projection),
            bytes => Err(SnapshotError::Trailing { bytes }),
        }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        let len =
            u16::try_from(text.len()).expect("every text of the domain is shorter than 64 KiB");
        self.0.extend_from_slice(&len.to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn window(&mut self, window: Window) {
        self.i64(window.from().us());
        self.i64(window.until().map_or(NO_END, EffectiveTime::us));
    }

    fn table<T>(&mut self, rows: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.u64(as_u64(rows.len()));
        rows.iter().for_each(|row| write(self, row));
    }

    fn pool(&mut self, row: &PoolRow) {
        self.text(row.id.as_str());
        self.text(row.title.as_str());
        self.u64(row.opened_in.0);
        match &row.kind {
            PoolKind::Root(unit) => {
                self.0.extend_from_slice(&[0, unit.decimals()]);
                self.text(unit.symbol().as_str());
            }
            PoolKind::SubPool { parent } => {
                self.0.push(1);
                self.text(parent.as_str());
            }
        }
        self.table(&row.declared, |out, declared| {
            out.i64(declared.from.us());
            out.u64(declared.capacity.get());
            out.u64(declared.declared_in.0);
        });
    }

    fn grant(&mut self, row: &GrantRow, purpose: u32) {
        self.0.extend_from_slice(row.id.uuid().as_bytes());
        self.u32(row.pool);
        let (kind, recipient) = match row.recipient {
            RecipientRow::Holder(holder) => (0, holder),
            RecipientRow::Pool(pool) => (1, pool),
        };
        self.0.push(kind);
        self.u32(recipient);
        self.u64(row.amount.get());
        self.window(row.window);
        self.u32(purpose);
        self.u64(row.granted_in.0);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    table: &'static str,
}

type Read<T> = Result<T, SnapshotError>;

impl<'a> Reader<'a> {
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

    fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn i64(&mut self) -> Read<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    fn text(&mut self) -> Read<&'a str> {
        let len = u16::from_le_bytes(self.array()?);
        let bytes = self.take(usize::from(len))?;
        self.value(std::str::from_utf8(bytes))
    }

    fn parsed<T: std::str::FromStr>(&mut self) -> Read<T> {
        let text = self.text()?;
        self.value(text.parse())
    }

    fn index(&mut self, len: usize) -> Read<u32> {
        let index = self.u32()?;
        self.check(at(index) < len)?;
        Ok(index)
    }

    fn amount(&mut self) -> Read<Amount> {
        let count = self.u64()?;
        self.value(Amount::new(count))
    }

    fn effective(&mut self) -> Read<EffectiveTime> {
        let us = self.i64()?;
        self.value(EffectiveTime::from_us(us))
    }

    fn recorded(&mut self) -> Read<RecordedTime> {
        let us = self.i64()?;
        self.value(RecordedTime::from_us(us))
    }

    fn window(&mut self) -> Read<Window> {
        let from = self.effective()?;
        let until = match self.i64()? {
            NO_END => None,
            us => Some(self.value(EffectiveTime::from_us(us))?),
        };
        self.value(Window::new(from, until))
    }

    fn rows(&mut self, mut read: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        let count = self.u64()?;
        (0..count).try_for_each(|_| read(self))
    }

    fn table<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut rows = Vec::new();
        self.rows(|from| {
            rows.push(read(from)?);
            Ok(())
        })?;
        Ok(rows)
    }

    fn pool(&mut self, known: &Projection) -> Read<PoolRow> {
        let (id, title, opened_in) = (self.parsed()?, self.parsed()?, Sequence(self.u64()?));
        let kind = match self.array()? {
            [0] => {
                let [decimals] = self.array()?;
                let symbol = self.parsed()?;
                PoolKind::Root(self.value(Unit::new(symbol, decimals))?)
            }
            [1] => {
                let parent: PoolId = self.parsed()?;
                self.check(known.pools_by_id.contains_key(&parent))?;
                PoolKind::SubPool { parent }
            }
            _ => return Err(SnapshotError::Value { table: self.table }),
        };
        let declared = self.table(|from| {
            let (since, capacity) = (from.effective()?, Capacity::new(from.u64()?));
            Ok(DeclarationRow { from: since, capacity, declared_in: Sequence(from.u64()?) })
        })?;
        Ok(PoolRow {
            id,
            title,
            kind,
            opened_in,
            declared,
            grants: Vec::new(),
            received: Vec::new(),
        })
    }

    fn grant(&mut self, known: &Projection, purposes: &[Purpose]) -> Read<GrantRow> {
        let uuid = uuid::Uuid::from_bytes(self.array()?);
        let id = self.value(GrantId::new(uuid))?;
        let pool = self.index(known.pools.len())?;
        let recipient = match self.array()? {
            [0] => RecipientRow::Holder(self.index(known.holders.len())?),
            [1] => RecipientRow::Pool(self.index(known.pools.len())?),
            _ => return Err(SnapshotError::Value { table: self.table }),
        };
        let (amount, window) = (self.amount()?, self.window()?);
        let purpose = match self.u32()? {
            NO_PURPOSE => None,
            place => {
                self.check(at(place) < purposes.len())?;
                Some(purposes[at(place)].clone())
            }
        };
        let granted_in = Sequence(self.u64()?);
        Ok(GrantRow {
            id,
            pool,
            recipient,
            amount,
            window,
            purpose,
            granted_in,
            last_revocation: None,
        })
    }
}
