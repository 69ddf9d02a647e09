//! Whatever was done to a log, examining its records on all cores finds what a walk record by record finds.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Record, Unsealed};
use sanad_event_store::{
    EventStore, FileStore, Options, RecordStream, SEGMENT_HEADER, SealedBatch,
};
use tempfile::TempDir;

use super::*;
use crate::evidence::Roots;
use crate::{CreateOptions, Ledger, OnRefusal};

/// The files of a ledger: each segment's name and bytes, and the identity file.
pub(crate) struct Files {
    identity: Vec<u8>,
    segments: Vec<(String, Vec<u8>)>,
    lawful: Vec<(String, Vec<u8>)>,
    /// What is remembered of the lawful one.
    memory: Vec<(String, Vec<u8>)>,
}

/// Forty entries, of which one is not allowed at its place, in segments of some records each.
pub(crate) static GENUINE: LazyLock<Files> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let (folder, sealed_again) = (home.path().join("ledger"), home.path().join("segmented"));
    let ledger = Ledger::create(&folder, CreateOptions::default()).unwrap();
    let act = || ledger.act("mof").unwrap();
    let opened = act().open_pool("surplus", "Surplus", "MW", 3).unwrap();
    let opened = opened.declare_capacity("surplus", "100", "2025-05-25").unwrap();
    let mut acts = vec![opened.register_holder("acme", "Acme").unwrap().build()];
    for n in 1..40 {
        let grant = act().grant("surplus", "acme", "1 MW", "2025-06-01").unwrap();
        let grant = if n % 9 == 4 { grant.reason("again, and for long").unwrap() } else { grant };
        acts.push(grant.build());
    }
    let recorded = ledger.record_many(acts, OnRefusal::GoOn);
    assert!(recorded.iter().all(Result::is_ok));
    ledger.close();
    let all: Vec<u64> = (0..40).collect();
    seal_again(&folder, &sealed_again, &[&all[..], &[38]].concat());
    let segments = files(&sealed_again.join("log"));
    assert!(segments.len() > 3);
    let identity = fs::read(sealed_again.join("ledger.json")).unwrap();
    // The same without the entry that is not allowed, and with what is remembered of some of it.
    let lawful = home.path().join("lawful");
    seal_again(&folder, &lawful, &all);
    Ledger::open_here(&lawful).unwrap().close();
    let (lawful, memory) = (files(&lawful.join("log")), files(&lawful.join("memory")));
    assert!(!memory.is_empty());
    Files { identity, segments, lawful, memory }
});

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = files
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        .collect();
    files.sort_unstable();
    files
}

/// Seals entries of a ledger again, in any order, in appends of three and in small segments.
pub(crate) fn seal_again(from: &Path, to: &Path, places: &[u64]) {
    let reader = FileReader::open(from).unwrap();
    FileStore::create(to, reader.identity()).unwrap();
    let mut options = Options::default();
    options.segment_bytes = 1_500;
    let mut store = FileStore::open(to, options).unwrap().store;
    let mut sealer = store.sealer();
    let mut batch = Vec::new();
    for (n, place) in places.iter().copied().enumerate() {
        let mut stream = reader.records(place..place + 1).unwrap();
        let record = Record::decode(stream.next_record().unwrap().unwrap()).unwrap();
        let unsealed = Unsealed {
            entry_id: record.entry_id(),
            recorded_at_us: 1_748_113_200_000_000 + 60_000_000 * n as i64,
            payload_schema: record.payload_schema(),
            payload: record.payload(),
            author: None,
            barrier: batch.is_empty(),
        };
        sealer.seal(&unsealed, &mut batch).unwrap();
        if n % 3 == 2 || n + 1 == places.len() {
            let (before, epoch) = (store.head(), store.epoch());
            let sealed = SealedBatch::following(before, &batch).unwrap();
            store.append(epoch, before, &sealed).unwrap();
            batch.clear();
        }
    }
}

impl Files {
    /// Lays them down with what a change makes of the segments.
    pub(crate) fn laid(&self, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        self.lay(home.path(), self.segments.clone(), change);
        home
    }

