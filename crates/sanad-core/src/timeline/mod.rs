//! A step function over effective time that knows its lowest value in any window.
//!
//! A B+ tree of changes, ordered by instant. Each branch keeps, for the part below it, the sum of the changes and the
//! lowest running sum, so that reading a value, finding the lowest value in a window and adding a change all cost
//! O(log n) in the number of distinct instants.

mod change;
mod node;
mod search;
#[cfg(test)]
mod tree_tests;

use node::{Child, FANOUT, Node};
use search::Search;

use crate::time::EffectiveTime;
use crate::window::Window;

/// The lowest value in a window, and the first instant at which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Low {
    /// The value.
    pub value: i128,
    /// The first instant of the window at which it has that value.
    pub at: EffectiveTime,
}

/// So many changes are not worth going about together.
const FEW: usize = 2;

/// A step function, zero before its first change.
///
/// ```
/// use sanad_core::{EffectiveTime, Timeline, Window};
/// let day = |n: i64| EffectiveTime::from_us(n * 86_400_000_000).unwrap();
/// let mut headroom = Timeline::default();
/// headroom.add(day(0), 2_000);
/// headroom.add(day(10), -500);
/// assert_eq!(headroom.value(day(9)), 2_000);
/// assert_eq!(headroom.lowest(Window::new(day(0), None)?).value, 1_500);
/// # Ok::<(), sanad_core::WindowError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    root: Node,
    /// Instants in the tree.
    len: usize,
    whole: Floor,
}

/// What a step function that is zero before its first change does not go below.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Floor {
    /// The first change and the lowest value from it on.
    from_first: Option<(EffectiveTime, i128)>,
}

impl Floor {
    /// The lowest value from the first change on; zero without changes.
    pub(crate) fn lowest(self) -> i128 {
        self.from_first.map_or(0, |(_, lowest)| lowest)
    }

    /// A value that no instant of the window goes below; not the greatest such value.
    pub(crate) fn within(self, window: Window) -> i128 {
        match self.from_first {
            Some((first, lowest)) if window.from() >= first => lowest,
            // Before the first change the value is zero.
            Some((_, lowest)) => lowest.min(0),
            None => 0,
        }
    }
}

impl Timeline {
    /// Adds to the value from an instant on. O(log n).
    pub fn add(&mut self, at: EffectiveTime, delta: i128) {
        if delta == 0 {
            return;
        }
        if let Some(right) = self.root.add(at, delta, &mut self.len) {
            let left = Child::over(std::mem::take(&mut self.root));
            self.root = Node::Branch(left.into_iter().chain(Child::over(right)).collect());
        }
        self.sum_up();
    }

    /// As [`add`](Timeline::add), for many changes in order of their instants, one for each. The parts of the tree that
    /// they touch are summed up once, so that many together cost a fraction of one by one.
    pub(crate) fn add_all(&mut self, changes: &[(EffectiveTime, i128)]) {
        if changes.len() <= FEW {
            return changes.iter().for_each(|(at, delta)| self.add(*at, *delta));
        }
        let behind = self.root.add_all(changes, &mut self.len);
        let mut nodes = vec![std::mem::take(&mut self.root)];
        nodes.extend(behind);
        while nodes.len() > 1 {
            let mut children = nodes.into_iter().filter_map(Child::over).peekable();
            nodes = Vec::new();
            while children.peek().is_some() {
                nodes.push(Node::Branch(children.by_ref().take(FANOUT).collect()));
            }
        }
        self.root = nodes.pop().unwrap_or_default();
        self.sum_up();
    }

    fn sum_up(&mut self) {
        let from_first = self.root.first().zip(self.root.summary().map(|(_, low)| low.value));
        self.whole = Floor { from_first };
    }

    /// What no value goes below.
    pub(crate) fn whole(&self) -> Floor {
        self.whole
    }

    /// Instants at which the value was ever changed.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A value that no instant of the window goes below; not the greatest such value. O(1).
    #[must_use]
    pub fn floor(&self, window: Window) -> i128 {
        self.whole.within(window)
    }

    /// Adds to the value within a window. O(log n).
    pub fn add_within(&mut self, window: Window, delta: i128) {
        self.add(window.from(), delta);
        if let Some(until) = window.until() {
            self.add(until, -delta);
        }
    }

    /// The value at an instant. O(log n).
    #[must_use]
    pub fn value(&self, at: EffectiveTime) -> i128 {
        let (mut node, mut sum) = (&self.root, 0);
        loop {
            match node {
                Node::Leaf(changes) => {
                    return sum
                        + changes
                            .iter()
                            .take_while(|c| c.at <= at)
                            .map(|c| c.delta())
                            .sum::<i128>();
                }
                Node::Branch(children) => {
                    let below = children.partition_point(|child| child.first <= at);
                    let Some(last) = below.checked_sub(1) else { return sum };
                    sum += children[..last].iter().map(|child| child.sum).sum::<i128>();
                    node = &children[last].node;
                }
            }
        }
    }

