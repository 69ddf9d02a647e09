//! What grants amount to at one instant, after their revocations.

use sanad_core::{
    Amount, EffectiveTime, GrantId, HolderId, PoolId, Purpose, Recipient, Sequence, Unit, Window,
};
use uuid::Uuid;

use crate::projection::Projection;
use crate::row::{GrantRow, Id, RecipientRow};

/// What a grant amounts to at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// The grant.
    pub grant: GrantId,
    /// The pool granted from.
    pub pool: PoolId,
    /// The pool's unit.
    pub unit: Unit,
    /// Who received it.
    pub recipient: Recipient,
    /// What for.
    pub purpose: Option<Purpose>,
    /// When it holds.
    pub window: Window,
    /// What was granted.
    pub granted: Amount,
    /// What revocations take from it at the instant, in the unit's smallest part.
    pub revoked: i128,
    /// What it amounts to at the instant, in the unit's smallest part.
    pub left: i128,
    /// The entry that granted it.
    pub granted_in: Sequence,
}

impl Projection {
    /// What grants amount to at an instant, as known after the first `size` entries, in order of granting; grants
    /// that amount to nothing then are left out. O(grants).
    pub fn allocations(
        &self,
        size: u64,
        in_force_at: EffectiveTime,
    ) -> impl Iterator<Item = Allocation> + '_ {
        let taken = self.taken(size, in_force_at);
        let mut place = 0;
        let rows = 0..self.grants_end(size);
        rows.filter_map(move |grant| {
            let row = self.grants.get(grant);
            if !row.span.contains(in_force_at.us()) {
                return None;
            }
            let revoked = taken.from(&mut place, grant);
            self.allocation(self.grants.id(grant), &row, i128::from(row.count) - revoked)
        })
    }

    /// As [`allocations`](Projection::allocations), of one holder; none of one that is unknown. O(k) in the holder's
    /// grants, and a look into each chunk of 4,096 grants; all are found before the first is given.
    pub fn allocations_to(
        &self,
        size: u64,
        holder: &HolderId,
        in_force_at: EffectiveTime,
    ) -> impl Iterator<Item = Allocation> + '_ {
        let mut found = Vec::new();
        if let Some(holder) = self.holder_index(holder).map(RecipientRow::Holder) {
            let rows = self.grants.having(holder.number(), self.grants_end(size));
            found.reserve(rows.most());
            rows.visit(|grant, id, row| {
                let left = self.left(grant, &row, size, in_force_at);
                found.extend(self.allocation(id, &row, left));
            });
        }
        found.into_iter()
    }

    /// What a grant amounts to of which so much is left; `None` where nothing is.
    pub(crate) fn allocation(&self, id: &Id, row: &GrantRow, left: i128) -> Option<Allocation> {
        if left <= 0 {
            return None;
        }
        Some(Allocation {
            grant: GrantId::new(Uuid::from_bytes(*id)).ok()?,
            pool: self.pool_row(row.pool).id.clone(),
            unit: self.unit_of(row.pool)?.clone(),
            recipient: self.recipient(row.recipient),
            purpose: self.purpose(row.purpose).cloned(),
            window: row.span.window(),
            granted: row.amount(),
            revoked: i128::from(row.count) - left,
            left,
            granted_in: row.granted_in,
        })
    }
}
