//! Payloads sealed into records of a hash chain, and their verification.
//!
//! A ledger's history is a row of records. Each ends in a chain hash over the record before it and
//! its own bytes, so whoever knows one chain hash knows all that came before. The records are also
//! the leaves of a Merkle tree, whose root can be signed, published and proved from. This crate
//! makes those bytes and judges them. It knows neither what a payload means nor where records are
//! kept, and it does no input or output.
//!
//! In the order in which a record comes to be and is checked:
//!
//! | file | noun |
//! |---|---|
//! | `id.rs` | [`LedgerId`], [`EntryId`] |
//! | `identity.rs` | [`Identity`]: what a ledger is, hashed into its genesis |
//! | `hash.rs` | [`ChainHash`] and the contexts of every BLAKE3 hash |
//! | `head.rs` | [`Sequence`], [`Head`]: how far a history goes |
//! | `layout.rs` | [`layout`]: where each field of a record stands |
//! | `author.rs` | [`AuthorSection`]: an author's Ed25519 signature |
//! | `seal.rs` | [`Sealer`]: payload → record bytes |
//! | `record.rs` | [`RawRecord`] → [`Record`]: bytes framed, then decoded |
//! | `chain.rs` | [`ChainVerifier`]: records → [`VerifiedRecord`], in order |
//! | `chain_chunk.rs`, `chain_lanes.rs` | the chain hash of one record, and of several at once |
//! | `linked_run.rs` | [`LinkedRun`]: records verified together, apart from those before them |
//! | `finding.rs` | [`ChainFinding`]: what is wrong with a record in its place |
//! | `state_digest.rs` | [`StateDigest`]: what a history amounts to, as a hash |
//! | `link.rs` | [`linked_record_at`]: finding the chain again after damage |
//! | `tree/` | [`tree`]: the Merkle tree, and proofs that need no store |
//! | `record_tree.rs` | [`RecordTree`]: tree and chain, moved on together |
//! | `note/` | [`note`]: keys and signed notes |
//! | `checkpoint/` | [`OpenedCheckpoint`] → [`VerifiedCheckpoint`]: a tree's size and root, signed |
//! | `cosignature.rs` | [`PosixSeconds`]: when a witness signed, and what |
//! | `policy/` | [`Policy`]: which logs and how many witnesses are enough |
//! | `tile/` | [`tile`]: tree and records as files that never change |
//! | `status_file.rs` | [`StatusFile`]: several records of one signed tree, in one file |
//! | `proof_file.rs` | [`ProofFile`]: one record's place in a signed tree, to be kept |
//! | `witness/` | [`witness`]: what a witness is asked, and whether it signs |
//! | `decimal.rs` | numbers as C2SP writes them |
//!
//! Absent on purpose: clocks, randomness, files, networks, locks, the codec of payloads, and any
//! rule about what may be recorded. The byte formats are written for other implementers in
//! `docs/format/`.

mod author;
mod chain;
mod chain_chunk;
mod chain_lanes;
mod checkpoint;
mod cosignature;
mod decimal;
mod finding;
mod hash;
mod head;
mod id;
mod identity;
pub mod layout;
mod link;
mod linked_run;
pub mod note;
mod policy;
mod proof_file;
mod record;
mod record_tree;
mod seal;
mod state_digest;
mod status_file;
pub mod tile;
pub mod tree;
pub mod witness;

pub use author::{AuthorError, AuthorKey, AuthorMessage, AuthorPublicKey, AuthorSection};
pub use chain::{ChainVerifier, VerifiedRecord};
pub use checkpoint::{
    Checkpoint, CheckpointError, OpenedCheckpoint, SpokenHeadError, VerifiedCheckpoint,
};
pub use cosignature::PosixSeconds;
pub use finding::ChainFinding;
pub use hash::{ChainHash, HashParseError, document_digest, memory_digest, segment_header_digest};
pub use head::{Head, Sequence};
pub use id::{EntryId, LedgerId};
pub use identity::{
    FORMAT, Identity, IdentityError, IdentityField, MAX_ORIGIN, MAX_TIME_ZONE, MAX_TITLE,
};
pub use link::{linked_record_at, linked_records, plausible_record_at};
pub use linked_run::LinkedRun;
pub use policy::{MAX_POLICY, Policy, PolicyError, PolicyFault, PolicyMember};
pub use proof_file::{MAX_EXTRA, MAX_PROOF_FILE, ProofFile, ProofFileError};
pub use record::{RawRecord, Record, RecordError};
pub use record_tree::{RecordTree, RecordTreeError};
pub use seal::{SealError, Sealed, Sealer, Unsealed};
pub use state_digest::{StateDigest, StateHasher};
pub use status_file::{
    MAX_STATUS_FILE, MAX_STATUS_RECORDS, ProvenRecord, StatusFile, StatusFileError,
};
