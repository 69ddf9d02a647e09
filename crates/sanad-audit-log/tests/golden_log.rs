//! A tiled log that others made, with the checkpoint of each of its sizes: what we read must agree
//! with it, and what we write must be equal to it byte for byte.

mod shared;

use std::fs;
use std::path::PathBuf;

use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_audit_log::tile::{
    Coverage, EntryBundle, Tile, TileEdge, TilePath, TilePlace, TileReader, TileSource,
    append_entry,
};
use sanad_audit_log::tree::{ConsistencyProof, InclusionProof, TreeHash, tree_root};

const KEY: &str = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
/// The private half, which the log's makers published with it for tests.
const SECRET: &str =
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg";
const SIZES: std::ops::RangeInclusive<u64> = 0..=15;

struct Golden(PathBuf);

impl Golden {
    fn open() -> Option<Self> {
        shared::folder("tiled-log").map(Self)
    }

    fn read(&self, path: impl ToString) -> Vec<u8> {
        fs::read(self.0.join(path.to_string())).unwrap()
    }

    fn checkpoint(&self, size: u64) -> OpenedCheckpoint {
        OpenedCheckpoint::parse(&self.read(format!("checkpoint.{size}"))).unwrap()
    }

    /// The entries of the log at a size.
    fn entries(&self, size: u64) -> Vec<Vec<u8>> {
        let mut entries = Vec::new();
        for place in Coverage::of(size).bundles() {
            let bytes = self.read(TilePath::Entries(place));
            let bundle = EntryBundle::parse(&bytes, place.width()).unwrap();
            entries.extend(bundle.entries().map(<[u8]>::to_vec));
        }
        entries
    }
}

impl TileSource for &Golden {
    type Error = std::io::Error;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, std::io::Error> {
        let bytes = fs::read(self.0.join(TilePath::Tile(place).to_string()))?;
        Ok(Tile::parse(bytes, place.width()).unwrap())
    }
}

#[test]
fn every_checkpoint_verifies_and_is_written_again_byte_for_byte() {
    let Some(golden) = Golden::open() else { return };
    let key: VerifierKey = KEY.parse().unwrap();
    for size in SIZES {
        let opened = golden.checkpoint(size);
        let verified = opened.verify(std::slice::from_ref(&key)).unwrap();
        assert_eq!(verified.checkpoint().size(), size);
        assert_eq!(opened.note().to_string().as_bytes(), golden.read(format!("checkpoint.{size}")));
        let other = SignerKey::from_seed("example.com/other".parse().unwrap(), &[1; 32]);
        assert!(opened.verify(&[other.verifier_key()]).is_err());
    }
}

#[test]
fn the_published_private_key_signs_the_same_checkpoints_here() {
    let Some(golden) = Golden::open() else { return };
    let key: SignerKey = SECRET.parse().unwrap();
    assert_eq!(key.verifier_key().to_string(), KEY);
    assert_eq!(key.to_secret_text(), SECRET);
    for size in SIZES {
        let opened = golden.checkpoint(size);
        assert_eq!(key.sign(opened.claimed().to_text()), *opened.note());
    }
}

#[test]
fn the_roots_follow_from_the_entries_and_from_the_tiles() {
    let Some(golden) = Golden::open() else { return };
    for size in SIZES {
        let root = golden.checkpoint(size).claimed().root();
        let leaves: Vec<_> =
            golden.entries(size).iter().map(|entry| TreeHash::leaf(entry)).collect();
        assert_eq!(leaves.len() as u64, size);
        assert_eq!(TreeHash::root(&leaves), root);
        let mut tiles = TileReader::new(&golden, size);
        assert_eq!(tree_root(&mut tiles, size).unwrap(), root);
        let edge = TileEdge::resumed(&mut &golden, size).unwrap();
        assert_eq!(edge.root(), root);
    }
}

#[test]
fn the_tiles_and_bundles_that_we_make_are_equal_to_theirs() {
    let Some(golden) = Golden::open() else { return };
    let entries = golden.entries(15);
    let (mut edge, mut bundle) = (TileEdge::new(), Vec::new());
    for (size, entry) in (1..).zip(&entries) {
        edge.append(TreeHash::leaf(entry), |_, _| unreachable!("15 leaves fill no tile"));
        append_entry(entry, &mut bundle).unwrap();
        let made: Vec<_> = edge.partial_tiles().map(|(place, _)| place).collect();
        assert_eq!(made, Coverage::of(size).tiles().collect::<Vec<_>>());
        for (place, tile) in edge.partial_tiles() {
            assert_eq!(tile.bytes(), golden.read(TilePath::Tile(place)));
        }
        let bundles: Vec<_> = Coverage::between(size - 1, size).bundles().collect();
        assert_eq!(bundles.len(), 1);
        assert_eq!(bundle, golden.read(TilePath::Entries(bundles[0])));
    }
}

#[test]
fn proofs_made_of_their_tiles_hold_between_their_checkpoints() {
    let Some(golden) = Golden::open() else { return };
    for new in SIZES {
        let entries = golden.entries(new);
        let new_root = golden.checkpoint(new).claimed().root();
        let mut tiles = TileReader::new(&golden, new);
        for old in 0..=new {
            let old_root = golden.checkpoint(old).claimed().root();
            let proof = ConsistencyProof::make(&mut tiles, old, new).unwrap();
            assert_eq!(proof.verify(&old_root, &new_root), Ok(()), "{old} to {new}");
        }
        for (index, entry) in (0..).zip(&entries) {
            let proof = InclusionProof::make(&mut tiles, index, new).unwrap();
            assert_eq!(proof.verify(&TreeHash::leaf(entry), &new_root), Ok(()));
        }
    }
}
