//! Changes of a pool's headroom that wait to be put into its timeline.
//!
//! The latest are in a hash map, those of one instant as one. When it is full they are put in order and spread over
//! stretches of time, of which the one that then has most goes into the timeline: so many changes meet there, near one
//! another, each time, however large the timeline is.

use hashbrown::HashMap;

use crate::stretch::{ChangeFrom, Stretch, in_order};
use crate::time::EffectiveTime;

/// Instants in the map at the most: more than twenty years of days.
pub(crate) const MOST_RECENT: usize = if cfg!(test) { 8 } else { 8_192 };

/// A step function of changes, zero before the first, that is only asked how low it can fall.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// In half the bytes of a change, so that a core's cache holds them. What does not fit goes to the stretches.
    recent: HashMap<EffectiveTime, i64>,
    /// All of time, in order; one at least.
    stretches: Vec<Stretch>,
    /// Changes in the stretches.
    waiting_there: usize,
    /// How far the changes can lower any value, at most.
    lowered: i128,
}

impl Default for Waiting {
    fn default() -> Self {
        let stretches = vec![Stretch::new(EffectiveTime::EARLIEST)];
        Self { recent: HashMap::new(), stretches, waiting_there: 0, lowered: 0 }
    }
}

impl Waiting {
    /// Adds to the value from an instant on; whether the map is full now.
    pub(crate) fn add(&mut self, at: EffectiveTime, delta: i128) -> bool {
        self.lowered -= delta.min(0);
        let recent = self.recent.entry(at).or_default();
        match i64::try_from(delta).ok().and_then(|delta| recent.checked_add(delta)) {
            Some(sum) => *recent = sum,
            None => self.spread(&[(at, delta)]),
        }
        self.recent.len() >= MOST_RECENT
    }

    /// How far the changes can lower any value, at most.
    pub(crate) fn lowered(&self) -> i128 {
        self.lowered
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.recent.is_empty() && self.waiting_there == 0
    }

    /// Empties the map into the stretches, and gives the changes of the one that has most, in order. While there are
    /// fewer stretches than are wanted, it becomes several.
    pub(crate) fn take_fullest(&mut self, wanted: usize) -> Vec<ChangeFrom> {
        self.spread_recent();
        let lens = self.stretches.iter().map(Stretch::len).enumerate();
        let Some((place, len)) = lens.max_by_key(|(_, len)| *len) else { return Vec::new() };
        self.waiting_there -= len;
        let changes = self.stretches[place].take();
        if let Some(more) = wanted.checked_sub(self.stretches.len()) {
            let behind = self.stretches[place].parted(&changes, more + 1);
            self.stretches.splice(place + 1..place + 1, behind);
        }
        self.lowered = self.lowered_by_stretches();
        changes
    }

    /// Takes all changes out, in order. O(n log n).
    pub(crate) fn take(&mut self) -> Vec<ChangeFrom> {
        self.lowered = 0;
        if self.waiting_there == 0 {
            return self.take_recent();
        }
        self.spread_recent();
        self.waiting_there = 0;
        self.stretches.iter_mut().flat_map(Stretch::take).collect()
    }

    fn take_recent(&mut self) -> Vec<ChangeFrom> {
        let recent = self.recent.drain().map(|(at, delta)| (at, i128::from(delta)));
        let mut recent: Vec<_> = recent.collect();
        in_order(&mut recent);
        if self.recent.capacity() / 8 > recent.len() {
            // A large map takes long to be emptied of few.
            self.recent = HashMap::new();
        }
        recent
    }

    fn spread_recent(&mut self) {
        let recent = self.take_recent();
        self.spread(&recent);
    }

    /// Puts changes, in order, into the stretches that they belong to.
    fn spread(&mut self, changes: &[ChangeFrom]) {
        self.waiting_there += changes.len();
        let mut rest = changes;
        for place in 0..self.stretches.len() {
            let next = self.stretches.get(place + 1).map(Stretch::first);
            let end = next.map_or(rest.len(), |next| rest.partition_point(|(at, _)| *at < next));
            let (its, behind) = rest.split_at(end);
            self.stretches[place].add(its);
            rest = behind;
        }
    }

