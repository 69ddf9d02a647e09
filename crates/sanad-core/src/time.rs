//! The two times of a ledger: when something holds, and when the ledger learned it.

use std::fmt;

use jiff::Timestamp;

/// Why an instant is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Outside the years -9999 to 9999.
    #[error("{us} µs since 1970 lies outside the years -9999 to 9999")]
    OutOfRange {
        /// Microseconds since 1970-01-01T00:00:00Z.
        us: i64,
    },
    /// The ledger counts microseconds.
    #[error("the time {time} is finer than a microsecond; leave the further digits out")]
    TooFine {
        /// The time given.
        time: Timestamp,
    },
}

macro_rules! instant {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Microseconds since 1970-01-01T00:00:00Z, within the years -9999 to 9999.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Takes microseconds since 1970-01-01T00:00:00Z.
            ///
            /// # Errors
            /// [`TimeError::OutOfRange`].
            pub fn from_us(us: i64) -> Result<Self, TimeError> {
                Timestamp::from_microsecond(us).map_err(|_| TimeError::OutOfRange { us })?;
                Ok(Self(us))
            }

            /// Takes a time stamp of whole microseconds.
            ///
            /// # Errors
            /// [`TimeError::TooFine`].
            pub fn from_timestamp(time: Timestamp) -> Result<Self, TimeError> {
                if time.subsec_nanosecond() % 1_000 != 0 {
                    return Err(TimeError::TooFine { time });
                }
                Ok(Self(time.as_microsecond()))
            }

            /// Microseconds since 1970-01-01T00:00:00Z.
            #[must_use]
            pub fn us(self) -> i64 {
                self.0
            }

            /// The same instant for calendars and time zones.
            #[must_use]
            pub fn timestamp(self) -> Timestamp {
                // Construction checked the range; the fall-back can only be met by a mistake there.
                Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.timestamp(), f)
            }
        }
    };
}

instant! {
    /// When something holds in the world.
    ///
    /// ```
    /// use sanad_core::EffectiveTime;
    /// let time = EffectiveTime::from_timestamp("2025-05-25T00:00:00+05:00".parse()?)?;
    /// assert_eq!(time.to_string(), "2025-05-24T19:00:00Z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    EffectiveTime
}
instant! {
    /// When the ledger learned something; it never goes backwards.
    RecordedTime
}
