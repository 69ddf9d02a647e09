//! How many bytes a shape takes when it is encoded, told without encoding it.
//!
//! The encoding leaves a writer one freedom: an integer may be written in more bytes than it needs. So bytes that
//! decode to a shape are its own bytes exactly if there are as many of them as it takes.

use crate::wire::{WireEntry, WireEvent, WireGrant};

/// An option's and an enumeration's tag, a `bool` and a `u8`.
const BYTE: usize = 1;

fn unsigned(value: u64) -> usize {
    match value {
        0..=250 => 1,
        251..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

fn signed(value: i64) -> usize {
    // Zigzag: small numbers below zero are short too.
    unsigned(((value << 1) ^ (value >> 63)).cast_unsigned())
}

fn text(text: &str) -> usize {
    unsigned(text.len() as u64) + text.len()
}

fn optional<T>(value: Option<T>, length: impl FnOnce(T) -> usize) -> usize {
    BYTE + value.map_or(0, length)
}

impl WireEntry<'_> {
    /// The length of its one canonical encoding, in bytes.
    pub(crate) fn encoded_len(&self) -> usize {
        let instrument = optional(self.instrument.as_ref(), |instrument| {
            text(instrument.reference) + optional(instrument.digest, |digest| digest.len())
        });
        let events = self.events.as_slice();
        let of_events: usize = events.iter().map(WireEvent::encoded_len).sum();
        let reason = optional(self.reason, text);
        text(self.actor) + instrument + reason + BYTE + unsigned(events.len() as u64) + of_events
    }
}

impl WireEvent<'_> {
    fn encoded_len(&self) -> usize {
        let fields = match self {
            WireEvent::RootPoolOpened { pool, title, unit, decimals: _ } => {
                text(pool) + text(title) + text(unit) + BYTE
            }
            WireEvent::SubPoolOpened { pool, title, parent } => {
                text(pool) + text(title) + text(parent)
            }
            WireEvent::CapacityDeclared { pool, capacity, from_us } => {
                text(pool) + unsigned(*capacity) + signed(*from_us)
            }
            WireEvent::HolderRegistered { holder, title } => text(holder) + text(title),
            WireEvent::GrantedToHolder(grant) | WireEvent::GrantedToSubPool(grant) => {
                grant.encoded_len()
            }
            WireEvent::Revoked { grant, amount, from_us, until_us, cause: _ } => {
                let window = signed(*from_us) + optional(*until_us, signed);
                grant.len() + unsigned(*amount) + window + BYTE
            }
        };
        BYTE + fields
    }
}

impl WireGrant<'_> {
    fn encoded_len(&self) -> usize {
        let texts = text(self.pool) + text(self.recipient) + optional(self.purpose, text);
        let window = signed(self.from_us) + optional(self.until_us, signed);
        self.grant.len() + texts + unsigned(self.amount) + window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_take_what_the_encoding_takes_for_them_at_every_step() {
        let configuration = bincode::config::standard();
        for bits in 0..64 {
            for near in [-1i64, 0, 1] {
                let value = (1i64 << bits).wrapping_add(near);
                for value in [value, value.wrapping_neg(), 250 + near, 251 + near] {
                    let bytes = bincode::encode_to_vec(value, configuration).unwrap();
                    assert_eq!(signed(value), bytes.len(), "{value}");
                    let value = value.cast_unsigned();
                    let bytes = bincode::encode_to_vec(value, configuration).unwrap();
                    assert_eq!(unsigned(value), bytes.len(), "{value}");
                }
            }
        }
    }
}
