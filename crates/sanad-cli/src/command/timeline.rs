//! `sanad timeline`: a pool's capacity and use over time.

use clap::Args;
use sanad::{Calendar, TimelineStep, Unit};
use serde::Serialize;

use crate::as_of::KnownAs;
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::naming;
use crate::paint::Tone;
use crate::rows::window_cells;
use crate::table::Cell;

/// A pool's capacity and use over time, past and future.
#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// The pool
    pool: String,
    /// Only the step that holds at this date or time
    #[arg(long, value_name = "DATE", help_heading = "View")]
    in_force_at: Option<String>,
    #[command(flatten)]
    known: KnownAs,
}

/// A step, for programs.
#[derive(Debug, Serialize)]
struct StepForm {
    from: String,
    until: Option<String>,
    capacity: String,
    usage: String,
    headroom: String,
    shortfall: String,
}

#[derive(Debug, Serialize)]
struct Answer {
    basis: BasisForm,
    pool: String,
    unit: String,
    steps: Vec<StepForm>,
}

impl Timeline {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let calendar = auditor.calendar();
        let view = auditor.view(self.known.resolve(&auditor)?)?;
        let pool = naming::pool(&self.pool, &view, calendar)?;
        let at = self.in_force_at.as_deref();
        let at = at.map(|text| crate::as_of::read_date("--in-force-at", text, &auditor));
        let at = at.transpose()?;
        let basis = BasisForm::of(&view, at, calendar);
        let footer = basis.footer(at, calendar);
        let unknown = || Failure::NotFound {
            code: "unknown_pool",
            sentence: format!("pool {pool} was not open yet at that entry"),
        };
        let mut steps = view.timeline(&pool).ok_or_else(unknown)?;
        steps.retain(|step| at.is_none_or(|at| step.window.contains(at)));
        let unit = view.unit(&pool).ok_or_else(unknown)?;
        if desk.json {
            let steps = steps.iter().map(|step| form(step, unit, calendar)).collect();
            let (pool, unit) = (pool.to_string(), unit.symbol().to_string());
            desk.answer(&Answer { basis, pool, unit, steps })?;
            return Ok(Ending::Done);
        }
        print(&steps, unit, calendar, desk)?;
        desk.whisper(footer)?;
        Ok(Ending::Done)
    }
}

fn print(
    steps: &[TimelineStep],
    unit: &Unit,
    calendar: &Calendar,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let table = desk.table().fixed("FROM").fixed("UNTIL");
    let mut table = table.amount("CAPACITY").amount("USED").amount("HEADROOM").fixed("");
    for step in steps {
        let (from, until) = window_cells(step.window, calendar);
        let headroom = Cell::amount(unit, step.headroom);
        let (headroom, mark) = if step.headroom < 0 {
            (headroom.toned(Tone::Bad), Cell::text("short").toned(Tone::Bad))
        } else {
            (headroom, Cell::empty())
        };
        let (capacity, usage) = (Cell::amount(unit, step.capacity), Cell::amount(unit, step.usage));
        table.row([from, until, capacity, usage, headroom, mark]);
    }
    if steps.is_empty() {
        return desk.say("nothing was declared or granted");
    }
    desk.lay_out(&mut table)
}

fn form(step: &TimelineStep, unit: &Unit, calendar: &Calendar) -> StepForm {
    StepForm {
        from: calendar.write_rfc3339(step.window.from()),
        until: step.window.until().map(|until| calendar.write_rfc3339(until)),
        capacity: unit.write(step.capacity),
        usage: unit.write(step.usage),
        headroom: unit.write(step.headroom.max(0)),
        shortfall: unit.write((-step.headroom).max(0)),
    }
}
