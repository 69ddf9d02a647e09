//! The numbers that schema 1 fixes. None may ever change; a new one is a new schema.

use sanad_core::Cause;

/// The largest integer that is written as itself, in one byte; a greater one follows a marker.
pub(crate) const LAST_OF_ONE_BYTE: u8 = 250;
/// An integer of two bytes follows, little end first.
pub(crate) const TWO_BYTES: u8 = 251;
/// An integer of four bytes follows.
pub(crate) const FOUR_BYTES: u8 = 252;
/// An integer of eight bytes follows.
pub(crate) const EIGHT_BYTES: u8 = 253;

/// Which event follows.
pub(crate) mod event {
    pub(crate) const ROOT_POOL_OPENED: u64 = 0;
    pub(crate) const SUB_POOL_OPENED: u64 = 1;
    pub(crate) const CAPACITY_DECLARED: u64 = 2;
    pub(crate) const HOLDER_REGISTERED: u64 = 3;
    pub(crate) const GRANTED_TO_HOLDER: u64 = 4;
    pub(crate) const GRANTED_TO_SUB_POOL: u64 = 5;
    pub(crate) const REVOKED: u64 = 6;
}

/// The number of a cause. It is stated here, so that an order in the domain cannot change it.
pub(crate) fn of_cause(cause: Cause) -> u8 {
    match cause {
        Cause::Revoked => 0,
        Cause::Surrendered => 1,
        Cause::Lapsed => 2,
        Cause::Transferred => 3,
        Cause::Curtailed => 4,
        Cause::Annulled => 5,
    }
}

/// The cause of a number.
pub(crate) fn cause(number: u8) -> Option<Cause> {
    Cause::ALL.into_iter().find(|cause| of_cause(*cause) == number)
}
