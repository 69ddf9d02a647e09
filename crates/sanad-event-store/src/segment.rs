//! A segment file: a header, then sealed records and nothing else.
//!
//! ```text
//!   0          8     10    12          16          32          40         72              104
//!   ┌──────────┬─────┬─────┬───────────┬───────────┬───────────┬──────────┬───────────────┬─────────
//!   │ SANADSEG │ ver │  0  │ head size │ ledger id │ first seq │  digest  │ previous hash │ records…
//!   └──────────┴─────┴─────┴───────────┴───────────┴───────────┴──────────┴───────────────┴─────────
//! ```
//!
//! The previous chain hash stands last, so that in every segment each record, the first included, is
//! preceded by the hash that it follows from. `docs/format/segment.md` says the same in words.

use std::io;
use std::ops::Range;
use std::path::PathBuf;

use sanad_audit_log::layout::Field;
use sanad_audit_log::{ChainHash, Head, LedgerId, Sequence, segment_header_digest};

use crate::source::Source;

/// Size of a segment's header, in bytes.
pub const SEGMENT_HEADER: usize = 104;
const MAGIC: &[u8; 8] = b"SANADSEG";
const VERSION: u16 = 1;

const fn field(name: &'static str, offset: usize, size: usize) -> Field {
    Field { name, offset, size }
}

const LEDGER: Field = field("ledger", 16, 16);
const FIRST: Field = field("first", 32, 8);
const DIGEST: Field = field("digest", 40, 32);
const PREVIOUS: Field = field("previous", 72, 32);

/// The fields of a segment's header, by the names in `docs/format/segment.md`, in order and without
/// a gap.
pub const SEGMENT_FIELDS: [Field; 8] = [
    field("magic", 0, 8),
    field("version", 8, 2),
    field("reserved", 10, 2),
    field("header_size", 12, 4),
    LEDGER,
    FIRST,
    DIGEST,
    PREVIOUS,
];

/// What a segment's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SegmentHeader {
    pub(crate) ledger_id: LedgerId,
    pub(crate) first: Sequence,
    /// The chain hash before the first record; the genesis for the first segment.
    pub(crate) previous: ChainHash,
}

/// Why a segment's header cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderFault {
    /// The file is shorter than a header.
    #[error("the file has {have} bytes and a header has {SEGMENT_HEADER}")]
    TooShort {
        /// The file's length.
        have: usize,
    },
    /// The file does not begin as a segment does.
    #[error("the file does not begin with SANADSEG")]
    NotASegment,
    /// The version is not 1.
    #[error("the segment has version {found} and this program reads version 1")]
    UnsupportedVersion {
        /// The version field.
        found: u16,
    },
    /// The header was altered.
    #[error("the header's digest is not that of its fields")]
    Altered,
}

/// What is wrong with a segment file as a whole.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the segment {}: {fault}", path.display())]
pub struct SegmentProblem {
    /// The file.
    pub path: PathBuf,
    /// The first sequence that its name states.
    pub segment: Sequence,
    /// What is wrong.
    pub fault: SegmentFault,
}

/// What can be wrong with a segment file as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SegmentFault {
    /// The header cannot be read.
    #[error("{0}")]
    Header(HeaderFault),
    /// It belongs to another ledger.
    #[error("it belongs to the ledger {found}")]
    Foreign {
        /// The ledger that the header names.
        found: LedgerId,
    },
    /// The name and the header state different first sequences.
    #[error("its header says that it begins with record {stated}; was it renamed?")]
    Name {
        /// The first sequence in the header.
        stated: Sequence,
    },
    /// Records are missing before it.
    #[error("record {expected} should come next: records before this segment are missing")]
    Gap {
        /// The record that should come next.
        expected: Sequence,
    },
    /// It begins with records that stand in the segment before.
    #[error("record {expected} should come next: the segment before goes on into this one")]
    Overlap {
        /// The record that should come next.
        expected: Sequence,
    },
    /// It follows another history than the one that the segment before holds.
    #[error("it follows {found}, and the segment before ends in {expected}")]
    Previous {
        /// The chain hash that ends the segment before.
        expected: ChainHash,
        /// The chain hash that this one's header names.
        found: ChainHash,
    },
}

