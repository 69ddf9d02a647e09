//! Mending that ends in the middle: nothing is lost by it, and it is begun again.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use sanad_event_store::Mender;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};

use crate::mending::{Copy, bytes, good, mend};
use crate::testlog::{TestLedger, alter};

/// The segments, without what was being written beside them.
pub(crate) fn segments(ledger: &TestLedger) -> Vec<PathBuf> {
    let is_segment = |path: &PathBuf| path.extension().is_some_and(|it| it == "seg");
    ledger.segments().into_iter().filter(is_segment).collect()
}

/// Damages of two kinds in one ledger: a segment that is altered, and one that is not there.
pub(crate) fn battered(good: &TestLedger) -> TestLedger {
    let ledger = good.copy();
    alter(&ledger.segments()[0], |bytes| bytes[150] ^= 1);
    fs::remove_file(&ledger.segments()[2]).unwrap();
    ledger
}

#[test]
fn wherever_mending_ends_every_segment_is_the_old_or_the_new_and_it_can_be_begun_again() {
    let good = good();
    let (whole, damaged) = (good.log_bytes(), bytes(&battered(&good).segments()[0]));
    let mut tried = 0;
    for after in 0.. {
        let mut all_passed = true;
        for (kind, written, lasting) in [
            (ErrorKind::StorageFull, 130, true),
            (ErrorKind::Other, usize::MAX, false),
            (ErrorKind::Other, 0, true),
        ] {
            let (ledger, disk) = (battered(&good), FaultyDisk::default());
            disk.set(Some(Fault {
                operations: Operations::Writing,
                after,
                kind,
                written,
                lasting,
            }));
            let mut donor = Copy::of(&good);
            let done = Mender::open(ledger.path(), ledger.options_on(disk)).and_then(|mender| {
                let plan = mender.plan(Some(&mut donor), &|_| false, &mut |_| {})?;
                mender.carry_out(&plan, Some(&mut donor))
            });
            all_passed &= done.is_ok();
            tried += usize::from(done.is_err());
            for path in segments(&ledger) {
                let theirs = bytes(&good.at("log").join(path.file_name().unwrap()));
                let found = bytes(&path);
                assert!(found == theirs || found == damaged, "{path:?} after {after}");
            }
            let in_place = bytes(&segments(&ledger)[0]) == damaged;
            assert!(in_place || ledger.aside().contains(&damaged), "it was deleted after {after}");
            mend(&ledger, Some(&good));
            assert_eq!(ledger.log_bytes(), whole);
            assert!(ledger.aside().contains(&damaged));
        }
        if all_passed {
            break;
        }
    }
    println!("{tried} faults");
    assert!(tried > 60, "{tried}");
}
