//! How far each witness is, as far as is known.

use std::collections::HashMap;

use sanad_audit_log::VerifiedCheckpoint;
use sanad_audit_log::note::{KeyId, KeyName, VerifierKey};

/// The size of a log that each witness cosigned last, as far as is known. What is not known costs
/// one more question, since a witness tells it.
///
/// It is learned from checkpoints that witnesses cosigned: the one that was published last will do.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Remembered {
    sizes: HashMap<(KeyName, KeyName, KeyId), u64>,
}

impl Remembered {
    /// Learns from a checkpoint what its witnesses have cosigned.
    pub fn learn(&mut self, checkpoint: &VerifiedCheckpoint) {
        let says = checkpoint.checkpoint();
        for known in checkpoint.cosignatures() {
            let size = self.sizes.entry(place(says.origin(), known.key())).or_default();
            *size = says.size().max(*size);
        }
    }

    /// The size of a log that a witness cosigned last; 0 if that is not known.
    pub fn size(&self, origin: &KeyName, witness: &VerifierKey) -> u64 {
        self.sizes.get(&place(origin, witness)).copied().unwrap_or(0)
    }
}

fn place(origin: &KeyName, witness: &VerifierKey) -> (KeyName, KeyName, KeyId) {
    (origin.clone(), witness.name().clone(), witness.id())
}
