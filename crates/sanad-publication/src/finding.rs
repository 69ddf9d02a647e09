//! What is wrong with a publication. Findings are data: a scan goes on after them.

use std::fmt;

use sanad_audit_log::tile::TileError;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{ChainFinding, Sequence};

use crate::source::SourceError;

/// Which question a finding answers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Concern {
    /// Do the hashes follow from one another: chain, leaves, tiles, root?
    Integrity,
    /// Is anything missing?
    Coverage,
}

/// One thing that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicationFinding {
    /// What is wrong.
    pub cause: FindingCause,
    /// The first entry that is touched, if any is.
    pub sequence: Option<Sequence>,
    /// The file at fault, relative to the publication's root.
    pub file: String,
}

/// What is wrong with a file of a publication, or between files.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindingCause {
    /// A tile is not there.
    #[error("the tile is missing")]
    MissingTile,
    /// A bundle is not there.
    #[error("the bundle is missing, and its entries with it")]
    MissingBundle,
    /// A file is there and cannot be read.
    #[error("{why}")]
    Unreadable {
        /// Why not.
        why: String,
    },
    /// A tile or a bundle has not the shape of one.
    #[error("{0}")]
    Malformed(TileError),
    /// A tile says another hash than what stands below it has, or than the tiles above say of it.
    #[error("the tile says {found} where {expected} follows from the other files")]
    TileDiffers {
        /// The hash that follows from the other files.
        expected: TreeHash,
        /// The hash that the tile has or gives.
        found: TreeHash,
    },
    /// Entries of a bundle have other hashes than the tiles say.
    #[error("the bundle's entries give {found} where the tiles say {expected}")]
    BundleDiffers {
        /// The hash that the tiles say: of the entry, or of the whole bundle.
        expected: TreeHash,
        /// The hash that the bundle gives.
        found: TreeHash,
    },
    /// The tree over the entries has another root than the checkpoint says.
    #[error("the tree of the entries has the root {found}; the checkpoint says {expected}")]
    RootDiffers {
        /// The root that the checkpoint says.
        expected: TreeHash,
        /// The root of the tree over the entries.
        found: TreeHash,
    },
    /// A record does not follow from the one before it.
    #[error("{0}")]
    Chain(ChainFinding),
    /// So many files are faulty that the scan ended.
    #[error("{faulty} files are missing or faulty; what comes after this entry was not looked at")]
    GaveUp {
        /// How many.
        faulty: u64,
    },
}

impl FindingCause {
    /// A stable name of the cause, for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingTile => "missing_tile",
            Self::MissingBundle => "missing_bundle",
            Self::Unreadable { .. } => "unreadable_file",
            Self::Malformed(_) => "malformed_file",
            Self::TileDiffers { .. } => "tile_differs",
            Self::BundleDiffers { .. } => "bundle_differs",
            Self::RootDiffers { .. } => "root_differs",
            Self::Chain(finding) => finding.code(),
            Self::GaveUp { .. } => "gave_up",
        }
    }

    /// Which question it answers.
    pub const fn concern(&self) -> Concern {
        match self {
            Self::Malformed(_)
            | Self::TileDiffers { .. }
            | Self::BundleDiffers { .. }
            | Self::RootDiffers { .. } => Concern::Integrity,
            Self::Chain(ChainFinding::SequenceBreak { .. }) => Concern::Coverage,
            Self::Chain(_) => Concern::Integrity,
            _ => Concern::Coverage,
        }
    }
}

impl From<SourceError> for FindingCause {
    fn from(error: SourceError) -> Self {
        Self::Unreadable { why: error.to_string() }
    }
}

impl fmt::Display for PublicationFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.cause)
    }
}
