//! Exact amounts, in whole numbers of a unit's smallest part.

use std::num::NonZeroU64;

/// Why a number is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Nothing can be granted or revoked by zero.
    #[error("the amount is zero; an amount is at least the unit's smallest part")]
    Zero,
}

/// What is granted or revoked: never zero, counted in the unit's smallest part.
///
/// 300 MW in a unit with 3 decimals is 300,000 kW.
///
/// ```
/// use sanad_core::Amount;
/// assert_eq!(Amount::new(300_000)?.get(), 300_000);
/// assert!(Amount::new(0).is_err());
/// # Ok::<(), sanad_core::AmountError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(NonZeroU64);

impl Amount {
    /// Takes a count of the unit's smallest part.
    ///
    /// # Errors
    /// [`AmountError::Zero`].
    pub fn new(count: u64) -> Result<Self, AmountError> {
        NonZeroU64::new(count).map(Self).ok_or(AmountError::Zero)
    }

    /// The count of the unit's smallest part.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The amount as a total, which is wider: no sum of amounts that fit in a ledger overflows it.
    #[must_use]
    pub fn total(self) -> i128 {
        i128::from(self.get())
    }
}

/// What a root pool is declared to have: zero is a fact too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capacity(u64);

impl Capacity {
    /// Takes a count of the unit's smallest part.
    #[must_use]
    pub fn new(count: u64) -> Self {
        Self(count)
    }

    /// The count of the unit's smallest part.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The capacity as a total.
    #[must_use]
    pub fn total(self) -> i128 {
        i128::from(self.0)
    }
}
