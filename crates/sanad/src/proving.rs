//! Checkpoints and proofs made of a ledger, for others to keep.

use sanad_audit_log::note::{KeyName, SignerKey};
use sanad_audit_log::tree::{ConsistencyProof, TreeHash};
use sanad_audit_log::{
    Checkpoint, Head, OpenedCheckpoint, ProofFile, ProvenRecord, RecordTree, StatusFile,
    tree::Frontier,
};
use sanad_core::{Event, GrantId, PoolKind, Recipient, RecordedEntry, Sequence};
use sanad_event_store::{FileReader, RecordStream};

use crate::auditor::Auditor;
use crate::error::LedgerError;
use crate::log_hashes::{Made, Wanted, prove};

/// Why a checkpoint or proof cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProvingError {
    /// The history cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No key of the ledger's own name was given.
    #[error(
        "none of the keys is named {origin}: a checkpoint is signed by a key with the ledger's origin as its name"
    )]
    NotItsKey {
        /// The ledger's origin.
        origin: String,
    },
    /// The checkpoint is of another ledger.
    #[error("the checkpoint is of {found}, and this ledger is {expected}")]
    OtherOrigin {
        /// The ledger's origin.
        expected: String,
        /// The checkpoint's.
        found: String,
    },
    /// The checkpoint speaks of more entries than there are.
    #[error(
        "the checkpoint is of {checkpoint} entries, and the ledger has {entries}: entries are missing here"
    )]
    Ahead {
        /// The checkpoint's size.
        checkpoint: u64,
        /// The ledger's.
        entries: u64,
    },
    /// The checkpoint is not of this history.
    #[error(
        "the checkpoint of {size} entries is not of this history: its root is {expected}, and here it is {found}"
    )]
    OtherHistory {
        /// The checkpoint's size.
        size: u64,
        /// The checkpoint's root.
        expected: TreeHash,
        /// The root of the ledger's tree at that size.
        found: TreeHash,
    },
    /// What is to be proved came after the checkpoint.
    #[error(
        "entry {sequence} is behind the checkpoint, which is of {size} entries; make a newer checkpoint"
    )]
    NotCovered {
        /// The entry.
        sequence: Sequence,
        /// The checkpoint's size.
        size: u64,
    },
    /// There is no such grant.
    #[error("there is no grant {grant}")]
    NoGrant {
        /// The grant.
        grant: GrantId,
    },
    /// The parts do not fit the file.
    #[error("the proof does not fit its file: {0}")]
    File(String),
}

/// The checkpoint of a tree, signed by keys of which one at least has the origin as its name.
pub(crate) fn signed(
    tree: &RecordTree,
    origin: &str,
    keys: &[SignerKey],
) -> Result<OpenedCheckpoint, ProvingError> {
    let not_its_key = || ProvingError::NotItsKey { origin: origin.to_owned() };
    let name: KeyName = origin.parse().map_err(|_| not_its_key())?;
    let own = keys.iter().position(|key| *key.name() == name).ok_or_else(not_its_key)?;
    let file = |error: &dyn std::fmt::Display| ProvingError::File(error.to_string());
    let checkpoint: Checkpoint = tree.checkpoint(name).map_err(|error| file(&error))?;
    let text = checkpoint.to_text();
    let mut note = keys[own].sign(text.clone());
    for key in keys.iter().enumerate().filter(|(place, _)| *place != own).map(|(_, key)| key) {
        note.add(key.signature(&text)).map_err(|error| file(&error))?;
    }
    OpenedCheckpoint::from_note(note).map_err(|error| file(&error))
}

impl Auditor {
    /// A checkpoint of the ledger as it was when it was opened, signed. Nothing is written.
    ///
    /// # Errors
    /// [`ProvingError::NotItsKey`], or where the history cannot be read.
    pub fn checkpoint(&self, keys: &[SignerKey]) -> Result<OpenedCheckpoint, ProvingError> {
        signed(&self.tree()?, self.identity().origin(), keys)
    }

    /// The tree over the first `size` records, hashed from the log. O(n).
    ///
    /// # Errors
    /// Where the history cannot be read.
    pub fn tree_of(&self, size: u64) -> Result<RecordTree, LedgerError> {
        if size == self.head().size {
            return self.tree();
        }
        tree_of(self.reader(), self.identity().genesis(), size)
    }

    /// Proves that an entry stands in the history of a checkpoint. The file carries the record itself. O(n).
    ///
    /// # Errors
    /// [`ProvingError`] says what keeps it from being proved.
    pub fn prove_entry(
        &self,
        sequence: Sequence,
        checkpoint: &OpenedCheckpoint,
    ) -> Result<ProofFile, ProvingError> {
        let mut proven = self.prove(&[sequence], checkpoint)?;
        let ProvenRecord { record, inclusion } = proven.pop().ok_or(LedgerError::NoSuchProof)?;
        let file = ProofFile::new(inclusion, checkpoint.clone(), Some(record));
        file.map_err(|error| ProvingError::File(error.to_string()))
    }

