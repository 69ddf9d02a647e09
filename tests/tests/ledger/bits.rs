//! Every bit of every file of a small ledger is flipped; every file is cut at every length, removed, zeroed, exchanged
//! with another. No verification is silent about what cannot be made again, and it says where; what is derived heals
//! without a question.
//!
//! `SANAD_LONG=1` tries every bit and every length; else every third is tried, and a hundred of what is derived.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sanad::{
    Act, Auditor, Class, CreateOptions, Evidence, KeptCheckpoints, Known, Ledger, OnRefusal,
    StateDigest, Verdict,
};
use sanad_event_store::Options;
use sanad_tests::{BusyRegister, files_in, fixed, is_long, told};
use tempfile::TempDir;

use crate::published::key_of;

/// What a file of a ledger is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// It cannot be made again.
    Kept,
    /// It can.
    Derived,
    /// It says nothing of the history.
    Lock,
}

fn kind(file: &Path) -> Kind {
    match file.components().next().unwrap().as_os_str().to_str().unwrap() {
        "ledger.json" | "log" | "checkpoints" => Kind::Kept,
        "memory" => Kind::Derived,
        "lock" => Kind::Lock,
        _ => panic!("what is {}?", file.display()),
    }
}

/// A ledger of several segments with a kept checkpoint and a memory, closed; and its files as they were then.
struct Whole {
    _home: TempDir,
    folder: PathBuf,
    files: BTreeMap<PathBuf, Vec<u8>>,
    evidence: Evidence,
    acts: usize,
    digest: StateDigest,
}

/// So many entries are a small ledger, and so many one whose memory is in more than one file.
const FEW: usize = 7;
const MANY: usize = 4_200;

fn acts() -> impl Iterator<Item = Act> {
    let id = |n: u64| format!("0197a3b0-5c1e-7d00-8000-{n:012x}").parse().unwrap();
    BusyRegister::default().zip(1..).map(move |(act, n)| Act { id: Some(id(n)), ..act })
}

fn open(folder: &Path) -> Ledger {
    let mut options = Options::default();
    options.segment_bytes = 400;
    open_with(folder, options)
}

fn open_with(folder: &Path, options: Options) -> Ledger {
    Ledger::open_with(folder, options, fixed().0, &mut |_| {}).unwrap()
}

impl Whole {
    fn new() -> Self {
        let whole = Self::of(FEW, 400);
        assert!(whole.segments().count() >= 3);
        whole
    }

    fn of(acts: usize, segment_bytes: u64) -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let folder = home.path().join("ledger");
        let options = CreateOptions { surroundings: fixed().0, ..CreateOptions::default() };
        Ledger::create(&folder, options).unwrap().close();
        let mut options = Options::default();
        options.segment_bytes = segment_bytes;
        let ledger = open_with(&folder, options);
        let mut all = self::acts().take(acts);
        all.by_ref().take(FEW).for_each(|act| drop(ledger.record(act).unwrap()));
        let rest = ledger.record_many(all.collect(), OnRefusal::Stop);
        assert!(rest.iter().all(Result::is_ok));
        let digest = ledger.view(Known::Head).unwrap().state_digest();
        let checkpoint = ledger.checkpoint(&[key_of(&folder)]).unwrap();
        KeptCheckpoints::of(&folder).unwrap().keep(&checkpoint).unwrap();
        ledger.close();
        let files = files_in(&folder);
        let files = files.into_iter().filter(|file| !file.starts_with("aside"));
        let files = files.map(|file| (file.clone(), fs::read(folder.join(file)).unwrap()));
        let files: BTreeMap<_, _> = files.collect();
        let keys = vec![key_of(&folder).verifier_key()];
        let evidence = Evidence { keys, ..Evidence::default() };
        let whole = Self { _home: home, folder, files, evidence, acts, digest };
        assert_eq!(whole.verdict().map(|verdict| told(&verdict)), Ok(vec![]));
        whole
    }

    fn of_kind(&self, wanted: Kind) -> impl Iterator<Item = (&Path, &[u8])> {
        let files = self.files.iter().map(|(file, bytes)| (file.as_path(), bytes.as_slice()));
        files.filter(move |(file, _)| kind(file) == wanted)
    }

    fn segments(&self) -> impl Iterator<Item = (&Path, &[u8])> {
        self.of_kind(Kind::Kept).filter(|(file, _)| file.starts_with("log"))
    }

    fn write(&self, file: &Path, bytes: &[u8]) {
        fs::write(self.folder.join(file), bytes).unwrap();
    }

    /// What an audit says by somebody who has the key, or why there is none.
    fn verdict(&self) -> Result<Verdict, String> {
        let auditor = Auditor::open(&self.folder).map_err(|error| error.to_string())?;
        auditor.verify_with(&self.evidence, &mut |_| {}).map_err(|error| error.to_string())
    }

    /// Puts every file back.
    fn restore(&self) {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).unwrap();
        }
        for (file, bytes) in &self.files {
            fs::create_dir_all(self.folder.join(file).parent().unwrap()).unwrap();
            self.write(file, bytes);
        }
    }
}

