//! Whether what the ledger remembers equals what the replay gives.

use std::hash::{BuildHasher, RandomState};

use sanad_audit_log::Head;
use sanad_core::{RecordedEntry, Sequence};
use sanad_event_store::Memory;
use sanad_projection::Projection;

use crate::book::Book;
use crate::remembrance::{keys, latest_snapshot};
use crate::verdict::{Class, Finding};

/// A memory, held against a replay while it goes on.
pub(crate) struct Agreement<'a> {
    memory: Option<&'a Memory>,
    remembered: Option<Head>,
    snapshot: Option<Book>,
    /// The index keys that the replay gives, as a sum.
    expected: KeySum,
}

/// A sum of keyed hashes of index keys: equal sets have equal sums, in whatever order they come, and nobody who does
/// not know the two random keys can make unequal ones agree.
#[derive(Clone, Default)]
struct KeySum {
    first: RandomState,
    second: RandomState,
    sum: u128,
    count: u64,
}

impl KeySum {
    fn add(&mut self, kind: u8, key: &[u8], sequence: u64) {
        let hash = |state: &RandomState| u128::from(state.hash_one((kind, key, sequence)));
        self.sum = self.sum.wrapping_add(hash(&self.first) << 64 | hash(&self.second));
        self.count += 1;
    }

    /// The empty sum under the same random keys.
    fn emptied(&self) -> Self {
        Self { sum: 0, count: 0, ..self.clone() }
    }
}

impl<'a> Agreement<'a> {
    pub(crate) fn with(memory: Option<&'a Memory>, head: Head) -> Self {
        let remembered = memory.and_then(Memory::head);
        let snapshot = memory.and_then(|memory| latest_snapshot(memory, head.size));
        Self { memory, remembered, snapshot, expected: KeySum::default() }
    }

    /// Whether there is anything to hold against a replay.
    pub(crate) fn compares(&self) -> bool {
        self.memory.is_some()
    }

    /// Takes note of an entry of the replay.
    pub(crate) fn note(&mut self, recorded: &RecordedEntry) {
        if self.remembered.is_some_and(|head| recorded.sequence.0 < head.size) {
            for (kind, key, sequence) in keys(recorded) {
                self.expected.add(kind.0, &key, sequence.get());
            }
        }
    }

    /// Holds what is remembered at this point of the replay against it.
    pub(crate) fn hold_against(&mut self, projection: &Projection, head: Head) -> Vec<Finding> {
        let mut findings = Vec::new();
        let at_snapshot = self.snapshot.as_ref().is_some_and(|book| book.head().size == head.size);
        if let Some(snapshot) = self.snapshot.take_if(|_| at_snapshot) {
            let at = snapshot.head();
            if at != head {
                findings.push(finding(
                    "snapshot_of_other_history",
                    head,
                    format!("the snapshot stands for {at}"),
                ));
            } else if snapshot.projection != *projection {
                let message =
                    format!("the snapshot of {} entries differs from what they replay to", at.size);
                findings.push(finding("snapshot_differs", head, message));
            }
        }
        if let Some(remembered) = self.remembered.filter(|at| at.size == head.size && *at != head) {
            let message =
                format!("the memory stands for {remembered}, but the log has {head} there");
            findings.push(finding("memory_of_other_history", head, message));
        }
        findings
    }

    /// What is left to say at the end: findings, or why something could not be checked.
    pub(crate) fn end(
        self,
        projection: Option<&Projection>,
        head: Head,
    ) -> Vec<Result<Finding, String>> {
        let (Some(memory), Some(remembered)) = (self.memory, self.remembered) else {
            return vec![Err(
                "there is no memory that could be read (a writer may be using it)".into()
            )];
        };
        if projection.is_none() {
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
        let mut found = self.expected.emptied();
        let visited =
            memory.visit_index(&mut |kind, key, sequence| found.add(kind.0, key, sequence.get()));
        match visited {
            Err(error) => vec![Ok(finding("index_damaged", remembered, error.to_string()))],
            Ok(()) if (found.sum, found.count) != (self.expected.sum, self.expected.count) => {
                let (expected, found) = (self.expected.count, found.count);
                let message = format!(
                    "the index has {found} keys that are not the {expected} that the entries give"
                );
                vec![Ok(finding("index_differs", remembered, message))]
            }
            Ok(()) => Vec::new(),
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
