//! A copy or a publication from which records are taken.

use sanad_audit_log::Sequence;
use sanad_event_store::Donor;
use sanad_publication::Source;

use crate::publication::{EntryStream, Side};

/// Gives the records of a history one after another.
pub(crate) struct SideDonor<'s, S> {
    side: &'s Side<S>,
    /// The sequence of the record that comes next in the stream.
    next: u64,
    stream: Option<EntryStream<'s, S>>,
}

impl<'s, S> SideDonor<'s, S> {
    pub(crate) const fn of(side: &'s Side<S>) -> Self {
        Self { side, next: 0, stream: None }
    }
}

impl<S: Source> Donor for SideDonor<'_, S> {
    fn record(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, String> {
        let (wanted, size) = (sequence.get(), self.side.size());
        if wanted >= size {
            return Ok(None);
        }
        let stream = match self.stream.take().filter(|_| self.next == wanted) {
            Some(stream) => Ok(stream),
            None => self.side.entries(wanted, size),
        };
        // After an error the stream is given up: what is behind the damage is looked for anew.
        let mut stream = stream.map_err(|error| error.to_string())?;
        let found = stream.next().map_err(|error| error.to_string())?;
        (self.next, self.stream) = (wanted + 1, Some(stream));
        Ok(found)
    }
}
