//! What a history amounts to, as one row of bytes, for two programs to compare their replays by.
//!
//! `docs/format/state.md` describes the bytes. They say what is, and nothing of how it came to be.

use std::collections::BTreeMap;

use sanad_core::{Capacity, EffectiveTime, PoolKind, Recipient, Sequence, Window};

use crate::projection::{Projection, as_u64, at};
use crate::row::PoolRow;

/// Bytes are handed on in pieces of about this size.
const PIECE: usize = 1 << 16;

/// Takes bytes, value by value.
struct Out<'a> {
    piece: Vec<u8>,
    to: &'a mut dyn FnMut(&[u8]),
}

impl Out<'_> {
    fn bytes(&mut self, bytes: &[u8]) {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        (self.to)(&self.piece);
        self.piece.clear();
    }

    fn u8(&mut self, value: u8) {
        self.bytes(&[value]);
    }

    fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        // Every text of the domain is far shorter than 64 KiB.
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        self.bytes(&length.to_le_bytes());
        self.bytes(text.as_bytes());
    }
}

impl Projection {
    /// Gives the canonical bytes of the state after the first `size` entries to `out`, piece by piece.
    /// O(n log n) in pools, holders and grants.
    pub fn canonical_state(&self, size: u64, out: &mut dyn FnMut(&[u8])) {
        let known = |sequence: Sequence| sequence.0 < size;
        let mut out = Out { piece: Vec::with_capacity(2 * PIECE), to: out };
        out.u64(size);

        let declared = self.all_declared(size);
        let pools = self.pools.iter().zip(&declared).filter(|(row, _)| known(row.opened_in));
        let mut pools: Vec<_> = pools.collect();
        pools.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
        out.u64(as_u64(pools.len()));
        pools.into_iter().for_each(|(row, declared)| write_pool(row, declared, &mut out));

        let mut holders: Vec<_> =
            self.holders.iter().filter(|row| known(row.registered_in)).collect();
        holders.sort_by(|one, other| one.id.cmp(&other.id));
        out.u64(as_u64(holders.len()));
        for row in holders {
            out.text(row.id.as_str());
            out.text(row.title.as_str());
        }

        let mut grants: Vec<_> =
            (0..self.grants_end(size)).map(|grant| (*self.grants.id(grant), grant)).collect();
        grants.sort_unstable();
        out.u64(as_u64(grants.len()));
        grants.iter().for_each(|(_, grant)| self.write_grant(*grant, size, &mut out));
        out.hand_on();
    }

    /// What each pool was declared to have, as known after the first `size` entries.
    fn all_declared(&self, size: u64) -> Vec<BTreeMap<EffectiveTime, Capacity>> {
        let mut declared = vec![BTreeMap::new(); at(self.pools.len())];
        let end = self.declarations.partition_point(|row| row.declared_in.0 < size);
        self.declarations.visit(0..end, |_, row| {
            declared[at(row.pool)].insert(row.from, row.capacity);
        });
        declared
    }

    fn write_grant(&self, grant: u32, size: u64, out: &mut Out<'_>) {
        let row = &self.grants.get(grant);
        out.bytes(self.grants.id(grant));
        out.text(self.pool_row(row.pool).id.as_str());
        match self.recipient(row.recipient) {
            Recipient::Holder(holder) => {
                out.u8(0);
                out.text(holder.as_str());
            }
            Recipient::Pool(pool) => {
                out.u8(1);
                out.text(pool.as_str());
            }
        }
        let window = row.span.window();
        out.u64(row.count);
        out.i64(window.from().us());
        match window.until() {
            None => out.u8(0),
            Some(until) => {
                out.u8(1);
                out.i64(until.us());
            }
        }
        match self.purpose(row.purpose) {
            None => out.u8(0),
            Some(purpose) => {
                out.u8(1);
                out.text(purpose.as_str());
            }
        }
        let steps = self.steps_taken(grant, window, size);
        out.u64(as_u64(steps.len()));
        for (at, taken) in steps {
            out.i64(at.us());
            out.u64(taken);
        }
    }

    /// What is taken of a grant, from which instant on: neighbours differ, and the first is not 0.
    fn steps_taken(&self, grant: u32, granted: Window, size: u64) -> Vec<(EffectiveTime, u64)> {
        let mut changes: BTreeMap<EffectiveTime, i128> = BTreeMap::new();
        for revocation in self.revocations(grant, size) {
            let Some(window) = granted.overlap(revocation.span.window()) else { continue };
            *changes.entry(window.from()).or_default() += i128::from(revocation.count);
            if let Some(until) = window.until().filter(|until| granted.until() != Some(*until)) {
                *changes.entry(until).or_default() -= i128::from(revocation.count);
            }
        }
        let changes = changes.into_iter().filter(|(_, change)| *change != 0);
        let mut taken = 0i128;
        let step = |(at, change)| {
            taken += change;
            // In a lawful history no more is taken than was granted, which fits.
            (at, u64::try_from(taken).unwrap_or(u64::MAX))
        };
        changes.map(step).collect()
    }
}

fn write_pool(row: &PoolRow, declared: &BTreeMap<EffectiveTime, Capacity>, out: &mut Out<'_>) {
    out.text(row.id.as_str());
    out.text(row.title.as_str());
    match &row.kind {
        PoolKind::Root(unit) => {
            out.u8(0);
            out.text(unit.symbol().as_str());
            out.u8(unit.decimals());
        }
        PoolKind::SubPool { parent } => {
            out.u8(1);
            out.text(parent.as_str());
        }
    }
    out.u64(as_u64(declared.len()));
    for (from, capacity) in declared {
        out.i64(from.us());
        out.u64(capacity.get());
    }
}