    /// As [`laid`](Files::laid), of the lawful history, with what is remembered of it.
    fn laid_with_memory(&self, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        self.lay(home.path(), self.lawful.clone(), change);
        fs::create_dir(home.path().join("memory")).unwrap();
        for (name, bytes) in &self.memory {
            fs::write(home.path().join("memory").join(name), bytes).unwrap();
        }
        home
    }

    fn lay(
        &self,
        home: &Path,
        mut segments: Vec<(String, Vec<u8>)>,
        change: impl FnOnce(&mut Vec<(String, Vec<u8>)>),
    ) {
        change(&mut segments);
        fs::write(home.join("ledger.json"), &self.identity).unwrap();
        fs::create_dir(home.join("log")).unwrap();
        for (name, bytes) in segments {
            fs::write(home.join("log").join(name), bytes).unwrap();
        }
    }
}

/// What a verification finds that examines so many records together, and the roots at some sizes; none means that it
/// goes record by record.
fn verdict(folder: &Path, together: Option<usize>) -> (Verdict, Vec<Option<TreeHash>>) {
    let reader = FileReader::open(folder).unwrap();
    let calendar = Calendar::new("Asia/Karachi").unwrap();
    let dossier = Dossier::new("", &Evidence::default(), Vec::new());
    let genesis = Head::empty(reader.identity().genesis());
    // Within, next to one another and at the ends of what is examined together.
    let sizes = || (0..60).filter(|size| size % 5 < 2);
    let roots = Roots::at(sizes());
    let mut walk = Walk {
        chain: ChainVerifier::new(reader.identity()),
        judging: Judging::new(genesis, roots, Replay::Elsewhere, &calendar),
        total: 0,
    };
    let examiner = Examiner::new(reader.identity().ledger_id(), walk.judging.roots.sizes());
    let pieces = Pieces::of_so_many(reader.scan().unwrap(), together.unwrap_or(1));
    let examine = |records| match together {
        Some(_) => examiner.examine(records),
        None => Examined { records, sound: None },
    };
    walk.through(pieces, examine, &mut |_| {});
    let held = dossier.hold_against(&walk.judging.roots);
    let roots = sizes().map(|size| walk.judging.roots.root_at(size)).collect();
    (walk.judging.end(held, walk.chain.head()).0, roots)
}

/// What a verification finds in bulk or after it, and one that goes entry by entry; and whether the first came to its
/// end without the other.
pub(crate) fn verdicts_with_memory(folder: &Path) -> (Verdict, Verdict, bool) {
    let reader = FileReader::open(folder).unwrap();
    let calendar = Calendar::new("Asia/Karachi").unwrap();
    let evidence = Evidence::default();
    let recalled = reader.memory();
    let grounds = Grounds {
        head: reader.head().unwrap(),
        memory: recalled.as_ref(),
        evidence: &evidence,
        calendar: &calendar,
    };
    let dossier = Dossier::new("", &evidence, Vec::new());
    let undoubted = verify_in_bulk(&reader, grounds, &dossier, &mut |_| {}).unwrap().is_ok();
    let singly = Walk::along(&reader, grounds, &dossier);
    let singly = singly.run(&reader, &dossier, &mut |_| {}).unwrap();
    (verify(&reader, grounds, &mut |_| {}).unwrap(), singly, undoubted)
}

/// Something that is done to the bytes of a segment, its header left out.
#[derive(Debug, Clone)]
enum Damage {
    Flip { at: usize, bit: u8 },
    Cut { at: usize },
    Remove { at: usize, length: usize },
    Repeat { at: usize, length: usize },
    Zero { at: usize, length: usize },
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let (at, length) = (0usize..1_700, 1usize..400);
        prop_oneof![
            4 => (0usize..1_700, 0u8..8).prop_map(|(at, bit)| Self::Flip { at, bit }),
            1 => (0usize..1_700).prop_map(|at| Self::Cut { at }),
            1 => (at.clone(), length.clone()).prop_map(|(at, length)| Self::Remove { at, length }),
            1 => (at.clone(), length.clone()).prop_map(|(at, length)| Self::Repeat { at, length }),
            1 => (at, length).prop_map(|(at, length)| Self::Zero { at, length }),
        ]
    }

    fn does(&self, bytes: &mut Vec<u8>) {
        let end = bytes.len();
        let part = |at: usize, length: usize| {
            let at = SEGMENT_HEADER + at % (end - SEGMENT_HEADER);
            at..end.min(at + length)
        };
        if end <= SEGMENT_HEADER {
            return;
        }
        match *self {
            Self::Flip { at, bit } => bytes[part(at, 1).start] ^= 1 << bit,
            Self::Cut { at } => bytes.truncate(part(at, 1).start),
            Self::Remove { at, length } => drop(bytes.drain(part(at, length))),
            Self::Repeat { at, length } => {
                let part = part(at, length);
                let twice = bytes[part.clone()].to_vec();
                drop(bytes.splice(part.end..part.end, twice));
            }
            Self::Zero { at, length } => bytes[part(at, length)].fill(0),
        }
    }
}

