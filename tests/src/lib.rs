//! What the end-to-end tests stand on.
//!
//! | file | noun |
//! |---|---|
//! | `surroundings` | a clock that is set by hand and identifiers that are counted |
//! | `test_ledger` | a ledger in a temporary folder that is verified after every step |
//! | `forger` | an operator who cheats |
//! | `published_log` | a log as an operator publishes it |
//! | `shared_data` | real registers and public vectors that may stand beside the project |
//! | `workspace` | the project's own files |

mod forger;
mod published_log;
mod shared_data;
mod surroundings;
mod test_ledger;
mod workspace;

pub use forger::{Forger, LooseRecord, tamper};
pub use published_log::PublishedLog;
pub use shared_data::shared_data;
pub use surroundings::{CountedIds, HandClock, fixed};
pub use test_ledger::TestLedger;
pub use workspace::workspace;
