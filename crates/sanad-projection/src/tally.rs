//! What holders have, added up by pool.

use std::collections::HashMap;

use crate::projection::{as_u32, at};

/// Sums by the rows of holder and pool, each pool in the order in which the holder first got something of it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: Vec<u64>,
    sums: Vec<Sum>,
    /// One more than the place of the sum that each holder was added to last; most have one pool.
    last: Vec<u32>,
    places: HashMap<(u32, u64), u32>,
}

#[derive(Debug)]
struct Sum {
    holder: u32,
    pool: u64,
    total: i128,
}

impl Tally {
    /// A tally of so many holders, with nothing in it.
    pub(crate) fn of(holders: u32) -> Self {
        let (counts, last) = (vec![0; at(holders)], vec![0; at(holders)]);
        Self { counts, last, ..Self::default() }
    }

    /// Adds what is left of a grant.
    #[inline]
    pub(crate) fn add(&mut self, holder: u32, pool: u64, left: i128) {
        self.counts[at(holder)] += 1;
        self.sum(holder, pool).total += left;
    }

    #[inline]
    fn sum(&mut self, holder: u32, pool: u64) -> &mut Sum {
        let last = self.last[at(holder)].checked_sub(1);
        let last = last.filter(|place| self.sums[at(*place)].pool == pool);
        let place = last.unwrap_or_else(|| self.place(holder, pool));
        &mut self.sums[at(place)]
    }

    fn place(&mut self, holder: u32, pool: u64) -> u32 {
        let next = as_u32(self.sums.len());
        let place = *self.places.entry((holder, pool)).or_insert(next);
        if place == next {
            self.sums.push(Sum { holder, pool, total: 0 });
        }
        self.last[at(holder)] = place + 1;
        place
    }

    /// The tally of these grants, and then of those of another one.
    pub(crate) fn followed_by(mut self, other: Self) -> Self {
        self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
        for Sum { holder, pool, total } in other.sums {
            self.sum(holder, pool).total += total;
        }
        self
    }

    /// How many grants were added of a holder.
    pub(crate) fn count(&self, holder: usize) -> u64 {
        self.counts.get(holder).copied().unwrap_or(0)
    }

    /// Each holder's sums by pool.
    pub(crate) fn totals(&self) -> Vec<Vec<(u64, i128)>> {
        let mut totals = vec![Vec::new(); self.counts.len()];
        for Sum { holder, pool, total } in &self.sums {
            totals[at(*holder)].push((*pool, *total));
        }
        totals
    }
}
