//! Entry → payload bytes, and back with every check.

use sanad_core::{Entry, EntryId};

use crate::names::Names;
use crate::reader::Reader;
use crate::writer::Writer;

/// The payload schema that is written. It names the rules too: an entry is judged by the rules of its schema.
pub const SCHEMA: u16 = 1;

/// The longest payload, in bytes: a record of 65,535 bytes without its header and chain hash.
pub const MAX_PAYLOAD: usize = 65_535 - 38 - 32;

/// No event takes fewer bytes of a payload than this: its number, and the shortest of its fields.
pub const LEAST_EVENT: usize = 5;

/// Bytes that most events and most entries do not exceed: memory is taken for so many at once.
const USUAL: usize = 128;

/// Why bytes are no payload, or an entry has none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// A schema this version does not know.
    #[error(
        "payload schema {found} is unknown here (this version reads schema {SCHEMA}); use a newer version"
    )]
    UnknownSchema {
        /// The schema found.
        found: u16,
    },
    /// Too large for a record.
    #[error("the payload has {bytes} bytes; at most {MAX_PAYLOAD} fit in a record")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
    },
    /// Not the bytes of an entry.
    #[error("the payload is no entry: {reason}")]
    Malformed {
        /// Where and why.
        reason: String,
    },
    /// Bytes behind the entry.
    #[error("the payload goes on {bytes} bytes behind its entry")]
    Trailing {
        /// How many.
        bytes: usize,
    },
    /// An integer is longer than it needs to be: the same entry encodes to other bytes.
    #[error("the payload is not in its one canonical form")]
    NotCanonical,
    /// A value that its type refuses.
    #[error("the payload's {field} is refused: {reason}")]
    Value {
        /// Which field.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

impl PayloadError {
    /// A stable name of the cause, for programs and for the vectors in `docs/format/vectors/`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownSchema { .. } => "payload-unknown-schema",
            Self::TooLarge { .. } => "payload-too-large",
            Self::Malformed { .. } => "payload-malformed",
            Self::Trailing { .. } => "payload-trailing",
            Self::NotCanonical => "payload-not-canonical",
            Self::Value { .. } => "payload-value",
        }
    }
}

/// Encodes an entry in [`SCHEMA`]; its id is not part of the payload but of the record's header.
///
/// ```
/// use sanad_core::{Entry, Event, HolderRegistered};
/// let registered = HolderRegistered { holder: "acme".parse()?, title: "Acme".parse()? };
/// let id = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
/// let entry = Entry::new(id, "mof".parse()?, None, None, false, vec![Event::HolderRegistered(registered)])?;
/// let payload = sanad_codec::encode(&entry)?;
/// assert_eq!(sanad_codec::decode(sanad_codec::SCHEMA, id, &payload)?, entry);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PayloadError::TooLarge`].
pub fn encode(entry: &Entry) -> Result<Vec<u8>, PayloadError> {
    let mut payload = Vec::new();
    encode_into(entry, &mut payload)?;
    Ok(payload)
}

/// As [`encode`], behind what is in `out` already, whose memory can be used again and again.
///
/// # Errors
/// As [`encode`]; then `out` is as it was.
pub fn encode_into(entry: &Entry, out: &mut Vec<u8>) -> Result<(), PayloadError> {
    let begin = out.len();
    let expected = entry.events().len().saturating_mul(USUAL).saturating_add(USUAL);
    Writer::new(out, expected.min(MAX_PAYLOAD)).entry(entry);
    match out.len() - begin {
        0..=MAX_PAYLOAD => Ok(()),
        bytes => {
            out.truncate(begin);
            Err(PayloadError::TooLarge { bytes })
        }
    }
}

/// Decodes a payload of a schema. The bytes are valid only if they are consumed whole, every value parses into its
/// type, and the entry encodes again to the same bytes.
///
/// # Errors
/// [`PayloadError`] by cause; where several apply, the first that is met. Never panics, and takes memory only in
/// proportion to the bytes.
pub fn decode(schema: u16, id: EntryId, payload: &[u8]) -> Result<Entry, PayloadError> {
    Decoder::default().decode(schema, id, payload)
}

/// Decodes payloads one after another, as those of a log are: what it met in one it need not judge again in the next.
/// Each comes to what [`decode`] makes of it alone.
///
/// ```
/// use sanad_codec::{Decoder, SCHEMA, decode, encode};
/// use sanad_core::{Entry, Event, HolderRegistered};
/// let registered = HolderRegistered { holder: "acme".parse()?, title: "Acme".parse()? };
/// let id = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
/// let entry = Entry::new(id, "mof".parse()?, None, None, false, vec![Event::HolderRegistered(registered)])?;
/// let payload = encode(&entry)?;
/// let mut decoder = Decoder::default();
/// for _ in 0..2 {
///     assert_eq!(decoder.decode(SCHEMA, id, &payload), decode(SCHEMA, id, &payload));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Decoder {
    names: Names,
}

impl Decoder {
    /// As [`decode`](decode()).
    ///
    /// # Errors
    /// As [`decode`](decode()); the next payload may be decoded all the same.
    pub fn decode(
        &mut self,
        schema: u16,
        id: EntryId,
        payload: &[u8],
    ) -> Result<Entry, PayloadError> {
        if schema != SCHEMA {
            return Err(PayloadError::UnknownSchema { found: schema });
        }
        if payload.len() > MAX_PAYLOAD {
            return Err(PayloadError::TooLarge { bytes: payload.len() });
        }
        Reader::new(payload, &mut self.names).entry(id).map_err(|refused| *refused)
    }
}
