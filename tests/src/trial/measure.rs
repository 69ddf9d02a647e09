//! Texts read as times, amounts and names, as people write them on the command line and in files.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use sanad::{
    ActorId, Calendar, ChainHash, Digest, EffectiveTime, EntryId, GrantId, HolderId, PoolId,
    Purpose, Quantity, Reason, RecordedTime, Reference, Title, Unit, UnitSymbol,
};

use super::bearable;
use super::seed::Seed;

/// Zones with a little of everything: none but whole hours, a day left out, midnights that did not take place or took
/// place twice, offsets of minutes and once of seconds, and two hours of summer.
const ZONES: [&str; 8] = [
    "Asia/Karachi",
    "UTC",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Africa/Monrovia",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "America/Havana",
];

/// Texts as people write them, well and badly. The first byte of a seed chooses the zone.
const TEXTS: [(&str, &str); 24] = [
    ("a-date", "2025-05-25"),
    ("a-time-with-its-offset", "2025-05-25T14:30:00+05:00"),
    ("a-time-to-the-microsecond", "2025-05-25t14:30:00.123456z"),
    ("a-time-as-it-is-written-for-people", "2025-05-25 14:30:05.5 +05:00"),
    ("a-day-that-was-left-out", "2011-12-30"),
    ("a-midnight-that-took-place-twice", "2025-11-02"),
    ("the-first-year", "0000-01-01T00:00:00+00:00"),
    ("the-last-instant", "9999-12-30T21:59:59.999999Z"),
    ("a-leap-second", "2016-12-31T23:59:60Z"),
    ("february-thirtieth", "2025-02-30"),
    ("no-offset", "2025-05-25T14:30:00"),
    ("an-amount", "92.4"),
    ("an-amount-with-its-unit", "300 MW"),
    ("an-amount-glued-to-its-unit", "0.000000000000000001m³"),
    ("the-largest-amount", "18446744073709551615"),
    ("digits-without-end", "99999999999999999999.999999999999999999"),
    ("below-zero", "-5"),
    ("an-exponent", "1e3"),
    ("arabic-digits", "٣٠٠"),
    ("a-slug", "pk-surplus/mining"),
    ("a-digest", "blake3:0000000000000000000000000000000000000000000000000000000000000000"),
    ("an-id", "01970e3c-7b7a-7000-8000-000000000001"),
    // Both were found, and are told in the tests of `calendar` and `quantity`.
    ("the-first-hours-of-the-year-zero-in-the-east", "0000-01-01T00:00:00+05:00"),
    ("below-zero-and-an-escape", "-5\u{1b}[2J"),
];

pub(super) fn seeds() -> Vec<Seed> {
    let zones = b"01234567".iter().cycle();
    let seed = |((name, text), zone): (&(&str, &str), &u8)| {
        Seed::new(*name, [&[*zone], text.as_bytes()].concat())
    };
    TEXTS.iter().zip(zones).map(seed).collect()
}

pub(super) fn hold(bytes: &[u8]) {
    let Some((zone, text)) = bytes.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let zone = ZONES[usize::from(*zone) % ZONES.len()];
    times(text, &Calendar::new(zone).expect("the zone is known"));
    amounts(text);
    names(text);
    if let Err(error) = Calendar::new(text) {
        bearable(&error);
    }
}

/// A time that was read is written so that it is read again, for people and for programs.
fn times(text: &str, calendar: &Calendar) {
    let (at, recorded) = (calendar.effective(text), calendar.recorded(text));
    assert_eq!(at.as_ref().map(|at| at.us()).ok(), recorded.as_ref().map(|at| at.us()).ok());
    match at {
        Ok(at) => time(at, calendar),
        Err(error) => bearable(&error),
    }
}

fn time(at: EffectiveTime, calendar: &Calendar) {
    for written in [calendar.write(at), calendar.write_rfc3339(at)] {
        assert_eq!(calendar.effective(&written), Ok(at), "{written}");
    }
    let recorded = RecordedTime::from_us(at.us()).expect("it is as wide");
    assert_eq!(calendar.write(at), calendar.write_recorded(recorded));
    let start = calendar.day_start(recorded);
    assert!(start <= at, "a day begins after {at}");
    if start != EffectiveTime::EARLIEST {
        let written = calendar.write(start);
        assert!(!written.contains(' '), "{written} is the first instant of a day");
    }
}

/// An amount that was read is written so that it is read again, and counts what a person would.
fn amounts(text: &str) {
    let quantity: Quantity = match text.parse() {
        Ok(quantity) => quantity,
        Err(error) => return bearable(&error),
    };
    let written = quantity.to_string();
    assert_eq!(written.parse(), Ok(quantity.clone()), "{written}");
    for decimals in 0..=Unit::MAX_DECIMALS {
        assert_eq!(quantity.count(decimals), counted(&written, usize::from(decimals)));
        let symbol = quantity.unit().cloned().unwrap_or_else(|| "MW".parse().expect("a unit"));
        let unit = Unit::new(symbol, decimals).expect("so many decimals are allowed");
        if let Some(count) = quantity.count(decimals).and_then(|count| u64::try_from(count).ok()) {
            let number = written.split(' ').next().expect("a number");
            assert_eq!(unit.write(i128::from(count)), number);
            let exact = Quantity::exact(count, &unit);
            assert_eq!(exact.to_string(), format!("{number} {}", unit.symbol()));
        }
    }
}

/// The count of the smallest part of so many decimals, by moving the point; `None` where it is finer.
fn counted(written: &str, decimals: usize) -> Option<u128> {
    let number = written.split(' ').next().expect("a number");
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if fraction.len() > decimals {
        return None;
    }
    let digits = format!("{whole}{fraction:0<decimals$}");
    Some(digits.parse().unwrap_or(u128::MAX))
}

fn names(text: &str) {
    same::<ActorId>(text);
    same::<HolderId>(text);
    same::<PoolId>(text);
    same::<Purpose>(text);
    same::<Reason>(text);
    same::<Reference>(text);
    same::<Title>(text);
    same::<UnitSymbol>(text);
    again::<Digest>(text);
    again::<ChainHash>(text);
    again::<EntryId>(text);
    again::<GrantId>(text);
}

/// What was read is written as it was.
fn same<T: FromStr<Err: Display> + Display>(text: &str) {
    match text.parse::<T>() {
        Ok(read) => assert_eq!(read.to_string(), text),
        Err(error) => bearable(&error),
    }
}

/// What was read is written so that it is read again.
fn again<T: FromStr<Err: Display + Debug> + Display + Debug + PartialEq>(text: &str) {
    match text.parse::<T>() {
        Ok(read) => assert_eq!(read.to_string().parse::<T>().expect("it was written"), read),
        Err(error) => bearable(&error),
    }
}
