//! Identifiers that people type: pools, holders and actors.

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

/// The longest identifier, in bytes.
const MAX_LEN: usize = 64;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlugError {
    /// Nothing was given.
    #[error("an identifier is empty; give at least one of a-z or 0-9")]
    Empty,
    /// More than 64 bytes.
    #[error("an identifier has {found} bytes; at most {MAX_LEN} are allowed")]
    TooLong {
        /// Bytes found.
        found: usize,
    },
    /// A character outside `[a-z0-9._/-]`, or `.`, `_`, `/`, `-` in the first place.
    #[error(
        "character {position} of an identifier is {character:?}; \
         use a-z, 0-9, and after the first also . _ / -"
    )]
    BadCharacter {
        /// Counted from 1.
        position: usize,
        /// The character.
        character: char,
    },
}

/// Set where a byte may stand behind the first.
const LATER: u8 = 1;
/// Set where it may be the first, too.
const FIRST: u8 = 2;

/// Where each byte may stand.
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut byte = 0u8;
    while byte < u8::MAX {
        places[byte as usize] = match byte {
            b'a'..=b'z' | b'0'..=b'9' => FIRST | LATER,
            b'.' | b'_' | b'/' | b'-' => LATER,
            _ => 0,
        };
        byte += 1;
    }
    places
};

#[inline]
fn places(byte: u8) -> u8 {
    PLACES[usize::from(byte)]
}

/// Every entry has several: a look at the table for each byte, and no branch.
#[inline]
fn parse(text: &str) -> Result<SmolStr, SlugError> {
    match text.as_bytes() {
        [first, later @ ..] if later.len() < MAX_LEN => {
            let fit = later.iter().fold(LATER, |fit, byte| fit & places(*byte));
            if places(*first) & FIRST != 0 && fit != 0 {
                Ok(SmolStr::new(text))
            } else {
                Err(refused(text))
            }
        }
        _ => Err(refused(text)),
    }
}

/// Why a text is none.
#[cold]
#[inline(never)]
fn refused(text: &str) -> SlugError {
    if text.is_empty() {
        return SlugError::Empty;
    }
    if text.len() > MAX_LEN {
        return SlugError::TooLong { found: text.len() };
    }
    let wrong = |(index, byte): &(usize, u8)| {
        places(*byte) & (if *index == 0 { FIRST } else { LATER }) == 0
    };
    // All bytes before it are ASCII, so it stands at the same place among the characters.
    let index = text.bytes().enumerate().find(wrong).map_or(0, |(index, _)| index);
    let character = text.chars().nth(index).unwrap_or(char::REPLACEMENT_CHARACTER);
    SlugError::BadCharacter { position: index + 1, character }
}

macro_rules! slug {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// ASCII, `[a-z0-9][a-z0-9._/-]*`, at most 64 bytes. Cheap to clone.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// The identifier as text.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugError;

            #[inline]
            fn from_str(text: &str) -> Result<Self, SlugError> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

slug! {
    /// Names a pool.
    ///
    /// ```
    /// use sanad_core::PoolId;
    /// assert!("pk-surplus/mining".parse::<PoolId>().is_ok());
    /// assert!("PK surplus".parse::<PoolId>().is_err());
    /// ```
    PoolId
}
slug! {
    /// Names a holder.
    HolderId
}
slug! {
    /// Names who asked for an entry.
    ActorId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_left_override_cannot_hide_in_an_identifier() {
        let error = "acme\u{202e}gnp".parse::<HolderId>().unwrap_err();
        assert_eq!(error, SlugError::BadCharacter { position: 5, character: '\u{202e}' });
    }

    /// The table says what the rule says.
    #[test]
    fn every_character_is_judged_in_both_places() {
        for character in (0..0x800).filter_map(char::from_u32) {
            let first = character.is_ascii_lowercase() || character.is_ascii_digit();
            let later = first || "._/-".contains(character);
            let wrong = |position| SlugError::BadCharacter { position, character };
            let judged = |text: String| text.parse::<PoolId>().map(drop);
            let expected = if first { Ok(()) } else { Err(wrong(1)) };
            assert_eq!(judged(format!("{character}b")), expected, "{character:?}");
            let expected = if later { Ok(()) } else { Err(wrong(2)) };
            assert_eq!(judged(format!("a{character}b")), expected, "{character:?}");
        }
    }

    #[test]
    fn only_letters_and_digits_may_come_first() {
        for text in [".a", "-a", "/a", "_a"] {
            assert!(matches!(
                text.parse::<PoolId>(),
                Err(SlugError::BadCharacter { position: 1, .. })
            ));
        }
    }

    #[test]
    fn sixty_four_bytes_fit_and_sixty_five_do_not() {
        assert!("a".repeat(64).parse::<PoolId>().is_ok());
        assert_eq!("a".repeat(65).parse::<PoolId>(), Err(SlugError::TooLong { found: 65 }));
        assert_eq!("".parse::<PoolId>(), Err(SlugError::Empty));
    }
}
