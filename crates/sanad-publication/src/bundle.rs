//! A bundle as it was read.

use sanad_audit_log::tile::{BundlePlace, EntryBundle, TileError, Width};

/// Up to 256 entries as they were read, in their place. They are counted and parted, and nothing
/// else is known of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bundle {
    place: BundlePlace,
    bytes: Vec<u8>,
}

impl Bundle {
    /// Takes bytes as the bundle of this place. They may hold more entries than the place asks for,
    /// as a full bundle does that stands for a partial one.
    pub(crate) fn wide(place: BundlePlace, mut bytes: Vec<u8>) -> Result<Self, TileError> {
        let length = EntryBundle::parse_first(&bytes, place.width())?.bytes().len();
        bytes.truncate(length);
        Ok(Self { place, bytes })
    }

    /// Takes bytes as the bundle of this place, which must hold just the entries that it asks for.
    pub(crate) fn exact(place: BundlePlace, bytes: Vec<u8>) -> Result<Self, TileError> {
        EntryBundle::parse(&bytes, place.width())?;
        Ok(Self { place, bytes })
    }

    /// Which bundle it is.
    pub const fn place(&self) -> BundlePlace {
        self.place
    }

    /// The place of its first entry in the log.
    pub const fn first(&self) -> u64 {
        // Its place is that of a log's bundle, and no log is longer than 2^63.
        match self.place.first_entry() {
            Some(first) => first,
            None => u64::MAX,
        }
    }

    /// The bytes, as they are published.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &[u8]> {
        let parsed = EntryBundle::parse(&self.bytes, self.place.width());
        parsed.into_iter().flat_map(|bundle| bundle.entries())
    }

    /// How many entries there are.
    pub const fn width(&self) -> Width {
        self.place.width()
    }
}
