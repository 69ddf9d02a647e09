//! A damaged ledger mended, from its own bytes, a good copy or a publication.

use std::path::Path;

use sanad_audit_log::{ChainHash, Head, Identity};
use sanad_event_store::{
    BackupMark, Donor, FileReader, IdentityBack, MendedFile, Mender, MendingPlan, Options,
    StoreError, bring_back_identity,
};
use sanad_publication::{FolderSource, Source};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::evidence::Evidence;
use crate::ledger::Ledger;
use crate::opening::Opening;
use crate::progress::{Progress, Stage};
use crate::publication::Side;
use crate::safekeeping::side_donor::SideDonor;
use crate::safekeeping::vouching::Vouching;
use crate::surroundings::Surroundings;
use crate::verdict::Verdict;

/// What is to be repaired from what.
#[derive(Debug)]
pub struct Repair<'a, S = FolderSource> {
    /// A copy of the ledger, a backup, or a publication. Without one, only what can be made from the ledger's own
    /// records is: its memory, and the headers, names and order of its segments.
    pub from: Option<&'a Side<S>>,
    /// A chain hash that is known to be the ledger's: records of the copy up to it are taken although nothing that the
    /// ledger still holds follows from them.
    pub head: Option<ChainHash>,
    /// Checkpoints that speak for records as `head` does, and keys by which they, and the published one, are believed.
    pub evidence: Evidence,
    /// Only look.
    pub dry_run: bool,
}

impl<S> Default for Repair<'_, S> {
    fn default() -> Self {
        Self { from: None, head: None, evidence: Evidence::default(), dry_run: false }
    }
}

/// What a repair came to, or would come to.
#[derive(Debug)]
pub struct Repaired {
    /// Which ledger it is.
    pub identity: Identity,
    /// The identity file, where it was brought back.
    pub identity_back: Option<IdentityBack>,
    /// Which records were taken from where, and what is wanting.
    pub plan: MendingPlan,
    /// The files that were changed.
    pub files: Vec<MendedFile>,
    /// What opening the ledger made anew; `None` where it was not opened.
    pub opening: Option<Opening>,
    /// Why it was not, where it should have been.
    pub unopened: Option<LedgerError>,
    /// More entries than there are now, that the ledger remembers to have had.
    pub remembered: Option<Head>,
    /// What a verification finds now; `None` where it was only looked.
    pub verdict: Option<Verdict>,
}

impl Repaired {
    /// Whether nothing is wrong any more, and the copy has nothing that the ledger may have lost.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let verified = self.verdict.as_ref().is_none_or(Verdict::is_clean);
        let all = self.plan.lacks.is_empty() && self.plan.offered.is_none();
        let whole = all && self.remembered.is_none();
        verified && whole && self.unopened.is_none()
    }
}

/// Repairs the ledger, or the backup, in the folder `ledger`.
///
/// Damaged, missing and foreign segments are made whole, record by record. A record is taken from the copy only where
/// it follows from what is sound before it, and only if the ledger's own next record follows from it, or a known head
/// does. What is replaced is kept in `aside/`. Then what is derived is made anew, and the whole is verified.
///
/// # Errors
/// [`LedgerError::Store`] by cause: a writer has the ledger; the copy is of another ledger; it holds another history
/// ([`StoreError::HistoriesPart`], and nothing was changed); a disk that fails.
pub fn repair<S: Source>(
    ledger: &Path,
    what: &Repair<'_, S>,
    surroundings: Surroundings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Repaired, LedgerError> {
    let identity_back = match what.from {
        Some(from) if !what.dry_run => identity_back(ledger, from)?,
        _ => None,
    };
    let reader = FileReader::open(ledger)?;
    if let Some(from) = what.from {
        check(&reader, from)?;
    }
    let vouching = Vouching::gather(&reader, what.from, what.head, &what.evidence)?;
    let mender = match what.dry_run {
        true => Mender::looking(ledger)?,
        false => Mender::open(ledger, Options::default())?,
    };
    let mut donor = what.from.map(SideDonor::of);
    let vouched = |head| vouching.speaks_for(head, what.from);
    let total = what.from.map_or(0, Side::size);
    let mut hear = |done| progress(Progress { stage: Stage::Mending, done, total });
    let plan = mender.plan(asked(&mut donor), &vouched, &mut hear)?;
    // Where something stays damaged, how far the log will go is not known.
    let remembered =
        vouching.remembered.filter(|head| plan.lacks.is_empty() && head.size > plan.head.size);
    let mut repaired = Repaired {
        identity: reader.identity().clone(),
        identity_back,
        plan,
        files: Vec::new(),
        opening: None,
        unopened: None,
        remembered,
        verdict: None,
    };
    if what.dry_run {
        return Ok(repaired);
    }
    repaired.files = mender.carry_out(&repaired.plan, asked(&mut donor))?;
    repaired.open_again(mender, ledger, surroundings, progress)?;
    repaired.verdict = Some(Auditor::open(ledger)?.verify_with(&what.evidence, progress)?);
    Ok(repaired)
}

impl Repaired {
    /// Makes anew what is derived, where the log is whole.
    fn open_again(
        &mut self,
        mender: Mender,
        ledger: &Path,
        surroundings: Surroundings,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), LedgerError> {
        let is_whole = self.plan.lacks.is_empty() && self.remembered.is_none();
        if !is_whole || BackupMark::of(ledger)?.is_some() {
            // What the ledger remembers may be all that tells what it has lost.
            return Ok(());
        }
        mender.forget()?;
        drop(mender);
        match Ledger::open(ledger, surroundings, progress) {
            Ok(opened) => self.opening = Some(opened.opening().clone()),
            Err(error) => self.unopened = Some(error),
        }
        Ok(())
    }
}

fn asked<D: Donor>(donor: &mut Option<D>) -> Option<&mut dyn Donor> {
    donor.as_mut().map(|donor| donor as &mut dyn Donor)
}

/// Brings the identity file back where it is lost and the log proves that it was the copy's.
fn identity_back<S: Source>(
    ledger: &Path,
    from: &Side<S>,
) -> Result<Option<IdentityBack>, LedgerError> {
    Ok(bring_back_identity(ledger, &identity_of(from)?, &Options::default())?)
}

fn identity_of<S: Source>(from: &Side<S>) -> Result<Identity, LedgerError> {
    match from {
        Side::Ledger(auditor) => Ok(auditor.identity().clone()),
        Side::Publication(publication, _) => Ok(publication.identity()?),
        Side::Checkpoint(_) | Side::Proof(_) => Err(LedgerError::NoEntries),
    }
}

/// Refuses what is no copy of this ledger.
fn check<S: Source>(reader: &FileReader, from: &Side<S>) -> Result<(), LedgerError> {
    let (expected, found) = (reader.identity(), &identity_of(from)?);
    if expected != found {
        let (expected, found) = (expected.ledger_id(), found.ledger_id());
        return Err(StoreError::CopyOfOtherLedger { expected, found }.into());
    }
    Ok(())
}
