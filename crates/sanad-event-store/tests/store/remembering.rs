//! Every change to the memory's files fails once, in every way: what was remembered before or after is there, or none.

use std::io::ErrorKind;
use std::sync::Arc;

use sanad_event_store::disk::Disk;
use sanad_event_store::fault::{Fault, FaultyDisk, Operations};
use sanad_event_store::{EventStore, FileStore, Memory, MemoryError, Options, Remembered};

use crate::memories::VERSION;
use crate::testlog::{TestLedger, append};

/// Remembers all of a log: with more blocks than there are, or with others in their place.
fn remember(memory: &mut Memory, store: &FileStore, keep: usize) -> Result<(), MemoryError> {
    let (head, blocks) = (store.head(), [&[7; 900][..], &[8; 9]]);
    let rest = &[9; 300];
    memory.remember(&Remembered {
        head,
        version: VERSION,
        keep,
        blocks: &blocks,
        rest,
        positions: &[],
    })
}

/// The ways to fail, at the operation that comes after `after` others.
fn faults(after: usize) -> [Fault; 4] {
    let ways = [
        (ErrorKind::StorageFull, 40, true),
        (ErrorKind::Other, 0, false),
        (ErrorKind::Other, usize::MAX, false),
        (ErrorKind::ReadOnlyFilesystem, 0, true),
    ];
    ways.map(|(kind, written, lasting)| Fault {
        operations: Operations::Writing,
        after,
        kind,
        written,
        lasting,
    })
}

#[test]
fn whatever_fails_while_a_memory_is_written_it_is_the_one_from_before_or_after() {
    let mut reached = 0;
    for keep in [1, 0] {
        for after in 0.. {
            let mut all_passed = true;
            for fault in faults(after) {
                let ledger = TestLedger::new();
                let disk = Arc::new(FaultyDisk::default());
                let mut options = Options::default();
                options.disk = Arc::clone(&disk) as Arc<dyn Disk>;
                let mut opened = FileStore::open(ledger.path(), options).unwrap();
                let mut memory = opened.memory.take().unwrap();
                let before = append(&mut opened.store, 2);
                crate::memories::remember(&mut memory, before);
                let after = append(&mut opened.store, 2);
                disk.set(Some(fault));
                let done = remember(&mut memory, &opened.store, keep);
                all_passed &= done.is_ok();
                drop((opened, memory));

                let again = ledger.open();
                assert!(again.memory_lost.is_none(), "{fault:?}: {:?}", again.memory_lost);
                let mut memory = again.memory.unwrap();
                let (blocks, rest) = memory.recall(VERSION, Some).unwrap().unwrap();
                let kept = &[b"block".to_vec()][..keep];
                if memory.head() == Some(before) && done.is_err() {
                    assert_eq!((blocks, rest), (vec![b"block".to_vec()], &b""[..]), "{fault:?}");
                } else {
                    assert_eq!(memory.head(), Some(after), "{fault:?}");
                    assert_eq!(blocks, [kept, &[vec![7; 900], vec![8; 9]]].concat(), "{fault:?}");
                    assert_eq!(rest, [9; 300]);
                }
                let keep = memory.blocks();
                remember(&mut memory, &again.store, keep).unwrap();
                assert_eq!(memory.recall(VERSION, Some).unwrap().unwrap().0.len(), keep + 2);
            }
            if all_passed {
                break;
            }
            reached += 1;
        }
    }
    println!("{} faults", reached * 4);
    // Writing blocks takes four steps, a manifest five.
    assert!(reached >= 2 * (4 + 5), "only {reached} operations were let fail");
}
