//! What the end-to-end tests stand on.
//!
//! | file | noun |
//! |---|---|
//! | `surroundings` | a clock that is set by hand and identifiers that are counted |
//! | `test_ledger` | a ledger in a temporary folder that is verified after every step |
//! | `busy_register` | lawful acts without end |
//! | `sealed_history` | acts as sealed records, and what is to be told of them at every size |
//! | `telling` | a verdict's findings in short |
//! | `forger` | an operator who cheats |
//! | `published_log` | a log as an operator publishes it |
//! | `shared_data` | real registers and public vectors that may stand beside the project |
//! | `folder` | folders as they are: every file in them, and copies |
//! | `workspace` | the project's own files |
//! | `alone` | a test in a process of its own, with little memory |
//! | `long_mode` | whether the long form of a test was asked for |
//! | `trial` | what must hold of bytes from outside |

mod alone;
mod busy_register;
mod folder;
mod forger;
mod long_mode;
mod published_log;
mod sealed_history;
mod shared_data;
mod surroundings;
mod telling;
mod test_ledger;
pub mod trial;
mod workspace;

pub use alone::{allow_only, run_alone};
pub use busy_register::BusyRegister;
pub use folder::{copy_folder, copy_folder_live, files_in};
pub use forger::{Forger, LooseRecord, tamper};
pub use long_mode::{is_long, number_or};
pub use published_log::PublishedLog;
pub use sealed_history::SealedHistory;
pub use shared_data::shared_data;
pub use surroundings::{CountedIds, HandClock, fixed};
pub use telling::told;
pub use test_ledger::TestLedger;
pub use workspace::workspace;
