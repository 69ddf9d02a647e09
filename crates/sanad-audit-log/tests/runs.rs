//! Stories of a chain that is verified in runs, as several threads do, and of leaves that are hashed in groves.

mod testlog;

use proptest::prelude::*;
use sanad_audit_log::tree::{Frontier, FrontierError, Grove, TreeHash};
use sanad_audit_log::{
    ChainFinding, ChainVerifier, Head, LinkedRun, RawRecord, RecordTree, RecordTreeError, Sealer,
    Unsealed, linked_records,
};

use testlog::{chain, identity, offsets, time_us, walk};

/// A log with the 32 bytes that stand before its first record in a segment, and where its records begin in that.
fn with_genesis(log: &[u8]) -> (Vec<u8>, Vec<u32>) {
    let mut bytes = identity().genesis().as_bytes().to_vec();
    bytes.extend_from_slice(log);
    let mut at = offsets(log);
    at.pop();
    (bytes, at.into_iter().map(|at| at as u32 + 32).collect())
}

fn linked(bytes: &[u8], offsets: &[u32]) -> Option<LinkedRun> {
    LinkedRun::verify(identity().ledger_id(), bytes, offsets)
}

/// Walks a log in runs of so many records, and record by record where a run does not hold.
fn walk_in_runs(log: &[u8], run_of: usize) -> (Head, Vec<ChainFinding>) {
    let (bytes, offsets) = with_genesis(log);
    let (mut verifier, mut findings) = (ChainVerifier::new(&identity()), Vec::new());
    for run in offsets.chunks(run_of) {
        if linked(&bytes, run).is_some_and(|run| verifier.pass(&run)) {
            continue;
        }
        for at in run {
            let (raw, _) = RawRecord::split(&bytes[*at as usize..]).unwrap();
            if let Err(finding) = verifier.check_raw(raw) {
                findings.push(finding);
                verifier.resume_after(raw);
            }
        }
    }
    (verifier.head(), findings)
}

#[test]
fn a_sound_log_is_passed_in_runs_alone() {
    let (log, head) = chain(&["a", "b", "c", "d", "e"]);
    let (bytes, offsets) = with_genesis(&log);
    let mut verifier = ChainVerifier::new(&identity());
    for run in offsets.chunks(2) {
        assert!(verifier.pass(&linked(&bytes, run).unwrap()));
    }
    assert_eq!(verifier.head(), head);
    assert_eq!(verifier.last_recorded_at_us(), Some(time_us(4)));
}

#[test]
fn a_run_is_passed_in_its_place_only() {
    let (log, _) = chain(&["a", "b", "c", "d"]);
    let (bytes, offsets) = with_genesis(&log);
    let later = linked(&bytes, &offsets[2..]).unwrap();
    let mut verifier = ChainVerifier::new(&identity());
    let before = verifier.head();
    assert!(!verifier.pass(&later));
    assert_eq!(verifier.head(), before);
    let late = Some(time_us(2) + 1);
    let mut after_a_later_time =
        ChainVerifier::resumed(identity().ledger_id(), later.before(), late);
    assert!(!after_a_later_time.pass(&later));
}

#[test]
fn no_run_begins_without_a_hash_before_it_or_leaves_bytes_out() {
    let (log, _) = chain(&["a", "b", "c"]);
    let (bytes, offsets) = with_genesis(&log);
    assert_eq!(linked(&log, &[0]), None);
    assert_eq!(linked(&bytes, &[]), None);
    assert_eq!(linked(&bytes, &[offsets[0], offsets[2]]), None);
    assert_eq!(linked(&bytes, &[u32::MAX]), None);
    assert_eq!(linked(&bytes[..bytes.len() - 1], &offsets), None);
}

#[test]
fn a_run_tells_the_times_of_its_first_record_and_of_its_last() {
    let (log, head) = chain(&["a", "b", "c"]);
    let (bytes, offsets) = with_genesis(&log);
    let run = linked(&bytes, &offsets[1..]).unwrap();
    assert_eq!([run.first_us(), run.last_us()], [time_us(1), time_us(2)]);
    assert_eq!((run.first().get(), run.after()), (1, head));
    assert_eq!(run.ledger_id(), identity().ledger_id());
}

