//! Whole subtrees by their place.

use super::error::ProveError;
use super::hash::TreeHash;
use super::span;

/// A subtree with 2^`height` leaves, the first of which is leaf `index` · 2^`height`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Node {
    /// The levels of nodes above the leaves; a leaf has 0.
    pub height: u8,
    /// The place among the subtrees of this height.
    pub index: u64,
}

/// Something that knows the hashes of a tree's whole subtrees.
///
/// `HashReader` is asked only for subtrees all of whose leaves are in the tree. What it answers is
/// believed here: whoever reads hashes from an untrusted place verifies the proof that comes out.
pub trait HashReader {
    /// Why a hash cannot be had.
    type Error;

    /// The hash of a whole subtree.
    ///
    /// # Errors
    /// When it cannot be had.
    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Self::Error>;
}

impl<R: HashReader + ?Sized> HashReader for &mut R {
    type Error = R::Error;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Self::Error> {
        (**self).read_hash(node)
    }
}

/// A whole tree in memory, by the hashes of its leaves. It hashes a subtree anew each time it is
/// asked; for small trees and for tests.
impl HashReader for &[TreeHash] {
    type Error = ProveError;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, ProveError> {
        let leaves = 1u64.checked_shl(node.height.into());
        let begin = leaves.and_then(|leaves| node.index.checked_mul(leaves));
        let end = begin.and_then(|begin| begin.checked_add(leaves?));
        let range = begin.zip(end).and_then(|(begin, end)| {
            self.get(usize::try_from(begin).ok()?..usize::try_from(end).ok()?)
        });
        range.map(TreeHash::root).ok_or(ProveError::OutOfRange)
    }
}

/// The root of the tree with `size` leaves, from at most 64 hashes.
///
/// # Errors
/// [`ProveError`] when a hash cannot be read.
pub fn tree_root<R: HashReader>(
    reader: &mut R,
    size: u64,
) -> Result<TreeHash, ProveError<R::Error>> {
    if size == 0 {
        return Ok(TreeHash::EMPTY);
    }
    span::hash(reader, &(0..size)).map_err(ProveError::Read)
}
