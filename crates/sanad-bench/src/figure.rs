//! One figure, with the limit that stands beside it.

use serde::Serialize;

use crate::spread::Spread;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// So many a second: more is better.
    PerSecond,
    /// Microseconds: fewer is better.
    Microseconds,
    /// Milliseconds: fewer is better.
    Milliseconds,
    /// Bytes for each entry: fewer is better.
    BytesPerEntry,
    /// Bytes: fewer is better.
    Bytes,
}

impl Measure {
    /// Whether a larger figure is a better one.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        self == Measure::PerSecond
    }

    /// A figure of this kind for people: a number with three digits that mean something, and its unit.
    #[must_use]
    pub fn parts(self, found: f64) -> (String, &'static str) {
        let (found, unit) = match self {
            Measure::PerSecond => (found, "/s"),
            Measure::Microseconds if found >= 9_995.0 => (found / 1e3, "ms"),
            Measure::Microseconds => (found, "µs"),
            Measure::Milliseconds if found >= 9_995.0 => (found / 1e3, "s"),
            Measure::Milliseconds => (found, "ms"),
            Measure::BytesPerEntry => (found, "B"),
            Measure::Bytes => (found / 1e6, "MB"),
        };
        (rounded(found), unit)
    }

    /// The same in one text.
    #[must_use]
    pub fn write(self, found: f64) -> String {
        match self.parts(found) {
            (number, "/s") => format!("{number}/s"),
            (number, unit) => format!("{number} {unit}"),
        }
    }
}

/// Three digits that mean something, with a comma between thousands.
fn rounded(found: f64) -> String {
    if !found.is_finite() {
        return "–".into();
    }
    let magnitude = found.abs();
    if magnitude < 9.995 {
        return format!("{found:.2}");
    }
    if magnitude < 99.95 {
        return format!("{found:.1}");
    }
    let digits = magnitude.log10().floor() as i32 - 2;
    let step = 10f64.powi(digits.max(0));
    let whole = format!("{:.0}", (found / step).round() * step);
    grouped(&whole)
}

fn grouped(digits: &str) -> String {
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

/// What something cannot be better than on this machine, or is compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// What it is.
    pub what: &'static str,
    /// What it was found to be, in the figure's own measure.
    pub found: Spread,
    /// The figure divided by it, round by round.
    pub ratio: f64,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// A name for programs; it stays the same.
    pub id: &'static str,
    /// What was measured.
    pub what: String,
    /// What it counts.
    pub measure: Measure,
    /// What was found.
    pub found: Spread,
    /// What it is held against, where there is such a thing.
    pub limit: Option<Limit>,
}

impl Figure {
    /// A figure that stands alone.
    #[must_use]
    pub fn new(
        id: &'static str,
        what: impl Into<String>,
        measure: Measure,
        rounds: Vec<f64>,
    ) -> Self {
        Self { id, what: what.into(), measure, found: Spread::of(rounds), limit: None }
    }

    /// The figure beside a limit, measured in the same rounds.
    #[must_use]
    pub fn beside(mut self, what: &'static str, rounds: Vec<f64>) -> Self {
        let found = Spread::of(rounds);
        let ratio = self.found.ratio_to(&found);
        self.limit = Some(Limit { what, found, ratio });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_with_three_digits_that_mean_something() {
        let written = |found| Measure::PerSecond.write(found);
        assert_eq!(written(1_234_567.0), "1,230,000/s");
        assert_eq!(written(999.6), "1,000/s");
        assert_eq!(written(123.4), "123/s");
        assert_eq!(written(12.345), "12.3/s");
        assert_eq!(written(0.5), "0.50/s");
        assert_eq!(Measure::Microseconds.write(148.2), "148 µs");
        assert_eq!(Measure::Microseconds.write(25_312.0), "25.3 ms");
        assert_eq!(Measure::Milliseconds.write(12_345.0), "12.3 s");
        assert_eq!(Measure::BytesPerEntry.write(157.0), "157 B");
        assert_eq!(Measure::Bytes.write(f64::NAN), "– MB");
    }
}
