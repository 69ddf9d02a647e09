//! A small ledger whose tree is signed and cosigned at every size.

use sanad_audit_log::note::{CosignerKey, KeyName, Note, SignerKey};
use sanad_audit_log::tree::{ConsistencyProof, InclusionProof, TreeHash};
use sanad_audit_log::{
    ChainVerifier, Checkpoint, Head, OpenedCheckpoint, PosixSeconds, RawRecord, RecordTree,
};

use crate::testlog;

/// The records of a ledger with a few entries.
pub(crate) struct SignedLog {
    records: Vec<Vec<u8>>,
    leaves: Vec<TreeHash>,
    heads: Vec<Head>,
    checkpoints: Vec<Checkpoint>,
}

impl SignedLog {
    pub(crate) fn of(size: usize) -> Self {
        let payloads: Vec<_> = (0..size).map(|n| format!("act {n}")).collect();
        Self::with(&payloads)
    }

    pub(crate) fn with(payloads: &[String]) -> Self {
        let (log, _) = testlog::chain(payloads);
        let mut verifier = ChainVerifier::new(&testlog::identity());
        let mut tree = RecordTree::new(testlog::identity().genesis());
        let (mut rest, mut records, mut leaves) = (&log[..], vec![], vec![]);
        let mut heads = vec![tree.head()];
        let mut checkpoints = vec![tree.checkpoint(origin()).unwrap()];
        while !rest.is_empty() {
            let (raw, after) = RawRecord::split(rest).unwrap();
            let verified = verifier.check_raw(raw).unwrap();
            leaves.push(tree.append(&verified).unwrap());
            records.push(raw.bytes().to_vec());
            heads.push(tree.head());
            checkpoints.push(tree.checkpoint(origin()).unwrap());
            rest = after;
        }
        Self { records, leaves, heads, checkpoints }
    }

    pub(crate) fn record(&self, index: usize) -> &[u8] {
        &self.records[index]
    }

    pub(crate) fn head(&self, size: usize) -> Head {
        self.heads[size]
    }

    pub(crate) fn checkpoint(&self, size: usize) -> &Checkpoint {
        &self.checkpoints[size]
    }

    pub(crate) fn signed(&self, size: usize) -> OpenedCheckpoint {
        opened(log_key().sign(self.checkpoint(size).to_text()))
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> InclusionProof {
        InclusionProof::make(&mut &self.leaves[..], index, size).unwrap()
    }

    pub(crate) fn consistency(&self, old: u64, new: u64) -> ConsistencyProof {
        ConsistencyProof::make(&mut &self.leaves[..], old, new).unwrap()
    }
}

pub(crate) fn opened(note: Note) -> OpenedCheckpoint {
    OpenedCheckpoint::from_note(note).unwrap()
}

pub(crate) fn origin() -> KeyName {
    testlog::identity().origin().parse().unwrap()
}

pub(crate) fn log_key() -> SignerKey {
    SignerKey::from_seed(origin(), &[1; 32])
}

/// The n-th witness.
pub(crate) fn witness(n: u8) -> CosignerKey {
    CosignerKey::from_seed(format!("witness.example/w{n}").parse().unwrap(), &[100 + n; 32])
}

pub(crate) fn at(seconds: u64) -> PosixSeconds {
    PosixSeconds::new(seconds).unwrap()
}
