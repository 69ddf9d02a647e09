//! The Merkle tree over a ledger's records, which never parts from the chain.

use crate::chain::VerifiedRecord;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::ChainHash;
use crate::head::Head;
use crate::note::KeyName;
use crate::tree::{Frontier, Grove, TreeHash};

/// The tree over a ledger's records and the chain head that it speaks of, moved on together. A
/// checkpoint can only be made of both at one size, so no tree is signed that lags the chain.
///
/// ```
/// use sanad_audit_log::{ChainHash, RecordTree, tree::TreeHash};
/// let tree = RecordTree::new(ChainHash::from_bytes([7; 32]));
/// let checkpoint = tree.checkpoint("ledger.example/pk".parse()?)?;
/// assert_eq!((checkpoint.size(), checkpoint.root()), (0, TreeHash::EMPTY));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordTree {
    frontier: Frontier,
    head: Head,
}

/// Why tree and chain would part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordTreeError {
    /// The tree and the chain are of different sizes.
    #[error("the tree has {leaves} leaves and the chain has {records} records")]
    Parted {
        /// The tree's size.
        leaves: u64,
        /// The chain's size.
        records: u64,
    },
    /// The record is not the next one.
    #[error(
        "the tree has {leaves} leaves, and a record was given that makes the chain {records} long"
    )]
    NotTheNext {
        /// The tree's size.
        leaves: u64,
        /// The chain's size with the record.
        records: u64,
    },
}

impl RecordTree {
    /// The tree of a ledger without records.
    pub fn new(genesis: ChainHash) -> Self {
        Self { frontier: Frontier::new(), head: Head::empty(genesis) }
    }

    /// Goes on from a tree and a chain head that are known by other means.
    ///
    /// # Errors
    /// [`RecordTreeError::Parted`] when they are of different sizes.
    pub fn resumed(frontier: Frontier, head: Head) -> Result<Self, RecordTreeError> {
        if frontier.size() != head.size {
            return Err(RecordTreeError::Parted { leaves: frontier.size(), records: head.size });
        }
        Ok(Self { frontier, head })
    }

    /// Adds a verified record; gives its leaf's hash.
    ///
    /// # Errors
    /// [`RecordTreeError::NotTheNext`]; then nothing has changed.
    pub fn append(&mut self, record: &VerifiedRecord<'_>) -> Result<TreeHash, RecordTreeError> {
        let leaf = TreeHash::leaf(record.record().raw().bytes());
        self.append_hashed(leaf, record.head())?;
        Ok(leaf)
    }

    /// Adds a record whose leaf was hashed elsewhere, as threads that share the work do. `head` is
    /// the chain head that ends with it.
    ///
    /// # Errors
    /// [`RecordTreeError::NotTheNext`]; then nothing has changed.
    pub fn append_hashed(&mut self, leaf: TreeHash, head: Head) -> Result<(), RecordTreeError> {
        let leaves = self.frontier.size();
        if head.size.checked_sub(1) != Some(leaves) {
            return Err(RecordTreeError::NotTheNext { leaves, records: head.size });
        }
        self.frontier.append(leaf);
        self.head = head;
        Ok(())
    }

    /// Adds a run of records whose leaves were hashed elsewhere. `head` is the chain head that ends with the last of
    /// them.
    ///
    /// # Errors
    /// [`RecordTreeError::NotTheNext`]; then nothing has changed.
    pub fn append_grove(&mut self, grove: &Grove, head: Head) -> Result<(), RecordTreeError> {
        let not_the_next =
            RecordTreeError::NotTheNext { leaves: self.frontier.size(), records: head.size };
        if grove.end() != head.size {
            return Err(not_the_next);
        }
        self.frontier.append_grove(grove).map_err(|_| not_the_next)?;
        self.head = head;
        Ok(())
    }

    /// The chain head that the tree speaks of.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The tree.
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// What a checkpoint of this size says, to be signed.
    ///
    /// # Errors
    /// [`CheckpointError::SizeTooLarge`].
    pub fn checkpoint(&self, origin: KeyName) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::new(origin, self.frontier.size(), self.frontier.root())
    }
}
