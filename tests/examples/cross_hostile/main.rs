//! Makes ledgers that somebody tampered with, and tells Sanad's verdict on each: `cross_hostile FOLDER`. See
//! `tests/cross/README.md`.
//!
//! | file | noun |
//! |---|---|
//! | `log_files` | a ledger's files in memory, to be damaged and written |
//! | `damages` | damages with telling names |
//! | `accidents` | damages at random |
//! | `publications` | published folders, damaged |
//! | `strangers` | entries at random, lawful and unlawful |
//! | `dice` | chance that is the same every time |

mod accidents;
mod damages;
mod dice;
mod log_files;
mod publications;
mod strangers;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sanad::Auditor;
use serde_json::{Value, json};

/// Where ledgers go, and what Sanad says of each.
pub(crate) struct Court {
    folder: PathBuf,
    verdicts: BufWriter<File>,
}

impl Court {
    /// Takes down a verdict.
    fn tell(&mut self, told: &Value) {
        writeln!(self.verdicts, "{told}").expect("a folder that can be written to");
    }

    /// A new folder for a ledger with this name.
    fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Judges the ledger that was written there.
    fn judge(&mut self, name: &str) {
        self.judge_with(name, Value::Null);
    }

    /// Judges it, and tells which states it went through.
    fn judge_with(&mut self, name: &str, states: Value) {
        let auditor = Auditor::open(&self.folder(name));
        let verdict = auditor.and_then(|auditor| auditor.verify(&mut |_| {}));
        let told = match verdict {
            Ok(verdict) => {
                let finding = |found: &sanad::Finding| {
                    let sequence = found.sequence.map(|sequence| sequence.0);
                    json!([found.class.as_str(), sequence, found.code])
                };
                let findings: Vec<_> = verdict.findings().map(finding).collect();
                json!({ "name": name, "findings": findings, "entries": verdict.entries,
                    "head": verdict.head.hash.to_string(), "states": states })
            }
            Err(error) => json!({ "name": name, "error": error.to_string() }),
        };
        self.tell(&told);
    }
}

fn main() {
    let folder = std::env::args_os().nth(1).expect("the folder to write to");
    let folder = Path::new(&folder).to_owned();
    std::fs::create_dir_all(&folder).expect("a folder");
    let verdicts = File::create(folder.join("verdicts.jsonl")).expect("a new file");
    let mut court = Court { folder, verdicts: BufWriter::new(verdicts) };
    damages::write(&mut court);
    accidents::write(&mut court);
    strangers::write(&mut court);
    publications::write(&mut court);
    court.verdicts.flush().expect("a folder that can be written to");
}
