//! sanad
mod calendar;
pub use calendar::{Calendar, CalendarError, write_lag};
