//! How pools and holders stand at one instant.

use sanad_core::{EffectiveTime, HolderId, PoolId, PoolKind, Sequence, Title, Unit};

use crate::projection::Projection;
use crate::row::PoolRow;

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
        let mut standings = Vec::new();
        let mut waiting: Vec<(&PoolRow, usize)> = self
            .known_pools(size)
            .filter(|row| matches!(row.kind, PoolKind::Root(_)))
            .map(|row| (row, 0))
            .collect();
        waiting.reverse();
        let mut children: std::collections::HashMap<&PoolId, Vec<&PoolRow>> =
            std::collections::HashMap::new();
        for row in self.known_pools(size) {
            if let PoolKind::SubPool { parent } = &row.kind {
                children.entry(parent).or_default().push(row);
            }
        }
        while let Some((row, depth)) = waiting.pop() {
            standings.extend(self.standing(row, depth, size, in_force_at));
            let below = children.remove(&row.id).unwrap_or_default();
            waiting.extend(below.into_iter().rev().map(|child| (child, depth + 1)));
        }
        standings
    }

    fn known_pools(&self, size: u64) -> impl Iterator<Item = &PoolRow> {
        self.pools.iter().take_while(move |row| row.opened_in.0 < size)
    }

    fn standing(
        &self,
        row: &PoolRow,
        depth: usize,
        size: u64,
        at: EffectiveTime,
    ) -> Option<PoolStanding> {
        let parent = match &row.kind {
            PoolKind::Root(_) => None,
            PoolKind::SubPool { parent } => Some(parent.clone()),
        };
        let (capacity, usage) = (self.capacity(row, size, at), self.usage(row, size, at));
        Some(PoolStanding {
            pool: row.id.clone(),
            title: row.title.clone(),
            parent,
            depth,
            unit: self.unit(&row.id)?.clone(),
            capacity,
            usage,
            headroom: capacity - usage,
            opened_in: row.opened_in,
        })
    }

    /// What a pool has: the declaration that holds, or what its parent granted to it.
    pub(crate) fn capacity(&self, row: &PoolRow, size: u64, at: EffectiveTime) -> i128 {
        if matches!(row.kind, PoolKind::SubPool { .. }) {
            return row
                .received
                .iter()
                .map(|grant| self.left(self.grant_row(*grant), size, at))
                .sum();
        }
        let known = row
            .declared
            .iter()
            .filter(|declared| declared.declared_in.0 < size && declared.from <= at);
        // Of declarations for the same instant the one recorded last holds: max_by_key gives the last of equals.
        known.max_by_key(|declared| declared.from).map_or(0, |declared| declared.capacity.total())
    }

    pub(crate) fn usage(&self, row: &PoolRow, size: u64, at: EffectiveTime) -> i128 {
        row.grants.iter().map(|grant| self.left(self.grant_row(*grant), size, at)).sum()
    }

    /// Every holder at an instant, as known after the first `size` entries, in order of registration. O(grants).
    #[must_use]
    pub fn holders(&self, size: u64, in_force_at: EffectiveTime) -> Vec<HolderStanding> {
        let known = self.holders.iter().take_while(|row| row.registered_in.0 < size);
        known
            .map(|row| {
                let mut totals: Vec<(PoolId, Unit, i128)> = Vec::new();
                let mut grants_in_force = 0;
                for index in &row.grants {
                    let grant = self.grant_row(*index);
                    let left = self.left(grant, size, in_force_at);
                    if left > 0 {
                        grants_in_force += 1;
                        self.add_total(&mut totals, grant.pool, left);
                    }
                }
                let (holder, title) = (row.id.clone(), row.title.clone());
                HolderStanding {
                    holder,
                    title,
                    registered_in: row.registered_in,
                    grants_in_force,
                    totals,
                }
            })
            .collect()
    }

    pub(crate) fn add_total(&self, totals: &mut Vec<(PoolId, Unit, i128)>, pool: u32, left: i128) {
        let pool = &self.pool_row(pool).id;
        if let Some((_, _, total)) = totals.iter_mut().find(|(id, ..)| id == pool) {
            *total += left;
        } else if let Some(unit) = self.unit(pool) {
            totals.push((pool.clone(), unit.clone(), left));
        }
    }
}
