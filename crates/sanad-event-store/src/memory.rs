//! What a ledger remembers about its log: an index, snapshots, positions, and how far the log went.
//!
//! All of it is derived from the log and can be thrown away. Whatever does not check (a digest, the
//! ledger, the layout) is an error or missing, and never used; the caller then makes it anew.
//!
//! The remembered head also tells when acknowledged records are missing from the log's end. That is
//! best effort: sled's own writes may be lost with the power, and whoever deletes the memory deletes
//! this too. A checkpoint kept elsewhere is the proof.

use std::fs;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::{Head, LedgerId, Sequence};

use crate::cabinet::Cabinet;
use crate::index_run::{self, MAX_KEY, Run, RunWriter};
use crate::lock::Lock;
use crate::manifest::{self, Manifest};
use crate::position::Position;
use crate::run_merge;
use crate::snapshot_store::{self, SnapshotEntry};

/// Why the memory cannot be used. The remedy is [`Memory::rebuild`], then remembering anew, but for
/// [`MemoryError::InUse`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// sled says no.
    #[error("the memory's database failed: {why}; the memory can be made again from the log")]
    Database {
        /// What sled said.
        why: String,
    },
    /// sled panicked, as it does on damaged files. The panic was caught.
    #[error("the memory's database is damaged: {why}; the memory can be made again from the log")]
    Panicked {
        /// The panic's message.
        why: String,
    },
    /// Something else has the database open, although it has not the ledger's lock.
    #[error("the memory's database is in use by something else; close that")]
    InUse,
    /// sled panicked before; the database is not used any more.
    #[error("the memory's database failed before; the memory can be made again from the log")]
    Broken,
    /// Something in the memory is not as it was written.
    #[error("{what} in the memory is damaged; the memory can be made again from the log")]
    Damaged {
        /// What.
        what: &'static str,
    },
    /// Nothing is remembered: the memory was deleted or emptied, or its writer ended too early.
    #[error("nothing is remembered of the log; the memory can be made again from it")]
    Absent,
    /// The memory is of another ledger.
    #[error("the memory is of another ledger; it can be made again from the log")]
    OtherLedger,
    /// The memory is of a history that this log does not hold.
    #[error("the memory is of a history that this log does not hold; it can be made again")]
    OtherHistory,
    /// The memory was laid out by another version.
    #[error("the memory has layout {found}; it can be made again from the log")]
    OtherVersion {
        /// The layout's version.
        found: u16,
    },
    /// The memory already goes further than what it was told to remember.
    #[error("the memory goes to record {remembered} already, and {given} was to be remembered")]
    Backwards {
        /// The size that is remembered.
        remembered: u64,
        /// The size that was given.
        given: u64,
    },
    /// A key is too long for the index.
    #[error("a key of the index has {bytes} bytes; at most {MAX_KEY} are allowed")]
    KeyTooLong {
        /// How long it is.
        bytes: usize,
    },
    /// The memory's folder could not be looked at or removed.
    #[error("could not use the folder {}: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What a key of the index is, as the caller numbers it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IndexKind(pub u8);

/// A state derived from the log, as the caller encodes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Snapshot<'a> {
    /// The caller's number for the encoding and the rules that made the state. A snapshot is only
    /// given back to who asks for the same number.
    pub version: u32,
    /// The state.
    pub bytes: &'a [u8],
}

/// What is to be remembered, up to a head that is durable in the log.
#[derive(Clone, Copy, Debug)]
pub struct Remembered<'a> {
    /// The head. Tell a memory only of records that are acknowledged.
    pub head: Head,
    /// The state at the head, if one is to be stored.
    pub snapshot: Option<Snapshot<'a>>,
    /// Where some of the new records stand.
    pub positions: &'a [Position],
}

/// What a ledger remembers.
#[derive(Debug)]
pub struct Memory {
    // Closed before the lock is let go: the next writer opens the same database.
    cabinet: Cabinet,
    ledger_id: LedgerId,
    manifest: Manifest,
    _lock: Option<Arc<Lock>>,
}

impl Memory {
    /// Opens the memory in the folder `path` (`memory` in a ledger's folder), or makes an empty one.
    ///
    /// # Errors
    /// [`MemoryError`] when it cannot be used.
    pub fn open(path: &Path, ledger_id: LedgerId) -> Result<Self, MemoryError> {
        refuse_links(path)?;
        let cabinet = Cabinet::open(path)?;
        let manifest = match cabinet.get(manifest::KEY)? {
            Some(bytes) => Manifest::decode(&bytes, ledger_id)?,
            None if cabinet.is_empty()? => Manifest::empty(),
            None => return Err(MemoryError::Damaged { what: "the manifest, which is missing," }),
        };
        Ok(Self { cabinet, ledger_id, manifest, _lock: None })
    }

