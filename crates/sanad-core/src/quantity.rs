//! Amounts as a person writes them: exact decimals, perhaps with a unit.

use std::fmt;
use std::str::FromStr;

use crate::unit::{Unit, UnitError, UnitSymbol};

/// More digits than any 64-bit amount with 18 decimals has.
const MAX_DIGITS: usize = 38;

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// Nothing was given.
    #[error("the amount is empty; write a decimal such as 300 or 92.4")]
    Empty,
    /// Below zero.
    #[error("the amount {text} is negative; to take back, revoke")]
    Negative {
        /// What was given.
        text: String,
    },
    /// Not a plain decimal.
    #[error("{text:?} is no amount; write digits with at most one point, such as 300 or 92.4")]
    NotADecimal {
        /// What was given, cut after 48 characters.
        text: String,
    },
    /// More digits than a ledger can hold.
    #[error("the amount has {found} digits; at most {MAX_DIGITS} are read")]
    TooManyDigits {
        /// Digits found.
        found: usize,
    },
    /// What stands behind the number is no unit.
    #[error("the unit behind the amount is refused: {0}")]
    Unit(#[from] UnitError),
}

/// An exact decimal as it was asked for; it becomes an amount when the pool's unit is known.
///
/// ```
/// use sanad_core::Quantity;
/// let asked: Quantity = "300 MW".parse()?;
/// assert_eq!(asked.to_string(), "300 MW");
/// assert!("-5".parse::<Quantity>().is_err());
/// # Ok::<(), sanad_core::QuantityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// The digits without the point, and without zeros at the end of the fraction.
    digits: u128,
    scale: u8,
    unit: Option<UnitSymbol>,
}

impl Quantity {
    /// A quantity from a total that is already counted in a unit's smallest part.
    #[must_use]
    pub fn exact(count: u64, unit: &Unit) -> Self {
        let (mut digits, mut scale) = (u128::from(count), unit.decimals());
        while scale > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            scale -= 1;
        }
        Self { digits, scale, unit: Some(unit.symbol().clone()) }
    }

    /// The unit that was written behind the number.
    #[must_use]
    pub fn unit(&self) -> Option<&UnitSymbol> {
        self.unit.as_ref()
    }

    /// The count of the smallest part in a unit with so many decimals; `None` where the quantity is finer than that.
    /// Too large a count is returned as the largest, `u128::MAX`.
    #[must_use]
    pub fn count(&self, decimals: u8) -> Option<u128> {
        let shift = u32::from(decimals.checked_sub(self.scale)?);
        // Nearly all fit into 64 bits, which is much less work.
        let short = u64::try_from(self.digits).ok().and_then(|digits| {
            let shift = 10u64.checked_pow(shift)?;
            digits.checked_mul(shift).map(u128::from)
        });
        let long = || self.digits.checked_mul(10u128.checked_pow(shift)?);
        Some(short.or_else(long).unwrap_or(u128::MAX))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let text = text.trim();
        let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(text.len());
        let (number, symbol) = (&text[..end], text[end..].trim_start());
        if number.is_empty() && symbol.is_empty() {
            return Err(QuantityError::Empty);
        }
        let shown = || text.chars().take(48).collect::<String>();
        if let Some(rest) = text.strip_prefix('-') {
            // Only a plain amount is said as it stands; no second sign is looked for, however many there are.
            let plain = if rest.starts_with('-') { None } else { rest.parse::<Self>().ok() };
            return Err(match plain {
                Some(amount) => QuantityError::Negative { text: format!("-{amount}") },
                None => QuantityError::NotADecimal { text: shown() },
            });
        }
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        // "1e3" or "0x10" must not pass for one of a unit "e3".
        let glued = text[end..].starts_with(|c: char| !c.is_whitespace());
        let misread = glued && symbol.contains(|c: char| c.is_numeric() || c == ',' || c == '_');
        if !plain(whole) || !plain(fraction) || misread {
            return Err(QuantityError::NotADecimal { text: shown() });
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let found = whole.len() + fraction.len();
        if found > MAX_DIGITS {
            return Err(QuantityError::TooManyDigits { found });
        }
        let digits = whole
            .bytes()
            .chain(fraction.bytes())
            .fold(0u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
        let scale = u8::try_from(fraction.len()).unwrap_or(u8::MAX);
        let unit = if symbol.is_empty() { None } else { Some(symbol.parse()?) };
        Ok(Self { digits, scale, unit })
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let padded = format!("{:0width$}", self.digits, width = usize::from(self.scale) + 1);
        let (whole, fraction) = padded.split_at(padded.len() - usize::from(self.scale));
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{whole}{point}{fraction}")?;
        match &self.unit {
            Some(unit) => write!(f, " {unit}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_number_written_differently_is_the_same_quantity() {
        assert_eq!(quantity("92.4"), quantity("092.400"));
        assert_eq!(quantity("300 MW"), quantity("300MW"));
    }

    #[test]
    fn an_amount_finer_than_the_decimals_has_no_count() {
        assert_eq!(quantity("92.4").count(3), Some(92_400));
        assert_eq!(quantity("0.0005").count(3), None);
        assert_eq!(quantity("0.0000").count(0), Some(0));
    }

    #[test]
    fn a_quantity_too_large_to_count_saturates_and_does_not_wrap() {
        assert_eq!(quantity(&"9".repeat(38)).count(18), Some(u128::MAX));
        assert_eq!(
            "9".repeat(39).parse::<Quantity>(),
            Err(QuantityError::TooManyDigits { found: 39 })
        );
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in [
            "1,000", "1e3", "1..2", ".5", "5.", "٣٠٠", "0x10", "NaN", "1_000", "--5", "5_MW",
            "5,MW",
        ] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    /// Found by the fuzzing program `measure`: what stood behind a minus sign was said as it was given, and could clear
    /// a terminal's screen or be read backwards.
    #[test]
    fn below_zero_nothing_is_said_but_an_amount() {
        let said = |text: &str| text.parse::<Quantity>().unwrap_err().to_string();
        assert_eq!(said("-5 MW"), "the amount -5 MW is negative; to take back, revoke");
        assert_eq!(
            said("-092.40\u{2028}MW"),
            "the amount -92.4 MW is negative; to take back, revoke"
        );
        for hostile in ["-5\u{1b}[2J", "-5 \u{202e}WM", "-5\0", "-\n", "--5", "-5 M\nW"] {
            let told = said(hostile);
            assert!(told.contains("is no amount"), "{told}");
            assert!(!told.contains(['\u{1b}', '\u{202e}', '\0', '\n']), "{told}");
        }
        assert!(said(&"-".repeat(1 << 20)).contains("is no amount"));
    }

    #[test]
    fn a_count_is_written_without_needless_zeros_and_counts_the_same() {
        for (count, decimals, text) in [
            (0, 3, "0 MW"),
            (1, 3, "0.001 MW"),
            (10, 3, "0.01 MW"),
            (92_400, 3, "92.4 MW"),
            (300_000, 3, "300 MW"),
            (300_000, 0, "300000 MW"),
            (u64::MAX, 18, "18.446744073709551615 MW"),
        ] {
            let exact =
                Quantity::exact(count, &Unit::new("MW".parse().unwrap(), decimals).unwrap());
            assert_eq!(exact.to_string(), text);
            assert_eq!(exact, quantity(text));
            assert_eq!(exact.count(decimals), Some(u128::from(count)));
        }
    }

    #[test]
    fn writing_and_reading_agree() {
        for text in ["0", "300", "92.4", "0.001", "100.05 MW"] {
            assert_eq!(quantity(text).to_string(), text);
        }
    }
}
