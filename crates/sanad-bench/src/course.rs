//! The course of a measurement: what is measured, in which order, limit and Sanad by turns.

use std::time::Duration;

use sanad::Ledger;

use crate::disk_limit::PlainFile;
use crate::error::BenchError;
use crate::machine::Machine;
use crate::place::Place;
use crate::plan::{Plan, Step};
use crate::process::Program;
use crate::recording::{in_batches, new_ledger};
use crate::report::Report;
use crate::specimens::Specimens;
use crate::workload::{Windows, Workload};

/// The name of the ledger that stays for the readers.
pub const KEPT: &str = "ledger";

/// Steps of a round of recording, of a round of reading, and once.
const STEPS: [u64; 3] = [5, 4, 2];

/// A measurement under way.
pub struct Course<'a> {
    /// How much is measured.
    pub plan: Plan,
    /// Where.
    pub place: &'a Place,
    /// The `sanad` program, for what is measured as a whole process. Without one, that is measured in this process, or
    /// not at all.
    pub program: Option<Program>,
    /// What is recorded.
    pub workload: Workload,
    /// The same acts as records.
    pub specimens: Specimens,
    hear: &'a mut dyn FnMut(Step),
    done: u64,
    total: u64,
}

impl<'a> Course<'a> {
    /// Gets ready: makes the records that the limits are given.
    pub fn new(
        plan: Plan,
        place: &'a Place,
        program: Option<Program>,
        hear: &'a mut dyn FnMut(Step),
    ) -> Self {
        let [recording, reading, once] = STEPS;
        let total = u64::from(plan.rounds) * (recording + reading) + once;
        hear(Step { doing: "making acts", done: 0, total });
        let workload = Workload::new(plan.seed, Windows::OnDays);
        let specimens = Specimens::of(&workload, plan.entries);
        Self { plan, place, program, workload, specimens, hear, done: 0, total }
    }

    /// Measures all that a user is told.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn run(&mut self) -> Result<Report, BenchError> {
        let mut figures = self.record()?;
        figures.extend(self.read()?);
        figures.extend(self.weigh()?);
        Ok(Report {
            machine: Machine::with(self.place.folder()),
            folder: self.place.outer().display().to_string(),
            plan: self.plan,
            record_bytes: self.record_bytes(),
            figures,
        })
    }

    /// The bytes of a record, on average.
    #[must_use]
    pub fn record_bytes(&self) -> f64 {
        self.specimens.bytes().len() as f64 / self.specimens.count() as f64
    }

    /// Says what is done next.
    pub(crate) fn step(&mut self, doing: &'static str) {
        (self.hear)(Step { doing, done: self.done, total: self.total });
        self.done += 1;
    }

    /// Gives a plain file to a piece of work and removes it afterwards.
    ///
    /// # Errors
    /// What the work gives, and [`BenchError::File`].
    pub fn with_plain_file<T>(
        &self,
        work: impl FnOnce(&mut PlainFile) -> Result<T, BenchError>,
    ) -> Result<T, BenchError> {
        let mut file = PlainFile::create(&self.place.path("plain"))?;
        let done = work(&mut file)?;
        drop(file);
        self.place.remove("plain")?;
        Ok(done)
    }

    /// Records all acts of the plan in a new ledger; gives the ledger and how long that took.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn recorded(
        &self,
        name: &str,
        batch: usize,
        ahead: usize,
    ) -> Result<(Ledger, Duration), BenchError> {
        let ledger = new_ledger(&self.place.path(name), &self.workload)?;
        let acts = self.workload.acts(0..self.plan.entries);
        let took = in_batches(&ledger, acts, batch, ahead)?;
        Ok((ledger, took))
    }

    /// How many entries the plan's acts make, as a count of things in memory.
    pub(crate) fn entries(&self) -> usize {
        usize::try_from(self.plan.entries).unwrap_or(usize::MAX)
    }
}
