//! Why a command did not do what it was asked, and with which exit code it ends.

use std::io;
use std::path::PathBuf;

use sanad::{
    ActError, Calendar, CalendarError, KeyFileError, LedgerError, Number, ProvingError,
    RecordError, Refusal,
};
use sanad_bench::BenchError;
use serde_json::{Map, Value, json};

use crate::paint::{Paint, Tone};

/// How a command ended that could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Exit code 0.
    Done,
    /// Refused, or found wanting: exit code 1. What it was has been said.
    Wanting,
    /// Found wanting, with an exit code that says in what.
    WantingIn(u8),
}

/// A refusal with what a reader needs beside it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) calendar: Calendar,
    /// What may have been meant.
    pub(crate) hint: Option<String>,
}

/// Why a command ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The rules do not allow it, or what it names does not exist. Exit code 1.
    Refused(Box<Refused>),
    /// A name that fits nothing, or more than one thing. Exit code 1.
    NotFound { code: &'static str, sentence: String },
    /// What was given cannot be read. Exit code 2.
    Misread(String),
    /// The ledger could not be opened or read. Exit code 2.
    Ledger(LedgerError),
    /// It is not known to be recorded. Exit code 2.
    NotRecorded(RecordError),
    /// It could not be measured. Exit code 2.
    Unmeasured(BenchError),
    /// A file beside the ledger. Exit code 2.
    File { doing: &'static str, path: PathBuf, source: io::Error },
    /// The answer could not be written. Exit code 2, or a quiet end where the reader has gone.
    Answer(io::Error),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Refused(_) | Failure::NotFound { .. } => 1,
            Failure::Answer(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            _ => 2,
        }
    }

    /// What to print on standard error; nothing where the reader has gone.
    pub(crate) fn text(&self, json: bool, paint: Paint) -> Option<String> {
        if matches!(self, Failure::Answer(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            return None;
        }
        if json {
            return Some(self.json().to_string());
        }
        let said = match self {
            Failure::Refused(refused) => refused.text(paint),
            Failure::NotFound { code, sentence } => refused_line(code, sentence, paint),
            other => other.sentence(),
        };
        Some(format!("sanad: {said}"))
    }

    fn sentence(&self) -> String {
        match self {
            Failure::Refused(refused) => refused.sentence(),
            Failure::NotFound { sentence, .. } | Failure::Misread(sentence) => sentence.clone(),
            Failure::Ledger(error) => error.to_string(),
            Failure::NotRecorded(error) => {
                format!(
                    "{error}; it is not known to be recorded, and a retry with the same --id is safe"
                )
            }
            Failure::Unmeasured(error) => error.to_string(),
            Failure::File { doing, path, source } => {
                format!("could not {doing} {}: {source}", path.display())
            }
            Failure::Answer(error) => format!("could not write the answer: {error}"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Failure::Refused(refused) => json!({ "refused": refused.json() }),
            Failure::NotFound { code, sentence } => {
                json!({ "refused": { "code": code, "numbers": {}, "sentence": sentence } })
            }
            other => json!({ "error": { "code": "could_not_run", "sentence": other.sentence() } }),
        }
    }
}

impl Refused {
    pub(crate) fn sentence(&self) -> String {
        let sentence = self.refusal.sentence(&|at| self.calendar.write(at));
        match &self.hint {
            Some(hint) => format!("{sentence}; {hint}"),
            None => sentence,
        }
    }

    pub(crate) fn text(&self, paint: Paint) -> String {
        refused_line(self.refusal.code(), &self.sentence(), paint)
    }

    pub(crate) fn json(&self) -> Value {
        let mut numbers = Map::new();
        for (name, number) in self.refusal.numbers() {
            let value = match number {
                Number::Amount(written) => {
                    let (amount, unit) = written.split_once(' ').unwrap_or((&written, ""));
                    if !unit.is_empty() {
                        numbers.insert("unit".into(), unit.into());
                    }
                    amount.into()
                }
                Number::Time(at) => self.calendar.write_rfc3339(at).into(),
                Number::Count(count) => count.into(),
                Number::Id(id) => id.into(),
                _ => Value::Null,
            };
            numbers.insert(name.into(), value);
        }
        json!({ "code": self.refusal.code(), "numbers": numbers, "sentence": self.sentence() })
    }
}

fn refused_line(code: &str, sentence: &str, paint: Paint) -> String {
    format!("{}: {sentence}", paint.apply(Tone::Bad, &format!("refused [{code}]")))
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotYet(error) => {
                Failure::NotFound { code: "unknown_entry", sentence: error.to_string() }
            }
            other => Failure::Ledger(other),
        }
    }
}

impl From<ProvingError> for Failure {
    fn from(error: ProvingError) -> Self {
        match error {
            ProvingError::Ledger(error) => error.into(),
            other => Failure::NotFound { code: "not_provable", sentence: other.to_string() },
        }
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        Failure::Misread(error.to_string())
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        Failure::Misread(error.to_string())
    }
}

impl From<CalendarError> for Failure {
    fn from(error: CalendarError) -> Self {
        Failure::Misread(error.to_string())
    }
}

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Self {
        Failure::Unmeasured(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Answer(error)
    }
}
