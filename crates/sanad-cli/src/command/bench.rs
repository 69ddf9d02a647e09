//! `sanad bench`: measure recording, verifying and asking on a user's own machine and disk.

use std::path::PathBuf;

use clap::Args;
use sanad_bench::{Course, Figure, Limit, Place, Plan, Program, Report, Spread};

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::meter::Meter;
use crate::table::Cell;

/// What the acts are made of, unless a measurement is to be repeated with others.
const SEED: u64 = 1;

/// Measure this machine and this disk: how fast entries are recorded, verified and found.
///
/// Beside each figure stands what the same disk or the same cores do with the same bytes when nothing else is done. It
/// works in a new folder, which is removed afterwards, and touches no ledger. A minute or so; other programs that run
/// meanwhile make the figures worse.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Measure on the disk of this folder [default: the current folder]
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    folder: PathBuf,
    /// Entries that a ledger gets
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    entries: u64,
    /// How often each figure is measured; the median is told
    #[arg(long, value_name = "R", default_value_t = 3)]
    rounds: u32,
    /// Which acts: the same number gives the same ones
    #[arg(long, value_name = "NUMBER", default_value_t = SEED)]
    seed: u64,
}

impl Bench {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let plan = Plan::new(self.entries, self.rounds, self.seed)?;
        let place = Place::within(&self.folder, plan.need_bytes())?;
        let folder = place.folder().display();
        desk.note(format_args!("measuring in {folder}, which is removed afterwards"));
        let program = std::env::current_exe().ok().map(|path| Program::at(&path));
        let mut meter = Meter::new();
        let mut hear = |step: sanad_bench::Step| meter.tell(step.doing, step.done, step.total);
        let report = Course::new(plan, &place, program, &mut hear).run()?;
        drop(meter);
        place.close()?;
        if desk.json {
            desk.answer(&report)?;
        } else {
            print(&report, desk)?;
        }
        Ok(Ending::Done)
    }
}

fn print(report: &Report, desk: &mut Desk) -> Result<(), Failure> {
    let mut limits: Vec<&'static str> = Vec::new();
    let table = desk.table().flexible("WHAT").amount("FIGURE").fixed("SPREAD");
    let mut table = table.amount("LIMIT").fixed("RATIO");
    for figure in &report.figures {
        table.row(row(figure, &mut limits));
    }
    desk.lay_out(&mut table)?;
    desk.say("")?;
    for (place, limit) in limits.iter().enumerate() {
        desk.say_wrapped(0, &format!("{}: {limit}", letter(place)))?;
    }
    let (machine, plan) = (&report.machine, &report.plan);
    let processor = machine.processor.as_deref().unwrap_or("a processor that gives no name");
    let basis = format!(
        "{} entries of {:.0} bytes on average; the median of {}, and how far they lie apart; {} cores of {processor}; \
         {} on {}",
        plan.entries,
        report.record_bytes,
        counted(plan.rounds),
        machine.cores,
        report.folder,
        machine.file_system.unwrap_or("a file system that is not known here"),
    );
    desk.tell(&basis)?;
    if machine.forgets() {
        desk.tell("That file system lies in memory, so nothing was durable: name a folder on a disk with --folder.")?;
    }
    Ok(())
}

fn row(figure: &Figure, limits: &mut Vec<&'static str>) -> [Cell; 5] {
    let measured = |found: f64| {
        let (number, unit) = figure.measure.parts(found);
        Cell::measured(&number, unit)
    };
    let (limit, ratio) = match &figure.limit {
        Some(limit) => (measured(limit.found.median), Cell::text(ratio(limit, limits))),
        None => (Cell::empty(), Cell::empty()),
    };
    let found = measured(figure.found.median);
    [Cell::text(&figure.what), found, Cell::text(spread(&figure.found)), limit, ratio]
}

/// A ratio, with the letter of what it is a ratio to.
fn ratio(limit: &Limit, limits: &mut Vec<&'static str>) -> String {
    let place = limits.iter().position(|known| *known == limit.what).unwrap_or_else(|| {
        limits.push(limit.what);
        limits.len() - 1
    });
    format!("{:.2} {}", limit.ratio, letter(place))
}

fn letter(place: usize) -> char {
    ('a'..='z').nth(place).unwrap_or('?')
}

/// How far the rounds lie from their middle.
fn spread(found: &Spread) -> String {
    if found.rounds.len() < 2 || found.median <= 0.0 {
        return String::new();
    }
    format!("±{:.0} %", (found.most - found.least) / 2.0 / found.median * 100.0)
}

fn counted(rounds: u32) -> String {
    match rounds {
        1 => "1 round".into(),
        more => format!("{more} rounds"),
    }
}
