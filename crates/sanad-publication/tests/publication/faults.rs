//! Every change to a file fails once: what is published stays whole, and publishing goes on.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};
use sanad_publication::{PublicationError, Publisher};

use crate::testbed::{Testbed, files, files_of};

/// A way to fail, at the operation that comes after `after` others.
fn fault(after: usize) -> Fault {
    let (kind, written, lasting) = match after % 3 {
        0 => (ErrorKind::StorageFull, 40, false),
        1 => (ErrorKind::ReadOnlyFilesystem, 0, true),
        _ => (ErrorKind::Other, usize::MAX, false),
    };
    Fault { operations: Operations::Writing, after, kind, written, lasting }
}

fn tells(error: &PublicationError, fault: Fault) {
    let fits = match error {
        PublicationError::DiskFull { .. } => fault.kind == ErrorKind::StorageFull,
        PublicationError::ReadOnly { .. } => fault.kind == ErrorKind::ReadOnlyFilesystem,
        PublicationError::Io { .. } => fault.kind == ErrorKind::Other,
        _ => false,
    };
    assert!(fits && error.to_string().starts_with("could not "), "{fault:?} became {error}");
}

#[test]
fn whatever_fails_the_publication_is_the_one_before_and_goes_on_from_there() {
    let bed = Testbed::of(520);
    let whole = bed.home().join("whole");
    bed.publish_into(&whole, 520).unwrap();
    for begun in [0, 250] {
        let before = bed.home().join(format!("before-{begun}"));
        bed.publish_into(&before, begun).unwrap();
        let mut reached = 0;
        for after in 0.. {
            let fault = fault(after);
            let dir = bed.home().join(format!("{begun}-{after}"));
            bed.publish_into(&dir, begun).unwrap();
            let disk = Arc::new(FaultyDisk::default());
            disk.set(Some(fault));
            let opened = Publisher::open_on(Arc::clone(&disk) as Arc<dyn Disk>, &dir);
            let run = opened.and_then(|mut publisher| {
                publisher.publish(&bed.ledger(), &bed.note(520), &mut |_, _| {})
            });
            let Err(error) = run else { break };
            tells(&error, fault);
            // Every file under its own name is a true one, whole.
            let (whole, before) = (files(&whole), files(&before));
            for (file, bytes) in files(&dir) {
                let known = [whole.get(&file), before.get(&file)];
                assert!(file == ".publishing.tmp" || known.contains(&Some(&bytes)), "{file}");
            }
            bed.publish_into(&dir, 520).unwrap();
            assert_eq!(files_of(&dir, 520), whole, "{fault:?}");
            fs::remove_dir_all(&dir).unwrap();
            reached = after;
        }
        assert!(reached > 20, "only {reached} operations were made to fail");
    }
}

#[test]
fn a_publication_that_was_interrupted_goes_on_to_a_later_size() {
    let bed = Testbed::of(700);
    for after in (0..60).step_by(7) {
        let dir = bed.home().join(format!("{after}"));
        let disk = Arc::new(FaultyDisk::default());
        let fault = Fault {
            operations: Operations::Writing,
            after,
            kind: ErrorKind::Other,
            written: 3,
            lasting: true,
        };
        let mut publisher = Publisher::open_on(Arc::clone(&disk) as Arc<dyn Disk>, &dir).unwrap();
        disk.set(Some(fault));
        let run = publisher.publish(&bed.ledger(), &bed.note(520), &mut |_, _| {});
        drop(publisher);
        assert_eq!(run.is_err(), disk.is_set() && after < 60, "{after}");
        bed.publish_into(&dir, 700).unwrap();
        let whole = bed.home().join("whole");
        bed.publish_into(&whole, 700).unwrap();
        assert_eq!(files_of(&dir, 700), files(&whole));
    }
}
