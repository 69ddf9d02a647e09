//! The list of what a memory holds, and the head it is bound to.
//!
//! A database that was emptied or lost some pairs opens without an error. The manifest says what
//! should be there, and nothing is used that it does not name.

use sanad_audit_log::{ChainHash, Head, LedgerId, memory_digest};

use crate::index_run::Run;
use crate::memory::MemoryError;
use crate::snapshot_store::SnapshotEntry;

/// The manifest's key.
pub(crate) const KEY: &[u8] = b"manifest";
/// Layout of everything in the memory. A memory with another is made anew.
const VERSION: u16 = 1;

/// What a memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Manifest {
    /// The head up to which everything is remembered; `None` before the first time.
    pub(crate) head: Option<Head>,
    /// The number of the next run.
    pub(crate) next_run: u64,
    pub(crate) runs: Vec<Run>,
    /// In the order in which they were stored.
    pub(crate) snapshots: Vec<SnapshotEntry>,
}

impl Manifest {
    pub(crate) fn empty() -> Self {
        Self { head: None, next_run: 0, runs: Vec::new(), snapshots: Vec::new() }
    }

    pub(crate) fn encode(&self, ledger_id: LedgerId) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(ledger_id.as_bytes());
        out.push(u8::from(self.head.is_some()));
        put_head(&mut out, self.head.unwrap_or(Head::empty(ChainHash::from_bytes([0; 32]))));
        out.extend_from_slice(&self.next_run.to_le_bytes());
        out.extend_from_slice(&(self.runs.len() as u64).to_le_bytes());
        for run in &self.runs {
            out.push(run.kind);
            out.extend_from_slice(&run.number.to_le_bytes());
            put_head(&mut out, run.until);
            out.extend_from_slice(&run.entries.to_le_bytes());
        }
        out.extend_from_slice(&(self.snapshots.len() as u64).to_le_bytes());
        for snapshot in &self.snapshots {
            out.extend_from_slice(&snapshot.version.to_le_bytes());
            put_head(&mut out, snapshot.head);
            out.extend_from_slice(&snapshot.length.to_le_bytes());
            out.extend_from_slice(&snapshot.digest);
        }
        let digest = memory_digest(&[KEY, &out]);
        out.extend_from_slice(&digest);
        out
    }

    pub(crate) fn decode(bytes: &[u8], ledger_id: LedgerId) -> Result<Self, MemoryError> {
        let damaged = MemoryError::Damaged { what: "the manifest" };
        let Some((body, digest)) = bytes.split_last_chunk::<32>() else { return Err(damaged) };
        if memory_digest(&[KEY, body]) != *digest {
            return Err(damaged);
        }
        // The digest holds, so this is what was written; the bounds are checked all the same.
        let mut fields = Fields(body);
        match fields.version_and_ledger() {
            Some((VERSION, id)) if id == *ledger_id.as_bytes() => {}
            Some((VERSION, _)) => return Err(MemoryError::OtherLedger),
            Some((found, _)) => return Err(MemoryError::OtherVersion { found }),
            None => return Err(damaged),
        }
        fields.rest().ok_or(damaged)
    }
}

fn put_head(out: &mut Vec<u8>, head: Head) {
    out.extend_from_slice(&head.size.to_le_bytes());
    out.extend_from_slice(head.hash.as_bytes());
}

/// Bytes taken field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn head(&mut self) -> Option<Head> {
        Some(Head { size: self.number()?, hash: ChainHash::from_bytes(self.take()?) })
    }

    fn version_and_ledger(&mut self) -> Option<(u16, [u8; 16])> {
        Some((u16::from_le_bytes(self.take()?), self.take()?))
    }

    fn run(&mut self) -> Option<Run> {
        let [kind] = self.take()?;
        Some(Run { kind, number: self.number()?, until: self.head()?, entries: self.number()? })
    }

    fn snapshot(&mut self) -> Option<SnapshotEntry> {
        let version = u32::from_le_bytes(self.take()?);
        let (head, length) = (self.head()?, self.number()?);
        Some(SnapshotEntry { version, head, length, digest: self.take()? })
    }

    fn rest(&mut self) -> Option<Manifest> {
        let [has_head] = self.take()?;
        let head = self.head()?;
        let head = (has_head == 1).then_some(head);
        let next_run = self.number()?;
        let runs = (0..self.number()?).map(|_| self.run()).collect::<Option<_>>()?;
        let snapshots = (0..self.number()?).map(|_| self.snapshot()).collect::<Option<_>>()?;
        self.0.is_empty().then_some(Manifest { head, next_run, runs, snapshots })
    }
}
