//! The chain head that a checkpoint speaks of.
//!
//! A checkpoint has no line for it, and needs none: the leaves are whole records, each with its
//! chain hash, so the root of size N commits to the chain head at record N − 1.

use crate::head::{Head, Sequence};
use crate::record::Record;
use crate::tree::{InclusionProof, TreeHash};

use super::body::Checkpoint;
use super::error::SpokenHeadError;

impl Checkpoint {
    /// The chain head that this checkpoint speaks of, given its last record and the proof that the
    /// record stands in its tree. It is to be compared with the head that a chain has at this size.
    ///
    /// This proves which chain hash was published, and not that it follows from the records before;
    /// that is [`ChainVerifier`](crate::ChainVerifier)'s matter.
    ///
    /// # Errors
    /// [`SpokenHeadError`] when record or proof are not of the checkpoint's last leaf.
    pub fn spoken_head(
        &self,
        record: &Record<'_>,
        proof: &InclusionProof,
    ) -> Result<Head, SpokenHeadError> {
        let size = self.size();
        let last = size.checked_sub(1).ok_or(SpokenHeadError::NoRecords)?;
        let (expected, found) = (Sequence::new(last), record.sequence());
        if found != expected {
            return Err(SpokenHeadError::NotTheLastRecord { expected, found });
        }
        if (proof.index(), proof.size()) != (last, size) {
            let (index, size) = (proof.index(), proof.size());
            return Err(SpokenHeadError::OtherProof { index, size });
        }
        proof.verify(&TreeHash::leaf(record.raw().bytes()), &self.root())?;
        Ok(Head { size, hash: record.stored_hash() })
    }
}
