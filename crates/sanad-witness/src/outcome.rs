//! What became of asking a witness.

use std::fmt;

use sanad_audit_log::PosixSeconds;
use sanad_audit_log::note::VerifierKey;

use crate::fetch_error::FetchError;

/// A witness of a policy, and what became of asking it.
#[derive(Debug)]
pub struct Asked {
    /// The witness's key.
    pub witness: VerifierKey,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.witness.name(), self.outcome)
    }
}

/// What became of asking a witness.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It cosigned, and the cosignature holds.
    Cosigned {
        /// When, by the witness's clock.
        at: PosixSeconds,
    },
    /// The checkpoint had its cosignature before anybody was asked.
    HadCosigned {
        /// When, by the witness's clock.
        at: PosixSeconds,
    },
    /// The policy does not say where it is asked.
    NoUrl,
    /// It cannot be reached, or did not answer in time.
    NotReached(FetchError),
    /// It has cosigned a larger checkpoint of this log already.
    Ahead {
        /// The size of that one.
        size: u64,
    },
    /// It says that the checkpoint did not grow out of what it cosigned before. If the log has only
    /// one history, somebody else has signed with its key, or the witness is wrong: look into it.
    OtherHistory {
        /// What it said, for people.
        said: String,
    },
    /// It answered that it does not cosign, and not because of what it cosigned before.
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said, for people.
        said: String,
    },
    /// Its answer is not one of the protocol, or its cosignature does not hold.
    Nonsense {
        /// What is wrong with it.
        why: String,
    },
    /// There is no proof for it that the checkpoint grew out of what it cosigned before.
    NoProof {
        /// The size that it cosigned before.
        old: u64,
        /// Why not.
        why: String,
    },
    /// It cosigned, and the checkpoint has as many signatures as a note may have.
    NoRoom,
    /// Others were enough before it answered, or the time for all was over.
    NotWaitedFor,
}

impl Outcome {
    /// Whether the checkpoint has its cosignature.
    pub const fn is_cosigned(&self) -> bool {
        matches!(self, Self::Cosigned { .. } | Self::HadCosigned { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cosigned { .. } => f.write_str("cosigned"),
            Self::HadCosigned { .. } => f.write_str("had cosigned before"),
            Self::NoUrl => f.write_str("not asked, since the policy gives no URL for it"),
            Self::NotReached(error) => write!(f, "not reached: {error}"),
            Self::Ahead { size } => {
                write!(f, "it has cosigned a larger checkpoint already, of {size} entries")
            }
            Self::OtherHistory { said } => {
                write!(f, "it cosigned another history of this log before: {said}")
            }
            Self::Refused { status, said } => write!(f, "it refused with status {status}: {said}"),
            Self::Nonsense { why } => write!(f, "its answer means nothing: {why}"),
            Self::NoProof { old, why } => {
                write!(f, "there is no proof for it from size {old}: {why}")
            }
            Self::NoRoom => {
                f.write_str("it cosigned, but the note has no room for a signature more")
            }
            Self::NotWaitedFor => f.write_str("it had not answered when others had"),
        }
    }
}
