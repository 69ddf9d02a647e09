//! Neighbouring leaves hashed apart from the tree that they belong to.

use super::hash::TreeHash;

/// A run of neighbouring leaves as the roots of whole subtrees, from left to right. Several threads can make one each,
/// and a [`Frontier`](super::Frontier) takes them in order for a few hashes.
///
/// ```
/// use sanad_audit_log::tree::{Frontier, Grove, TreeHash};
/// let leaves = ["open", "declare", "grant"].map(|act| TreeHash::leaf(act.as_bytes()));
/// let mut grove = Grove::new(1);
/// grove.push(leaves[1]);
/// grove.push(leaves[2]);
/// let mut frontier = Frontier::new();
/// frontier.append(leaves[0]);
/// frontier.append_grove(&grove)?;
/// assert_eq!(frontier.root(), TreeHash::root(&leaves));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grove {
    first: u64,
    end: u64,
    roots: Vec<Rooted>,
}

/// A whole subtree's root.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rooted {
    pub(super) height: u32,
    pub(super) hash: TreeHash,
}

impl Grove {
    /// A grove without leaves, that begins at leaf `first`.
    pub const fn new(first: u64) -> Self {
        Self { first, end: first, roots: Vec::new() }
    }

    /// The place of its first leaf.
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// The place behind its last leaf.
    pub const fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn roots(&self) -> &[Rooted] {
        &self.roots
    }

    /// Adds the next leaf by its hash. Costs one hash on average.
    pub fn push(&mut self, leaf: TreeHash) {
        let mut joined = Rooted { height: 0, hash: leaf };
        // A subtree with an odd place is the right half of the next larger one. Where its left half stands before the
        // grove, the tree joins them.
        let is_left_half = |left: &mut Rooted, right: &Rooted| {
            left.height == right.height && self.end >> right.height & 1 == 1
        };
        while let Some(left) = self.roots.pop_if(|left| is_left_half(left, &joined)) {
            let hash = TreeHash::node(&left.hash, &joined.hash);
            joined = Rooted { height: left.height + 1, hash };
        }
        self.roots.push(joined);
        self.end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The heights of the largest whole subtrees that leaves `at..end` are made of.
    fn heights(mut at: u64, end: u64) -> Vec<u32> {
        let mut heights = Vec::new();
        while at < end {
            let fits = |height: &u32| at.is_multiple_of(1 << height) && at + (1 << height) <= end;
            let height = (0..60).rev().find(fits).unwrap();
            heights.push(height);
            at += 1 << height;
        }
        heights
    }

    #[test]
    fn leaves_are_joined_as_far_as_their_places_allow() {
        for first in 0..40 {
            let mut grove = Grove::new(first);
            for end in first..first + 70 {
                let found: Vec<_> = grove.roots().iter().map(|root| root.height).collect();
                assert_eq!(found, heights(first, end), "{first}..{end}");
                grove.push(TreeHash::leaf(&end.to_le_bytes()));
            }
        }
    }
}
