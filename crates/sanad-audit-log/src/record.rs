//! A record's bytes, first framed, then decoded.
//!
//! [`RawRecord`] is bytes of which only the length is known to fit. [`Record`] is decoded: every
//! field has been read and the layout is one that version 1 allows. Neither says anything about the
//! chain; that is [`VerifiedRecord`](crate::VerifiedRecord).

use std::fmt;

use uuid::Uuid;

use crate::author::AuthorSection;
use crate::hash::ChainHash;
use crate::head::Sequence;
use crate::id::EntryId;
use crate::layout;

/// Why bytes are not a record of version 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes end before the record does.
    #[error("the record needs {need} bytes and only {have} are there; the end is cut off")]
    TooShort {
        /// Bytes that are there.
        have: usize,
        /// Bytes that are needed, as far as is known.
        need: usize,
    },
    /// The length field is smaller than the fixed parts of such a record.
    #[error("the record states a length of {stated} bytes; such a record has at least {least}")]
    LengthTooSmall {
        /// The length field.
        stated: usize,
        /// The least that it can be, given the flags.
        least: usize,
    },
    /// There are more bytes than the length field says.
    #[error("the record states a length of {stated} bytes, but {given} were given as one record")]
    LengthMismatch {
        /// The length field.
        stated: usize,
        /// How many bytes were given.
        given: usize,
    },
    /// The version is not 1.
    #[error("the record has version {found}; this library reads version 1")]
    UnsupportedVersion {
        /// The version field.
        found: u8,
    },
    /// A flag is set that version 1 does not know.
    #[error("the record has the flags {found:#010b}; version 1 knows only 0b11")]
    UnknownFlags {
        /// The flags field.
        found: u8,
    },
}

impl RecordError {
    /// A stable name of the cause, for programs and for the vectors in `docs/format/vectors/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "record-too-short",
            Self::LengthTooSmall { .. } => "record-length-too-small",
            Self::LengthMismatch { .. } => "record-length-mismatch",
            Self::UnsupportedVersion { .. } => "record-unsupported-version",
            Self::UnknownFlags { .. } => "record-unknown-flags",
        }
    }
}

/// Bytes that the length field at their start delimits as one record, not looked at further.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawRecord<'a> {
    bytes: &'a [u8],
}

impl<'a> RawRecord<'a> {
    /// Frames the record at the start of `bytes`; gives it and the bytes after it.
    ///
    /// # Errors
    /// [`RecordError::TooShort`] or [`RecordError::LengthTooSmall`].
    pub fn split(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), RecordError> {
        let have = bytes.len();
        if have < layout::LENGTH.size {
            return Err(RecordError::TooShort { have, need: layout::LENGTH.size });
        }
        let stated = usize::from(u16::from_le_bytes(layout::LENGTH.of(bytes)));
        if stated < layout::MIN_RECORD {
            return Err(RecordError::LengthTooSmall { stated, least: layout::MIN_RECORD });
        }
        match bytes.split_at_checked(stated) {
            Some((bytes, rest)) => Ok((Self { bytes }, rest)),
            None => Err(RecordError::TooShort { have, need: stated }),
        }
    }

    /// Frames `bytes` as exactly one record.
    ///
    /// # Errors
    /// As [`RawRecord::split`], and [`RecordError::LengthMismatch`] when bytes are left over.
    pub fn exact(bytes: &'a [u8]) -> Result<Self, RecordError> {
        let (raw, rest) = Self::split(bytes)?;
        if rest.is_empty() {
            Ok(raw)
        } else {
            Err(RecordError::LengthMismatch { stated: raw.bytes.len(), given: bytes.len() })
        }
    }

    /// The whole record.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many of its bytes its chain hash is of: all before the hash.
    pub(crate) const fn hashed_size(&self) -> usize {
        self.bytes.len() - layout::HASH_SIZE
    }

    /// The last 32 bytes: the chain hash that the record claims.
    pub fn stored_hash(&self) -> ChainHash {
        let mut hash = [0; layout::HASH_SIZE];
        hash.copy_from_slice(&self.bytes[self.bytes.len() - layout::HASH_SIZE..]);
        ChainHash::from_bytes(hash)
    }

    /// The chain hash that these bytes would have after `previous`.
    pub(crate) fn computed_hash(&self, previous: &ChainHash) -> ChainHash {
        ChainHash::following(previous, &self.bytes[..self.hashed_size()])
    }
}

