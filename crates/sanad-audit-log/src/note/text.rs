//! The text of a note.

use std::fmt;

use super::MAX_NOTE;
use super::error::NoteError;

/// What is signed: UTF-8 that ends in a line feed and has no other control character (those below
/// U+0020). It may have blank lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoteText(String);

impl NoteText {
    /// Parses a text.
    ///
    /// # Errors
    /// [`NoteError::TooLong`], [`NoteError::ControlCharacter`] or [`NoteError::NoLastLineFeed`].
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        checked(&text)?;
        Ok(Self(text))
    }

    /// A text that was put together out of parts that have no control character, and ends in a line
    /// feed.
    pub(crate) fn from_parts(text: String) -> Self {
        debug_assert!(matches!(checked(&text), Ok(()) | Err(NoteError::TooLong { .. })));
        Self(text)
    }

    /// The text, the last line feed included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks what holds for a note's text and for a whole note alike.
pub(super) fn checked(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLong { found: text.len() });
    }
    if let Some(at) = text.bytes().position(|byte| byte < 0x20 && byte != b'\n') {
        let character = char::from(text.as_bytes()[at]);
        return Err(NoteError::ControlCharacter { character, at });
    }
    if text.ends_with('\n') { Ok(()) } else { Err(NoteError::NoLastLineFeed) }
}
