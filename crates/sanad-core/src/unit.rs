//! Units of a pool: a symbol and how many decimals an amount may have.

use std::fmt;
use std::str::FromStr;

use smol_str::SmolStr;

/// Why a unit is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// No symbol, or more than 16 bytes.
    #[error("a unit's symbol has 1 to 16 bytes; this one has {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A character that would be confused with the number or the line around it.
    #[error(
        "a unit's symbol may not hold {character:?}; use letters and signs without space, \
         and do not begin with a digit"
    )]
    BadCharacter {
        /// The character.
        character: char,
    },
    /// More decimals than a 64-bit amount can use.
    #[error("a unit has 0 to 18 decimals; {found} were asked for")]
    TooManyDecimals {
        /// Decimals asked for.
        found: u8,
    },
}

/// The sign of a unit: `MW`, `address`, `tCO2e`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnitSymbol(SmolStr);

impl UnitSymbol {
    /// The symbol as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UnitSymbol {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        if text.is_empty() || text.len() > 16 {
            return Err(UnitError::Length { found: text.len() });
        }
        let confusing = |(index, c): &(usize, char)| {
            c.is_control()
                || c.is_whitespace()
                || matches!(c, '+' | '-' | ',' | '"' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                || (*index == 0 && (c.is_numeric() || *c == '.'))
        };
        match text.chars().enumerate().find(confusing) {
            Some((_, character)) => Err(UnitError::BadCharacter { character }),
            None => Ok(Self(SmolStr::new(text))),
        }
    }
}

impl fmt::Display for UnitSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A unit: its symbol, and the decimals of its smallest part.
///
/// ```
/// use sanad_core::Unit;
/// let megawatt = Unit::new("MW".parse()?, 3)?;
/// assert_eq!(megawatt.write(92_400), "92.4");
/// assert_eq!(megawatt.write_with_symbol(-1_000), "-1 MW");
/// # Ok::<(), sanad_core::UnitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit {
    symbol: UnitSymbol,
    decimals: u8,
}

impl Unit {
    /// The most decimals a unit can have.
    pub const MAX_DECIMALS: u8 = 18;

    /// Joins a symbol and its decimals.
    ///
    /// # Errors
    /// [`UnitError::TooManyDecimals`] beyond 18.
    pub fn new(symbol: UnitSymbol, decimals: u8) -> Result<Self, UnitError> {
        if decimals > Self::MAX_DECIMALS {
            return Err(UnitError::TooManyDecimals { found: decimals });
        }
        Ok(Self { symbol, decimals })
    }

    /// The symbol.
    #[must_use]
    pub fn symbol(&self) -> &UnitSymbol {
        &self.symbol
    }

    /// How many decimals an amount may have.
    #[must_use]
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Writes a total as an exact decimal, without needless zeros.
    #[must_use]
    pub fn write(&self, total: i128) -> String {
        let scale = 10u128.pow(u32::from(self.decimals));
        let magnitude = total.unsigned_abs();
        let (whole, rest) = (magnitude / scale, magnitude % scale);
        let sign = if total < 0 { "-" } else { "" };
        if rest == 0 {
            return format!("{sign}{whole}");
        }
        let digits = format!("{rest:0width$}", width = usize::from(self.decimals));
        format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
    }

    /// Writes a total as an exact decimal with the symbol behind it.
    #[must_use]
    pub fn write_with_symbol(&self, total: i128) -> String {
        format!("{} {}", self.write(total), self.symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_has_one_to_sixteen_bytes() {
        assert_eq!("".parse::<UnitSymbol>(), Err(UnitError::Length { found: 0 }));
        assert_eq!("a".repeat(17).parse::<UnitSymbol>(), Err(UnitError::Length { found: 17 }));
        for symbol in ["a", "tCO2e", "km.s", &"a".repeat(16), "میگاواٹ"] {
            assert_eq!(symbol.parse::<UnitSymbol>().unwrap().as_str(), symbol);
        }
    }

    #[test]
    fn a_symbol_is_not_confused_with_the_number_or_the_line_around_it() {
        for (symbol, character) in [
            ("M W", ' '),
            ("M\u{7}", '\u{7}'),
            ("M\u{85}", '\u{85}'),
            ("M\u{3000}", '\u{3000}'),
            ("M-W", '-'),
            ("M,W", ','),
            ("2MW", '2'),
            (".MW", '.'),
            ("\u{663}MW", '\u{663}'),
            ("M\u{202e}W", '\u{202e}'),
            ("\u{2067}MW", '\u{2067}'),
            ("M\u{200d}", '\u{200d}'),
        ] {
            assert_eq!(symbol.parse::<UnitSymbol>(), Err(UnitError::BadCharacter { character }));
        }
    }
}
