//! The Merkle tree of RFC 6962 over leaves, whatever they are.
//!
//! | file | noun |
//! |---|---|
//! | `hash.rs` | [`TreeHash`]: leaf, node and root hashes |
//! | `frontier.rs` | [`Frontier`]: a growing tree in a few hashes |
//! | `grove.rs` | [`Grove`]: neighbouring leaves hashed apart from their tree |
//! | `node.rs` | [`Node`], [`HashReader`]: whole subtrees by place, and who knows their hashes |
//! | `span.rs` | which subtrees a proof is made of |
//! | `inclusion.rs` | [`InclusionProof`]: this leaf stands in that tree |
//! | `consistency.rs` | [`ConsistencyProof`]: that tree grew out of this one |
//! | `sha256.rs` | SHA-256 of short messages |
//! | `error.rs` | [`ProofError`], [`ProveError`] |
//!
//! Verification needs no store. Making a proof asks a [`HashReader`] for O(log n) hashes.

mod consistency;
mod error;
mod frontier;
mod grove;
mod hash;
mod inclusion;
mod node;
mod sha256;
mod span;

pub use consistency::ConsistencyProof;
pub use error::{ProofError, ProveError};
pub use frontier::{Frontier, FrontierError};
pub use grove::Grove;
pub use hash::{TreeHash, TreeHashParseError};
pub use inclusion::InclusionProof;
pub use node::{HashReader, Node, tree_root};

/// The most leaves a tree may have by what is read here: 2^63 − 1, which other programs keep in a
/// signed 64-bit number.
pub const MAX_TREE_SIZE: u64 = i64::MAX as u64;
/// The most hashes of a proof in a text that is read here, as C2SP `tlog-witness` has it. A proof
/// for a tree of up to 2^62 leaves is never longer.
pub const MAX_PROOF_HASHES: usize = 63;
