//! What grants amount to at one instant, after their revocations.

use sanad_core::{
    Amount, EffectiveTime, GrantId, PoolId, Purpose, Recipient, Sequence, Unit, Window,
};

use crate::projection::Projection;
use crate::row::GrantRow;

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
        let rows = self.grants.iter().take_while(move |row| row.granted_in.0 < size);
        rows.filter_map(move |row| self.allocation(row, size, in_force_at))
            .filter(|found| found.left > 0)
    }

    /// What one grant amounts to at an instant; `None` where it is unknown then or its window does not hold.
    pub(crate) fn allocation(
        &self,
        row: &GrantRow,
        size: u64,
        in_force_at: EffectiveTime,
    ) -> Option<Allocation> {
        if row.granted_in.0 >= size || !row.window.contains(in_force_at) {
            return None;
        }
        let left = self.left(row, size, in_force_at);
        let pool = self.pool_row(row.pool).id.clone();
        Some(Allocation {
            grant: row.id,
            unit: self.unit(&pool)?.clone(),
            pool,
            recipient: self.recipient(row.recipient),
            purpose: row.purpose.clone(),
            window: row.window,
            granted: row.amount,
            revoked: row.amount.total() - left,
            left,
            granted_in: row.granted_in,
        })
    }
}
