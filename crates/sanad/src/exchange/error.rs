//! What is wrong with a line of the exchange form, and where.

use std::fmt;

use sanad_core::{Cause, DigestError, IdError, QuantityError, SlugError, TextError, UnitError};

use super::MAX_LINE_LEN;
use crate::calendar::CalendarError;

/// Where in the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u64,
    /// The byte in the line, counted from 1, where it is known.
    pub column: Option<usize>,
    /// The field, as in `events[2].grant.amount`, where it is known.
    pub path: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        match &self.path {
            Some(path) => write!(f, ", {path}"),
            None => Ok(()),
        }
    }
}

/// A line that is no act.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct ExchangeError {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    #[source]
    pub fault: Fault,
}

impl ExchangeError {
    /// The stable code, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.fault {
            Fault::Malformed(_) => "malformed_json",
            Fault::Form(_) | Fault::NotOneOf { .. } => "not_an_act",
            Fault::TooLong => "line_too_long",
            Fault::NotUtf8 => "not_utf8",
            Fault::Read(_) => "unreadable",
            _ => "bad_value",
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not JSON; the text is the parser's.
    #[error("this is no JSON: {0}")]
    Malformed(String),
    /// JSON, but not an act: a field that is unknown, missing, repeated or of the wrong type.
    #[error("{0}")]
    Form(String),
    /// An object that names one thing of several names none, or more than one.
    #[error("give exactly one of {allowed}; {found} are given")]
    NotOneOf {
        /// The names that are possible.
        allowed: &'static str,
        /// How many were given.
        found: usize,
    },
    /// No identifier.
    #[error(transparent)]
    Slug(#[from] SlugError),
    /// No entry or grant id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A text that is too long, empty, or carries characters that mislead.
    #[error(transparent)]
    Text(#[from] TextError),
    /// No amount.
    #[error(transparent)]
    Quantity(#[from] QuantityError),
    /// No unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// No document digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// No date or time.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// A window without an instant in it.
    #[error("the window ends at {until}, which is not after its beginning at {from}")]
    EndsBeforeItBegins {
        /// The first instant, as the ledger's calendar writes it.
        from: String,
        /// The end.
        until: String,
    },
    /// No cause of a revocation.
    #[error("{name:?} is no cause; use one of {}", causes())]
    UnknownCause {
        /// What was given, cut after 48 characters.
        name: String,
    },
    /// The line is longer than any act.
    #[error(
        "the line is longer than {MAX_LINE_LEN} bytes; write one act a line, and large ones as several"
    )]
    TooLong,
    /// The line is not UTF-8.
    #[error("the line is not UTF-8; save the file in UTF-8")]
    NotUtf8,
    /// The stream could not be read on.
    #[error("cannot read on: {0}")]
    Read(#[source] std::io::Error),
}

fn causes() -> String {
    Cause::ALL.map(Cause::as_str).join(", ")
}

/// As much of a message as a reader can bear: of a long one its beginning and its end, without what would move a
/// terminal's cursor, hide or reorder what stands around it. The JSON reader says names and values as they are given.
pub(super) fn bearable(message: &str) -> String {
    const BEGINNING: usize = 100;
    const END: usize = 200;
    let shown = |character: char| match u32::from(character) {
        0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x2069 | 0xfeff => '\u{fffd}',
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    };
    let length = message.chars().count();
    if length <= BEGINNING + END {
        return message.chars().map(shown).collect();
    }
    let beginning = message.chars().take(BEGINNING).chain(['…']);
    beginning.chain(message.chars().skip(length - END)).map(shown).collect()
}
