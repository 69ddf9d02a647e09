//! Appends values to a payload, each in its one form.

use crate::numbers::{EIGHT_BYTES, FOUR_BYTES, LAST_OF_ONE_BYTE, TWO_BYTES};

/// Writes behind what is in the bytes already.
pub(crate) struct Writer<'a>(&'a mut Vec<u8>);

impl<'a> Writer<'a> {
    /// Expects about so many bytes more; the memory for them is taken at once.
    pub(crate) fn new(out: &'a mut Vec<u8>, expected: usize) -> Self {
        out.reserve(expected);
        Self(out)
    }

    #[inline]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    #[inline]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    #[inline]
    pub(crate) fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }

    /// In as few bytes as hold it.
    #[inline]
    pub(crate) fn unsigned(&mut self, value: u64) {
        if let Ok(short @ 0..=LAST_OF_ONE_BYTE) = u8::try_from(value) {
            return self.byte(short);
        }
        let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
        match value {
            0..=0xffff => self.bytes(&[TWO_BYTES, a, b]),
            0x1_0000..=0xffff_ffff => self.bytes(&[FOUR_BYTES, a, b, c, d]),
            _ => self.bytes(&[EIGHT_BYTES, a, b, c, d, e, f, g, h]),
        }
    }

    /// Zigzag: small numbers below zero are short too.
    #[inline]
    pub(crate) fn signed(&mut self, value: i64) {
        self.unsigned(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    // Texts are most of a payload, and short: the call would cost as much as the copy.
    #[inline(always)]
    pub(crate) fn text(&mut self, text: &str) {
        self.unsigned(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// Whether it is there, and then what it is.
    #[inline]
    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;
    use crate::reader::Reader;

    #[test]
    fn integers_take_what_bincode_takes_for_them_at_every_step_and_are_read_again() {
        let configuration = bincode::config::standard();
        for bits in 0..64 {
            for near in [-1i64, 0, 1] {
                let value = (1i64 << bits).wrapping_add(near);
                for value in [value, value.wrapping_neg(), 250 + near, 251 + near] {
                    let mut out = Vec::new();
                    Writer::new(&mut out, 0).signed(value);
                    assert_eq!(out, bincode::encode_to_vec(value, configuration).unwrap());
                    assert_eq!(Reader::new(&out, &mut Names::default()).signed(), Ok(value));
                    let value = value.cast_unsigned();
                    out.clear();
                    Writer::new(&mut out, 0).unsigned(value);
                    assert_eq!(out, bincode::encode_to_vec(value, configuration).unwrap());
                    assert_eq!(Reader::new(&out, &mut Names::default()).unsigned(), Ok(value));
                }
            }
        }
    }
}
