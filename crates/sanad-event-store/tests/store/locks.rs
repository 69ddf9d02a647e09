//! One writer at a time, whatever becomes of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use sanad_event_store::{
    AppendError, Epoch, EventStore, FileStore, Options, SealedBatch, StoreError,
};

use crate::testlog::{TestLedger, append, audit, check, payloads, sealed};

/// Names the ledger for [`a_writer_in_a_process_of_its_own`].
const LEDGER: &str = "SANAD_TEST_LEDGER";

#[test]
#[ignore = "other tests run it in a process of its own"]
fn a_writer_in_a_process_of_its_own() {
    let Some(path) = std::env::var_os(LEDGER) else { return };
    let mut options = Options::default();
    options.segment_bytes = 2_000;
    let mut store = FileStore::open(Path::new(&path), options).unwrap().store;
    loop {
        let head = append(&mut store, 3);
        println!("acknowledged {}", head.size);
    }
}

/// A process that appends to a ledger for as long as it lives.
struct Writer {
    process: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Writer {
    fn start(path: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([
                "locks::a_writer_in_a_process_of_its_own",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(LEDGER, path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// Waits for the next acknowledgement; gives the ledger's size.
    fn acknowledged(&mut self) -> u64 {
        let size = |line: String| line.strip_prefix("acknowledged ")?.parse().ok();
        self.lines.find_map(|line| size(line.unwrap())).unwrap()
    }

    /// Ends the process as a crash would, and gives the last size that it acknowledged.
    fn kill(mut self) -> u64 {
        self.end();
        let size = |line: std::io::Result<String>| {
            line.ok()?.strip_prefix("acknowledged ")?.parse::<u64>().ok()
        };
        self.lines.by_ref().filter_map(size).last().unwrap_or(0)
    }

    fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end();
    }
}

#[test]
fn a_second_writer_in_the_same_process_is_refused() {
    let ledger = TestLedger::new();
    let first = ledger.open();
    let refused = ledger.try_open();
    let pid = std::process::id();
    assert!(matches!(refused, Err(StoreError::AlreadyOpen { pid: Some(by), .. }) if by == pid));
    assert!(refused.unwrap_err().to_string().contains(&format!("by process {pid}")));
    assert_eq!(ledger.reader().writer(), (true, first.store.epoch()));
    drop(first);
    assert_eq!(ledger.reader().writer(), (false, Epoch::new(1)));
    assert_eq!(ledger.open().store.epoch(), Epoch::new(2));
}

#[test]
fn the_lock_is_held_until_the_memory_is_closed_too() {
    // A writer that came in between would write to the memory's files at the same time.
    let ledger = TestLedger::new();
    let opened = ledger.open();
    drop(opened.store);
    assert!(matches!(ledger.try_open(), Err(StoreError::AlreadyOpen { .. })));
    drop(opened.memory);
    for _ in 0..20 {
        let opened = ledger.open();
        assert!(opened.memory.is_some() && opened.memory_lost.is_none());
    }
}

#[test]
fn a_second_writer_in_another_process_is_refused_and_a_killed_one_leaves_no_lock() {
    let ledger = TestLedger::rolling_at(2_000);
    let mut acknowledged = 0;
    for round in 0..5 {
        let mut writer = Writer::start(ledger.path());
        for _ in 0..=round * 3 {
            acknowledged = writer.acknowledged();
        }
        let pid = writer.process.id();
        let refused = ledger.try_open();
        assert!(matches!(refused, Err(StoreError::AlreadyOpen { pid: Some(by), .. }) if by == pid));
        acknowledged = acknowledged.max(writer.kill());
        // Which records the process was about to acknowledge is left to chance.
        let opened = ledger.open();
        let size = opened.store.head().size;
        assert!((acknowledged..=acknowledged + 3).contains(&size), "{acknowledged}, then {size}");
        assert_eq!(opened.store.epoch(), Epoch::new(2 * round + 2));
        drop(opened);
        check(ledger.path(), size);
        acknowledged = size;
    }
}

#[test]
fn a_deleted_or_replaced_lock_file_is_noticed_before_anything_is_written() {
    for replace in [false, true] {
        let ledger = TestLedger::with(&[1], 1 << 20);
        let mut store = ledger.open().store;
        fs::remove_file(ledger.at("lock")).unwrap();
        if replace {
            fs::write(ledger.at("lock"), "").unwrap();
        }
        let (epoch, head) = (store.epoch(), store.head());
        let bytes = sealed(&mut store.sealer(), 1);
        let batch = SealedBatch::following(head, &bytes).unwrap();
        let lost = store.append(epoch, head, &batch);
        assert!(matches!(lost, Err(AppendError::LockLost { .. })), "{lost:?}");
        // Whoever opened the ledger meanwhile writes alone.
        let mut other = ledger.open().store;
        append(&mut other, 1);
        let lost = store.append(epoch, head, &batch);
        assert!(matches!(lost, Err(AppendError::LockLost { .. })), "{lost:?}");
        drop(other);
        check(ledger.path(), 2);
    }
}

#[test]
fn whatever_stands_in_the_lock_file_the_lock_is_the_systems() {
    let ledger = TestLedger::with(&[1], 1 << 20);
    for (text, epoch) in [
        ("", 1),
        ("nonsense", 1),
        ("epoch 7", 8),
        ("epoch 99999999999999999999999", 1),
        ("epoch 18446744073709551615 process 1", u64::MAX),
    ] {
        fs::write(ledger.at("lock"), text).unwrap();
        assert_eq!(ledger.open().store.epoch(), Epoch::new(epoch), "{text:?}");
    }
    fs::write(ledger.at("lock"), [0xff; 300]).unwrap();
    let line = fs::read_to_string({
        drop(ledger.open());
        ledger.at("lock")
    });
    assert_eq!(line.unwrap(), format!("epoch {:020} process {:010}\n", 1, std::process::id()));
}

#[test]
fn readers_beside_a_writer_see_whole_records_while_segments_roll() {
    let ledger = TestLedger::rolling_at(2_000);
    let mut writer = Writer::start(ledger.path());
    let mut acknowledged = writer.acknowledged();
    let mut seen = 0;
    for _ in 0..30 {
        let audit = audit(ledger.path());
        let size = audit.sound.len() as u64;
        assert_eq!(audit.sound, payloads(0..size));
        assert!(size >= acknowledged.max(seen), "{size} after {acknowledged} and {seen}");
        let on_their_way = audit.findings.iter().all(|(word, _)| *word == "on-its-way");
        assert!(on_their_way, "{:?}", audit.findings);
        seen = size;
        let head = ledger.reader().head().unwrap();
        assert!(head.size >= seen);
        assert!(ledger.reader().holds(audit.head).unwrap() && ledger.reader().holds(head).unwrap());
        assert!(ledger.reader().memory().is_none(), "nothing was remembered yet");
        acknowledged = writer.acknowledged();
    }
    writer.kill();
    assert!(ledger.segments().len() > 5);
}

#[test]
fn a_copy_taken_while_records_are_appended_opens_with_a_beginning_of_them() {
    let ledger = TestLedger::rolling_at(2_000);
    let mut writer = Writer::start(ledger.path());
    for _ in 0..12 {
        let acknowledged = writer.acknowledged();
        let copy = ledger.copy();
        copy.forget();
        let opened = copy.open();
        let size = opened.store.head().size;
        assert!(size >= acknowledged);
        drop(opened);
        check(copy.path(), size);
    }
    writer.kill();
}
