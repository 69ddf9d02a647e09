//! The right edge of the tree as a scan concludes it from what it reads.

use sanad_audit_log::tile::{FULL, MAX_LEVELS};
use sanad_audit_log::tree::{Frontier, TreeHash};

/// Hashes side by side in the tree; `None` where one cannot be known.
pub(crate) type Row = Vec<Option<TreeHash>>;

/// For each level above the leaves the hashes that are not yet a full tile.
#[derive(Debug)]
pub(crate) struct Rows {
    /// From level 1 upwards.
    above: Vec<Row>,
}

impl Rows {
    /// The tree without leaves.
    pub(crate) fn new() -> Self {
        Self { above: vec![Row::new(); usize::from(MAX_LEVELS)] }
    }

    /// Adds the hash of a full tile of the level below; gives the row if it is full by that, which
    /// is then begun anew.
    pub(crate) fn push(&mut self, level: u8, hash: Option<TreeHash>) -> Option<Row> {
        let row = self.above.get_mut(usize::from(level.checked_sub(1)?))?;
        row.push(hash);
        if row.len() == usize::from(FULL) { Some(std::mem::take(row)) } else { None }
    }

    /// The unfinished row of a level above the leaves.
    pub(crate) fn row(&self, level: u8) -> &[Option<TreeHash>] {
        let row = level.checked_sub(1).and_then(|at| self.above.get(usize::from(at)));
        row.map_or(&[], Vec::as_slice)
    }

    /// The root of the tree that ends with `leaves`, up to 256 of them, of `size` leaves altogether.
    pub(crate) fn root(&self, size: u64, leaves: &[Option<TreeHash>]) -> Option<TreeHash> {
        let (mut rows, mut row) = (Vec::new(), leaves.to_vec());
        for above in &self.above {
            let mut next = above.clone();
            if row.len() == usize::from(FULL) {
                next.push(Some(root_of(&row)?));
                row.clear();
            }
            rows.push(std::mem::replace(&mut row, next));
        }
        let mut peaks = Vec::new();
        for row in rows.iter().rev() {
            let mut frontier = Frontier::new();
            for hash in row {
                frontier.append((*hash)?);
            }
            peaks.extend_from_slice(frontier.peaks());
        }
        Some(Frontier::from_peaks(size, &peaks).ok()?.root())
    }
}

/// The root of the subtree that a full row spans, if all of it is known.
pub(crate) fn root_of(row: &[Option<TreeHash>]) -> Option<TreeHash> {
    let hashes: Option<Vec<TreeHash>> = row.iter().copied().collect();
    hashes.filter(|hashes| hashes.len() == usize::from(FULL)).map(|hashes| TreeHash::root(&hashes))
}
