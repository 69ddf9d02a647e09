//! Checkpoints as notes: read, then believed.

use crate::note::{KeyKind, KnownSignature, Note, NoteError, NoteSignature, VerifierKey};

use super::body::Checkpoint;
use super::error::CheckpointError;

/// A checkpoint as it was read. Nobody is known to have signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenedCheckpoint {
    note: Note,
    claimed: Checkpoint,
}

impl OpenedCheckpoint {
    /// Parses a note whose text is a checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`] says what is not a checkpoint's.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Self::from_note(Note::parse(bytes)?)
    }

    /// Takes a note for a checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError`] when its text is not one.
    pub fn from_note(note: Note) -> Result<Self, CheckpointError> {
        let claimed = Checkpoint::parse(note.text().as_str())?;
        Ok(Self { note, claimed })
    }

    /// What the checkpoint claims. Use it to choose keys and to say what was given.
    pub const fn claimed(&self) -> &Checkpoint {
        &self.claimed
    }

    /// The note, which reads as it was read.
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// Adds cosignatures, as a witness answered them. They are not checked yet.
    ///
    /// # Errors
    /// [`NoteError::TooManySignatures`].
    pub fn add(
        &mut self,
        cosignatures: impl IntoIterator<Item = NoteSignature>,
    ) -> Result<(), NoteError> {
        cosignatures.into_iter().try_for_each(|signature| self.note.add(signature))
    }

    /// Checks the signatures by `keys`, of logs and of witnesses. At least one of them must be the
    /// log's own: a key of type 0x01 whose name is the checkpoint's origin. Signatures by other
    /// keys are ignored, so that keys can be rotated. How many witnesses are enough is a
    /// [`Policy`](crate::Policy)'s matter.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when a known key's signature does not hold,
    /// [`CheckpointError::NotSignedByItsLog`], [`CheckpointError::EmptyTreeRoot`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<VerifiedCheckpoint, CheckpointError> {
        let signatures = self.signatures_by(keys)?;
        if !self.claimed.is_possible() {
            return Err(CheckpointError::EmptyTreeRoot);
        }
        Ok(VerifiedCheckpoint { opened: self.clone(), signatures })
    }

    /// The signatures by `keys` that hold, the log's own among them.
    pub(crate) fn signatures_by(
        &self,
        keys: &[VerifierKey],
    ) -> Result<Vec<KnownSignature>, CheckpointError> {
        let origin = self.claimed.origin();
        let not_its_log = || CheckpointError::NotSignedByItsLog { origin: origin.clone() };
        let signatures = match self.note.verify(keys) {
            Err(NoteError::NoKnownKey) => return Err(not_its_log()),
            signatures => signatures?,
        };
        let by_log = signatures
            .iter()
            .any(|known| known.key().kind() == KeyKind::Ed25519 && known.key().name() == origin);
        if by_log { Ok(signatures) } else { Err(not_its_log()) }
    }
}

/// A checkpoint that its log is known to have signed. Only [`OpenedCheckpoint::verify`] and
/// [`Policy::verify`](crate::Policy::verify) make one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedCheckpoint {
    opened: OpenedCheckpoint,
    signatures: Vec<KnownSignature>,
}

impl VerifiedCheckpoint {
    /// What the checkpoint says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.opened.claimed
    }

    /// The note, unknown signatures included.
    pub const fn note(&self) -> &Note {
        &self.opened.note
    }

    /// The signatures that hold, by known keys.
    pub fn signatures(&self) -> &[KnownSignature] {
        &self.signatures
    }

    /// Those by witnesses.
    pub fn cosignatures(&self) -> impl Iterator<Item = &KnownSignature> {
        self.signatures.iter().filter(|known| known.key().kind() == KeyKind::Cosignature)
    }
}
