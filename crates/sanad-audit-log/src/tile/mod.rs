//! The tiled log: the tree and the records as files that never change (C2SP `tlog-tiles`).
//!
//! | file | noun |
//! |---|---|
//! | `place.rs` | [`Width`], [`TilePlace`], [`BundlePlace`]: which tile, which bundle |
//! | `path.rs` | [`TilePath`]: the same as a path |
//! | `coverage.rs` | [`Coverage`]: what a tree of a size consists of, and what is new since another |
//! | `hashes.rs` | [`Tile`]: up to 256 hashes |
//! | `bundle.rs` | [`EntryBundle`]: up to 256 entries |
//! | `edge.rs` | [`TileEdge`]: the unfinished tiles of a growing tree |
//! | `reader.rs` | [`TileSource`] → [`TileReader`]: any subtree's hash, out of tiles |
//! | `error.rs` | [`TileError`], [`TileReadError`] |

mod bundle;
mod coverage;
mod edge;
mod error;
mod hashes;
mod path;
mod place;
mod reader;

pub use bundle::{EntryBundle, MAX_BUNDLE, MAX_ENTRY, append_entry};
pub use coverage::Coverage;
pub use edge::TileEdge;
pub use error::{TileError, TileReadError};
pub use hashes::Tile;
pub use path::{TilePath, TilePathError};
pub use place::{BundlePlace, TilePlace, Width};
pub use reader::{TileReader, TileSource};

/// How many hashes a full tile has, and how many entries a full bundle.
pub const FULL: u16 = 256;
/// The levels of nodes that a tile spans.
pub const TILE_HEIGHT: u8 = 8;
/// The levels of tiles that a tree of up to 2^63 − 1 leaves has, from 0 on.
pub const MAX_LEVELS: u8 = 8;
