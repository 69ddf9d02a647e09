//! What can be wrong with the body of a request.

use crate::checkpoint::CheckpointError;
use crate::tree::{MAX_PROOF_HASHES, TreeHashParseError};

use super::request::MAX_REQUEST;

/// Why bytes are not the body of an `add-checkpoint` request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There are more bytes than a request may have.
    #[error("the request has {found} bytes; at most {MAX_REQUEST} are read")]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The body is not UTF-8.
    #[error("the request is not UTF-8")]
    NotUtf8,
    /// The first line is not an old size.
    #[error("the request does not begin with a line old SIZE")]
    BadOldSize,
    /// A line of the proof is not a hash.
    #[error("line {line} of the request: {cause}")]
    BadHash {
        /// Which, counted from 1.
        line: usize,
        /// Why not.
        cause: TreeHashParseError,
    },
    /// There are more hashes than a proof may have.
    #[error("the request has more than {MAX_PROOF_HASHES} hashes")]
    TooManyHashes,
    /// No blank line comes before the checkpoint.
    #[error("the request has no blank line before its checkpoint")]
    NoBlankLine,
    /// The checkpoint is not one.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}
