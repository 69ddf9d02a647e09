//! An event-sourced allocation ledger: who was granted how much of a scarce capacity, by whom, under which instrument,
//! from when until when, and what was revoked; and a proof that nobody has rewritten any of it.
//!
//! A [`Ledger`] records acts; an [`Auditor`] reads, and cannot write. Both give a [`View`], which answers at any pair
//! of recorded and effective time. Acts are plain values ([`Act`], [`Command`]); the [`exchange`] form is their JSON.
//!
//! ```no_run
#![doc = include_str!("../examples/allocate.rs")]
//! ```
//!
//! | file | noun |
//! |---|---|
//! | `ledger` | create, open, record |
//! | `act_builder`, `transfer` | an act put together from texts; a grant handed to another holder |
//! | `desk`, `under_way`, `request`, `tray` | where acts of many threads are handed in, and answered |
//! | `sequencer`, `entry_ids` | how acts become entries, one after another |
//! | `batch`, `committer` | how entries become durable together |
//! | `receipt`, `retry`, `reread` | what a registrar is given, and given again |
//! | `opening`, `replay`, `growth`, `book`, `remembrance`, `scribe` | what is rebuilt at open, and what is remembered |
//! | `auditor`, `view`, `entries` | reading |
//! | `verify`, `in_bulk`, `judging` | a history verified: entry by entry, or many entries at a time where all is well |
//! | `verdict`, `verdict_file` | the four answers of a verification; for programs, and signed |
//! | `examined`, `crew` | what every core finds out about some records, and how the work is shared |
//! | `agreement`, `evidence` | memory and checkpoints that a history is held against |
//! | `proving`, `log_hashes`, `proof_check`, `key_file` | checkpoints and proofs made, and checked; keys |
//! | `publication` | a ledger published, and what is published audited, mirrored, compared and disputed |
//! | `safekeeping` | a ledger backed up, restored and repaired |
//! | `calendar`, `exchange` | dates in the ledger's time zone; acts and history as JSON |
//! | `surroundings`, `progress`, `error`, `reading` | clock and ids, progress, errors, records read as entries |

mod act_builder;
mod agreement;
mod auditor;
mod batch;
mod book;
mod calendar;
mod committer;
mod crew;
mod desk;
mod entries;
mod entry_ids;
mod error;
mod evidence;
mod examined;
pub mod exchange;
mod growth;
mod in_bulk;
mod judging;
mod key_file;
mod ledger;
mod log_hashes;
mod opening;
mod progress;
mod proof_check;
mod proving;
pub mod publication;
mod reading;
mod receipt;
mod remembrance;
mod replay;
mod request;
mod reread;
mod retry;
pub mod safekeeping;
mod scribe;
mod sequencer;
mod surroundings;
mod transfer;
mod tray;
mod under_way;
mod verdict;
mod verdict_file;
mod verify;
mod view;

pub use act_builder::{ActBuilder, ActError};
pub use auditor::Auditor;
pub use calendar::{Calendar, CalendarError, write_lag};
pub use entries::{AuditedEntry, Entries};
pub use error::{LedgerError, RecordError, UndecodableEntry};
pub use evidence::Evidence;
pub use key_file::{KeyFileError, read_signer, write_signer};
pub use ledger::{CreateOptions, Ledger};
pub use opening::Opening;
pub use progress::{Progress, Stage};
pub use proof_check::{
    ProofCheckError, ProvenEntry, ProvenStatus, check_entry_proof, check_status,
};
pub use proving::ProvingError;
pub use reading::recorded_entry;
pub use receipt::{DryRun, GrantIds, Receipt};
pub use request::OnRefusal;
pub use sanad_audit_log::{ChainHash, Head, Identity, LedgerId, StateDigest, document_digest};
pub use sanad_audit_log::{
    Checkpoint, OpenedCheckpoint, Policy, ProofFile, RecordTree, StatusFile, VerifiedCheckpoint,
    note, tree,
};
pub use sanad_core::*;
pub use sanad_event_store::{
    AppendError, KeptCheckpoint, KeptCheckpoints, Recovery, StoreError, identity_from_bytes,
};
pub use sanad_projection::{
    Allocation, Change, GrantHistory, HistoryLine, HolderStanding, Known, PoolStanding, Statement,
    StatementLine, TimelineStep,
};
pub use surroundings::{
    Clock, IdSource, RandomIds, Surroundings, SystemClock, random_seed, timed_entry_id,
};
pub use tray::Submitted;
pub use verdict::{Answer, CheckedCheckpoint, Class, Finding, Remark, Verdict};
pub use verdict_file::VerdictFile;
pub use view::{Basis, View};
