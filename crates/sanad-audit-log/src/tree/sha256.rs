//! SHA-256 of the short messages that a tree is made of.
//!
//! Most leaves and all nodes are a few blocks long, and the library's streaming hasher spends a quarter of its time on
//! its own buffer there. So a short message is padded here (FIPS 180-4, 5.1.1) and its blocks are compressed at once.

use sha2::digest::consts::U64;
use sha2::digest::generic_array::GenericArray;
use sha2::{Digest, Sha256, compress256};

type Block = GenericArray<u8, U64>;
type State = [u32; 8];

const BLOCK: usize = 64;
/// The initial hash value (FIPS 180-4, 5.3.3).
const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// What ends a message: a set bit, and its length in bits.
const PADDING: usize = 1 + 8;
/// Longer messages are left to the streaming hasher.
const SHORT_BLOCKS: usize = 4;

/// SHA-256(`tag` ‖ `data`).
pub(super) fn tagged(tag: u8, data: &[u8]) -> [u8; 32] {
    let length = 1 + data.len();
    if length + PADDING > SHORT_BLOCKS * BLOCK {
        return Sha256::new().chain_update([tag]).chain_update(data).finalize().into();
    }
    let mut blocks = [Block::default(); SHORT_BLOCKS];
    blocks[0][0] = tag;
    let (head, rest) = data.split_at(data.len().min(BLOCK - 1));
    blocks[0][1..=head.len()].copy_from_slice(head);
    for (block, part) in blocks[1..].iter_mut().zip(rest.chunks(BLOCK)) {
        block[..part.len()].copy_from_slice(part);
    }
    finish(&mut blocks, length)
}

/// SHA-256(`tag` ‖ `left` ‖ `right`).
pub(super) fn tagged_pair(tag: u8, left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut blocks = [Block::default(); 2];
    blocks[0][0] = tag;
    blocks[0][1..33].copy_from_slice(left);
    blocks[0][33..].copy_from_slice(&right[..31]);
    blocks[1][0] = right[31];
    finish(&mut blocks, 65)
}

/// Pads a message of `length` bytes that stands in zeroed blocks, and hashes it.
fn finish(blocks: &mut [Block], length: usize) -> [u8; 32] {
    let used = (length + PADDING).div_ceil(BLOCK);
    blocks[length / BLOCK][length % BLOCK] = 0x80;
    blocks[used - 1][BLOCK - 8..].copy_from_slice(&(8 * length as u64).to_be_bytes());
    let mut state = INITIAL;
    compress256(&mut state, &blocks[..used]);
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streamed(parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finalize().into()
    }

    #[test]
    fn messages_of_every_length_hash_as_the_streaming_hasher_has_them() {
        let data: Vec<u8> = (0..600u32).map(|n| (n * 7) as u8).collect();
        for length in 0..data.len() {
            let data = &data[..length];
            assert_eq!(tagged(5, data), streamed(&[&[5], data]), "{length} bytes");
        }
    }

    #[test]
    fn two_hashes_hash_as_the_streaming_hasher_has_them() {
        let (left, right) = ([3; 32], [250; 32]);
        assert_eq!(tagged_pair(1, &left, &right), streamed(&[&[1], &left, &right]));
    }
}
