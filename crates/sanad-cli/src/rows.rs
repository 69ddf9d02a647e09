//! What tables and JSON answers have in common: allocations, windows, recipients.

use std::iter;

use sanad::{Allocation, Calendar, PoolId, Recipient, Unit, Window};
use serde::ser::{Serialize, Serializer};

use crate::naming::Shortened;
use crate::table::Cell;

/// Who received a grant: `{"holder":…}` or `{"pool":…}`, as in the exchange form.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecipientForm {
    Holder(String),
    Pool(String),
}

impl From<&Recipient> for RecipientForm {
    fn from(recipient: &Recipient) -> Self {
        match recipient {
            Recipient::Holder(holder) => RecipientForm::Holder(holder.to_string()),
            Recipient::Pool(pool) => RecipientForm::Pool(pool.to_string()),
        }
    }
}

/// What a grant amounts to, for programs.
#[derive(Debug, serde::Serialize)]
pub(crate) struct AllocationForm {
    pub(crate) grant: String,
    pub(crate) pool: String,
    pub(crate) to: RecipientForm,
    pub(crate) purpose: Option<String>,
    pub(crate) from: String,
    pub(crate) until: Option<String>,
    pub(crate) unit: String,
    pub(crate) granted: String,
    pub(crate) revoked: String,
    pub(crate) amount: String,
    pub(crate) granted_in: u64,
}

impl AllocationForm {
    pub(crate) fn of(found: &Allocation, calendar: &Calendar) -> Self {
        Self {
            grant: found.grant.to_string(),
            pool: found.pool.to_string(),
            to: RecipientForm::from(&found.recipient),
            purpose: found.purpose.as_ref().map(ToString::to_string),
            from: calendar.write_rfc3339(found.window.from()),
            until: found.window.until().map(|until| calendar.write_rfc3339(until)),
            unit: found.unit.symbol().to_string(),
            granted: found.unit.write(found.granted.total()),
            revoked: found.unit.write(found.revoked),
            amount: found.unit.write(found.left),
            granted_in: found.granted_in.0,
        }
    }
}

/// An allocation as a row: grant, pool, to, purpose, from, until, amount.
pub(crate) fn allocation_row(
    found: &Allocation,
    shortened: Shortened,
    calendar: &Calendar,
) -> Vec<Cell> {
    let (from, until) = window_cells(found.window, calendar);
    let purpose = found.purpose.as_ref().map_or_else(Cell::empty, Cell::text);
    vec![
        Cell::text(shortened.id(found.grant)),
        Cell::text(&found.pool),
        Cell::text(&found.recipient),
        purpose,
        from,
        until,
        Cell::amount(&found.unit, found.left),
    ]
}

/// A window as two fields; one without an end leaves the second empty.
pub(crate) fn window_cells(window: Window, calendar: &Calendar) -> (Cell, Cell) {
    let until = window.until().map(|until| calendar.write(until));
    (Cell::text(calendar.write(window.from())), until.map_or_else(Cell::empty, Cell::text))
}

/// Sums by pool, in the order in which the pools came up.
#[derive(Debug, Default)]
pub(crate) struct Totals(Vec<(PoolId, Unit, i128)>);

impl Totals {
    pub(crate) fn add(&mut self, pool: &PoolId, unit: &Unit, amount: i128) {
        match self.0.iter_mut().find(|(known, ..)| known == pool) {
            Some((.., total)) => *total += amount,
            None => self.0.push((pool.clone(), unit.clone(), amount)),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(PoolId, Unit, i128)> {
        self.0.iter()
    }
}

/// A sum, for programs.
#[derive(Debug, serde::Serialize)]
pub(crate) struct TotalForm {
    pool: String,
    unit: String,
    amount: String,
}

impl TotalForm {
    pub(crate) fn of((pool, unit, total): &(PoolId, Unit, i128)) -> Self {
        Self { pool: pool.to_string(), unit: unit.symbol().to_string(), amount: unit.write(*total) }
    }
}

/// A list that is written as it is made, so that a million rows are never held at once.
pub(crate) struct Streamed<F>(pub(crate) F);

impl<I, F> Serialize for Streamed<F>
where
    I: Iterator,
    I::Item: Serialize,
    F: Fn() -> I,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// How often a text is repeated to indent a part under its whole.
pub(crate) fn indented(depth: usize, text: &str) -> String {
    iter::repeat_n("  ", depth).chain([text]).collect()
}
