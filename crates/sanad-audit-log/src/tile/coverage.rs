//! What a tree of a size consists of, and what is new since another.

use std::ops::Range;

use super::place::{BundlePlace, TilePlace, Width};
use super::{FULL, MAX_LEVELS, TILE_HEIGHT};

/// The tiles and bundles that a log of one size has and the log of an earlier size had not, or had
/// narrower. They are counted out one by one and never kept, whatever the sizes.
///
/// ```
/// use sanad_audit_log::tile::{Coverage, TilePath};
/// let new = Coverage::between(255, 257);
/// let paths: Vec<_> = new.tiles().map(|tile| TilePath::Tile(tile).to_string()).collect();
/// assert_eq!(paths, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coverage {
    old: u64,
    new: u64,
}

impl Coverage {
    /// All tiles and bundles of a log of `size` entries.
    pub const fn of(size: u64) -> Self {
        Self { old: 0, new: size }
    }

    /// Those that are new at size `new` where those of size `old` are there. There are none if the
    /// log did not grow.
    pub const fn between(old: u64, new: u64) -> Self {
        Self { old, new }
    }

    /// The tiles, level by level from the leaves upwards, each level from left to right.
    pub fn tiles(self) -> impl Iterator<Item = TilePlace> {
        (0..MAX_LEVELS).flat_map(move |level| {
            let height = u32::from(level) * u32::from(TILE_HEIGHT);
            let row = changed(self.old >> height, self.new >> height);
            row.filter_map(move |index| TilePlace::in_tree(level, index, self.new))
        })
    }

    /// The bundles, from left to right.
    pub fn bundles(self) -> impl Iterator<Item = BundlePlace> {
        changed(self.old, self.new).filter_map(move |index| BundlePlace::in_log(index, self.new))
    }

    /// The partial tiles of the new size, level by level. There is at most one a level.
    pub fn partial_tiles(self) -> impl Iterator<Item = TilePlace> {
        (0..MAX_LEVELS).filter_map(move |level| {
            let row = self.new >> (u32::from(level) * u32::from(TILE_HEIGHT));
            let width = Width::in_row(row, row / u64::from(FULL))?;
            TilePlace::new(level, row / u64::from(FULL), width)
        })
    }
}

/// Which tiles of a row differ between `old` and `new` hashes in it.
fn changed(old: u64, new: u64) -> Range<u64> {
    if new <= old {
        return 0..0;
    }
    old / u64::from(FULL)..new.div_ceil(u64::from(FULL))
}
