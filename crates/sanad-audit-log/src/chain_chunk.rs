//! The chain hash of one record, compressed block by block.
//!
//! Nearly all records fit into one chunk of BLAKE3, whose hash is that of its last block. `blake3`'s own hasher is
//! ready for inputs of any length in any pieces, and for a short one to make it and ask it takes as long as to
//! compress.

use blake3::platform::{Platform, le_bytes_from_words_32, words_from_le_bytes_32};

use crate::hash::{CHAIN_KEY, ChainHash};

/// A block and a chunk, in bytes (BLAKE3, section 2.1).
pub(crate) const BLOCK: usize = 64;
const CHUNK: usize = 1_024;

// What a compression is for, and where it stands in its input (BLAKE3, section 2.2).
pub(crate) const DERIVES_KEY: u8 = 1 << 6;
pub(crate) const CHUNK_START: u8 = 1;
pub(crate) const CHUNK_END: u8 = 1 << 1;
pub(crate) const ROOT: u8 = 1 << 3;

/// The chain hash of what is hashed of a record, after the hash before it; `None` where it is of several chunks.
pub(crate) fn chain_hash(previous: &ChainHash, hashed: &[u8]) -> Option<ChainHash> {
    if ChainHash::SIZE + hashed.len() > CHUNK {
        return None;
    }
    let platform = Platform::detect();
    let mut value = words_from_le_bytes_32(&CHAIN_KEY);
    let (beside, mut rest) = hashed.split_at(hashed.len().min(BLOCK - ChainHash::SIZE));
    let mut length = ChainHash::SIZE + beside.len();
    let mut block = [0; BLOCK];
    block[..ChainHash::SIZE].copy_from_slice(previous.as_bytes());
    block[ChainHash::SIZE..length].copy_from_slice(beside);
    let mut flags = DERIVES_KEY | CHUNK_START;
    while !rest.is_empty() {
        platform.compress_in_place(&mut value, &block, length as u8, 0, flags);
        let (next, behind) = rest.split_at(rest.len().min(BLOCK));
        (flags, length, rest) = (DERIVES_KEY, next.len(), behind);
        block = [0; BLOCK];
        block[..length].copy_from_slice(next);
    }
    platform.compress_in_place(&mut value, &block, length as u8, 0, flags | CHUNK_END | ROOT);
    Some(ChainHash::from_bytes(le_bytes_from_words_32(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_made_block_by_block_is_the_one_that_the_hasher_makes() {
        let bytes: Vec<u8> = (0..2_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        let previous = ChainHash::from_bytes([7; 32]);
        for length in 0..1_100 {
            let hashed = &bytes[length / 2..length / 2 + length];
            let joined = ChainHash::of_joined(&[previous.as_bytes(), hashed].concat());
            let expected = (length <= CHUNK - 32).then_some(joined);
            assert_eq!(chain_hash(&previous, hashed), expected, "{length} bytes");
            assert_eq!(ChainHash::following(&previous, hashed), joined);
        }
    }
}
