//! All that was given to and taken from a holder.

use sanad_core::{
    Amount, Cause, EffectiveTime, GrantId, HolderId, PoolId, Purpose, RecordedTime, Sequence,
    Title, Unit, Window,
};

use crate::allocation::Allocation;
use crate::projection::{Projection, at};
use crate::row::GrantRow;

/// What happened in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was granted.
    Granted,
    /// Part or all was taken back.
    Revoked(Cause),
}

/// One grant or revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The entry.
    pub sequence: Sequence,
    /// When the ledger learned it.
    pub recorded_at: RecordedTime,
    /// Given or taken.
    pub change: Change,
    /// The grant.
    pub grant: GrantId,
    /// The pool granted from.
    pub pool: PoolId,
    /// Its unit.
    pub unit: Unit,
    /// How much.
    pub amount: Amount,
    /// From when, until when.
    pub window: Window,
    /// What the grant is for.
    pub purpose: Option<Purpose>,
}

/// A holder's statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The holder.
    pub holder: HolderId,
    /// Its name.
    pub title: Title,
    /// The entry that registered it.
    pub registered_in: Sequence,
    /// Its grants and their revocations, in order of recording.
    pub lines: Vec<StatementLine>,
    /// What its grants amount to at the instant.
    pub allocations: Vec<Allocation>,
    /// Their sums by pool, in the pool's smallest part.
    pub totals: Vec<(PoolId, Unit, i128)>,
}

impl Projection {
    /// A holder's statement, as known after the first `size` entries; `None` for a holder that is unknown then.
    /// O(n log n) in the holder's grants and revocations.
    #[must_use]
    pub fn statement(
        &self,
        size: u64,
        holder: &HolderId,
        in_force_at: EffectiveTime,
    ) -> Option<Statement> {
        let row = &self.holders[at(*self.holders_by_id.get(holder)?)];
        if row.registered_in.0 >= size {
            return None;
        }
        let grants = || {
            row.grants.iter().map(|index| self.grant_row(*index)).filter(|g| g.granted_in.0 < size)
        };
        let mut lines: Vec<_> = grants().flat_map(|grant| self.lines(grant, size)).collect();
        lines.sort_by_key(|line| line.sequence);
        let mut totals = Vec::new();
        let mut allocations = Vec::new();
        for grant in grants() {
            if let Some(allocation) =
                self.allocation(grant, size, in_force_at).filter(|found| found.left > 0)
            {
                self.add_total(&mut totals, grant.pool, allocation.left);
                allocations.push(allocation);
            }
        }
        let (holder, title) = (row.id.clone(), row.title.clone());
        Some(Statement {
            holder,
            title,
            registered_in: row.registered_in,
            lines,
            allocations,
            totals,
        })
    }

    /// A grant and its revocations, in order of recording.
    pub(crate) fn lines(&self, grant: &GrantRow, size: u64) -> Vec<StatementLine> {
        let pool = &self.pool_row(grant.pool).id;
        let Some(unit) = self.unit(pool) else { return Vec::new() };
        let line = |sequence, change, amount, window| {
            Some(StatementLine {
                sequence,
                recorded_at: self.recorded_at(sequence)?,
                change,
                grant: grant.id,
                pool: pool.clone(),
                unit: unit.clone(),
                amount,
                window,
                purpose: grant.purpose.clone(),
            })
        };
        let mut lines: Vec<_> = self
            .revocations(grant, size)
            .filter_map(|r| line(r.revoked_in, Change::Revoked(r.cause), r.amount, r.window))
            .collect();
        lines.extend(line(grant.granted_in, Change::Granted, grant.amount, grant.window));
        lines.reverse();
        lines
    }
}
