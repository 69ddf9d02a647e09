//! Checkpoints that a history is held against: those that the ledger keeps, and those that come from outside.

use std::collections::BTreeMap;

use sanad_audit_log::note::VerifierKey;
use sanad_audit_log::tree::{Frontier, Grove, TreeHash};
use sanad_audit_log::{CheckpointError, OpenedCheckpoint, Policy};
use sanad_core::Sequence;
use sanad_event_store::KeptCheckpoint;

use crate::verdict::{CheckedCheckpoint, Class, Finding, Remark};

/// What a verification is given beside the ledger itself.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Checkpoints, each with where it comes from, for people to read.
    pub checkpoints: Vec<(String, OpenedCheckpoint)>,
    /// The keys of the ledger's operator and of witnesses. Without any, signatures are not checked.
    pub keys: Vec<VerifierKey>,
    /// Whose cosignatures are enough for the checkpoints from outside.
    pub policy: Option<Policy>,
}

/// The roots that a history has at some sizes, recorded while it is walked through.
pub(crate) struct Roots {
    frontier: Frontier,
    at: BTreeMap<u64, Option<TreeHash>>,
    /// A leaf is not known, so no later root is.
    lost: bool,
    entries: u64,
}

impl Roots {
    pub(crate) fn at(sizes: impl IntoIterator<Item = u64>) -> Self {
        let mut at: BTreeMap<_, _> = sizes.into_iter().map(|size| (size, None)).collect();
        if let Some(empty) = at.get_mut(&0) {
            *empty = Some(TreeHash::EMPTY);
        }
        Self { frontier: Frontier::new(), at, lost: false, entries: 0 }
    }

    /// Takes the next record's bytes as they are stored.
    pub(crate) fn take(&mut self, record: &[u8]) {
        self.take_leaf(Some(TreeHash::leaf(record)));
    }

    /// Takes the next record's leaf; `None` where it cannot be known.
    pub(crate) fn take_leaf(&mut self, leaf: Option<TreeHash>) {
        self.entries += 1;
        let Some(leaf) = leaf.filter(|_| !self.lost) else {
            self.lost = true;
            return;
        };
        self.frontier.append(leaf);
        self.note_root();
    }

    /// Passes over so many records whose leaves cannot be known.
    pub(crate) fn skip(&mut self, records: u64) {
        self.entries = self.entries.saturating_add(records);
        self.lost = true;
    }

    /// The sizes whose roots are asked for, in ascending order.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = u64> {
        self.at.keys().copied()
    }

    /// Takes the next records' leaves, if it is they that come next. Each grove ends at a size whose root is asked
    /// for, or with the last of them; `false` if there is nothing to be known any more or they belong elsewhere.
    #[must_use]
    pub(crate) fn take_groves(&mut self, groves: &[Grove]) -> bool {
        let first = groves.first().map(Grove::first);
        if self.lost || first != Some(self.frontier.size()) {
            return false;
        }
        for grove in groves {
            // Groves of the same records stand one behind the other.
            if self.frontier.append_grove(grove).is_err() {
                self.lost = true;
            }
            self.entries += grove.end() - grove.first();
            self.note_root();
        }
        true
    }

    /// Keeps the root where it is asked for.
    fn note_root(&mut self) {
        if let Some(root) = self.at.get_mut(&self.frontier.size()) {
            *root = Some(self.frontier.root());
        }
    }

    /// The root at one of those sizes, where it is known.
    pub(crate) fn root_at(&self, size: u64) -> Option<TreeHash> {
        self.at.get(&size).copied().flatten()
    }

    /// The root over all records taken.
    pub(crate) fn last(&self) -> TreeHash {
        self.frontier.root()
    }
}

/// The checkpoints to be held against one history.
pub(crate) struct Dossier {
    origin: String,
    keys: Vec<VerifierKey>,
    policy: Option<Policy>,
    sheets: Vec<Sheet>,
}

struct Sheet {
    source: String,
    from_outside: bool,
    checkpoint: Result<OpenedCheckpoint, String>,
    /// Whether it is published with the history, whose root was compared with it already.
    published: bool,
}

impl Dossier {
    pub(crate) fn new(origin: &str, evidence: &Evidence, kept: Vec<KeptCheckpoint>) -> Self {
        let kept = kept.into_iter().map(|kept| {
            let note = kept.note.and_then(|note| match note.claimed().size() == kept.size {
                true => Ok(note),
                false => Err("it is of another size than its name".into()),
            });
            let source = format!("kept checkpoint {}", kept.size);
            Sheet { source, from_outside: false, checkpoint: note, published: false }
        });
        let given = evidence.checkpoints.iter().map(|(source, opened)| {
            let (source, checkpoint) = (source.clone(), Ok(opened.clone()));
            Sheet { source, from_outside: true, checkpoint, published: false }
        });
        let (origin, keys, policy) =
            (origin.to_owned(), evidence.keys.clone(), evidence.policy.clone());
        Self { origin, keys, policy, sheets: kept.chain(given).collect() }
    }

