//! A history to be compared with another.

use std::ops::Range;
use std::path::Path;

use sanad_audit_log::note::MAX_NOTE;
use sanad_audit_log::tile::{BundlePlace, FULL, TileReader};
use sanad_audit_log::tree::{InclusionProof, TreeHash};
use sanad_audit_log::{
    CheckpointError, MAX_PROOF_FILE, OpenedCheckpoint, ProofFile, ProofFileError,
};
use sanad_event_store::{RecordStream, Records};
use sanad_publication::{Bundle, CHECKPOINT, FolderSource, Publication, PublicationError, Source};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::log_hashes::{Made, Wanted, prove};

/// A history, or what is known of one.
#[derive(Debug)]
#[non_exhaustive]
pub enum Side<S = FolderSource> {
    /// A ledger's folder.
    Ledger(Box<Auditor>),
    /// What is published of one.
    Publication(Publication<S>, OpenedCheckpoint),
    /// A checkpoint: size and root.
    Checkpoint(OpenedCheckpoint),
    /// A proof file: a checkpoint, and the way from one entry to its root.
    Proof(Box<ProofFile>),
}

/// Why a path is no history.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SideError {
    /// The ledger or the publication cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The file is no checkpoint.
    #[error("{path} is no checkpoint: {cause}")]
    Checkpoint {
        /// The file.
        path: String,
        /// Why not.
        cause: CheckpointError,
    },
    /// The file is no proof.
    #[error("{path} is no proof: {cause}")]
    Proof {
        /// The file.
        path: String,
        /// Why not.
        cause: ProofFileError,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {cause}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        cause: std::io::Error,
    },
}

impl Side {
    /// Looks at what is at a path: a folder with a checkpoint in it is a publication, another folder a ledger;
    /// a file is a proof or a checkpoint.
    ///
    /// # Errors
    /// [`SideError`] where it is none of them, or cannot be read.
    pub fn open(path: &Path) -> Result<Self, SideError> {
        if path.is_dir() {
            let is_published = path.join(CHECKPOINT).exists() && !path.join("log").exists();
            return match is_published {
                true => Self::publication(FolderSource::new(path)),
                false => Ok(Self::Ledger(Box::new(Auditor::open(path)?))),
            };
        }
        let name = || path.display().to_string();
        let bytes = read(path).map_err(|cause| SideError::Unreadable { path: name(), cause })?;
        if bytes.starts_with(b"c2sp.org/tlog-proof") {
            let proof = ProofFile::parse(&bytes);
            let proof = proof.map_err(|cause| SideError::Proof { path: name(), cause })?;
            return Ok(Self::Proof(Box::new(proof)));
        }
        let opened = OpenedCheckpoint::parse(&bytes);
        Ok(Self::Checkpoint(opened.map_err(|cause| SideError::Checkpoint { path: name(), cause })?))
    }
}

