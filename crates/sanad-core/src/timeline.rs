//! A step function over effective time that knows its lowest value in any window.
//!
//! A B+ tree of changes, ordered by instant. Each branch keeps, for the part below it, the sum of the changes and the
//! lowest running sum, so that reading a value, finding the lowest value in a window and adding a change all cost
//! O(log n) in the number of distinct instants.

use crate::time::EffectiveTime;
use crate::window::Window;

/// Most changes in a leaf, and most children of a branch.
const FANOUT: usize = 16;

/// The lowest value in a window, and the first instant at which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Low {
    /// The value.
    pub value: i128,
    /// The first instant of the window at which it has that value.
    pub at: EffectiveTime,
}

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
    /// The first change and the lowest value from it on.
    whole: Option<(EffectiveTime, i128)>,
}

#[derive(Debug, Clone)]
enum Node {
    Leaf(Vec<Change>),
    Branch(Vec<Child>),
}

impl Default for Node {
    fn default() -> Self {
        Node::Leaf(Vec::new())
    }
}

#[derive(Debug, Clone, Copy)]
struct Change {
    at: EffectiveTime,
    delta: i128,
}

#[derive(Debug, Clone)]
struct Child {
    /// The first instant below it.
    first: EffectiveTime,
    sum: i128,
    /// The lowest sum of the changes from `first` up to one of the instants below.
    low: Low,
    node: Node,
}

impl Timeline {
    /// Adds to the value from an instant on. O(log n).
    pub fn add(&mut self, at: EffectiveTime, delta: i128) {
        if delta == 0 {
            return;
        }
        if let Some(right) = self.root.add(at, delta) {
            let left = Child::over(std::mem::take(&mut self.root));
            self.root = Node::Branch(left.into_iter().chain(Child::over(right)).collect());
        }
        self.whole = self.root.first().zip(self.root.summary().map(|(_, low)| low.value));
    }

    /// A value that no instant of the window goes below; not the greatest such value. O(1).
    #[must_use]
    pub fn floor(&self, window: Window) -> i128 {
        match self.whole {
            Some((first, lowest)) if window.from() >= first => lowest,
            // Before the first change the value is zero.
            Some((_, lowest)) => lowest.min(0),
            None => 0,
        }
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
                        + changes.iter().take_while(|c| c.at <= at).map(|c| c.delta).sum::<i128>();
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
        let mut search = Search { window, value: 0, low: None };
        search.walk(&self.root, None);
        search.begin()
    }

    /// Every change, in order. O(n).
    #[must_use]
    pub fn changes(&self) -> Vec<(EffectiveTime, i128)> {
        let mut changes = Vec::new();
        self.root.collect(None, &mut changes);
        changes.into_iter().map(|change| (change.at, change.delta)).collect()
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
            (from, value) = (change.at, value + change.delta);
        }
        if let Ok(piece) = Window::new(from, window.until()) {
            pieces.push((piece, value));
        }
        pieces
    }
}

impl Node {
    fn first(&self) -> Option<EffectiveTime> {
        match self {
            Node::Leaf(changes) => changes.first().map(|change| change.at),
            Node::Branch(children) => children.first().map(|child| child.first),
        }
    }

    /// Adds a change below this node; gives the right half where the node had to be split.
    fn add(&mut self, at: EffectiveTime, delta: i128) -> Option<Node> {
        match self {
            Node::Leaf(changes) => {
                match changes.binary_search_by_key(&at, |change| change.at) {
                    Ok(found) => changes[found].delta += delta,
                    Err(place) => changes.insert(place, Change { at, delta }),
                }
                split(changes).map(Node::Leaf)
            }
            Node::Branch(children) => {
                let place = children.partition_point(|child| child.first <= at).saturating_sub(1);
                let right = children[place].node.add(at, delta);
                children[place].refresh();
                if let Some(right) = right.and_then(Child::over) {
                    children.insert(place + 1, right);
                }
                split(children).map(Node::Branch)
            }
        }
    }

