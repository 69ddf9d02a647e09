//! One ledger as it grows: how fast it still takes entries, and how fast it opens and answers.

use std::path::Path;
use std::time::Duration;

use sanad::{Auditor, Known, Ledger};
use sanad_bench::{
    Course, HOLDERS, Program, Spread, ask_for_grants, ask_for_holders, ask_for_the_past,
    bytes_below, in_batches, new_ledger, per_second, quantile_us, read_places, spread_over,
};
use serde::Serialize;

use crate::failure::Failure;

const GROWING: &str = "growing";
const BATCH: usize = 8_000;
/// Acts that are made at once, outside of what is timed.
const CHUNK: u64 = 400_000;
/// An append rate is taken over so many stretches, of so many batches each at the most.
const STRETCHES: u64 = 5;
const BATCHES: u64 = 25;
/// Questions at a size.
const QUESTIONS: u64 = 1_000;
const LOOKS_BACK: u64 = 20;
/// Grants of a chunk of what is remembered.
const CHUNK_ROWS: u64 = 4_096;

/// What a ledger of one size does.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Point {
    /// Entries, at the end of what was timed.
    pub(crate) entries: u64,
    /// Entries recorded a second, in batches of 8,000 by one caller.
    pub(crate) append: Spread,
    /// What a plain file takes of the same bytes in the same batches, right after.
    pub(crate) plain: f64,
    /// What it answers, where it was asked.
    pub(crate) answers: Option<Answers>,
}

/// What a ledger of one size answers, and how fast.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answers {
    /// Open and answer for one holder as a whole process, in milliseconds.
    pub(crate) open_ms: Spread,
    /// Allocations of a holder, in microseconds: the median and the 99th of a hundred.
    pub(crate) holder_us: [f64; 2],
    /// History of a grant, in microseconds: the median and the 99th of a hundred.
    pub(crate) grant_us: [f64; 2],
    /// To read as many places of as much memory as those questions have to, in microseconds: the 99th of a hundred.
    pub(crate) least_us: [f64; 2],
    /// The pools as known at past entries, in milliseconds: the median and the worst.
    pub(crate) past_ms: [f64; 2],
    /// A past entry as a whole process, in milliseconds.
    pub(crate) past_open_ms: Spread,
}

/// Lets a ledger grow through sizes in ascending order; up to `asked_up_to` entries it is asked too.
pub(crate) fn points(
    course: &Course<'_>,
    sizes: &[u64],
    asked_up_to: u64,
) -> Result<Vec<Point>, Failure> {
    let folder = course.place.path(GROWING);
    let mut ledger = new_ledger(&folder, &course.workload)?;
    let (mut filled, mut points) = (0, Vec::new());
    for size in sizes {
        eprintln!("growing to {size} entries");
        let stretch = (size / 10 / STRETCHES).clamp(1, BATCHES * BATCH as u64);
        let timed_from = size - STRETCHES * stretch;
        while filled < timed_from {
            let next = timed_from.min(filled + CHUNK);
            in_batches(&ledger, course.workload.acts(filled..next), BATCH, 1)?;
            filled = next;
        }
        let append = stretches(course, &ledger, &mut filled, stretch)?;
        let mut point =
            Point { entries: *size, append, plain: course.plain_rate(BATCH)?, answers: None };
        if *size <= asked_up_to {
            ledger.close();
            point.answers = Some(answers(course, &folder, *size)?);
            ledger = Ledger::open_here(&folder)?;
        }
        points.push(point);
    }
    ledger.close();
    course.place.remove(GROWING)?;
    Ok(points)
}

fn stretches(
    course: &Course<'_>,
    ledger: &Ledger,
    filled: &mut u64,
    stretch: u64,
) -> Result<Spread, Failure> {
    let acts: Vec<_> = (0..STRETCHES)
        .map(|place| *filled + place * stretch)
        .map(|first| course.workload.acts(first..first + stretch))
        .collect();
    let mut rates = Vec::new();
    for acts in acts {
        let count = acts.len();
        rates.push(per_second(count, in_batches(ledger, acts, BATCH, 1)?));
    }
    *filled += STRETCHES * stretch;
    Ok(Spread::of(rates))
}

fn answers(course: &Course<'_>, folder: &Path, size: u64) -> Result<Answers, Failure> {
    let workload = &course.workload;
    let holder = workload.holder_of(1);
    let open = ["allocations", "--json", "--holder", holder.as_str()];
    let middle = (size / 2).to_string();
    let past = ["pools", "--json", "--at-entry", &middle];
    let (open_ms, past_open_ms) =
        (process(course, folder, &open)?, process(course, folder, &past)?);
    let auditor = Auditor::open(folder)?;
    let view = auditor.view(Known::Head)?;
    let numbers = || spread_over(size, QUESTIONS);
    let both = |each: Vec<Duration>, least| [quantile_us(&each, 0.5), quantile_us(&each, least)];
    let past = ask_for_the_past(&auditor, workload, spread_over(size, LOOKS_BACK))?;
    let remembered = usize::try_from(bytes_below(&folder.join("memory"))?).unwrap_or(usize::MAX);
    // In each chunk of rows where some begin and which they are; then each row's numbers and its id.
    let chunks = 2 * (size / CHUNK_ROWS);
    let places = [chunks + 2 * size / HOLDERS, chunks];
    Ok(Answers {
        least_us: places.map(|places| quantile_us(&read_places(remembered, places), 0.99)),
        open_ms,
        holder_us: both(ask_for_holders(&view, workload, numbers())?, 0.99),
        grant_us: both(ask_for_grants(&view, workload, numbers())?, 0.99),
        past_ms: both(past, 1.0).map(|us| us / 1e3),
        past_open_ms,
    })
}

fn process(course: &Course<'_>, folder: &Path, words: &[&str]) -> Result<Spread, Failure> {
    let Some(program) = &course.program else { return Ok(Spread::of(Vec::new())) };
    let once = |program: &Program| program.time(folder, words);
    let rounds: Result<Vec<f64>, _> = (0..course.plan.rounds)
        .map(|_| once(program).map(|took| took.as_secs_f64() * 1e3))
        .collect();
    Ok(Spread::of(rounds?))
}
