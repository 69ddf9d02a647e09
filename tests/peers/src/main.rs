//! Sanad beside other stores under the same rules, and the table of its targets.
//!
//! It is a workspace of its own: the project's default build and its tests do not compile it, nor any of the peers.
//! `docs/performance.md` says what is measured and how to run it.
//!
//! | file | noun |
//! |---|---|
//! | `contest` | Sanad and its peers, by turns |
//! | `peer/…` | one file a peer |
//! | `growth`, `deciding` | cost as size grows |
//! | `targets` | what was to be reached, and whether it was |
//! | `results` | all that was found, as data |
//! | `tables`, `page`, `curves` | the same as text, on the page on performance, and drawn |
//! | `failure` | why it ended early |

mod contest;
mod curves;
mod deciding;
mod failure;
mod growth;
mod page;
mod peer;
mod results;
mod tables;
mod targets;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use sanad_bench::{Course, Machine, Place, Plan, Program};

use crate::contest::Contest;
use crate::failure::Failure;
use crate::results::Results;

/// Bytes on disk that an entry of the growing ledger may take.
const GROWN_BYTES: u64 = 500;
/// Beyond so many entries a growing ledger is not asked, only written to.
const ASKED_UP_TO: u64 = 10_000_000;

/// Measure Sanad and its peers, and print the table of its targets.
#[derive(Debug, Parser)]
#[command(name = "sanad-peers", version)]
struct Arguments {
    /// Entries that a ledger gets
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    entries: u64,
    /// How often each figure is measured
    #[arg(long, value_name = "R", default_value_t = 3)]
    rounds: u32,
    /// Measure on the disk of this folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The `sanad` program [default: the one that `cargo build --release -p sanad-cli` makes]
    #[arg(long, value_name = "FILE")]
    sanad: Option<PathBuf>,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
    /// Let a ledger grow to 50 M entries, and ask it at 10 M; else it grows to N
    #[arg(long)]
    large: bool,
    /// With --large: another size to end with
    #[arg(long, value_name = "N", default_value_t = 50_000_000, requires = "large")]
    largest: u64,
    /// Write all rounds of all figures into this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the tables into this file, in Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Put the tables between the marks of this page
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    /// Write the curves into this folder, as CSV and SVG
    #[arg(long, value_name = "DIR")]
    curves: Option<PathBuf>,
}

/// A part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Sanad beside the limits of disk and cores
    Sanad,
    /// Sanad beside its peers
    Peers,
    /// Deciding as a pool fills
    Deciding,
    /// A ledger as it grows
    Growth,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("sanad-peers: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let results = measured(arguments)?;
    // A peer says on standard output which files it opens, so what programs read goes into files of its own.
    print!("{}", tables::text(&results));
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_string_pretty(&results).map_err(Failure::peer)?)?;
    }
    if let Some(file) = &arguments.markdown {
        fs::write(file, tables::markdown(&results))?;
    }
    if let Some(folder) = &arguments.curves {
        curves::write(&results, folder)?;
    }
    if let Some(page) = &arguments.page {
        let beside = page.parent().unwrap_or(Path::new(""));
        let curves = arguments.curves.as_deref().map(|folder| folder.strip_prefix(beside));
        let shown = curves.and_then(Result::ok).map(|folder| curves::shown(&results, folder));
        page::fill_in(page, &(tables::markdown(&results) + &shown.unwrap_or_default()))?;
    }
    Ok(())
}

fn measured(arguments: &Arguments) -> Result<Results, Failure> {
    let plan = Plan::new(arguments.entries, arguments.rounds, 1)?;
    let sizes = sizes(arguments);
    let grown = sizes.last().copied().unwrap_or(0).saturating_mul(GROWN_BYTES);
    let place = Place::within(&arguments.folder, plan.need_bytes().max(grown))?;
    eprintln!("measuring in {}, which is removed afterwards", place.folder().display());
    let wanted = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut hear = |step: sanad_bench::Step| {
        eprintln!("{} of {}: {}", step.done, step.total, step.doing);
    };
    let program = Program::at(&program(arguments)?);
    let mut course = Course::new(plan, &place, Some(program), &mut hear);
    let mut results = Results {
        machine: Machine::with(place.folder()),
        plan,
        record_bytes: course.record_bytes(),
        sanad: None,
        contests: Vec::new(),
        deciding: Vec::new(),
        growth: Vec::new(),
        targets: Vec::new(),
    };
    if wanted(Part::Sanad) {
        results.sanad = Some(course.run()?);
    }
    if wanted(Part::Peers) {
        let contest = |batch| Contest::of(&course, batch);
        results.contests = [1, 1_000, 8_000].into_iter().map(contest).collect::<Result<_, _>>()?;
    }
    if wanted(Part::Deciding) {
        results.deciding = deciding::costs(plan.rounds, 1_000_000);
    }
    if wanted(Part::Growth) {
        results.growth = growth::points(&course, &sizes, ASKED_UP_TO)?;
    }
    results.targets = targets::rows(&results);
    drop(course);
    place.close()?;
    Ok(results)
}

/// The sizes that the growing ledger is measured at, ascending.
fn sizes(arguments: &Arguments) -> Vec<u64> {
    let last = if arguments.large { arguments.largest } else { arguments.entries };
    let steps = [10_000, 100_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000];
    let below = steps.into_iter().filter(|size| *size < last);
    below.chain([last]).collect()
}

fn program(arguments: &Arguments) -> Result<PathBuf, Failure> {
    let built = || {
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        target.unwrap_or(root).join("release/sanad")
    };
    let path = arguments.sanad.clone().unwrap_or_else(built);
    if path.is_file() { Ok(path) } else { Err(Failure::NoProgram(path.display().to_string())) }
}
