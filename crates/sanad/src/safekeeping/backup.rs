//! A copy of a live ledger, verified, and gone on with the next time.

use std::path::Path;

use sanad_audit_log::{Head, Identity};
use sanad_event_store::{
    BackupFolder, Copied, FileReader, KeptCheckpoints, Options, StoreError, Unsound,
};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::evidence::Evidence;
use crate::progress::{Progress, Stage};
use crate::verdict::{Class, Remark, Verdict};

/// What a backup came to.
#[derive(Debug, Clone)]
pub struct BackedUp {
    /// Which ledger it is.
    pub identity: Identity,
    /// What the backup held before.
    pub from: Head,
    /// What was copied, and up to which head.
    pub copied: Copied,
    /// How many kept checkpoints the backup has.
    pub checkpoints: usize,
    /// Where the ledger goes on unsound. What stands behind that is not in the backup.
    pub unsound: Option<Unsound>,
    /// How many bytes behind the last entry are an append that did not finish, or was on its way.
    pub tail: u64,
    /// What the verification of the copy found.
    pub verdict: Verdict,
}

impl BackedUp {
    /// Whether the ledger was sound to its end, and nothing was found in the copy.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.unsound.is_none() && self.verdict.is_clean()
    }
}

/// Backs up the ledger in the folder `ledger` into the folder `to`, which is new or empty or holds a backup of the same
/// ledger; beside a writer too. What is copied is a beginning of the history that ends with a whole entry, and all of
/// it is durable when this returns. It is verified there, as [`Auditor::verify`] does; kept checkpoints come with it.
///
/// Where the ledger is damaged, what stands before the damage is backed up. A backup is itself read as a ledger is,
/// and cannot be recorded to.
///
/// ```
/// use sanad::safekeeping::{backup, restore};
/// use sanad::{Auditor, CreateOptions, Evidence, Ledger, Surroundings};
/// # let home = tempfile::tempdir()?;
/// # let [folder, copy, again] = ["ledger", "copy", "again"].map(|name| home.path().join(name));
/// let ledger = Ledger::create(&folder, CreateOptions::default())?;
/// let register = ledger.act("mof")?.register_holder("acme", "Acme (made up)")?;
/// ledger.record(register.build())?;
/// let backed_up = backup(&folder, &copy, &Evidence::default(), &mut |_| {})?;
/// assert!(backed_up.is_clean());
/// assert_eq!(backed_up.copied.head.size, 1);
///
/// let restored = restore(&copy, &again, Surroundings::default(), &Evidence::default(), &mut |_| {})?;
/// assert!(restored.verdict.is_clean());
/// assert_eq!(Auditor::open(&again)?.head(), backed_up.copied.head);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LedgerError::Store`] by cause: no ledger there; something else in `to`; the backup holds what the ledger does not;
/// a full disk, after which the next backup goes on where this one ended.
pub fn backup(
    ledger: &Path,
    to: &Path,
    evidence: &Evidence,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackedUp, LedgerError> {
    backup_on(Options::default(), ledger, to, evidence, progress)
}

/// As [`backup`], on a given disk.
///
/// # Errors
/// As [`backup`].
#[doc(hidden)]
pub fn backup_on(
    options: Options,
    ledger: &Path,
    to: &Path,
    evidence: &Evidence,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackedUp, LedgerError> {
    let reader = FileReader::open(ledger)?;
    let total = Auditor::open(ledger)?.head().size;
    let mut copying = |done| progress(Progress { stage: Stage::Copying, done, total });
    let sound = reader.sound_log(&mut copying)?;
    let mut folder = BackupFolder::open(to, reader.identity(), options)?;
    let from = folder.head();
    let copied = folder.copy(&reader, &sound, &mut copying)?;
    let checkpoints = copy_checkpoints(ledger, to, sound.head().size)?;
    let mut verdict = Auditor::open(to)?.verify_with(evidence, progress)?;
    if verdict.head != copied.head {
        return Err(StoreError::ChangedMeanwhile { path: to.to_owned() }.into());
    }
    without_memory(&mut verdict);
    folder.finish(copied.head)?;
    let (unsound, tail) = (sound.unsound().cloned(), sound.tail());
    let identity = reader.identity().clone();
    Ok(BackedUp { identity, from, copied, checkpoints, unsound, tail, verdict })
}

/// Copies the kept checkpoints that speak of no more than `size` entries; gives how many the copy has.
fn copy_checkpoints(from: &Path, to: &Path, size: u64) -> Result<usize, LedgerError> {
    let shelf = KeptCheckpoints::of(to)?;
    for kept in KeptCheckpoints::of(from)?.all()? {
        if let Some(note) = kept.note.ok().filter(|_| kept.size <= size) {
            shelf.keep(&note)?;
        }
    }
    Ok(shelf.all()?.len())
}

/// Says of a backup why its memory was not looked at.
fn without_memory(verdict: &mut Verdict) {
    for remark in &mut verdict.remarks {
        if let Remark::NotChecked { class: Class::Agreement, reason } = remark {
            *reason = "a backup has no memory; restoring it makes one".into();
        }
    }
}
