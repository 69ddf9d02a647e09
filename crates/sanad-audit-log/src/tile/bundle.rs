//! Bundles of entries: the records as they are published.

use super::FULL;
use super::error::TileError;
use super::place::Width;

/// The longest entry of a bundle, in bytes; also the longest record.
pub const MAX_ENTRY: usize = u16::MAX as usize;
/// The longest bundle, in bytes.
pub const MAX_BUNDLE: usize = FULL as usize * (LENGTH + MAX_ENTRY);
/// The size of an entry's length.
const LENGTH: usize = 2;

/// Entries side by side in the log, each behind its length in bytes, a big-endian `u16`.
///
/// ```
/// use sanad_audit_log::tile::{EntryBundle, Width, append_entry};
/// let mut bundle = Vec::new();
/// append_entry(b"one", &mut bundle)?;
/// append_entry(b"two", &mut bundle)?;
/// assert_eq!(bundle, b"\x00\x03one\x00\x03two");
/// let width = Width::new(2).ok_or("no width")?;
/// let entries: Vec<_> = EntryBundle::parse(&bundle, width)?.entries().collect();
/// assert_eq!(entries, [b"one", b"two"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EntryBundle<'a> {
    bytes: &'a [u8],
    width: Width,
}

/// Adds an entry to the bytes of a bundle.
///
/// # Errors
/// [`TileError::EntryTooLong`]; then `bundle` has not changed.
pub fn append_entry(entry: &[u8], bundle: &mut Vec<u8>) -> Result<(), TileError> {
    let too_long = TileError::EntryTooLong { found: entry.len() };
    let length = u16::try_from(entry.len()).map_err(|_| too_long)?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

impl<'a> EntryBundle<'a> {
    /// The bundle with these bytes, which must be just as many entries as `width` asks for. Nothing
    /// is copied.
    ///
    /// # Errors
    /// [`TileError::CutOff`] or [`TileError::TooManyBytes`].
    pub fn parse(bytes: &'a [u8], width: Width) -> Result<Self, TileError> {
        let mut rest = bytes;
        for entry in 0..width.get() {
            let cut_off = TileError::CutOff { entry, width: width.get() };
            (_, rest) = split(rest).ok_or(cut_off)?;
        }
        if rest.is_empty() {
            Ok(Self { bytes, width })
        } else {
            Err(TileError::TooManyBytes { extra: rest.len(), width: width.get() })
        }
    }

    /// The first entries of bytes that may hold more than `width`: what was published of a bundle
    /// at an earlier size.
    ///
    /// # Errors
    /// [`TileError::CutOff`].
    pub fn parse_first(bytes: &'a [u8], width: Width) -> Result<Self, TileError> {
        match Self::parse(bytes, width) {
            Err(TileError::TooManyBytes { extra, .. }) => {
                Self::parse(&bytes[..bytes.len() - extra], width)
            }
            parsed => parsed,
        }
    }

    /// The bytes.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// How many entries there are.
    pub const fn width(&self) -> Width {
        self.width
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            let (entry, after) = split(rest)?;
            rest = after;
            Some(entry)
        })
    }
}

/// The entry that bytes begin with, and the bytes after it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
