//! A damaged log mended from its own records and from copies, good and bad.

use std::fs;
use std::path::Path;

use sanad_audit_log::{Head, Sequence};
use sanad_event_store::{
    Donor, EventStore, FileReader, FileStore, Mend, MendedFile, Mender, MendingPlan, Options,
    Origin, RecordStream, SealedBatch, StoreError,
};

use crate::testlog::{TestLedger, alter, append, check, other_identity, sealed_with};

/// A copy of a log in a folder.
pub(crate) struct Copy(FileReader, u64);

impl Copy {
    pub(crate) fn of(ledger: &TestLedger) -> Self {
        let reader = ledger.reader();
        let size = reader.claimed_head().unwrap().size;
        Self(reader, size)
    }
}

impl Donor for Copy {
    fn record(&mut self, sequence: Sequence) -> Result<Option<Vec<u8>>, String> {
        if sequence.get() >= self.1 {
            return Ok(None);
        }
        let records = self.0.records(sequence.get()..self.1);
        let mut records = records.map_err(|error| error.to_string())?;
        let record = records.next_record().map_err(|error| error.to_string())?;
        Ok(record.map(|raw| raw.bytes().to_vec()))
    }
}

/// Mends a ledger; gives the plan and the files that were changed.
pub(crate) fn mend_with(
    ledger: &TestLedger,
    copy: Option<&TestLedger>,
    vouched: &dyn Fn(Head) -> bool,
) -> Result<(MendingPlan, Vec<MendedFile>), StoreError> {
    let mender = Mender::open(ledger.path(), ledger.options())?;
    let mut donor = copy.map(Copy::of);
    let asked = donor.as_mut().map(|donor| donor as &mut dyn Donor);
    let plan = mender.plan(asked, vouched, &mut |_| {})?;
    let asked = donor.as_mut().map(|donor| donor as &mut dyn Donor);
    let files = mender.carry_out(&plan, asked)?;
    Ok((plan, files))
}

pub(crate) fn mend(
    ledger: &TestLedger,
    copy: Option<&TestLedger>,
) -> (MendingPlan, Vec<MendedFile>) {
    mend_with(ledger, copy, &|_| false).unwrap()
}

/// Appends two records that are none of a good ledger's.
fn append_other(store: &mut FileStore) {
    let (epoch, head) = (store.epoch(), store.head());
    let bytes = sealed_with(&mut store.sealer(), 2, |n| format!("other {n}").into_bytes());
    store.append(epoch, head, &SealedBatch::following(head, &bytes).unwrap()).unwrap();
}

/// Every entry of a mend that is from the copy.
fn taken(plan: &MendingPlan) -> Vec<u64> {
    let runs = plan.mends.iter().flat_map(|mend: &Mend| &mend.runs);
    runs.filter(|run| run.origin == Origin::Copy).flat_map(|run| run.records.clone()).collect()
}

pub(crate) fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// Eight records in four segments.
pub(crate) fn good() -> TestLedger {
    let ledger = TestLedger::with(&[2, 2, 2, 2], 1);
    assert_eq!(ledger.segments().len(), 4);
    ledger
}

