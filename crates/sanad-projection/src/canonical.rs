//! What a history amounts to, as one row of bytes, for two programs to compare their replays by.
//!
//! `docs/format/state.md` describes the bytes. They say what is, and nothing of how it came to be.

use std::collections::BTreeMap;

use sanad_core::{EffectiveTime, PoolKind, Recipient, Sequence};

use crate::projection::{Projection, as_u64};
use crate::row::{GrantRow, PoolRow};

/// Takes bytes, piece by piece.
struct Out<'a>(&'a mut dyn FnMut(&[u8]));

impl Out<'_> {
    fn u8(&mut self, value: u8) {
        (self.0)(&[value]);
    }

    fn u64(&mut self, value: u64) {
        (self.0)(&value.to_le_bytes());
    }

    fn i64(&mut self, value: i64) {
        (self.0)(&value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        // Every text of the domain is far shorter than 64 KiB.
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        (self.0)(&length.to_le_bytes());
        (self.0)(text.as_bytes());
    }
}

impl Projection {
    /// Gives the canonical bytes of the state after the first `size` entries to `out`, piece by piece.
    /// O(n log n) in pools, holders and grants.
    pub fn canonical_state(&self, size: u64, out: &mut dyn FnMut(&[u8])) {
        let known = |sequence: Sequence| sequence.0 < size;
        let mut out = Out(out);
        out.u64(size);

        let mut pools: Vec<_> = self.pools.iter().filter(|row| known(row.opened_in)).collect();
        pools.sort_by(|one, other| one.id.cmp(&other.id));
        out.u64(as_u64(pools.len()));
        pools.into_iter().for_each(|row| write_pool(row, size, &mut out));

        let mut holders: Vec<_> =
            self.holders.iter().filter(|row| known(row.registered_in)).collect();
        holders.sort_by(|one, other| one.id.cmp(&other.id));
        out.u64(as_u64(holders.len()));
        for row in holders {
            out.text(row.id.as_str());
            out.text(row.title.as_str());
        }

        let mut grants: Vec<_> = self.grants.iter().filter(|row| known(row.granted_in)).collect();
        grants.sort_by_key(|row| row.id);
        out.u64(as_u64(grants.len()));
        grants.into_iter().for_each(|row| self.write_grant(row, size, &mut out));
    }

    fn write_grant(&self, row: &GrantRow, size: u64, out: &mut Out<'_>) {
        (out.0)(row.id.uuid().as_bytes());
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
        out.u64(row.amount.get());
        out.i64(row.window.from().us());
        match row.window.until() {
            None => out.u8(0),
            Some(until) => {
                out.u8(1);
                out.i64(until.us());
            }
        }
        match &row.purpose {
            None => out.u8(0),
            Some(purpose) => {
                out.u8(1);
                out.text(purpose.as_str());
            }
        }
        let steps = self.steps_taken(row, size);
        out.u64(as_u64(steps.len()));
        for (at, taken) in steps {
            out.i64(at.us());
            out.u64(taken);
        }
    }

    /// What is taken of a grant, from which instant on: neighbours differ, and the first is not 0.
    fn steps_taken(&self, row: &GrantRow, size: u64) -> Vec<(EffectiveTime, u64)> {
        let mut changes: BTreeMap<EffectiveTime, i128> = BTreeMap::new();
        for revocation in self.revocations(row, size) {
            let Some(window) = row.window.overlap(revocation.window) else { continue };
            *changes.entry(window.from()).or_default() += revocation.amount.total();
            if let Some(until) = window.until().filter(|until| row.window.until() != Some(*until)) {
                *changes.entry(until).or_default() -= revocation.amount.total();
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

fn write_pool(row: &PoolRow, size: u64, out: &mut Out<'_>) {
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
    let known = row.declared.iter().filter(|declared| declared.declared_in.0 < size);
    let declared: BTreeMap<_, _> =
        known.map(|declared| (declared.from, declared.capacity)).collect();
    out.u64(as_u64(declared.len()));
    for (from, capacity) in declared {
        out.i64(from.us());
        out.u64(capacity.get());
    }
}
