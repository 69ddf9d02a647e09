//! A log that a witness knows.

use std::fmt;
use std::sync::Mutex;

use sanad::Identity;
use sanad_audit_log::Policy;
use sanad_audit_log::note::{KeyKind, KeyName, VerifierKey};

use crate::error::SetupError;
use crate::judge::LawfulJudge;
use crate::records::RecordSource;

/// A log that a witness knows: the keys that its checkpoints are signed with, and for a witness of
/// lawful histories its records.
pub struct WitnessedLog {
    origin: KeyName,
    keys: Vec<VerifierKey>,
    judge: Option<Mutex<LawfulJudge>>,
}

impl WitnessedLog {
    /// The log with these keys, the old and the new one while a key is rotated.
    ///
    /// # Errors
    /// [`SetupError::LogKeys`] where there is none, or one is not a log's of this name.
    pub fn new(origin: KeyName, keys: Vec<VerifierKey>) -> Result<Self, SetupError> {
        let fits = |key: &VerifierKey| key.kind() == KeyKind::Ed25519 && *key.name() == origin;
        if keys.is_empty() || !keys.iter().all(fits) {
            return Err(SetupError::LogKeys { origin });
        }
        Ok(Self { origin, keys, judge: None })
    }

    /// The logs of a policy file. Keys of one name are one log's.
    pub fn all_of(policy: &Policy) -> Vec<Self> {
        let mut logs: Vec<Self> = Vec::new();
        for key in policy.logs().iter().map(|log| log.key()) {
            match logs.iter_mut().find(|log| log.origin == *key.name()) {
                Some(log) => log.keys.push(key.clone()),
                None => logs.push(Self {
                    origin: key.name().clone(),
                    keys: vec![key.clone()],
                    judge: None,
                }),
            }
        }
        logs
    }

    /// Lets the witness replay the log: its identity, which its chain begins with, and its records.
    /// The identity is a matter of trust, as the keys are: take it from whom you have them.
    ///
    /// # Errors
    /// [`SetupError::OtherIdentity`], [`SetupError::Calendar`].
    pub fn lawful(
        self,
        identity: Identity,
        records: impl RecordSource + 'static,
    ) -> Result<Self, SetupError> {
        if identity.origin() != self.origin.as_str() {
            let found = identity.origin().to_owned();
            return Err(SetupError::OtherIdentity { origin: self.origin, found });
        }
        let judge = LawfulJudge::new(identity, Box::new(records))?;
        Ok(Self { judge: Some(Mutex::new(judge)), ..self })
    }

    /// The name of the log.
    pub const fn origin(&self) -> &KeyName {
        &self.origin
    }

    /// The keys that its checkpoints are signed with.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    pub(crate) const fn judge(&self) -> Option<&Mutex<LawfulJudge>> {
        self.judge.as_ref()
    }
}

impl fmt::Debug for WitnessedLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessedLog")
            .field("origin", &self.origin)
            .field("keys", &self.keys)
            .field("is_judged", &self.judge.is_some())
            .finish()
    }
}
