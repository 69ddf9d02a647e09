//! The lowest value in a window, found along the tree.

use super::Low;
use super::node::Node;
use crate::time::EffectiveTime;
use crate::window::Window;

/// A walk along the changes for the lowest value in a window.
pub(super) struct Search {
    window: Window,
    /// The value after the changes passed.
    value: i128,
    /// The lowest value within the window so far; none before the window.
    low: Option<Low>,
}

impl Search {
    pub(super) fn lowest(root: &Node, window: Window) -> Low {
        let mut search = Search { window, value: 0, low: None };
        search.walk(root, None);
        search.begin()
    }

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
                        self.value += change.delta();
                        self.consider(self.value, change.at);
                    } else {
                        self.value += change.delta();
                    }
                }
            }
            Node::Branch(children) => {
                // Those before the last that begins before the window end before it too.
                let begun = children.partition_point(|child| child.first <= from);
                let passed = begun.saturating_sub(1);
                self.value += children[..passed].iter().map(|child| child.sum).sum::<i128>();
                for (index, child) in children.iter().enumerate().skip(passed) {
                    if ended(child.first) {
                        return false;
                    }
                    let child_end = children.get(index + 1).map(|next| next.first).or(end);
                    let inside = child.first > from
                        && until.is_none_or(|until| child_end.is_some_and(|end| end <= until));
                    if inside {
                        self.consider(self.value + child.low.value, child.low.at);
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