impl SegmentFault {
    /// A stable name of the fault, as in `docs/format/segment.md`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header(HeaderFault::TooShort { .. }) => "segment-too-short",
            Self::Header(HeaderFault::NotASegment) => "segment-bad-magic",
            Self::Header(HeaderFault::UnsupportedVersion { .. }) => "segment-unsupported-version",
            Self::Header(HeaderFault::Altered) => "segment-header-altered",
            Self::Foreign { .. } => "segment-foreign",
            Self::Name { .. } => "segment-misnamed",
            Self::Gap { .. } => "segment-gap",
            Self::Overlap { .. } => "segment-overlap",
            Self::Previous { .. } => "segment-other-history",
        }
    }
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[0..8].copy_from_slice(MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(SEGMENT_HEADER as u32).to_le_bytes());
        bytes[range(LEDGER)].copy_from_slice(self.ledger_id.as_bytes());
        bytes[range(FIRST)].copy_from_slice(&self.first.get().to_le_bytes());
        bytes[range(PREVIOUS)].copy_from_slice(self.previous.as_bytes());
        let parts = [&bytes[..DIGEST.offset], &bytes[range(PREVIOUS)]];
        let digest = segment_header_digest(&parts);
        bytes[range(DIGEST)].copy_from_slice(&digest);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let Some(bytes) = bytes.first_chunk::<SEGMENT_HEADER>() else {
            return Err(HeaderFault::TooShort { have: bytes.len() });
        };
        if &bytes[0..8] != MAGIC {
            return Err(HeaderFault::NotASegment);
        }
        let found = u16::from_le_bytes([bytes[8], bytes[9]]);
        if found != VERSION {
            return Err(HeaderFault::UnsupportedVersion { found });
        }
        let first = Sequence::new(u64::from_le_bytes(chunk(bytes, FIRST)));
        let header = Self {
            ledger_id: LedgerId::new(uuid::Uuid::from_bytes(chunk(bytes, LEDGER))),
            first,
            previous: ChainHash::from_bytes(chunk(bytes, PREVIOUS)),
        };
        // Encoding again covers the digest, the reserved bytes and the stated header size.
        if &header.encode() == bytes { Ok(header) } else { Err(HeaderFault::Altered) }
    }

    /// Reads the header at the start of a file.
    pub(crate) fn read(file: &mut Source) -> io::Result<Result<Self, HeaderFault>> {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER);
        file.read_at(0, SEGMENT_HEADER as u64, &mut bytes)?;
        Ok(Self::decode(&bytes))
    }

    /// The head that its first record follows.
    pub(crate) fn begins(&self) -> Head {
        Head { size: self.first.get(), hash: self.previous }
    }

    /// Whether it is the header that the file named after `name` in ledger `ledger_id` should have.
    pub(crate) fn check(&self, ledger_id: LedgerId, name: Sequence) -> Result<(), SegmentFault> {
        if self.ledger_id != ledger_id {
            return Err(SegmentFault::Foreign { found: self.ledger_id });
        }
        if self.first != name {
            return Err(SegmentFault::Name { stated: self.first });
        }
        Ok(())
    }
}

fn range(field: Field) -> Range<usize> {
    field.offset..field.offset + field.size
}

fn chunk<const N: usize>(bytes: &[u8; SEGMENT_HEADER], field: Field) -> [u8; N] {
    let mut chunk = [0; N];
    chunk.copy_from_slice(&bytes[range(field)]);
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_flipped_bit_of_a_header_is_found() {
        let header = SegmentHeader {
            ledger_id: LedgerId::new(uuid::Uuid::from_bytes([3; 16])),
            first: Sequence::new(12),
            previous: ChainHash::from_bytes([9; 32]),
        };
        let bytes = header.encode();
        assert_eq!(SegmentHeader::decode(&bytes), Ok(header));
        for bit in 0..SEGMENT_HEADER * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(SegmentHeader::decode(&flipped).is_err(), "bit {bit}");
        }
        for length in 0..SEGMENT_HEADER {
            let fault = HeaderFault::TooShort { have: length };
            assert_eq!(SegmentHeader::decode(&bytes[..length]), Err(fault));
        }
    }
}
