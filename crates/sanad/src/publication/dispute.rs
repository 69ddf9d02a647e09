//! Two signed checkpoints that contradict one another, in one file that anyone can check offline.
//!
//! `docs/format/dispute.md` describes the file.

use std::fmt;

use sanad_audit_log::note::{MAX_NOTE, VerifierKey};
use sanad_audit_log::tree::{ConsistencyProof, MAX_PROOF_HASHES, ProofError, TreeHash};
use sanad_audit_log::{Checkpoint, CheckpointError, OpenedCheckpoint, VerifiedCheckpoint};
use sanad_publication::{Publication, PublicationError, Source};

/// The first line of a dispute file.
const FIRST_LINE: &str = "sanad dispute v1";
/// The longest dispute file that is read, in bytes.
pub const MAX_DISPUTE_FILE: usize = 2 * MAX_NOTE + 8_192;

/// Two checkpoints of one log that cannot both be of one history, with what shows it. As it was read, nobody is known
/// to have signed them.
///
/// ```
/// use sanad::note::SignerKey;
/// use sanad::publication::{Dispute, check_dispute};
/// use sanad::{Checkpoint, OpenedCheckpoint, tree::TreeHash};
/// let key = SignerKey::from_seed("ledger.example/pk".parse()?, &[7; 32]);
/// let signed = |root| -> Result<_, Box<dyn std::error::Error>> {
///     let checkpoint = Checkpoint::new(key.name().clone(), 1, root)?;
///     Ok(OpenedCheckpoint::from_note(key.sign(checkpoint.to_text()))?)
/// };
/// let dispute = Dispute::of_one_size(signed(TreeHash::leaf(b"a"))?, signed(TreeHash::leaf(b"b"))?)?;
/// let file = dispute.to_string();
/// let proven = check_dispute(file.as_bytes(), &[key.verifier_key()])?;
/// assert_eq!(proven.earlier.checkpoint().size(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    earlier: OpenedCheckpoint,
    later: OpenedCheckpoint,
    /// For checkpoints of two sizes: the root that the later tree has at the earlier size, and the proof that it has.
    growth: Option<(TreeHash, ConsistencyProof)>,
}

/// A dispute that holds: the log's key signed both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenDispute {
    /// The checkpoint of the smaller size.
    pub earlier: VerifiedCheckpoint,
    /// The other one.
    pub later: VerifiedCheckpoint,
    /// The root that the later one's tree has at the earlier one's size; the earlier checkpoint says another.
    pub root_in_later: TreeHash,
}

/// Why two checkpoints are no dispute, or bytes are no dispute file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DisputeError {
    /// There are more bytes than a dispute file may have.
    #[error("the dispute file has {found} bytes; at most {MAX_DISPUTE_FILE} are read")]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The bytes do not have the form of a dispute file.
    #[error("this is no dispute file: {why}")]
    NotADispute {
        /// What is missing or wrong.
        why: &'static str,
    },
    /// A checkpoint is not one, or is not to be believed.
    #[error("the {which} checkpoint: {cause}")]
    Checkpoint {
        /// The first or the second.
        which: &'static str,
        /// Why not.
        cause: CheckpointError,
    },
    /// The two are of different logs.
    #[error("the checkpoints are of different logs, {one} and {other}")]
    OtherLogs {
        /// The first one's origin.
        one: String,
        /// The second one's.
        other: String,
    },
    /// The two do not contradict one another.
    #[error("the two checkpoints do not contradict one another")]
    NoContradiction,
    /// The proof does not lead to the later checkpoint.
    #[error("the proof does not lead to the later checkpoint: {0}")]
    Proof(ProofError),
    /// The later history cannot be read.
    #[error(transparent)]
    Publication(#[from] PublicationError),
}

impl Dispute {
    /// Two checkpoints of one size with different roots.
    ///
    /// # Errors
    /// [`DisputeError`] where they are of different logs or sizes, or of one root.
    pub fn of_one_size(
        one: OpenedCheckpoint,
        other: OpenedCheckpoint,
    ) -> Result<Self, DisputeError> {
        if one.claimed().size() != other.claimed().size() {
            return Err(DisputeError::NoContradiction);
        }
        Self { earlier: one, later: other, growth: None }.checked()
    }

    /// Two checkpoints of different sizes, with the root that the later tree has at the earlier size and the proof
    /// that it has.
    ///
    /// # Errors
    /// [`DisputeError`] where they are of different logs, do not contradict one another, or the proof does not hold.
    pub fn of_growth(
        earlier: OpenedCheckpoint,
        later: OpenedCheckpoint,
        root_in_later: TreeHash,
        proof: ConsistencyProof,
    ) -> Result<Self, DisputeError> {
        Self { earlier, later, growth: Some((root_in_later, proof)) }.checked()
    }

    /// Two checkpoints in any order, where a publication has the tree of the later one.
    ///
    /// # Errors
    /// [`DisputeError`] where they are of different logs, do not contradict one another, or the publication does not
    /// have the later one's tree.
    pub fn between<S: Source>(
        one: OpenedCheckpoint,
        other: OpenedCheckpoint,
        publication_of_later: &Publication<S>,
    ) -> Result<Self, DisputeError> {
        let (earlier, later) = match one.claimed().size().cmp(&other.claimed().size()) {
            std::cmp::Ordering::Equal => return Self::of_one_size(one, other),
            std::cmp::Ordering::Less => (one, other),
            std::cmp::Ordering::Greater => (other, one),
        };
        let size = earlier.claimed().size();
        let (root, proof) = publication_of_later.prove_earlier_root(later.claimed(), size)?;
        Self::of_growth(earlier, later, root, proof)
    }