    /// Keeps the ledger's lock for as long as the memory is open.
    pub(crate) fn under(self, lock: &Arc<Lock>) -> Self {
        Self { _lock: Some(Arc::clone(lock)), ..self }
    }

    /// Deletes the memory in the folder `path` and makes an empty one.
    ///
    /// # Errors
    /// [`MemoryError`] when that is not possible.
    pub fn rebuild(path: &Path, ledger_id: LedgerId) -> Result<Self, MemoryError> {
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(|source| MemoryError::Io { path: path.to_owned(), source })?;
        Self::open(path, ledger_id)
    }

    /// The head up to which everything is remembered; `None` if nothing is.
    pub const fn head(&self) -> Option<Head> {
        self.manifest.head
    }

    /// Remembers what is new since [`Memory::head`]: `index` says with which sequence a key was seen.
    ///
    /// # Errors
    /// [`MemoryError`]; then what was remembered before still stands.
    pub fn remember<K: AsRef<[u8]>>(
        &mut self,
        what: &Remembered<'_>,
        index: impl IntoIterator<Item = (IndexKind, K, Sequence)>,
    ) -> Result<(), MemoryError> {
        let given = what.head.size;
        if let Some(remembered) = self.manifest.head.map(|head| head.size).filter(|&n| n > given) {
            return Err(MemoryError::Backwards { remembered, given });
        }
        let mut next = self.manifest.clone();
        self.write_runs(index, what.head, &mut next)?;
        let mut gone_runs = Vec::new();
        while let Some(group) = run_merge::due(&next.runs) {
            let (kind, number) = (group[0].kind, next.next_run);
            let run = Run { kind, number, until: what.head, entries: 0 };
            let merged = run_merge::merge(&self.cabinet, self.ledger_id, &group, run)?;
            next.next_run += 1;
            next.runs.retain(|run| !group.contains(run));
            next.runs.push(merged);
            gone_runs.extend(group);
        }
        let gone_snapshots = self.write_snapshot(what, &mut next)?;
        self.write_positions(what.positions)?;
        next.head = Some(what.head);
        // Up to here nothing is named in the manifest, so nothing half written is ever used.
        self.cabinet.insert(manifest::KEY, &next.encode(self.ledger_id))?;
        self.manifest = next;
        for run in gone_runs {
            self.cabinet.remove_all(&run.prefix())?;
        }
        for snapshot in gone_snapshots {
            snapshot.remove(&self.cabinet)?;
        }
        self.cabinet.flush()
    }

