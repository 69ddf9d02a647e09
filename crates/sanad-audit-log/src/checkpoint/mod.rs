//! Checkpoints: the size and root of a log's tree, signed (C2SP `tlog-checkpoint`).
//!
//! | file | noun |
//! |---|---|
//! | `body.rs` | [`Checkpoint`]: what is signed |
//! | `opened.rs` | [`OpenedCheckpoint`] → [`VerifiedCheckpoint`]: a note read, then believed |
//! | `spoken_head.rs` | the chain head that a checkpoint speaks of |
//! | `error.rs` | [`CheckpointError`], [`SpokenHeadError`] |

mod body;
mod error;
mod opened;
mod spoken_head;

pub use body::Checkpoint;
pub use error::{CheckpointError, SpokenHeadError};
pub use opened::{OpenedCheckpoint, VerifiedCheckpoint};
