//! A ledger backed up, restored, and repaired.
//!
//! | file | noun |
//! |---|---|
//! | `backup` | [`BackedUp`]: a copy of a live ledger that is gone on with, verified |
//! | `repair` | [`Repaired`]: a damaged log mended |
//! | `vouching`, `side_donor` | who says what is the ledger's; a copy to take from |
//! | `restoration` | [`Restored`]: a ledger made from a copy |

mod backup;
mod repair;
mod restoration;
mod side_donor;
mod vouching;

#[doc(hidden)]
pub use backup::backup_on;
pub use backup::{BackedUp, backup};
pub use repair::{Repair, Repaired, repair};
pub use restoration::{Restored, restore};
pub use sanad_audit_log::Sequence as SegmentName;
pub use sanad_event_store::{
    BackupMark, Copied, IdentityBack, Lack, Mend, MendedFile, MendingPlan, Origin, Run, Unsound,
};
