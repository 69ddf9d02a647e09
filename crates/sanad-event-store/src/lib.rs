//! Durable append and read of sealed records.
//!
//! A ledger is a folder. Its **log**, segment files of sealed records, is the truth; its **memory**
//! holds what was derived from the log and can be thrown away. This crate knows
//! records, not what they mean.
//!
//! | file | noun |
//! |---|---|
//! | `store.rs` | [`EventStore`], [`RecordStream`]: what any storage can do |
//! | `batch.rs` | [`SealedBatch`]: records appended together |
//! | `file_store.rs` | [`FileStore`]: the log, to write |
//! | `reader.rs` | [`FileReader`]: the log, to read beside a writer |
//! | `records.rs` | [`Records`]: a range of records |
//! | `scan.rs`, `segment_scan.rs` | [`Scan`]: the whole log for an audit, past all damage |
//! | `record_batch.rs` | [`RecordBatch`]: records that a scan framed, to be judged by any thread |
//! | `recovery.rs`, `walk.rs`, `links.rs` | [`Recovery`]: what a writer checks and cuts before it appends |
//! | `sound_log.rs` | [`SoundLog`]: how far a log is sound from its first byte on |
//! | `backup_folder.rs`, `backup_mark.rs` | [`BackupFolder`]: a copy that is gone on with, and how far it goes |
//! | `restoring.rs`, `log_copy.rs` | a ledger made from a copy; segments copied |
//! | `staged_segment.rs` | a segment made beside its place, and put there |
//! | `mender.rs`, `mending.rs`, `mending_planner.rs` | [`Mender`], [`MendingPlan`]: a damaged log mended from a copy |
//! | `lost_identity.rs` | [`bring_back_identity`]: an identity file that the log proves |
//! | `own_log.rs` | what a damaged log still holds |
//! | `resync.rs` | where records go on after bytes that are none |
//! | `segment.rs`, `segment_writer.rs` | a segment file: its header, and appending to it |
//! | `source.rs`, `window.rs` | a file that is read; a file read in constant memory |
//! | `position.rs` | [`Position`]: where some records stand |
//! | `folder.rs`, `identity_file.rs`, `lock.rs` | the ledger's folder, `ledger.json`, the writer's lock |
//! | `kept_checkpoints.rs` | [`KeptCheckpoints`]: what was signed about the log |
//! | `memory.rs`, `memory_error.rs` | [`Memory`]: what is remembered about the log |
//! | `manifest.rs`, `block_file.rs` | the files that the memory is made of |
//! | `ram_store.rs` | [`RamStore`]: a store in memory that fails when told to |
//! | `disk.rs`, `fault.rs` | the operations on files, and a disk that fails when told to |
//! | `error.rs` | [`StoreError`], [`AppendError`] |
//!
//! Absent on purpose: deciding, encoding and hashing of entries; compaction (a log is never
//! rewritten); a server. The formats are written for other implementers in `docs/format/`.

mod backup_folder;
mod backup_mark;
mod batch;
mod block_file;
#[doc(hidden)]
pub mod disk;
mod error;
#[doc(hidden)]
pub mod fault;
mod file_store;
mod folder;
mod identity_file;
mod kept_checkpoints;
mod links;
mod lock;
mod log_copy;
mod lost_identity;
mod manifest;
mod memory;
mod memory_error;
mod mender;
mod mending;
mod mending_planner;
mod own_log;
mod position;
mod ram_store;
mod reader;
mod record_batch;
mod records;
mod recovery;
mod restoring;
mod resync;
mod scan;
mod segment;
mod segment_scan;
mod segment_writer;
mod sound_log;
mod source;
mod staged_segment;
mod store;
mod walk;
mod window;

pub use backup_folder::BackupFolder;
pub use backup_mark::BackupMark;
pub use batch::{BatchError, SealedBatch};
pub use error::{AppendError, StoreError};
pub use file_store::{FileStore, Opened, Options};
pub use identity_file::{MAX_IDENTITY_FILE, from_bytes as identity_from_bytes};
pub use kept_checkpoints::{KeptCheckpoint, KeptCheckpoints};
pub use lock::Epoch;
pub use log_copy::Copied;
pub use lost_identity::{IdentityBack, bring_back_identity};
pub use memory::{Memory, Recalled, Remembered};
pub use memory_error::MemoryError;
pub use mender::{MendedFile, Mender};
pub use mending::{Donor, Lack, Mend, MendingPlan, Origin, Run};
pub use position::{Position, SPACING};
pub use ram_store::{Failure, RamStore};
pub use reader::FileReader;
pub use record_batch::RecordBatch;
pub use records::Records;
pub use recovery::Recovery;
pub use restoring::restore;
pub use scan::{Damage, Scan, ScanItem, TornTail};
pub use segment::{HeaderFault, SEGMENT_FIELDS, SEGMENT_HEADER, SegmentFault, SegmentProblem};
pub use sound_log::{SoundLog, Unsound};
pub use store::{EventStore, RecordStream};
