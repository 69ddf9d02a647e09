//! That a tree grew out of an earlier one.

use super::error::{ProofError, ProveError};
use super::hash::TreeHash;
use super::inclusion::lengths;
use super::node::HashReader;
use super::span;

/// The proof that a tree begins with all the leaves of an earlier one, in their order (RFC 6962,
/// 2.1.2). Its length fits the sizes; whether it holds, [`ConsistencyProof::verify`] says.
///
/// ```
/// use sanad_audit_log::tree::{ConsistencyProof, TreeHash};
/// let leaves = ["open", "grant", "revoke"].map(|act| TreeHash::leaf(act.as_bytes()));
/// let proof = ConsistencyProof::make(&mut &leaves[..], 2, 3)?;
/// let (old, new) = (TreeHash::root(&leaves[..2]), TreeHash::root(&leaves));
/// assert_eq!(proof.verify(&old, &new), Ok(()));
/// assert!(proof.verify(&TreeHash::EMPTY, &new).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsistencyProof {
    old: u64,
    new: u64,
    path: Vec<TreeHash>,
}

impl ConsistencyProof {
    /// The proof with these hashes, in the order of RFC 6962. From the empty tree, and between
    /// trees of one size, a proof has none.
    ///
    /// # Errors
    /// [`ProofError::Shrunk`] or [`ProofError::WrongLength`].
    pub fn new(old: u64, new: u64, path: Vec<TreeHash>) -> Result<Self, ProofError> {
        if old > new {
            return Err(ProofError::Shrunk { old, new });
        }
        let (expected, found) = (length(old, new), path.len());
        if expected != found {
            return Err(ProofError::WrongLength { expected, found });
        }
        Ok(Self { old, new, path })
    }

    /// Makes the proof that the tree of `new` leaves grew out of the one of `old`, from O(log n)
    /// hashes of the later tree.
    ///
    /// # Errors
    /// [`ProveError`] when `old` is more than `new` or a hash cannot be read.
    pub fn make<R: HashReader>(
        reader: &mut R,
        old: u64,
        new: u64,
    ) -> Result<Self, ProveError<R::Error>> {
        if old > new {
            return Err(ProveError::OutOfRange);
        }
        let runs = if old == 0 || old == new { Vec::new() } else { span::consistency(old, new) };
        let hashes = runs.iter().map(|run| span::hash(reader, run));
        let path = hashes.collect::<Result<_, _>>().map_err(ProveError::Read)?;
        Ok(Self { old, new, path })
    }

    /// How many leaves the earlier tree has.
    pub const fn old_size(&self) -> u64 {
        self.old
    }

    /// How many leaves the later tree has.
    pub const fn new_size(&self) -> u64 {
        self.new
    }

    /// The hashes, in the order of RFC 6962.
    pub fn path(&self) -> &[TreeHash] {
        &self.path
    }

    /// Checks that the tree with the root `new` grew out of the one with the root `old`.
    ///
    /// # Errors
    /// [`ProofError::OldRootMismatch`] or [`ProofError::NewRootMismatch`].
    pub fn verify(&self, old: &TreeHash, new: &TreeHash) -> Result<(), ProofError> {
        let (old_found, new_found) = self.roots_with(old, new);
        if old_found != *old {
            return Err(ProofError::OldRootMismatch);
        }
        if new_found == *new { Ok(()) } else { Err(ProofError::NewRootMismatch) }
    }

    /// The roots that the two trees must have by the proof, given the roots that are claimed.
    fn roots_with(&self, old: &TreeHash, new: &TreeHash) -> (TreeHash, TreeHash) {
        if self.old == 0 {
            // Every tree has the empty one's leaves. Without leaves of its own it is that one.
            let new_expected = if self.new == 0 { TreeHash::EMPTY } else { *new };
            return (TreeHash::EMPTY, new_expected);
        }
        if self.old == self.new {
            return (*old, *old);
        }
        // Both trees have the largest whole subtree that the earlier one ends with.
        let shift = self.old.trailing_zeros();
        let (inner, _) = lengths(self.old - 1, self.new);
        let inner = inner - shift as usize;
        let (shared, path) = match self.path.split_first() {
            Some((first, rest)) if !self.old.is_power_of_two() => (first, rest),
            _ => (old, &self.path[..]),
        };
        let way = (self.old - 1) >> shift;
        let (mut old_hash, mut new_hash) = (*shared, *shared);
        for (height, beside) in path.iter().enumerate() {
            if height >= inner || way >> height & 1 == 1 {
                old_hash = TreeHash::node(beside, &old_hash);
                new_hash = TreeHash::node(beside, &new_hash);
            } else {
                new_hash = TreeHash::node(&new_hash, beside);
            }
        }
        (old_hash, new_hash)
    }
}

/// How many hashes a proof has.
fn length(old: u64, new: u64) -> usize {
    if old == 0 || old == new {
        return 0;
    }
    let (inner, border) = lengths(old - 1, new);
    let first = usize::from(!old.is_power_of_two());
    first + inner - old.trailing_zeros() as usize + border
}
