//! The names that were met last.

use sanad_core::{ActorId, PoolId};

/// Names of the payload before: most payloads of a log have the same, and to compare bytes costs less than to judge
/// them.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) actor: Option<ActorId>,
    /// The pool of the last grant.
    pub(crate) pool: Option<PoolId>,
}
