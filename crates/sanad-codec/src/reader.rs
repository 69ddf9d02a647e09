//! Takes values one after another from a payload: each must be there, and be written in its one form.
//!
//! The only freedom that the encoding leaves to a writer is an integer in more bytes than it needs. It is refused where
//! it is met, so that a payload that is read to its end is the only one of its entry.

use crate::names::Names;
use crate::numbers::{EIGHT_BYTES, FOUR_BYTES, LAST_OF_ONE_BYTE, TWO_BYTES};
use crate::payload::PayloadError;

/// A value, or why there is none; apart, because a good value is small.
pub(crate) type Taken<T> = Result<T, Box<PayloadError>>;

/// What is left of a payload.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Of the whole payload, to say where something is wrong.
    length: usize,
    pub(crate) names: &'a mut Names,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(payload: &'a [u8], names: &'a mut Names) -> Self {
        Self { rest: payload, length: payload.len(), names }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    #[inline]
    fn bytes(&mut self, count: usize) -> Taken<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(self.ends_early(count));
        };
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Taken<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(self.ends_early(N));
        };
        self.rest = rest;
        Ok(*taken)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Taken<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    #[inline]
    pub(crate) fn flag(&mut self) -> Taken<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.malformed(&format_args!("{other} stands where only 0 or 1 can"))),
        }
    }

    #[inline]
    pub(crate) fn unsigned(&mut self) -> Taken<u64> {
        match self.byte()? {
            short @ 0..=LAST_OF_ONE_BYTE => Ok(u64::from(short)),
            marker => self.long(marker),
        }
    }

    /// What follows a marker; it has that many bytes only because it needs them.
    #[inline(never)]
    fn long(&mut self, marker: u8) -> Taken<u64> {
        let (value, least) = match marker {
            TWO_BYTES => (u64::from(u16::from_le_bytes(self.array()?)), 251),
            FOUR_BYTES => (u64::from(u32::from_le_bytes(self.array()?)), 1 << 16),
            EIGHT_BYTES => (u64::from_le_bytes(self.array()?), 1 << 32),
            other => return Err(self.malformed(&format_args!("{other} marks no integer"))),
        };
        if value < least { Err(too_long()) } else { Ok(value) }
    }

    #[inline]
    pub(crate) fn signed(&mut self) -> Taken<i64> {
        let zigzag = self.unsigned()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    /// The bytes of a text, which may be none.
    #[inline]
    pub(crate) fn text_bytes(&mut self) -> Taken<&'a [u8]> {
        let length = usize::try_from(self.unsigned()?).unwrap_or(usize::MAX);
        self.bytes(length)
    }

    #[inline]
    pub(crate) fn text(&self, bytes: &'a [u8]) -> Taken<&'a str> {
        str::from_utf8(bytes).map_err(|error| self.malformed(&error))
    }

    /// Whether it is there, and then what it is.
    #[inline]
    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Taken<T>,
    ) -> Taken<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }

    /// Nothing may be left.
    pub(crate) fn end(&self) -> Taken<()> {
        match self.left() {
            0 => Ok(()),
            bytes => Err(Box::new(PayloadError::Trailing { bytes })),
        }
    }

    #[cold]
    fn ends_early(&self, needed: usize) -> Box<PayloadError> {
        self.malformed(&format_args!("{needed} bytes are needed, and {} are left", self.left()))
    }

    /// The bytes up to here are those of no entry.
    #[cold]
    #[inline(never)]
    pub(crate) fn malformed(&self, reason: &dyn std::fmt::Display) -> Box<PayloadError> {
        let at = self.length - self.left();
        Box::new(PayloadError::Malformed { reason: format!("at byte {at}: {reason}") })
    }
}

#[cold]
fn too_long() -> Box<PayloadError> {
    Box::new(PayloadError::NotCanonical)
}
