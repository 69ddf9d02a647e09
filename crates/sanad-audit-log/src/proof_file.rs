//! Proof files: a leaf's place in a signed tree, in one file that anyone can check offline (C2SP
//! `tlog-proof`, v1).

use std::fmt;

use base64ct::{Base64, Encoding};

use crate::checkpoint::{CheckpointError, OpenedCheckpoint, VerifiedCheckpoint};
use crate::decimal;
use crate::note::{MAX_NOTE, VerifierKey};
use crate::policy::Policy;
use crate::tree::{InclusionProof, MAX_PROOF_HASHES, ProofError, TreeHash, TreeHashParseError};

/// The first line of a proof file.
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// The most bytes of extra data that are read: many times the longest record.
pub const MAX_EXTRA: usize = 1_048_576;
/// The longest proof file that is read, in bytes.
pub const MAX_PROOF_FILE: usize = MAX_EXTRA / 3 * 4 + 4 + MAX_NOTE + 8_192;

/// A proof file as it was read: shaped as one, and not checked.
///
/// ```
/// use sanad_audit_log::note::SignerKey;
/// use sanad_audit_log::tree::{InclusionProof, TreeHash};
/// use sanad_audit_log::{Checkpoint, OpenedCheckpoint, ProofFile};
/// let log = SignerKey::from_seed("ledger.example/pk".parse()?, &[7; 32]);
/// let checkpoint = Checkpoint::new(log.name().clone(), 1, TreeHash::leaf(b"grant"))?;
/// let checkpoint = OpenedCheckpoint::from_note(log.sign(checkpoint.to_text()))?;
/// let inclusion = InclusionProof::new(0, 1, vec![])?;
/// let file = ProofFile::new(inclusion, checkpoint, None)?.to_string();
/// assert!(file.starts_with("c2sp.org/tlog-proof@v1\nindex 0\n\nledger.example/pk\n1\n"));
/// let read = ProofFile::parse(file.as_bytes())?;
/// assert!(read.verify(b"grant", &[log.verifier_key()]).is_ok());
/// assert!(read.verify(b"revoke", &[log.verifier_key()]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProofFile {
    extra: Option<Vec<u8>>,
    inclusion: InclusionProof,
    checkpoint: OpenedCheckpoint,
}

