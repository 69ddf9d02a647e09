//! Mirrors: what they copy, what they refuse, and what they keep of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{CheckpointError, OpenedCheckpoint};
use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};
use sanad_publication::{FolderSource, Mirror, Mirrored, Publication, PublicationError, Source};

use crate::testbed::{ORIGIN, Testbed, files, files_of, identity, keys, payload, signed};

fn update(dir: &Path, source: impl Source) -> Result<Mirrored, PublicationError> {
    update_on(Mirror::open(dir)?, source)
}

fn update_on(mut mirror: Mirror, source: impl Source) -> Result<Mirrored, PublicationError> {
    let keys = keys();
    mirror.update(&Publication::new(source), &|opened| opened.verify(&keys), &mut |_, _| {})
}

fn folder(bed: &Testbed) -> FolderSource {
    FolderSource::new(&bed.published())
}

fn mirror(bed: &Testbed) -> PathBuf {
    bed.home().join("mirror")
}

#[test]
fn a_mirror_grows_with_its_source_into_the_same_files() {
    let bed = Testbed::of(1_000);
    for size in [0, 1, 2, 255, 256, 257, 600, 1_000] {
        bed.publish(size).unwrap();
        let done = update(&mirror(&bed), folder(&bed)).unwrap();
        assert_eq!(done.to, size);
        assert_eq!(files_of(&mirror(&bed), size), files_of(&bed.published(), size));
        let again = update(&mirror(&bed), folder(&bed)).unwrap();
        assert_eq!((again.from, again.files), (size, 0));
    }
    // It can be mirrored itself.
    let second = bed.home().join("second");
    update(&second, FolderSource::new(&mirror(&bed))).unwrap();
    assert_eq!(files(&second), files_of(&mirror(&bed), 1_000));
}

#[test]
fn more_signatures_under_the_same_checkpoint_are_taken_over() {
    let bed = Testbed::of(3);
    bed.publish(3).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap();
    let mut note = bed.note(3).note().clone();
    let other = SignerKey::from_seed("witness.example/w".parse().unwrap(), &[8; 32]);
    note.add(other.signature(note.text())).unwrap();
    fs::write(bed.published().join("checkpoint"), note.to_string()).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap();
    assert_eq!(files(&mirror(&bed))["checkpoint"], note.to_string().into_bytes());
}

/// Every file of the mirror is the source's true one.
fn holds_only(dir: &Path, truth: &BTreeMap<String, Vec<u8>>) {
    for (file, bytes) in files(dir) {
        let kept = file.starts_with("evidence/") || file == ".publishing.tmp";
        assert!(kept || truth.get(&file) == Some(&bytes), "{file} is not what was published");
    }
}

