//! Which runs of leaves a proof is made of, and their hashes.

use std::ops::Range;

use super::hash::TreeHash;
use super::node::{HashReader, Node};

/// Where RFC 6962 splits a run of leaves: after the largest power of two below its length, which is
/// at least 2.
fn split(run: &Range<u64>) -> u64 {
    run.start + (1 << (run.end - run.start - 1).ilog2())
}

/// The runs whose hashes prove leaf `index` in a tree of `size` leaves, from the leaf upwards: PATH
/// of RFC 6962, 2.1.1. The caller has checked that the leaf is in the tree.
pub(super) fn inclusion(index: u64, size: u64) -> Vec<Range<u64>> {
    let (mut run, mut runs) = (0..size, Vec::new());
    while run.end - run.start > 1 {
        let middle = split(&run);
        let (with, without) = if index < middle {
            (run.start..middle, middle..run.end)
        } else {
            (middle..run.end, run.start..middle)
        };
        runs.push(without);
        run = with;
    }
    runs.reverse();
    runs
}

/// The runs whose hashes prove that the tree of `new` leaves grew out of the one of `old`: PROOF of
/// RFC 6962, 2.1.2. The caller has checked that 0 < `old` < `new`.
pub(super) fn consistency(old: u64, new: u64) -> Vec<Range<u64>> {
    let (mut run, mut runs) = (0..new, Vec::new());
    while run.end > old {
        let middle = split(&run);
        if old <= middle {
            runs.push(middle..run.end);
            run.end = middle;
        } else {
            runs.push(run.start..middle);
            run.start = middle;
        }
    }
    // A run from the first leaf on is the earlier tree itself, whose root the verifier has.
    if run.start > 0 {
        runs.push(run);
    }
    runs.reverse();
    runs
}

/// The hash of a run that one of the functions above gave: its whole subtrees, largest first,
/// joined from the right.
pub(super) fn hash<R: HashReader>(reader: &mut R, run: &Range<u64>) -> Result<TreeHash, R::Error> {
    let mut begin = run.end;
    let mut joined = None;
    // From the right the subtrees grow, so each bit of the length is one subtree.
    let mut left = run.end - run.start;
    while left > 0 {
        let height = left.trailing_zeros();
        left &= left - 1;
        begin -= 1 << height;
        let node = Node { height: height as u8, index: begin >> height };
        let hash = reader.read_hash(node)?;
        joined = Some(match joined {
            Some(right) => TreeHash::node(&hash, &right),
            None => hash,
        });
    }
    Ok(joined.unwrap_or(TreeHash::EMPTY))
}
