//! Entries in order, as they stand in the log.

use std::io;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::vec;

use sanad_audit_log::{AuthorPublicKey, ChainHash, RawRecord};
use sanad_core::RecordedEntry;
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
}

#[derive(Debug)]
enum Source {
    Here(Box<Records>),
    Ahead { read: Receiver<Read>, reader: Option<JoinHandle<()>> },
}

impl Entries {
    /// The entries that so many records hold.
    pub(crate) fn new(records: Records, count: u64) -> io::Result<Self> {
        let source = if count <= TOGETHER as u64 {
            Source::Here(Box::new(records))
        } else {
            let (ahead, read) = sync_channel(AHEAD);
            let reader = thread::Builder::new().spawn(move || read_ahead(records, &ahead))?;
            Source::Ahead { read, reader: Some(reader) }
        };
        Ok(Self { source, ready: Vec::new().into_iter() })
    }
}

impl Iterator for Entries {
    type Item = Result<AuditedEntry, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.ready.next() {
            return Some(entry);
        }
        self.ready = self.source.read()?.into_iter();
        self.ready.next()
    }
}

impl Source {
    /// The next entries; `None` after the last.
    fn read(&mut self) -> Option<Read> {
        match self {
            Self::Here(records) => read(records),
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

fn read_ahead(mut records: Records, ahead: &SyncSender<Read>) {
    while let Some(read) = read(&mut records) {
        // Whoever no longer asks has dropped the other end.
        if ahead.send(read).is_err() {
            return;
        }
    }
}

fn read(records: &mut Records) -> Option<Read> {
    match records.next_batch(TOGETHER) {
        Ok(batch) => Some(batch?.iter().map(|(_, raw)| audited(raw)).collect()),
        Err(error) => Some(vec![Err(error.into())]),
    }
}

fn audited(raw: RawRecord<'_>) -> Result<AuditedEntry, LedgerError> {
    let record = decoded(raw)?;
    let (hash, author) = (record.stored_hash(), record.author().map(|author| author.key()));
    Ok(AuditedEntry { recorded: entry_of(&record)?, hash, author })
}
