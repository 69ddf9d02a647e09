//! Sanad recording: in batches, one entry at a time, and by many threads at once.

use std::path::Path;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use sanad::{Act, CreateOptions, Ledger, OnRefusal, RecordError};

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

/// Records acts in batches of so many. Each of the callers hands in a batch, waits until it is durable, and takes the
/// next; with one caller that is what a loop around `record_many` does.
///
/// # Errors
/// [`BenchError::Record`] where an act is not recorded.
pub fn in_batches(
    ledger: &Ledger,
    acts: Vec<Act>,
    batch: usize,
    callers: usize,
) -> Result<Duration, BenchError> {
    let batches = cut(acts, batch);
    if callers <= 1 {
        let mut batches = batches.into_iter();
        let (done, took) = timed(|| batches.try_for_each(|acts| record_all(ledger, acts)));
        return done.map(|()| took);
    }
    let batches = Mutex::new(batches.into_iter());
    let next = || batches.lock().ok()?.next();
    let call = || std::iter::from_fn(next).try_for_each(|acts| record_all(ledger, acts));
    let (done, took) = timed(|| {
        thread::scope(|scope| {
            let calling: Vec<_> = (0..callers).map(|_| scope.spawn(call)).collect();
            calling.into_iter().try_for_each(|caller| {
                caller.join().unwrap_or(Err(BenchError::Record(RecordError::Closed)))
            })
        })
    });
    done.map(|()| took)
}

fn record_all(ledger: &Ledger, acts: Vec<Act>) -> Result<(), BenchError> {
    for receipt in ledger.record_many(acts, OnRefusal::Stop) {
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
