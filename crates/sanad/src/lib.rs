//! sanad
mod calendar;
pub mod exchange;
pub use calendar::{Calendar, CalendarError, write_lag};
pub use sanad_core::*;
