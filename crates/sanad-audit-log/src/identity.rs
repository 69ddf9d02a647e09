//! What identifies a ledger, and the genesis hash made of it.

use std::fmt;

use crate::hash::ChainHash;
use crate::id::LedgerId;

/// The ledger format that this library writes and reads.
pub const FORMAT: u16 = 1;
/// The longest time zone name, in bytes.
pub const MAX_TIME_ZONE: usize = 64;
/// The longest origin, in bytes.
pub const MAX_ORIGIN: usize = 255;
/// The longest title, in bytes.
pub const MAX_TITLE: usize = 256;

/// What a ledger is, fixed for ever when it is created. Its hash is the chain's genesis, so no record
/// can be moved to a ledger with another id, time zone, origin, title or time of creation.
///
/// ```
/// use sanad_audit_log::{Identity, LedgerId};
/// let id = LedgerId::new("0197a3b0-5c1e-7d00-8000-000000000001".parse()?);
/// let identity = Identity::new(id, 1_748_113_200_000_000, "Asia/Karachi", "ledger.example/pk", "")?;
/// assert_eq!(identity.format(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    ledger_id: LedgerId,
    created_at_us: i64,
    time_zone: String,
    origin: String,
    title: String,
}

/// Why something cannot be a ledger's identity.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A field that must not be empty is.
    #[error("the ledger's {field} is empty; give one")]
    Empty {
        /// Which field.
        field: IdentityField,
    },
    /// A field is too long.
    #[error("the ledger's {field} has {bytes} bytes; at most {most} are allowed")]
    TooLong {
        /// Which field.
        field: IdentityField,
        /// How long it is, in bytes of UTF-8.
        bytes: usize,
        /// How long it may be, in bytes of UTF-8.
        most: usize,
    },
    /// A field has a character that it may not have.
    #[error("the ledger's {field} has the character {character:?}, which is not allowed there")]
    Character {
        /// Which field.
        field: IdentityField,
        /// The first such character.
        character: char,
    },
}

/// A field of text in an [`Identity`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum IdentityField {
    /// The IANA time zone name.
    TimeZone,
    /// The origin.
    Origin,
    /// The title.
    Title,
}

impl fmt::Display for IdentityField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimeZone => "time zone",
            Self::Origin => "origin",
            Self::Title => "title",
        })
    }
}

impl Identity {
    /// Parses an identity.
    ///
    /// - `created_at_us`: when the ledger was created, in microseconds since 1970-01-01T00:00:00Z.
    /// - `time_zone`: an IANA name such as `Asia/Karachi`. Only its characters are checked here,
    ///   since this crate has no time zone database.
    /// - `origin`: names the ledger in checkpoints (C2SP `tlog-checkpoint`): no white space, no `+`.
    /// - `title`: for people; may be empty.
    ///
    /// # Errors
    /// [`IdentityError`] names the first field that is not acceptable, and why.
    pub fn new(
        ledger_id: LedgerId,
        created_at_us: i64,
        time_zone: impl Into<String>,
        origin: impl Into<String>,
        title: impl Into<String>,
    ) -> Result<Self, IdentityError> {
        let (time_zone, origin, title) = (time_zone.into(), origin.into(), title.into());
        let in_zone = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        let in_origin = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        filled(IdentityField::TimeZone, &time_zone)?;
        checked(IdentityField::TimeZone, &time_zone, MAX_TIME_ZONE, in_zone)?;
        filled(IdentityField::Origin, &origin)?;
        checked(IdentityField::Origin, &origin, MAX_ORIGIN, in_origin)?;
        checked(IdentityField::Title, &title, MAX_TITLE, |c| !c.is_control())?;
        Ok(Self { ledger_id, created_at_us, time_zone, origin, title })
    }

    /// The format number, [`FORMAT`].
    pub const fn format(&self) -> u16 {
        FORMAT
    }

    /// The ledger's id.
    pub const fn ledger_id(&self) -> LedgerId {
        self.ledger_id
    }

    /// When the ledger was created, in microseconds since 1970-01-01T00:00:00Z.
    pub const fn created_at_us(&self) -> i64 {
        self.created_at_us
    }

    /// The IANA name of the time zone in which dates without a time are read.
    pub fn time_zone(&self) -> &str {
        &self.time_zone
    }

    /// The name of the ledger in checkpoints.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The title for people; may be empty.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The genesis hash: what the first record's chain hash follows from.
    pub fn genesis(&self) -> ChainHash {
        ChainHash::genesis(&self.canonical())
    }

    /// The bytes that are hashed (`docs/format/identity.md`).
    fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        bytes.extend_from_slice(self.ledger_id.as_bytes());
        bytes.extend_from_slice(&self.created_at_us.to_le_bytes());
        for text in [&self.time_zone, &self.origin, &self.title] {
            // The constructor holds every text far below 65,536 bytes.
            bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }
}

fn filled(field: IdentityField, text: &str) -> Result<(), IdentityError> {
    if text.is_empty() { Err(IdentityError::Empty { field }) } else { Ok(()) }
}

fn checked(
    field: IdentityField,
    text: &str,
    most: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), IdentityError> {
    if text.len() > most {
        return Err(IdentityError::TooLong { field, bytes: text.len(), most });
    }
    match text.chars().find(|&c| !allowed(c)) {
        Some(character) => Err(IdentityError::Character { field, character }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(zone: &str, origin: &str, title: &str) -> Result<Identity, IdentityError> {
        Identity::new(LedgerId::new(uuid::Uuid::from_bytes([1; 16])), 5, zone, origin, title)
    }

    #[test]
    fn a_title_in_urdu_is_welcome() {
        assert!(identity("Asia/Karachi", "ledger.example/pk", "فاضل بجلی").is_ok());
    }

    #[test]
    fn texts_that_could_confuse_a_checkpoint_are_refused() {
        use IdentityField::*;
        let character = |field, character| Err(IdentityError::Character { field, character });
        assert_eq!(identity("UTC", "a+b", ""), character(Origin, '+'));
        assert_eq!(identity("UTC", "a\u{a0}b", ""), character(Origin, '\u{a0}'));
        assert_eq!(identity("UTC", "a\nb", ""), character(Origin, '\n'));
        assert_eq!(identity("UTC", "a", "two\nlines"), character(Title, '\n'));
        assert_eq!(identity("Asia Karachi", "a", ""), character(TimeZone, ' '));
        assert_eq!(identity("", "a", ""), Err(IdentityError::Empty { field: TimeZone }));
        assert_eq!(identity("UTC", "", ""), Err(IdentityError::Empty { field: Origin }));
        let long = "ا".repeat(129);
        let too_long = IdentityError::TooLong { field: Title, bytes: 258, most: 256 };
        assert_eq!(
            too_long.to_string(),
            "the ledger's title has 258 bytes; at most 256 are allowed"
        );
        assert_eq!(identity("UTC", "a", &long), Err(too_long));
        let (zone, origin) = ("Z".repeat(MAX_TIME_ZONE), "o".repeat(MAX_ORIGIN));
        assert!(identity(&zone, &origin, &"t".repeat(MAX_TITLE)).is_ok());
    }

    #[test]
    fn moving_a_byte_from_one_field_to_the_next_changes_the_genesis() {
        let one = identity("UTC", "ab", "c").unwrap();
        let other = identity("UTC", "a", "bc").unwrap();
        assert_ne!(one.genesis(), other.genesis());
    }
}
