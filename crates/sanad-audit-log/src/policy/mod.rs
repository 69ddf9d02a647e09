//! Whose checkpoints are believed: logs, witnesses and a quorum (C2SP `tlog-policy`).
//!
//! | file | noun |
//! |---|---|
//! | `quorum.rs` | which sets of witnesses are enough |
//! | `parse.rs` | the policy file |
//! | `error.rs` | [`PolicyError`], [`PolicyFault`] |

mod error;
mod parse;
mod quorum;

pub use error::{PolicyError, PolicyFault};

use crate::checkpoint::{CheckpointError, OpenedCheckpoint, VerifiedCheckpoint};
use crate::note::VerifierKey;
use quorum::Quorum;

/// The longest policy file that is read, in bytes.
pub const MAX_POLICY: usize = 65_536;

/// A log or a witness of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyMember {
    key: VerifierKey,
    url: Option<String>,
}

impl PolicyMember {
    /// Its key.
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Where it is asked, if the policy says.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

/// Which logs are believed, and whose cosignatures are enough.
///
/// ```
/// use sanad_audit_log::Policy;
/// let policy = Policy::parse(b"
/// log example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
/// quorum none
/// ")?;
/// assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    logs: Vec<PolicyMember>,
    witnesses: Vec<PolicyMember>,
    quorum: Quorum,
}

impl Policy {
    /// Parses a policy file of at most [`MAX_POLICY`] bytes.
    ///
    /// # Errors
    /// [`PolicyError`] names the first line that is wrong.
    pub fn parse(file: &[u8]) -> Result<Self, PolicyError> {
        parse::parse(file)
    }

    /// The logs, in the file's order. There may be none, where the log is known otherwise.
    pub fn logs(&self) -> &[PolicyMember] {
        &self.logs
    }

    /// The witnesses, in the file's order.
    pub fn witnesses(&self) -> &[PolicyMember] {
        &self.witnesses
    }

    /// Whether any cosignature at all is asked for.
    pub const fn asks_for_witnesses(&self) -> bool {
        !matches!(self.quorum, Quorum::None)
    }

    /// Believes a checkpoint that one of the policy's logs signed and enough of its witnesses
    /// cosigned.
    ///
    /// # Errors
    /// As [`OpenedCheckpoint::verify`], and [`CheckpointError::QuorumMissed`].
    pub fn verify(&self, opened: &OpenedCheckpoint) -> Result<VerifiedCheckpoint, CheckpointError> {
        self.verify_also(opened, &[])
    }

    /// As [`Policy::verify`], for a log whose keys are known otherwise.
    ///
    /// # Errors
    /// As [`Policy::verify`].
    pub fn verify_also(
        &self,
        opened: &OpenedCheckpoint,
        log_keys: &[VerifierKey],
    ) -> Result<VerifiedCheckpoint, CheckpointError> {
        let members = self.logs.iter().chain(&self.witnesses).map(PolicyMember::key);
        let keys: Vec<_> = members.chain(log_keys).cloned().collect();
        let verified = opened.verify(&keys)?;
        let cosigned = |witness: &PolicyMember| {
            verified.cosignatures().any(|known| known.key() == witness.key())
        };
        let cosigned: Vec<bool> = self.witnesses.iter().map(cosigned).collect();
        if self.quorum.is_reached(&cosigned) {
            return Ok(verified);
        }
        let count = cosigned.iter().filter(|cosigned| **cosigned).count();
        Err(CheckpointError::QuorumMissed { cosigned: count, known: self.witnesses.len() })
    }
}