    /// Parses a dispute file. What it shows is checked; who signed is not: see [`Dispute::verify`].
    ///
    /// # Errors
    /// [`DisputeError`] says what is not a dispute's.
    pub fn parse(bytes: &[u8]) -> Result<Self, DisputeError> {
        if bytes.len() > MAX_DISPUTE_FILE {
            return Err(DisputeError::TooLong { found: bytes.len() });
        }
        let not = |why| DisputeError::NotADispute { why };
        let text = std::str::from_utf8(bytes).map_err(|_| not("it is not UTF-8"))?;
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(not("it does not begin with the line sanad dispute v1"))?;
        let parts: Vec<_> = rest.splitn(2, "\n\n").collect();
        let (head, notes) = match rest.strip_prefix('\n') {
            Some(notes) => ("", notes),
            None => match parts[..] {
                [head, notes] => (head, notes),
                _ => return Err(not("it has no blank line before its checkpoints")),
            },
        };
        // A checkpoint has no blank line but the one before its signatures.
        let cut = notes.match_indices("\n\n").nth(1).map(|(at, _)| at);
        let cut = cut.ok_or(not("it has no blank line between its checkpoints"))?;
        let open = |which, note: &str| {
            let opened = OpenedCheckpoint::parse(note.as_bytes());
            opened.map_err(|cause| DisputeError::Checkpoint { which, cause })
        };
        let earlier = open("first", &notes[..=cut])?;
        let later = open("second", &notes[cut + 2..])?;
        let growth = match head {
            "" => None,
            head => Some(growth_from(head, earlier.claimed(), later.claimed())?),
        };
        Self { earlier, later, growth }.checked()
    }

    /// Checks the signatures: each checkpoint must be signed by a key of `keys` that is the log's own.
    ///
    /// # Errors
    /// [`DisputeError::Checkpoint`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<ProvenDispute, DisputeError> {
        let verify = |which, opened: &OpenedCheckpoint| {
            let verified = opened.verify(keys);
            verified.map_err(|cause| DisputeError::Checkpoint { which, cause })
        };
        let (earlier, later) = (verify("first", &self.earlier)?, verify("second", &self.later)?);
        let root_in_later = match &self.growth {
            Some((root, _)) => *root,
            None => later.checkpoint().root(),
        };
        Ok(ProvenDispute { earlier, later, root_in_later })
    }

    /// The two checkpoints, the one of the smaller size first.
    #[must_use]
    pub fn checkpoints(&self) -> [&OpenedCheckpoint; 2] {
        [&self.earlier, &self.later]
    }

    /// The dispute, if the two contradict one another by what is given.
    fn checked(self) -> Result<Self, DisputeError> {
        let (earlier, later) = (self.earlier.claimed(), self.later.claimed());
        if earlier.origin() != later.origin() {
            let (one, other) = (earlier.origin().shown(), later.origin().shown());
            return Err(DisputeError::OtherLogs { one, other });
        }
        let root = match &self.growth {
            None if earlier.size() == later.size() => later.root(),
            None => return Err(DisputeError::NoContradiction),
            Some((root, proof)) => {
                if (proof.old_size(), proof.new_size()) != (earlier.size(), later.size()) {
                    let why = "its proof is for trees of other sizes";
                    return Err(DisputeError::NotADispute { why });
                }
                proof.verify(root, &later.root()).map_err(DisputeError::Proof)?;
                *root
            }
        };
        if root == earlier.root() { Err(DisputeError::NoContradiction) } else { Ok(self) }
    }
}

/// The lines between the first one and the checkpoints.
fn growth_from(
    head: &str,
    earlier: &Checkpoint,
    later: &Checkpoint,
) -> Result<(TreeHash, ConsistencyProof), DisputeError> {
    let not = |why| DisputeError::NotADispute { why };
    let mut lines = head.split('\n');
    let root = lines.next().and_then(|line| line.strip_prefix("earlier-root ")?.parse().ok());
    let root = root.ok_or(not("its second line is not earlier-root and a hash"))?;
    let path: Vec<TreeHash> = lines
        .take(MAX_PROOF_HASHES + 1)
        .map(|line| line.parse().map_err(|_| not("a line of its proof is not a hash")))
        .collect::<Result<_, _>>()?;
    let proof = ConsistencyProof::new(earlier.size(), later.size(), path);
    Ok((root, proof.map_err(DisputeError::Proof)?))
}

/// Checks a dispute file, offline, by the log's keys.
///
/// # Errors
/// [`DisputeError`] says why it proves nothing.
pub fn check_dispute(bytes: &[u8], keys: &[VerifierKey]) -> Result<ProvenDispute, DisputeError> {
    Dispute::parse(bytes)?.verify(keys)
}

impl fmt::Display for Dispute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some((root, proof)) = &self.growth {
            writeln!(f, "earlier-root {root}")?;
            proof.path().iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        }
        write!(f, "\n{}\n{}", self.earlier.note(), self.later.note())
    }
}
