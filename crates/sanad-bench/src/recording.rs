//! Sanad recording: in batches, one entry at a time, and by many threads at once.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use sanad::{Act, CreateOptions, Ledger, OnRefusal, RecordError, Submitted};

use crate::error::BenchError;
use crate::stopwatch::{Stopwatch, timed};
use crate::workload::Workload;

/// Makes a ledger with the workload's opening entry.
///
/// # Errors
/// [`BenchError`] by cause.
pub fn new_ledger(folder: &Path, workload: &Workload) -> Result<Ledger, BenchError> {
    let ledger = Ledger::create(folder, CreateOptions::default())?;
    ledger.record(workload.opening())?;
    Ok(ledger)
}

/// Records acts in batches of so many. The caller hands in a batch, and waits for the oldest where `ahead` of them are
/// under way; with one, that is a loop around [`Ledger::record_many`].
///
/// # Errors
/// [`BenchError::Record`] where an act is not recorded.
pub fn in_batches(
    ledger: &Ledger,
    acts: Vec<Act>,
    batch: usize,
    ahead: usize,
) -> Result<Duration, BenchError> {
    let batches = cut(acts, batch);
    let (done, took) = timed(|| {
        let mut under_way = VecDeque::with_capacity(ahead.max(1));
        for acts in batches {
            if under_way.len() >= ahead.max(1) {
                under_way.pop_front().map_or(Ok(()), waited_for)?;
            }
            under_way.push_back(ledger.submit(acts, OnRefusal::Stop));
        }
        under_way.into_iter().try_for_each(waited_for)
    });
    done.map(|()| took)
}

fn waited_for(submitted: Submitted) -> Result<(), BenchError> {
    for receipt in submitted.wait() {
        receipt?;
    }
    Ok(())
}

fn cut(acts: Vec<Act>, size: usize) -> Vec<Vec<Act>> {
    let mut batches = Vec::with_capacity(acts.len() / size.max(1) + 1);
    let mut acts = acts.into_iter();
    loop {
        let batch: Vec<Act> = acts.by_ref().take(size.max(1)).collect();
        if batch.is_empty() {
            return batches;
        }
        batches.push(batch);
    }
}

/// Records acts one by one, each durable before the next; gives how long each took.
///
/// # Errors
/// [`BenchError::Record`] where an act is not recorded.
pub fn singly(ledger: &Ledger, acts: Vec<Act>) -> Result<Vec<Duration>, BenchError> {
    let mut each = Vec::with_capacity(acts.len());
    let mut watch = Stopwatch::start();
    for act in acts {
        watch.lap();
        ledger.record(act)?;
        each.push(watch.lap());
    }
    Ok(each)
}

/// Records acts by so many threads at once, each one by one.
///
/// Gives how long all of it took, and how long each act did.
///
/// # Errors
/// [`BenchError::Record`] where an act is not recorded.
pub fn by_threads(
    ledger: &Ledger,
    acts: Vec<Act>,
    threads: usize,
) -> Result<(Duration, Vec<Duration>), BenchError> {
    let shares = cut(acts.clone(), acts.len().div_ceil(threads.max(1)));
    let ready = Barrier::new(shares.len() + 1);
    thread::scope(|scope| {
        let call = |acts| {
            ready.wait();
            singly(ledger, acts)
        };
        let calling: Vec<_> =
            shares.into_iter().map(|acts| scope.spawn(move || call(acts))).collect();
        ready.wait();
        let watch = Stopwatch::start();
        let mut each = Vec::with_capacity(acts.len());
        for caller in calling {
            each.extend(caller.join().unwrap_or(Err(BenchError::Record(RecordError::Closed)))?);
        }
        Ok((watch.elapsed(), each))
    })
}
