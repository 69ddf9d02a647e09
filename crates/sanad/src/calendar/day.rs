//! A day of a calendar, as far as its limits are known without asking the time zone again.

use sanad_core::{EffectiveTime, RecordedEntry, RecordedTime};

use super::Calendar;

const DAY_US: i64 = 86_400_000_000;

/// A stretch of a day within which the zone does not change its offset, and the day's first instant.
///
/// Entries are recorded in order of time, so many of them lie in the stretch of the one before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day {
    from_us: i64,
    until_us: i64,
    start: EffectiveTime,
}

impl Day {
    /// Whether an instant is of this stretch.
    pub(crate) fn has(&self, at: RecordedTime) -> bool {
        (self.from_us..self.until_us).contains(&at.us())
    }

    /// How long before it was recorded, on this day, an entry took effect, in microseconds, if that was before the day
    /// began.
    pub(crate) fn lag_us(&self, recorded: &RecordedEntry) -> Option<i64> {
        let begins = recorded.entry.effective_from().filter(|begins| *begins < self.start)?;
        Some(recorded.recorded_at.us().saturating_sub(begins.us()))
    }
}

impl Calendar {
    /// As [`day`](Calendar::day), without asking again where it is the day of what was recorded before.
    pub(crate) fn day_behind(&self, before: Option<Day>, at: RecordedTime) -> Day {
        before.filter(|day| day.has(at)).unwrap_or_else(|| self.day(at))
    }

    /// The day on which something was recorded.
    pub(crate) fn day(&self, at: RecordedTime) -> Day {
        let time = at.timestamp();
        let offset_us = i64::from(self.zone.to_offset(time).seconds()) * 1_000_000;
        let local_us = at.us() + offset_us;
        let from_us = local_us - local_us.rem_euclid(DAY_US) - offset_us;
        let (mut from_us, mut until_us) = (from_us, from_us + DAY_US);
        // Where the clocks are set back over midnight a day goes on after the next has begun.
        let just_behind = RecordedTime::from_us(at.us() + 1).unwrap_or(RecordedTime::LATEST);
        if let Some(last) = self.zone.preceding(just_behind.timestamp()).next() {
            from_us = from_us.max(last.timestamp().as_microsecond());
        }
        if let Some(next) = self.zone.following(time).next() {
            until_us = until_us.min(next.timestamp().as_microsecond());
        }
        Day { from_us, until_us, start: self.day_start(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_instant_of_a_stretch_has_the_same_first_instant_of_its_day(
            // Mostly around days on which clocks were set back over midnight, or a day was left out.
            around in prop::sample::select(vec![
                0, 562_129_260_000_000, 1_325_239_200_000_000, 1_445_133_600_000_000, 1_762_056_000_000_000,
            ]),
            seconds in -200_000i64..200_000,
            apart in -90_000i64..90_000,
            zone in prop::sample::select(vec![
                "Asia/Karachi", "UTC", "Pacific/Apia", "America/Sao_Paulo", "America/St_Johns", "America/Havana",
            ]),
        ) {
            let calendar = Calendar::new(zone).unwrap();
            let at = RecordedTime::from_us(around + seconds * 1_000_000).unwrap();
            let day = calendar.day(at);
            prop_assert!(day.has(at));
            let other = RecordedTime::from_us(at.us() + apart * 1_000_000).unwrap();
            if day.has(other) {
                prop_assert_eq!(day.start, calendar.day_start(other));
            }
        }
    }

    #[test]
    fn the_ends_of_time_have_their_day() {
        let calendar = Calendar::new("Asia/Karachi").unwrap();
        for at in [RecordedTime::EARLIEST, RecordedTime::LATEST] {
            assert!(calendar.day(at).has(at));
        }
    }
}
