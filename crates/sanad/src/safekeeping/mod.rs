//! A ledger backed up, restored, and repaired.
//!
//! | file | noun |
//! |---|---|
//! | `backup` | [`BackedUp`]: a copy of a live ledger that is gone on with, verified |
//! | `restoration` | [`Restored`]: a ledger made from a copy |

mod backup;
mod restoration;

#[doc(hidden)]
pub use backup::backup_on;
pub use backup::{BackedUp, backup};
pub use restoration::{Restored, restore};
pub use sanad_event_store::{BackupMark, Copied, Unsound};
