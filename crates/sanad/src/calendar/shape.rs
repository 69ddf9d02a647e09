//! What a text looks like, before its numbers are read: the libraries for dates read many more forms than are meant.

/// What a text looks like, before its numbers are read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `2025-05-25`; before the year 0, as it is written then, `-000001-05-25`
    Date,
    /// A date, a time of day and an offset.
    Time,
    /// A date and a time of day alone.
    NoOffset,
    /// Anything else.
    Other,
}

impl Shape {
    pub(super) fn of(text: &str) -> Self {
        let mask: String =
            text.chars().take(48).map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let date = mask.strip_prefix("-000000-00-00").or_else(|| mask.strip_prefix("0000-00-00"));
        let Some(rest) = date else { return Shape::Other };
        if rest.is_empty() {
            return Shape::Date;
        }
        let Some(rest) = rest.strip_prefix(['T', 't', ' ']).and_then(|r| r.strip_prefix("00:00"))
        else {
            return Shape::Other;
        };
        let rest = match rest.strip_prefix(":00") {
            Some(rest) => rest.strip_prefix(".0").map_or(rest, |r| r.trim_start_matches('0')),
            None => rest,
        };
        match rest.strip_prefix(' ').unwrap_or(rest) {
            "Z" | "z" | "+00:00" | "-00:00" => Shape::Time,
            "" => Shape::NoOffset,
            _ => Shape::Other,
        }
    }
}

/// Whether the seconds of a text of the shape [`Shape::Time`] are 60.
pub(super) fn is_leap_second(text: &str) -> bool {
    let clock = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    clock.get(7..9) == Some("60")
}
