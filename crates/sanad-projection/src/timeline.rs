//! Capacity and usage of a pool over effective time.

use std::collections::BTreeMap;

use sanad_core::{Capacity, EffectiveTime, PoolId, PoolKind, Window};

use crate::projection::Projection;
use crate::row::{GrantRow, RecipientRow};

/// A stretch of effective time in which a pool's capacity and usage do not change, in its unit's smallest part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineStep {
    /// The stretch.
    pub window: Window,
    /// What the pool has.
    pub capacity: i128,
    /// What is granted from it.
    pub usage: i128,
    /// Capacity minus usage; below zero it is a shortfall.
    pub headroom: i128,
}

/// Changes of capacity and usage by instant.
#[derive(Default)]
struct Steps(BTreeMap<EffectiveTime, (i128, i128)>);

impl Steps {
    fn capacity(&mut self, window: Window, amount: i128) {
        self.0.entry(window.from()).or_default().0 += amount;
        if let Some(until) = window.until() {
            self.0.entry(until).or_default().0 -= amount;
        }
    }

    fn usage(&mut self, window: Window, amount: i128) {
        self.0.entry(window.from()).or_default().1 += amount;
        if let Some(until) = window.until() {
            self.0.entry(until).or_default().1 -= amount;
        }
    }
}

impl Projection {
    /// A pool's capacity and usage over time, as known after the first `size` entries; neighbours differ.
    /// `None` for a pool that is unknown then. O(n log n) in the pool's grants and revocations, beside one pass over
    /// all grants.
    #[must_use]
    pub fn timeline(&self, size: u64, pool: &PoolId) -> Option<Vec<TimelineStep>> {
        let index = self.pool_index(pool)?;
        let row = self.pool_row(index);
        if row.opened_in.0 >= size {
            return None;
        }
        let mut steps = Steps::default();
        match row.kind {
            PoolKind::Root(_) => declared(&self.declared(index, size), &mut steps),
            PoolKind::SubPool { .. } => {
                let number = RecipientRow::Pool(index).number();
                self.grants.having(number, self.grants_end(size)).visit(|grant, _, row| {
                    self.changes(grant, &row, size, |window, amount| {
                        steps.capacity(window, amount);
                    });
                });
            }
        }
        self.grants.visit(0..self.grants_end(size), |grant, row| {
            if row.pool == index {
                self.changes(grant, &row, size, |window, amount| steps.usage(window, amount));
            }
        });
        Some(joined(steps))
    }

    /// What a pool was declared to have, by the instant from which on, as known after the first `size` entries.
    pub(crate) fn declared(&self, pool: u32, size: u64) -> BTreeMap<EffectiveTime, Capacity> {
        let end = self.declarations.partition_point(|row| row.declared_in.0 < size);
        let mut by_time = BTreeMap::new();
        self.declarations.visit(0..end, |_, row| {
            if row.pool == pool {
                // A later declaration for the same instant replaces the earlier one.
                by_time.insert(row.from, row.capacity);
            }
        });
        by_time
    }

    /// What a grant and its revocations change, and when.
    fn changes(&self, grant: u32, row: &GrantRow, size: u64, mut change: impl FnMut(Window, i128)) {
        let granted = row.span.window();
        change(granted, row.count.into());
        for revocation in self.revocations(grant, size) {
            if let Some(window) = granted.overlap(revocation.span.window()) {
                change(window, -i128::from(revocation.count));
            }
        }
    }
}

fn declared(by_time: &BTreeMap<EffectiveTime, Capacity>, steps: &mut Steps) {
    let ends = by_time.keys().skip(1).map(|at| Some(*at)).chain([None]);
    for ((from, capacity), until) in by_time.iter().zip(ends) {
        if let Ok(window) = Window::new(*from, until) {
            steps.capacity(window, capacity.total());
        }
    }
}

fn joined(steps: Steps) -> Vec<TimelineStep> {
    let changes: Vec<_> = steps.0.into_iter().filter(|(_, change)| *change != (0, 0)).collect();
    let ends = changes.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    let (mut capacity, mut usage) = (0, 0);
    let step = |((from, change), until): (&(EffectiveTime, (i128, i128)), _)| {
        capacity += change.0;
        usage += change.1;
        let window = Window::new(*from, until).ok()?;
        Some(TimelineStep { window, capacity, usage, headroom: capacity - usage })
    };
    changes.iter().zip(ends).filter_map(step).collect()
}
