//! Who says that a head is the ledger's, where the ledger itself has nothing behind it.

use std::collections::BTreeMap;

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{ChainHash, CheckpointError, Head, OpenedCheckpoint};
use sanad_event_store::{BackupMark, FileReader, KeptCheckpoints};
use sanad_publication::Source;

use crate::error::LedgerError;
use crate::evidence::Evidence;
use crate::publication::Side;

/// Heads and checkpoints that are known to be a ledger's.
pub(crate) struct Vouching {
    /// What the user gave, what the ledger remembers of its end, what the mark of a backup says.
    pub(crate) heads: Vec<ChainHash>,
    /// What the ledger remembers of its end.
    pub(crate) remembered: Option<Head>,
    roots: BTreeMap<u64, Vec<TreeHash>>,
}

impl Vouching {
    /// Asks whoever is there: the user, the ledger's memory or the backup's mark, the checkpoints that are kept or
    /// given, and the one that is published, if one of the keys signed it.
    pub(crate) fn gather<S: Source>(
        reader: &FileReader,
        from: Option<&Side<S>>,
        given: Option<ChainHash>,
        evidence: &Evidence,
    ) -> Result<Self, LedgerError> {
        let remembered = match BackupMark::of(reader.dir())? {
            Some(mark) => Some(mark.head),
            None => remembered(reader),
        };
        let heads = given.into_iter().chain(remembered.map(|head| head.hash)).collect();
        let mut vouching = Self { heads, remembered, roots: BTreeMap::new() };
        let origin = reader.identity().origin();
        for kept in KeptCheckpoints::of(reader.dir())?.all()? {
            if let Ok(note) = kept.note {
                // Without a key to look for, what the ledger kept is believed to be its own.
                vouching.take(&note, origin, evidence, evidence.keys.is_empty());
            }
        }
        for (_, checkpoint) in &evidence.checkpoints {
            vouching.take(checkpoint, origin, evidence, evidence.keys.is_empty());
        }
        if let Some(Side::Publication(_, checkpoint)) = from {
            vouching.take(checkpoint, origin, evidence, false);
        }
        Ok(vouching)
    }

    fn take(
        &mut self,
        checkpoint: &OpenedCheckpoint,
        origin: &str,
        evidence: &Evidence,
        unsigned: bool,
    ) {
        let claimed = checkpoint.claimed();
        let believed =
            unsigned && evidence.policy.is_none() || signed(checkpoint, evidence).is_ok();
        if believed && claimed.origin().as_str() == origin {
            self.roots.entry(claimed.size()).or_default().push(claimed.root());
        }
    }

    /// Whether a head to which a copy's records lead is the ledger's. A checkpoint speaks for it if the last record
    /// stands in its tree: that holds the chain hash, which stands for all records before it.
    pub(crate) fn speaks_for<S: Source>(&self, head: Head, from: Option<&Side<S>>) -> bool {
        if self.heads.contains(&head.hash) {
            return true;
        }
        let (Some(roots), Some(last)) = (self.roots.get(&head.size), head.size.checked_sub(1))
        else {
            return false;
        };
        let proved = || {
            let side = from?;
            let record = side.entry(last).ok()??;
            let proof = side.path_of(last, head.size).ok()??;
            let is_it = sanad_audit_log::Record::parse(&record).ok()?.stored_hash() == head.hash;
            let leaf = TreeHash::leaf(&record);
            Some(is_it && roots.iter().any(|root| proof.verify(&leaf, root).is_ok()))
        };
        proved().unwrap_or(false)
    }
}

fn signed(checkpoint: &OpenedCheckpoint, evidence: &Evidence) -> Result<(), CheckpointError> {
    match &evidence.policy {
        Some(policy) => policy.verify_also(checkpoint, &evidence.keys).map(|_| ()),
        None => checkpoint.verify(&evidence.keys).map(|_| ()),
    }
}

/// What the ledger remembers of its end.
fn remembered(reader: &FileReader) -> Option<Head> {
    reader.memory()?.head()
}
