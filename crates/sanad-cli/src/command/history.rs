//! `sanad history`: all that happened to a grant.

use clap::Args;
use sanad::{Auditor, Calendar, GrantHistory};
use serde::Serialize;

use crate::as_of::KnownAs;
use crate::basis::{BasisForm, short_hash};
use crate::command::statement::{LineForm, signed, what};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::lettering::isolated;
use crate::naming;
use crate::rows::{RecipientForm, window_cells};
use crate::table::Cell;

/// All that happened to a grant, with entries and hashes.
#[derive(Debug, Args)]
pub(crate) struct History {
    /// The grant, by its id or at least the first four letters of it
    grant: String,
    /// Say also what is left of it at this date or time
    #[arg(long, value_name = "DATE", help_heading = "View")]
    in_force_at: Option<String>,
    #[command(flatten)]
    known: KnownAs,
}

/// A step, for programs.
#[derive(Debug, Serialize)]
struct StepForm {
    #[serde(flatten)]
    line: LineForm,
    /// What is left at the step's first instant.
    left: String,
    hash: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    basis: BasisForm,
    grant: String,
    pool: String,
    unit: String,
    to: RecipientForm,
    purpose: Option<String>,
    from: String,
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<String>,
    lines: Vec<StepForm>,
}

impl History {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let calendar = auditor.calendar();
        let view = auditor.view(self.known.resolve(&auditor)?)?;
        let grant = naming::grant(&self.grant, &view)?;
        let at = self.in_force_at.as_deref();
        let at = at.map(|text| crate::as_of::read_date("--in-force-at", text, &auditor));
        let at = at.transpose()?;
        let basis = BasisForm::of(&view, at, calendar);
        let footer = basis.footer(at, calendar);
        let found = view.history(grant).ok_or_else(|| Failure::NotFound {
            code: "unknown_grant",
            sentence: format!("grant {grant} was not made yet at that entry"),
        })?;
        let left = at.map(|at| {
            let held = found.lines.iter().filter(|line| line.line.window.contains(at));
            let held: i128 = held.map(|line| signed(&line.line)).sum();
            found.unit.write(if found.window.contains(at) { held } else { 0 })
        });
        if desk.json {
            desk.answer(&answer(&found, basis, left, &auditor)?)?;
            return Ok(Ending::Done);
        }
        print(&found, &auditor, desk)?;
        if let Some(left) = left {
            desk.say(format_args!("left then: {left} {}", found.unit.symbol()))?;
        }
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

fn print(found: &GrantHistory, auditor: &Auditor, desk: &mut Desk) -> Result<(), Failure> {
    let calendar = auditor.calendar();
    let purpose =
        found.purpose.as_ref().map(|purpose| format!(" for {}", isolated(purpose.as_str())));
    desk.say(format_args!("grant {}", found.grant))?;
    let purpose = purpose.unwrap_or_default();
    desk.say(format_args!("of {} to {}{purpose}", found.pool, found.recipient))?;
    desk.say("")?;
    let table = desk.table().amount("ENTRY").flexible("WHAT").amount("AMOUNT");
    let mut table = table.fixed("FROM").fixed("UNTIL").amount("LEFT").fixed("HASH");
    for step in &found.lines {
        let (from, until) = window_cells(step.line.window, calendar);
        table.row([
            Cell::count(step.line.sequence.0),
            what(&step.line, calendar),
            Cell::change(&found.unit, signed(&step.line)),
            from,
            until,
            Cell::amount(&found.unit, step.left),
            Cell::text(short_hash(&auditor.entry(step.line.sequence)?.hash)),
        ]);
    }
    desk.lay_out(&mut table)
}

fn answer(
    found: &GrantHistory,
    basis: BasisForm,
    left: Option<String>,
    auditor: &Auditor,
) -> Result<Answer, Failure> {
    let calendar: &Calendar = auditor.calendar();
    let lines = found.lines.iter().map(|step| {
        let hash = auditor.entry(step.line.sequence)?.hash.to_string();
        let (line, left) = (LineForm::of(&step.line, calendar), found.unit.write(step.left));
        Ok(StepForm { line, left, hash })
    });
    Ok(Answer {
        basis,
        grant: found.grant.to_string(),
        pool: found.pool.to_string(),
        unit: found.unit.symbol().to_string(),
        to: RecipientForm::from(&found.recipient),
        purpose: found.purpose.as_ref().map(ToString::to_string),
        from: calendar.write_rfc3339(found.window.from()),
        until: found.window.until().map(|until| calendar.write_rfc3339(until)),
        left,
        lines: lines.collect::<Result<_, Failure>>()?,
    })
}