    fn lowered_by_stretches(&self) -> i128 {
        let (mut value, mut lowest) = (0, 0);
        for stretch in &self.stretches {
            lowest = (value + stretch.lowest()).min(lowest);
            value += stretch.sum();
        }
        -lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    /// One change at every tenth instant, from the given place on, until the map is full.
    fn fill(waiting: &mut Waiting, from: i64, delta: i128) {
        let mut places = from..;
        while !waiting.add(at(places.next().unwrap() * 10), delta) {}
    }

    fn starts(waiting: &Waiting) -> Vec<i64> {
        waiting.stretches.iter().map(|stretch| stretch.first().us()).collect()
    }

    #[test]
    fn changes_of_one_instant_wait_as_one() {
        let mut waiting = Waiting::default();
        for _ in 0..100 {
            assert!(!waiting.add(at(1), -2));
        }
        assert_eq!((waiting.take(), waiting.is_empty()), (vec![(at(1), -200)], true));
    }

    /// Amounts are of 64 bits without a sign, and several of them may wait at one instant.
    #[test]
    fn changes_that_do_not_fit_into_the_map_wait_beside_it() {
        let (mut waiting, most) = (Waiting::default(), i128::from(u64::MAX));
        for delta in [-most, -3, i128::from(i64::MAX), -most, i128::from(i64::MAX), 4] {
            assert!(!waiting.add(at(1), delta));
        }
        waiting.add(at(0), most);
        assert_eq!(waiting.lowered(), 2 * most + 3);
        assert!(!waiting.is_empty());
        assert_eq!(waiting.take(), [(at(0), most), (at(1), -most)]);
        assert!(waiting.is_empty());
    }

    #[test]
    fn the_stretch_that_has_most_is_taken_and_the_others_wait() {
        let most = i64::try_from(MOST_RECENT).unwrap();
        let mut waiting = Waiting::default();
        fill(&mut waiting, 0, 1);
        assert_eq!(waiting.take_fullest(2).len(), MOST_RECENT, "there was one stretch");
        let half = most / 2 * 10;
        assert_eq!(starts(&waiting)[1..], [half]);
        // Two of the next changes are behind the middle.
        fill(&mut waiting, 2 - most / 2, 1);
        let taken = waiting.take_fullest(2);
        assert_eq!((taken.len(), waiting.waiting_there), (MOST_RECENT - 2, 2));
        assert!(taken.iter().all(|(instant, _)| *instant < at(half)));
        assert_eq!(waiting.take(), [(at(half), 1), (at(half + 10), 1)]);
        assert_eq!((waiting.waiting_there, waiting.is_empty()), (0, true));
    }

    #[test]
    fn what_is_given_back_behind_a_stretch_counts_for_the_next_ones() {
        let mut waiting = Waiting::default();
        fill(&mut waiting, 0, 1);
        waiting.take_fullest(MOST_RECENT);
        assert_eq!(waiting.stretches.len(), MOST_RECENT);
        // Nine are taken early and given back late, and in between one.
        let changes = [(0, -9), (10, 1), (20, -1), (70, 9)];
        for (us, delta) in changes {
            assert!(!waiting.add(at(us), delta));
        }
        assert_eq!(waiting.lowered(), 10, "all that was taken");
        waiting.spread_recent();
        assert_eq!(waiting.lowered_by_stretches(), 9, "how low the sum falls");
    }

    #[test]
    fn a_map_that_was_large_is_not_kept_for_few() {
        let mut waiting = Waiting::default();
        waiting.recent.reserve(1_000);
        waiting.add(at(1), 1);
        assert_eq!(waiting.take(), [(at(1), 1)]);
        assert!(waiting.recent.capacity() < 1_000);
    }
}
