//! The table of targets: what was to be reached, what was found, and whether it was.

use sanad_bench::{Figure, Measure, Report, Spread};
use serde::Serialize;

use crate::deciding::Cost;
use crate::growth::Point;
use crate::results::Results;

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// What was to be reached.
    pub(crate) target: String,
    /// What was found.
    pub(crate) found: String,
    /// What stands beside it in the same run.
    pub(crate) beside: String,
    /// The ratio of the two.
    pub(crate) ratio: Option<f64>,
    /// Whether the target was reached.
    pub(crate) met: bool,
    /// What the figure rests on, measured in the same run.
    pub(crate) rests_on: Vec<String>,
    /// What stands in the way of a better one.
    pub(crate) why: &'static str,
}

/// A bound on a figure: on itself, in its own measure, and on its ratio.
struct Target {
    id: &'static str,
    says: &'static str,
    figure: Option<f64>,
    ratio: Option<f64>,
    /// Other figures that the machine allows no more than.
    rests_on: &'static [&'static str],
    why: &'static str,
}

const fn target(
    id: &'static str,
    says: &'static str,
    figure: Option<f64>,
    ratio: Option<f64>,
) -> Target {
    Target { id, says, figure, ratio, rests_on: &[], why: "" }
}

impl Target {
    const fn resting_on(mut self, figures: &'static [&'static str], why: &'static str) -> Self {
        (self.rests_on, self.why) = (figures, why);
        self
    }
}

const RATES: &str = "≥ 1.0 M/s, ≥ 0.5 of the plain file";
const CONSTANT: &str = "constant: ≤ 1.2 × a ledger of a tenth";
const RECORDING: &[&str] = &["bare_commit", "record_busy"];
const PROCESSOR: &str = "the processor, not the disk: all cores together have no more than their number of microseconds in \
    each; of an entry's, hashing is a fifth, and the rest is its act, the rules, its payload, its rows and its answer";
const IDS: &str = "whether an id is used twice cannot be told for certain in one pass without keeping all ids: the tables \
    that keep them, some 54 bytes an entry, are also what the memory is held against";

/// What holds at the size that the run was asked for.
const TARGETS: [Target; 13] = [
    target("record_8000", RATES, Some(1e6), Some(0.5)).resting_on(RECORDING, PROCESSOR),
    target("record_8000_ahead", RATES, Some(1e6), Some(0.5)).resting_on(RECORDING, PROCESSOR),
    target("record_one_p50", "≤ 1.25 × one bare append", None, Some(1.25)),
    target("record_threads", "≥ 20 × one thread", None, Some(20.0)).resting_on(
        &["bare_threads"],
        "to put callers to sleep and to wake them costs more than their entries do, in a plain file too",
    ),
    target("record_threads_p99", "≤ 5 × its p50", None, Some(5.0)),
    target("verify", "≥ 3 M/s, ≥ 0.6 of bare hashing", Some(3e6), Some(0.6)).resting_on(
        &["bare_verify", "verify_within"],
        "hashing and decoding alone take that; what is left is to read, to make rows, to seal and compare them, to judge, \
         and to begin and end a process",
    ),
    target("replay", "≥ 4 M/s", Some(4e6), None).resting_on(
        &["bare_replay"],
        "the chain and decoding alone take that; what is left is to read, and to make rows and seal them",
    ),
    target("open", "≤ 0.1 s at 1 M", Some(100.0), None),
    target("disk_log", "≤ 1.15 × its records", None, Some(1.15)),
    target("disk_all", "≤ 1.6 × its records", None, Some(1.6)),
    target("memory_grant", "≤ 200 B", Some(200.0), None),
    target("memory_verify", CONSTANT, None, Some(1.2)).resting_on(&["memory_open"], IDS),
    target("memory_export", CONSTANT, None, Some(1.2)),
];

/// All rows that the results give.
pub(crate) fn rows(results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(report) = &results.sanad {
        rows.extend(TARGETS.iter().filter_map(|target| row(target, report)));
    }
    if let Some(largest) = results.growth.iter().rev().find(|point| point.answers.is_some()) {
        rows.extend(answer_rows(largest));
    }
    rows.extend(deciding_rows(&results.deciding));
    rows.extend(append_row(&results.growth));
    rows
}

fn row(target: &Target, report: &Report) -> Option<Row> {
    let figure = report.figure(target.id)?;
    let better = |found: f64, bound: f64| match figure.measure.more_is_better() {
        true => found >= bound,
        false => found <= bound,
    };
    let ratio = figure.limit.as_ref().map(|limit| limit.ratio);
    let met = target.figure.is_none_or(|bound| better(figure.found.median, bound))
        && target.ratio.is_none_or(|bound| ratio.is_some_and(|ratio| better(ratio, bound)));
    Some(Row {
        what: figure.what.clone(),
        target: target.says.into(),
        found: figure.measure.write(figure.found.median),
        beside: beside(figure),
        ratio,
        met,
        rests_on: target
            .rests_on
            .iter()
            .filter_map(|id| rests_on(figure, report.figure(id)?))
            .collect(),
        why: target.why,
    })
}