    /// The lowest value within a window. O(log n).
    #[must_use]
    pub fn lowest(&self, window: Window) -> Low {
        Search::lowest(&self.root, window)
    }

    /// Every change, in order. O(n).
    #[must_use]
    pub fn changes(&self) -> Vec<(EffectiveTime, i128)> {
        let mut changes = Vec::new();
        self.root.collect(None, &mut changes);
        changes.into_iter().map(|change| (change.at, change.delta())).collect()
    }

    /// The pieces of a window in which the value is constant, in order. O(log n + pieces).
    #[must_use]
    pub fn pieces(&self, window: Window) -> Vec<(Window, i128)> {
        let mut changes = Vec::new();
        self.root.collect(Some(window), &mut changes);
        let mut value = self.value(window.from());
        let mut from = window.from();
        let mut pieces = Vec::with_capacity(changes.len() + 1);
        for change in changes {
            if let Ok(piece) = Window::new(from, Some(change.at)) {
                pieces.push((piece, value));
            }
            (from, value) = (change.at, value + change.delta());
        }
        if let Ok(piece) = Window::new(from, window.until()) {
            pieces.push((piece, value));
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn at(us: i64) -> EffectiveTime {
        EffectiveTime::from_us(us).unwrap()
    }

    fn naive_value(changes: &BTreeMap<i64, i128>, t: i64) -> i128 {
        changes.range(..=t).map(|(_, d)| d).sum()
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_sorted_list(
            adds in prop::collection::vec((0i64..400, -50i64..50), 0..600),
            from in -5i64..410, len in prop::option::of(1i64..300),
        ) {
            let mut timeline = Timeline::default();
            let mut naive = BTreeMap::new();
            for (t, d) in adds {
                timeline.add(at(t), i128::from(d));
                *naive.entry(t).or_insert(0) += i128::from(d);
            }
            let mut at_once = Timeline::default();
            for some in naive.iter().map(|(t, d)| (at(*t), *d)).collect::<Vec<_>>().chunks(37) {
                at_once.add_all(some);
                // Again, and taken back: into a tree that has them.
                at_once.add_all(some);
                at_once.add_all(&some.iter().map(|(t, d)| (*t, -d)).collect::<Vec<_>>());
            }
            let window = Window::new(at(from), len.map(|len| at(from + len))).unwrap();
            prop_assert_eq!(at_once.lowest(window), timeline.lowest(window));
            let end = len.map_or(1_000, |len| from + len);
            let values: Vec<_> = (from..end).map(|t| naive_value(&naive, t)).collect();
            let lowest = *values.iter().min().unwrap();
            let first = from + i64::try_from(values.iter().position(|v| *v == lowest).unwrap()).unwrap();
            prop_assert_eq!(timeline.value(at(from)), values[0]);
            prop_assert_eq!(timeline.lowest(window), Low { value: lowest, at: at(first) });
            prop_assert!(timeline.floor(window) <= lowest);
            let always = Window::new(EffectiveTime::EARLIEST, None).unwrap();
            prop_assert_eq!(timeline.floor(always), timeline.lowest(always).value);
            let pieces = timeline.pieces(window);
            prop_assert_eq!(pieces[0].0.from(), window.from());
            prop_assert_eq!(pieces.last().unwrap().0.until(), window.until());
            let place = |t: EffectiveTime| usize::try_from(t.us() - from).unwrap();
            for (piece, value) in &pieces {
                let until = piece.until().map_or(values.len(), place);
                prop_assert!(values[place(piece.from())..until].iter().all(|at| at == value));
            }
            for next in pieces.windows(2) {
                prop_assert_eq!(next[0].0.until(), Some(next[1].0.from()));
            }
        }
    }

    #[test]
    fn instants_are_counted_once_each_however_they_come() {
        let mut timeline = Timeline::default();
        for us in [5, 3, 5, 9, 3] {
            timeline.add(at(us), 1);
        }
        assert_eq!(timeline.len(), 3);
        let many: Vec<_> = (0..1_000).map(|us| (at(us), 1)).collect();
        timeline.add_all(&many);
        timeline.add_all(&many[7..70]);
        timeline.add(at(1_000), 1);
        assert_eq!((timeline.len(), timeline.changes().len()), (1_001, 1_001));
    }

    #[test]
    fn rising_instants_stay_a_shallow_tree() {
        let mut timeline = Timeline::default();
        for t in 0..100_000 {
            timeline.add(at(t), 1);
        }
        let mut depth = 1;
        let mut node = &timeline.root;
        while let Node::Branch(children) = node {
            (node, depth) = (&children[0].node, depth + 1);
        }
        assert!(depth <= 6, "{depth}");
        assert_eq!(timeline.value(at(99_999)), 100_000);
    }
}
