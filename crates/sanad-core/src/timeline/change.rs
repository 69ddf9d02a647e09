//! A change of a step function, in little memory.

use crate::time::EffectiveTime;

/// By how much the value changes from an instant on. The number is kept in two halves: a whole one wants a place at a
/// multiple of 16 bytes, and then eight bytes of each change would stay empty.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) at: EffectiveTime,
    high: i64,
    low: u64,
}

impl Change {
    pub(super) fn new(at: EffectiveTime, delta: i128) -> Self {
        // Both casts cut off on purpose: what one leaves out, the other keeps.
        Self { at, high: (delta >> 64) as i64, low: delta as u64 }
    }

    pub(super) fn delta(self) -> i128 {
        (i128::from(self.high) << 64) | i128::from(self.low)
    }

    /// Changes the value by so much more.
    pub(super) fn add(&mut self, delta: i128) {
        *self = Self::new(self.at, self.delta() + delta);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_exact_to_the_last_bit() {
        let ends = [i128::MIN, i128::MAX, -1, 0, 1, i64::MIN.into(), u64::MAX.into()];
        for delta in ends.into_iter().chain((0..127).flat_map(|bit| [1 << bit, -(1 << bit)])) {
            let mut change = Change::new(EffectiveTime::LATEST, delta);
            assert_eq!(change.delta(), delta);
            change.add(-delta.signum());
            assert_eq!(change.delta(), delta - delta.signum());
        }
    }

    #[test]
    fn a_change_takes_24_bytes() {
        assert_eq!(size_of::<Change>(), 24);
    }
}
