//! A pool's headroom over time, with changes taken in many at a time.
//!
//! Most grants fit easily, and that is known without looking at their windows: nothing can have fallen lower than the
//! lowest value of before less how low the changes since can fall. So changes wait, until there are many for the part
//! of the timeline that they go to, or all may have eaten up half of what is free, or an exact answer is asked for.
//! They are then put into it together, in order, which costs a fraction of one by one.

use std::sync::Mutex;

use crate::time::EffectiveTime;
use crate::timeline::{Floor, Low, Timeline};
use crate::waiting::{MOST_RECENT, Waiting};
use crate::window::Window;

/// There is a stretch of time for so many of the timeline's instants: so those that are put into one of them come upon
/// a few times as many.
const INSTANTS_PER_STRETCH: usize = 2 * MOST_RECENT;
/// Why the lock is not poisoned: only a panic in the middle of settling could do that, and then nothing may go on.
const WHOLE: &str = "changes were put into the timeline to the last";

/// Capacity minus usage, as a step function over effective time.
#[derive(Debug, Default)]
pub(crate) struct Headroom {
    /// Behind a lock, because an exact answer settles what waits: so each change is put into the timeline once, and
    /// is not passed over again and again for who asks much and changes nothing.
    layers: Mutex<Layers>,
    /// The timeline's floor, and how far the waiting changes can have lowered any value, as both were after the last
    /// change. Together they stay true when the layers are settled behind them.
    settled: Floor,
    lowered: i128,
}

/// What is in the timeline, and what is not yet.
#[derive(Debug, Clone, Default)]
struct Layers {
    settled: Timeline,
    waiting: Waiting,
}

impl Headroom {
    /// Adds to the value from an instant on. O(log n), and nearly all of it together with other changes.
    pub(crate) fn add(&mut self, at: EffectiveTime, delta: i128) {
        let layers = self.layers.get_mut().expect(WHOLE);
        layers.add(at, delta);
        (self.settled, self.lowered) = (layers.settled.whole(), layers.waiting.lowered());
    }

    /// A value that no instant of the window goes below; not the greatest such value. O(1).
    pub(crate) fn floor(&self, window: Window) -> i128 {
        self.settled.within(window) - self.lowered
    }

    /// The value at an instant. As [`lowest`](Headroom::lowest).
    pub(crate) fn value(&self, at: EffectiveTime) -> i128 {
        self.exactly(|timeline| timeline.value(at))
    }

    /// The lowest value within a window. O(log n), but that what waits is put into the timeline first: O(log n) for
    /// each change at worst, and once for each. In a large pool a third as many changes may wait as the timeline has;
    /// the first answer after long takes so long. Who then asks and changes nothing pauses nobody again, and who
    /// makes a change and asks, again and again, finds no more than that change waiting.
    pub(crate) fn lowest(&self, window: Window) -> Low {
        self.exactly(|timeline| timeline.lowest(window))
    }

    fn exactly<T>(&self, ask: impl FnOnce(&Timeline) -> T) -> T {
        let mut layers = self.layers.lock().expect(WHOLE);
        layers.settle();
        ask(&layers.settled)
    }
}

impl Clone for Headroom {
    fn clone(&self) -> Self {
        let layers = self.layers.lock().expect(WHOLE).clone();
        Self { layers: Mutex::new(layers), ..*self }
    }
}

