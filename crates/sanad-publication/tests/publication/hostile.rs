//! Publications that somebody has changed: each ends in the right finding, in the right place.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_publication::{
    FolderSource, Publication, PublicationScan, ScanItem, Scanned, Source, SourceError,
};

use crate::testbed::{Testbed, files, identity, identity_of, payload, signed};

/// What a scan found, as `code sequence file`, and what it led to.
fn scan_of<S: Source>(publication: &Publication<S>) -> (Vec<String>, Scanned) {
    let checkpoint = publication.checkpoint().unwrap();
    let identity = publication.identity().unwrap();
    let (mut told, mut tree) = (Vec::new(), Frontier::new());
    let scan = PublicationScan::new(publication, checkpoint.claimed(), &identity);
    let scanned = scan.run(&mut |item| match item {
        ScanItem::Finding(finding) => {
            let sequence = finding.sequence.map_or("-".to_owned(), |it| it.to_string());
            told.push(format!("{} {sequence} {}", finding.cause.code(), finding.file));
        }
        ScanItem::Leaves(leaves) => leaves.iter().flatten().for_each(|leaf| tree.append(*leaf)),
        _ => {}
    });
    if let Some(root) = scanned.root.filter(|_| tree.size() == checkpoint.claimed().size()) {
        assert_eq!(tree.root(), root, "the leaves that were concluded are those of the root");
    }
    (told, scanned)
}

fn told(dir: &Path) -> Vec<String> {
    scan_of(&Publication::new(FolderSource::new(dir))).0
}

