//! The figures of what a ledger takes: disk beside its records, memory beside a small ledger.

use std::path::Path;

use sanad_event_store::{FileReader, RecordStream};

use crate::course::{Course, KEPT};
use crate::error::BenchError;
use crate::figure::{Figure, Measure};
use crate::process::Program;
use crate::recording::{in_batches, new_ledger};
use crate::weight::Weight;
use crate::workload::{ACTOR, POOL};

/// Opens a ledger for recording, decides, and records nothing.
const REHEARSE: [&str; 11] = [
    "grant",
    POOL,
    "holder-0001",
    "1 MW",
    "--from",
    "2026-01-01",
    "--actor",
    ACTOR,
    "--dry-run",
    "--reason",
    "bench",
];
/// Holds what is remembered, and nothing else that grows with the ledger.
const OPEN: [&str; 4] = ["allocations", "--json", "--holder", "holder-0001"];
const VERIFY: [&str; 2] = ["verify", "--json"];
const EXPORT: [&str; 3] = ["export", "history", "--json"];

impl Course<'_> {
    /// Weighs the ledger that was kept.
    ///
    /// # Errors
    /// [`BenchError`] by cause.
    pub fn weigh(&mut self) -> Result<Vec<Figure>, BenchError> {
        self.step("weighing");
        let ledger = self.place.path(KEPT);
        let (records, entries) = bytes_of_records(&ledger)?;
        let weight = Weight::of(&ledger)?;
        let each = |bytes: u64| vec![bytes as f64 / entries as f64];
        let of_records = "its records alone";
        let mut figures = vec![
            Figure::new("disk_log", "disk, log", Measure::BytesPerEntry, each(weight.log_bytes))
                .beside(of_records, each(records)),
            Figure::new(
                "disk_all",
                "disk, everything",
                Measure::BytesPerEntry,
                each(weight.all_bytes),
            )
            .beside(of_records, each(records)),
        ];
        self.step("weighing memory");
        if let Some(program) = &self.program {
            figures.extend(self.memory(program, &ledger, entries)?);
        }
        Ok(figures)
    }

    fn memory(
        &self,
        program: &Program,
        ledger: &Path,
        entries: u64,
    ) -> Result<Vec<Figure>, BenchError> {
        let (opened, tenth) = (self.place.path("opened"), self.place.path("tenth"));
        new_ledger(&opened, &self.workload)?.close();
        let small = new_ledger(&tenth, &self.workload)?;
        in_batches(&small, self.workload.acts(0..self.plan.entries / 10), 8_000, 1)?;
        small.close();
        let mut figures = Vec::new();
        let empty = program.peak_memory(&opened, &REHEARSE)?;
        if let (Some(empty), Some(full)) = (empty, program.peak_memory(ledger, &REHEARSE)?) {
            let each = full.saturating_sub(empty) as f64 / entries as f64;
            let what = "memory to record, a live grant";
            figures.push(Figure::new("memory_grant", what, Measure::BytesPerEntry, vec![each]));
        }
        let kinds = [("memory_verify", "memory to verify", &VERIFY[..])];
        let kinds = kinds.into_iter().chain([("memory_export", "memory to export", &EXPORT[..])]);
        for (id, what, words) in kinds {
            let (less, more) =
                (program.peak_memory(&tenth, words)?, program.peak_memory(ledger, words)?);
            if let (Some(less), Some(more)) = (less, more) {
                let found = Figure::new(id, what, Measure::Bytes, vec![more as f64]);
                figures.push(found.beside("a ledger of a tenth", vec![less as f64]));
            }
        }
        if let Some(peak) = program.peak_memory(ledger, &OPEN)? {
            let what = "memory to open and answer";
            figures.push(Figure::new("memory_open", what, Measure::Bytes, vec![peak as f64]));
        }
        self.place.remove("opened")?;
        self.place.remove("tenth")?;
        Ok(figures)
    }
}

/// The bytes of a ledger's records, and how many there are.
///
/// # Errors
/// [`BenchError::Ledger`].
pub fn bytes_of_records(ledger: &Path) -> Result<(u64, u64), BenchError> {
    let reader = FileReader::open(ledger).map_err(sanad::LedgerError::from)?;
    let size = reader.head().map_err(sanad::LedgerError::from)?.size;
    let mut records = reader.records(0..size).map_err(sanad::LedgerError::from)?;
    let mut bytes = 0;
    while let Some(record) = records.next_record().map_err(sanad::LedgerError::from)? {
        bytes += u64::try_from(record.bytes().len()).unwrap_or(0);
    }
    Ok((bytes, size))
}