#[test]
fn every_bit_that_is_flipped_in_a_sealed_segment_is_mended_from_a_copy() {
    let good = good();
    let whole = good.log_bytes();
    let length = bytes(&good.segments()[1]).len();
    let mut from_copy = [0_u64; 3];
    for bit in 0..length * 8 {
        let ledger = good.copy();
        alter(&ledger.segments()[1], |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        let damaged = bytes(&ledger.segments()[1]);
        let (plan, files) = mend(&ledger, Some(&good));
        assert_eq!(ledger.log_bytes(), whole, "bit {bit}");
        assert_eq!(ledger.aside(), [damaged], "bit {bit}");
        assert_eq!((files.len(), plan.lacks.len(), plan.head.size), (1, 0, 8), "bit {bit}");
        let taken = taken(&plan);
        assert!(taken.iter().all(|entry| (2..4).contains(entry)), "bit {bit}: {taken:?}");
        from_copy[taken.len()] += 1;
    }
    println!(
        "{} bits: {} mended from its own records, {} with one of the copy's, {} with two",
        length * 8,
        from_copy[0],
        from_copy[1],
        from_copy[2]
    );
    // A header can be made again from the records, and a damaged record costs no other. What a header
    // of a version says that nobody knows yet is not read on.
    assert_eq!(from_copy, [104 * 8 - 15, (length as u64 - 104) * 8, 15]);
}

#[test]
fn missing_segments_come_back_with_the_very_same_bytes() {
    for missing in [&[0][..], &[1], &[2], &[0, 1, 2], &[1, 2]] {
        let (good, ledger) = (good(), good());
        let names = ledger.segments();
        missing.iter().for_each(|&n| fs::remove_file(&names[n]).unwrap());
        let (plan, files) = mend(&ledger, Some(&good));
        let expected = missing.iter().flat_map(|&n| [2 * n as u64, 2 * n as u64 + 1]);
        assert_eq!(taken(&plan), expected.collect::<Vec<_>>());
        assert!(files.iter().all(|file| file.kept_as.is_none()));
        assert_eq!(ledger.log_bytes(), good.log_bytes(), "{missing:?}");
        check(ledger.path(), 8);
    }
}

#[test]
fn a_segment_of_another_ledger_or_of_another_history_is_replaced_and_kept() {
    let mut other = TestLedger::of(&other_identity());
    other.segment_bytes = 1;
    let parted = TestLedger::rolling_at(1);
    for ledger in [&other, &parted] {
        let mut store = ledger.open().store;
        for _ in 0..4 {
            append_other(&mut store);
        }
    }
    for stranger in [&other, &parted] {
        for place in 0..3 {
            let (good, ledger) = (good(), good());
            fs::copy(&stranger.segments()[place], &ledger.segments()[place]).unwrap();
            let foreign = bytes(&ledger.segments()[place]);
            // Without a copy it is known to be wrong, and is left.
            let (plan, files) = mend(&ledger, None);
            assert_eq!((plan.lacks.len(), files.len()), (1, 0), "{place}: {plan:?}");
            assert_eq!(bytes(&ledger.segments()[place]), foreign);
            if (stranger.reader().identity(), place) == (good.reader().identity(), 0) {
                // It is a beginning of the ledger as good as the other; which of them is its own is
                // for people to say.
                let told = mend_with(&ledger, Some(&good), &|_| false).unwrap_err();
                assert!(matches!(told, StoreError::HistoriesPart { .. }), "{told}");
                continue;
            }
            let (plan, _) = mend(&ledger, Some(&good));
            assert_eq!(taken(&plan), [2 * place as u64, 2 * place as u64 + 1]);
            assert_eq!(ledger.aside(), [foreign]);
            assert_eq!(ledger.log_bytes(), good.log_bytes());
        }
    }
}

#[test]
fn of_a_copy_that_is_damaged_in_the_same_place_nothing_is_taken() {
    let whole = good();
    // The same bit, another bit of the same record, the segment's header.
    for (theirs, why) in [(150, "damaged"), (151, "damaged"), (20, "digest")] {
        let (ledger, copy) = (whole.copy(), whole.copy());
        alter(&ledger.segments()[1], |bytes| bytes[150] ^= 1);
        alter(&copy.segments()[1], |bytes| bytes[theirs] ^= 1);
        let before = ledger.log_bytes();
        let (plan, files) = mend(&ledger, Some(&copy));
        assert_eq!((files.len(), taken(&plan).len()), (0, 0), "{plan:?}");
        assert_eq!(plan.lacks[0].sequence, Sequence::new(2));
        assert!(plan.lacks[0].why.contains(why), "{plan:?}");
        assert_eq!(ledger.log_bytes(), before);
        assert!(ledger.aside().is_empty());
    }
    // Damage to another record of the copy does no harm.
    let (ledger, copy) = (whole.copy(), whole.copy());
    alter(&ledger.segments()[1], |bytes| bytes[150] ^= 1);
    alter(&copy.segments()[1], |bytes| bytes[220] ^= 1);
    let (plan, _) = mend(&ledger, Some(&copy));
    assert_eq!((taken(&plan), plan.lacks.len()), (vec![2], 0));
    assert_eq!(ledger.log_bytes(), whole.log_bytes());
}

#[test]
fn what_two_copies_have_between_them_is_put_together() {
    let (whole, ledger, first, second) = (good(), good(), good(), good());
    for segment in [0, 2] {
        alter(&ledger.segments()[segment], |bytes| bytes[150] ^= 1);
    }
    alter(&first.segments()[0], |bytes| bytes[150] ^= 8);
    alter(&second.segments()[2], |bytes| bytes[150] ^= 8);
    let (plan, _) = mend(&ledger, Some(&first));
    assert_eq!((plan.lacks.len(), taken(&plan)), (1, vec![4]));
    let (plan, _) = mend(&ledger, Some(&second));
    assert_eq!((plan.lacks.len(), taken(&plan)), (0, vec![0]));
    assert_eq!(ledger.log_bytes(), whole.log_bytes());
}

#[test]
fn a_copy_whose_history_parts_from_the_ledgers_is_told_and_nothing_is_changed() {
    // The copy goes its own way from entry 4, 2 or 0 on, every hash right.
    for same in [4, 2, 0] {
        let (ledger, copy) = (good(), TestLedger::rolling_at(1));
        let mut store = copy.open().store;
        for n in 0..5 {
            if 2 * n < same {
                append(&mut store, 2);
            } else {
                append_other(&mut store);
            }
        }
        drop(store);
        alter(&ledger.segments()[2], |bytes| bytes[150] ^= 1);
        let before = ledger.log_bytes();
        let told = mend_with(&ledger, Some(&copy), &|_| false).unwrap_err();
        assert!(matches!(told, StoreError::HistoriesPart { .. }), "{same}: {told}");
        assert_eq!(ledger.log_bytes(), before);
        assert!(ledger.aside().is_empty());
        // A ledger in which nothing is wrong is told of it too, when it is shorter.
        let sound = TestLedger::with(&[2, 2, 2, 2], 1);
        let told = mend_with(&sound, Some(&copy), &|_| false).unwrap_err();
        assert!(matches!(told, StoreError::HistoriesPart { .. }), "{told}");
    }
}

#[test]
fn an_end_that_is_missing_is_taken_only_as_far_as_somebody_vouches_for_it() {
    let (good, ledger) = (good(), good());
    for _ in 0..2 {
        fs::remove_file(ledger.segments().pop().unwrap()).unwrap();
    }
    let (plan, files) = mend(&ledger, Some(&good));
    assert_eq!((plan.head.size, files.len()), (4, 0));
    assert_eq!(plan.offered, Some(good.reader().head().unwrap()));
    let mut heads = Vec::new();
    for size in 5..=8 {
        let mut records = good.reader().records(size - 1..size).unwrap();
        let hash = records.next_record().unwrap().unwrap().stored_hash();
        heads.push(Head { size, hash });
    }
    let (plan, _) = mend_with(&ledger, Some(&good), &|head| head == heads[1]).unwrap();
    assert_eq!((plan.head, plan.offered), (heads[1], Some(heads[3])));
    check(ledger.path(), 6);
    let (plan, _) = mend_with(&ledger, Some(&good), &|head| heads.contains(&head)).unwrap();
    assert_eq!((plan.head, plan.offered), (heads[3], None));
    check(ledger.path(), 8);
    // Of a stranger's head nothing follows.
    let (plan, files) = mend_with(&ledger, Some(&good), &|head| head.size == 9).unwrap();
    assert_eq!((plan.head.size, files.len()), (8, 0));
}

#[test]
fn a_damaged_last_segment_is_mended_where_its_own_records_follow_again_and_not_shortened() {
    let good = TestLedger::with(&[2, 1, 1, 1, 1], 1_000_000);
    let length = bytes(&good.segments()[0]).len();
    let record = (length - 104) / 6;
    // The second record: what follows it is the ledger's own.
    let ledger = good.copy();
    alter(&ledger.segments()[0], |bytes| bytes[104 + record + 75] ^= 1);
    assert!(matches!(ledger.try_open(), Err(StoreError::Damaged { .. })));
    let (plan, _) = mend(&ledger, Some(&good));
    assert_eq!((taken(&plan), plan.head.size), (vec![1], 6));
    assert_eq!(ledger.log_bytes(), good.log_bytes());
    // The last two: nothing of the ledger's own follows, so without a head they stay as they are.
    let ledger = good.copy();
    for back in [record, 5] {
        alter(&ledger.segments()[0], |bytes| bytes[length - back - 35] ^= 1);
    }
    let before = ledger.log_bytes();
    let (plan, files) = mend(&ledger, Some(&good));
    assert_eq!((plan.lacks.len(), files.len()), (1, 0), "{plan:?}");
    let head = good.reader().head().unwrap();
    assert_eq!(plan.offered, Some(head));
    assert_eq!(ledger.log_bytes(), before);
    let (plan, _) = mend_with(&ledger, Some(&good), &|it| it == head).unwrap();
    assert_eq!((taken(&plan), plan.lacks.len()), (vec![4, 5], 0));
    assert_eq!(ledger.log_bytes(), good.log_bytes());
}

#[test]
fn a_torn_end_is_left_to_the_writer_and_is_no_reason_to_take_anything() {
    let (good, ledger) = (good(), good());
    let torn = b"an append that never finished";
    alter(&ledger.segments()[3], |log| log.extend_from_slice(torn));
    let before = ledger.log_bytes();
    for copy in [None, Some(&good)] {
        let (plan, files) = mend(&ledger, copy);
        assert_eq!((plan.tail, plan.mends.len(), plan.lacks.len(), files.len()), (29, 0, 0, 0));
        assert_eq!(ledger.log_bytes(), before);
    }
    // A file that was just begun, too.
    fs::write(ledger.at("log/00000000000000000008.seg"), "SANADS").unwrap();
    let ledger = good.copy();
    fs::write(ledger.at("log/00000000000000000008.seg"), "SANADS").unwrap();
    let (plan, files) = mend(&ledger, Some(&good));
    assert_eq!((plan.tail, plan.lacks.len(), files.len()), (6, 0, 0));
    append(&mut ledger.open().store, 1);
    check(ledger.path(), 9);
}

#[test]
fn headers_names_and_overlaps_are_put_right_without_any_copy() {
    let good = good();
    let altered = good.copy();
    alter(&altered.segments()[2], |bytes| bytes[80] ^= 1);
    let renamed = good.copy();
    fs::rename(&renamed.segments()[1], renamed.at("log/00000000000000000003.seg")).unwrap();
    let swapped = good.copy();
    let [one, other] = [1, 2].map(|n| bytes(&swapped.segments()[n]));
    fs::write(&swapped.segments()[1], other).unwrap();
    fs::write(&swapped.segments()[2], one).unwrap();
    let twice = good.copy();
    fs::copy(&twice.segments()[1], twice.at("log/00000000000000000005.seg")).unwrap();
    for ledger in [altered, renamed, swapped, twice] {
        let (plan, _) = mend(&ledger, None);
        assert_eq!((plan.lacks.len(), plan.head.size), (0, 8), "{plan:?}");
        assert!(taken(&plan).is_empty());
        assert_eq!(ledger.log_bytes(), good.log_bytes());
        assert!(!ledger.aside().is_empty());
        let (plan, files) = mend(&ledger, None);
        assert!(plan.mends.is_empty() && files.is_empty(), "there is nothing left to do");
    }
}

#[test]
fn a_log_that_is_gone_comes_back_up_to_a_head_that_is_known() {
    let (good, ledger) = (good(), good());
    fs::remove_dir_all(ledger.at("log")).unwrap();
    fs::create_dir(ledger.at("log")).unwrap();
    let head = good.reader().head().unwrap();
    let (plan, _) = mend_with(&ledger, Some(&good), &|it| it == head).unwrap();
    assert_eq!((plan.head, taken(&plan).len()), (head, 8));
    check(ledger.path(), 8);
}

#[test]
fn who_only_looks_changes_nothing_and_a_writer_keeps_menders_out() {
    let (good, ledger) = (good(), good());
    alter(&ledger.segments()[1], |bytes| bytes[150] ^= 1);
    let before = (ledger.log_bytes(), fs::read(ledger.at("lock")).unwrap());
    let mender = Mender::looking(ledger.path()).unwrap();
    let mut donor = Copy::of(&good);
    let plan = mender.plan(Some(&mut donor), &|_| false, &mut |_| {}).unwrap();
    assert_eq!(taken(&plan), [2]);
    assert!(mender.carry_out(&plan, Some(&mut donor)).is_err());
    assert_eq!(before, (ledger.log_bytes(), fs::read(ledger.at("lock")).unwrap()));
    let _writer = good.open();
    let refused = Mender::open(good.path(), Options::default()).unwrap_err();
    assert!(matches!(refused, StoreError::AlreadyOpen { .. }), "{refused}");
}
