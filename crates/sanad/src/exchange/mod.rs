//! The exchange form: acts and the history as JSON Lines, one a line, in UTF-8.
//!
//! Acts are commands (`grant`), the history is in the past tense (`granted`). `docs/format/exchange.md` tells every
//! field. Input is untrusted: lines are bounded before they are parsed, unknown and repeated fields are refused, and
//! every error says its line and where in the line.
//!
//! | file | noun |
//! |---|---|
//! | `form` | the JSON of an act, field by field |
//! | `parse`, `write` | JSON → act, act → JSON |
//! | `reader` | a stream of acts, line by line |
//! | `history` | recorded entry → JSON |
//! | `units` | the unit of each pool, learned while a history is read |
//! | `error` | what is wrong with a line, and where |
//!
//! Deliberately absent: whether an act is allowed. That is for the ledger to decide.

mod error;
mod form;
mod history;
mod parse;
mod reader;
mod units;
mod write;

pub use error::{ExchangeError, Fault, Place};
pub use history::{HistoryLine, recorded_to_json};
pub(crate) use parse::free_text;
pub use parse::parse_act;
pub use reader::{ActLine, ActReader};
pub use units::Units;
pub use write::act_to_json;

/// The longest line that is read, in bytes: sixteen times what an entry holds.
pub const MAX_LINE_LEN: usize = 1 << 20;
