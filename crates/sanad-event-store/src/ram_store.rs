//! A store in memory that can be told to fail. For tests of what uses a store.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use sanad_audit_log::{Head, Identity, RawRecord, Record};

use crate::batch::SealedBatch;
use crate::error::{AppendError, StoreError};
use crate::lock::Epoch;
use crate::store::{EventStore, RecordStream};

/// A log in memory. It fails where it is told to, and then behaves as a file does.
#[derive(Clone, Debug)]
pub struct RamStore {
    log: Vec<u8>,
    /// Where each acknowledged record begins in `log`.
    offsets: Vec<usize>,
    /// How much of `log` is acknowledged, in bytes.
    durable: usize,
    head: Head,
    epoch: Epoch,
    failure: Option<(u64, Failure)>,
    poisoned: bool,
}

/// How an append fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The disk is full after so many bytes of the batch.
    DiskFull {
        /// How many bytes of the batch are written all the same.
        written: usize,
    },
    /// All is written, and making it durable fails.
    Sync,
}

impl RamStore {
    /// An empty log of the ledger with this identity.
    pub fn new(identity: &Identity) -> Self {
        Self {
            log: Vec::new(),
            offsets: Vec::new(),
            durable: 0,
            head: Head::empty(identity.genesis()),
            epoch: Epoch::new(1),
            failure: None,
            poisoned: false,
        }
    }

    /// Lets the append after the next `after` ones fail.
    pub fn fail(&mut self, after: u64, failure: Failure) {
        self.failure = Some((after, failure));
    }

    /// The current writer's epoch.
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Opens it again, as after a crash: whole records that follow are kept, acknowledged or not, a
    /// torn one is cut, and the epoch is raised, so that the writer before has no say any more.
    pub fn reopen(&mut self) -> Epoch {
        let mut head = self.head;
        let mut end = self.durable;
        while let Ok((raw, _)) = RawRecord::split(&self.log[end..]) {
            let Ok(record) = Record::decode(raw) else { break };
            if record.sequence() != head.next_sequence() || !record.follows(&head.hash) {
                break;
            }
            self.offsets.push(end);
            end += raw.bytes().len();
            head = Head { size: head.size + 1, hash: record.stored_hash() };
        }
        self.log.truncate(end);
        (self.durable, self.head, self.poisoned) = (end, head, false);
        self.epoch = Epoch::new(self.epoch.get().saturating_add(1));
        self.epoch
    }

    /// Every byte, what is not acknowledged included.
    pub fn bytes(&self) -> &[u8] {
        &self.log
    }

    fn due_failure(&mut self) -> Option<Failure> {
        match self.failure {
            Some((0, failure)) => {
                self.failure = None;
                Some(failure)
            }
            Some((after, failure)) => {
                self.failure = Some((after - 1, failure));
                None
            }
            None => None,
        }
    }

    fn fail_now(&mut self, failure: Failure, bytes: &[u8]) -> AppendError {
        self.poisoned = true;
        let path = PathBuf::from("memory");
        match failure {
            Failure::DiskFull { written } => {
                self.log.extend_from_slice(&bytes[..written.min(bytes.len())]);
                let source = io::ErrorKind::StorageFull.into();
                AppendError::DiskFull { operation: "write to", path, source }
            }
            Failure::Sync => {
                self.log.extend_from_slice(bytes);
                let source = io::Error::other("told to fail");
                AppendError::Io { operation: "make durable", path, source }
            }
        }
    }
}

impl EventStore for RamStore {
    fn head(&self) -> Head {
        self.head
    }

    fn append(
        &mut self,
        epoch: Epoch,
        expected: Head,
        batch: &SealedBatch<'_>,
    ) -> Result<Head, AppendError> {
        if self.poisoned {
            return Err(AppendError::Poisoned);
        }
        if epoch != self.epoch {
            return Err(AppendError::StaleEpoch { given: epoch, current: self.epoch });
        }
        for expected in [expected, batch.before()] {
            if expected != self.head {
                return Err(AppendError::HeadMoved { expected, found: self.head });
            }
        }
        if let Some(failure) = self.due_failure() {
            return Err(self.fail_now(failure, batch.bytes()));
        }
        let mut rest = batch.bytes();
        while let Ok((raw, behind)) = RawRecord::split(rest) {
            self.offsets.push(self.log.len());
            self.log.extend_from_slice(raw.bytes());
            rest = behind;
        }
        (self.durable, self.head) = (self.log.len(), batch.after());
        Ok(self.head)
    }

    fn read(&self, range: Range<u64>) -> Result<Box<dyn RecordStream + '_>, StoreError> {
        if range.end > self.head.size {
            return Err(StoreError::OutOfRange { asked: range.end, size: self.head.size });
        }
        // The range lies within the log, so its ends fit into a usize.
        let offsets = match range.is_empty() {
            true => &[][..],
            false => &self.offsets[range.start as usize..range.end as usize],
        };
        Ok(Box::new(RamRecords { log: &self.log, offsets }))
    }
}

struct RamRecords<'s> {
    log: &'s [u8],
    offsets: &'s [usize],
}

impl RecordStream for RamRecords<'_> {
    fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, StoreError> {
        let Some((&offset, rest)) = self.offsets.split_first() else { return Ok(None) };
        self.offsets = rest;
        Ok(RawRecord::split(&self.log[offset..]).ok().map(|(raw, _)| raw))
    }
}
