//! What recording cannot do without: each record chained to the one before, hashed into the tree and made durable.
//!
//! Nothing is decided, encoded or projected, and nobody hands anything in or is answered. A record is chained to the
//! one before it, so one thread hashes; another appends meanwhile.

use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use sanad_audit_log::tree::{Frontier, TreeHash};

use crate::disk_limit::PlainFile;
use crate::error::{BenchError, expect};
use crate::specimens::{Specimens, records};
use crate::stopwatch::timed;

/// Batches that are hashed and wait for the disk, at the most.
const AHEAD: usize = 2;

/// Chains and hashes all records in batches of so many, and appends them.
///
/// # Errors
/// [`BenchError::File`], and [`BenchError::Wrong`] where a record does not follow, which ours do.
pub fn seal_and_append(
    file: &mut PlainFile,
    specimens: &Specimens,
    batch: usize,
) -> Result<Duration, BenchError> {
    let (hashed, batches) = sync_channel(AHEAD);
    let (done, took) = timed(|| {
        thread::scope(|scope| {
            let hashing = scope.spawn(move || {
                let (mut before, mut tree, mut sound) = (specimens.genesis(), Frontier::new(), 0);
                for bytes in specimens.batches(batch) {
                    for record in records(bytes) {
                        sound += u64::from(record.follows(&before));
                        before = record.stored_hash();
                        tree.append(TreeHash::leaf(record.raw().bytes()));
                    }
                    if hashed.send(bytes).is_err() {
                        break;
                    }
                }
                std::hint::black_box(tree.root());
                sound
            });
            batches.into_iter().try_for_each(|bytes| file.append(bytes))?;
            Ok(hashing.join().unwrap_or(0))
        })
    });
    let count = u64::try_from(specimens.count()).unwrap_or(u64::MAX);
    done.and_then(|sound| expect("the records chained again", sound, count)).map(|()| took)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Windows, Workload};

    #[test]
    fn every_record_is_chained_and_appended_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain");
        let specimens = Specimens::of(&Workload::new(1, Windows::OnDays), 100);
        let mut file = PlainFile::create(&path).unwrap();
        assert!(seal_and_append(&mut file, &specimens, 30).is_ok());
        assert_eq!(std::fs::read(path).unwrap(), specimens.bytes());
    }
}
