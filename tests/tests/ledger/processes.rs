//! A ledger among processes: readers while segments roll, writers that race for the lock, copies taken meanwhile.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sanad::{Auditor, ChainHash, CreateOptions, Ledger, LedgerError, StoreError, Surroundings};
use sanad_event_store::Options;
use sanad_tests::{copy_folder_live, is_long};

const LEDGER: &str = "SANAD_TEST_LEDGER";
const THREADS: usize = 4;

/// This test program again, to do one thing to a ledger.
struct Program {
    process: Child,
    lines: BufReader<ChildStdout>,
    input: ChildStdin,
}

impl Program {
    fn start(test: &str, folder: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([&format!("processes::{test}"), "--exact", "--ignored", "--nocapture"])
            .env(LEDGER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let input = process.stdin.take().unwrap();
        Self { process, lines, input }
    }

    /// The next line that begins with `told: `.
    fn tells(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.lines.read_line(&mut line).unwrap() > 0 {
            // The test harness begins the first line.
            if let Some((_, told)) = line.trim_end().rsplit_once("told: ") {
                return Some(told.to_owned());
            }
            line.clear();
        }
        None
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn small_segments() -> Options {
    let mut options = Options::default();
    options.segment_bytes = 1_000;
    options
}

fn begun(folder: &Path) -> Ledger {
    let ledger = Ledger::create(folder, CreateOptions::default()).unwrap();
    ledger.close();
    Ledger::open_with(folder, small_segments(), Surroundings::default(), &mut |_| {}).unwrap()
}

#[test]
#[ignore = "other tests run it in a process of its own"]
fn a_reader_in_a_process_of_its_own() {
    let Some(folder) = std::env::var_os(LEDGER) else { return };
    loop {
        let auditor = Auditor::open(Path::new(&folder)).unwrap();
        let verdict = auditor.verify(&mut |_| {}).unwrap();
        let findings: Vec<_> = verdict.findings().collect();
        assert!(findings.is_empty(), "told: {findings:?}");
        println!("told: {} {}", verdict.head.size, verdict.head.hash);
    }
}

/// What was acknowledged: the chain hash of every entry.
type Acknowledged = Mutex<BTreeMap<u64, ChainHash>>;

/// Records with several threads, each entry a holder, until told to stop.
fn record_until(stop: &AtomicBool, ledger: &Ledger, acknowledged: &Acknowledged) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for n in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let act = ledger.act("mof").unwrap();
                    let act = act.register_holder(&format!("h-{thread}-{n}"), "H").unwrap();
                    let receipt = ledger.record(act.build()).unwrap();
                    acknowledged.lock().unwrap().insert(receipt.sequence.0, receipt.hash);
                }
            });
        }
    });
}

#[test]
fn readers_in_other_processes_see_a_prefix_while_segments_roll() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    let ledger = begun(&folder);
    let (stop, acknowledged) = (AtomicBool::new(false), Acknowledged::default());
    let rounds = if is_long() { 200 } else { 6 };
    let mut seen = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| record_until(&stop, &ledger, &acknowledged));
        let read = || {
            let mut reader = Program::start("a_reader_in_a_process_of_its_own", &folder);
            let mut told = Vec::new();
            let enough = |told: &Vec<_>| {
                told.len() >= rounds && acknowledged.lock().unwrap().len() >= 20 * rounds
            };
            while !enough(&told) {
                told.push(reader.tells().expect("a reader goes on until it is killed"));
            }
            reader.kill();
            told
        };
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(read)).collect();
        seen.extend(readers.into_iter().map(|reader| reader.join().unwrap()));
        stop.store(true, Ordering::Relaxed);
    });
    ledger.close();
    let acknowledged = acknowledged.into_inner().unwrap();
    for told in &seen {
        let mut before = 0;
        for line in told {
            let (size, hash) = line.split_once(' ').unwrap();
            let size: u64 = size.parse().unwrap();
            assert!(size >= before, "{size} after {before}");
            before = size;
            // What a reader sees may not be acknowledged yet; here it was soon after.
            if let Some(last) = size.checked_sub(1) {
                assert_eq!(acknowledged[&last].to_string(), hash, "at {size}");
            }
        }
    }
    let segments = std::fs::read_dir(folder.join("log")).unwrap().count();
    assert!(segments > rounds, "only {segments} segments");
    let verifications = seen.iter().map(Vec::len).sum::<usize>();
    println!("{verifications} verifications beside a writer, {segments} segments");
}