/// Each record's hash follows from the 32 bytes before it, and yet they are no run.
#[test]
fn records_with_a_gap_between_them_or_with_times_that_go_back_are_no_run() {
    let sealed = |sequence, recorded_at_us| {
        let mut log = identity().genesis().as_bytes().to_vec();
        let mut second = testlog::sealer();
        testlog::seal(&mut second, b"first", None, &mut log);
        let head = Head { size: sequence, ..second.head() };
        let at = log.len() as u32;
        let unsealed = Unsealed {
            entry_id: testlog::entry_id(1),
            recorded_at_us,
            payload_schema: 1,
            payload: b"second",
            author: None,
            barrier: false,
        };
        Sealer::new(head, None).seal(&unsealed, &mut log).unwrap();
        assert_eq!(linked_records(&log, &[32, at]), 2);
        linked(&log, &[32, at])
    };
    assert!(sealed(1, time_us(0)).is_some());
    assert_eq!(sealed(2, time_us(1)), None);
    assert_eq!(sealed(1, time_us(0) - 1), None);
}

#[test]
fn records_are_linked_up_to_the_first_that_follows_from_nothing_before_it() {
    let (log, _) = chain(&["a", "b", "c", "d"]);
    let (mut bytes, offsets) = with_genesis(&log);
    assert_eq!(linked_records(&bytes, &offsets), 4);
    assert_eq!(linked_records(&bytes[..bytes.len() - 1], &offsets), 3);
    bytes[offsets[2] as usize + 20] ^= 1;
    assert_eq!(linked_records(&bytes, &offsets), 2);
    assert_eq!(linked_records(&log, &[0]), 0, "no hash stands before it");
}

#[test]
fn a_grove_is_added_where_its_leaves_come_next_and_nowhere_else() {
    let (log, head) = chain(&["a", "b", "c"]);
    let (bytes, offsets) = with_genesis(&log);
    let mut tree = RecordTree::new(identity().genesis());
    let mut grove = Grove::new(0);
    for at in &offsets {
        let (raw, _) = RawRecord::split(&bytes[*at as usize..]).unwrap();
        grove.push(TreeHash::leaf(raw.bytes()));
    }
    let shorter = Head { size: 2, ..head };
    let parted = RecordTreeError::NotTheNext { leaves: 0, records: 2 };
    assert_eq!(tree.append_grove(&grove, shorter), Err(parted));
    tree.append_grove(&grove, head).unwrap();
    assert_eq!(tree.head(), head);
    let twice = RecordTreeError::NotTheNext { leaves: 3, records: 3 };
    assert_eq!(tree.append_grove(&grove, head), Err(twice));
    let mut frontier = tree.frontier().clone();
    let found = frontier.append_grove(&grove);
    assert_eq!(found, Err(FrontierError::NotTheNext { size: 3, first: 0 }));
}

proptest! {
    /// What is verified in runs gives the same findings in the same order, whatever was damaged and wherever the runs
    /// are cut.
    #[test]
    fn a_damaged_log_has_the_same_findings_in_runs_of_any_length(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..24),
        // Not of the length and the version, by which records are framed before a chain is looked at.
        damages in prop::collection::vec((any::<prop::sample::Index>(), 3usize..400, 0u8..8), 0..4),
        swap in prop::option::of(any::<prop::sample::Index>()),
        run_of in 1usize..9,
    ) {
        let (mut log, _) = chain(&payloads);
        let places = offsets(&log);
        for (record, at, bit) in damages {
            let record = record.index(payloads.len());
            let length = places[record + 1] - places[record];
            log[places[record] + at.min(length - 1)] ^= 1 << bit;
        }
        if let Some(first) = swap {
            let first = first.index(payloads.len());
            let second = (first + 1).min(payloads.len() - 1);
            let one = log[places[first]..places[first + 1]].to_vec();
            let other = log[places[second]..places[second + 1]].to_vec();
            if first != second {
                log.splice(places[first]..places[second + 1], [other, one].concat());
            }
        }
        prop_assert_eq!(walk_in_runs(&log, run_of), walk(&log));
    }

    #[test]
    fn groves_cut_anywhere_grow_into_the_tree_of_their_leaves(
        cuts in prop::collection::vec(0u64..70, 1..12),
    ) {
        let (mut frontier, mut leaves) = (Frontier::new(), Vec::new());
        for length in cuts {
            let mut grove = Grove::new(frontier.size());
            for place in frontier.size()..frontier.size() + length {
                let leaf = TreeHash::leaf(&place.to_le_bytes());
                leaves.push(leaf);
                grove.push(leaf);
            }
            prop_assert_eq!(grove.end(), leaves.len() as u64);
            prop_assert_eq!(grove.first(), frontier.size());
            frontier.append_grove(&grove).unwrap();
            prop_assert_eq!(frontier.root(), TreeHash::root(&leaves));
            prop_assert_eq!(frontier.peaks().len(), frontier.size().count_ones() as usize);
        }
    }
}
