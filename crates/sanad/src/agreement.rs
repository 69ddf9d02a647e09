//! Whether what the ledger remembers equals what the replay gives.

use sanad_audit_log::Head;
use sanad_core::Sequence;
use sanad_event_store::{Memory, MemoryError};
use sanad_projection::Projection;

use crate::book::Book;
use crate::verdict::{Class, Finding};

/// A memory, held against a replay while it goes on.
pub(crate) struct Agreement<'a> {
    memory: Option<&'a Memory>,
    /// What it holds, until it was held against the replay; nothing where it is of another version.
    book: Result<Option<Book>, MemoryError>,
}

impl<'a> Agreement<'a> {
    pub(crate) fn with(memory: Option<&'a Memory>, head: Head) -> Self {
        let within = memory.filter(|memory| memory.head().is_some_and(|at| at.size <= head.size));
        Self { memory, book: within.map_or(Ok(None), Book::recalled) }
    }

    /// How many entries the memory stands for, where there is one to hold against a replay.
    pub(crate) fn until(&self) -> Option<u64> {
        self.memory.and_then(Memory::head).map(|head| head.size)
    }

    /// The tables that the replay is expected to come to.
    pub(crate) fn expected(&self) -> Option<&Projection> {
        self.book.as_ref().ok()?.as_ref().map(|book| &book.projection)
    }

    /// Holds what is remembered at this point of the replay against it.
    pub(crate) fn hold_against(&mut self, projection: &Projection, head: Head) -> Vec<Finding> {
        let remembered = self.memory.and_then(Memory::head);
        let Some(remembered) = remembered.filter(|at| at.size == head.size) else {
            return Vec::new();
        };
        if remembered != head {
            let message =
                format!("the memory stands for {remembered}, but the log has {head} there");
            return vec![finding("memory_of_other_history", head, message)];
        }
        let book = self.book.as_mut().ok().and_then(Option::take);
        let differs = book.and_then(|book| book.projection.first_difference(projection));
        let differs = differs.map(|(table, row)| {
            let message = format!(
                "what is remembered of {} entries is not what they replay to: row {row} of the {table} differs first",
                head.size
            );
            finding("memory_differs", head, message)
        });
        differs.into_iter().collect()
    }

    /// What is left to say at the end: findings, or why something could not be checked.
    pub(crate) fn end(self, is_replayed: bool, head: Head) -> Vec<Result<Finding, String>> {
        let Some(remembered) = self.memory.and_then(Memory::head) else {
            return vec![Err("there is no memory that could be read".into())];
        };
        if !is_replayed {
            return vec![Err(
                "the history has no replay that the memory could be held against".into()
            )];
        }
        if remembered.size > head.size {
            let message = format!(
                "the memory stands for {remembered}, but the log ends at {head}: entries are missing"
            );
            return vec![Ok(Finding {
                class: Class::Coverage,
                sequence: Some(Sequence(head.size)),
                ..finding("acknowledged_tail_missing", head, message)
            })];
        }
        match self.book {
            Err(error) => vec![Ok(finding("memory_damaged", remembered, error.to_string()))],
            Ok(_) => Vec::new(),
        }
    }
}

fn finding(code: &'static str, at: Head, message: String) -> Finding {
    let sequence = at.size.checked_sub(1).map(Sequence);
    Finding {
        class: Class::Agreement,
        code,
        sequence,
        place: Some("memory".into()),
        message,
        touched: None,
    }
}
