//! The chain verified, record by record.

use crate::author::{AuthorError, AuthorMessage};
use crate::finding::ChainFinding;
use crate::hash::ChainHash;
use crate::head::{Head, Sequence};
use crate::id::LedgerId;
use crate::identity::Identity;
use crate::linked_run::LinkedRun;
use crate::record::{RawRecord, Record};

/// A record whose place is proved: its sequence, time, chain hash and author signature hold, given
/// the record before it. Only [`ChainVerifier::check`] makes one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifiedRecord<'a> {
    record: Record<'a>,
}

impl<'a> VerifiedRecord<'a> {
    /// The record.
    pub const fn record(&self) -> Record<'a> {
        self.record
    }

    /// The head of the history that ends with this record.
    pub fn head(&self) -> Head {
        // The verifier accepts no sequence that has no next one.
        let size = self.record.sequence().get().saturating_add(1);
        Head { size, hash: self.record.stored_hash() }
    }
}

/// Verifies records in the order in which they come.
///
/// After a finding, [`ChainVerifier::resume_after`] makes the bad record the new predecessor, so that
/// one bad record gives one finding and the rest is still examined. What follows is then proved
/// relative to that record only.
#[derive(Clone, Debug)]
pub struct ChainVerifier {
    ledger_id: LedgerId,
    head: Head,
    last_us: Option<i64>,
    /// What else the next record may follow, after a bad one.
    doubt: Option<Doubt>,
}

/// A bad record leaves open which of its fields are bad. Its stored sequence and hash may be right
/// or wrong, so for one record the values that were expected in their place count too.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    size: u64,
    /// Computed from the stored hash before, and from the one that was expected before.
    hashes: [ChainHash; 2],
}

impl ChainVerifier {
    /// Begins at the genesis of the ledger with this identity.
    pub fn new(identity: &Identity) -> Self {
        Self::resumed(identity.ledger_id(), Head::empty(identity.genesis()), None)
    }

    /// Begins after a head that is known by other means. `last_us` is the recorded time of the
    /// last record before, where it is known.
    pub const fn resumed(ledger_id: LedgerId, head: Head, last_us: Option<i64>) -> Self {
        Self { ledger_id, head, last_us, doubt: None }
    }

    /// The head reached so far.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The recorded time of the last record in order, in microseconds.
    pub const fn last_recorded_at_us(&self) -> Option<i64> {
        self.last_us
    }

    /// Checks that `record` comes next, and if so moves on to it.
    ///
    /// # Errors
    /// The first finding, looking at sequence, chain hash, recorded time and author in that order.
    /// The verifier has not moved then; call [`ChainVerifier::resume_after`] to go on.
    pub fn check<'a>(&mut self, record: &Record<'a>) -> Result<VerifiedRecord<'a>, ChainFinding> {
        let size = self.checked_size(record)?;
        self.check_hash(record)?;
        self.check_time(record)?;
        self.check_author(record)?;
        self.head = Head { size, hash: record.stored_hash() };
        self.last_us = Some(record.recorded_at_us());
        self.doubt = None;
        Ok(VerifiedRecord { record: *record })
    }

    /// Frames, decodes and checks in one step.
    ///
    /// # Errors
    /// As [`ChainVerifier::check`], and [`ChainFinding::Undecodable`].
    pub fn check_raw<'a>(
        &mut self,
        raw: RawRecord<'a>,
    ) -> Result<VerifiedRecord<'a>, ChainFinding> {
        let sequence = self.head.next_sequence();
        let decoded = Record::decode(raw);
        let record = decoded.map_err(|cause| ChainFinding::Undecodable { sequence, cause })?;
        self.check(&record)
    }

    /// Moves on to the end of a run that was verified by itself, if it comes next: exactly where
    /// [`ChainVerifier::check`] would take its records one after another. If not, the verifier has not moved, and
    /// checking them in order says what is wrong.
    #[must_use]
    pub fn pass(&mut self, run: &LinkedRun) -> bool {
        let in_order = self.last_us.is_none_or(|last_us| last_us <= run.first_us());
        // After a bad record there is more than one thing to follow from, and `check` looks at all of them.
        let is_next = self.doubt.is_none()
            && self.head == run.before()
            && self.ledger_id == run.ledger_id()
            && in_order;
        if is_next {
            self.head = run.after();
            self.last_us = Some(run.last_us());
        }
        is_next
    }

    /// Takes a record that was found bad as the predecessor of the next.
    pub fn resume_after(&mut self, bad: RawRecord<'_>) {
        let before = self.doubt.map_or(self.head.size, |doubt| doubt.size);
        let expected = before.saturating_add(1);
        let hash = self.doubt.map_or(self.head.hash, |doubt| doubt.hashes[1]);
        let hashes = [bad.computed_hash(&self.head.hash), bad.computed_hash(&hash)];
        let stored = bad.stored_hash();
        let mut size = expected;
        if let Ok(record) = Record::decode(bad) {
            size = record.sequence().get().saturating_add(1);
            if hashes.contains(&stored) {
                // It was sealed just so: a clock that went back is one finding, not one for every
                // later record. An altered record's time, on the other hand, means nothing.
                self.last_us = Some(record.recorded_at_us());
            }
        }
        self.head = Head { size, hash: stored };
        self.doubt = Some(Doubt { size: expected, hashes });
    }

    /// Goes on after bytes that are not records: the next record is `head.size` and follows
    /// `head.hash`, as somebody found who looked for it (see [`crate::linked_record_at`]).
    pub fn resume_at(&mut self, head: Head) {
        self.head = head;
        self.doubt = None;
    }

    fn checked_size(&self, record: &Record<'_>) -> Result<u64, ChainFinding> {
        let found = record.sequence();
        let doubted = self.doubt.map(|doubt| doubt.size);
        let expected = found.get() == self.head.size || Some(found.get()) == doubted;
        match found.next() {
            Some(next) if expected => Ok(next.get()),
            _ => {
                let expected = Sequence::new(doubted.unwrap_or(self.head.size));
                Err(ChainFinding::SequenceBreak { expected, found })
            }
        }
    }

    fn check_hash(&self, record: &Record<'_>) -> Result<(), ChainFinding> {
        let expected = record.raw().computed_hash(&self.head.hash);
        let found = record.stored_hash();
        let doubted = self.doubt.iter().flat_map(|doubt| &doubt.hashes);
        if found == expected || doubted.into_iter().any(|hash| record.follows(hash)) {
            return Ok(());
        }
        Err(ChainFinding::HashMismatch { sequence: record.sequence(), expected, found })
    }

    fn check_time(&self, record: &Record<'_>) -> Result<(), ChainFinding> {
        let found_us = record.recorded_at_us();
        match self.last_us {
            Some(last_us) if found_us < last_us => {
                let sequence = record.sequence();
                Err(ChainFinding::TimeBackwards { sequence, last_us, found_us })
            }
            _ => Ok(()),
        }
    }

    fn check_author(&self, record: &Record<'_>) -> Result<(), ChainFinding> {
        let sequence = record.sequence();
        author_holds(self.ledger_id, record)
            .map_err(|cause| ChainFinding::Author { sequence, cause })
    }
}

/// Checks the signature of a record's author, if it has one.
pub(crate) fn author_holds(ledger_id: LedgerId, record: &Record<'_>) -> Result<(), AuthorError> {
    let Some(section) = record.author() else { return Ok(()) };
    section.verify(&AuthorMessage {
        ledger_id,
        entry_id: record.entry_id(),
        payload_schema: record.payload_schema(),
        payload: record.payload(),
    })
}
