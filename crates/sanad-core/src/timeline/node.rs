//! The nodes of a timeline's tree.

use super::Low;
use super::change::Change;
use crate::time::EffectiveTime;
use crate::window::Window;

/// Most changes in a leaf. More than a branch has children, since they are small: fewer nodes, less memory to wait for.
pub(super) const LEAF: usize = 32;
/// Most children of a branch.
pub(super) const FANOUT: usize = 16;
/// So many of the most are put into a node where several nodes are made at once.
pub(super) const fn roomy(most: usize) -> usize {
    most * 3 / 4
}

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

    /// Adds a change below this node, and counts it if its instant is new; gives the right half where the node had to
    /// be split.
    pub(super) fn add(&mut self, at: EffectiveTime, delta: i128, len: &mut usize) -> Option<Node> {
        match self {
            Node::Leaf(changes) => {
                match changes.binary_search_by_key(&at, |change| change.at) {
                    Ok(found) => changes[found].add(delta),
                    Err(place) => {
                        *len += 1;
                        return insert(changes, place, Change::new(at, delta), LEAF)
                            .map(Node::Leaf);
                    }
                }
                None
            }
            Node::Branch(children) => {
                let place = children.partition_point(|child| child.first <= at).saturating_sub(1);
                let right = children[place].node.add(at, delta, len);
                children[place].refresh();
                let right = right.and_then(Child::over)?;
                insert(children, place + 1, right, FANOUT).map(Node::Branch)
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
                let before = known.len();
                merge(known, changes);
                *len += known.len() - before;
                parted(known, LEAF).into_iter().map(Node::Leaf).collect()
            }
            Node::Branch(children) => {
                let (mut place, mut rest) = (0, changes);
                while let Some((first, _)) = rest.first() {
                    // Of the children from here on, the last that begins before the change, or the first of all.
                    let begun = children[place..].partition_point(|child| child.first <= *first);
                    place += begun.saturating_sub(1);
                    let end = children.get(place + 1).map_or(rest.len(), |next| {
                        rest.partition_point(|(at, _)| *at < next.first)
                    });
                    let (its, behind) = rest.split_at(end);
                    let child = &mut children[place];
                    (place, rest) = (place + 1, behind);
                    let more = child.node.add_all(its, len);
                    child.refresh();
                    let count = more.len();
                    children.splice(place..place, more.into_iter().filter_map(Child::over));
                    place += count;
                }
                parted(children, FANOUT).into_iter().map(Node::Branch).collect()
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
                    changes.iter().filter(|c| !passed(c.at) && within(c.at) && c.delta() != 0),
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
                    sum += change.delta();
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

/// Inserts an item; gives the right half where the node was full.
fn insert<T>(items: &mut Vec<T>, place: usize, item: T, most: usize) -> Option<Vec<T>> {
    if items.len() < most {
        items.insert(place, item);
        return None;
    }
    let mut right = split_off(items, most / 2, most);
    match place.checked_sub(items.len()) {
        Some(place) => right.insert(place, item),
        None => items.insert(place, item),
    }
    Some(right)
}

/// The items from a place on, with room for more.
fn split_off<T>(items: &mut Vec<T>, place: usize, most: usize) -> Vec<T> {
    let mut right = Vec::with_capacity(most.max(items.len() - place));
    right.extend(items.drain(place..));
    right
}

/// Adds changes in order to others, where they are if they have the room.
fn merge(known: &mut Vec<Change>, changes: &[(EffectiveTime, i128)]) {
    let mut places = known.iter().map(|known| known.at).peekable();
    let is_new = |(at, _): &&(EffectiveTime, i128)| {
        while places.next_if(|known| known < at).is_some() {}
        places.peek() != Some(at)
    };
    let new = changes.iter().filter(is_new).count();
    // From the last to the first, each to the place that it will have.
    let (mut left, mut end) = (known.len(), known.len() + new);
    known.resize(end, Change::new(EffectiveTime::LATEST, 0));
    for &(at, delta) in changes.iter().rev() {
        while left > 0 && known[left - 1].at > at {
            (left, end) = (left - 1, end - 1);
            known[end] = known[left];
        }
        end -= 1;
        known[end] = match left.checked_sub(1).map(|last| known[last]) {
            Some(mut same) if same.at == at => {
                left -= 1;
                same.add(delta);
                same
            }
            _ => Change::new(at, delta),
        };
    }
}

/// Where there are more items than fit into a node, leaves as many as fit with room for more; gives the others in as
/// large parts.
fn parted<T>(items: &mut Vec<T>, most: usize) -> Vec<Vec<T>> {
    let mut behind = Vec::new();
    if items.len() <= most {
        return behind;
    }
    let roomy = roomy(most);
    while items.len() > roomy {
        let whole = (items.len() - 1) / roomy * roomy;
        behind.push(split_off(items, whole, most));
    }
    items.shrink_to(most);
    behind.reverse();
    behind
}
