//! How pools and holders stand at one instant.

use std::collections::HashMap;

use sanad_core::{EffectiveTime, HolderId, PoolId, PoolKind, Sequence, Title, Unit};

use crate::parts::in_parts;
use crate::projection::{Projection, at};
use crate::row::{GrantRow, HolderRow, PoolRow, RecipientRow, Span, ticks};
use crate::tally::Tally;

/// Capacity, usage and headroom of a pool at one instant, in its unit's smallest part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolStanding {
    /// The pool.
    pub pool: PoolId,
    /// Its name.
    pub title: Title,
    /// The pool it is a part of.
    pub parent: Option<PoolId>,
    /// How many pools are above it.
    pub depth: usize,
    /// Its unit.
    pub unit: Unit,
    /// What it has.
    pub capacity: i128,
    /// What is granted from it.
    pub usage: i128,
    /// Capacity minus usage; below zero it is a shortfall.
    pub headroom: i128,
    /// The entry that opened it.
    pub opened_in: Sequence,
}

/// What a holder has at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderStanding {
    /// The holder.
    pub holder: HolderId,
    /// Its name.
    pub title: Title,
    /// The entry that registered it.
    pub registered_in: Sequence,
    /// How many of its grants amount to something.
    pub grants_in_force: u64,
    /// What they amount to, by pool in the order of the first grant, in the pool's smallest part.
    pub totals: Vec<(PoolId, Unit, i128)>,
}

impl Projection {
    /// Every pool at an instant, as known after the first `size` entries, each parent before its sub-pools. O(grants).
    #[must_use]
    pub fn pools(&self, size: u64, in_force_at: EffectiveTime) -> Vec<PoolStanding> {
        let sums = self.sums(size, in_force_at);
        let known = || self.pools.iter().zip(0u32..).take_while(|(row, _)| row.opened_in.0 < size);
        let mut children: HashMap<&PoolId, Vec<(&PoolRow, u32)>> = HashMap::new();
        let mut waiting = Vec::new();
        for (row, index) in known() {
            match &row.kind {
                PoolKind::Root(_) => waiting.push((row, index, 0)),
                PoolKind::SubPool { parent } => {
                    children.entry(parent).or_default().push((row, index));
                }
            }
        }
        waiting.reverse();
        let mut standings = Vec::new();
        while let Some((row, index, depth)) = waiting.pop() {
            standings.extend(self.standing(row, index, depth, &sums));
            let below = children.remove(&row.id).unwrap_or_default().into_iter().rev();
            waiting.extend(below.map(|(child, index)| (child, index, depth + 1)));
        }
        standings
    }

    fn standing(
        &self,
        row: &PoolRow,
        index: u32,
        depth: usize,
        sums: &Sums,
    ) -> Option<PoolStanding> {
        let parent = match &row.kind {
            PoolKind::Root(_) => None,
            PoolKind::SubPool { parent } => Some(parent.clone()),
        };
        let (capacity, usage) = (sums.capacity[at(index)], sums.usage[at(index)]);
        Some(PoolStanding {
            pool: row.id.clone(),
            title: row.title.clone(),
            parent,
            depth,
            unit: self.unit_of(index)?.clone(),
            capacity,
            usage,
            headroom: capacity - usage,
            opened_in: row.opened_in,
        })
    }

    /// What each pool has and what is granted from it, by row: one pass over declarations, grants and revocations.
    fn sums(&self, size: u64, in_force_at: EffectiveTime) -> Sums {
        let pools = at(self.pools.len());
        let mut sums = Sums { capacity: vec![0; pools], usage: vec![0; pools] };
        let mut since = vec![EffectiveTime::EARLIEST; pools];
        let end = self.declarations.partition_point(|row| row.declared_in.0 < size);
        self.declarations.visit(0..end, |_, row| {
            let pool = at(row.pool);
            // Of declarations for the same instant the one recorded last holds.
            if row.from <= in_force_at && row.from >= since[pool] {
                (since[pool], sums.capacity[pool]) = (row.from, row.capacity.total());
            }
        });
        let (taken, instant) = (self.taken(size, in_force_at), ticks(in_force_at.us()));
        let parts = in_parts(self.grants_end(size), |rows| {
            let mut part = Sums { capacity: vec![0; pools], usage: vec![0; pools] };
            let mut place = taken.place(rows.start);
            self.grants.visit_numbers(
                rows,
                COUNTED,
                |grant, [recipient, pool, count, from, length]| {
                    if Span::holds(from, length, instant) {
                        let left = i128::from(count) - taken.from(&mut place, grant);
                        part.usage[index(pool)] += left;
                        if let RecipientRow::Pool(pool) = RecipientRow::of(recipient) {
                            // What a sub-pool has is what its parent granted to it.
                            part.capacity[at(pool)] += left;
                        }
                    }
                },
            );
            part
        });
        parts.iter().for_each(|part| sums.add(part));
        sums
    }

    /// Every holder at an instant, as known after the first `size` entries, in order of registration. O(grants).
    #[must_use]
    pub fn holders(&self, size: u64, in_force_at: EffectiveTime) -> Vec<HolderStanding> {
        let (taken, instant) = (self.taken(size, in_force_at), ticks(in_force_at.us()));
        let parts = in_parts(self.grants_end(size), |rows| {
            let mut part = Tally::of(self.holders.len());
            let mut place = taken.place(rows.start);
            self.grants.visit_numbers(
                rows,
                COUNTED,
                |grant, [recipient, pool, count, from, length]| {
                    if let RecipientRow::Holder(holder) = RecipientRow::of(recipient)
                        && Span::holds(from, length, instant)
                    {
                        let left = i128::from(count) - taken.from(&mut place, grant);
                        if left > 0 {
                            part.add(holder, pool, left);
                        }
                    }
                },
            );
            part
        });
        let tally = parts.into_iter().reduce(Tally::followed_by).unwrap_or_default();
        let mut totals = tally.totals();
        let known = self.holders.iter().take_while(|row| row.registered_in.0 < size);
        let standing = |(row, index): (&HolderRow, usize)| {
            let own = totals.get_mut(index).map(std::mem::take).unwrap_or_default();
            let own = own.into_iter().filter_map(|(pool, total)| {
                let pool = u32::try_from(pool).ok()?;
                Some((self.pool_row(pool).id.clone(), self.unit_of(pool)?.clone(), total))
            });
            HolderStanding {
                holder: row.id.clone(),
                title: row.title.clone(),
                registered_in: row.registered_in,
                grants_in_force: tally.count(index),
                totals: own.collect(),
            }
        };
        known.zip(0..).map(standing).collect()
    }
}

/// The numbers of a grant that are added up.
const COUNTED: [usize; 5] =
    [GrantRow::RECIPIENT, GrantRow::POOL, GrantRow::COUNT, GrantRow::FROM, GrantRow::LENGTH];

/// A reference to a row, as it is written.
fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Capacity and usage of every pool, by row.
struct Sums {
    capacity: Vec<i128>,
    usage: Vec<i128>,
}

impl Sums {
    fn add(&mut self, part: &Self) {
        self.capacity.iter_mut().zip(&part.capacity).for_each(|(sum, part)| *sum += part);
        self.usage.iter_mut().zip(&part.usage).for_each(|(sum, part)| *sum += part);
    }
}