/// Why bytes are not a proof file, or a proof file proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// There are more bytes than a proof file may have.
    #[error("the proof file has {found} bytes; at most {MAX_PROOF_FILE} are read")]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The lines before the checkpoint are not UTF-8.
    #[error("the proof file is not UTF-8")]
    NotUtf8,
    /// The first line is another.
    #[error(
        "the file does not begin with the line {FIRST_LINE}; it is no proof, or of another version"
    )]
    NotAProofFile,
    /// The extra data is not base64, or is too long.
    #[error("the extra line does not hold base64 of at most {MAX_EXTRA} bytes")]
    BadExtra,
    /// There is no index.
    #[error("the proof file has no line index NUMBER where it belongs")]
    BadIndex,
    /// A line of the proof is not a hash.
    #[error("line {line} of the proof file: {cause}")]
    BadHash {
        /// Which, counted from 1.
        line: usize,
        /// Why not.
        cause: TreeHashParseError,
    },
    /// There are more hashes than a proof may have.
    #[error("the proof has more than {MAX_PROOF_HASHES} hashes")]
    TooManyHashes,
    /// No blank line comes before the checkpoint.
    #[error("the proof file has no blank line before its checkpoint; its end is cut off")]
    NoBlankLine,
    /// The proof is for a tree of another size than the checkpoint's.
    #[error("the proof is for a tree of {proof} leaves, and the checkpoint is of {checkpoint}")]
    OtherTree {
        /// The size of the proof's tree.
        proof: u64,
        /// The size of the checkpoint's.
        checkpoint: u64,
    },
    /// The checkpoint is not one, or is not to be believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not fit the place, or do not lead to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl ProofFile {
    /// The proof file with these parts. `extra` is for whoever reads the file, and nothing vouches
    /// for it.
    ///
    /// # Errors
    /// [`ProofFileError::BadExtra`] when there is too much of it, [`ProofFileError::OtherTree`]
    /// when the proof is for a tree of another size than the checkpoint's.
    pub fn new(
        inclusion: InclusionProof,
        checkpoint: OpenedCheckpoint,
        extra: Option<Vec<u8>>,
    ) -> Result<Self, ProofFileError> {
        if extra.as_ref().is_some_and(|extra| extra.len() > MAX_EXTRA) {
            return Err(ProofFileError::BadExtra);
        }
        let (proof, size) = (inclusion.size(), checkpoint.claimed().size());
        if proof != size {
            return Err(ProofFileError::OtherTree { proof, checkpoint: size });
        }
        Ok(Self { extra, inclusion, checkpoint })
    }

    /// Parses a proof file. Takes memory in proportion to `bytes`, of which at most
    /// [`MAX_PROOF_FILE`] are allowed.
    ///
    /// # Errors
    /// [`ProofFileError`] says what is not a proof file's.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > MAX_PROOF_FILE {
            return Err(ProofFileError::TooLong { found: bytes.len() });
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::NotUtf8)?;
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(ProofFileError::NotAProofFile)?;
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(ProofFileError::NoBlankLine)?;
        let mut lines = head.split('\n').zip(2..).peekable();
        let extra = match lines.next_if(|(line, _)| line.starts_with("extra ")) {
            Some((line, _)) => Some(extra_from(line).ok_or(ProofFileError::BadExtra)?),
            None => None,
        };
        let index = lines.next().and_then(|(line, _)| decimal::parse(line.strip_prefix("index ")?));
        let index = index.ok_or(ProofFileError::BadIndex)?;
        let mut path = Vec::new();
        for (line, number) in lines {
            if path.len() == MAX_PROOF_HASHES {
                return Err(ProofFileError::TooManyHashes);
            }
            let hash = line.parse();
            path.push(hash.map_err(|cause| ProofFileError::BadHash { line: number, cause })?);
        }
        let checkpoint = OpenedCheckpoint::parse(checkpoint.as_bytes())?;
        let inclusion = InclusionProof::new(index, checkpoint.claimed().size(), path)?;
        Ok(Self { extra, inclusion, checkpoint })
    }

    /// Data for whoever reads the file. Nothing vouches for it: whatever is taken from here is to
    /// be hashed as the leaf and verified.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// The proof that the leaf stands in the checkpoint's tree. Not checked.
    pub const fn inclusion(&self) -> &InclusionProof {
        &self.inclusion
    }

    /// The checkpoint. Not checked.
    pub const fn checkpoint(&self) -> &OpenedCheckpoint {
        &self.checkpoint
    }

    /// Checks that the log signed a tree in which `leaf` stands at the file's index. The
    /// checkpoint's signatures are checked as by [`OpenedCheckpoint::verify`].
    ///
    /// # Errors
    /// [`ProofFileError::Checkpoint`] or [`ProofFileError::Proof`].
    pub fn verify(
        &self,
        leaf: &[u8],
        keys: &[VerifierKey],
    ) -> Result<VerifiedCheckpoint, ProofFileError> {
        self.lead_to(self.checkpoint.verify(keys)?, leaf)
    }

    /// As [`ProofFile::verify`], with the checkpoint checked as by [`Policy::verify_also`].
    ///
    /// # Errors
    /// [`ProofFileError::Checkpoint`] or [`ProofFileError::Proof`].
    pub fn verify_by_policy(
        &self,
        leaf: &[u8],
        policy: &Policy,
        log_keys: &[VerifierKey],
    ) -> Result<VerifiedCheckpoint, ProofFileError> {
        self.lead_to(policy.verify_also(&self.checkpoint, log_keys)?, leaf)
    }

    fn lead_to(
        &self,
        verified: VerifiedCheckpoint,
        leaf: &[u8],
    ) -> Result<VerifiedCheckpoint, ProofFileError> {
        self.inclusion.verify(&TreeHash::leaf(leaf), &verified.checkpoint().root())?;
        Ok(verified)
    }
}

/// The extra data of a line that begins as one.
fn extra_from(line: &str) -> Option<Vec<u8>> {
    let extra = Base64::decode_vec(line.strip_prefix("extra ")?).ok()?;
    (extra.len() <= MAX_EXTRA).then_some(extra)
}

impl fmt::Display for ProofFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", Base64::encode_string(extra))?;
        }
        writeln!(f, "index {}", self.inclusion.index())?;
        self.inclusion.path().iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint.note())
    }
}
