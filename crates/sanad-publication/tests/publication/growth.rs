//! However a publication grew, it is the same files.

use std::fs;

use proptest::prelude::*;
use sanad_audit_log::StateDigest;
use sanad_publication::{PublicationError, Publisher};

use crate::testbed::{Testbed, files, files_of, identity_of, payload, signed};

const SIZES: [u64; 7] = [0, 1, 2, 255, 256, 257, 1_000];

#[test]
fn every_size_grown_in_several_ways_is_the_same_files() {
    let bed = Testbed::of(1_000);
    for size in SIZES {
        let at_once = bed.home().join(format!("{size}-at-once"));
        bed.publish_into(&at_once, size).unwrap();
        assert_eq!(files(&at_once), files_of(&at_once, size), "no other file is there");
        let ways: [Vec<u64>; 3] = [
            SIZES.into_iter().filter(|step| *step <= size).collect(),
            (0..=size).step_by(113).chain([size]).collect(),
            vec![size / 2, size, size],
        ];
        for (n, way) in ways.iter().enumerate() {
            let grown = bed.home().join(format!("{size}-{n}"));
            for step in way {
                bed.publish_into(&grown, *step).unwrap();
            }
            assert_eq!(files_of(&grown, size), files_of(&at_once, size), "{way:?}");
            Publisher::open(&grown).unwrap().tidy().unwrap();
            assert_eq!(files_of(&grown, size), files_of(&at_once, size), "{way:?}, tidied");
        }
    }
}

#[test]
fn the_identity_is_the_ledgers_own_file() {
    let bed = Testbed::of(3);
    bed.publish(3).unwrap();
    let own = fs::read(bed.home().join("ledger/ledger.json")).unwrap();
    assert_eq!(files(&bed.published())["ledger.json"], own);
    assert_eq!(bed.publication().identity().unwrap(), *bed.ledger().identity());
}

#[test]
fn a_digest_of_the_state_stands_beside_its_size_and_is_never_altered() {
    let bed = Testbed::of(5);
    let digest = StateDigest::from_bytes([0xab; 32]);
    let publish = |size, digest| {
        let mut publisher = Publisher::open(&bed.published()).unwrap();
        publisher.publish_with_digest(&bed.ledger(), &bed.note(size), Some(digest), &mut |_, _| {})
    };
    publish(3, digest).unwrap();
    publish(5, digest).unwrap();
    assert_eq!(files(&bed.published())["state/5"], [b"ab".repeat(32), b"\n".to_vec()].concat());
    assert_eq!(bed.publication().state_digest(3).unwrap(), Some(digest));
    assert_eq!(bed.publication().state_digest(4).unwrap(), None);
    let error = publish(5, StateDigest::from_bytes([1; 32])).unwrap_err();
    assert!(matches!(error, PublicationError::Differs { .. }), "{error}");
}

#[test]
fn publishing_the_same_again_writes_nothing_but_the_checkpoint() {
    let bed = Testbed::of(600);
    let first = bed.publish(600).unwrap();
    assert_eq!((first.from, first.to), (0, 600));
    let again = bed.publish(600).unwrap();
    assert_eq!((again.from, again.to, again.files), (600, 600, 1));
}

#[test]
fn partial_files_stay_until_they_are_tidied_and_then_only_what_is_full_goes() {
    let bed = Testbed::of(300);
    for size in [10, 200, 300] {
        bed.publish(size).unwrap();
    }
    let partial = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
        let names: Vec<_> = files.keys().filter(|name| name.contains(".p/")).cloned().collect();
        names
    };
    let before = partial(&files(&bed.published()));
    assert_eq!(before.len(), 2 + 2 + 3);
    let removed = Publisher::open(&bed.published()).unwrap().tidy().unwrap();
    assert_eq!(removed, 4);
    let after = partial(&files(&bed.published()));
    assert_eq!(after, ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"]);
    // Whoever still has the checkpoint of size 200 finds its tiles in the full ones.
    let publication = bed.publication();
    let old = bed.note(200);
    publication.prove_record(old.claimed(), 150).unwrap();
    let checkpoint = publication.checkpoint().unwrap();
    let (root, _) = publication.prove_earlier_root(checkpoint.claimed(), 200).unwrap();
    assert_eq!(root, old.claimed().root());
}

