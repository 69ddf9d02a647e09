//! Dates and times as people write them, in the time zone of a ledger.
//!
//! | file | noun |
//! |---|---|
//! | here | the calendar: reading and writing instants |
//! | `day` | a day's limits, to be asked for once |
//! | `shape` | what a text looks like before its numbers are read |
//! | `lag` | how long after an instant something was recorded |

mod day;
mod lag;
mod shape;

pub(crate) use day::Day;
pub use lag::write_lag;

use std::fmt::Write as _;

use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ZonedDateTime};
use sanad_core::{EffectiveTime, RecordedTime, TimeError};
use shape::Shape;

/// Why a text is no instant of a calendar, or a name no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// The bundled time zone database does not know the name.
    #[error("there is no time zone {name:?}; give an IANA name such as Asia/Karachi or UTC")]
    UnknownZone {
        /// What was given, cut after 48 characters.
        name: String,
    },
    /// Neither a date nor a time in the forms that are read.
    #[error(
        "{text:?} is no date; write 2025-05-25, or a time with its offset: 2025-05-25T14:30:00+05:00"
    )]
    NotATime {
        /// What was given, cut after 48 characters.
        text: String,
    },
    /// The form is right, but no calendar has it: 30 February, 25 o'clock.
    #[error("{text:?} is on no calendar: check month, day, hour, minute and second")]
    NotOnTheCalendar {
        /// What was given.
        text: String,
    },
    /// A time of day without an offset could be read two ways.
    #[error("{text:?} does not say its offset from UTC; add it, as in +05:00 or Z")]
    OffsetMissing {
        /// What was given, cut after 48 characters.
        text: String,
    },
    /// The zone left this day out when it moved across the date line.
    #[error("{date} did not take place in {zone}; give the day after it")]
    SkippedDay {
        /// The date.
        date: Date,
        /// The time zone.
        zone: String,
    },
    /// An instant that the ledger cannot hold.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// A time zone, for reading and writing dates.
