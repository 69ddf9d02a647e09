//! Cosignatures: what a witness says of a checkpoint, and when (C2SP `tlog-cosignature`, v1).
//!
//! A cosignature says that by that time, the checkpoint was the largest the witness had seen of its
//! log, and that it had grown out of every earlier one that the witness had seen.

use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::note::{CosignerKey, NoteSignature, NoteText};

/// A time in whole seconds since 1970-01-01T00:00:00Z, leap seconds not counted: from 1 to 2^63 −
/// 1, as a cosignature may have it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PosixSeconds(u64);

impl PosixSeconds {
    /// The time with this number, if a cosignature may have it.
    pub const fn new(seconds: u64) -> Option<Self> {
        match seconds {
            1..=0x7fff_ffff_ffff_ffff => Some(Self(seconds)),
            _ => None,
        }
    }

    /// The number of seconds.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for PosixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl CosignerKey {
    /// This witness's cosignature over `checkpoint` at a time that is passed in. It is for whoever
    /// has checked that the checkpoint grew out of the last one that the witness cosigned; see
    /// [`witness`](crate::witness).
    ///
    /// ```
    /// use sanad_audit_log::note::{CosignerKey, SignerKey};
    /// use sanad_audit_log::{Checkpoint, PosixSeconds, tree::TreeHash};
    /// let log = SignerKey::from_seed("ledger.example/pk".parse()?, &[7; 32]);
    /// let witness = CosignerKey::from_seed("witness.example/w1".parse()?, &[8; 32]);
    /// let checkpoint = Checkpoint::new(log.name().clone(), 1, TreeHash::leaf(b"act"))?;
    /// let at = PosixSeconds::new(1_748_113_200).ok_or("no time")?;
    /// let mut note = log.sign(checkpoint.to_text());
    /// note.add(witness.cosign(&checkpoint, at))?;
    /// let signatures = note.verify(&[witness.verifier_key()])?;
    /// assert_eq!(signatures[0].cosigned_at(), Some(at));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cosign(&self, checkpoint: &Checkpoint, at: PosixSeconds) -> NoteSignature {
        self.signature(&checkpoint.to_text(), at)
    }
}

/// The bytes that a cosignature signs.
pub(crate) fn message(text: &NoteText, at: PosixSeconds) -> Vec<u8> {
    format!("cosignature/v1\ntime {at}\n{text}").into_bytes()
}
