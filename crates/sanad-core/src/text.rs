//! Free texts, in any script, bounded and free of characters that mislead a reader.

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// Longer than its kind allows.
    #[error("the text has {found} bytes of UTF-8; at most {max} are allowed")]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// A control character (a line break among them).
    #[error("character {position} of the text is the control character U+{code:04X}; remove it")]
    Control {
        /// Counted from 1.
        position: usize,
        /// The code point.
        code: u32,
    },
    /// An embedding, override or isolate: it would reorder what stands beside the text in a report.
    #[error(
        "character {position} of the text is U+{code:04X}, which changes the writing direction of its \
         surroundings; remove it (Arabic and Urdu need none)"
    )]
    Bidi {
        /// Counted from 1.
        position: usize,
        /// The code point.
        code: u32,
    },
}

#[inline]
fn parse(text: &str, max: usize) -> Result<SmolStr, TextError> {
    // Where all is printable ASCII and the first is no space, nothing more is to be asked.
    match text.as_bytes() {
        [b'!'..=b'~', later @ ..]
            if later.len() < max
                && later.iter().fold(true, |fit, byte| fit & is_printable(byte)) =>
        {
            Ok(SmolStr::new(text))
        }
        _ => parse_any(text, max),
    }
}

fn is_printable(byte: &u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// As [`parse`], for texts in any script.
#[inline(never)]
fn parse_any(text: &str, max: usize) -> Result<SmolStr, TextError> {
    if text.len() > max {
        return Err(TextError::TooLong { found: text.len(), max });
    }
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    for (index, character) in text.chars().enumerate() {
        let (position, code) = (index + 1, u32::from(character));
        if character.is_control() || matches!(code, 0x2028 | 0x2029) {
            return Err(TextError::Control { position, code });
        }
        if matches!(code, 0x202A..=0x202E | 0x2066..=0x2069) {
            return Err(TextError::Bidi { position, code });
        }
    }
    Ok(SmolStr::new(text))
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[doc = concat!("\n\nUTF-8 in any script, 1 to ", $max, " bytes, no control characters and no direction overrides.")]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// The longest text of this kind, in bytes.
            pub const MAX_LEN: usize = $max;

            /// The text.
            #[must_use]
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            #[inline]
            fn from_str(text: &str) -> Result<Self, TextError> {
                parse(text, $max).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text! {
    /// The name of a pool or holder as people write it.
    ///
    /// ```
    /// use sanad_core::Title;
    /// let title: Title = "فاضل بجلی".parse()?;
    /// assert_eq!(title.as_str(), "فاضل بجلی");
    /// # Ok::<(), sanad_core::TextError>(())
    /// ```
    Title, 256
}
text! {
    /// What a grant is for.
    Purpose, 128
}
text! {
    /// Why an entry was made.
    Reason, 2048
}
text! {
    /// The reference of a legal document.
    Reference, 512
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urdu_with_its_joiners_is_a_title() {
        assert!("وزارتِ خزانہ، حکومتِ پاکستان".parse::<Title>().is_ok());
        assert!("می\u{200c}خواهم".parse::<Title>().is_ok());
    }

    #[test]
    fn a_title_cannot_carry_an_override_a_line_break_or_an_escape() {
        assert_eq!(
            "a\u{202e}b".parse::<Title>(),
            Err(TextError::Bidi { position: 2, code: 0x202e })
        );
        assert_eq!("a\nb".parse::<Title>(), Err(TextError::Control { position: 2, code: 10 }));
        assert_eq!("\u{1b}[2J".parse::<Title>(), Err(TextError::Control { position: 1, code: 27 }));
    }

    /// What is quickly let through is what the rule lets through.
    #[test]
    fn short_and_long_ways_come_to_the_same() {
        for character in (0..0x3000).filter_map(char::from_u32) {
            for text in [format!("{character}"), format!("{character} a"), format!("a{character}")]
            {
                for max in [1, 2, 3, 8] {
                    assert_eq!(parse(&text, max), parse_any(&text, max), "{text:?} of {max}");
                }
            }
        }
    }

    #[test]
    fn length_is_counted_in_bytes() {
        assert!("ب".repeat(128).parse::<Title>().is_ok());
        assert_eq!(
            "ب".repeat(129).parse::<Title>(),
            Err(TextError::TooLong { found: 258, max: 256 })
        );
        assert_eq!("  ".parse::<Title>(), Err(TextError::Empty));
    }
}
