//! The rows of the fact tables: each fact with the entry that brought it.

use sanad_core::{
    Amount, Capacity, Cause, EffectiveTime, EntryId, GrantId, HolderId, PoolId, PoolKind, Purpose,
    RecordedTime, Sequence, Title, Window,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryRow {
    pub(crate) id: EntryId,
    pub(crate) recorded_at: RecordedTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PoolRow {
    pub(crate) id: PoolId,
    pub(crate) title: Title,
    pub(crate) kind: PoolKind,
    pub(crate) opened_in: Sequence,
    /// Declarations in the order of recording.
    pub(crate) declared: Vec<DeclarationRow>,
    /// The grants made from the pool, in order.
    pub(crate) grants: Vec<u32>,
    /// The grants made to the pool by its parent, in order.
    pub(crate) received: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeclarationRow {
    pub(crate) from: EffectiveTime,
    pub(crate) capacity: Capacity,
    pub(crate) declared_in: Sequence,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HolderRow {
    pub(crate) id: HolderId,
    pub(crate) title: Title,
    pub(crate) registered_in: Sequence,
    pub(crate) grants: Vec<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecipientRow {
    Holder(u32),
    Pool(u32),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GrantRow {
    pub(crate) id: GrantId,
    pub(crate) pool: u32,
    pub(crate) recipient: RecipientRow,
    pub(crate) amount: Amount,
    pub(crate) window: Window,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) granted_in: Sequence,
    /// The latest revocation; each names the one before it.
    pub(crate) last_revocation: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RevocationRow {
    pub(crate) amount: Amount,
    pub(crate) window: Window,
    pub(crate) cause: Cause,
    pub(crate) revoked_in: Sequence,
    pub(crate) before: Option<u32>,
}