#[test]
fn a_checkpoint_that_is_not_the_ledgers_is_refused_and_nothing_is_written() {
    let bed = Testbed::of(300);
    bed.publish(100).unwrap();
    let before = files(&bed.published());
    let publish = |note| {
        let mut publisher = Publisher::open(&bed.published()).unwrap();
        publisher.publish(&bed.ledger(), &note, &mut |_, _| {}).unwrap_err()
    };
    let wrong_root = bed.note(250).claimed().root();
    let refused = [
        (publish(signed(251, wrong_root)), "the records' tree of size 251"),
        (publish(bed.note(99)), "100 entries are published already"),
        (publish(signed(100, wrong_root)), "the records' tree of size 100"),
        (publish(signed(301, wrong_root)), "the ledger has 300"),
    ];
    for (error, says) in refused {
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(files(&bed.published()), before);
}

#[test]
fn another_ledger_cannot_be_published_over_it() {
    let bed = Testbed::of(300);
    bed.publish(300).unwrap();
    let other = Testbed::forged(&identity_of(0xf00d), 400, &payload);
    let error = other.publish_into(&bed.published(), 400).unwrap_err();
    assert!(matches!(error, PublicationError::OtherLedger { .. }), "{error}");
}

#[test]
fn a_history_that_was_rewritten_is_told_apart_at_the_first_record_looked_at() {
    let bed = Testbed::of(300);
    let rewritten = |n: u64| if n == 20 { b"another".to_vec() } else { payload(n) };
    let other = Testbed::forged(bed.ledger().identity(), 400, &rewritten);
    for size in [256, 300] {
        let dir = bed.home().join(format!("{size}"));
        bed.publish_into(&dir, size).unwrap();
        let error = other.publish_into(&dir, 400).unwrap_err();
        let PublicationError::OtherHistory { sequence } = error else { panic!("{error}") };
        assert_eq!(sequence.get(), if size == 256 { 20 } else { 256 });
    }
}

#[test]
fn a_published_file_that_was_altered_is_named_and_left_as_it_is() {
    let bed = Testbed::of(1_000);
    bed.publish(600).unwrap();
    let alter = |file: &str| {
        let path = bed.published().join(file);
        let mut bytes = fs::read(&path).unwrap();
        bytes[5] ^= 1;
        fs::write(&path, bytes).unwrap();
    };
    for (file, named) in
        [("tile/1/000.p/2", "tile/1/000.p/2"), ("tile/0/002.p/88", "tile/0/002.p/88")]
    {
        alter(file);
        let before = files(&bed.published());
        let error = bed.publish(1_000).unwrap_err();
        let PublicationError::DoesNotFit { file, .. } = &error else { panic!("{error}") };
        assert_eq!(file, named);
        assert_eq!(files(&bed.published()), before);
        alter(named);
    }
    // A file beyond the checkpoint, as an interrupted publication leaves it, but with other bytes.
    fs::create_dir_all(bed.published().join("tile/entries")).unwrap();
    fs::write(bed.published().join("tile/entries/002"), "other").unwrap();
    let error = bed.publish(1_000).unwrap_err();
    let PublicationError::Differs { file } = &error else { panic!("{error}") };
    assert_eq!(file, "tile/entries/002");
}

#[test]
fn two_publishers_do_not_meet() {
    let bed = Testbed::of(3);
    let first = Publisher::open(&bed.published()).unwrap();
    let second = Publisher::open(&bed.published()).unwrap_err();
    assert!(matches!(second, PublicationError::Busy { .. }), "{second}");
    drop(first);
    Publisher::open(&bed.published()).unwrap();
}

#[cfg(unix)]
#[test]
fn nothing_is_published_through_a_symbolic_link() {
    let bed = Testbed::of(3);
    let elsewhere = bed.home().join("elsewhere");
    fs::create_dir_all(&elsewhere).unwrap();
    fs::create_dir_all(bed.published()).unwrap();
    std::os::unix::fs::symlink(&elsewhere, bed.published().join("tile")).unwrap();
    let error = bed.publish(3).unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert_eq!(files(&elsewhere).len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn growth_by_any_steps_ends_in_the_same_files(
        mut steps in proptest::collection::vec(0u64..700, 1..6)
    ) {
        steps.sort_unstable();
        let size = steps[steps.len() - 1];
        let bed = Testbed::of(size);
        for step in &steps {
            bed.publish(*step).unwrap();
        }
        let at_once = bed.home().join("at-once");
        bed.publish_into(&at_once, size).unwrap();
        prop_assert_eq!(files_of(&bed.published(), size), files(&at_once));
    }
}