impl fmt::Debug for RawRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRecord({} bytes)", self.bytes.len())
    }
}

/// A decoded record: its fields are readable, its place in the chain is not yet checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    raw: RawRecord<'a>,
    payload_end: usize,
}

impl<'a> Record<'a> {
    /// Decodes framed bytes.
    ///
    /// # Errors
    /// [`RecordError`] when the version or a flag is unknown, or when the length leaves no room for
    /// the author section that a flag announces.
    pub fn decode(raw: RawRecord<'a>) -> Result<Self, RecordError> {
        let [version] = layout::VERSION.of(raw.bytes);
        if version != layout::VERSION_1 {
            return Err(RecordError::UnsupportedVersion { found: version });
        }
        let [flags] = layout::FLAGS.of(raw.bytes);
        if flags & !layout::KNOWN_FLAGS != 0 {
            return Err(RecordError::UnknownFlags { found: flags });
        }
        let author = if flags & layout::FLAG_AUTHOR != 0 { layout::AUTHOR_SIZE } else { 0 };
        let (stated, least) = (raw.bytes.len(), layout::MIN_RECORD + author);
        if stated < least {
            return Err(RecordError::LengthTooSmall { stated, least });
        }
        Ok(Self { raw, payload_end: stated - layout::HASH_SIZE - author })
    }

    /// Frames and decodes `bytes` as exactly one record.
    ///
    /// # Errors
    /// As [`RawRecord::exact`] and [`Record::decode`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RecordError> {
        Self::decode(RawRecord::exact(bytes)?)
    }

    /// The bytes it was decoded from.
    pub const fn raw(&self) -> RawRecord<'a> {
        self.raw
    }

    /// Its place in the ledger, as it claims.
    pub fn sequence(&self) -> Sequence {
        Sequence::new(u64::from_le_bytes(layout::SEQUENCE.of(self.raw.bytes)))
    }

    /// When the ledger learned it, in microseconds since 1970-01-01T00:00:00Z.
    pub fn recorded_at_us(&self) -> i64 {
        i64::from_le_bytes(layout::RECORDED_AT_US.of(self.raw.bytes))
    }

    /// The entry's id.
    pub fn entry_id(&self) -> EntryId {
        EntryId::new(Uuid::from_bytes(layout::ENTRY_ID.of(self.raw.bytes)))
    }

    /// The number that says how the payload is encoded and which rules were in force.
    pub fn payload_schema(&self) -> u16 {
        u16::from_le_bytes(layout::PAYLOAD_SCHEMA.of(self.raw.bytes))
    }

    /// The payload, opaque here.
    pub fn payload(&self) -> &'a [u8] {
        &self.raw.bytes[layout::HEADER_SIZE..self.payload_end]
    }

    /// Whether all bytes before this record were durable before it was written.
    pub fn is_barrier(&self) -> bool {
        let [flags] = layout::FLAGS.of(self.raw.bytes);
        flags & layout::FLAG_BARRIER != 0
    }

    /// The author section, if there is one. Its signature is not checked yet.
    pub fn author(&self) -> Option<AuthorSection> {
        let section = &self.raw.bytes[self.payload_end..self.raw.bytes.len() - layout::HASH_SIZE];
        section.first_chunk().map(AuthorSection::from_bytes)
    }

    /// The chain hash that it claims.
    pub fn stored_hash(&self) -> ChainHash {
        self.raw.stored_hash()
    }

    /// The chain hash that the record's bytes have after `previous`, whatever hash is stored.
    pub fn computed_hash(&self, previous: &ChainHash) -> ChainHash {
        self.raw.computed_hash(previous)
    }

    /// Whether the stored chain hash follows from `previous`.
    pub fn follows(&self, previous: &ChainHash) -> bool {
        self.computed_hash(previous) == self.stored_hash()
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("sequence", &self.sequence())
            .field("recorded_at_us", &self.recorded_at_us())
            .field("entry_id", &self.entry_id())
            .field("payload_schema", &self.payload_schema())
            .field("payload_bytes", &self.payload().len())
            .field("barrier", &self.is_barrier())
            .field("author", &self.author().is_some())
            .field("stored_hash", &self.stored_hash())
            .finish()
    }
}
