//! The file that says what a memory holds, and the head it is bound to.
//!
//! ```text
//! magic (8) ‖ layout, u32 ‖ caller's version, u32 ‖ ledger id (16) ‖ head: size, u64, chain hash (32)
//! number of the file of blocks, u64
//! how many blocks, u32 ‖ for each its length, u32, and its digest (32)
//! how many positions, u32 ‖ for each sequence, segment, offset, u64 each
//! length of the rest, u32 ‖ the rest
//! digest of all of it (32)
//! ```
//!
//! Integers are little-endian. Nothing is used that the manifest does not name.

use sanad_audit_log::{ChainHash, Head, LedgerId, Sequence, memory_digest};

use crate::memory_error::MemoryError;
use crate::position::Position;

/// The manifest's name in the memory's folder.
pub(crate) const NAME: &str = "manifest";

const MAGIC: &[u8; 8] = b"sanadmem";
/// Layout of everything in the memory. A memory with another is made anew.
const LAYOUT: u32 = 2;
const DIGEST: usize = 32;
/// A manifest is far shorter. Of a longer file no more is read, and that is found damaged.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// What a memory holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Manifest {
    /// The head up to which everything is remembered.
    pub(crate) head: Head,
    /// The caller's number for how the blocks and the rest are to be read.
    pub(crate) version: u32,
    /// The number of the file that the blocks are in.
    pub(crate) file: u64,
    pub(crate) blocks: Vec<BlockEntry>,
    pub(crate) positions: Vec<Position>,
    pub(crate) rest: Vec<u8>,
}

/// What the manifest says of a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BlockEntry {
    pub(crate) length: u32,
    pub(crate) digest: [u8; DIGEST],
}

impl BlockEntry {
    pub(crate) fn of(block: &[u8]) -> Self {
        // A block is far shorter; one that is not would be found damaged.
        let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
        Self { length, digest: memory_digest(&[b"block", block]) }
    }
}

impl Manifest {
    /// How much of the file of blocks counts, in bytes.
    pub(crate) fn counted(&self) -> u64 {
        self.blocks.iter().map(|block| u64::from(block.length)).sum()
    }

    pub(crate) fn encode(&self, ledger_id: LedgerId) -> Vec<u8> {
        let room = 160 + 36 * self.blocks.len() + 24 * self.positions.len() + self.rest.len();
        let mut out = Vec::with_capacity(room);
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX).to_le_bytes();
        out.extend(MAGIC);
        out.extend(LAYOUT.to_le_bytes());
        out.extend(self.version.to_le_bytes());
        out.extend(ledger_id.as_bytes());
        out.extend(self.head.size.to_le_bytes());
        out.extend(self.head.hash.as_bytes());
        out.extend(self.file.to_le_bytes());
        out.extend(count(self.blocks.len()));
        for block in &self.blocks {
            out.extend(block.length.to_le_bytes());
            out.extend(block.digest);
        }
        out.extend(count(self.positions.len()));
        for position in &self.positions {
            out.extend(position.sequence.get().to_le_bytes());
            out.extend(position.segment.get().to_le_bytes());
            out.extend(position.offset.to_le_bytes());
        }
        out.extend(count(self.rest.len()));
        out.extend(&self.rest);
        let digest = memory_digest(&[NAME.as_bytes(), &out]);
        out.extend(digest);
        out
    }

    pub(crate) fn decode(bytes: &[u8], ledger_id: LedgerId) -> Result<Self, MemoryError> {
        let damaged = || MemoryError::Damaged { what: "the manifest" };
        let (body, digest) = bytes.split_last_chunk::<DIGEST>().ok_or_else(damaged)?;
        let mut fields = Fields(body);
        let layout = fields.take().filter(|magic| magic == MAGIC).and_then(|_| fields.u32());
        match layout {
            Some(LAYOUT) => {}
            Some(found) => return Err(MemoryError::OtherVersion { found }),
            None => return Err(damaged()),
        }
        if memory_digest(&[NAME.as_bytes(), body]) != *digest {
            return Err(damaged());
        }
        // The digest holds, so this is what was written; the bounds are checked all the same.
        let version = fields.u32().ok_or_else(damaged)?;
        if fields.take().ok_or_else(damaged)? != *ledger_id.as_bytes() {
            return Err(MemoryError::OtherLedger);
        }
        fields.contents(version).ok_or_else(damaged)
    }
}

/// Bytes taken field by field.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn head(&mut self) -> Option<Head> {
        Some(Head { size: self.u64()?, hash: ChainHash::from_bytes(self.take()?) })
    }

    fn block(&mut self) -> Option<BlockEntry> {
        Some(BlockEntry { length: self.u32()?, digest: self.take()? })
    }

    fn position(&mut self) -> Option<Position> {
        let (sequence, segment) = (Sequence::new(self.u64()?), Sequence::new(self.u64()?));
        Some(Position { sequence, segment, offset: self.u64()? })
    }

    fn contents(&mut self, version: u32) -> Option<Manifest> {
        let (head, file) = (self.head()?, self.u64()?);
        let blocks = (0..self.u32()?).map(|_| self.block()).collect::<Option<_>>()?;
        let positions = (0..self.u32()?).map(|_| self.position()).collect::<Option<_>>()?;
        let length = usize::try_from(self.u32()?).ok()?;
        let rest = (self.0.len() == length).then(|| self.0.to_vec())?;
        Some(Manifest { head, version, file, blocks, positions, rest })
    }
}
