//! A stretch of effective time, and the changes in it that wait.

use crate::time::EffectiveTime;

/// A change of a step function from an instant on.
pub(crate) type ChangeFrom = (EffectiveTime, i128);

/// From its first instant on, up to the next stretch's.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    first: EffectiveTime,
    /// Sorted runs, one behind another.
    changes: Vec<ChangeFrom>,
    /// Of all changes.
    sum: i128,
    /// What the changes add at no instant of the stretch less than; zero at the most, which is what they add before
    /// the first.
    lowest: i128,
}

impl Stretch {
    pub(crate) fn new(first: EffectiveTime) -> Self {
        Self { first, changes: Vec::new(), sum: 0, lowest: 0 }
    }

    pub(crate) fn first(&self) -> EffectiveTime {
        self.first
    }

    /// How many changes wait.
    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The sum of the changes, which is what they add behind the stretch.
    pub(crate) fn sum(&self) -> i128 {
        self.sum
    }

    /// What the changes add at no instant of the stretch less than; zero at the most. It is the sum of how low each run
    /// falls by itself, which is much nearer to the truth than the sum of all that is taken.
    pub(crate) fn lowest(&self) -> i128 {
        self.lowest
    }

    /// Adds changes of the stretch that are in order.
    pub(crate) fn add(&mut self, run: &[ChangeFrom]) {
        let (mut sum, mut lowest) = (0, 0);
        for (_, delta) in run {
            sum += delta;
            lowest = sum.min(lowest);
        }
        self.changes.extend_from_slice(run);
        self.sum += sum;
        self.lowest += lowest;
    }

    /// Takes all changes out, in order, one for each instant. O(n log runs).
    pub(crate) fn take(&mut self) -> Vec<ChangeFrom> {
        let mut changes = std::mem::take(&mut self.changes);
        (self.sum, self.lowest) = (0, 0);
        in_order(&mut changes);
        changes
    }

    /// Where so many stretches would have equally many of some changes of this one: the first instants of those behind
    /// it. Fewer, where several would begin at one instant.
    pub(crate) fn parted(&self, changes: &[ChangeFrom], parts: usize) -> Vec<Stretch> {
        let parts = parts.min(changes.len());
        let place = |part: usize| changes[part * changes.len() / parts].0;
        let mut firsts: Vec<_> = (1..parts).map(place).collect();
        firsts.dedup();
        firsts.into_iter().filter(|first| *first > self.first).map(Stretch::new).collect()
    }
}

/// Puts changes in order, those of one instant together, without those that come to nothing. The sort is one that
/// finds runs and merges them.
pub(crate) fn in_order(changes: &mut Vec<ChangeFrom>) {
    changes.sort_by_key(|(at, _)| *at);
    changes.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 += later.1;
        }
        same
    });
    changes.retain(|(_, delta)| *delta != 0);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    fn changes(of: &[(i64, i128)]) -> Vec<ChangeFrom> {
        of.iter().map(|(us, delta)| (at(*us), *delta)).collect()
    }

    fn filled(runs: &[Vec<ChangeFrom>]) -> Stretch {
        let mut stretch = Stretch::new(at(0));
        runs.iter().for_each(|run| stretch.add(run));
        stretch
    }

    #[test]
    fn changes_are_given_in_order_one_for_each_instant_and_none_that_comes_to_nothing() {
        let runs = [changes(&[(1, -5), (4, 5)]), changes(&[(1, -7), (2, 7)]), changes(&[(2, -7)])];
        let mut stretch = filled(&runs);
        assert_eq!((stretch.len(), stretch.sum(), stretch.lowest()), (5, -7, -5 - 7 - 7));
        assert_eq!(stretch.take(), changes(&[(1, -12), (4, 5)]));
        assert_eq!((stretch.len(), stretch.sum(), stretch.lowest()), (0, 0, 0));
    }

    #[test]
    fn how_low_a_run_falls_is_less_than_all_that_it_takes() {
        let run = changes(&[(1, -5), (2, 5), (3, -6), (4, 2), (5, -1)]);
        assert_eq!(filled(&[run]).lowest(), -6);
        assert_eq!(filled(&[changes(&[(1, 5), (2, -5)])]).lowest(), 0, "before the first it is 0");
    }

    #[test]
    fn a_stretch_is_parted_where_its_changes_lie_and_never_at_its_own_beginning() {
        let stretch = Stretch::new(at(0));
        let firsts = |of: &[(i64, i128)], parts| -> Vec<i64> {
            let behind = stretch.parted(&changes(of), parts);
            behind.iter().map(|behind| behind.first().us()).collect()
        };
        let six: Vec<_> = (5..11).map(|us| (us, 1)).collect();
        assert_eq!(firsts(&six, 1), []);
        assert_eq!(firsts(&six, 2), [8]);
        assert_eq!(firsts(&six, 3), [7, 9]);
        assert_eq!(firsts(&six, 100), [6, 7, 8, 9, 10], "no more parts than changes");
        assert_eq!(firsts(&[(0, 1), (0, 1), (0, 1), (9, 1)], 4), [9], "an instant has one place");
        assert_eq!(firsts(&[], 3), []);
    }

    proptest! {
        #[test]
        fn no_value_within_is_below_the_lowest_that_is_told(
            runs in prop::collection::vec(
                prop::collection::btree_map(0i64..40, -9i128..9, 0..20), 0..6),
        ) {
            let runs: Vec<_> = runs.into_iter().map(|run| {
                run.into_iter().map(|(us, delta)| (at(us), delta)).collect()
            }).collect();
            let mut stretch = filled(&runs);
            let (sum, lowest) = (stretch.sum(), stretch.lowest());
            let taken = stretch.take();
            prop_assert!(taken.windows(2).all(|next| next[0].0 < next[1].0));
            let mut value = 0;
            for (at, delta) in taken {
                value += delta;
                prop_assert!(delta != 0 && lowest <= value, "{lowest} at {at}: {value}");
            }
            prop_assert_eq!(sum, value);
            prop_assert!(lowest <= 0);
        }
    }
}
