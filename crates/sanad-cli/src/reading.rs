//! Texts of the command line become parts of an act; what is refused names the argument.

use std::str::FromStr;

use sanad::exchange::Fault;
use sanad::{ActError, Calendar, EffectiveTime, Window};

use crate::failure::Failure;

/// Reads an argument.
pub(crate) fn read<T: FromStr>(argument: &'static str, text: &str) -> Result<T, Failure>
where
    Fault: From<T::Err>,
{
    text.parse().map_err(|error: T::Err| refused(argument, error.into()))
}

/// Reads an argument that may be left out.
pub(crate) fn read_if<T: FromStr>(
    argument: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, Failure>
where
    Fault: From<T::Err>,
{
    text.map(|text| read(argument, text)).transpose()
}

/// Reads a date or time.
pub(crate) fn read_time(
    argument: &'static str,
    text: &str,
    calendar: &Calendar,
) -> Result<EffectiveTime, Failure> {
    calendar.effective(text).map_err(|error| refused(argument, error.into()))
}

/// Reads a window from its `--from` and `--until`.
pub(crate) fn read_window(
    from: &str,
    until: Option<&str>,
    calendar: &Calendar,
) -> Result<Window, Failure> {
    let from = read_time("--from", from, calendar)?;
    let until = until.map(|text| read_time("--until", text, calendar)).transpose()?;
    Window::new(from, until).map_err(|_| {
        let fault = Fault::EndsBeforeItBegins {
            from: calendar.write(from),
            until: until.map(|until| calendar.write(until)).unwrap_or_default(),
        };
        refused("--until", fault)
    })
}

fn refused(field: &'static str, fault: Fault) -> Failure {
    ActError { field, fault }.into()
}
