//! One column's numbers in few bytes each: the least of them, what all others are away from it, in steps.

use crate::error::SnapshotError;

/// The bytes that a field takes in a chunk's head: base, step and width, 8 each.
pub(crate) const FIELD_HEAD: usize = 24;

/// How a column's numbers are written within a chunk: `(number − base) / step`, in `width` bytes.
///
/// Numbers of neighbouring rows are near one another, so most take 0 to 3 bytes of 8. The step makes days of what is
/// counted in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) base: u64,
    pub(crate) step: u64,
    pub(crate) width: usize,
    mask: u64,
}

impl Field {
    fn new(base: u64, step: u64, width: usize) -> Self {
        let mask = if width == 0 { 0 } else { u64::MAX >> (64 - 8 * width) };
        Self { base, step, width, mask }
    }

    /// A field in which every number is 0.
    pub(crate) fn empty() -> Self {
        Self::new(0, 1, 0)
    }

    /// The field in which these numbers take the fewest bytes, of which the least and the greatest are known.
    pub(crate) fn within((base, most): (u64, u64), numbers: impl Iterator<Item = u64>) -> Self {
        if base == most {
            return Self::new(base, 1, 0);
        }
        let mut step = 0;
        for number in numbers {
            let away = number - base;
            // Most are multiples of the step already, which is cheaper to see than to compute.
            if step == 0 || !away.is_multiple_of(step) {
                step = common_divisor(step, away);
            }
            if step == 1 {
                break;
            }
        }
        let bits = u64::BITS - ((most - base) / step).leading_zeros();
        Self::new(base, step, usize::try_from(bits.div_ceil(8)).unwrap_or(8))
    }

    /// A number as it is written: the first `width` bytes count.
    pub(crate) fn written(self, number: u64) -> [u8; 8] {
        let away = number - self.base;
        // Most steps are 1, and to divide takes longer than to look.
        (if self.step == 1 { away } else { away / self.step }).to_le_bytes()
    }

    /// The number that is written so.
    #[inline]
    pub(crate) fn number(self, written: u64) -> u64 {
        // What was read was checked not to wrap.
        self.base.wrapping_add(self.step.wrapping_mul(written & self.mask))
    }

    /// The number that is written so, unless it is none.
    pub(crate) fn checked(self, written: u64) -> Option<u64> {
        self.step.checked_mul(written).and_then(|away| self.base.checked_add(away))
    }

    /// The bits of eight bytes that belong to the field.
    #[inline]
    pub(crate) fn mask(self) -> u64 {
        self.mask
    }

    pub(crate) fn head(self) -> [u8; FIELD_HEAD] {
        let mut head = [0; FIELD_HEAD];
        head[..8].copy_from_slice(&self.base.to_le_bytes());
        head[8..16].copy_from_slice(&self.step.to_le_bytes());
        head[16] = self.width.to_le_bytes()[0];
        head
    }

    pub(crate) fn read(
        head: &[u8; FIELD_HEAD],
        table: &'static str,
    ) -> Result<Self, SnapshotError> {
        let number = |at: usize| head[at..].first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        let (base, step, width) = (number(0), number(8), number(16));
        let width = usize::try_from(width).ok().filter(|width| *width <= 8);
        let width = width.ok_or(SnapshotError::Value { table })?;
        Ok(Self::new(base, step, width))
    }
}

/// The greatest number that divides both; 0 is divided by all.
fn common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field_of(numbers: &[u64]) -> Field {
        let bounds = numbers.iter().min().zip(numbers.iter().max());
        let (least, most) = bounds.unwrap_or((&0, &0));
        Field::within((*least, *most), numbers.iter().copied())
    }

    #[test]
    fn days_counted_in_microseconds_take_a_byte_each() {
        let day = 86_400_000_000u64;
        let field = field_of(&[700 * day, 955 * day, 701 * day]);
        assert_eq!(field, Field::new(700 * day, day, 1));
        let same = field_of(&[7, 7]);
        assert_eq!((same.width, same.number(u64::MAX)), (0, 7));
        assert_eq!(field_of(&[]).width, 0);
    }

    proptest! {
        #[test]
        fn any_numbers_are_what_they_were(
            base: u64, step in 1u64.., away in prop::collection::vec(any::<u16>(), 0..40), wild: Vec<u64>,
        ) {
            let tame = away.iter().map(|n| base.saturating_add(step.saturating_mul(u64::from(*n))));
            for numbers in [tame.collect(), wild] {
                let field = field_of(&numbers);
                prop_assert_eq!(Field::read(&field.head(), "rows"), Ok(field));
                for number in numbers {
                    let written = u64::from_le_bytes(field.written(number));
                    prop_assert_eq!(written & !field.mask(), 0);
                    prop_assert_eq!(field.number(written), number);
                    prop_assert_eq!(field.checked(written), Some(number));
                }
            }
        }
    }
}