/// What a figure rests on, and how much of it was reached where both are counted alike.
fn rests_on(figure: &Figure, other: &Figure) -> Option<String> {
    let ratio = figure.found.ratio_to(&other.found);
    let reached = match &other.limit {
        Some(limit) => format!("; {:.2} × {}", limit.ratio, limit.what),
        None if figure.measure == other.measure => format!("; found {ratio:.2} × that"),
        None => String::new(),
    };
    Some(format!("{} ({}{reached})", other.measure.write(other.found.median), other.what))
}

fn beside(figure: &Figure) -> String {
    let limit = |limit: &sanad_bench::Limit| {
        format!("{} ({})", figure.measure.write(limit.found.median), limit.what)
    };
    figure.limit.as_ref().map(limit).unwrap_or_default()
}

fn answer_rows(point: &Point) -> Vec<Row> {
    let Some(answers) = &point.answers else { return Vec::new() };
    let at = sized(point.entries);
    let (us, ms) = (Measure::Microseconds, Measure::Milliseconds);
    let row = |what: &str, target: &str, measure: Measure, found: f64, bound: f64| Row {
        what: format!("{what}, {at}"),
        target: target.into(),
        found: measure.write(found),
        beside: String::new(),
        ratio: None,
        met: found <= bound,
        rests_on: Vec::new(),
        why: "what is remembered is read, checked and laid out before anything is answered",
    };
    let waits = |row: Row, least: f64| Row {
        rests_on: vec![format!(
            "{} (as many places of as much memory, only read)",
            us.write(least)
        )],
        why: "what is asked for lies in that many places, each of which waits for memory",
        ..row
    };
    let open = if point.entries > 1_000_000 { 1_000.0 } else { 100.0 };
    let open_says = if open > 100.0 { "≤ 1 s at 10 M" } else { "≤ 0.1 s at 1 M" };
    let [holder, grant] = [answers.holder_us[1], answers.grant_us[1]];
    let opened = format!("{} (open and answer, process)", ms.write(answers.open_ms.median));
    let past = answers.past_open_ms.median;
    vec![
        row("open and answer, process", open_says, ms, answers.open_ms.median, open),
        waits(
            row("allocations of a holder, p99", "≤ 1 ms at 10 M", us, holder, 1_000.0),
            answers.least_us[0],
        ),
        waits(
            row("history of a grant, p99", "≤ 1 ms at 10 M", us, grant, 1_000.0),
            answers.least_us[1],
        ),
        row("pools at a past entry, worst", "≤ 0.5 s at 10 M", ms, answers.past_ms[1], 500.0),
        Row {
            rests_on: vec![opened],
            ..row("a past entry, whole process", "≤ 0.5 s at 10 M", ms, past, 500.0)
        },
    ]
}

fn deciding_rows(costs: &[Cost]) -> Vec<Row> {
    let (Some(least), Some(most)) = (costs.first(), costs.last()) else { return Vec::new() };
    let row = |kind: &str, spread: fn(&Cost) -> &Spread| {
        let ratio = spread(most).ratio_to(spread(least));
        let written = |cost: &Cost| Measure::Microseconds.write(spread(cost).median / 1e3);
        Row {
            what: format!("decide {kind} with {}", counted(most.grants)),
            target: "≤ 3 × with 1,000 grants".into(),
            found: written(most),
            beside: format!("{} ({})", written(least), counted(least.grants)),
            ratio: Some(ratio),
            met: ratio <= 3.0,
            rests_on: Vec::new(),
            why: "the ids and the timeline of a large pool do not fit a core's cache, and each look waits for memory",
        }
    };
    vec![row("an act alone", |cost| &cost.decide_ns), row("one act of many", |cost| &cost.ahead_ns)]
}

/// From a million entries on; in a shorter run from its first size on.
fn append_row(points: &[Point]) -> Option<Row> {
    let million = points.iter().find(|point| point.entries >= 1_000_000);
    let (first, last) = (million.or(points.first())?, points.last()?);
    if first.entries == last.entries {
        return None;
    }
    let ratio = last.append.median / first.append.median;
    let written = |point: &Point| Measure::PerSecond.write(point.append.median);
    let plain =
        format!("{:.2} × (the plain file, between the same sizes)", last.plain / first.plain);
    Some(Row {
        what: format!("append at {}", sized(last.entries)),
        target: format!("≥ 0.9 × at {}", sized(first.entries)),
        found: written(last),
        beside: format!("{} (at {})", written(first), sized(first.entries)),
        ratio: Some(ratio),
        met: ratio >= 0.9,
        rests_on: vec![plain],
        why: "the disk's own rate changes meanwhile; and a new id waits for memory in a table that no cache holds",
    })
}

fn counted(grants: u64) -> String {
    format!("{} grants", sized(grants))
}

/// A number of entries as people say it: `10 M`, `100 k`.
pub(crate) fn sized(entries: u64) -> String {
    match entries {
        _ if entries >= 1_000_000 && entries.is_multiple_of(100_000) => {
            format!("{} M", entries as f64 / 1e6)
        }
        _ if entries >= 1_000 && entries.is_multiple_of(100) => {
            format!("{} k", entries as f64 / 1e3)
        }
        few => few.to_string(),
    }
}
