//! The figures of recording, each round beside the disk's limit in the same round.

use std::time::Duration;

use sanad::Ledger;

use crate::commit_limit::seal_and_append;
use crate::course::{Course, KEPT};
use crate::disk_limit::{append_by_threads, append_in_batches, append_singly};
use crate::error::BenchError;
use crate::figure::{Figure, Measure};
use crate::plan::THREADS;
use crate::process::processor_time;
use crate::recording::{by_threads, in_batches, new_ledger, singly};
use crate::spread::{per_second, quantile_us};
use crate::stopwatch::timed;

/// Batches that a caller has under way at once, where it does not wait for each: enough for one on the disk, one that
/// is decided, and two that wait.
pub const AHEAD: usize = 4;
/// Single entries and single appends are timed by turns of so many.
const TURN: usize = 20;

const PLAIN: &str = "plain file, fdatasync";
const PLAIN_ONE: &str = "one bare append and fdatasync";
const PLAIN_RATE: &str = "one thread, one bare append at a time";

/// What the rounds gave, figure by figure.
#[derive(Debug, Default)]
struct Rounds {
    plain: [Vec<f64>; 2],
    sanad: [Vec<f64>; 2],
    ahead: Vec<f64>,
    /// Microseconds of processor an entry, with batches under way.
    busy: Vec<f64>,
    sealed: Vec<f64>,
    close: Vec<f64>,
    one: [Vec<f64>; 2],
    bare: [Vec<f64>; 2],
    one_rate: Vec<f64>,
    bare_rate: Vec<f64>,
    bare_threads: Vec<f64>,
    threads_rate: Vec<f64>,
    threads: [Vec<f64>; 2],
}

impl Course<'_> {
    /// Measures recording; the ledger of the last round stays.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn record(&mut self) -> Result<Vec<Figure>, BenchError> {
        let mut rounds = Rounds::default();
        for round in 0..self.plan.rounds {
            for (place, batch) in [1_000, 8_000].into_iter().enumerate() {
                let (plain, sanad) = self.in_turn(round, batch)?;
                rounds.plain[place].push(plain);
                rounds.sanad[place].push(sanad);
            }
            self.step("recording ahead");
            rounds.sealed.push(self.sealed_rate(8_000)?);
            let ledger = self.ahead(&mut rounds)?;
            self.one_by_one(&ledger, &mut rounds)?;
            let ((), took) = timed(|| ledger.close());
            rounds.close.push(took.as_secs_f64() * 1e3);
            if round + 1 < self.plan.rounds {
                self.place.remove(KEPT)?;
            }
        }
        Ok(figures(rounds))
    }

    /// The rates of a plain file and of Sanad in batches of so many; who is first changes from round to round.
    fn in_turn(&mut self, round: u32, batch: usize) -> Result<(f64, f64), BenchError> {
        self.step("recording in batches");
        if round.is_multiple_of(2) {
            let plain = self.plain_rate(batch)?;
            return Ok((plain, self.sanad_rate(batch)?));
        }
        let sanad = self.sanad_rate(batch)?;
        Ok((self.plain_rate(batch)?, sanad))
    }

    /// The rate at which the records are added to a plain file, in batches of so many.
    ///
    /// # Errors
    /// [`BenchError::File`].
    pub fn plain_rate(&self, batch: usize) -> Result<f64, BenchError> {
        let took = self.with_plain_file(|file| append_in_batches(file, &self.specimens, batch))?;
        Ok(per_second(self.specimens.count(), took))
    }

    /// The rate at which Sanad records the acts in a new ledger, in batches of so many, one caller.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn sanad_rate(&self, batch: usize) -> Result<f64, BenchError> {
        let (ledger, took) = self.recorded("by-batches", batch, 1)?;
        ledger.close();
        self.place.remove("by-batches")?;
        Ok(per_second(self.entries(), took))
    }

    /// Records all acts in the ledger that is kept, batches under way.
    fn ahead(&self, rounds: &mut Rounds) -> Result<Ledger, BenchError> {
        let ledger = new_ledger(&self.place.path(KEPT), &self.workload)?;
        let acts = self.workload.acts(0..self.plan.entries);
        let before = processor_time();
        let took = in_batches(&ledger, acts, 8_000, AHEAD)?;
        rounds.ahead.push(per_second(self.entries(), took));
        let busy = processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        rounds.busy.extend(busy.map(|busy| busy.as_secs_f64() * 1e6 / self.entries() as f64));
        Ok(ledger)
    }

    /// The rate at which records are chained, hashed and added to a plain file, in batches of so many.
    fn sealed_rate(&self, batch: usize) -> Result<f64, BenchError> {
        let took = self.with_plain_file(|file| seal_and_append(file, &self.specimens, batch))?;
        Ok(per_second(self.specimens.count(), took))
    }

    /// Single entries by one thread, beside single appends; then by many threads.
    fn one_by_one(&mut self, ledger: &Ledger, rounds: &mut Rounds) -> Result<(), BenchError> {
        self.step("recording one by one");
        let (first, single) = (self.plan.entries, self.plan.single());
        let acts = self.workload.acts(first..first + single);
        let (mut bare, mut each) = (Vec::new(), Vec::new());
        self.with_plain_file(|file| {
            for (turn, acts) in acts.chunks(TURN).enumerate() {
                let records = (turn * TURN..turn * TURN + acts.len()).map(|place| place + 1);
                let records = records.map(|place| self.specimens.record(place));
                bare.extend(append_singly(file, records)?);
                each.extend(singly(ledger, acts.to_vec())?);
            }
            Ok(())
        })?;
        for (place, share) in [0.5, 0.99].into_iter().enumerate() {
            rounds.bare[place].push(quantile_us(&bare, share));
            rounds.one[place].push(quantile_us(&each, share));
        }
        rounds.one_rate.push(per_second(each.len(), each.iter().sum::<Duration>()));
        rounds.bare_rate.push(per_second(bare.len(), bare.iter().sum::<Duration>()));
        self.step("recording by many threads");
        let each = usize::try_from(self.plan.by_thread()).unwrap_or(usize::MAX);
        let took =
            self.with_plain_file(|file| append_by_threads(file, &self.specimens, THREADS, each))?;
        rounds.bare_threads.push(per_second(THREADS * each, took));
        let first = first + single;
        let many = self.plan.by_thread() * u64::try_from(THREADS).unwrap_or(0);
        let (took, each) = by_threads(ledger, self.workload.acts(first..first + many), THREADS)?;
        rounds.threads_rate.push(per_second(each.len(), took));
        for (place, share) in [0.5, 0.99].into_iter().enumerate() {
            rounds.threads[place].push(quantile_us(&each, share));
        }
        Ok(())
    }
}

