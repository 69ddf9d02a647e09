//! Whether the long form of a test was asked for: `SANAD_LONG=1` (docs/reliability.md).

/// Whether the tests that have a long form are to take it.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os("SANAD_LONG").is_some_and(|value| value != "0")
}

/// The number in a variable; else `short`, or `long` in the long form.
#[must_use]
pub fn number_or(name: &str, short: u64, long: u64) -> u64 {
    let given = std::env::var(name).ok().and_then(|number| number.parse().ok());
    given.unwrap_or(if is_long() { long } else { short })
}