/// Reads a file that may be a checkpoint or a proof.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let most = MAX_PROOF_FILE.max(MAX_NOTE) as u64;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl<S: Source> Side<S> {
    /// What a source publishes.
    ///
    /// # Errors
    /// [`SideError`] where there is no checkpoint.
    pub fn publication(source: S) -> Result<Self, SideError> {
        let publication = Publication::new(source);
        let checkpoint = publication.checkpoint().map_err(LedgerError::from)?;
        Ok(Self::Publication(publication, checkpoint))
    }

    /// How many entries the history has, or is known to have had.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Ledger(auditor) => auditor.head().size,
            Self::Publication(_, checkpoint) | Self::Checkpoint(checkpoint) => {
                checkpoint.claimed().size()
            }
            Self::Proof(proof) => proof.checkpoint().claimed().size(),
        }
    }

    /// The name of the history.
    #[must_use]
    pub fn origin(&self) -> &str {
        match self {
            Self::Ledger(auditor) => auditor.identity().origin(),
            Self::Publication(_, checkpoint) | Self::Checkpoint(checkpoint) => {
                checkpoint.claimed().origin().as_str()
            }
            Self::Proof(proof) => proof.checkpoint().claimed().origin().as_str(),
        }
    }

    /// Whether the entries themselves can be read.
    pub(crate) fn has_entries(&self) -> bool {
        matches!(self, Self::Ledger(_) | Self::Publication(..))
    }

    /// The checkpoint, where the history is known by one.
    #[must_use]
    pub fn checkpoint(&self) -> Option<&OpenedCheckpoint> {
        match self {
            Self::Ledger(_) => None,
            Self::Publication(_, checkpoint) | Self::Checkpoint(checkpoint) => Some(checkpoint),
            Self::Proof(proof) => Some(proof.checkpoint()),
        }
    }

    /// The root that the history has at a size, as far as it is known.
    pub(super) fn root_at(&self, size: u64) -> Result<Option<TreeHash>, LedgerError> {
        Ok(match self {
            Self::Ledger(auditor) if size <= auditor.head().size => {
                Some(auditor.tree_of(size)?.frontier().root())
            }
            Self::Publication(publication, checkpoint) if size <= checkpoint.claimed().size() => {
                Some(publication.prove_earlier_root(checkpoint.claimed(), size)?.0)
            }
            _ => self
                .checkpoint()
                .map(OpenedCheckpoint::claimed)
                .and_then(|claimed| (claimed.size() == size).then_some(claimed.root())),
        })
    }

    /// The way from an entry to the root of a size, as far as it is known. It is not verified.
    pub(crate) fn path_of(
        &self,
        index: u64,
        size: u64,
    ) -> Result<Option<InclusionProof>, LedgerError> {
        if index >= size || size > self.size() {
            return Ok(None);
        }
        match self {
            Self::Ledger(auditor) => {
                let made = prove(auditor.reader(), &[Wanted::Inclusion { index, size }])?.pop();
                Ok(made.and_then(|made| match made {
                    Made::Inclusion(proof) => Some(proof),
                    Made::Consistency(_) => None,
                }))
            }
            Self::Publication(publication, checkpoint) => {
                let mut tiles = TileReader::new(publication, checkpoint.claimed().size());
                let proof = InclusionProof::make(&mut tiles, index, size);
                Ok(Some(proof.map_err(PublicationError::from)?))
            }
            Self::Checkpoint(_) => Ok(None),
            Self::Proof(proof) => {
                let inclusion = proof.inclusion();
                let is_it = inclusion.index() == index && inclusion.size() == size;
                Ok(is_it.then(|| inclusion.clone()))
            }
        }
    }

    /// One entry's bytes, as they are stored; `None` where they are not known.
    pub(crate) fn entry(&self, index: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        if let Self::Proof(proof) = self {
            return Ok(proof.extra().filter(|_| proof.inclusion().index() == index).map(Vec::from));
        }
        self.entries(index, index.saturating_add(1))?.next()
    }

    /// The entries `from..to` in order, in constant memory; none where they cannot be read.
    pub(crate) fn entries(&self, from: u64, to: u64) -> Result<EntryStream<'_, S>, LedgerError> {
        Ok(match self {
            Self::Ledger(auditor) => {
                EntryStream::Ledger(Box::new(auditor.reader().records(from..to)?))
            }
            Self::Publication(publication, checkpoint) => {
                let size = checkpoint.claimed().size();
                EntryStream::Publication { publication, size, range: from..to, bundle: None }
            }
            Self::Checkpoint(_) | Self::Proof(_) => EntryStream::None,
        })
    }
}

/// Entries one after another.
#[derive(Debug)]
pub(crate) enum EntryStream<'s, S> {
    /// Those of a ledger.
    Ledger(Box<Records>),
    /// Those of a publication, bundle by bundle.
    Publication {
        publication: &'s Publication<S>,
        size: u64,
        range: Range<u64>,
        bundle: Option<Bundle>,
    },
    /// None.
    None,
}

impl<S: Source> EntryStream<'_, S> {
    /// The bytes of the next entry, as they are stored; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        let (publication, size, range, bundle) = match self {
            Self::Ledger(records) => {
                return Ok(records.next_record()?.map(|raw| raw.bytes().to_vec()));
            }
            Self::Publication { publication, size, range, bundle } => {
                (publication, size, range, bundle)
            }
            Self::None => return Ok(None),
        };
        let Some(index) = range.next() else { return Ok(None) };
        let number = index / u64::from(FULL);
        let held = match bundle.take().filter(|held| held.place().index() == number) {
            Some(held) => held,
            None => {
                let place = BundlePlace::in_log(number, *size).ok_or(LedgerError::NoSuchProof)?;
                publication.bundle(place)?
            }
        };
        let bytes = held.entries().nth((index % u64::from(FULL)) as usize).map(<[u8]>::to_vec);
        *bundle = Some(held);
        Ok(bytes)
    }
}
