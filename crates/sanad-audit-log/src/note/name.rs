//! Names of keys and of logs.

use std::fmt;
use std::str::FromStr;

/// The name of a key in a note, and the origin of a log: a URL without its scheme, by custom. It is
/// not empty and has no white space (Unicode `White_Space`), no `+` and no control character.
///
/// ```
/// use sanad_audit_log::note::KeyName;
/// assert!("ledger.example/pk".parse::<KeyName>().is_ok());
/// assert!("two words".parse::<KeyName>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName(String);

/// Why a text cannot name a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyNameError {
    /// There is no name.
    #[error("the key has no name; give one such as ledger.example/pk")]
    Empty,
    /// A character may not stand in a name.
    #[error("the key's name has the character {character:?}, which is not allowed there")]
    Character {
        /// The first such character.
        character: char,
    },
}

impl KeyName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As much of the name as a message can bear. A note is from elsewhere: a name in it can be as long as the note,
    /// and have characters that hide or reorder what stands beside them.
    pub fn shown(&self) -> String {
        const MOST: usize = 255;
        let misleads = |c| {
            let code = u32::from(c);
            matches!(code, 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069 | 0xfeff)
        };
        let shown = |c| if misleads(c) { char::REPLACEMENT_CHARACTER } else { c };
        let cut = self.0.chars().nth(MOST).map(|_| '…');
        self.0.chars().take(MOST).map(shown).chain(cut).collect()
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        if text.is_empty() {
            return Err(KeyNameError::Empty);
        }
        match text.chars().find(|c| c.is_whitespace() || c.is_control() || *c == '+') {
            Some(character) => Err(KeyNameError::Character { character }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
