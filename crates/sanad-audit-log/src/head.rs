//! How far a history goes: sequences and heads.

use std::fmt;

use crate::hash::ChainHash;

/// The place of a record in its ledger. The first record is 0; there are no gaps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sequence(u64);

impl Sequence {
    /// The first record's sequence.
    pub const FIRST: Self = Self(0);

    /// The sequence with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The sequence after this one; `None` after the last that 64 bits can hold.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A state of a ledger's history: how many records it has, and the last one's chain hash.
///
/// Two histories with the same head are the same history. An empty ledger's head has size 0 and the
/// genesis hash of its [`Identity`](crate::Identity).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Head {
    /// The number of records; also the sequence of the next record.
    pub size: u64,
    /// The chain hash of record `size - 1`, or the genesis hash when `size` is 0.
    pub hash: ChainHash,
}

impl Head {
    /// The head of a ledger with no records.
    pub const fn empty(genesis: ChainHash) -> Self {
        Self { size: 0, hash: genesis }
    }

    /// The sequence of the next record to be added.
    pub const fn next_sequence(&self) -> Sequence {
        Sequence(self.size)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records ending in {}", self.size, self.hash)
    }
}