fn figures(rounds: Rounds) -> Vec<Figure> {
    use Measure::{Microseconds, Milliseconds, PerSecond};
    let [plain_1000, plain_8000] = rounds.plain;
    let [sanad_1000, sanad_8000] = rounds.sanad;
    let ([bare_p50, bare_p99], [one_p50, one_p99]) = (rounds.bare, rounds.one);
    let [threads_p50, threads_p99] = rounds.threads;
    let mut figures = vec![
        Figure::new("record_1000", "record, batches of 1,000", PerSecond, sanad_1000)
            .beside(PLAIN, plain_1000),
        Figure::new("record_8000", "record, batches of 8,000", PerSecond, sanad_8000)
            .beside(PLAIN, plain_8000.clone()),
        Figure::new(
            "record_8000_ahead",
            "record, batches of 8,000, 4 under way",
            PerSecond,
            rounds.ahead,
        )
        .beside(PLAIN, plain_8000),
        Figure::new(
            "bare_commit",
            "chained, hashed and appended only, 2 threads",
            PerSecond,
            rounds.sealed,
        ),
        Figure::new("record_one_p50", "record one entry, p50", Microseconds, one_p50)
            .beside(PLAIN_ONE, bare_p50),
        Figure::new("record_one_p99", "record one entry, p99", Microseconds, one_p99)
            .beside(PLAIN_ONE, bare_p99),
        Figure::new("record_threads", "record, 64 threads", PerSecond, rounds.threads_rate)
            .beside("one thread, one entry at a time", rounds.one_rate),
        Figure::new("bare_threads", "plain file, 64 threads", PerSecond, rounds.bare_threads)
            .beside(PLAIN_RATE, rounds.bare_rate),
        Figure::new(
            "record_threads_p50",
            "one entry of 64 threads, p50",
            Microseconds,
            threads_p50.clone(),
        ),
        Figure::new(
            "record_threads_p99",
            "one entry of 64 threads, p99",
            Microseconds,
            threads_p99,
        )
        .beside("its p50", threads_p50),
        Figure::new("close", "close after recording", Milliseconds, rounds.close),
    ];
    if !rounds.busy.is_empty() {
        let what = "processor to record an entry, 4 under way";
        figures.push(Figure::new("record_busy", what, Microseconds, rounds.busy));
    }
    figures
}
