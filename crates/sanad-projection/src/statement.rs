//! All that was given to and taken from a holder.

use sanad_core::{
    Amount, Cause, EffectiveTime, GrantId, HolderId, PoolId, Purpose, RecordedTime, Sequence,
    Title, Unit, Window,
};

use crate::allocation::Allocation;
use crate::projection::Projection;
use crate::row::{GrantRow, RecipientRow, RevocationRow};
use crate::tally::Tally;

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
        let index = self.holder_index(holder)?;
        let row = self.holders.get(index);
        if row.registered_in.0 >= size {
            return None;
        }
        let number = RecipientRow::Holder(index).number();
        let mut tally = Tally::of(1);
        let (mut lines, mut allocations) = (Vec::new(), Vec::new());
        self.grants.having(number, self.grants_end(size)).visit(|grant, id, row| {
            lines.extend(self.lines(grant, &row, size));
            let left = self.left(grant, &row, size, in_force_at);
            if let Some(allocation) = self.allocation(id, &row, left) {
                tally.add(0, row.pool.into(), left);
                allocations.push(allocation);
            }
        });
        lines.sort_by_key(|line| line.sequence);
        let totals =
            tally.totals().pop().unwrap_or_default().into_iter().filter_map(|(pool, total)| {
                let pool = u32::try_from(pool).ok()?;
                Some((self.pool_row(pool).id.clone(), self.unit_of(pool)?.clone(), total))
            });
        let totals = totals.collect();
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
    pub(crate) fn lines(&self, grant: u32, row: &GrantRow, size: u64) -> Vec<StatementLine> {
        let pool = &self.pool_row(row.pool).id;
        let Some(unit) = self.unit_of(row.pool) else { return Vec::new() };
        let line = |sequence, change, amount, window| {
            Some(StatementLine {
                sequence,
                recorded_at: self.recorded_at(sequence)?,
                change,
                grant: self.grant_id(grant),
                pool: pool.clone(),
                unit: unit.clone(),
                amount,
                window,
                purpose: self.purpose(row.purpose).cloned(),
            })
        };
        let revoked = |revocation: RevocationRow| {
            let (change, window) = (Change::Revoked(revocation.cause), revocation.span.window());
            line(revocation.revoked_in, change, revocation.amount(), window)
        };
        let mut lines: Vec<_> = self.revocations(grant, size).filter_map(revoked).collect();
        lines.extend(line(row.granted_in, Change::Granted, row.amount(), row.span.window()));
        lines.reverse();
        lines
    }
}
