//! Entries in order, as they stand in the log.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::vec;

use sanad_audit_log::{AuthorPublicKey, ChainHash, ChainVerifier, RawRecord};
use sanad_core::{RecordedEntry, RecordedTime};
use sanad_event_store::Records;

use crate::error::LedgerError;
use crate::reading::{decoded, entry_of};

/// Entries that are read together.
const TOGETHER: usize = 512;
/// How many times so many are read before they are asked for.
const AHEAD: usize = 4;

/// An entry as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedEntry {
    /// The entry with its place and time.
    pub recorded: RecordedEntry,
    /// Its chain hash, as stored.
    pub hash: ChainHash,
    /// The key of its author, where the record is signed.
    pub author: Option<AuthorPublicKey>,
}

type Read = Vec<Result<AuditedEntry, LedgerError>>;

/// Entries in order, in constant memory. Where there are many they are read and decoded on a thread of their own, while
/// whoever asks for them does something with those before.
#[derive(Debug)]
pub struct Entries {
    source: Source,
    ready: vec::IntoIter<Result<AuditedEntry, LedgerError>>,
    /// What was recorded later is left out.
    until: Option<RecordedTime>,
}

#[derive(Debug)]
enum Source {
    Here(Box<Reading>),
    Ahead { read: Receiver<Read>, reader: Option<JoinHandle<()>> },
}

/// Records that are read, and the chain that they are checked against where that is asked for.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) records: Records,
    pub(crate) chain: Option<ChainVerifier>,
}

impl Entries {
    /// The entries that so many records hold, up to those that were recorded after an instant.
    pub(crate) fn new(
        reading: Reading,
        count: u64,
        until: Option<RecordedTime>,
    ) -> io::Result<Self> {
        let source = if count <= TOGETHER as u64 {
            Source::Here(Box::new(reading))
        } else {
            let (ahead, read) = sync_channel(AHEAD);
            let reader = thread::Builder::new().spawn(move || read_ahead(reading, &ahead))?;
            Source::Ahead { read, reader: Some(reader) }
        };
        Ok(Self { source, ready: Vec::new().into_iter(), until })
    }

    fn read(&mut self) -> Option<Result<AuditedEntry, LedgerError>> {
        if let Some(entry) = self.ready.next() {
            return Some(entry);
        }
        self.ready = self.source.read()?.into_iter();
        self.ready.next()
    }
}

impl Iterator for Entries {
    type Item = Result<AuditedEntry, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        let until = self.until;
        let within =
            |entry: &AuditedEntry| until.is_none_or(|until| entry.recorded.recorded_at <= until);
        self.read().filter(|read| read.as_ref().map_or(true, within))
    }
}

impl Source {
    /// The next entries; `None` after the last.
    fn read(&mut self) -> Option<Read> {
        match self {
            Self::Here(reading) => reading.read(),
            Self::Ahead { read, reader } => read.recv().ok().or_else(|| {
                // A reader that ended too early must not look like the end of the entries.
                if let Some(Err(panic)) = reader.take().map(JoinHandle::join) {
                    resume_unwind(panic);
                }
                None
            }),
        }
    }
}

fn read_ahead(mut reading: Reading, ahead: &SyncSender<Read>) {
    while let Some(read) = reading.read() {
        // Whoever no longer asks has dropped the other end.
        if ahead.send(read).is_err() {
            return;
        }
    }
}

impl Reading {
    fn read(&mut self) -> Option<Read> {
        match self.records.next_batch(TOGETHER) {
            Ok(batch) => Some(batch?.iter().map(|(_, raw)| self.audited(raw)).collect()),
            Err(error) => Some(vec![Err(error.into())]),
        }
    }

    fn audited(&mut self, raw: RawRecord<'_>) -> Result<AuditedEntry, LedgerError> {
        let record = match &mut self.chain {
            Some(chain) => chain.check_raw(raw).map_err(LedgerError::Chain)?.record(),
            None => decoded(raw)?,
        };
        let (hash, author) = (record.stored_hash(), record.author().map(|author| author.key()));
        Ok(AuditedEntry { recorded: entry_of(&record)?, hash, author })
    }
}
