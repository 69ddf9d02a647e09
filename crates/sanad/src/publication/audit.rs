//! The verification of a publication: every file against the others, and every entry against the rules.

use sanad_audit_log::{
    Head, Identity, OpenedCheckpoint, RawRecord, Record, StateDigest, StateHasher,
};
use sanad_core::Sequence;
use sanad_projection::Projection;
use sanad_publication::{
    Concern, FindingCause, Publication, PublicationError, PublicationFinding, PublicationScan,
    ScanItem, Source,
};

use crate::calendar::Calendar;
use crate::error::LedgerError;
use crate::evidence::{Dossier, Evidence};
use crate::judging::{Judging, Replay};
use crate::progress::{Progress, Reports, Stage};
use crate::publication::relay::{Told, relayed};
use crate::verdict::{Class, Finding, Remark, Verdict};

/// What the verification of a publication gives.
#[derive(Debug, Clone)]
pub struct PublishedAudit {
    /// What was found.
    pub verdict: Verdict,
    /// Which ledger it is, as the publication says and its chain confirms.
    pub identity: Identity,
    /// The checkpoint that is published.
    pub checkpoint: OpenedCheckpoint,
    /// The digest of what the entries amount to, replayed; `None` where some are missing.
    pub state_digest: Option<StateDigest>,
}

/// Verifies a publication from its first entry, without the ledger: integrity, coverage and lawfulness as a
/// ledger's own verification does, and agreement with the published digest of the state, if there is one. It
/// goes on after a finding. `evidence` has the keys by which the published checkpoint is to be believed, and
/// other checkpoints that the history is held against.
///
/// # Errors
/// [`LedgerError`] only where nothing could be verified at all: there is no checkpoint, or no identity that
/// can be read.
pub fn verify_publication<S: Source>(
    publication: &Publication<S>,
    evidence: &Evidence,
    progress: &mut dyn FnMut(Progress),
) -> Result<PublishedAudit, LedgerError> {
    let checkpoint = publication.checkpoint()?;
    let identity = publication.identity()?;
    let calendar = Calendar::new(identity.time_zone())?;
    let dossier = Dossier::new(identity.origin(), evidence, Vec::new()).with_published(&checkpoint);
    let genesis = Head::empty(identity.genesis());
    let judging = Judging::new(genesis, dossier.roots(), Replay::Kept, &calendar);
    let (size, walk) = (checkpoint.claimed().size(), Walk { judging, next: 0 });
    let scan = PublicationScan::new(publication, checkpoint.claimed(), &identity);
    let mut reports = Reports::behind(0, size, Stage::Verifying, progress);
    let mut done = 0;
    let (scanned, mut walk) = relayed(walk, Walk::told, |hand_on| {
        scan.run(&mut |item| {
            if let ScanItem::Record(record) = &item {
                done = record.place.get().saturating_add(1);
            }
            hand_on(item);
            reports.tell(done);
        })
    });
    if walk.next != size {
        walk.judging.gap();
    }
    let held = dossier.hold_against(&walk.judging.roots);
    let (mut verdict, replay) = walk.judging.end(held, scanned.head);
    let state_digest = replay.map(|replay| digest_of(&replay, size));
    hold_digest(publication.state_digest(size), size, state_digest, &mut verdict);
    Ok(PublishedAudit { verdict, identity, checkpoint, state_digest })
}

struct Walk<'a> {
    judging: Judging<'a>,
    /// The place of the record that should come next.
    next: u64,
}

impl Walk<'_> {
    fn told(&mut self, told: Told<'_>) {
        match told {
            Told::Record { raw, place, is_linked } => self.record(raw, place.get(), is_linked),
            Told::Leaves(leaves) => {
                leaves.iter().for_each(|leaf| self.judging.roots.take_leaf(*leaf));
            }
            Told::Finding(finding) => self.finding(finding),
        }
    }

    fn record(&mut self, raw: RawRecord<'_>, place: u64, is_linked: bool) {
        if place != self.next {
            self.judging.gap();
        }
        self.next = place.saturating_add(1);
        self.judging.verdict.entries += 1;
        self.judging.verdict.head = Head { size: self.next, hash: raw.stored_hash() };
        if is_linked {
            self.judging.linked(place);
        }
        if let Ok(record) = Record::decode(raw) {
            self.judging.record(&record, || format!("entry {place} of what is published"));
        }
    }

    fn finding(&mut self, finding: &PublicationFinding) {
        let place = Some(finding.file.clone());
        if let FindingCause::Chain(finding) = &finding.cause {
            return self.judging.unlinked(finding, place);
        }
        let class = match finding.cause.concern() {
            Concern::Integrity => Class::Integrity,
            Concern::Coverage => Class::Coverage,
        };
        let sequence = finding.sequence.map(sanad_audit_log::Sequence::get);
        self.judging.broken(class, finding.cause.code(), sequence, place, finding.to_string());
    }
}

fn digest_of(replay: &Projection, size: u64) -> StateDigest {
    let mut hasher = StateHasher::default();
    replay.canonical_state(size, &mut |bytes| hasher.update(bytes));
    hasher.finish()
}

/// Holds the published digest of the state against the replay's.
fn hold_digest(
    published: Result<Option<StateDigest>, PublicationError>,
    size: u64,
    replayed: Option<StateDigest>,
    verdict: &mut Verdict,
) {
    let mut find = |code, message| {
        let (sequence, place) = (size.checked_sub(1).map(Sequence), Some(format!("state/{size}")));
        let class = Class::Agreement;
        verdict.find(Finding { class, code, sequence, place, message, touched: None });
    };
    let reason = match (published, replayed) {
        (Err(error), _) => return find("state_digest_unreadable", error.to_string()),
        (Ok(Some(found)), Some(expected)) if found != expected => {
            let message =
                format!("the entries amount to {expected}, and the published digest is {found}");
            return find("state_digest_differs", message);
        }
        (Ok(Some(_)), Some(_)) => return,
        (Ok(Some(_)), None) => {
            "entries are missing, so there is no replay to compare a digest with"
        }
        (Ok(None), _) => "no digest of the state is published",
    };
    verdict.remark(Remark::NotChecked { class: Class::Agreement, reason: reason.to_owned() });
}
