//! Sanad reading, inside this process: verify, replay, and the questions that people ask.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sanad::{Allocation, Auditor, Known, Recipient, Sequence, View};

use crate::error::{BenchError, Doing, expect};
use crate::stopwatch::{Stopwatch, timed};
use crate::workload::Workload;

/// Verifies a ledger; gives how long it took and how many entries it holds.
///
/// # Errors
/// [`BenchError::Wrong`] where anything is found.
pub fn verify(folder: &Path) -> Result<(Duration, u64), BenchError> {
    let verified = || Ok::<_, BenchError>(Auditor::open(folder)?.verify(&mut |_| {})?);
    let (verdict, took) = timed(verified);
    let verdict = verdict?;
    expect("a verification of a sound ledger", u64::from(verdict.is_clean()), 1)?;
    Ok((took, verdict.entries))
}

/// Replays a ledger that remembers nothing, from its first record to the allocations on a day; gives how long that
/// took.
///
/// # Errors
/// [`BenchError`] by cause.
pub fn replay(forgetful: &Path, workload: &Workload) -> Result<Duration, BenchError> {
    let (count, took) = timed(|| {
        let auditor = Auditor::open(forgetful)?;
        let view = auditor.view(Known::Head)?;
        Ok::<_, BenchError>(view.allocations(workload.busy_day()).count())
    });
    expect("a replay", u64::from(count? > 0), 1)?;
    Ok(took)
}

/// A ledger's log without its memory, beside it: the same segment files by other names, so that it costs no room.
///
/// # Errors
/// [`BenchError::File`].
pub fn forget(ledger: &Path, forgetful: &Path) -> Result<(), BenchError> {
    let log = forgetful.join("log");
    fs::create_dir_all(&log).doing("make", &log)?;
    let identity = forgetful.join("ledger.json");
    fs::copy(ledger.join("ledger.json"), &identity).doing("make", &identity)?;
    let segments = ledger.join("log");
    for segment in fs::read_dir(&segments).doing("list", &segments)? {
        let segment = segment.doing("list", &segments)?;
        let name = log.join(segment.file_name());
        fs::hard_link(segment.path(), &name).doing("make", name)?;
    }
    Ok(())
}

/// How long each of the questions took that the acts with these numbers give rise to: what the act's holder has.
///
/// # Errors
/// [`BenchError::Wrong`] where an answer lacks a grant.
pub fn ask_for_holders(
    view: &View<'_>,
    workload: &Workload,
    numbers: impl Iterator<Item = u64>,
) -> Result<Vec<Duration>, BenchError> {
    let at = workload.busy_day();
    let mut watch = Stopwatch::start();
    numbers
        .map(|number| {
            let holder = workload.holder_of(number);
            watch.lap();
            let found: Vec<Allocation> = view.allocations_to(holder, at).collect();
            let took = watch.lap();
            let theirs =
                |one: &Allocation| matches!(&one.recipient, Recipient::Holder(to) if to == holder);
            expect("the question for a holder", u64::from(found.iter().all(theirs)), 1)?;
            Ok(took)
        })
        .collect()
}

/// How long each question for the history of a grant took.
///
/// # Errors
/// [`BenchError::Wrong`] where a grant is not found.
pub fn ask_for_grants(
    view: &View<'_>,
    workload: &Workload,
    numbers: impl Iterator<Item = u64>,
) -> Result<Vec<Duration>, BenchError> {
    let mut watch = Stopwatch::start();
    numbers
        .map(|number| {
            let grant = workload.grant_id(number);
            watch.lap();
            let history = view.history(grant);
            let took = watch.lap();
            expect("the question for a grant", u64::from(history.is_some()), 1)?;
            Ok(took)
        })
        .collect()
}

/// How long it took to see the pools on a day as they were known after each of some entries.
///
/// # Errors
/// [`BenchError`] by cause.
pub fn ask_for_the_past(
    auditor: &Auditor,
    workload: &Workload,
    entries: impl Iterator<Item = u64>,
) -> Result<Vec<Duration>, BenchError> {
    entries
        .map(|entry| {
            let (pools, took) = timed(|| {
                let view = auditor.view(Known::AtEntry(Sequence(entry)))?;
                Ok::<_, BenchError>(view.pools(workload.busy_day()))
            });
            let pools = u64::try_from(pools?.len()).unwrap_or(0);
            expect("the question for the past", pools, 1)?;
            Ok(took)
        })
        .collect()
}

/// Numbers of acts spread evenly over so many.
pub fn spread_over(count: u64, asked: u64) -> impl Iterator<Item = u64> {
    let asked = asked.min(count);
    // Placed within each part at a step that is no multiple of anything in the workload.
    (0..asked).map(move |place| (place * count / asked.max(1) + place * 7_919) % count)
}
