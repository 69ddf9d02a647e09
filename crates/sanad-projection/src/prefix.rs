//! Grants by the beginning of their id, as it is written.

use sanad_core::GrantId;
use uuid::Uuid;

use crate::parts::in_parts;
use crate::projection::Projection;
use crate::row::Id;

/// Where the hyphens stand in a written id.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The beginning of a written id: its first digits.
struct Prefix {
    bits: u128,
    /// How many bits of an id are behind it.
    behind: u32,
}

impl Prefix {
    /// `None` for what no id begins with.
    fn parse(text: &str) -> Option<Self> {
        let mut prefix = Self { bits: 0, behind: 128 };
        for (place, character) in text.chars().enumerate() {
            if HYPHENS.contains(&place) {
                if character != '-' {
                    return None;
                }
                continue;
            }
            let digit = character.to_digit(16).filter(|_| !character.is_ascii_uppercase())?;
            prefix.behind = prefix.behind.checked_sub(4)?;
            prefix.bits = prefix.bits << 4 | u128::from(digit);
        }
        Some(prefix)
    }

    fn begins(&self, id: &[u8; 16]) -> bool {
        let bits = u128::from_be_bytes(*id);
        bits.checked_shr(self.behind).unwrap_or(0) == self.bits
    }
}

impl Projection {
    /// The grants whose written id begins with a prefix, in order of granting. O(grants).
    #[must_use]
    pub fn grants_with_prefix(&self, prefix: &str) -> Vec<GrantId> {
        let Some(prefix) = Prefix::parse(prefix) else { return Vec::new() };
        let found = self.grants.ids().filter(|id| prefix.begins(id));
        found.filter_map(|id| GrantId::new(Uuid::from_bytes(*id)).ok()).collect()
    }

    /// How many hexadecimal digits of an id tell every grant from every other. O(n log n) in the grants.
    #[must_use]
    pub fn telling_digits(&self) -> u32 {
        let first_half = |id: &Id| u64::try_from(u128::from_be_bytes(*id) >> 64).unwrap_or(0);
        let alike = self.most_alike(first_half, |one, other| (one ^ other).leading_zeros());
        match alike {
            None => 0,
            // Ids that were made by the clock within one millisecond may differ in the second half only.
            Some(64) => {
                let whole = |id: &Id| u128::from_be_bytes(*id);
                let alike = self.most_alike(whole, |one, other| (one ^ other).leading_zeros());
                (alike.unwrap_or(0) / 4 + 1).min(32)
            }
            Some(alike) => alike / 4 + 1,
        }
    }

    /// How many first bits the two parts of ids have in common that have the most; `None` where there are not two.
    fn most_alike<T: Ord + Copy + Send>(
        &self,
        part: impl Fn(&Id) -> T + Sync,
        alike: impl Fn(T, T) -> u32,
    ) -> Option<u32> {
        let sorted = in_parts(self.grants.len(), |rows| {
            let mut parts: Vec<T> = rows.map(|row| part(self.grants.id(row))).collect();
            parts.sort_unstable();
            parts
        });
        let sorted =
            sorted.into_iter().reduce(|one, other| merged(&one, &other)).unwrap_or_default();
        sorted.windows(2).map(|pair| alike(pair[0], pair[1])).max()
    }
}

/// Two sorted lists as one.
fn merged<'a, T: Ord + Copy>(mut one: &'a [T], mut other: &'a [T]) -> Vec<T> {
    let mut all = Vec::with_capacity(one.len() + other.len());
    while let (Some(first), Some(second)) = (one.first(), other.first()) {
        let taken = if first <= second { &mut one } else { &mut other };
        all.push(taken[0]);
        *taken = &taken[1..];
    }
    all.extend(one.iter().chain(other));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_what_an_id_is_written_to_begin_with() {
        let id = Uuid::from_u128(0x0197_0e3c_7b7a_7000_8000_0000_0000_00af);
        let written = id.to_string();
        for length in 0..=written.len() {
            let prefix = Prefix::parse(&written[..length]).unwrap();
            assert!(prefix.begins(id.as_bytes()), "{length}");
        }
        for other in
            ["1", "01970e3c7", "01970e3d", "01970e3c-7b7a-7000-8000-0000000000af0", "01970E"]
        {
            assert!(!Prefix::parse(other).is_some_and(|it| it.begins(id.as_bytes())), "{other}");
        }
    }
}
