//! Snapshots: large values, cut into pieces, checked as a whole.

use sanad_audit_log::{Head, LedgerId, memory_digest};

use crate::cabinet::Cabinet;
use crate::memory::{MemoryError, Snapshot};

/// A snapshot is stored in pieces of this size: sled puts larger values into files of their own,
/// whose names it does not make durable.
const PIECE: usize = 256 << 10;
/// So many snapshots are kept; the oldest go first. One that is damaged costs a replay, and a second one would cost
/// more disk than that is worth.
pub(crate) const KEPT: usize = 1;

/// What the manifest says of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SnapshotEntry {
    pub(crate) version: u32,
    pub(crate) head: Head,
    pub(crate) length: u64,
    pub(crate) digest: [u8; 32],
}

impl SnapshotEntry {
    /// Stores a snapshot of the state at `head`.
    pub(crate) fn store(
        cabinet: &Cabinet,
        ledger_id: LedgerId,
        head: Head,
        snapshot: &Snapshot<'_>,
    ) -> Result<Self, MemoryError> {
        let version = snapshot.version;
        let digest = digest(ledger_id, version, head, snapshot.bytes);
        let entry = Self { version, head, length: snapshot.bytes.len() as u64, digest };
        cabinet.remove_all(&entry.prefix())?;
        for (n, piece) in snapshot.bytes.chunks(PIECE).enumerate() {
            cabinet.insert(&entry.piece_key(n as u64), piece)?;
        }
        Ok(entry)
    }

    /// Reads the snapshot; `None` if it is not whole and as it was stored.
    pub(crate) fn load(
        &self,
        cabinet: &Cabinet,
        ledger_id: LedgerId,
    ) -> Result<Option<Vec<u8>>, MemoryError> {
        let mut bytes = Vec::new();
        for n in 0..self.length.div_ceil(PIECE as u64) {
            match cabinet.get(&self.piece_key(n))? {
                Some(piece) if piece.len() <= PIECE => bytes.extend_from_slice(&piece),
                _ => return Ok(None),
            }
        }
        let whole = bytes.len() as u64 == self.length
            && digest(ledger_id, self.version, self.head, &bytes) == self.digest;
        Ok(whole.then_some(bytes))
    }

    /// Removes its pieces.
    pub(crate) fn remove(&self, cabinet: &Cabinet) -> Result<(), MemoryError> {
        cabinet.remove_all(&self.prefix())
    }

    /// Whether both would be stored in the same place.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        self.prefix() == other.prefix()
    }

    fn prefix(&self) -> Vec<u8> {
        let mut prefix = vec![b's'];
        prefix.extend_from_slice(&self.head.size.to_be_bytes());
        prefix.extend_from_slice(&self.version.to_be_bytes());
        prefix
    }

    fn piece_key(&self, n: u64) -> Vec<u8> {
        [&self.prefix()[..], &n.to_be_bytes()].concat()
    }
}

fn digest(ledger_id: LedgerId, version: u32, head: Head, bytes: &[u8]) -> [u8; 32] {
    let (version, size) = (version.to_le_bytes(), head.size.to_le_bytes());
    let hash = head.hash.as_bytes();
    memory_digest(&[b"snapshot", ledger_id.as_bytes(), &version, &size, hash, bytes])
}