/// A publication of 1,000 entries in which `change` changed one file.
fn changed(file: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<String> {
    let bed = published();
    alter(&bed.published(), file, change);
    told(&bed.published())
}

fn alter(dir: &Path, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = dir.join(file);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn published() -> Testbed {
    let bed = Testbed::of(1_000);
    bed.publish(1_000).unwrap();
    bed
}

/// Where each entry of a bundle begins and ends, its length included.
fn entries(bundle: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut ranges, mut at) = (Vec::new(), 0);
    while at < bundle.len() {
        let end = at + 2 + usize::from(u16::from_be_bytes([bundle[at], bundle[at + 1]]));
        ranges.push(at..end);
        at = end;
    }
    ranges
}

#[test]
fn a_true_publication_has_no_findings_at_any_size() {
    for size in [0, 1, 2, 255, 256, 257, 1_000] {
        let bed = Testbed::of(size);
        bed.publish(size).unwrap();
        let (told, scanned) = scan_of(&bed.publication());
        assert_eq!(told, [""; 0], "{size}");
        assert_eq!(scanned.head, bed.ledger().head().unwrap());
        assert_eq!((scanned.root, scanned.records), (Some(bed.note(size).claimed().root()), size));
    }
}

#[test]
fn a_changed_record_breaks_its_link_and_its_leaf_and_nothing_else() {
    let told = changed("tile/entries/001", |bytes| {
        let at = entries(bytes)[10].end - 40;
        bytes[at] ^= 1;
    });
    assert_eq!(
        told,
        ["bundle_differs 266 tile/entries/001", "chain-hash-mismatch 266 tile/entries/001"]
    );
}

#[test]
fn a_changed_record_of_the_partial_bundle_is_found_too() {
    let told = changed("tile/entries/003.p/232", |bytes| {
        let at = entries(bytes)[231].end - 40;
        bytes[at] ^= 1;
    });
    let file = "tile/entries/003.p/232";
    assert_eq!(
        told,
        [format!("bundle_differs 999 {file}"), format!("chain-hash-mismatch 999 {file}")]
    );
}

#[test]
fn a_removed_record_leaves_the_bundle_cut_off() {
    let told = changed("tile/entries/001", |bytes| drop(bytes.drain(entries(bytes)[10].clone())));
    assert_eq!(told[0], "malformed_file 511 tile/entries/001");
    assert!(told.contains(&"chain-sequence-break 266 tile/entries/001".to_owned()), "{told:?}");
    assert!(told.contains(&"bundle_differs 266 tile/entries/001".to_owned()), "{told:?}");
}

#[test]
fn a_record_put_in_twice_is_found_where_it_stands_twice() {
    let told = changed("tile/entries/001", |bytes| {
        let ranges = entries(bytes);
        let twice = bytes[ranges[10].clone()].to_vec();
        bytes.splice(ranges[10].end..ranges[10].end, twice);
    });
    assert_eq!(told[0], "malformed_file 511 tile/entries/001");
    assert!(told.contains(&"chain-sequence-break 267 tile/entries/001".to_owned()), "{told:?}");
}

#[test]
fn records_that_changed_places_are_found_in_both() {
    let told = changed("tile/entries/001", |bytes| {
        let (one, other) = (entries(bytes)[10].clone(), entries(bytes)[11].clone());
        let swapped = [&bytes[other.clone()], &bytes[one.clone()]].concat();
        bytes[one.start..other.end].copy_from_slice(&swapped);
    });
    let of_tree: Vec<_> = told.iter().filter(|told| told.starts_with("bundle_differs")).collect();
    assert_eq!(
        of_tree,
        ["bundle_differs 266 tile/entries/001", "bundle_differs 267 tile/entries/001"]
    );
    assert!(told.iter().any(|told| told.starts_with("chain-sequence-break 266")), "{told:?}");
}

#[test]
fn a_changed_tile_is_the_only_thing_that_is_blamed() {
    for (file, hash, sequence) in
        [("tile/0/001", 20, 276), ("tile/0/003.p/232", 100, 868), ("tile/1/000.p/3", 1, 256)]
    {
        let told = changed(file, |bytes| bytes[hash * 32 + 5] ^= 1);
        assert_eq!(told, [format!("tile_differs {sequence} {file}")]);
    }
}

#[test]
fn a_changed_tile_and_a_changed_record_elsewhere_are_told_apart() {
    let bed = published();
    alter(&bed.published(), "tile/1/000.p/3", |bytes| bytes[5] ^= 1);
    alter(&bed.published(), "tile/entries/003.p/232", |bytes| bytes[60] ^= 1);
    assert_eq!(
        told(&bed.published()),
        [
            "bundle_differs 768 tile/entries/003.p/232",
            "chain-hash-mismatch 768 tile/entries/003.p/232",
            "tile_differs 0 tile/1/000.p/3",
        ]
    );
}

#[test]
fn a_record_changed_in_bundle_and_tile_is_still_found_by_the_tile_above() {
    let bed = published();
    let mut leaf = TreeHash::EMPTY;
    alter(&bed.published(), "tile/entries/001", |bytes| {
        let range = entries(bytes)[10].clone();
        bytes[range.end - 40] ^= 1;
        leaf = TreeHash::leaf(&bytes[range.start + 2..range.end]);
    });
    alter(&bed.published(), "tile/0/001", |bytes| {
        bytes[320..352].copy_from_slice(leaf.as_bytes());
    });
    assert_eq!(
        told(&bed.published()),
        [
            "tile_differs 256 tile/0/001",
            "bundle_differs 256 tile/entries/001",
            "chain-hash-mismatch 266 tile/entries/001",
        ]
    );
}

#[test]
fn missing_files_are_named_and_the_rest_is_still_checked() {
    for (file, expected) in [
        ("tile/0/001", "missing_tile 256 tile/0/001"),
        ("tile/0/003.p/232", "missing_tile 768 tile/0/003.p/232"),
        ("tile/1/000.p/3", "missing_tile 0 tile/1/000.p/3"),
        ("tile/entries/001", "missing_bundle 256 tile/entries/001"),
        ("tile/entries/003.p/232", "missing_bundle 768 tile/entries/003.p/232"),
    ] {
        let bed = published();
        fs::remove_file(bed.published().join(file)).unwrap();
        alter(&bed.published(), "tile/entries/002", |bytes| {
            let at = entries(bytes)[1].end - 40;
            bytes[at] ^= 1;
        });
        let told = told(&bed.published());
        assert!(told.contains(&expected.to_owned()), "{told:?}");
        let mut rest: Vec<_> = told.iter().filter(|told| *told != expected).collect();
        rest.retain(|told| !told.contains("513 tile/entries/002"));
        assert_eq!(rest, [""; 0], "without {file}");
    }
}

#[test]
fn files_of_another_size_are_not_read_as_tiles() {
    for (file, change) in [
        ("tile/0/001", -1i64),
        ("tile/0/001", 32),
        ("tile/1/000.p/3", 32),
        ("tile/0/003.p/232", 100_000),
    ] {
        let told = changed(file, |bytes| bytes.resize((bytes.len() as i64 + change) as usize, 7));
        assert_eq!(told.len(), 1, "{told:?}");
        let code = told[0].split(' ').next().unwrap();
        assert!(["malformed_file", "unreadable_file"].contains(&code), "{told:?}");
        assert!(told[0].ends_with(file));
    }
}

#[test]
fn bytes_behind_a_bundles_last_entry_are_said_and_the_entries_are_sound() {
    let told = changed("tile/entries/001", |bytes| bytes.extend_from_slice(&[0; 9]));
    assert_eq!(told, ["malformed_file 511 tile/entries/001"]);
}

#[test]
fn a_bundle_of_zeros_is_no_records() {
    let told = changed("tile/entries/003.p/232", |bytes| *bytes = vec![0; 2 * 232]);
    let of_tree = told.iter().filter(|told| told.starts_with("bundle_differs")).count();
    let of_chain = told.iter().filter(|told| told.starts_with("record-too-short")).count();
    assert_eq!((of_tree, of_chain, told.len()), (232, 232, 464));
}

#[test]
fn a_checkpoint_over_another_tree_is_named_itself() {
    let bed = published();
    let other = signed(1_000, TreeHash::leaf(b"another"));
    fs::write(bed.published().join("checkpoint"), other.note().to_string()).unwrap();
    assert_eq!(told(&bed.published()), ["root_differs 999 checkpoint"]);
}

#[test]
fn a_tree_over_other_leaves_than_the_chain_differs_from_the_bundles() {
    // All tiles and the checkpoint are of another history; the bundles are genuine.
    let bed = published();
    let other = |n: u64| if n == 300 { b"another".to_vec() } else { payload(n) };
    let other = Testbed::forged(&identity(), 1_000, &other);
    other.publish(1_000).unwrap();
    for (file, bytes) in files(&bed.published()) {
        if file.starts_with("tile/entries/") {
            fs::write(other.published().join(file), bytes).unwrap();
        }
    }
    let told = told(&other.published());
    assert_eq!(told[0], "bundle_differs 300 tile/entries/001");
    // Every record from there on has another chain hash, so every leaf is another.
    assert_eq!(told.len(), 700);
}

#[test]
fn a_history_rewritten_from_an_entry_on_is_sound_by_itself_and_has_other_roots() {
    let bed = published();
    let rewritten = |n: u64| if n >= 700 { b"rewritten".to_vec() } else { payload(n) };
    let other = Testbed::forged(&identity(), 1_000, &rewritten);
    other.publish(1_000).unwrap();
    assert_eq!(told(&other.published()), [""; 0]);
    let checkpoint = other.note(1_000);
    for size in [100, 700, 701, 768, 1_000] {
        let (root, _) = other.publication().prove_earlier_root(checkpoint.claimed(), size).unwrap();
        assert_eq!(root == bed.note(size).claimed().root(), size <= 700, "{size}");
    }
}

#[test]
fn the_records_of_another_ledger_do_not_follow_from_the_genesis() {
    let other = Testbed::forged(&identity_of(0xf00d), 300, &payload);
    other.publish(300).unwrap();
    let bed = Testbed::of(0);
    bed.publish(0).unwrap();
    let own = fs::read(bed.published().join("ledger.json")).unwrap();
    fs::write(other.published().join("ledger.json"), own).unwrap();
    assert_eq!(told(&other.published()), ["chain-hash-mismatch 0 tile/entries/000"]);
}

/// A source that claims a size and has nothing to show for it, or always the same bytes.
struct Boaster {
    checkpoint: OpenedCheckpoint,
    identity: Vec<u8>,
    shows: Option<Vec<u8>>,
}

impl Source for Boaster {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let bytes = match path {
            "checkpoint" => Some(self.checkpoint.note().to_string().into_bytes()),
            "ledger.json" => Some(self.identity.clone()),
            _ => self.shows.clone().map(|bytes| bytes[..bytes.len().min(most)].to_vec()),
        };
        Ok(bytes)
    }
}

