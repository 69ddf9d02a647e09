//! Whether a checkpoint may be cosigned.

use super::answer::Answer;
use super::request::AddCheckpoint;
use crate::checkpoint::{Checkpoint, OpenedCheckpoint};
use crate::cosignature::PosixSeconds;
use crate::note::{CosignerKey, NoteError, VerifierKey};
use crate::tree::{ConsistencyProof, TreeHash};

/// What a witness keeps of a log: the size and root that it last cosigned.
///
/// It must be kept durably before the cosignature is sent, and comparing it with a request and
/// keeping the new one must be one step, or two requests at once could roll it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogState {
    size: u64,
    root: TreeHash,
}

impl LogState {
    /// Of a log that was never cosigned.
    pub const NEVER: Self = Self { size: 0, root: TreeHash::EMPTY };

    /// The state after cosigning `checkpoint`.
    pub const fn after(checkpoint: &Checkpoint) -> Self {
        Self { size: checkpoint.size(), root: checkpoint.root() }
    }

    /// The size that was last cosigned; 0 for none.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of that size.
    pub const fn root(&self) -> TreeHash {
        self.root
    }
}

/// A checkpoint that its log signed and that grew out of the last one cosigned. Only [`decide`]
/// makes one. What a witness asks beyond that, as a lawful history, is asked before
/// [`Consistent::cosign`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consistent {
    checkpoint: OpenedCheckpoint,
}

/// Decides about a request, from what the witness knows of the log that the request names: its keys
/// (`None` where the log is not known) and its last state.
///
/// # Errors
/// The [`Answer`] that refuses it, in the order of C2SP `tlog-witness`: 404, 403, 400, 409, 422.
///
/// ```
/// use sanad_audit_log::note::{CosignerKey, SignerKey};
/// use sanad_audit_log::tree::{ConsistencyProof, TreeHash};
/// use sanad_audit_log::witness::{AddCheckpoint, LogState, decide};
/// use sanad_audit_log::{Checkpoint, OpenedCheckpoint, PosixSeconds};
/// let log = SignerKey::from_seed("ledger.example/pk".parse()?, &[7; 32]);
/// let witness = CosignerKey::from_seed("witness.example/w1".parse()?, &[8; 32]);
/// let checkpoint = Checkpoint::new(log.name().clone(), 1, TreeHash::leaf(b"grant"))?;
/// let signed = OpenedCheckpoint::from_note(log.sign(checkpoint.to_text()))?;
/// let request = AddCheckpoint::new(&ConsistencyProof::new(0, 1, vec![])?, signed);
///
/// let keys = [log.verifier_key()];
/// let consistent = decide(&request, Some(&keys), &LogState::NEVER)?;
/// let kept = consistent.next_state(); // To be kept before the answer is sent.
/// let answer = consistent.cosign(&witness, PosixSeconds::new(1_748_113_200).ok_or("no time")?);
/// assert_eq!((kept.size(), answer.status()), (1, 200));
///
/// let refused = decide(&request, Some(&keys), &kept).unwrap_err();
/// assert_eq!((refused.status(), refused.body()), (409, "1\n".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide(
    request: &AddCheckpoint,
    log_keys: Option<&[VerifierKey]>,
    last: &LogState,
) -> Result<Consistent, Answer> {
    let opened = request.checkpoint();
    let claimed = opened.claimed();
    let keys = log_keys.ok_or(Answer::UnknownLog)?;
    opened.signatures_by(keys).map_err(|_| Answer::NotSigned)?;
    if request.old() > claimed.size() {
        return Err(Answer::BadRequest("the old size is more than the checkpoint's".to_owned()));
    }
    if request.old() != last.size {
        return Err(Answer::OtherSize { size: last.size });
    }
    grew_out_of(request, last)?;
    Ok(Consistent { checkpoint: opened.clone() })
}

fn grew_out_of(request: &AddCheckpoint, last: &LogState) -> Result<(), Answer> {
    let claimed = request.checkpoint().claimed();
    if !claimed.is_possible() {
        let why = "the tree without leaves has another root".to_owned();
        return Err(Answer::NotConsistent(why));
    }
    let (old, new) = (request.old(), claimed.size());
    let proof = ConsistencyProof::new(old, new, request.path().to_vec());
    let holds = proof.and_then(|proof| proof.verify(&last.root, &claimed.root()));
    holds.map_err(|error| Answer::NotConsistent(error.to_string()))
}

impl Consistent {
    /// What the checkpoint says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.checkpoint.claimed()
    }

    /// What is to be kept before the answer is sent.
    pub const fn next_state(&self) -> LogState {
        LogState::after(self.checkpoint.claimed())
    }

    /// Cosigns the checkpoint at a time that is passed in.
    pub fn cosign(&self, key: &CosignerKey, at: PosixSeconds) -> Answer {
        Answer::Cosigned(key.cosign(self.checkpoint.claimed(), at))
    }

    /// The checkpoint with the witness's answer added, as a witness shows it to monitors.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn with_answer(&self, answer: &Answer) -> Result<OpenedCheckpoint, NoteError> {
        let mut checkpoint = self.checkpoint.clone();
        if let Answer::Cosigned(cosignature) = answer {
            checkpoint.add([cosignature.clone()])?;
        }
        Ok(checkpoint)
    }
}