/// The entry whose record holds a byte of a segment, and whether it is a record's and not the header's.
fn entry_at(file: &Path, segment: &[u8], place: usize) -> (u64, bool) {
    let mut entry = file.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    let mut at = 104;
    if place < at {
        return (entry, false);
    }
    loop {
        at += usize::from(u16::from_le_bytes([segment[at], segment[at + 1]]));
        if place < at {
            return (entry, true);
        }
        entry += 1;
    }
}

/// Every n-th of them, and all in the long form.
fn some(end: usize, step: usize) -> impl Iterator<Item = usize> {
    (0..end).step_by(if is_long() { 1 } else { step })
}

#[test]
fn no_flipped_bit_is_passed_over_and_each_is_told_in_its_place() {
    let whole = Whole::new();
    let (mut bits, mut wrong) = (0, Vec::new());
    for (file, bytes) in whole.of_kind(Kind::Kept) {
        for bit in some(bytes.len() * 8, 3) {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            whole.write(file, &flipped);
            bits += 1;
            let verdict = whole.verdict();
            let findings: Vec<_> = verdict.iter().flat_map(Verdict::findings).collect();
            let placed = match (&verdict, file.starts_with("log")) {
                (Err(_), in_log) => !in_log,
                (Ok(_), false) => !findings.is_empty(),
                (Ok(_), true) => {
                    let (entry, _) = entry_at(file, bytes, bit / 8);
                    let first = findings.first().filter(|first| {
                        matches!(first.class, Class::Integrity | Class::Coverage)
                            && first.sequence.is_some_and(|sequence| sequence.0 == entry)
                    });
                    first.is_some()
                }
            };
            if !placed {
                let said = verdict.map(|verdict| told(&verdict));
                wrong.push(format!("bit {bit} of {}: {said:?}", file.display()));
            }
        }
        whole.write(file, bytes);
    }
    println!("{bits} flipped bits of what cannot be made again");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_file_that_is_cut_removed_zeroed_or_exchanged_is_passed_over() {
    let whole = Whole::new();
    let (mut changes, mut silent) = (0, Vec::new());
    let mut is_told = |what: String| {
        changes += 1;
        if whole.verdict().is_ok_and(|verdict| verdict.is_clean()) {
            silent.push(what);
        }
    };
    let kept: Vec<_> = whole.of_kind(Kind::Kept).collect();
    for &(file, bytes) in &kept {
        let name = file.display();
        for length in some(bytes.len(), 3) {
            whole.write(file, &bytes[..length]);
            is_told(format!("{name} cut at {length}"));
        }
        whole.write(file, &vec![0; bytes.len()]);
        is_told(format!("{name} zeroed"));
        whole.write(file, &[bytes, &[0]].concat());
        is_told(format!("{name} made longer"));
        for &(other, others) in kept.iter().filter(|(other, _)| *other != file) {
            whole.write(file, others);
            whole.write(other, bytes);
            is_told(format!("{name} exchanged with {}", other.display()));
            whole.write(other, others);
        }
        // Who removes a checkpoint that is kept here alone removes the only trace of it.
        if !file.starts_with("checkpoints") {
            fs::remove_file(whole.folder.join(file)).unwrap();
            is_told(format!("{name} removed"));
        }
        whole.write(file, bytes);
    }
    println!("{changes} files cut, removed, zeroed, exchanged");
    assert_eq!(silent, Vec::<String>::new());
}

/// What is derived was changed: only that is told, and whoever opens the ledger finds it as it was.
fn heals(whole: &Whole, what: &str) {
    let verdict = whole.verdict().unwrap();
    let others = verdict.findings().filter(|found| found.class != Class::Agreement);
    assert_eq!(others.count(), 0, "{what}: {:?}", told(&verdict));
    let ledger = open(&whole.folder);
    assert!(ledger.opening().recovery.is_none());
    assert_eq!(ledger.view(Known::Head).unwrap().state_digest(), whole.digest, "{what}");
    for (n, act) in acts().take(FEW).enumerate() {
        let receipt = ledger.record(act).unwrap();
        assert!(receipt.repeated && receipt.sequence.0 == n as u64, "{what}: {receipt:?}");
    }
    ledger.record(acts().nth(whole.acts).unwrap()).unwrap();
    ledger.close();
    let verdict = whole.verdict().unwrap();
    assert!(verdict.is_clean(), "{what}, and afterwards {:?}", told(&verdict));
    whole.restore();
}

/// Changes every file that is derived in every way: about so many bits and lengths of them all.
fn change_what_is_derived(whole: &Whole, most: usize) {
    let derived: Vec<_> = whole.of_kind(Kind::Derived).collect();
    let all: usize = derived.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut changes = 0;
    let mut heals = |what: String| {
        changes += 1;
        heals(whole, &what);
    };
    for &(file, bytes) in &derived {
        let name = file.display();
        // An odd step, so that every bit of a byte comes up.
        for bit in (0..bytes.len() * 8).step_by((all * 8 / most) | 1) {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            whole.write(file, &flipped);
            heals(format!("bit {bit} of {name}"));
        }
        for length in (0..bytes.len()).step_by(3 * all / most + 1) {
            whole.write(file, &bytes[..length]);
            heals(format!("{name} cut at {length}"));
        }
        whole.write(file, &vec![0; bytes.len()]);
        heals(format!("{name} zeroed"));
        fs::remove_file(whole.folder.join(file)).unwrap();
        heals(format!("{name} removed"));
        fs::remove_file(whole.folder.join(file)).unwrap();
        fs::create_dir(whole.folder.join(file)).unwrap();
        heals(format!("{name} a folder"));
        for &(other, others) in derived.iter().filter(|(other, _)| *other != file) {
            whole.write(file, others);
            whole.write(other, bytes);
            heals(format!("{name} exchanged with {}", other.display()));
        }
    }
    fs::remove_dir_all(whole.folder.join("memory")).unwrap();
    heals("memory removed".into());
    println!("{changes} changes of what is derived, in {} files", derived.len());
}

#[test]
fn whatever_becomes_of_what_is_derived_it_heals_without_a_question() {
    change_what_is_derived(&Whole::new(), if is_long() { usize::MAX } else { 150 });
}

#[test]
fn a_memory_in_several_files_heals_too() {
    let whole = Whole::of(MANY, 1 << 20);
    assert!(whole.of_kind(Kind::Derived).count() > 1);
    // Every bit of it would take days.
    change_what_is_derived(&whole, if is_long() { 1_000 } else { 12 });
}

#[test]
fn whatever_becomes_of_the_lock_file_nothing_is_told_and_the_ledger_opens() {
    let whole = Whole::new();
    let (file, bytes) = whole.of_kind(Kind::Lock).next().unwrap();
    let mut changes = 0;
    for bit in some(bytes.len() * 8, 7) {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        whole.write(file, &flipped);
        changes += 1;
        assert!(whole.verdict().unwrap().is_clean());
        open(&whole.folder).close();
    }
    for length in some(bytes.len(), 7) {
        whole.write(file, &bytes[..length]);
        changes += 1;
        open(&whole.folder).close();
    }
    fs::remove_file(whole.folder.join(file)).unwrap();
    assert!(whole.verdict().unwrap().is_clean());
    open(&whole.folder).close();
    println!("{changes} changes of the lock file");
}
