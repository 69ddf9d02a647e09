//! A pool's headroom over time, with changes taken in many at a time.
//!
//! Most grants fit easily, and that is known without looking at their windows: nothing can have fallen lower than the
//! lowest value of before less all that was taken since. So changes wait, those of one instant as one, until there are
//! many instants, or until they have eaten up half of what is free, and are then put into the timeline together, in
//! order, which costs a fraction of one by one.

use hashbrown::HashMap;

use crate::time::EffectiveTime;
use crate::timeline::{Low, Timeline};
use crate::window::Window;

/// Changes of so many instants wait at the most: more than twenty years of days. An exact answer passes over them all.
const MOST_RECENT: usize = if cfg!(test) { 64 } else { 8_192 };

/// Capacity minus usage, as a step function over effective time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headroom {
    settled: Timeline,
    /// Changes that the timeline does not have yet.
    recent: HashMap<EffectiveTime, i128>,
    /// How far the recent changes can have lowered any value, at most.
    lowered: i128,
}

impl Headroom {
    /// Adds to the value from an instant on. O(log n), and most of it together with other changes.
    pub(crate) fn add(&mut self, at: EffectiveTime, delta: i128) {
        *self.recent.entry(at).or_default() += delta;
        self.lowered -= delta.min(0);
        let eaten = self.lowered > self.settled.lowest_from_first() / 2;
        if eaten || self.recent.len() >= MOST_RECENT {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let mut changes: Vec<_> = self.recent.drain().filter(|(_, delta)| *delta != 0).collect();
        changes.sort_unstable_by_key(|(at, _)| *at);
        self.settled.add_all(&changes);
        self.lowered = 0;
    }

    /// A value that no instant of the window goes below; not the greatest such value. O(1).
    pub(crate) fn floor(&self, window: Window) -> i128 {
        self.settled.floor(window) - self.lowered
    }

    /// The value at an instant.
    pub(crate) fn value(&self, at: EffectiveTime) -> i128 {
        self.settled.value(at) + self.recent_value(at)
    }

    /// The lowest value within a window.
    pub(crate) fn lowest(&self, window: Window) -> Low {
        let (from, until) = (window.from(), window.until());
        let within = |at: EffectiveTime| at > from && window.contains(at);
        let recent = self.recent.iter().map(|(at, delta)| (*at, *delta));
        let mut recent: Vec<_> = recent.filter(|(at, _)| within(*at)).collect();
        recent.sort_unstable_by_key(|(at, _)| *at);
        let mut lowest = None;
        let mut piece = (from, self.recent_value(from));
        let ends = recent.into_iter().map(|(at, delta)| (Some(at), delta)).chain([(until, 0)]);
        for (end, delta) in ends {
            if let Ok(of) = Window::new(piece.0, end) {
                let low = self.settled.lowest(of);
                let low = Low { value: low.value + piece.1, at: low.at };
                // The first of equals, as within a timeline.
                if lowest.is_none_or(|lowest: Low| low.value < lowest.value) {
                    lowest = Some(low);
                }
            }
            piece = (end.unwrap_or(piece.0), piece.1 + delta);
        }
        lowest.unwrap_or(Low { value: self.value(from), at: from })
    }

    /// What the recent changes add at an instant.
    fn recent_value(&self, at: EffectiveTime) -> i128 {
        self.recent.iter().filter(|(of, _)| **of <= at).map(|(_, delta)| delta).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_as_a_timeline_does_whatever_waits(
            capacity in 0i64..4_000,
            changes in prop::collection::vec((0i64..200, -40i64..40), 0..1_000),
            from in 0i64..210, length in prop::option::of(1i64..50),
        ) {
            let at = |us| EffectiveTime::from_us(us).unwrap();
            let (mut headroom, mut timeline) = (Headroom::default(), Timeline::default());
            for (us, delta) in std::iter::once((0, capacity)).chain(changes) {
                headroom.add(at(us), i128::from(delta));
                timeline.add(at(us), i128::from(delta));
            }
            let window = Window::new(at(from), length.map(|length| at(from + length))).unwrap();
            prop_assert_eq!(headroom.lowest(window), timeline.lowest(window));
            prop_assert_eq!(headroom.value(at(from)), timeline.value(at(from)));
            prop_assert!(headroom.floor(window) <= timeline.lowest(window).value);
        }
    }

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    #[test]
    fn changes_wait_until_they_have_eaten_more_than_half_of_what_is_free() {
        let mut headroom = Headroom::default();
        headroom.add(at(0), 100);
        assert_eq!(headroom.recent.len(), 1, "what adds eats nothing");
        headroom.add(at(1), -1);
        assert_eq!((headroom.recent.len(), headroom.lowered), (0, 0), "nothing was free before");
        headroom.add(at(2), -49);
        headroom.add(at(3), 7);
        assert_eq!((headroom.recent.len(), headroom.lowered), (2, 49), "half of 99 is 49");
        headroom.add(at(4), -1);
        assert_eq!((headroom.recent.len(), headroom.lowered), (0, 0));
        assert_eq!(headroom.settled.changes().len(), 5);
    }

    #[test]
    fn changes_of_so_many_instants_wait_and_no_more() {
        let mut headroom = Headroom::default();
        (0..).take(MOST_RECENT - 1).for_each(|us| headroom.add(at(us), 1));
        headroom.add(at(0), 1);
        assert_eq!(headroom.recent.len(), MOST_RECENT - 1, "an instant counts once");
        headroom.add(at(-1), 1);
        assert_eq!(headroom.recent.len(), 0);
    }
}
