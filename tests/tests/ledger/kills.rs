//! A process that records with several threads is killed again and again: whatever it acknowledged is there, once.
//!
//! `SANAD_KILLS` sets how often (12 times unless said otherwise, 500 times with `SANAD_LONG=1`).

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use sanad::{Act, Auditor, CreateOptions, EntryId, Ledger, Receipt};
use sanad_tests::number_or;
use uuid::Uuid;

/// Names the ledger and the life for [`a_recorder_in_a_process_of_its_own`].
const LEDGER: &str = "SANAD_TEST_LEDGER";
const LIFE: &str = "SANAD_TEST_LIFE";
const THREADS: u64 = 4;
/// A ledger is killed so often before a new one is begun: each kill is followed by a whole verification.
const LIVES: u64 = 25;

fn kills() -> u64 {
    number_or("SANAD_KILLS", 12, 500)
}

/// The n-th act of a thread in one life of the process: always the same one.
fn act(ledger: &Ledger, life: u64, thread: u64, n: u64) -> Act {
    let number = (u128::from(life) << 64) | (u128::from(thread) << 32) | u128::from(n);
    let id = EntryId::new(Uuid::from_u128((0x0197_0000 << 96) | (number + 1))).unwrap();
    let amount = format!("0.00{}", 1 + n % 9);
    let act = ledger.act("mof").unwrap().id(id);
    act.grant("surplus", "acme", &amount, "2025-06-01").unwrap().build()
}

#[test]
#[ignore = "other tests run it in a process of its own"]
fn a_recorder_in_a_process_of_its_own() {
    let Some(folder) = std::env::var_os(LEDGER) else { return };
    let life = std::env::var(LIFE).unwrap().parse().unwrap();
    let ledger = Ledger::open_here(Path::new(&folder)).unwrap();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let ledger = &ledger;
            scope.spawn(move || {
                for n in 0.. {
                    let Receipt { sequence, hash, .. } =
                        ledger.record(act(ledger, life, thread, n)).unwrap();
                    println!("acknowledged {thread} {n} {sequence} {hash}");
                }
            });
        }
    });
}

/// What a receipt was printed as: place and hash, by thread and number.
type Acknowledged = HashMap<(u64, u64), (String, String)>;

fn acknowledgement(line: &str) -> Option<((u64, u64), (String, String))> {
    // The test harness begins the first line.
    let mut words = line.rsplit_once("acknowledged ")?.1.split(' ');
    let mut word = || words.next();
    let key = (word()?.parse().ok()?, word()?.parse().ok()?);
    Some((key, (word()?.to_owned(), word()?.to_owned())))
}

struct Recorder {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Recorder {
    fn start(folder: &Path, life: u64) -> Self {
        let name = "kills::a_recorder_in_a_process_of_its_own";
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env(LEDGER, folder)
            .env(LIFE, life.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// Kills it once it has acknowledged so many acts; gives all that it acknowledged.
    fn kill_after(mut self, count: usize) -> Acknowledged {
        let mut acknowledged = Acknowledged::new();
        let mut killed = false;
        loop {
            if acknowledged.len() >= count && !killed {
                self.process.kill().unwrap();
                killed = true;
            }
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                break;
            }
            // A line that the kill cut short acknowledges nothing.
            acknowledged.extend(line.strip_suffix('\n').and_then(acknowledgement));
        }
        self.process.wait().unwrap();
        assert!(killed, "it ended by itself after {} acts", acknowledged.len());
        acknowledged
    }
}

#[test]
fn whatever_was_acknowledged_is_there_once_after_every_kill_and_a_retry_gets_its_receipt() {
    let home = tempfile::tempdir().unwrap();
    let (mut folder, mut size) = (home.path().join("none"), 0);
    let mut all = 0;
    for life in 0..kills() {
        if life % LIVES == 0 {
            folder = home.path().join(life.to_string());
            let ledger = Ledger::create(&folder, CreateOptions::default()).unwrap();
            let act = ledger.act("mof").unwrap().open_pool("surplus", "S", "MW", 3).unwrap();
            let act = act.declare_capacity("surplus", "2000", "2025-05-25").unwrap();
            ledger.record(act.register_holder("acme", "Acme").unwrap().build()).unwrap();
            size = 1;
        }
        // From killed while it opens to killed among many; where in a write it is hit, is left to chance.
        let count = usize::try_from(life * 37 % 101).unwrap();
        let acknowledged = Recorder::start(&folder, life).kill_after(count);
        assert!(acknowledged.len() >= count);
        all += acknowledged.len();
        let ledger = Ledger::open_here(&folder).unwrap();
        for thread in 0..THREADS {
            let mine = acknowledged.keys().filter(|key| key.0 == thread).count();
            let mine = u64::try_from(mine).unwrap();
            // The last one may have been recorded or not: nobody was told.
            for n in 0..=mine {
                let receipt = ledger.record(act(&ledger, life, thread, n)).unwrap();
                let again = (receipt.sequence.to_string(), receipt.hash.to_string());
                if n < mine {
                    assert_eq!(acknowledged[&(thread, n)], again, "life {life}, {thread}/{n}");
                    assert!(receipt.repeated);
                }
            }
            size += mine + 1;
        }
        drop(ledger);
        let auditor = Auditor::open(&folder).unwrap();
        assert_eq!(auditor.head().size, size, "life {life}");
        let verdict = auditor.verify(&mut |_| {}).unwrap();
        assert!(verdict.is_clean(), "life {life}: {verdict:?}");
    }
    println!("{} kills, {all} acknowledged acts, each there once", kills());
}
