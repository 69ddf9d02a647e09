//! A ledger made from a backup, or from any other copy of its folder.

use std::path::Path;

use sanad_audit_log::{Head, Identity};
use sanad_event_store::{BackupMark, Copied, FileReader, Options, SoundLog, StoreError};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::evidence::Evidence;
use crate::ledger::Ledger;
use crate::progress::{Progress, Stage};
use crate::surroundings::Surroundings;
use crate::verdict::Verdict;

/// What a restoration came to.
#[derive(Debug)]
pub struct Restored {
    /// Which ledger it is.
    pub identity: Identity,
    /// What was copied, and up to which head.
    pub copied: Copied,
    /// How far the last backup went that finished; `None` where the copy is no backup.
    pub mark: Option<Head>,
    /// What the verification of the restored ledger found.
    pub verdict: Verdict,
    /// Why it cannot be opened for recording, where it cannot.
    pub unopened: Option<LedgerError>,
}

/// Makes a ledger in the new or empty folder `to` from a backup, or from another copy of a ledger's folder, and
/// verifies it.
///
/// Whoever records in it goes on from the head that was restored. If the ledger had gone on from there before, in
/// checkpoints that others have seen, that makes a second history: hold it against them first, by `evidence`.
///
/// # Errors
/// [`LedgerError::Store`] by cause: the copy is not sound to its end ([`StoreError::CopyUnsound`]), there is something
/// in `to`, or a disk that fails.
pub fn restore(
    copy: &Path,
    to: &Path,
    surroundings: Surroundings,
    evidence: &Evidence,
    progress: &mut dyn FnMut(Progress),
) -> Result<Restored, LedgerError> {
    let reader = FileReader::open(copy)?;
    let mark = BackupMark::of(copy)?.map(|mark| mark.head);
    let total = Auditor::open(copy)?.head().size;
    let mut copying = |done| progress(Progress { stage: Stage::Copying, done, total });
    let sound = reader.sound_log(&mut copying)?;
    check(&reader, &sound, mark)?;
    let options = Options::default();
    let copied = sanad_event_store::restore(&reader, &sound, to, &options, &mut copying)?;
    let unopened = Ledger::open(to, surroundings, progress).err();
    let verdict = Auditor::open(to)?.verify_with(evidence, progress)?;
    if verdict.head != copied.head {
        return Err(StoreError::ChangedMeanwhile { path: copy.to_owned() }.into());
    }
    let identity = reader.identity().clone();
    Ok(Restored { identity, copied, mark, verdict, unopened })
}

/// Refuses a copy that is damaged, or holds less than it once did.
fn check(copy: &FileReader, sound: &SoundLog, mark: Option<Head>) -> Result<(), LedgerError> {
    let path = copy.dir().to_owned();
    if let Some(unsound) = sound.unsound() {
        let (sequence, why) = (unsound.sequence, unsound.why.clone());
        return Err(StoreError::CopyUnsound { path, sequence, why }.into());
    }
    let Some(mark) = mark else { return Ok(()) };
    let found = sound.head();
    if found.size < mark.size || !copy.holds(mark)? {
        let why = format!("the backup held {mark} when it was made, and now holds {found}");
        return Err(StoreError::CopyUnsound { path, sequence: found.next_sequence(), why }.into());
    }
    Ok(())
}
