//! Which tile, and which bundle.

use super::{FULL, MAX_LEVELS};

/// How many hashes a tile has, or how many entries a bundle: from 1 to [`FULL`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Width(u16);

impl Width {
    /// The full width.
    pub const FULL: Self = Self(FULL);

    /// The width with this number, if there is one.
    pub const fn new(width: u16) -> Option<Self> {
        match width {
            1..=FULL => Some(Self(width)),
            _ => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Whether nothing can be added any more.
    pub const fn is_full(self) -> bool {
        self.0 == FULL
    }

    /// The width of tile `index` of a row of `hashes` hashes, if it has any.
    pub(super) const fn in_row(hashes: u64, index: u64) -> Option<Self> {
        let full = hashes / FULL as u64;
        if index < full {
            Some(Self::FULL)
        } else if index == full {
            Self::new((hashes % FULL as u64) as u16)
        } else {
            None
        }
    }
}

/// A tile: hashes `index` · 256 and on of the nodes at height 8 · `level`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TilePlace {
    level: u8,
    index: u64,
    width: Width,
}

impl TilePlace {
    /// The tile with these coordinates. Levels go from 0 to 63, as C2SP has them, although no tree
    /// has that many.
    pub const fn new(level: u8, index: u64, width: Width) -> Option<Self> {
        if level > 63 { None } else { Some(Self { level, index, width }) }
    }

    /// Tile `index` of a level as it is in the tree with `size` leaves, if it has such a tile.
    pub const fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        if level >= MAX_LEVELS {
            return None;
        }
        match Width::in_row(size >> (8 * level as u32), index) {
            Some(width) => Some(Self { level, index, width }),
            None => None,
        }
    }

    /// The level, from 0 for the leaves.
    pub const fn level(self) -> u8 {
        self.level
    }

    /// The place in the level, from 0.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes there are.
    pub const fn width(self) -> Width {
        self.width
    }
}

/// A bundle: entries `index` · 256 and on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BundlePlace {
    index: u64,
    width: Width,
}

impl BundlePlace {
    /// The bundle with these coordinates.
    pub const fn new(index: u64, width: Width) -> Self {
        Self { index, width }
    }

    /// Bundle `index` as it is in the log with `size` entries, if it has such a bundle.
    pub const fn in_log(index: u64, size: u64) -> Option<Self> {
        match Width::in_row(size, index) {
            Some(width) => Some(Self { index, width }),
            None => None,
        }
    }

    /// The place among the bundles, from 0.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many entries there are.
    pub const fn width(self) -> Width {
        self.width
    }

    /// The first entry's place in the log; `None` where no log reaches.
    pub const fn first_entry(self) -> Option<u64> {
        self.index.checked_mul(FULL as u64)
    }
}
