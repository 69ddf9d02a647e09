//! The hashes that proofs need, taken from the log itself in one pass.
//!
//! A published log has the hashes of its tree in tiles; a ledger has its records. One pass over them in constant memory
//! gives every subtree that a proof asks for, at the speed of hashing.

use std::collections::HashMap;
use std::convert::Infallible;
use std::iter::Peekable;
use std::vec;

use sanad_audit_log::tree::{
    ConsistencyProof, Frontier, HashReader, InclusionProof, Node, ProveError, TreeHash,
};
use sanad_event_store::{FileReader, RecordBatch, StoreError};

use crate::crew::in_order;
use crate::error::LedgerError;
use crate::examined::TOGETHER;

/// A proof that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Inclusion { index: u64, size: u64 },
    Consistency { old: u64, new: u64 },
}

/// A proof that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Made {
    Inclusion(InclusionProof),
    Consistency(ConsistencyProof),
}

impl Wanted {
    fn make<R: HashReader>(self, reader: &mut R) -> Result<Made, ProveError<R::Error>> {
        Ok(match self {
            Self::Inclusion { index, size } => {
                Made::Inclusion(InclusionProof::make(reader, index, size)?)
            }
            Self::Consistency { old, new } => {
                Made::Consistency(ConsistencyProof::make(reader, old, new)?)
            }
        })
    }
}

/// Makes proofs from the records of a log, which holds all that they speak of. O(n) in its records.
pub(crate) fn prove(reader: &FileReader, wanted: &[Wanted]) -> Result<Vec<Made>, LedgerError> {
    let mut noted = Noted::default();
    for proof in wanted {
        proof.make(&mut noted).map_err(|_| LedgerError::NoSuchProof)?;
    }
    let mut hashes = hash_all(reader, noted.0)?;
    let made = wanted.iter().map(|proof| proof.make(&mut hashes));
    made.collect::<Result<_, _>>().map_err(|_| LedgerError::NoSuchProof)
}

/// Notes which subtrees a proof asks for.
#[derive(Default)]
struct Noted(Vec<Node>);

impl HashReader for Noted {
    type Error = Infallible;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Infallible> {
        self.0.push(node);
        Ok(TreeHash::EMPTY)
    }
}

/// The subtrees that were asked for.
struct Hashes(HashMap<Node, TreeHash>);

impl HashReader for Hashes {
    type Error = Node;

    fn read_hash(&mut self, node: Node) -> Result<TreeHash, Node> {
        self.0.get(&node).copied().ok_or(node)
    }
}

/// A subtree's leaves: from where, to where.
fn leaves(node: Node) -> (u64, u64) {
    let first = node.index << node.height;
    (first, first + (1 << node.height))
}

/// Hashes the subtrees in one pass over the records, their leaves on all cores.
fn hash_all(reader: &FileReader, mut nodes: Vec<Node>) -> Result<Hashes, LedgerError> {
    nodes.sort_unstable_by_key(|node| leaves(*node));
    nodes.dedup();
    let begin = nodes.iter().map(|node| leaves(*node).0).min().unwrap_or(0);
    let end = nodes.iter().map(|node| leaves(*node).1).max().unwrap_or(0);
    let mut records = reader.records(begin..end)?;
    let mut growing = Growing {
        waiting: nodes.into_iter().peekable(),
        open: Vec::new(),
        hashes: HashMap::new(),
        next: begin,
    };
    let hashed = |records: RecordBatch| -> Vec<TreeHash> {
        records.iter().map(|(_, raw)| TreeHash::leaf(raw.bytes())).collect()
    };
    in_order(
        || records.next_batch(TOGETHER).transpose(),
        |records| records.map(hashed),
        |leaves: Result<Vec<TreeHash>, StoreError>| {
            leaves?.into_iter().for_each(|leaf| growing.take(leaf));
            Ok::<(), LedgerError>(())
        },
    )?;
    Ok(Hashes(growing.hashes))
}

/// Subtrees on their way.
struct Growing {
    /// Those whose first leaf is still to come.
    waiting: Peekable<vec::IntoIter<Node>>,
    open: Vec<(Node, Frontier)>,
    hashes: HashMap<Node, TreeHash>,
    /// The place of the next leaf.
    next: u64,
}

impl Growing {
    fn take(&mut self, leaf: TreeHash) {
        let index = self.next;
        self.next += 1;
        while let Some(node) = self.waiting.next_if(|node| leaves(*node).0 == index) {
            self.open.push((node, Frontier::new()));
        }
        self.open.iter_mut().for_each(|(_, frontier)| frontier.append(leaf));
        let Self { open, hashes, next, .. } = self;
        open.retain(|(node, frontier)| {
            let whole = leaves(*node).1 == *next;
            if whole {
                hashes.insert(*node, frontier.root());
            }
            !whole
        });
    }
}
