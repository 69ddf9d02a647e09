//! The paths of tiles and bundles below a log's root.

use std::fmt;
use std::str::FromStr;

use super::place::{BundlePlace, TilePlace, Width};
use crate::decimal;

/// The path of a tile (`tile/<level>/<index>[.p/<width>]`) or of a bundle
/// (`tile/entries/<index>[.p/<width>]`), relative to a log's root. Each has one form only.
///
/// ```
/// use sanad_audit_log::tile::{TilePath, TilePlace, Width};
/// let place = TilePlace::new(0, 1_234_067, Width::FULL).ok_or("no such tile")?;
/// assert_eq!(TilePath::Tile(place).to_string(), "tile/0/x001/x234/067");
/// assert_eq!("tile/0/x001/x234/067".parse(), Ok(TilePath::Tile(place)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum TilePath {
    /// A tile of hashes.
    Tile(TilePlace),
    /// A bundle of entries.
    Entries(BundlePlace),
}

/// A text that is not the path of a tile or of a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this is not the path of a tile, as in tile/0/x001/234.p/17 or tile/entries/000")]
pub struct TilePathError;

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let rest = text.strip_prefix("tile/").ok_or(TilePathError)?;
        let (level, rest) = rest.split_once('/').ok_or(TilePathError)?;
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, partial(width)?),
            None => (rest, Width::FULL),
        };
        let index = index_from(index).ok_or(TilePathError)?;
        if level == "entries" {
            return Ok(Self::Entries(BundlePlace::new(index, width)));
        }
        let level = decimal::parse(level).and_then(|level| u8::try_from(level).ok());
        let place = level.and_then(|level| TilePlace::new(level, index, width));
        Ok(Self::Tile(place.ok_or(TilePathError)?))
    }
}

fn partial(text: &str) -> Result<Width, TilePathError> {
    let width = decimal::parse(text).and_then(|width| u16::try_from(width).ok());
    let width = width.and_then(Width::new).filter(|width| !width.is_full());
    width.ok_or(TilePathError)
}

/// Reads groups of three digits, all but the last with an `x` before them. A needless group of
/// zeros at the start is refused, so that each number has one form.
fn index_from(text: &str) -> Option<u64> {
    let mut index = 0u64;
    let mut groups = text.split('/').peekable();
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() { group.strip_prefix('x')? } else { group };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
    }
    if text.starts_with("x000") { None } else { Some(index) }
}

struct Index(u64);

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unit = 1;
        while self.0 / unit >= 1_000 {
            unit *= 1_000;
        }
        while unit > 1 {
            write!(f, "x{:03}/", self.0 / unit % 1_000)?;
            unit /= 1_000;
        }
        write!(f, "{:03}", self.0 % 1_000)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = match self {
            Self::Tile(place) => {
                write!(f, "tile/{}/{}", place.level(), Index(place.index()))?;
                place.width()
            }
            Self::Entries(place) => {
                write!(f, "tile/entries/{}", Index(place.index()))?;
                place.width()
            }
        };
        if width.is_full() { Ok(()) } else { write!(f, ".p/{}", width.get()) }
    }
}
