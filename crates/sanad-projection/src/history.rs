//! All that happened to a grant.

use sanad_core::{GrantId, PoolId, Purpose, Recipient, Unit, Window};

use crate::projection::Projection;
use crate::statement::StatementLine;

/// One event of a grant, and what was left of the grant after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// The event.
    pub line: StatementLine,
    /// What is left of the grant at the first instant of the event's window once it is recorded, in the unit's
    /// smallest part.
    pub left: i128,
}

/// A grant and all that happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantHistory {
    /// The grant.
    pub grant: GrantId,
    /// The pool granted from.
    pub pool: PoolId,
    /// Its unit.
    pub unit: Unit,
    /// Who received it.
    pub recipient: Recipient,
    /// What for.
    pub purpose: Option<Purpose>,
    /// When it holds.
    pub window: Window,
    /// Its granting and every revocation, in order of recording.
    pub lines: Vec<HistoryLine>,
}

impl Projection {
    /// A grant's history, as known after the first `size` entries; `None` for a grant that is unknown then.
    /// O(r²) in the grant's own revocations.
    #[must_use]
    pub fn history(&self, size: u64, grant: GrantId) -> Option<GrantHistory> {
        let index = self.row_of_grant(grant)?;
        let row = self.grants.get(index);
        if row.granted_in.0 >= size {
            return None;
        }
        let left =
            |line: &StatementLine| self.left(index, &row, line.sequence.0 + 1, line.window.from());
        Some(GrantHistory {
            grant,
            unit: self.unit_of(row.pool)?.clone(),
            pool: self.pool_row(row.pool).id.clone(),
            recipient: self.recipient(row.recipient),
            purpose: self.purpose(row.purpose).cloned(),
            window: row.span.window(),
            lines: self
                .lines(index, &row, size)
                .into_iter()
                .map(|line| HistoryLine { left: left(&line), line })
                .collect(),
        })
    }
}