///
/// The database of time zones is part of the program, so that a date means the same instant on every machine.
///
/// ```
/// use sanad::Calendar;
/// let karachi = Calendar::new("Asia/Karachi")?;
/// let from = karachi.effective("2025-05-25")?;
/// assert_eq!(from.to_string(), "2025-05-24T19:00:00Z");
/// assert_eq!(karachi.write(from), "2025-05-25");
/// assert!(karachi.effective("25/05/2025").is_err());
/// # Ok::<(), sanad::CalendarError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The calendar of a time zone, by its IANA name.
    ///
    /// # Errors
    /// [`CalendarError::UnknownZone`].
    pub fn new(name: &str) -> Result<Self, CalendarError> {
        match TimeZoneDatabase::bundled().get(name) {
            Ok(zone) => Ok(Self { zone }),
            Err(_) => Err(CalendarError::UnknownZone { name: cut(name) }),
        }
    }

    /// The zone's IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Reads a date (its first instant in this zone) or a time with its offset (RFC 3339; the seconds may be left out).
    ///
    /// # Errors
    /// [`CalendarError`], saying the form that is expected.
    pub fn effective(&self, text: &str) -> Result<EffectiveTime, CalendarError> {
        Ok(EffectiveTime::from_timestamp(self.read(text)?)?)
    }

    /// Reads a recorded time, in the forms of [`effective`](Self::effective).
    ///
    /// # Errors
    /// [`CalendarError`], saying the form that is expected.
    pub fn recorded(&self, text: &str) -> Result<RecordedTime, CalendarError> {
        Ok(RecordedTime::from_timestamp(self.read(text)?)?)
    }

    /// Writes an instant for people: `2025-05-25` where it is the first of that day, else `2025-05-25 14:30 +05:00`.
    /// Both forms can be read again.
    #[must_use]
    pub fn write(&self, at: EffectiveTime) -> String {
        self.write_timestamp(at.timestamp())
    }

    /// Writes when something was recorded, as [`write`](Self::write) does.
    #[must_use]
    pub fn write_recorded(&self, at: RecordedTime) -> String {
        self.write_timestamp(at.timestamp())
    }

    /// Writes an instant for programs: RFC 3339 with the zone's offset, exact to the microsecond.
    #[must_use]
    pub fn write_rfc3339(&self, at: EffectiveTime) -> String {
        self.rfc3339(at.timestamp())
    }

    /// Writes a recorded time for programs, as [`write_rfc3339`](Self::write_rfc3339) does.
    #[must_use]
    pub fn write_recorded_rfc3339(&self, at: RecordedTime) -> String {
        self.rfc3339(at.timestamp())
    }

    /// The first instant of the day on which something was recorded: what takes effect before it is backdated.
    #[must_use]
    pub fn day_start(&self, at: RecordedTime) -> EffectiveTime {
        let zoned = at.timestamp().to_zoned_datetime(self.zone.clone());
        let start = zoned.start_of_day().map_or(at.timestamp(), |start| start.timestamp());
        // The first day of the calendar begins before the ledger's earliest instant: it counts from there.
        EffectiveTime::from_timestamp(start).unwrap_or(EffectiveTime::EARLIEST)
    }

    fn read(&self, text: &str) -> Result<Timestamp, CalendarError> {
        match Shape::of(text) {
            Shape::Date => {
                let date = text.parse().map_err(|_| off_calendar(text))?;
                self.first_instant(date, text)
            }
            // A leap second would be read as the second before it.
            Shape::Time if shape::is_leap_second(text) => Err(off_calendar(text)),
            Shape::Time => {
                // What `write` sets apart for the eye stands together in RFC 3339.
                let joined = text.replacen(' ', "T", 1).replace(' ', "");
                joined.parse().map_err(|_| off_calendar(text))
            }
            Shape::NoOffset => Err(CalendarError::OffsetMissing { text: cut(text) }),
            Shape::Other => Err(CalendarError::NotATime { text: cut(text) }),
        }
    }

    fn first_instant(&self, date: Date, text: &str) -> Result<Timestamp, CalendarError> {
        let start = date
            .to_zoned_datetime(self.zone.clone())
            .and_then(|zoned| zoned.start_of_day())
            .map_err(|_| off_calendar(text))?;
        if start.date() != date {
            return Err(CalendarError::SkippedDay { date, zone: self.name().to_owned() });
        }
        Ok(start.timestamp())
    }

    fn write_timestamp(&self, at: Timestamp) -> String {
        let zoned = at.to_zoned_datetime(self.zone.clone());
        let begins_day = zoned.start_of_day().is_ok_and(|start| start.timestamp() == at);
        if begins_day {
            return zoned.date().to_string();
        }
        let local = self.with_writable_offset(zoned);
        let mut text = format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute());
        let us = local.time().subsec_nanosecond() / 1_000;
        // Writing into a String cannot fail.
        if local.second() != 0 || us != 0 {
            let _ = write!(text, ":{:02}", local.second());
        }
        if us != 0 {
            let _ = write!(text, ".{}", format!("{us:06}").trim_end_matches('0'));
        }
        let _ = write!(text, " {}", offset(&local));
        text
    }

    fn rfc3339(&self, at: Timestamp) -> String {
        let local = self.with_writable_offset(at.to_zoned_datetime(self.zone.clone()));
        if offset(&local) == "Z" {
            at.to_string()
        } else {
            at.display_with_offset(local.offset()).to_string()
        }
    }

    /// RFC 3339 writes offsets in whole minutes; the local mean times of the past had seconds, and are written in UTC.
    fn with_writable_offset(&self, zoned: ZonedDateTime) -> ZonedDateTime {
        if zoned.offset().seconds() % 60 == 0 { zoned } else { zoned.with_time_zone(TimeZone::UTC) }
    }
}

fn off_calendar(text: &str) -> CalendarError {
    CalendarError::NotOnTheCalendar { text: cut(text) }
}

fn cut(text: &str) -> String {
    text.chars().take(48).collect()
}