impl Layers {
    fn add(&mut self, at: EffectiveTime, delta: i128) {
        if self.waiting.add(at, delta) {
            let stretches = self.settled.len() / INSTANTS_PER_STRETCH + 1;
            self.settled.add_all(&self.waiting.take_fullest(stretches));
        }
        if self.waiting.lowered() > self.settled.whole().lowest() / 2 {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if !self.waiting.is_empty() {
            self.settled.add_all(&self.waiting.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    fn window(from: i64, length: Option<i64>) -> Window {
        Window::new(at(from), length.map(|length| at(from + length))).unwrap()
    }

    /// What is done with a pool's headroom.
    #[derive(Debug, Clone)]
    enum Step {
        Add(i64, i64),
        Ask(i64, Option<i64>),
        Copy,
    }

    fn steps(instants: i64) -> impl Strategy<Value = Vec<Step>> {
        let add = (0..instants, -40i64..40).prop_map(|(us, delta)| Step::Add(us, delta));
        let length = prop::option::of(1i64..50);
        let ask = (-10..instants, length).prop_map(|(from, length)| Step::Ask(from, length));
        let step = prop_oneof![300 => add, 1 => ask, 1 => Just(Step::Copy)];
        prop::collection::vec(step, 0..1_500)
    }

    proptest! {
        #[test]
        fn it_answers_as_a_timeline_does_whatever_waits(
            capacity in prop_oneof![0i64..4_000, Just(1_000_000)],
            steps in prop_oneof![steps(20), steps(200), steps(3_000)],
            last in -10i64..210,
        ) {
            let (mut headroom, mut timeline) = (Headroom::default(), Timeline::default());
            let steps = [Step::Add(0, capacity)].into_iter().chain(steps);
            for step in steps.chain([Step::Ask(last, None), Step::Copy, Step::Ask(last, None)]) {
                match step {
                    Step::Add(us, delta) => {
                        headroom.add(at(us), delta.into());
                        timeline.add(at(us), delta.into());
                    }
                    Step::Ask(from, length) => {
                        let window = window(from, length);
                        let lowest = timeline.lowest(window);
                        prop_assert!(headroom.floor(window) <= lowest.value);
                        prop_assert_eq!(headroom.lowest(window), lowest);
                        prop_assert_eq!(headroom.value(at(from)), timeline.value(at(from)));
                        prop_assert!(headroom.floor(window) <= lowest.value, "settled behind it");
                    }
                    Step::Copy => headroom = headroom.clone(),
                }
                let always = window(-10, None);
                prop_assert!(headroom.floor(always) <= timeline.lowest(always).value);
            }
        }
    }

    impl Headroom {
        /// Changes that wait, and those in the timeline.
        fn lens(&self) -> (usize, usize) {
            let layers = self.layers.lock().unwrap();
            (layers.waiting.clone().take().len(), layers.settled.changes().len())
        }
    }

    #[test]
    fn changes_wait_until_they_have_eaten_more_than_half_of_what_is_free() {
        let mut headroom = Headroom::default();
        headroom.add(at(0), 100);
        assert_eq!(headroom.lens(), (1, 0), "what adds eats nothing");
        headroom.add(at(1), -1);
        assert_eq!((headroom.lens(), headroom.lowered), ((0, 2), 0), "nothing was free before");
        headroom.add(at(2), -49);
        headroom.add(at(3), 7);
        assert_eq!((headroom.lens(), headroom.lowered), ((2, 2), 49), "half of 99 is 49");
        headroom.add(at(4), -1);
        assert_eq!((headroom.lens(), headroom.lowered), ((0, 5), 0));
    }

    #[test]
    fn changes_of_so_many_instants_wait_and_no_more() {
        let mut headroom = Headroom::default();
        (0..).take(MOST_RECENT - 1).for_each(|us| headroom.add(at(us), 1));
        headroom.add(at(0), 1);
        assert_eq!(headroom.lens(), (MOST_RECENT - 1, 0), "an instant counts once");
        headroom.add(at(-1), 1);
        assert_eq!(headroom.lens(), (0, MOST_RECENT));
    }

    /// Before, all that waited was passed over for each exact answer, and the timeline asked of each piece between.
    #[test]
    fn an_exact_answer_settles_what_waits_and_the_next_finds_nothing_to_settle() {
        let mut headroom = Headroom::default();
        headroom.add(at(0), 1_000);
        headroom.add(at(1), -1);
        (2..6).for_each(|us| headroom.add(at(us), -1));
        assert_eq!(headroom.lens(), (4, 2));
        assert_eq!(headroom.floor(window(2, None)), 995);
        assert_eq!(headroom.lowest(window(2, Some(2))), Low { value: 997, at: at(3) });
        assert_eq!(headroom.lens(), (0, 6));
        assert_eq!(headroom.floor(window(2, None)), 995, "as it was, until the next change");
        headroom.add(at(7), 1);
        assert_eq!((headroom.lens(), headroom.floor(window(2, None))), ((1, 6), 995));
    }

    /// As registers grow: nothing is near full, and windows begin and end anywhere.
    #[test]
    fn in_a_large_pool_most_changes_meet_in_stretches_of_it_and_a_part_waits() {
        let mut headroom = Headroom::default();
        headroom.add(at(0), 1_000_000);
        for place in 1..5_000 {
            headroom.add(at(place * 7_919 % 5_003), if place % 2 == 0 { -3 } else { 3 });
        }
        let (waiting, settled) = headroom.lens();
        assert_eq!(waiting + settled, 5_000);
        assert!((200..1_000).contains(&waiting), "{waiting} wait");
        assert!(headroom.lowered < 1_500, "{} of 7,500 that were taken", headroom.lowered);
        let layers = headroom.layers.lock().unwrap();
        let mut instants: Vec<_> = layers.settled.changes().into_iter().map(|(at, _)| at).collect();
        instants.extend(layers.waiting.clone().take().into_iter().map(|(at, _)| at));
        instants.sort_unstable();
        instants.dedup();
        assert_eq!(instants.len(), 5_000, "none was lost, and none is twice");
    }
}
