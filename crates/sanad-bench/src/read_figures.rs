//! The figures of reading, each round beside the processor's limit in the same round.

use std::path::Path;

use sanad::{Auditor, Known};

use crate::core_limit::{Work, cores, work};
use crate::course::{Course, KEPT};
use crate::error::BenchError;
use crate::figure::{Figure, Measure};
use crate::reading::{
    ask_for_grants, ask_for_holders, ask_for_the_past, forget, replay, spread_over, verify,
};
use crate::spread::{per_second, quantile_us};
use crate::stopwatch::timed;

/// A copy of the ledger that remembers nothing.
const FORGETFUL: &str = "forgetful";
/// How often the past is looked at in a round.
const LOOKS_BACK: u64 = 9;

/// What the rounds gave, figure by figure.
#[derive(Debug, Default)]
struct Rounds {
    hashes: Vec<f64>,
    /// All that a verification, and that a replay, cannot do without, on all cores.
    least_to_verify: Vec<f64>,
    least_to_replay: Vec<f64>,
    verify: Vec<f64>,
    verify_process: Vec<f64>,
    decode: Vec<f64>,
    replay: Vec<f64>,
    start: Vec<f64>,
    open: Vec<f64>,
    holders: [Vec<f64>; 2],
    grants: [Vec<f64>; 2],
    past: [Vec<f64>; 2],
    /// Chain, tree and decoding, on one core.
    single: [Vec<f64>; 3],
}

impl Course<'_> {
    /// Measures reading the ledger that was kept.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn read(&mut self) -> Result<Vec<Figure>, BenchError> {
        let (ledger, forgetful) = (self.place.path(KEPT), self.place.path(FORGETFUL));
        forget(&ledger, &forgetful)?;
        let mut rounds = Rounds::default();
        for _ in 0..self.plan.rounds {
            self.read_once(&ledger, &forgetful, &mut rounds)?;
        }
        self.place.remove(FORGETFUL)?;
        Ok(self.read_figures(rounds))
    }

    fn read_once(
        &mut self,
        ledger: &Path,
        forgetful: &Path,
        rounds: &mut Rounds,
    ) -> Result<(), BenchError> {
        self.step("verifying");
        rounds.hashes.push(self.bare(Work::HASHES, cores())?);
        rounds.least_to_verify.push(self.bare(Work::OF_VERIFYING, cores())?);
        let (took, entries) = verify(ledger)?;
        let entries = usize::try_from(entries).unwrap_or(usize::MAX);
        rounds.verify.push(per_second(entries, took));
        if let Some(program) = &self.program {
            let took = program.time(ledger, &["verify", "--json"])?;
            rounds.verify_process.push(per_second(entries, took));
        }
        self.step("replaying");
        rounds.decode.push(self.bare(Work::DECODE, cores())?);
        rounds.least_to_replay.push(self.bare(Work::OF_REPLAY, cores())?);
        rounds.replay.push(per_second(entries, replay(forgetful, &self.workload)?));
        for (place, kind) in [Work::CHAIN, Work::TREE, Work::DECODE].into_iter().enumerate() {
            rounds.single[place].push(self.bare(kind, 1)?);
        }
        self.step("opening");
        self.open_once(ledger, rounds)?;
        self.step("asking");
        self.ask_once(ledger, rounds)
    }

    /// The rate of a piece of bare work on the records.
    fn bare(&self, kind: Work, threads: usize) -> Result<f64, BenchError> {
        let took = work(&self.specimens, kind, threads)?;
        Ok(per_second(self.specimens.count(), took))
    }

    /// Opens the ledger and asks for one holder, as a whole process where there is a program.
    fn open_once(&self, ledger: &Path, rounds: &mut Rounds) -> Result<(), BenchError> {
        let holder = self.workload.holder_of(1);
        let took = match &self.program {
            Some(program) => {
                rounds.start.push(program.time(ledger, &["--version"])?.as_secs_f64() * 1e3);
                program.time(ledger, &["allocations", "--json", "--holder", holder.as_str()])?
            }
            None => {
                let (answered, took) = timed(|| {
                    let auditor = Auditor::open(ledger)?;
                    let view = auditor.view(Known::Head)?;
                    ask_for_holders(&view, &self.workload, 1..2)
                });
                answered?;
                took
            }
        };
        rounds.open.push(took.as_secs_f64() * 1e3);
        Ok(())
    }

    fn ask_once(&self, ledger: &Path, rounds: &mut Rounds) -> Result<(), BenchError> {
        let auditor = Auditor::open(ledger)?;
        let view = auditor.view(Known::Head)?;
        let numbers = || spread_over(self.plan.entries, self.plan.questions());
        let holders = ask_for_holders(&view, &self.workload, numbers())?;
        let grants = ask_for_grants(&view, &self.workload, numbers())?;
        let entries = spread_over(self.plan.entries, LOOKS_BACK);
        let past = ask_for_the_past(&auditor, &self.workload, entries)?;
        for (place, share) in [0.5, 0.99].into_iter().enumerate() {
            rounds.holders[place].push(quantile_us(&holders, share));
            rounds.grants[place].push(quantile_us(&grants, share));
            rounds.past[place].push(quantile_us(&past, share) / 1e3);
        }
        Ok(())
    }

    fn read_figures(&self, rounds: Rounds) -> Vec<Figure> {
        use Measure::{Microseconds, Milliseconds, PerSecond};
        let hashes = "bare BLAKE3 and SHA-256, all cores";
        let mut figures = Vec::new();
        if self.program.is_some() {
            figures.push(
                Figure::new("verify", "verify, whole process", PerSecond, rounds.verify_process)
                    .beside(hashes, rounds.hashes.clone()),
            );
        }
        let within = Figure::new("verify_within", "verify, in a process", PerSecond, rounds.verify);
        figures.push(within.beside(hashes, rounds.hashes));
        let replayed = Figure::new("replay", "replay to allocations", PerSecond, rounds.replay);
        figures.push(replayed.beside("bare decoding, all cores", rounds.decode));
        let opened = match self.program {
            Some(_) => Figure::new("open", "open and answer, process", Milliseconds, rounds.open)
                .beside("a process that prints its version", rounds.start),
            None => Figure::new("open_within", "open and answer", Milliseconds, rounds.open),
        };
        figures.push(opened);
        let [holder, holder_p99] = rounds.holders;
        let [grant, grant_p99] = rounds.grants;
        let [past, worst] = rounds.past;
        let [chain, tree, decode] = rounds.single;
        figures.extend([
            Figure::new("holder", "allocations of a holder, p50", Microseconds, holder),
            Figure::new("holder_p99", "allocations of a holder, p99", Microseconds, holder_p99),
            Figure::new("grant", "history of a grant, p50", Microseconds, grant),
            Figure::new("grant_p99", "history of a grant, p99", Microseconds, grant_p99),
            Figure::new("past", "pools at a past entry, p50", Milliseconds, past),
            Figure::new("past_worst", "pools at a past entry, worst", Milliseconds, worst),
            Figure::new(
                "bare_verify",
                "bare hashing and decoding, all cores",
                PerSecond,
                rounds.least_to_verify,
            ),
            Figure::new(
                "bare_replay",
                "bare BLAKE3 and decoding, all cores",
                PerSecond,
                rounds.least_to_replay,
            ),
            Figure::new("bare_chain", "bare BLAKE3 chain, one core", PerSecond, chain),
            Figure::new("bare_tree", "bare SHA-256 tree, one core", PerSecond, tree),
            Figure::new("bare_decode", "bare decoding, one core", PerSecond, decode),
        ]);
        figures
    }
}
