//! The projection together with the head of the history that it stands for.

use sanad_audit_log::Head;
use sanad_projection::Projection;

/// A projection and the head it stands for: the two never part.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) projection: Projection,
    pub(crate) head: Head,
}
