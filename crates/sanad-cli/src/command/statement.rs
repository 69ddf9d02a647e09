//! `sanad statement`: all that was given to and taken from a holder.

use clap::Args;
use sanad::{Calendar, Change, StatementLine};
use serde::Serialize;

use crate::as_of::{AsOf, Taken};
use crate::basis::BasisForm;
use crate::command::allocations::{allocation_table, print_totals};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming::{self, Shortened};
use crate::paint::Tone;
use crate::rows::{AllocationForm, TotalForm, Totals, allocation_row, window_cells};
use crate::table::Cell;
use crate::words::{lag_us, quoted};

/// All that was given to and taken from a holder.
#[derive(Debug, Args)]
pub(crate) struct Statement {
    /// The holder
    holder: String,
    #[command(flatten)]
    as_of: AsOf,
}

/// A grant or revocation, for programs.
#[derive(Debug, Serialize)]
pub(crate) struct LineForm {
    entry: u64,
    recorded_at: String,
    /// `granted`, or the cause of a revocation.
    change: &'static str,
    grant: String,
    pool: String,
    unit: String,
    /// Below zero where it was taken.
    amount: String,
    from: String,
    until: Option<String>,
    purpose: Option<String>,
    backdated_by_us: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Answer {
    basis: BasisForm,
    holder: String,
    title: String,
    registered_in: u64,
    lines: Vec<LineForm>,
    allocations: Vec<AllocationForm>,
    totals: Vec<TotalForm>,
}

impl Statement {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let calendar = auditor.calendar();
        let Taken { view, at, basis, footer } = self.as_of.take(&auditor, desk)?;
        let holder = naming::holder(&self.holder, &view, calendar)?;
        let found = view.statement(&holder, at).ok_or_else(|| Failure::NotFound {
            code: "unknown_holder",
            sentence: format!("holder {holder} was not registered yet at that entry"),
        })?;
        if desk.json {
            let allocations = found.allocations.iter();
            desk.answer(&Answer {
                basis,
                holder: found.holder.to_string(),
                title: found.title.to_string(),
                registered_in: found.registered_in.0,
                lines: found.lines.iter().map(|line| LineForm::of(line, calendar)).collect(),
                allocations: allocations.map(|a| AllocationForm::of(a, calendar)).collect(),
                totals: found.totals.iter().map(TotalForm::of).collect(),
            })?;
            return Ok(Ending::Done);
        }
        let shortened = Shortened::for_grants_of(&view);
        desk.say(format_args!(
            "{}, {}, registered in entry {}",
            found.holder,
            quoted(found.title.as_str()),
            found.registered_in
        ))?;
        print_lines(&found.lines, shortened, calendar, desk)?;
        desk.say("")?;
        if found.allocations.is_empty() {
            desk.say("nothing is in force")?;
        } else {
            let (mut table, mut totals) = (allocation_table(desk), Totals::default());
            for allocation in &found.allocations {
                totals.add(&allocation.pool, &allocation.unit, allocation.left);
                table.row(allocation_row(allocation, shortened, calendar));
            }
            desk.lay_out(&mut table)?;
            print_totals(&totals, desk)?;
        }
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

fn print_lines(
    lines: &[StatementLine],
    shortened: Shortened,
    calendar: &Calendar,
    desk: &mut Desk,
) -> Result<(), Failure> {
    if lines.is_empty() {
        return desk.say("nothing was ever granted to it");
    }
    desk.say("")?;
    let table = desk.table().amount("ENTRY").fixed("GRANT").flexible("WHAT").flexible("POOL");
    let mut table = table.amount("AMOUNT").fixed("FROM").fixed("UNTIL");
    for line in lines {
        let (from, until) = window_cells(line.window, calendar);
        table.row([
            Cell::count(line.sequence.0),
            Cell::text(shortened.id(line.grant)),
            what(line, calendar),
            Cell::text(&line.pool),
            Cell::change(&line.unit, signed(line)),
            from,
            until,
        ]);
    }
    desk.lay_out(&mut table)
}

/// What happened in a line, and whether it is backdated.
pub(crate) fn what(line: &StatementLine, calendar: &Calendar) -> Cell {
    let late = lag_us(line.window.from(), line.recorded_at, calendar);
    let late = late.map(|lag| format!(", backdated by {}", sanad::write_lag(lag)));
    let cell = Cell::text(format!("{}{}", word(line.change), late.unwrap_or_default()));
    if line.change == Change::Granted { cell } else { cell.toned(Tone::Bad) }
}

/// What a line adds to its grant.
pub(crate) fn signed(line: &StatementLine) -> i128 {
    match line.change {
        Change::Granted => line.amount.total(),
        Change::Revoked(_) => -line.amount.total(),
    }
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Granted => "granted",
        Change::Revoked(cause) => cause.as_str(),
    }
}

impl LineForm {
    pub(crate) fn of(line: &StatementLine, calendar: &Calendar) -> Self {
        Self {
            entry: line.sequence.0,
            recorded_at: calendar.write_recorded_rfc3339(line.recorded_at),
            change: word(line.change),
            grant: line.grant.to_string(),
            pool: line.pool.to_string(),
            unit: line.unit.symbol().to_string(),
            amount: line.unit.write(signed(line)),
            from: calendar.write_rfc3339(line.window.from()),
            until: line.window.until().map(|until| calendar.write_rfc3339(until)),
            purpose: line.purpose.as_ref().map(ToString::to_string),
            backdated_by_us: lag_us(line.window.from(), line.recorded_at, calendar),
        }
    }
}
