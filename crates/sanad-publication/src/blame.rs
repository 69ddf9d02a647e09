//! Which file is wrong where a tile and what stands below it differ.
//!
//! Three say something of a tile's subtree: what stands below the tile, the tile itself, and the
//! tile above it. What the checkpoint's root commits to is right; failing that, two against one.

use sanad_audit_log::tile::Tile;
use sanad_audit_log::tree::TreeHash;

use crate::rows::{Row, root_of};
use crate::tower::Above;

/// What is known of one subtree.
#[derive(Debug)]
pub(crate) struct Claims<'t> {
    /// The hashes that what stands below has.
    pub(crate) below: Row,
    /// The tile, and whether it is proved.
    pub(crate) tile: Option<(&'t Tile, bool)>,
    /// What the tile above says of it; `None` too where the tile is partial.
    pub(crate) above: Option<Above>,
    /// Where no tile above speaks of it: whether something else speaks for what stands below, and
    /// whether something speaks for the tile.
    pub(crate) fits: (bool, bool),
}

/// Who is wrong, and how it goes on.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// The places in which what stands below is wrong, with what is right and what is there.
    pub(crate) below: Vec<Difference>,
    /// Where the tile is first wrong, with what is right and what it says.
    pub(crate) tile: Option<Difference>,
    /// The hashes to go on with.
    pub(crate) row: Row,
    /// The subtree's hash to go on with.
    pub(crate) root: Option<TreeHash>,
}

/// A place in a row at which two hashes differ. Of a whole subtree it is the first place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    pub(crate) at: usize,
    pub(crate) expected: TreeHash,
    pub(crate) found: TreeHash,
}

impl Claims<'_> {
    /// Judges them.
    pub(crate) fn judge(self) -> Judgement {
        let mut judged = Judgement::default();
        match self.tile {
            Some((tile, is_proved)) => self.judge_tile(tile, is_proved, &mut judged),
            None => judged.row = self.below.clone(),
        }
        let root = root_of(&judged.row);
        match self.above.filter(|above| above.is_proved) {
            Some(above) => {
                self.hold_against(above.hash, root, &mut judged);
                judged.root = Some(above.hash);
            }
            None => judged.root = root.or(self.above.map(|above| above.hash)),
        }
        judged
    }

    fn judge_tile(&self, tile: &Tile, is_proved: bool, judged: &mut Judgement) {
        let said: Row = tile.hashes().map(Some).collect();
        let differences: Vec<_> = self.differences(&said).collect();
        let Some(&first) = differences.first() else {
            judged.row = said;
            return;
        };
        let (fits_below, fits_tile) = match self.above {
            Some(above) => {
                (root_of(&self.below) == Some(above.hash), tile.root() == Some(above.hash))
            }
            None => self.fits,
        };
        if is_proved || fits_tile && !fits_below {
            judged.below = differences;
            judged.row = said;
        } else {
            let Difference { at, expected, found } = first;
            judged.tile = Some(Difference { at, expected: found, found: expected });
            let filled = self.below.iter().zip(&said).map(|(below, said)| below.or(*said));
            judged.row = filled.collect();
        }
    }

    /// Where what stands below differs from what the tile says.
    fn differences<'r>(&'r self, said: &'r Row) -> impl Iterator<Item = Difference> + 'r {
        let pairs = self.below.iter().zip(said).enumerate();
        pairs.filter_map(|(at, (below, said))| {
            let (found, expected) = ((*below)?, (*said)?);
            (found != expected).then_some(Difference { at, expected, found })
        })
    }

    /// What is proved of the whole subtree and does not follow from what is left was rewritten, in
    /// the tile and below it alike.
    fn hold_against(&self, proved: TreeHash, root: Option<TreeHash>, judged: &mut Judgement) {
        let Some(found) = root.filter(|root| *root != proved) else { return };
        let difference = Difference { at: 0, expected: proved, found };
        if self.tile.is_some() && judged.tile.is_none() {
            judged.tile = Some(difference);
        }
        if judged.below.is_empty() {
            judged.below.push(difference);
        }
        // What the hashes were is not known any more.
        judged.row = vec![None; judged.row.len()];
    }
}
