//! Runs of similar size merged into one, so that a look-up has few runs to ask.

use sanad_audit_log::LedgerId;

use crate::cabinet::Cabinet;
use crate::index_run::{Run, RunWriter};
use crate::memory::MemoryError;

/// So many runs of one size are merged into one of the next size.
const FAN_IN: usize = 8;

/// The runs of one kind that should be merged now, if any: [`FAN_IN`] of one size.
pub(crate) fn due(runs: &[Run]) -> Option<Vec<Run>> {
    let tier = |run: &Run| run.entries.max(1).ilog(FAN_IN as u64);
    runs.iter().find_map(|one| {
        let same = |run: &&Run| run.kind == one.kind && tier(run) == tier(one);
        let group: Vec<Run> = runs.iter().filter(same).copied().collect();
        (group.len() >= FAN_IN).then_some(group)
    })
}

/// Writes the run `into` with the entries of all `runs`, which are of one kind.
pub(crate) fn merge(
    cabinet: &Cabinet,
    ledger_id: LedgerId,
    runs: &[Run],
    into: Run,
) -> Result<Run, MemoryError> {
    let mut cursors = Vec::with_capacity(runs.len());
    for &run in runs {
        cursors.push(Cursor::begin(cabinet, ledger_id, run)?);
    }
    let mut writer = RunWriter::begin(cabinet, ledger_id, into)?;
    loop {
        // There are few runs, so looking at each for the least entry is as fast as a heap.
        let live = cursors.iter_mut().filter(|cursor| cursor.entry().is_some());
        let Some(least) = live.min_by(|one, other| one.entry().cmp(&other.entry())) else {
            return writer.finish();
        };
        if let Some(entry) = least.entry() {
            writer.push(entry)?;
        }
        least.advance()?;
    }
}

/// A place in a run.
struct Cursor<'c> {
    cabinet: &'c Cabinet,
    ledger_id: LedgerId,
    run: Run,
    /// The lower bound of the next chunk; `None` after the last.
    next: Option<Vec<u8>>,
    /// What is left of the current chunk, the next entry last.
    entries: Vec<Vec<u8>>,
}

impl<'c> Cursor<'c> {
    fn begin(cabinet: &'c Cabinet, ledger_id: LedgerId, run: Run) -> Result<Self, MemoryError> {
        let (next, entries) = (Some(Vec::new()), Vec::new());
        let mut cursor = Self { cabinet, ledger_id, run, next, entries };
        cursor.load()?;
        Ok(cursor)
    }

    fn entry(&self) -> Option<&[u8]> {
        self.entries.last().map(Vec::as_slice)
    }

    fn advance(&mut self) -> Result<(), MemoryError> {
        self.entries.pop();
        self.load()
    }

    fn load(&mut self) -> Result<(), MemoryError> {
        while self.entries.is_empty() {
            let Some(lower) = self.next.take() else { return Ok(()) };
            let chunk = self.run.chunk(self.cabinet, self.ledger_id, &lower)?;
            self.entries = chunk.entries().map(<[u8]>::to_vec).collect();
            self.entries.reverse();
            self.next = (!chunk.upper.is_empty()).then_some(chunk.upper);
        }
        Ok(())
    }
}
