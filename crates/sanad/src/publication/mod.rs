//! A ledger published, and what is published audited, mirrored, compared and disputed.
//!
//! A publication is a folder of files that never change, and a signed checkpoint; any web server serves it
//! (`docs/format/publication.md`). Whoever reads it needs neither the ledger nor trust in its operator.
//!
//! | file | noun |
//! |---|---|
//! | `audit` | [`PublishedAudit`]: a publication verified, entry by entry |
//! | `relay` | what a scan comes upon, handed to the thread that judges it |
//! | `side` | [`Side`]: a history to be compared: a ledger, a publication, a checkpoint, a proof |
//! | `comparison` | [`Comparison`]: where two histories part |
//! | `dispute` | [`Dispute`]: two signed checkpoints that contradict one another |

mod audit;
mod comparison;
mod dispute;
mod relay;
mod side;

use std::path::Path;

use sanad_audit_log::{OpenedCheckpoint, StateDigest};
use sanad_core::Sequence;
use sanad_projection::Known;

pub use audit::{PublishedAudit, verify_publication};
pub use comparison::{Comparison, Outcome, PartedEntry, Thoroughness, compare};
pub use dispute::{Dispute, DisputeError, MAX_DISPUTE_FILE, ProvenDispute, check_dispute};
pub use sanad_publication::{
    Bundle, CHECKPOINT, EVIDENCE, FolderSource, IDENTITY, Mirror, Mirrored, ProvedRecord,
    Publication, PublicationError, Published, Publisher, Source, SourceError, Verify,
};
pub(crate) use side::EntryStream;
pub use side::{Side, SideError};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::progress::{Progress, Stage};

/// Publishes a ledger into the folder `dir`, up to the size of a checkpoint that is signed, with the digest of what the
/// entries amount to. What is published already is gone on from, and never altered; see [`Publisher`].
///
/// ```
/// use sanad::note::SignerKey;
/// use sanad::publication::{FolderSource, Publication, publish, verify_publication};
/// use sanad::{Auditor, CreateOptions, Evidence, Ledger};
/// # let home = tempfile::tempdir()?;
/// # let (folder, published) = (home.path().join("ledger"), home.path().join("published"));
/// let origin = "ledger.example/pk".to_owned();
/// let key = SignerKey::from_seed(origin.parse()?, &[7; 32]);
/// Ledger::create(&folder, CreateOptions { origin: Some(origin), ..Default::default() })?.close();
/// let auditor = Auditor::open(&folder)?;
/// let checkpoint = auditor.checkpoint(&[key.clone()])?;
/// publish(&auditor, &published, &checkpoint, &mut |_| {})?;
///
/// let publication = Publication::new(FolderSource::new(&published));
/// let evidence = Evidence { keys: vec![key.verifier_key()], ..Evidence::default() };
/// let audit = verify_publication(&publication, &evidence, &mut |_| {})?;
/// assert!(audit.verdict.is_clean());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`LedgerError`] says what keeps the ledger from being published there; then what is published is what was before.
pub fn publish(
    auditor: &Auditor,
    dir: &Path,
    checkpoint: &OpenedCheckpoint,
    progress: &mut dyn FnMut(Progress),
) -> Result<Published, LedgerError> {
    let size = checkpoint.claimed().size();
    let digest = if size > auditor.head().size {
        // That is for the publisher to refuse, with the numbers.
        None
    } else {
        auditor.load(progress)?;
        Some(state_digest(auditor, size)?)
    };
    let mut publisher = Publisher::open(dir)?;
    let mut report = |done, total| progress(Progress { stage: Stage::Publishing, done, total });
    Ok(publisher.publish_with_digest(auditor.reader(), checkpoint, digest, &mut report)?)
}

fn state_digest(auditor: &Auditor, size: u64) -> Result<StateDigest, LedgerError> {
    let last = size.checked_sub(1);
    let known = last.map_or(Known::Nothing, |last| Known::AtEntry(Sequence(last)));
    Ok(auditor.view(known)?.state_digest())
}
