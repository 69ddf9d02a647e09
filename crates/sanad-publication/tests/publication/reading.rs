//! What is read out of a publication, and how much of it.

use std::cell::Cell;

use sanad_audit_log::tree::TreeHash;
use sanad_publication::{FolderSource, Publication, PublicationError, Source, SourceError};

use crate::testbed::{Testbed, files};

/// Counts what is read.
struct Counted<S> {
    inner: S,
    reads: Cell<u32>,
}

impl<S: Source> Source for Counted<S> {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        self.reads.set(self.reads.get() + 1);
        self.inner.fetch(path, most)
    }
}

#[test]
fn all_records_come_out_as_they_are_stored_in_order() {
    for size in [0, 1, 255, 256, 257, 700] {
        let bed = Testbed::of(size);
        bed.publish(size).unwrap();
        let mut read = Vec::new();
        for bundle in bed.publication().bundles(0, size) {
            let bundle = bundle.unwrap();
            assert_eq!(bundle.first(), read.len() as u64);
            read.extend(bundle.entries().map(<[u8]>::to_vec));
        }
        assert_eq!(read, bed.records());
    }
}

#[test]
fn proofs_hold_and_take_few_reads() {
    let bed = Testbed::of(1_000);
    bed.publish(1_000).unwrap();
    let source = Counted { inner: FolderSource::new(&bed.published()), reads: Cell::new(0) };
    let publication = Publication::new(source);
    let checkpoint = publication.checkpoint().unwrap();
    let records = bed.records();
    for index in [0, 1, 255, 256, 511, 700, 999] {
        let before = publication.source().reads.get();
        let proved = publication.prove_record(checkpoint.claimed(), index).unwrap();
        assert_eq!(proved.bytes, records[index as usize]);
        let root = checkpoint.claimed().root();
        proved.inclusion.verify(&TreeHash::leaf(&proved.bytes), &root).unwrap();
        assert!(publication.source().reads.get() - before <= 5);
    }
    for old in [0, 1, 255, 256, 257, 999, 1_000] {
        let (old, before) = (bed.note(old), publication.source().reads.get());
        let (size, root) = (old.claimed().size(), old.claimed().root());
        publication.prove_consistency(size, &root, checkpoint.claimed()).unwrap();
        assert!(publication.source().reads.get() - before <= 6);
    }
    let wrong = TreeHash::leaf(b"another");
    let error = publication.prove_consistency(300, &wrong, checkpoint.claimed()).unwrap_err();
    assert!(matches!(error, PublicationError::NotConsistent { old: 300, new: 1_000, .. }));
    let error = publication.prove_record(checkpoint.claimed(), 1_000).unwrap_err();
    assert!(matches!(error, PublicationError::OutOfRange { asked: 1_000, size: 1_000 }));
}

#[test]
fn a_record_that_was_altered_is_not_proved() {
    let bed = Testbed::of(300);
    bed.publish(300).unwrap();
    let file = bed.published().join("tile/entries/000");
    let mut bytes = files(&bed.published())["tile/entries/000"].clone();
    bytes[20] ^= 1;
    std::fs::write(file, bytes).unwrap();
    let publication = bed.publication();
    let checkpoint = publication.checkpoint().unwrap();
    let error = publication.prove_record(checkpoint.claimed(), 0).unwrap_err();
    assert!(matches!(error, PublicationError::NotInTree { index: 0, .. }), "{error}");
    publication.prove_record(checkpoint.claimed(), 1).unwrap();
}

#[test]
fn an_empty_folder_is_no_publication() {
    let bed = Testbed::of(0);
    let error = bed.publication().checkpoint().unwrap_err();
    assert!(matches!(error, PublicationError::NoCheckpoint), "{error}");
}

#[test]
fn a_folder_shows_only_its_own_plain_files() {
    let home = tempfile::tempdir().unwrap();
    let (root, outside) = (home.path().join("root"), home.path().join("outside"));
    std::fs::create_dir_all(root.join("tile")).unwrap();
    std::fs::write(&outside, "secret").unwrap();
    std::fs::write(root.join("checkpoint"), "short").unwrap();
    let source = FolderSource::new(&root);
    let fetch = |path: &str| source.fetch(path, 100);
    for path in ["../outside", "/etc/passwd", "tile/../../outside", "", "tile//0", ".", "a\0b"] {
        assert!(matches!(fetch(path), Err(SourceError::BadPath { .. })), "{path:?}");
    }
    assert!(matches!(fetch("tile"), Err(SourceError::NotAFile { .. })));
    assert_eq!(fetch("nothing").unwrap(), None);
    assert_eq!(fetch("checkpoint/below").unwrap(), None);
    assert!(matches!(source.fetch("checkpoint", 4), Err(SourceError::TooLong { most: 4, .. })));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&outside, root.join("link")).unwrap();
        std::os::unix::fs::symlink(home.path(), root.join("folder")).unwrap();
        for path in ["link", "folder/outside"] {
            assert!(matches!(fetch(path), Err(SourceError::Symlink { .. })), "{path}");
        }
        // A pipe that nobody writes to would keep a reader waiting for ever.
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        assert!(matches!(fetch("pipe"), Err(SourceError::NotAFile { .. })));
    }
}