    /// Proves what stands about a grant in the history of a checkpoint: the entry that granted it, every revocation,
    /// and what opened its pools and registered its holder. O(n).
    ///
    /// # Errors
    /// [`ProvingError`] says what keeps it from being proved.
    pub fn prove_status(
        &self,
        grant: GrantId,
        checkpoint: &OpenedCheckpoint,
    ) -> Result<StatusFile, ProvingError> {
        let size = checkpoint.claimed().size();
        let mut sequences = self.entries_about_grant(grant)?;
        let granted_in = *sequences.first().ok_or(ProvingError::NoGrant { grant })?;
        if granted_in.0 >= size {
            return Err(ProvingError::NotCovered { sequence: granted_in, size });
        }
        sequences.retain(|sequence| sequence.0 < size);
        sequences.extend(self.background(grant, granted_in)?);
        sequences.sort_unstable();
        sequences.dedup();
        let proven = self.prove(&sequences, checkpoint)?;
        let file = StatusFile::new(&format!("grant {grant}"), proven, checkpoint.clone());
        file.map_err(|error| ProvingError::File(error.to_string()))
    }

    /// Proves that the history of `new` entries goes on from that of `old` ones. O(n).
    ///
    /// # Errors
    /// Where the ledger does not hold them.
    pub fn prove_consistency(&self, old: u64, new: u64) -> Result<ConsistencyProof, LedgerError> {
        match prove(self.reader(), &[Wanted::Consistency { old, new }])?.pop() {
            Some(Made::Consistency(proof)) => Ok(proof),
            _ => Err(LedgerError::NoSuchProof),
        }
    }

    /// Whether a checkpoint is of this history.
    ///
    /// # Errors
    /// [`ProvingError`] says why it is not.
    pub fn agree_with(&self, checkpoint: &OpenedCheckpoint) -> Result<Head, ProvingError> {
        let claimed = checkpoint.claimed();
        let (expected, found) = (self.identity().origin(), claimed.origin().as_str());
        if expected != found {
            let (expected, found) = (expected.to_owned(), claimed.origin().shown());
            return Err(ProvingError::OtherOrigin { expected, found });
        }
        let (size, entries) = (claimed.size(), self.head().size);
        if size > entries {
            return Err(ProvingError::Ahead { checkpoint: size, entries });
        }
        let tree = self.tree_of(size)?;
        let (expected, found) = (claimed.root(), tree.frontier().root());
        if expected != found {
            return Err(ProvingError::OtherHistory { size, expected, found });
        }
        Ok(tree.head())
    }

    fn prove(
        &self,
        sequences: &[Sequence],
        checkpoint: &OpenedCheckpoint,
    ) -> Result<Vec<ProvenRecord>, ProvingError> {
        let size = self.agree_with(checkpoint)?.size;
        if let Some(&sequence) = sequences.iter().find(|sequence| sequence.0 >= size) {
            return Err(ProvingError::NotCovered { sequence, size });
        }
        let wanted: Vec<_> =
            sequences.iter().map(|at| Wanted::Inclusion { index: at.0, size }).collect();
        let mut proven = Vec::with_capacity(sequences.len());
        for made in prove(self.reader(), &wanted)? {
            let Made::Inclusion(inclusion) = made else { continue };
            let record = self.stored_record(inclusion.index())?;
            proven.push(ProvenRecord { record, inclusion });
        }
        Ok(proven)
    }

    /// The bytes of a record as they are stored.
    fn stored_record(&self, index: u64) -> Result<Vec<u8>, LedgerError> {
        let mut records = self.reader().records(index..index + 1)?;
        let raw = records.next_record()?.ok_or(LedgerError::NoSuchProof)?;
        Ok(raw.bytes().to_vec())
    }

    /// The entries without which a grant cannot be read: what opened its pool and the pools above, and what registered
    /// its holder.
    fn background(
        &self,
        grant: GrantId,
        granted_in: Sequence,
    ) -> Result<Vec<Sequence>, ProvingError> {
        let entry = self.entry(granted_in)?.recorded;
        let Some((pool, recipient)) = granted(&entry, grant) else {
            return Err(ProvingError::NoGrant { grant });
        };
        let projection = self.projection()?;
        let mut background = Vec::new();
        if let Recipient::Holder(holder) = recipient {
            background.extend(projection.registered_in(&holder));
        }
        let mut next = Some(pool);
        while let Some(pool) = next.take() {
            let Some(opened_in) = projection.opened_in(&pool) else { break };
            background.push(opened_in);
            next =
                self.entry(opened_in)?.recorded.entry.events().iter().find_map(
                    |event| match event {
                        Event::PoolOpened(opened) if opened.pool == pool => match &opened.kind {
                            PoolKind::SubPool { parent } => Some(parent.clone()),
                            PoolKind::Root(_) => None,
                        },
                        _ => None,
                    },
                );
        }
        Ok(background)
    }
}

/// The pool and the recipient of a grant that an entry makes.
fn granted(recorded: &RecordedEntry, grant: GrantId) -> Option<(sanad_core::PoolId, Recipient)> {
    recorded.entry.events().iter().find_map(|event| match event {
        Event::Granted(granted) if granted.grant == grant => {
            Some((granted.pool.clone(), granted.recipient.clone()))
        }
        _ => None,
    })
}

/// Hashes the first `size` records into a tree.
fn tree_of(
    reader: &FileReader,
    genesis: sanad_audit_log::ChainHash,
    size: u64,
) -> Result<RecordTree, LedgerError> {
    let (mut frontier, mut hash) = (Frontier::new(), genesis);
    let mut records = reader.records(0..size)?;
    while let Some(raw) = records.next_record()? {
        frontier.append(TreeHash::leaf(raw.bytes()));
        hash = raw.stored_hash();
    }
    RecordTree::resumed(frontier, Head { size, hash }).map_err(LedgerError::Parted)
}
