//! What an answer was computed from, as every answer says it.

use sanad::{Auditor, Calendar, EffectiveTime, Head, View};
use serde::Serialize;

/// The basis of an answer, for programs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct BasisForm {
    /// How many entries were used.
    size: u64,
    /// The chain hash of the last of them.
    head: String,
    /// How many entries the ledger has.
    ledger_size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_recorded_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_force_at: Option<String>,
}

impl BasisForm {
    pub(crate) fn of(view: &View<'_>, at: Option<EffectiveTime>, calendar: &Calendar) -> Self {
        let basis = view.basis();
        Self {
            size: basis.size,
            head: basis.head.to_string(),
            ledger_size: basis.ledger_size,
            last_recorded_at: basis
                .last_recorded_at
                .map(|time| calendar.write_recorded_rfc3339(time)),
            in_force_at: at.map(|at| calendar.write_rfc3339(at)),
        }
    }

    /// The whole log, for what is read from it and not from a view.
    pub(crate) fn of_log(auditor: &Auditor) -> Self {
        Self::of_head(auditor.head())
    }

    /// A log that ends so.
    pub(crate) fn of_head(head: Head) -> Self {
        Self::of_part(head, head)
    }

    /// The part of a log that ends so.
    pub(crate) fn of_part(Head { size, hash }: Head, whole: Head) -> Self {
        Self {
            size,
            head: hash.to_string(),
            ledger_size: whole.size,
            last_recorded_at: None,
            in_force_at: None,
        }
    }

    /// The footer for people: `as of entry 12, head 3f9a0c1d2b4e…, in force at 2025-09-01`.
    pub(crate) fn footer(&self, at: Option<EffectiveTime>, calendar: &Calendar) -> String {
        let entry = match self.size.checked_sub(1) {
            None => "no entry".to_owned(),
            Some(last) if self.size < self.ledger_size => {
                format!("entry {last} (the last is {})", self.ledger_size - 1)
            }
            Some(last) => format!("entry {last}"),
        };
        let force = at.map(|at| format!(", in force at {}", calendar.write(at)));
        format!("as of {entry}, head {}{}", short_hash(&self.head), force.unwrap_or_default())
    }
}

/// The beginning of a hash: enough to tell two by eye, never enough to check one.
pub(crate) fn short_hash(hash: &impl ToString) -> String {
    let mut short: String = hash.to_string().chars().take(12).collect();
    short.push('…');
    short
}