    /// Adds the checkpoint that is published with the history itself.
    pub(crate) fn with_published(mut self, opened: &OpenedCheckpoint) -> Self {
        let (source, checkpoint) = ("the published checkpoint".to_owned(), Ok(opened.clone()));
        self.sheets.insert(0, Sheet { source, from_outside: true, checkpoint, published: true });
        self
    }

    pub(crate) fn roots(&self) -> Roots {
        let opened = self.sheets.iter().filter_map(|sheet| sheet.checkpoint.as_ref().ok());
        Roots::at(opened.map(|opened| opened.claimed().size()))
    }

    /// Holds every checkpoint against a history with these roots.
    pub(crate) fn hold_against(&self, roots: &Roots) -> Held {
        let entries = roots.entries;
        let mut held = Held::default();
        let opened = || self.sheets.iter().filter_map(|sheet| sheet.checkpoint.as_ref().ok());
        let agrees = |checkpoint: &OpenedCheckpoint| {
            let claimed = checkpoint.claimed();
            roots.root_at(claimed.size()) == Some(claimed.root())
        };
        for sheet in &self.sheets {
            let checkpoint = match &sheet.checkpoint {
                Ok(checkpoint) => checkpoint,
                Err(why) => {
                    held.found(&sheet.source, Class::Integrity, "checkpoint_unreadable", None, why);
                    continue;
                }
            };
            self.check_signatures(sheet, checkpoint, &mut held);
            let claimed = checkpoint.claimed();
            let (size, root) = (claimed.size(), claimed.root());
            // The last size up to which another checkpoint shows that the history is the same.
            let same_to = opened()
                .filter(|other| other.claimed().size() < size && agrees(other))
                .map(|other| other.claimed().size())
                .max()
                .unwrap_or(0);
            let agrees = agrees(checkpoint);
            if claimed.origin().as_str() != self.origin {
                let why =
                    format!("it is of {}, and this ledger is {}", claimed.origin(), self.origin);
                let code = "checkpoint_of_other_ledger";
                held.found(&sheet.source, Class::Coverage, code, None, &why);
            } else if size > entries {
                let why = format!(
                    "it is of {size} entries, and there are {entries}: entries are missing"
                );
                let at = Some(Sequence(entries));
                held.found(&sheet.source, Class::Coverage, "checkpoint_ahead", at, &why);
            } else if !agrees && sheet.published {
                // That is a finding already.
            } else if !agrees && roots.root_at(size).is_none() {
                let source = &sheet.source;
                let reason = format!("{source}: entries before entry {size} cannot be known");
                held.remarks.push(Remark::NotChecked { class: Class::Coverage, reason });
            } else if !agrees {
                let found = roots.root_at(size).unwrap_or(TreeHash::EMPTY);
                let last = size.saturating_sub(1);
                let parted = match last == same_to {
                    true => format!("at entry {last}"),
                    false => format!("between entry {same_to} and entry {last}"),
                };
                let why = format!(
                    "its root is {root}, and the tree of these entries has {found}: the histories part {parted}"
                );
                let (code, at) = ("checkpoint_of_other_history", Some(Sequence(same_to)));
                held.found(&sheet.source, Class::Coverage, code, at, &why);
            }
            let source = sheet.source.clone();
            held.checked.push(CheckedCheckpoint { source, size, root, agrees });
        }
        self.unchecked_signatures(&mut held);
        held
    }

    fn check_signatures(&self, sheet: &Sheet, checkpoint: &OpenedCheckpoint, held: &mut Held) {
        if self.keys.is_empty() && self.policy.is_none() {
            return;
        }
        let policy = self.policy.as_ref().filter(|_| sheet.from_outside);
        let verified = match policy {
            Some(policy) => policy.verify_also(checkpoint, &self.keys),
            None => checkpoint.verify(&self.keys),
        };
        if let Err(error) = verified {
            let code = match error {
                CheckpointError::NotSignedByItsLog { .. } => "checkpoint_not_signed",
                _ => "checkpoint_signature",
            };
            held.found(&sheet.source, Class::Integrity, code, None, &error.to_string());
        }
    }

    fn unchecked_signatures(&self, held: &mut Held) {
        if self.keys.is_empty() && self.policy.is_none() && !self.sheets.is_empty() {
            let count = self.sheets.len();
            let reason = format!("the signatures of {count} checkpoints: no key was given");
            held.remarks.push(Remark::NotChecked { class: Class::Integrity, reason });
        }
    }
}

/// What came of holding checkpoints against a history.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) checked: Vec<CheckedCheckpoint>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) remarks: Vec<Remark>,
}

impl Held {
    fn found(
        &mut self,
        source: &str,
        class: Class,
        code: &'static str,
        sequence: Option<Sequence>,
        why: &str,
    ) {
        let (place, message) =
            (Some(source.to_owned()), format!("the checkpoint does not hold: {why}"));
        self.findings.push(Finding { class, code, sequence, place, message, touched: None });
    }
}
