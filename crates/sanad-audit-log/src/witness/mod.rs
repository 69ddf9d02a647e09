//! Witnesses: what they are asked, what they decide and what they answer (C2SP `tlog-witness`,
//! `add-checkpoint`). There is no network here.
//!
//! | file | noun |
//! |---|---|
//! | `request.rs` | [`AddCheckpoint`]: the body of a request |
//! | `decision.rs` | [`LogState`], [`decide`] → [`Consistent`]: whether a checkpoint may be cosigned |
//! | `answer.rs` | [`Answer`]: status and body; reading them |
//! | `origin_hash.rs` | [`OriginHash`]: a log's name in a witness's URLs |
//! | `error.rs` | [`RequestError`] |

mod answer;
mod decision;
mod error;
mod origin_hash;
mod request;

pub use answer::{Answer, cosignatures_from, size_from};
pub use decision::{Consistent, LogState, decide};
pub use error::RequestError;
pub use origin_hash::OriginHash;
pub use request::{AddCheckpoint, MAX_REQUEST};
