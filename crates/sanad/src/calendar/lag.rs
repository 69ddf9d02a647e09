//! How long after an instant something was recorded.

/// Writes how long after an instant something was recorded: `3 days`, `14 h`, `5 min`, `2 s`.
///
/// Rounded down to the largest unit that fits; for the exact lag, subtract the two instants.
#[must_use]
pub fn write_lag(us: i64) -> String {
    let seconds = us.max(0) / 1_000_000;
    match (seconds / 86_400, seconds / 3_600, seconds / 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, _) => format!("{hours} h"),
        (1, ..) => "1 day".to_owned(),
        (days, ..) => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_written_in_its_largest_unit() {
        let second = 1_000_000;
        assert_eq!(write_lag(14 * 3_600 * second), "14 h");
        assert_eq!(write_lag(3 * 86_400 * second + 5), "3 days");
        assert_eq!(write_lag(86_400 * second), "1 day");
        assert_eq!(write_lag(59 * second), "59 s");
    }
}
