//! Tiles, bundles and their paths.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sanad_audit_log::tile::{
    BundlePlace, Coverage, EntryBundle, FULL, MAX_BUNDLE, MAX_ENTRY, Tile, TileEdge, TileError,
    TilePath, TilePlace, TileReader, TileSource, Width, append_entry,
};
use sanad_audit_log::tree::{ConsistencyProof, Frontier, InclusionProof, TreeHash, tree_root};

/// A published log in memory, and how often it was asked.
#[derive(Default)]
struct Shelf {
    tiles: BTreeMap<TilePlace, Tile>,
    reads: usize,
}

impl TileSource for Shelf {
    type Error = String;

    fn read_tile(&mut self, place: TilePlace) -> Result<Tile, String> {
        self.reads += 1;
        let full = TilePlace::new(place.level(), place.index(), Width::FULL).unwrap();
        let found = self.tiles.get(&place).or_else(|| self.tiles.get(&full));
        found.cloned().ok_or_else(|| format!("{} is not there", TilePath::Tile(place)))
    }
}

fn leaf(n: u64) -> TreeHash {
    TreeHash::leaf(&n.to_le_bytes())
}

/// Publishes at each of `sizes`; gives the shelf and the root of each size.
fn published(sizes: &[u64]) -> (Shelf, Vec<TreeHash>) {
    let (mut shelf, mut edge, mut frontier) = (Shelf::default(), TileEdge::new(), Frontier::new());
    let mut roots = Vec::new();
    for size in sizes {
        for n in edge.size()..*size {
            frontier.append(leaf(n));
            edge.append(leaf(n), |place, tile| {
                assert!(shelf.tiles.insert(place, tile.clone()).is_none(), "{place:?} twice");
            });
        }
        for (place, tile) in edge.partial_tiles() {
            shelf.tiles.insert(place, tile.clone());
        }
        assert_eq!(edge.root(), frontier.root());
        roots.push(edge.root());
    }
    (shelf, roots)
}

