//! Which revocations a grant has.

use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashTable;

use crate::projection::{as_u32, at};
use crate::row::RevocationRow;
use crate::table::Table;

/// The revocations of each grant, over a table that only grows; made when it is first asked, and shared by copies of
/// the table, each of which passes over the rows that it has not got.
#[derive(Debug, Clone)]
pub(crate) struct Revoked(Arc<RwLock<Links>>);

#[derive(Debug, Default)]
struct Links {
    /// The last revocation of each grant that has one.
    last: HashTable<Last>,
    /// For each revocation one more than the row of the one before it of the same grant; 0 where it is the first.
    before: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    grant: u32,
    revocation: u32,
}

/// Grants are told by their rows, which nobody outside can choose.
fn hash(grant: u32) -> u64 {
    u64::from(grant).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Default for Revoked {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(Links::default())))
    }
}

impl Revoked {
    /// Adds the row behind all that a copy of the table has, unless the links are not made yet.
    pub(crate) fn add(&mut self, grant: u32, row: u32) {
        let mut links = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if links.before.len() == at(row) {
            links.add(grant);
        } else if links.before.len() > at(row) {
            // Another copy went another way.
            drop(links);
            *self = Self::default();
        }
    }

    /// The rows of a grant's revocations, the latest first.
    pub(crate) fn of(&self, grant: u32, table: &Table<RevocationRow, 6>) -> Vec<u32> {
        let rows = table.len();
        if rows == 0 {
            return Vec::new();
        }
        let links = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if links.before.len() >= at(rows) {
            return links.of(grant, rows);
        }
        drop(links);
        let mut links = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = as_u32(links.before.len());
        table.visit(known..rows, |_, row| links.add(row.grant));
        links.of(grant, rows)
    }
}

impl Links {
    fn add(&mut self, grant: u32) {
        let revocation = as_u32(self.before.len());
        match self.last.find_mut(hash(grant), |last| last.grant == grant) {
            Some(last) => {
                self.before.push(last.revocation + 1);
                last.revocation = revocation;
            }
            None => {
                self.before.push(0);
                let last = Last { grant, revocation };
                self.last.insert_unique(hash(grant), last, |last| hash(last.grant));
            }
        }
    }

    fn of(&self, grant: u32, rows: u32) -> Vec<u32> {
        let last = self.last.find(hash(grant), |last| last.grant == grant);
        let before = |row: &u32| self.before[at(*row)].checked_sub(1);
        let all = std::iter::successors(last.map(|last| last.revocation), before);
        all.filter(|row| *row < rows).collect()
    }
}
