//! The nodes of a timeline's tree.

use super::Low;
use crate::time::EffectiveTime;
use crate::window::Window;

/// Most changes in a leaf, and most children of a branch.
pub(super) const FANOUT: usize = 16;
/// So many are put into a node where several nodes are made at once.
const ROOMY: usize = FANOUT * 3 / 4;

#[derive(Debug, Clone)]
pub(super) enum Node {
    Leaf(Vec<Change>),
    Branch(Vec<Child>),
}

impl Default for Node {
    fn default() -> Self {
        Node::Leaf(Vec::new())
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) at: EffectiveTime,
    pub(super) delta: i128,
}

#[derive(Debug, Clone)]
pub(super) struct Child {
    /// The first instant below it.
    pub(super) first: EffectiveTime,
    pub(super) sum: i128,
    /// The lowest sum of the changes from `first` up to one of the instants below.
    pub(super) low: Low,
    pub(super) node: Node,
}

impl Node {
    pub(super) fn first(&self) -> Option<EffectiveTime> {
        match self {
            Node::Leaf(changes) => changes.first().map(|change| change.at),
            Node::Branch(children) => children.first().map(|child| child.first),
        }
    }

    /// Adds a change below this node, and counts it if its instant is new; gives the right half where the node had to be
    /// split.
    pub(super) fn add(&mut self, at: EffectiveTime, delta: i128, len: &mut usize) -> Option<Node> {
        match self {
            Node::Leaf(changes) => {
                match changes.binary_search_by_key(&at, |change| change.at) {
                    Ok(found) => changes[found].delta += delta,
                    Err(place) => {
                        changes.insert(place, Change { at, delta });
                        *len += 1;
                    }
                }
                split(changes).map(Node::Leaf)
            }
            Node::Branch(children) => {
                let place = children.partition_point(|child| child.first <= at).saturating_sub(1);
                let right = children[place].node.add(at, delta, len);
                children[place].refresh();
                if let Some(right) = right.and_then(Child::over) {
                    children.insert(place + 1, right);
                }
                split(children).map(Node::Branch)
            }
        }
    }

    /// Adds changes in order below this node, and counts new instants; gives what no longer fits into it, from left to
    /// right.
    pub(super) fn add_all(
        &mut self,
        changes: &[(EffectiveTime, i128)],
        len: &mut usize,
    ) -> Vec<Node> {
        match self {
            Node::Leaf(known) => {
                if !add_to_known(known, changes) {
                    let merged = merged(known, changes);
                    *len += merged.len() - known.len();
                    *known = merged;
                }
                let behind = if known.len() > FANOUT { parted(known) } else { Vec::new() };
                behind.into_iter().map(Node::Leaf).collect()
            }
            Node::Branch(children) => {
                let (mut place, mut rest) = (0, changes);
                while let Some(child) = children.get(place).filter(|_| !rest.is_empty()) {
                    debug_assert!(place == 0 || child.first <= rest[0].0);
                    let end = children.get(place + 1).map_or(rest.len(), |next| {
                        rest.partition_point(|(at, _)| *at < next.first)
                    });
                    let (its, behind) = rest.split_at(end);
                    (place, rest) = (place + 1, behind);
                    if its.is_empty() {
                        continue;
                    }
                    let child = &mut children[place - 1];
                    let more = child.node.add_all(its, len);
                    child.refresh();
                    let count = more.len();
                    children.splice(place..place, more.into_iter().filter_map(Child::over));
                    place += count;
                }
                let behind = if children.len() > FANOUT { parted(children) } else { Vec::new() };
                behind.into_iter().map(Node::Branch).collect()
            }
        }
    }

    /// The changes behind the first instant of a window and before its end, or all.
    pub(super) fn collect(&self, window: Option<Window>, into: &mut Vec<Change>) {
        let passed = |at: EffectiveTime| window.is_some_and(|window| at <= window.from());
        let within = |at: EffectiveTime| window.is_none_or(|window| window.contains(at));
        match self {
            Node::Leaf(changes) => {
                into.extend(
                    changes.iter().filter(|c| !passed(c.at) && within(c.at) && c.delta != 0),
                );
            }
            Node::Branch(children) => {
                let begun = children.partition_point(|child| passed(child.first));
                // The last that begins before the window may reach into it.
                children[begun.saturating_sub(1)..]
                    .iter()
                    .take_while(|child| passed(child.first) || within(child.first))
                    .for_each(|child| child.node.collect(window, into));
            }
        }
    }

    /// The sum of the changes below and the lowest running sum.
    pub(super) fn summary(&self) -> Option<(i128, Low)> {
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
    pub(super) fn over(node: Node) -> Option<Child> {
        let first = node.first()?;
        let (sum, low) = node.summary()?;
        Some(Child { first, sum, low, node })
    }

    pub(super) fn refresh(&mut self) {
        if let (Some(first), Some((sum, low))) = (self.node.first(), self.node.summary()) {
            (self.first, self.sum, self.low) = (first, sum, low);
        }
    }
}

fn split<T>(items: &mut Vec<T>) -> Option<Vec<T>> {
    (items.len() > FANOUT).then(|| items.split_off(FANOUT / 2))
}

/// Adds changes in order to those of the same instants, if there is one for each; else nothing.
fn add_to_known(known: &mut [Change], changes: &[(EffectiveTime, i128)]) -> bool {
    let mut places = known.iter().map(|known| known.at);
    if !changes.iter().all(|(at, _)| places.any(|known| known == *at)) {
        return false;
    }
    let mut left = known.iter_mut();
    for (at, delta) in changes {
        if let Some(same) = left.find(|known| known.at == *at) {
            same.delta += delta;
        }
    }
    true
}

/// Two rows of changes in order, as one.
fn merged(known: &[Change], changes: &[(EffectiveTime, i128)]) -> Vec<Change> {
    let mut merged = Vec::with_capacity(known.len() + changes.len());
    let mut left = known.iter().copied().peekable();
    for &(at, delta) in changes {
        while let Some(before) = left.next_if(|known| known.at < at) {
            merged.push(before);
        }
        let same = left.next_if(|known| known.at == at);
        merged.push(Change { at, delta: delta + same.map_or(0, |same| same.delta) });
    }
    merged.extend(left);
    merged
}

/// Leaves as many items as fit into a node with room for more; gives the others in as large parts.
fn parted<T>(items: &mut Vec<T>) -> Vec<Vec<T>> {
    let mut behind = Vec::new();
    while items.len() > ROOMY {
        let whole = (items.len() - 1) / ROOMY * ROOMY;
        behind.push(items.split_off(whole));
    }
    behind.reverse();
    behind
}