#[test]
#[ignore = "other tests run it in a process of its own"]
fn a_contestant_in_a_process_of_its_own() {
    let Some(folder) = std::env::var_os(LEDGER) else { return };
    println!("told: ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    match Ledger::open_here(Path::new(&folder)) {
        Ok(ledger) => {
            let act = ledger.act("mof").unwrap();
            let holder = format!("h-{}", std::process::id());
            let receipt = ledger.record(act.register_holder(&holder, "H").unwrap().build());
            println!("told: won {}", receipt.unwrap().sequence);
            // It holds the lock until it is killed.
            loop {
                thread::park();
            }
        }
        Err(LedgerError::Store(error @ StoreError::AlreadyOpen { .. })) => {
            println!("told: lost {error}");
        }
        Err(other) => println!("told: failed {other}"),
    }
}

#[test]
fn of_processes_that_race_for_a_ledger_one_wins_and_the_others_are_told_who_has_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    drop(begun(&folder));
    let rounds = if is_long() { 50 } else { 4 };
    let mut writers = vec![std::process::id()];
    for round in 0..rounds {
        let contestant = |_| Program::start("a_contestant_in_a_process_of_its_own", &folder);
        let mut contestants: Vec<_> = (0..3).map(contestant).collect();
        for contestant in &mut contestants {
            assert_eq!(contestant.tells().as_deref(), Some("ready"));
        }
        for contestant in &mut contestants {
            contestant.input.write_all(b"go\n").unwrap();
        }
        let told: Vec<_> = contestants.iter_mut().map(|one| one.tells().unwrap()).collect();
        let winners: Vec<_> = (0..3).filter(|&n| told[n].starts_with("won ")).collect();
        let [winner] = winners[..] else { panic!("round {round}: {told:?}") };
        // The lock of the one that was killed in the round before kept nobody out.
        assert_eq!(told[winner], format!("won {round}"));
        writers.push(contestants[winner].process.id());
        for lost in told.iter().filter(|told| !told.starts_with("won ")) {
            let refused = lost.strip_prefix("lost ").expect(lost);
            let by = refused.split("by process ").nth(1).unwrap().split(';').next().unwrap();
            // The winner may not have written its number yet; then it is that of the one before.
            assert!(writers.contains(&by.parse().unwrap()), "{refused}, and not {writers:?}");
            assert!(refused.contains("already open for writing"), "{refused}");
            assert!(refused.contains("one process writes at a time, any number read"));
        }
        // Whoever holds it is killed with it held.
        contestants.into_iter().for_each(Program::kill);
    }
    let auditor = Auditor::open(&folder).unwrap();
    assert_eq!(auditor.head().size, rounds);
    assert!(auditor.verify(&mut |_| {}).unwrap().is_clean());
}

#[test]
fn a_copy_taken_while_entries_are_recorded_is_a_prefix_and_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    let ledger = begun(&folder);
    let (stop, acknowledged) = (AtomicBool::new(false), Acknowledged::default());
    let rounds = if is_long() { 100 } else { 6 };
    let mut copies = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| record_until(&stop, &ledger, &acknowledged));
        for round in 0..rounds {
            while acknowledged.lock().unwrap().len() < 40 * (round + 1) {
                thread::yield_now();
            }
            let before = acknowledged.lock().unwrap().keys().last().map_or(0, |last| last + 1);
            let copy = home.path().join(format!("copy-{round}"));
            copy_folder_live(&folder, &copy);
            copies.push((copy, before));
        }
        stop.store(true, Ordering::Relaxed);
    });
    ledger.close();
    let acknowledged = acknowledged.into_inner().unwrap();
    for (copy, before) in copies {
        // What is remembered may have been copied half, or know more than the copied log.
        let memory = copy.join("memory");
        if memory.exists() {
            std::fs::remove_dir_all(memory).unwrap();
        }
        let auditor = Auditor::open(&copy).unwrap();
        let head = auditor.head();
        assert!((before..=acknowledged.len() as u64).contains(&head.size));
        assert_eq!(acknowledged[&(head.size - 1)], head.hash);
        let ledger = Ledger::open_here(&copy).unwrap();
        let act = ledger.act("mof").unwrap().register_holder("later", "L").unwrap();
        assert_eq!(ledger.record(act.build()).unwrap().sequence.0, head.size);
        ledger.close();
        let verdict = Auditor::open(&copy).unwrap().verify(&mut |_| {}).unwrap();
        assert!(verdict.is_clean(), "{verdict:?}");
    }
    println!("{rounds} copies of {} entries", acknowledged.len());
}
