//! The body of an `add-checkpoint` request.

use std::fmt;

use super::error::RequestError;
use crate::checkpoint::OpenedCheckpoint;
use crate::decimal;
use crate::note::MAX_NOTE;
use crate::tree::{ConsistencyProof, MAX_PROOF_HASHES, TreeHash};

/// The longest request that is read, in bytes.
pub const MAX_REQUEST: usize = MAX_NOTE + 8_192;

/// What a witness is asked: to cosign a checkpoint that grew out of the one of size `old`. Nothing
/// in it is checked; [`decide`](super::decide) does that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    old: u64,
    path: Vec<TreeHash>,
    checkpoint: OpenedCheckpoint,
}

impl AddCheckpoint {
    /// The request for `checkpoint`, with the proof that it grew out of the size that the witness
    /// last cosigned.
    pub fn new(proof: &ConsistencyProof, checkpoint: OpenedCheckpoint) -> Self {
        Self { old: proof.old_size(), path: proof.path().to_vec(), checkpoint }
    }

    /// Parses a body. Takes memory in proportion to `bytes`, of which at most [`MAX_REQUEST`] are
    /// allowed.
    ///
    /// # Errors
    /// [`RequestError`] says what is not a request's; the answer to it is
    /// [`Answer::BadRequest`](super::Answer::BadRequest).
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_REQUEST {
            return Err(RequestError::TooLong { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| RequestError::NotUtf8)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(RequestError::NoBlankLine)?;
        let mut lines = head.split('\n').zip(1..);
        let old = lines.next().and_then(|(line, _)| decimal::parse(line.strip_prefix("old ")?));
        let old = old.ok_or(RequestError::BadOldSize)?;
        let mut path = Vec::new();
        for (line, number) in lines {
            if path.len() == MAX_PROOF_HASHES {
                return Err(RequestError::TooManyHashes);
            }
            let hash = line.parse();
            path.push(hash.map_err(|cause| RequestError::BadHash { line: number, cause })?);
        }
        let checkpoint = OpenedCheckpoint::parse(checkpoint.as_bytes())?;
        Ok(Self { old, path, checkpoint })
    }

    /// The size that the witness is believed to have cosigned last; 0 for none.
    pub const fn old(&self) -> u64 {
        self.old
    }

    /// The hashes of the consistency proof.
    pub fn path(&self) -> &[TreeHash] {
        &self.path
    }

    /// The checkpoint.
    pub const fn checkpoint(&self) -> &OpenedCheckpoint {
        &self.checkpoint
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint.note())
    }
}
