//! What a verification found: four answers, told apart. Findings are data, never errors.

use sanad_audit_log::Head;
use sanad_audit_log::tree::TreeHash;
use sanad_core::{PoolId, RecordedTime, Sequence};

/// Which question a finding answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Does every record's hash follow from the one before it, and does every author's signature hold?
    Integrity,
    /// Is anything missing: a gap, a cut tail, a replaced or foreign segment?
    Coverage,
    /// Was every entry allowed by the rules at its place?
    Lawfulness,
    /// Does what the ledger remembers equal what the replay gives?
    Agreement,
}

impl Class {
    /// The four classes, in the order in which they are reported.
    pub const ALL: [Class; 4] =
        [Class::Integrity, Class::Coverage, Class::Lawfulness, Class::Agreement];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Integrity => "integrity",
            Class::Coverage => "coverage",
            Class::Lawfulness => "lawfulness",
            Class::Agreement => "agreement",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The question that it answers.
    pub class: Class,
    /// A stable code, for programs.
    pub code: &'static str,
    /// The entry at which it was found, or would have been.
    pub sequence: Option<Sequence>,
    /// Where in the ledger's files.
    pub place: Option<String>,
    /// What is wrong, with what was expected and what was found.
    pub message: String,
    /// The pool that is touched, and by how much, written in its unit.
    pub touched: Option<(PoolId, String)>,
}

/// What a class of questions came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// The first findings, in the order of the history.
    pub findings: Vec<Finding>,
    /// How many there are altogether; only the first [`Verdict::MOST_FINDINGS`] are kept.
    pub count: u64,
}

impl Answer {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.count == 0
    }
}

/// Something worth knowing that is not wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// An entry took effect before the day on which it was recorded.
    Backdated {
        /// The entry.
        sequence: Sequence,
        /// By how much, in microseconds.
        lag_us: i64,
    },
    /// An entry took capacity away under live grants, and said so.
    ShortfallAccepted {
        /// The entry.
        sequence: Sequence,
        /// The pool.
        pool: PoolId,
        /// How much is missing, written in its unit.
        missing: String,
    },
    /// A question that could not be asked.
    NotChecked {
        /// Which.
        class: Class,
        /// Why.
        reason: String,
    },
}

/// A checkpoint that the history was held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedCheckpoint {
    /// Where it comes from.
    pub source: String,
    /// How many entries it speaks of.
    pub size: u64,
    /// The root that it states.
    pub root: TreeHash,
    /// Whether the history has that root at that size.
    pub agrees: bool,
}

/// The answers of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How many records were read.
    pub entries: u64,
    /// The head that the history leads to.
    pub head: Head,
    /// The root of the tree over all records read.
    pub root: TreeHash,
    /// The checkpoints that the history was held against.
    pub checkpoints: Vec<CheckedCheckpoint>,
    /// When its last entry was recorded.
    pub last_recorded_at: Option<RecordedTime>,
    /// The last entry before the first finding of integrity or coverage; `None` where the first entry is touched or
    /// nothing was found.
    pub last_good: Option<Sequence>,
    /// What was found, by class in the order of [`Class::ALL`].
    answers: [Answer; 4],
    /// How many entries are backdated.
    pub backdated: u64,
    /// How many entries accepted a shortfall.
    pub shortfalls_accepted: u64,
    /// The first remarks, in the order of the history.
    pub remarks: Vec<Remark>,
}

impl Verdict {
    /// How many findings of a class, and how many remarks, are kept; beyond that they are only counted.
    pub const MOST_FINDINGS: usize = 100;

    pub(crate) fn new(head: Head) -> Self {
        Self {
            entries: 0,
            head,
            root: TreeHash::EMPTY,
            checkpoints: Vec::new(),
            last_recorded_at: None,
            last_good: None,
            answers: Default::default(),
            backdated: 0,
            shortfalls_accepted: 0,
            remarks: Vec::new(),
        }
    }

    /// The answer of a class.
    #[must_use]
    pub fn answer(&self, class: Class) -> &Answer {
        &self.answers[place(class)]
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.answers.iter().all(Answer::is_clean)
    }

    /// All findings that were kept, by class.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.answers.iter().flat_map(|answer| &answer.findings)
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        let answer = &mut self.answers[place(finding.class)];
        answer.count += 1;
        if answer.findings.len() < Self::MOST_FINDINGS {
            answer.findings.push(finding);
        }
    }

    /// Notes how the memory agrees: findings, and why something could not be checked.
    pub(crate) fn note_agreement(
        &mut self,
        agreed: impl IntoIterator<Item = Result<Finding, String>>,
    ) {
        for finding in agreed {
            match finding {
                Ok(finding) => self.find(finding),
                Err(reason) => self.remark(Remark::NotChecked { class: Class::Agreement, reason }),
            }
        }
    }

    pub(crate) fn remark(&mut self, remark: Remark) {
        match remark {
            Remark::Backdated { .. } => self.backdated += 1,
            Remark::ShortfallAccepted { .. } => self.shortfalls_accepted += 1,
            Remark::NotChecked { .. } => {}
        }
        if self.remarks.len() < Self::MOST_FINDINGS {
            self.remarks.push(remark);
        }
    }
}

fn place(class: Class) -> usize {
    match class {
        Class::Integrity => 0,
        Class::Coverage => 1,
        Class::Lawfulness => 2,
        Class::Agreement => 3,
    }
}

#[cfg(test)]
mod tests {
    use sanad_audit_log::ChainHash;

    use super::*;

    #[test]
    fn beyond_so_many_findings_and_remarks_the_others_are_only_counted() {
        let mut verdict = Verdict::new(Head { size: 0, hash: ChainHash::from_bytes([0; 32]) });
        for n in 0..=Verdict::MOST_FINDINGS as u64 {
            let sequence = Sequence(n);
            verdict.find(Finding {
                class: Class::Lawfulness,
                code: "code",
                sequence: Some(sequence),
                place: None,
                message: String::new(),
                touched: None,
            });
            verdict.remark(Remark::Backdated { sequence, lag_us: 1 });
        }
        let answer = verdict.answer(Class::Lawfulness);
        assert_eq!((answer.findings.len(), answer.count), (100, 101));
        assert_eq!((verdict.remarks.len(), verdict.backdated), (100, 101));
        assert!(!answer.is_clean() && !verdict.is_clean());
    }
}
