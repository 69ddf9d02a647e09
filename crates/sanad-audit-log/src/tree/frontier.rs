//! A growing tree, kept as the roots of its whole subtrees.

use super::MAX_TREE_SIZE;
use super::grove::Grove;
use super::hash::TreeHash;

/// A tree that leaves are added to, without the leaves: the roots of the largest whole subtrees,
/// from left to right. A tree of n leaves has one of them for each bit of n that is set.
///
/// ```
/// use sanad_audit_log::tree::{Frontier, TreeHash};
/// let mut frontier = Frontier::new();
/// assert_eq!(frontier.root(), TreeHash::EMPTY);
/// frontier.append(TreeHash::leaf(b"grant"));
/// frontier.append(TreeHash::leaf(b"revoke"));
/// let expected = TreeHash::node(&TreeHash::leaf(b"grant"), &TreeHash::leaf(b"revoke"));
/// assert_eq!((frontier.size(), frontier.root()), (2, expected));
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frontier {
    size: u64,
    peaks: Vec<TreeHash>,
}

/// Why hashes are not a frontier.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrontierError {
    /// The tree would be larger than a tree may be.
    #[error("a tree of {size} leaves is larger than 2^63 - 1")]
    TooLarge {
        /// The size.
        size: u64,
    },
    /// The size asks for another number of hashes.
    #[error("a tree of {size} leaves has {expected} whole subtrees, but {found} hashes were given")]
    WrongCount {
        /// The size.
        size: u64,
        /// The bits of the size that are set.
        expected: usize,
        /// How many hashes there are.
        found: usize,
    },
    /// The leaves do not come next.
    #[error("leaf {size} comes next, and leaves from {first} on were given")]
    NotTheNext {
        /// The size.
        size: u64,
        /// The place of the first leaf that was given.
        first: u64,
    },
}

impl Frontier {
    /// The tree without leaves.
    pub fn new() -> Self {
        // No tree has more whole subtrees than this, so adding leaves never allocates.
        Self { size: 0, peaks: Vec::with_capacity(64) }
    }

    /// The tree of `size` leaves with these roots of its whole subtrees, from left to right, as
    /// [`Frontier::peaks`] gave them. The hashes are believed; compare [`Frontier::root`] with what
    /// is known.
    ///
    /// # Errors
    /// [`FrontierError`] when the size is too large or asks for another number of hashes.
    pub fn from_peaks(size: u64, peaks: &[TreeHash]) -> Result<Self, FrontierError> {
        if size > MAX_TREE_SIZE {
            return Err(FrontierError::TooLarge { size });
        }
        let (expected, found) = (size.count_ones() as usize, peaks.len());
        if expected != found {
            return Err(FrontierError::WrongCount { size, expected, found });
        }
        let mut frontier = Self::new();
        frontier.size = size;
        frontier.peaks.extend_from_slice(peaks);
        Ok(frontier)
    }

    /// As [`Frontier::from_peaks`], where the caller's own make has as many as the size asks for.
    pub(crate) fn from_whole(size: u64, peaks: Vec<TreeHash>) -> Self {
        debug_assert_eq!(size.count_ones() as usize, peaks.len());
        Self { size, peaks }
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the largest whole subtrees, from left to right.
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// Adds a leaf by its hash. Costs one hash on average and O(log n) at most, and no allocation.
    pub fn append(&mut self, leaf: TreeHash) {
        self.append_subtree(0, leaf);
    }

    /// Adds a run of leaves that were hashed elsewhere. Costs O(log n) hashes.
    ///
    /// # Errors
    /// [`FrontierError::NotTheNext`] when it begins elsewhere than this tree ends; then nothing has changed.
    pub fn append_grove(&mut self, grove: &Grove) -> Result<(), FrontierError> {
        let (size, first) = (self.size, grove.first());
        if first != size {
            return Err(FrontierError::NotTheNext { size, first });
        }
        grove.roots().iter().for_each(|root| self.append_subtree(root.height, root.hash));
        Ok(())
    }

    /// Adds a whole subtree of 2^`height` leaves; the size is a multiple of that.
    fn append_subtree(&mut self, height: u32, root: TreeHash) {
        let mut joined = root;
        // Each set bit at the end of the size is a whole subtree as large as what is joined to it.
        for _ in 0..(self.size >> height).trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                joined = TreeHash::node(&left, &joined);
            }
        }
        self.peaks.push(joined);
        // Reaching 2^64 leaves by adding them one by one takes thousands of years.
        self.size += 1 << height;
    }

    /// The tree's root, in O(log n).
    pub fn root(&self) -> TreeHash {
        let mut from_right = self.peaks.iter().rev();
        match from_right.next() {
            Some(last) => from_right.fold(*last, |right, left| TreeHash::node(left, &right)),
            None => TreeHash::EMPTY,
        }
    }
}

impl Default for Frontier {
    fn default() -> Self {
        Self::new()
    }
}
