//! A ledger's log as files that anyone can serve, read, check and mirror.
//!
//! A **publication** is a folder of the form of C2SP's `tlog-tiles`: the records in bundles, their
//! Merkle tree in tiles, the ledger's identity, and a signed checkpoint that speaks of all of them.
//! Any web server serves it. This crate writes such folders and reads them from anywhere; whatever
//! is read is judged and never believed. It knows records, not what they mean.
//!
//! | file | noun |
//! |---|---|
//! | `source.rs` | [`Source`]: where files are read from |
//! | `folder_source.rs` | [`FolderSource`]: a folder as a source |
//! | `reader.rs` | [`Publication`]: checkpoint, identity, tiles, bundles and proofs out of a source |
//! | `bundle.rs` | [`Bundle`]: up to 256 records as they were read |
//! | `tower.rs` | tiles that are proved from the checkpoint's root down |
//! | `shelf.rs` | files put in place, each whole or not at all |
//! | `press.rs` | records pressed into bundles and tiles, on from what is published |
//! | `publisher.rs` | [`Publisher`]: the publication of a ledger, to write |
//! | `tidying.rs` | what may be taken away again |
//! | `finding.rs` | [`PublicationFinding`]: what is wrong with a publication |
//! | `scan.rs` | [`PublicationScan`]: a publication verified against itself |
//! | `rows.rs`, `blame.rs` | the tree as the records give it, and which file is wrong where two differ |
//! | `mirror.rs` | [`Mirror`]: a copy of which every byte was proved first |
//! | `evidence.rs` | checkpoints that contradict one another, kept |
//! | `error.rs` | [`PublicationError`] |
//!
//! Absent on purpose: signing (a checkpoint is given), networks (a program brings its own
//! [`Source`]), and whether entries are lawful. The format is written for other implementers in
//! `docs/format/publication.md`.

mod blame;
mod bundle;
mod error;
mod evidence;
mod finding;
mod folder_source;
mod mirror;
mod press;
mod publisher;
mod reader;
mod rows;
mod scan;
mod shelf;
mod source;
mod tidying;
mod tower;

pub use bundle::Bundle;
pub use error::PublicationError;
pub use finding::{Concern, FindingCause, PublicationFinding};
pub use folder_source::FolderSource;
pub use mirror::{Mirror, Mirrored, Verify};
pub use publisher::{Published, Publisher};
pub use reader::{ProvedRecord, Publication};
pub use scan::{MOST_FAULTY, PublicationScan, ScanItem, Scanned, ScannedRecord};
pub use source::{Source, SourceError};

/// The name of the file that holds the latest checkpoint.
pub const CHECKPOINT: &str = "checkpoint";
/// The name of the file that says which ledger it is.
pub const IDENTITY: &str = "ledger.json";
/// The folder in which a mirror keeps checkpoints that contradict one another.
pub const EVIDENCE: &str = "evidence";

/// The file with the digest of what the first `size` entries amount to.
pub(crate) fn state_file(size: u64) -> String {
    format!("state/{size}")
}
