//! What is kept of a log: the checkpoint that was cosigned last.

use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::note::{CosignerKey, KeyName, NoteSignature, VerifierKey};
use sanad_audit_log::witness::{Answer, LogState};

/// What the file of a log says that was never cosigned, before the origin.
const NEVER: &str = "never cosigned: ";

/// The last checkpoint of a log that was cosigned, if there was one. A log that was never cosigned
/// has a file too, so that one that is gone is told from one that never was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kept {
    origin: KeyName,
    checkpoint: Option<OpenedCheckpoint>,
}

impl Kept {
    pub(crate) fn never(origin: &KeyName) -> Self {
        Self { origin: origin.clone(), checkpoint: None }
    }

    /// The checkpoint with the signatures of its log and the cosignature of `answer`, and without
    /// what else whoever asked put into it.
    pub(crate) fn after(
        asked: &OpenedCheckpoint,
        log_keys: &[VerifierKey],
        answer: &Answer,
    ) -> Result<Self, String> {
        let by_log = asked.note().signatures().iter();
        let by_log = by_log.filter(|line| log_keys.iter().any(|key| key.is_named_by(line)));
        let ours = match answer {
            Answer::Cosigned(cosignature) => Some(cosignature),
            _ => None,
        };
        let checkpoint = with_signatures(asked, by_log.chain(ours))?;
        Ok(Self { origin: asked.claimed().origin().clone(), checkpoint: Some(checkpoint) })
    }

    /// Reads what was kept of the log `origin`: nothing that `key` did not cosign.
    pub(crate) fn parse(text: &str, origin: &KeyName, key: &CosignerKey) -> Result<Self, String> {
        if let Some(never) = text.strip_prefix(NEVER) {
            return if never.strip_suffix('\n') == Some(origin.as_str()) {
                Ok(Self::never(origin))
            } else {
                Err("it is about another log".to_owned())
            };
        }
        let checkpoint = OpenedCheckpoint::parse(text.as_bytes());
        let checkpoint = checkpoint.map_err(|error| error.to_string())?;
        if checkpoint.claimed().origin() != origin {
            return Err("it is about another log".to_owned());
        }
        // Whoever can change the file cannot sign for the witness.
        let signed = checkpoint.note().verify(&[key.verifier_key()]);
        signed.map_err(|_| "it is not cosigned by this witness's key".to_owned())?;
        if !checkpoint.claimed().is_possible() {
            return Err("its root is not that of an empty tree".to_owned());
        }
        Ok(Self { origin: origin.clone(), checkpoint: Some(checkpoint) })
    }

    pub(crate) fn to_text(&self) -> String {
        match &self.checkpoint {
            Some(checkpoint) => checkpoint.note().to_string(),
            None => format!("{NEVER}{}\n", self.origin),
        }
    }

    pub(crate) fn checkpoint(&self) -> Option<&OpenedCheckpoint> {
        self.checkpoint.as_ref()
    }

    pub(crate) fn state(&self) -> LogState {
        let after = |checkpoint: &OpenedCheckpoint| LogState::after(checkpoint.claimed());
        self.checkpoint.as_ref().map_or(LogState::NEVER, after)
    }
}

/// The same checkpoint with these signatures only.
pub(crate) fn with_signatures<'a>(
    checkpoint: &OpenedCheckpoint,
    signatures: impl IntoIterator<Item = &'a NoteSignature>,
) -> Result<OpenedCheckpoint, String> {
    let mut note = format!("{}\n", checkpoint.note().text());
    for signature in signatures {
        note += &format!("{signature}\n");
    }
    OpenedCheckpoint::parse(note.as_bytes()).map_err(|error| error.to_string())
}