fn offset(local: &ZonedDateTime) -> String {
    let minutes = local.offset().seconds() / 60;
    match minutes {
        0 if local.time_zone() == &TimeZone::UTC => "Z".to_owned(),
        _ => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sanad_core::{EARLIEST_US, LATEST_US};

    fn in_zone(name: &str) -> Calendar {
        Calendar::new(name).unwrap()
    }

    fn utc(zone: &str, text: &str) -> String {
        in_zone(zone).effective(text).unwrap().to_string()
    }

    #[test]
    fn a_date_is_its_first_instant_even_where_midnight_does_not_exist() {
        assert_eq!(utc("Asia/Karachi", "2025-05-25"), "2025-05-24T19:00:00Z");
        // São Paulo moved its clocks from 00:00 to 01:00 on that day.
        assert_eq!(utc("America/Sao_Paulo", "2015-10-18"), "2015-10-18T03:00:00Z");
        let midnight_twice = utc("America/Havana", "2025-11-02");
        assert_eq!(midnight_twice, "2025-11-02T04:00:00Z");
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_refused() {
        let error = in_zone("Pacific/Apia").effective("2011-12-30").unwrap_err();
        assert_eq!(
            error.to_string(),
            "2011-12-30 did not take place in Pacific/Apia; give the day after it"
        );
    }

    #[test]
    fn other_ways_of_writing_a_date_are_told_the_form() {
        let karachi = in_zone("Asia/Karachi");
        for text in [
            "25/05/2025",
            "2025-5-25",
            "20250525",
            "",
            "yesterday",
            "2025-W21-7",
            "+002025-05-25",
            "2025-05-25T14:30:00+05",
            "2025-05-25T14:30:00+0500",
            "2025-05-25T14:30:00,5+05:00",
            "2025-05-25T14:30:00[Asia/Karachi]",
            "٢٠٢٥-٠٥-٢٥",
            "2025-05-25 ",
            "-2025-05-25",
        ] {
            let error = karachi.effective(text).unwrap_err();
            assert!(matches!(error, CalendarError::NotATime { .. }), "{text}: {error}");
        }
        assert!(matches!(
            karachi.effective("2025-05-25T14:30:00"),
            Err(CalendarError::OffsetMissing { .. })
        ));
    }

    #[test]
    fn what_no_calendar_has_is_refused_and_not_moved() {
        let karachi = in_zone("Asia/Karachi");
        for text in [
            "2025-02-30",
            "2025-13-01",
            "2025-05-25T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2025-05-25T14:61Z",
            "2025-05-25T14:30:00+99:00",
        ] {
            let error = karachi.effective(text).unwrap_err();
            assert!(matches!(error, CalendarError::NotOnTheCalendar { .. }), "{text}: {error}");
        }
        assert!(matches!(
            karachi.effective("2025-05-25T14:30:00.1234567Z"),
            Err(CalendarError::Time(TimeError::TooFine { .. }))
        ));
    }

    #[test]
    fn people_read_no_more_digits_than_there_are() {
        let karachi = in_zone("Asia/Karachi");
        let written = |text| karachi.write(karachi.effective(text).unwrap());
        assert_eq!(written("2025-05-25T00:00:00+05:00"), "2025-05-25");
        assert_eq!(written("2025-05-25T09:30:00Z"), "2025-05-25 14:30 +05:00");
        assert_eq!(written("2025-05-25T14:30:05.500+05:00"), "2025-05-25 14:30:05.5 +05:00");
        let utc = in_zone("UTC");
        assert_eq!(utc.write(utc.effective("2025-05-25T01:00Z").unwrap()), "2025-05-25 01:00 Z");
    }

    /// Found with the fuzzing program `measure`: the first hours of the year 0 in the east are of the year -1
    /// elsewhere, and were written as a date that could not be read again, in acts too.
    #[test]
    fn a_time_before_the_year_zero_is_read_as_it_is_written() {
        let utc = in_zone("UTC");
        let at = utc.effective("0000-01-01T00:00:00+05:00").unwrap();
        assert_eq!(utc.write(at), "-000001-12-31 19:00 Z");
        assert_eq!(utc.write_rfc3339(at), "-000001-12-31T19:00:00Z");
        let before = |us| EffectiveTime::from_us(at.us() - us).unwrap();
        for at in [at, before(1), before(19 * 3_600_000_000), EffectiveTime::EARLIEST] {
            for calendar in [utc.clone(), in_zone("Asia/Karachi"), in_zone("America/Havana")] {
                assert_eq!(calendar.effective(&calendar.write(at)), Ok(at));
                assert_eq!(calendar.effective(&calendar.write_rfc3339(at)), Ok(at));
            }
        }
        for text in ["-000000-01-01", "-000001-02-30", "-000001-12-31T23:59:60Z", "-999999-01-01"] {
            let error = utc.effective(text).unwrap_err();
            assert!(matches!(error, CalendarError::NotOnTheCalendar { .. }), "{text}: {error}");
        }
    }

    #[test]
    fn backdating_is_measured_from_the_beginning_of_the_day() {
        let karachi = in_zone("Asia/Karachi");
        let recorded = karachi.recorded("2025-06-03T16:12:00+05:00").unwrap();
        assert_eq!(karachi.write(karachi.day_start(recorded)), "2025-06-03");
        assert_eq!(karachi.day_start(RecordedTime::EARLIEST), EffectiveTime::EARLIEST);
    }

    #[test]
    fn a_zone_is_found_by_name_or_said_to_be_missing() {
        assert_eq!(in_zone("asia/karachi").name(), "Asia/Karachi");
        assert!(Calendar::new("Asia/Lahore").unwrap_err().to_string().contains("IANA"));
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read_again(
            us in EARLIEST_US..LATEST_US,
            coarse in any::<bool>(),
            zone in prop::sample::select(vec![
                "Asia/Karachi", "UTC", "Pacific/Apia", "America/Sao_Paulo", "Africa/Monrovia",
                "Asia/Kathmandu", "Antarctica/Troll", "America/Havana",
            ]),
        ) {
            let us = if coarse { us - us % 3_600_000_000 } else { us };
            let at = EffectiveTime::from_us(us).unwrap();
            let calendar = in_zone(zone);
            prop_assert_eq!(calendar.effective(&calendar.write(at)), Ok(at));
            prop_assert_eq!(calendar.effective(&calendar.write_rfc3339(at)), Ok(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}|[0-9T: .Z+-]{0,40}") {
            let _ = in_zone("Asia/Karachi").effective(&text);
        }
    }
}
