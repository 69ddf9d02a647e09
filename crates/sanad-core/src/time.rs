//! The two times of a ledger: when something holds, and when the ledger learned it.

use std::fmt;

use jiff::Timestamp;

/// The earliest instant, -009999-01-02T02:00:00Z, in microseconds since 1970-01-01T00:00:00Z.
///
/// The bounds are part of the format and are stated here, a little within those of the calendar library, so that no
/// other version of it can move them.
pub const EARLIEST_US: i64 = -377_705_023_200_000_000;
/// The latest instant, 9999-12-30T21:59:59.999999Z, in microseconds since 1970-01-01T00:00:00Z.
pub const LATEST_US: i64 = 253_402_207_199_999_999;

/// Why an instant is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Before [`EARLIEST_US`] or after [`LATEST_US`].
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
        /// Microseconds since 1970-01-01T00:00:00Z, from [`EARLIEST_US`] to [`LATEST_US`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The earliest.
            pub const EARLIEST: Self = Self(EARLIEST_US);
            /// The latest.
            pub const LATEST: Self = Self(LATEST_US);

            /// Takes microseconds since 1970-01-01T00:00:00Z.
            ///
            /// # Errors
            /// [`TimeError::OutOfRange`].
            pub fn from_us(us: i64) -> Result<Self, TimeError> {
                if !(EARLIEST_US..=LATEST_US).contains(&us) {
                    return Err(TimeError::OutOfRange { us });
                }
                Ok(Self(us))
            }

            /// Takes a time stamp of whole microseconds.
            ///
            /// # Errors
            /// [`TimeError::TooFine`], and [`TimeError::OutOfRange`] in the first and the last hours of the calendar.
            pub fn from_timestamp(time: Timestamp) -> Result<Self, TimeError> {
                if time.subsec_nanosecond() % 1_000 != 0 {
                    return Err(TimeError::TooFine { time });
                }
                Self::from_us(time.as_microsecond())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The calendar library's largest time stamp has a microsecond that it does not read back: an act with it could be
    /// recorded and its entry never be read again.
    #[test]
    fn every_instant_of_the_ledger_is_one_of_the_calendar_and_is_written() {
        for us in [EARLIEST_US, -1, 0, LATEST_US] {
            let at = EffectiveTime::from_us(us).unwrap();
            assert_eq!(EffectiveTime::from_timestamp(at.timestamp()), Ok(at));
            assert_eq!(at.to_string().parse::<Timestamp>().unwrap().as_microsecond(), us);
        }
        for us in [i64::MIN, EARLIEST_US - 1, LATEST_US + 1, i64::MAX] {
            assert_eq!(EffectiveTime::from_us(us), Err(TimeError::OutOfRange { us }));
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert!(EffectiveTime::from_timestamp(time).is_err());
        }
    }
}