    /// The sequences with which `key` was seen, ascending. They are as good as the memory is bound to
    /// the log: see [`Memory::head`].
    ///
    /// # Errors
    /// [`MemoryError`] when the index cannot be read whole; a key that was not seen is no error.
    pub fn look_up(&self, kind: IndexKind, key: &[u8]) -> Result<Vec<Sequence>, MemoryError> {
        let mut found = Vec::new();
        for run in self.manifest.runs.iter().filter(|run| run.kind == kind.0) {
            run.look_up(&self.cabinet, self.ledger_id, key, &mut found)?;
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Shows every key of the index, of all kinds, with the sequence with which it was seen; in no promised order.
    ///
    /// # Errors
    /// [`MemoryError`] when the index cannot be read whole.
    pub fn visit_index(
        &self,
        visit: &mut dyn FnMut(IndexKind, &[u8], Sequence),
    ) -> Result<(), MemoryError> {
        for run in &self.manifest.runs {
            run.visit(&self.cabinet, self.ledger_id, &mut |key, sequence| {
                visit(IndexKind(run.kind), key, sequence);
            })?;
        }
        Ok(())
    }

    /// The latest snapshot with this version of a state with at most `at_most` records, and the head
    /// that it is of. Ask the log whether it holds that head before using it.
    ///
    /// # Errors
    /// [`MemoryError`] when the database fails. A snapshot that does not check is passed over.
    pub fn latest_snapshot(
        &self,
        version: u32,
        at_most: u64,
    ) -> Result<Option<(Head, Vec<u8>)>, MemoryError> {
        let fits = |entry: &&SnapshotEntry| entry.version == version && entry.head.size <= at_most;
        let mut fitting: Vec<_> = self.manifest.snapshots.iter().filter(fits).collect();
        fitting.sort_by_key(|entry| std::cmp::Reverse(entry.head.size));
        for entry in fitting {
            if let Some(bytes) = entry.load(&self.cabinet, self.ledger_id)? {
                return Ok(Some((entry.head, bytes)));
            }
        }
        Ok(None)
    }

    /// The positions that were remembered. Hints: see [`Position`].
    ///
    /// # Errors
    /// [`MemoryError`] when the database fails.
    pub fn positions(&self) -> Result<Vec<Position>, MemoryError> {
        let pairs = self.cabinet.all(b"p")?;
        Ok(pairs.iter().filter_map(|(key, value)| position(key, value)).collect())
    }

    /// The last remembered position at or before `sequence`.
    ///
    /// # Errors
    /// [`MemoryError`] when the database fails.
    pub fn position_before(&self, sequence: Sequence) -> Result<Option<Position>, MemoryError> {
        let key = position_key(sequence);
        let pair = self.cabinet.last(b"p", Bound::Included(&key))?;
        Ok(pair.and_then(|(key, value)| position(&key, &value)))
    }

    fn write_runs<K: AsRef<[u8]>>(
        &self,
        index: impl IntoIterator<Item = (IndexKind, K, Sequence)>,
        until: Head,
        next: &mut Manifest,
    ) -> Result<(), MemoryError> {
        let mut entries = Vec::new();
        for (IndexKind(kind), key, sequence) in index {
            let key = key.as_ref();
            if key.len() > MAX_KEY {
                return Err(MemoryError::KeyTooLong { bytes: key.len() });
            }
            entries.push((kind, index_run::entry(key, sequence.get())));
        }
        entries.sort_unstable();
        entries.dedup();
        for group in entries.chunk_by(|one, other| one.0 == other.0) {
            let run = Run { kind: group[0].0, number: next.next_run, until, entries: 0 };
            let mut writer = RunWriter::begin(&self.cabinet, self.ledger_id, run)?;
            for (_, entry) in group {
                writer.push(entry)?;
            }
            next.runs.push(writer.finish()?);
            next.next_run += 1;
        }
        Ok(())
    }

    /// Stores the snapshot, if there is one; gives those that are to go.
    fn write_snapshot(
        &self,
        what: &Remembered<'_>,
        next: &mut Manifest,
    ) -> Result<Vec<SnapshotEntry>, MemoryError> {
        let Some(snapshot) = &what.snapshot else { return Ok(Vec::new()) };
        let entry = SnapshotEntry::store(&self.cabinet, self.ledger_id, what.head, snapshot)?;
        next.snapshots.retain(|other| !other.same_place(&entry));
        next.snapshots.push(entry);
        let gone = next.snapshots.len().saturating_sub(snapshot_store::KEPT);
        Ok(next.snapshots.drain(..gone).collect())
    }

    fn write_positions(&self, positions: &[Position]) -> Result<(), MemoryError> {
        for position in positions {
            let mut value = position.segment.get().to_le_bytes().to_vec();
            value.extend_from_slice(&position.offset.to_le_bytes());
            self.cabinet.insert(&position_key(position.sequence), &value)?;
        }
        Ok(())
    }
}

/// Refuses symbolic links among the database's files: sled would write where they lead.
fn refuse_links(path: &Path) -> Result<(), MemoryError> {
    let at = |source| MemoryError::Io { path: path.to_owned(), source };
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(at)?,
    };
    for entry in entries {
        if entry.and_then(|entry| entry.file_type()).map_err(at)?.is_symlink() {
            return Err(MemoryError::Damaged { what: "a file that is a symbolic link" });
        }
    }
    Ok(())
}

fn position_key(sequence: Sequence) -> Vec<u8> {
    [&b"p"[..], &sequence.get().to_be_bytes()].concat()
}

fn position(key: &[u8], value: &[u8]) -> Option<Position> {
    let sequence = Sequence::new(u64::from_be_bytes(key.get(1..)?.try_into().ok()?));
    let (segment, offset) = value.split_first_chunk::<8>()?;
    let segment = Sequence::new(u64::from_le_bytes(*segment));
    let offset = u64::from_le_bytes(offset.try_into().ok()?);
    Some(Position { sequence, segment, offset })
}