#[test]
fn whichever_file_is_changed_or_missing_nothing_unproved_is_kept() {
    let bed = Testbed::of(1_000);
    bed.publish(300).unwrap();
    let before = bed.home().join("before");
    update(&before, folder(&bed)).unwrap();
    bed.publish(1_000).unwrap();
    let truth = files(&bed.published());
    // What is of size 300 and of no use for a mirror of size 1,000 may be anything.
    let used: Vec<_> = files_of(&bed.published(), 1_000).into_keys().collect();
    for (n, file) in used.iter().enumerate() {
        for change in ["flip", "cut", "remove"] {
            let path = bed.published().join(file);
            let bytes = truth[file].clone();
            let mut changed = bytes.clone();
            changed[bytes.len() / 2] ^= 1;
            match change {
                "flip" => fs::write(&path, changed).unwrap(),
                "cut" => fs::write(&path, &bytes[..bytes.len() - 1]).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
            let dir = bed.home().join(format!("{n}-{change}"));
            update(&dir, folder(&bed)).expect_err(file);
            holds_only(&dir, &truth);
            assert!(!dir.join("checkpoint").exists());
            fs::write(path, bytes).unwrap();
            // And it goes on when the source is whole again.
            update(&dir, folder(&bed)).unwrap();
            assert_eq!(files_of(&dir, 1_000), files_of(&bed.published(), 1_000));
        }
    }
}

#[test]
fn a_checkpoint_that_a_known_key_did_not_sign_is_not_mirrored() {
    let bed = Testbed::of(3);
    bed.publish(3).unwrap();
    let forger = SignerKey::from_seed(ORIGIN.parse().unwrap(), &[9; 32]);
    let note = forger.sign(bed.note(3).note().text().clone());
    fs::write(bed.published().join("checkpoint"), note.to_string()).unwrap();
    let error = update(&mirror(&bed), folder(&bed)).unwrap_err();
    let PublicationError::Checkpoint(cause) = error else { panic!("{error}") };
    assert!(matches!(cause, CheckpointError::NotSignedByItsLog { .. }));
    assert_eq!(files(&mirror(&bed)).len(), 0);
}

/// Another history of the same ledger, which parts at an entry.
fn fork(at: u64, size: u64) -> Testbed {
    let other = |n: u64| if n >= at { b"rewritten".to_vec() } else { payload(n) };
    let other = Testbed::forged(&identity(), size, &other);
    other.publish(size).unwrap();
    other
}

#[test]
fn a_history_that_was_rewritten_is_refused_and_both_checkpoints_are_kept() {
    let bed = Testbed::of(600);
    bed.publish(600).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap();
    let truth = files(&bed.published());
    for size in [500, 600, 700] {
        let other = fork(450, size);
        let error = update(&mirror(&bed), folder(&other)).unwrap_err();
        let PublicationError::Contradicts { ours, theirs, evidence } = error else {
            panic!("{error}")
        };
        assert_eq!((ours, theirs), (600, size));
        holds_only(&mirror(&bed), &truth);
        let kept = evidence.map(|file| {
            OpenedCheckpoint::parse(&fs::read(mirror(&bed).join(file)).unwrap()).unwrap()
        });
        assert_eq!(kept, [bed.note(600), other.note(size)]);
    }
    // The mirror is none the worse for it.
    update(&mirror(&bed), folder(&bed)).unwrap();
}

#[test]
fn a_checkpoint_that_moved_backwards_is_refused_and_both_are_kept() {
    let bed = Testbed::of(600);
    bed.publish(600).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap();
    let stale = bed.home().join("stale");
    bed.publish_into(&stale, 500).unwrap();
    let error = update(&mirror(&bed), FolderSource::new(&stale)).unwrap_err();
    let PublicationError::MovedBackwards { ours: 600, theirs: 500, evidence } = error else {
        panic!("{error}")
    };
    assert!(evidence.iter().all(|file| mirror(&bed).join(file).exists()));
}

#[test]
fn a_growth_that_is_signed_and_not_shown_is_refused_and_both_checkpoints_are_kept() {
    let bed = Testbed::of(600);
    bed.publish(600).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap();
    // The tiles are those of size 600, and the checkpoint is of something else.
    let boast = signed(700, TreeHash::leaf(b"boast"));
    fs::write(bed.published().join("checkpoint"), boast.note().to_string()).unwrap();
    update(&mirror(&bed), folder(&bed)).unwrap_err();
    let kept = files(&mirror(&bed)).into_keys().filter(|file| file.starts_with("evidence/"));
    assert_eq!(kept.count(), 2);
}

#[test]
fn a_chain_that_does_not_hold_is_not_mirrored_although_it_is_signed() {
    // The tree is over these very records, but one of them does not follow from the one before.
    let bed = Testbed::of(300);
    bed.publish(300).unwrap();
    let mut records = bed.records();
    records[100][50] ^= 1;
    let mut edge = sanad_audit_log::tile::TileEdge::new();
    let root = bed.published();
    let put = |path: String, bytes: &[u8]| fs::write(root.join(path), bytes).unwrap();
    use sanad_audit_log::tile::{TilePath, append_entry};
    for record in &records {
        edge.append(TreeHash::leaf(record), |place, tile| {
            put(TilePath::Tile(place).to_string(), tile.bytes());
        });
    }
    for (place, tile) in edge.partial_tiles() {
        put(TilePath::Tile(place).to_string(), tile.bytes());
    }
    let mut bundle = Vec::new();
    records[..256].iter().for_each(|record| append_entry(record, &mut bundle).unwrap());
    put("tile/entries/000".to_owned(), &bundle);
    put("checkpoint".to_owned(), signed(300, edge.root()).note().to_string().as_bytes());
    let error = update(&mirror(&bed), folder(&bed)).unwrap_err();
    let PublicationError::Chain(finding) = error else { panic!("{error}") };
    assert_eq!((finding.code(), finding.sequence().get()), ("chain-hash-mismatch", 100));
}

#[test]
fn whatever_fails_on_the_disk_the_mirror_goes_on_from_there() {
    let bed = Testbed::of(520);
    bed.publish(520).unwrap();
    let truth = files(&bed.published());
    let mut reached = 0;
    for after in 0.. {
        let dir = bed.home().join(format!("{after}"));
        let disk = Arc::new(FaultyDisk::default());
        let (kind, lasting) = (ErrorKind::StorageFull, after % 2 == 0);
        disk.set(Some(Fault {
            operations: Operations::Writing,
            after,
            kind,
            written: 40,
            lasting,
        }));
        let opened = Mirror::open_on(Arc::clone(&disk) as Arc<dyn Disk>, &dir);
        let Err(error) = opened.and_then(|mirror| update_on(mirror, folder(&bed))) else { break };
        assert!(matches!(error, PublicationError::DiskFull { .. }), "{error}");
        if dir.exists() {
            holds_only(&dir, &truth);
        }
        update(&dir, folder(&bed)).unwrap();
        assert_eq!(files(&dir), truth);
        fs::remove_dir_all(dir).unwrap();
        reached = after;
    }
    assert!(reached > 30, "only {reached} operations were made to fail");
}