#[test]
fn a_checkpoint_that_claims_a_size_nobody_serves_ends_soon() {
    let bed = Testbed::of(0);
    bed.publish(0).unwrap();
    let identity = files(&bed.published())["ledger.json"].clone();
    for shows in [None, Some(vec![0; 8_192]), Some(vec![0xff; 16 << 10])] {
        for size in [1 << 40, i64::MAX as u64] {
            let checkpoint = signed(size, TreeHash::leaf(b"boast"));
            let (identity, shows) = (identity.clone(), shows.clone());
            let source = Boaster { checkpoint, identity, shows };
            let (told, _) = scan_of(&Publication::new(source));
            assert!(told.last().unwrap().starts_with("gave_up"), "{:?}", told.last());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_a_file_of_the_tree_it_is_found(
        which in 0usize..5, at in any::<proptest::sample::Index>(), what in 0u8..4, byte in 1u8..=255
    ) {
        let bed = Testbed::of(300);
        bed.publish(300).unwrap();
        let names = [
            "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44",
        ];
        alter(&bed.published(), names[which], |bytes| {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] ^= byte,
                1 => bytes.truncate(at),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
            }
        });
        let told = told(&bed.published());
        prop_assert!(!told.is_empty());
        // Whatever is found is in the file that was changed.
        prop_assert!(told.iter().all(|told| told.ends_with(names[which])), "{:?}", told);
    }
}
