//! A verdict as a file that programs read, and that its auditor may sign.
//!
//! `docs/format/verdict.md` describes every field.

use sanad_audit_log::note::{Note, NoteError, NoteText, SignerKey};
use sanad_audit_log::{Identity, StateDigest};
use sanad_core::RecordedTime;
use serde::Serialize;

use crate::calendar::Calendar;
use crate::verdict::{Answer, CheckedCheckpoint, Class, Finding, Remark, Verdict};

/// What no check of a ledger by itself can prove.
const NOT_PROVED: [&str; 3] = [
    "that no other history was shown to others: only a checkpoint that somebody else kept, or a witness, shows that",
    "that the end is the end: entries cut off together with all that remembers them leave no trace here",
    "that what was recorded is true, or that everything was recorded",
];

/// The version of the file's layout.
const VERSION: u32 = 1;

/// A verdict with what it is about, ready to be written as JSON.
#[derive(Debug, Clone, Serialize)]
pub struct VerdictFile {
    verdict: u32,
    ledger: LedgerForm,
    verified_at: String,
    program: String,
    clean: bool,
    entries: u64,
    head: String,
    root: String,
    last_recorded_at: Option<String>,
    last_good: Option<u64>,
    state_digest: Option<String>,
    answers: AnswersForm,
    checkpoints: Vec<CheckpointForm>,
    backdated: u64,
    shortfalls_accepted: u64,
    remarks: Vec<RemarkForm>,
    not_proved: [&'static str; 3],
}

#[derive(Debug, Clone, Serialize)]
struct LedgerForm {
    id: String,
    origin: String,
    title: String,
}

#[derive(Debug, Clone, Serialize)]
struct AnswersForm {
    integrity: AnswerForm,
    coverage: AnswerForm,
    lawfulness: AnswerForm,
    agreement: AnswerForm,
}

#[derive(Debug, Clone, Serialize)]
struct AnswerForm {
    clean: bool,
    count: u64,
    findings: Vec<FindingForm>,
}

#[derive(Debug, Clone, Serialize)]
struct FindingForm {
    code: &'static str,
    sequence: Option<u64>,
    place: Option<String>,
    sentence: String,
    touched: Option<TouchedForm>,
}

#[derive(Debug, Clone, Serialize)]
struct TouchedForm {
    pool: String,
    amount: String,
}

#[derive(Debug, Clone, Serialize)]
struct CheckpointForm {
    source: String,
    size: u64,
    root: String,
    agrees: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
enum RemarkForm {
    Backdated { sequence: u64, lag_us: i64 },
    ShortfallAccepted { sequence: u64, pool: String, missing: String },
    NotChecked { class: &'static str, reason: String },
}

impl VerdictFile {
    /// Joins a verdict and what it is about. `verified_at` is the auditor's own time; `program` names the program and
    /// its version; the digest of the state is told where it was computed.
    #[must_use]
    pub fn new(
        verdict: &Verdict,
        identity: &Identity,
        calendar: &Calendar,
        verified_at: RecordedTime,
        program: &str,
        state_digest: Option<StateDigest>,
    ) -> Self {
        let answer = |class| answer_form(verdict.answer(class));
        Self {
            verdict: VERSION,
            ledger: LedgerForm {
                id: identity.ledger_id().to_string(),
                origin: identity.origin().to_owned(),
                title: identity.title().to_owned(),
            },
            verified_at: calendar.write_recorded_rfc3339(verified_at),
            program: program.to_owned(),
            clean: verdict.is_clean(),
            entries: verdict.entries,
            head: verdict.head.hash.to_string(),
            root: verdict.root.to_string(),
            last_recorded_at: verdict
                .last_recorded_at
                .map(|at| calendar.write_recorded_rfc3339(at)),
            last_good: verdict.last_good.map(|sequence| sequence.0),
            state_digest: state_digest.map(|digest| digest.to_string()),
            answers: AnswersForm {
                integrity: answer(Class::Integrity),
                coverage: answer(Class::Coverage),
                lawfulness: answer(Class::Lawfulness),
                agreement: answer(Class::Agreement),
            },
            checkpoints: verdict.checkpoints.iter().map(checkpoint_form).collect(),
            backdated: verdict.backdated,
            shortfalls_accepted: verdict.shortfalls_accepted,
            remarks: verdict.remarks.iter().map(remark_form).collect(),
            not_proved: NOT_PROVED,
        }
    }

    /// The file's text: JSON on several lines, ended by a line feed.
    ///
    /// # Panics
    /// Never: texts and numbers are always JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("a form made of texts and numbers is always JSON") + "\n"
    }

    /// The file as a signed note: the JSON is its text.
    ///
    /// # Errors
    /// [`NoteError`] where it is too long for a note.
    pub fn sign(&self, auditor: &SignerKey) -> Result<Note, NoteError> {
        Ok(auditor.sign(NoteText::new(self.to_json())?))
    }
}

fn answer_form(answer: &Answer) -> AnswerForm {
    let findings = answer.findings.iter().map(finding_form).collect();
    AnswerForm { clean: answer.is_clean(), count: answer.count, findings }
}

fn finding_form(finding: &Finding) -> FindingForm {
    let touched = finding.touched.as_ref();
    let touched = touched
        .map(|(pool, amount)| TouchedForm { pool: pool.to_string(), amount: amount.clone() });
    FindingForm {
        code: finding.code,
        sequence: finding.sequence.map(|sequence| sequence.0),
        place: finding.place.clone(),
        sentence: finding.message.clone(),
        touched,
    }
}

fn checkpoint_form(checkpoint: &CheckedCheckpoint) -> CheckpointForm {
    CheckpointForm {
        source: checkpoint.source.clone(),
        size: checkpoint.size,
        root: checkpoint.root.to_string(),
        agrees: checkpoint.agrees,
    }
}

fn remark_form(remark: &Remark) -> RemarkForm {
    match remark {
        Remark::Backdated { sequence, lag_us } => {
            RemarkForm::Backdated { sequence: sequence.0, lag_us: *lag_us }
        }
        Remark::ShortfallAccepted { sequence, pool, missing } => RemarkForm::ShortfallAccepted {
            sequence: sequence.0,
            pool: pool.to_string(),
            missing: missing.clone(),
        },
        Remark::NotChecked { class, reason } => {
            RemarkForm::NotChecked { class: class.as_str(), reason: reason.clone() }
        }
    }
}