    /// The changes behind the first instant of a window and before its end, or all.
    fn collect(&self, window: Option<Window>, into: &mut Vec<Change>) {
        let passed = |at: EffectiveTime| window.is_some_and(|window| at <= window.from());
        let before_end =
            |at: EffectiveTime| window.and_then(|w| w.until()).is_none_or(|until| at < until);
        match self {
            Node::Leaf(changes) => {
                into.extend(
                    changes.iter().filter(|c| !passed(c.at) && before_end(c.at) && c.delta != 0),
                );
            }
            Node::Branch(children) => {
                for (index, child) in children.iter().enumerate() {
                    let ended = children.get(index + 1).is_some_and(|next| passed(next.first));
                    if !ended && before_end(child.first) {
                        child.node.collect(window, into);
                    }
                }
            }
        }
    }

    /// The sum of the changes below and the lowest running sum.
    fn summary(&self) -> Option<(i128, Low)> {
        let mut sum = 0;
        let mut low: Option<Low> = None;
        let mut consider = |candidate: Low| {
            if low.is_none_or(|best| candidate.value < best.value) {
                low = Some(candidate);
            }
        };
        match self {
            Node::Leaf(changes) => {
                for change in changes {
                    sum += change.delta;
                    consider(Low { value: sum, at: change.at });
                }
            }
            Node::Branch(children) => {
                for child in children {
                    consider(Low { value: sum + child.low.value, at: child.low.at });
                    sum += child.sum;
                }
            }
        }
        low.map(|low| (sum, low))
    }
}

impl Child {
    fn over(node: Node) -> Option<Child> {
        let first = node.first()?;
        let (sum, low) = node.summary()?;
        Some(Child { first, sum, low, node })
    }

    fn refresh(&mut self) {
        if let (Some(first), Some((sum, low))) = (self.node.first(), self.node.summary()) {
            (self.first, self.sum, self.low) = (first, sum, low);
        }
    }
}

fn split<T>(items: &mut Vec<T>) -> Option<Vec<T>> {
    (items.len() > FANOUT).then(|| items.split_off(FANOUT / 2))
}

/// A walk along the changes for the lowest value in a window.
struct Search {
    window: Window,
    /// The value after the changes passed.
    value: i128,
    /// The lowest value within the window so far; none before the window.
    low: Option<Low>,
}

impl Search {
    /// The lowest value so far; the first is the one that the window begins with.
    fn begin(&mut self) -> Low {
        *self.low.get_or_insert(Low { value: self.value, at: self.window.from() })
    }

    fn consider(&mut self, value: i128, at: EffectiveTime) {
        if value < self.begin().value {
            self.low = Some(Low { value, at });
        }
    }

    /// Passes the changes below a node, all of which precede the instant `end`; whether the window goes on behind.
    fn walk(&mut self, node: &Node, end: Option<EffectiveTime>) -> bool {
        let (from, until) = (self.window.from(), self.window.until());
        let ended = |at: EffectiveTime| until.is_some_and(|until| at >= until);
        match node {
            Node::Leaf(changes) => {
                for change in changes {
                    if ended(change.at) {
                        return false;
                    }
                    if change.at > from {
                        self.begin();
                        self.value += change.delta;
                        self.consider(self.value, change.at);
                    } else {
                        self.value += change.delta;
                    }
                }
            }
            Node::Branch(children) => {
                for (index, child) in children.iter().enumerate() {
                    if ended(child.first) {
                        return false;
                    }
                    let child_end = children.get(index + 1).map(|next| next.first).or(end);
                    let before = child_end.is_some_and(|end| end <= from);
                    let inside = child.first > from
                        && until.is_none_or(|until| child_end.is_some_and(|end| end <= until));
                    if inside {
                        self.consider(self.value + child.low.value, child.low.at);
                    }
                    if inside || before {
                        self.value += child.sum;
                    } else if !self.walk(&child.node, child_end) {
                        return false;
                    }
                }
            }
        }
        true
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
            let window = Window::new(at(from), len.map(|len| at(from + len))).unwrap();
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
            for (piece, value) in pieces {
                prop_assert_eq!(naive_value(&naive, piece.from().us()), value);
            }
        }
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
