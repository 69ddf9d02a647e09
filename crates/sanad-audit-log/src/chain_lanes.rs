//! Chain hashes of several records at once.
//!
//! A record's chain hash is of a few blocks, and one block must wait for the one before it, so that hashing records one
//! after another leaves most of a core's vector unit idle. The hashes of several records do not wait for one another:
//! `blake3` compresses a block of each side by side, in as many lanes as the processor has. It does so for whole blocks
//! only, so each record's last block is compressed by itself.

use std::array;

use blake3::IncrementCounter::No;
use blake3::platform::{Platform, le_bytes_from_words_32, words_from_le_bytes_32};

use crate::chain_chunk::{BLOCK, CHUNK_END, CHUNK_START, DERIVES_KEY, ROOT};
use crate::hash::{CHAIN_KEY, ChainHash};

/// As many lanes as any processor has.
const LANES: usize = 16;
/// Inputs with more blocks before their last are hashed one by one: they are rare, and longer ones are of several
/// chunks, which `blake3` itself lays side by side.
const MOST_BLOCKS: usize = 7;

/// The chain hashes of `inputs`, each of which is the hash before a record and the record's bytes before its own hash.
pub(crate) fn chain_hashes(inputs: &[&[u8]]) -> Vec<ChainHash> {
    let mut lanes = Lanes {
        inputs,
        hashes: vec![ChainHash::from_bytes([0; 32]); inputs.len()],
        waiting: [Waiting::default(); MOST_BLOCKS],
        platform: Platform::detect(),
        key: words_from_le_bytes_32(&CHAIN_KEY),
    };
    for (place, input) in inputs.iter().enumerate() {
        match input.len().div_ceil(BLOCK).saturating_sub(1) {
            blocks @ 1..=MOST_BLOCKS => lanes.wait(blocks, place),
            _ => lanes.hashes[place] = ChainHash::of_joined(input),
        }
    }
    (1..=MOST_BLOCKS).for_each(|blocks| lanes.hash(blocks));
    lanes.hashes
}

struct Lanes<'i> {
    inputs: &'i [&'i [u8]],
    hashes: Vec<ChainHash>,
    /// The inputs that wait until their lanes are full, by how many blocks they have before their last.
    waiting: [Waiting; MOST_BLOCKS],
    platform: Platform,
    key: [u32; 8],
}

#[derive(Clone, Copy, Default)]
struct Waiting {
    places: [usize; LANES],
    count: usize,
}

impl Lanes<'_> {
    fn wait(&mut self, blocks: usize, place: usize) {
        let waiting = &mut self.waiting[blocks - 1];
        waiting.places[waiting.count] = place;
        waiting.count += 1;
        if waiting.count == LANES {
            self.hash(blocks);
        }
    }

    /// Hashes the inputs that wait and have so many blocks before their last.
    fn hash(&mut self, blocks: usize) {
        match blocks {
            1 => self.hash_sized::<BLOCK>(blocks),
            2 => self.hash_sized::<{ 2 * BLOCK }>(blocks),
            3 => self.hash_sized::<{ 3 * BLOCK }>(blocks),
            4 => self.hash_sized::<{ 4 * BLOCK }>(blocks),
            5 => self.hash_sized::<{ 5 * BLOCK }>(blocks),
            6 => self.hash_sized::<{ 6 * BLOCK }>(blocks),
            _ => self.hash_sized::<{ 7 * BLOCK }>(blocks),
        }
    }

    fn hash_sized<const WHOLE: usize>(&mut self, blocks: usize) {
        let Waiting { places, count } = std::mem::take(&mut self.waiting[blocks - 1]);
        let places = &places[..count];
        let whole: [&[u8; WHOLE]; LANES] = array::from_fn(|lane| {
            let input = places.get(lane).and_then(|place| self.inputs[*place].first_chunk());
            input.unwrap_or(const { &[0; WHOLE] })
        });
        let mut values = [0; LANES * 32];
        let (whole, out) = (&whole[..count], &mut values[..32 * count]);
        self.platform.hash_many(whole, &self.key, 0, No, DERIVES_KEY, CHUNK_START, 0, out);
        for (place, value) in places.iter().zip(values.as_chunks().0) {
            let last = &self.inputs[*place][WHOLE..];
            let mut block = [0; BLOCK];
            block[..last.len()].copy_from_slice(last);
            let mut words = words_from_le_bytes_32(value);
            let (length, flags) = (last.len() as u8, DERIVES_KEY | CHUNK_END | ROOT);
            self.platform.compress_in_place(&mut words, &block, length, 0, flags);
            self.hashes[*place] = ChainHash::from_bytes(le_bytes_from_words_32(&words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_made_side_by_side_are_those_made_one_by_one() {
        let bytes: Vec<u8> = (0..4_000u32).map(|n| ((n * 31) >> 3) as u8).collect();
        let of_length = |length| -> Vec<&[u8]> { bytes.chunks_exact(length).collect() };
        let alike =
            (0..40).flat_map(|_| [70usize, 160, 165, 200]).map(|length| &bytes[length..2 * length]);
        let ladder =
            (0usize..1_100).map(|length| &bytes[1_000 - length / 2..1_000 + length.div_ceil(2)]);
        let cases: [Vec<&[u8]>; 4] =
            [Vec::new(), alike.collect(), ladder.collect(), of_length(128)];
        for inputs in cases {
            let one_by_one: Vec<_> =
                inputs.iter().map(|input| ChainHash::of_joined(input)).collect();
            assert_eq!(chain_hashes(&inputs), one_by_one);
        }
    }
}
