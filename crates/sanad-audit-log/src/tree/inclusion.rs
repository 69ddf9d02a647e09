//! That a leaf stands in a tree.

use std::ops::Range;

use super::error::{ProofError, ProveError};
use super::hash::TreeHash;
use super::node::HashReader;
use super::span;

/// The proof that a leaf stands in a certain place of a tree (RFC 6962, 2.1.1). Its length fits the
/// place; whether it holds, [`InclusionProof::verify`] says.
///
/// ```
/// use sanad_audit_log::tree::{InclusionProof, TreeHash};
/// let leaves = ["open", "grant", "revoke"].map(|act| TreeHash::leaf(act.as_bytes()));
/// let proof = InclusionProof::make(&mut &leaves[..], 1, 3)?;
/// assert_eq!(proof.verify(&leaves[1], &TreeHash::root(&leaves)), Ok(()));
/// assert!(proof.verify(&leaves[2], &TreeHash::root(&leaves)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InclusionProof {
    index: u64,
    size: u64,
    path: Vec<TreeHash>,
}

impl InclusionProof {
    /// The proof with these hashes, from the leaf's neighbour up to a child of the root.
    ///
    /// # Errors
    /// [`ProofError::IndexOutOfTree`] or [`ProofError::WrongLength`].
    pub fn new(index: u64, size: u64, path: Vec<TreeHash>) -> Result<Self, ProofError> {
        if index >= size {
            return Err(ProofError::IndexOutOfTree { index, size });
        }
        let (inner, border) = lengths(index, size);
        let (expected, found) = (inner + border, path.len());
        if expected != found {
            return Err(ProofError::WrongLength { expected, found });
        }
        Ok(Self { index, size, path })
    }

    /// Makes the proof for leaf `index` of the tree with `size` leaves, from O(log n) hashes.
    ///
    /// # Errors
    /// [`ProveError`] when there is no such leaf or a hash cannot be read.
    pub fn make<R: HashReader>(
        reader: &mut R,
        index: u64,
        size: u64,
    ) -> Result<Self, ProveError<R::Error>> {
        if index >= size {
            return Err(ProveError::OutOfRange);
        }
        let runs = span::inclusion(index, size);
        let hashes = runs.iter().map(|run| span::hash(reader, run));
        let path = hashes.collect::<Result<_, _>>().map_err(ProveError::Read)?;
        Ok(Self { index, size, path })
    }

    /// The leaf's place.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hashes, from the leaf's neighbour up to a child of the root.
    pub fn path(&self) -> &[TreeHash] {
        &self.path
    }

    /// The leaves that each hash of the [path](Self::path) stands for, in the same order (RFC 6962, 2.1.1).
    ///
    /// ```
    /// use sanad_audit_log::tree::{InclusionProof, TreeHash};
    /// let leaves = ["open", "grant", "revoke"].map(|act| TreeHash::leaf(act.as_bytes()));
    /// let proof = InclusionProof::make(&mut &leaves[..], 1, 3)?;
    /// assert_eq!(proof.runs(), [0..1, 2..3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn runs(&self) -> Vec<Range<u64>> {
        span::inclusion(self.index, self.size)
    }

    /// The root that the tree must have if `leaf` is the leaf's hash.
    pub fn root_with(&self, leaf: &TreeHash) -> TreeHash {
        let (inner, _) = lengths(self.index, self.size);
        let mut hash = *leaf;
        for (height, beside) in self.path.iter().enumerate() {
            // Above the path that the tree's last leaf shares, everything beside it is on the left.
            let on_left = height >= inner || self.index >> height & 1 == 1;
            hash =
                if on_left { TreeHash::node(beside, &hash) } else { TreeHash::node(&hash, beside) };
        }
        hash
    }

    /// Checks that a leaf with the hash `leaf` stands in this place of the tree with this `root`.
    ///
    /// # Errors
    /// [`ProofError::RootMismatch`].
    pub fn verify(&self, leaf: &TreeHash, root: &TreeHash) -> Result<(), ProofError> {
        if self.root_with(leaf) == *root { Ok(()) } else { Err(ProofError::RootMismatch) }
    }
}

/// How many hashes a proof has below the node at which the ways to the leaf and to the last leaf
/// part, that node's own level included, and how many above.
pub(super) fn lengths(index: u64, size: u64) -> (usize, usize) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = index.checked_shr(inner).map_or(0, u64::count_ones);
    (inner as usize, border as usize)
}