/// What becomes of a log's segments: some are damaged, and one may be lost.
#[derive(Debug, Clone)]
pub(crate) struct Mishap {
    damages: Vec<(prop::sample::Index, Damage)>,
    lost: Option<prop::sample::Index>,
}

impl Mishap {
    pub(crate) fn of_damages(count: std::ops::Range<usize>) -> impl Strategy<Value = Self> {
        let damages = prop::collection::vec((any::<prop::sample::Index>(), Damage::any()), count);
        let lost = prop::option::weighted(0.2, any::<prop::sample::Index>());
        (damages, lost).prop_map(|(damages, lost)| Self { damages, lost })
    }

    pub(crate) fn befalls(&self, segments: &mut Vec<(String, Vec<u8>)>) {
        for (segment, damage) in &self.damages {
            let segment = segment.index(segments.len());
            damage.does(&mut segments[segment].1);
        }
        if let Some(lost) = self.lost {
            segments.remove(lost.index(segments.len()));
        }
    }

    fn is_none(&self) -> bool {
        self.damages.is_empty() && self.lost.is_none()
    }
}

#[test]
fn what_is_sound_is_not_looked_at_one_by_one_and_what_is_unlawful_is_found() {
    let home = GENUINE.laid(|_| {});
    let one_by_one = verdict(home.path(), None);
    assert_eq!(one_by_one.0.entries, 41);
    let codes: Vec<_> = one_by_one.0.findings().map(|finding| finding.code).collect();
    assert!(codes.contains(&"entry_id_reused"), "{codes:?}");
    for together in [1, 2, 7, 1_024] {
        assert_eq!(verdict(home.path(), Some(together)), one_by_one, "{together} together");
    }
}

/// A replay in bulk was not told of a gap with no whole record behind it: the memory was said to know of entries that
/// are missing at the end, where there is no replay to hold it against.
#[test]
fn a_gap_with_nothing_whole_behind_it_leaves_no_replay_to_hold_the_memory_against() {
    let home = GENUINE.laid_with_memory(|segments| {
        let last = segments.len() - 1;
        Damage::Remove { at: 0, length: 1 }.does(&mut segments[last].1);
        segments.remove(last - 1);
    });
    let (verdict, singly, undoubted) = verdicts_with_memory(home.path());
    assert_eq!(verdict, singly);
    assert!(!undoubted);
    let unchecked = Remark::NotChecked {
        class: Class::Agreement,
        reason: "the history has no replay that the memory could be held against".into(),
    };
    assert!(verdict.remarks.contains(&unchecked), "{:?}", verdict.remarks);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_log_has_the_same_verdict_record_by_record_and_examined_on_all_cores(
        mishap in Mishap::of_damages(0..4),
        together in 1usize..12,
    ) {
        let home = GENUINE.laid(|segments| mishap.befalls(segments));
        prop_assert_eq!(verdict(home.path(), Some(together)), verdict(home.path(), None));
    }

    #[test]
    fn what_is_remembered_is_judged_alike_in_bulk_and_entry_by_entry(
        mishap in Mishap::of_damages(0..3),
    ) {
        let home = GENUINE.laid_with_memory(|segments| mishap.befalls(segments));
        let (verdict, singly, undoubted) = verdicts_with_memory(home.path());
        prop_assert_eq!(verdict, singly);
        prop_assert!(undoubted || !mishap.is_none());
    }
}