#[test]
fn a_tree_of_70_000_leaves_has_the_tiles_that_c2sp_counts() {
    let tiles: Vec<_> = Coverage::of(70_000).tiles().collect();
    let count = |level, full| {
        let of_kind = |tile: &&TilePlace| tile.level() == level && tile.width().is_full() == full;
        tiles.iter().filter(of_kind).count()
    };
    assert_eq!((count(0, true), count(0, false), count(1, true)), (273, 1, 1));
    let partial: Vec<_> = Coverage::of(70_000).partial_tiles().collect();
    let shown: Vec<_> = partial.iter().map(|tile| TilePath::Tile(*tile).to_string()).collect();
    assert_eq!(shown, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(tiles.len(), 273 + 1 + 3);
    let of_256: Vec<_> =
        Coverage::of(256).tiles().map(|tile| TilePath::Tile(tile).to_string()).collect();
    assert_eq!(of_256, ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(Coverage::of(0).tiles().count() + Coverage::of(0).bundles().count(), 0);
}

#[test]
fn what_is_made_while_growing_is_what_the_coverage_says() {
    let sizes = [0, 1, 2, 255, 256, 257, 511, 512, 1_000, 65_535, 65_536, 65_537, 70_000];
    let (shelf, _) = published(&sizes);
    let mut expected = BTreeSet::new();
    for pair in sizes.windows(2) {
        expected.extend(Coverage::between(pair[0], pair[1]).tiles());
    }
    // Full tiles are made when they are full, published or not; partial ones for published sizes.
    assert_eq!(shelf.tiles.keys().copied().collect::<BTreeSet<_>>(), expected);
    for (place, tile) in &shelf.tiles {
        assert_eq!(tile.width(), place.width().get());
        assert_eq!(tile.root().is_some(), place.width().is_full());
    }
}

#[test]
fn proofs_out_of_tiles_hold_and_read_few_of_them() {
    let sizes = [1, 2, 255, 256, 257, 1_000, 70_000];
    let (mut shelf, roots) = published(&sizes);
    for (size, root) in sizes.iter().zip(&roots) {
        for index in [0, size / 2, size - 1] {
            shelf.reads = 0;
            let mut tiles = TileReader::new(&mut shelf, *size);
            let proof = InclusionProof::make(&mut tiles, index, *size).unwrap();
            assert_eq!(proof.verify(&leaf(index), root), Ok(()), "{index} of {size}");
            assert!(shelf.reads <= 6, "{} reads", shelf.reads);
        }
        for (old, old_root) in sizes.iter().zip(&roots).filter(|(old, _)| *old <= size) {
            shelf.reads = 0;
            let mut tiles = TileReader::new(&mut shelf, *size);
            let proof = ConsistencyProof::make(&mut tiles, *old, *size).unwrap();
            assert_eq!(proof.verify(old_root, root), Ok(()), "{old} to {size}");
            assert!(shelf.reads <= 6, "{} reads", shelf.reads);
        }
        assert_eq!(tree_root(&mut TileReader::new(&mut shelf, *size), *size).as_ref(), Ok(root));
        let edge = TileEdge::resumed(&mut shelf, *size).unwrap();
        assert_eq!((edge.size(), edge.root()), (*size, *root));
    }
}

#[test]
fn proofs_of_neighbours_read_each_tile_once() {
    let (mut shelf, roots) = published(&[70_000]);
    let mut tiles = TileReader::new(&mut shelf, 70_000);
    for index in 512..768 {
        let proof = InclusionProof::make(&mut tiles, index, 70_000).unwrap();
        assert_eq!(proof.verify(&leaf(index), &roots[0]), Ok(()));
    }
    // One tile at the leaves and two at each of the other levels, of which the topmost has one.
    assert!(shelf.reads <= 6, "{} reads", shelf.reads);
}

#[test]
fn growth_goes_on_from_what_was_published() {
    let (mut shelf, _) = published(&[700]);
    let (_, roots) = published(&[700, 1_500]);
    let mut edge = TileEdge::resumed(&mut shelf, 700).unwrap();
    (700..1_500).for_each(|n| edge.append(leaf(n), |_, _| {}));
    assert_eq!(edge.root(), roots[1]);
}

#[test]
fn a_missing_tile_is_named_and_a_tile_that_is_too_narrow_is_refused() {
    let (mut shelf, _) = published(&[300]);
    let gone = TilePlace::in_tree(0, 1, 300).unwrap();
    let tile = shelf.tiles.remove(&gone).unwrap();
    let missing = InclusionProof::make(&mut TileReader::new(&mut shelf, 300), 0, 300);
    assert!(missing.unwrap_err().to_string().contains("tile/0/001.p/44 is not there"));
    shelf.tiles.insert(gone, tile.narrowed(Width::new(3).unwrap()).unwrap());
    let narrow = InclusionProof::make(&mut TileReader::new(&mut shelf, 300), 0, 300);
    assert!(narrow.unwrap_err().to_string().contains("3 hashes and 44 were asked for"));
}

#[test]
fn a_tile_that_lies_makes_a_proof_that_does_not_hold() {
    let (mut shelf, roots) = published(&[300]);
    let place = TilePlace::in_tree(0, 0, 300).unwrap();
    let mut bytes = shelf.tiles[&place].bytes().to_vec();
    bytes[40] ^= 1;
    shelf.tiles.insert(place, Tile::parse(bytes, Width::FULL).unwrap());
    let proof = InclusionProof::make(&mut TileReader::new(&mut shelf, 300), 0, 300).unwrap();
    assert!(proof.verify(&leaf(0), &roots[0]).is_err());
}

#[test]
fn tiles_of_another_size_than_their_width_are_refused() {
    let width = Width::new(2).unwrap();
    for size in [0, 1, 31, 32, 63, 65, 96, 8_192] {
        let wrong = TileError::WrongSize { expected: 64, found: size };
        assert_eq!(Tile::parse(vec![0; size], width), Err(wrong));
    }
    assert!(Tile::parse(vec![0; 64], width).is_ok());
    assert_eq!((Width::new(0), Width::new(257)), (None, None));
}

#[test]
fn paths_have_one_form_only() {
    let good = [
        "tile/0/000",
        "tile/0/000.p/1",
        "tile/0/255.p/255",
        "tile/63/x001/234",
        "tile/entries/x001/x234/067",
        "tile/entries/x001/000.p/17",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ];
    for text in good {
        assert_eq!(text.parse::<TilePath>().map(|path| path.to_string()).as_deref(), Ok(text));
    }
    let hostile = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001/x002",
        "tile/0/x001/2",
        "tile/0/000/",
        "/tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/x/000",
        "tile/8/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/../000",
        "tile/0/000.p/1/1",
        "tile/0/000.p/1.p/1",
        "tile/Entries/000",
        "tile/data/000",
        "tile/0/٠٠٠",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/+01",
        "tile/0/000\n",
        "tile//000",
        "tile/entries/x00/000",
    ];
    for text in hostile {
        assert!(text.parse::<TilePath>().is_err(), "{text:?}");
    }
}

#[test]
fn bundles_that_are_cut_off_or_go_on_are_refused() {
    let width = |n| Width::new(n).unwrap();
    let bytes = b"\x00\x03one\x00\x00\x00\x03two";
    assert_eq!(EntryBundle::parse(bytes, width(3)).unwrap().entries().count(), 3);
    let cut = |n, entry| Err(TileError::CutOff { entry, width: n });
    assert_eq!(EntryBundle::parse(&bytes[..11], width(3)), cut(3, 2));
    assert_eq!(EntryBundle::parse(&bytes[..8], width(3)), cut(3, 2));
    assert_eq!(EntryBundle::parse(bytes, width(4)), cut(4, 3));
    assert_eq!(EntryBundle::parse(&[], width(1)), cut(1, 0));
    let more = Err(TileError::TooManyBytes { extra: 5, width: 2 });
    assert_eq!(EntryBundle::parse(bytes, width(2)), more);
    let first = EntryBundle::parse_first(bytes, width(2)).unwrap();
    assert_eq!(first.entries().collect::<Vec<_>>(), [&b"one"[..], b""]);
    assert_eq!(EntryBundle::parse_first(&bytes[..4], width(1)), cut(1, 0));
}

#[test]
fn the_longest_entry_fits_and_one_byte_more_does_not() {
    let mut bundle = Vec::new();
    let too_long = TileError::EntryTooLong { found: MAX_ENTRY + 1 };
    assert_eq!(append_entry(&vec![0; MAX_ENTRY + 1], &mut bundle), Err(too_long));
    assert!(bundle.is_empty());
    for _ in 0..FULL {
        append_entry(&vec![7; MAX_ENTRY], &mut bundle).unwrap();
    }
    assert_eq!(bundle.len(), MAX_BUNDLE);
    assert_eq!(EntryBundle::parse(&bundle, Width::FULL).unwrap().entries().count(), 256);
}

#[test]
fn the_largest_trees_are_covered_without_counting_through_them() {
    let size = i64::MAX as u64;
    assert_eq!(Coverage::of(size).partial_tiles().count(), 8);
    assert_eq!(Coverage::between(size - 1, size).tiles().count(), 1);
    let last = BundlePlace::in_log(size / 256, size).unwrap();
    assert_eq!(last.first_entry(), Some(size - 255));
    assert_eq!(Coverage::between(size, size).tiles().count(), 0);
    assert_eq!(
        Coverage::between(9, 3).tiles().count() + Coverage::between(9, 3).bundles().count(),
        0
    );
}

proptest! {
    #[test]
    fn every_place_has_a_path_that_reads_back(
        level in 0u8..64, index in any::<u64>(), width in 1u16..=256, shift in 0u32..64,
    ) {
        let (index, width) = (index >> shift, Width::new(width).unwrap());
        let tile = TilePath::Tile(TilePlace::new(level, index, width).unwrap());
        prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        let entries = TilePath::Entries(BundlePlace::new(index, width));
        prop_assert_eq!(entries.to_string().parse(), Ok(entries));
    }

    #[test]
    fn any_text_is_a_path_or_is_refused_and_never_panics(text in "(tile/)?[0-9a-z/.]{0,30}") {
        if let Ok(path) = text.parse::<TilePath>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn any_bytes_are_a_bundle_or_are_refused_and_never_panic(
        bytes in prop::collection::vec(0u8..4, 0..600), width in 1u16..=256,
    ) {
        let width = Width::new(width).unwrap();
        if let Ok(bundle) = EntryBundle::parse(&bytes, width) {
            let mut again = Vec::new();
            bundle.entries().for_each(|entry| append_entry(entry, &mut again).unwrap());
            prop_assert_eq!(bundle.entries().count(), usize::from(width.get()));
            prop_assert_eq!(&again, &bytes);
        }
    }

    #[test]
    fn what_is_new_is_what_the_new_tree_has_and_the_old_one_had_not(old in 0u64..70_000, more in 0u64..1_500) {
        let before: BTreeSet<_> = Coverage::of(old).tiles().collect();
        let after: BTreeSet<_> = Coverage::of(old + more).tiles().collect();
        let new: BTreeSet<_> = Coverage::between(old, old + more).tiles().collect();
        prop_assert_eq!(new, after.difference(&before).copied().collect());
    }
}
