//! What programs of others verify, as `tests/cross/README.md` describes it: `cross_ledgers make FOLDER` makes ledgers
//! below a folder, `tell FOLDER` publishes the ledger in a folder and tells what is to be told of it, and `read
//! FOLDER` reads what Go signed of it.
//!
//! | file | noun |
//! |---|---|
//! | `published` | a history as it is published, and its signed checkpoints |
//! | `told` | what is told of each ledger: checkpoints of every size, proofs, heads, states |

mod published;
mod told;

use std::fs;
use std::path::{Path, PathBuf};

use sanad::{Identity, LedgerId};
use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::note::{SignerKey, VerifierKey};
use sanad_tests::{BusyRegister, SealedHistory};
use uuid::Uuid;

const SIZES: [usize; 7] = [1, 2, 255, 256, 257, 1_000, 70_000];

fn identity(size: usize) -> Identity {
    let id = Uuid::from_u128(0x0197_0000_0000_4000_8000_0000_0000_0000 + size as u128);
    let (created_at_us, origin) = (1_748_113_200_000_000, format!("ledger.example/cross/{size}"));
    let title = "Surplus electricity · فاضل بجلی";
    Identity::new(LedgerId::new(id), created_at_us, "Asia/Karachi", &origin, title)
        .expect("an identity")
}

/// Publishes a history whose ledger is in the folder, and tells what is to be told of it.
fn tell(history: &SealedHistory, folder: &Path) {
    let origin = history.identity().origin().parse().expect("a name");
    let key = SignerKey::from_seed(origin, &[1; 32]);
    published::write(history, &key, &folder.join("ledger"), &folder.join("published"));
    told::write(history, &key, folder);
}

fn make(folder: &Path, size: usize) {
    let history = SealedHistory::of(identity(size), BusyRegister::default().take(size), 100);
    fs::create_dir_all(folder).expect("a folder");
    history.write(&folder.join("ledger"), 4 << 20);
    tell(&history, folder);
}

/// Reads the checkpoint that Go signed of a ledger.
fn read(folder: &Path) {
    let key = fs::read_to_string(folder.join("go.key")).expect("a key");
    let key: VerifierKey = key.trim().parse().expect("a key");
    let note = fs::read(folder.join("go.checkpoint")).expect("a checkpoint");
    let opened = OpenedCheckpoint::parse(&note).expect("a checkpoint");
    opened.verify(&[key]).expect("a signature that holds");
    println!("sanad: {}: what Go signed is read", opened.claimed().size());
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let mode = arguments.next().expect("what to do: make, tell or read");
    for folder in arguments.map(PathBuf::from) {
        match mode.to_str() {
            Some("make") => {
                for size in SIZES {
                    make(&folder.join(size.to_string()), size);
                }
            }
            Some("tell") => tell(&SealedHistory::read(&folder.join("ledger")), &folder),
            Some("read") => read(&folder),
            _ => panic!("what to do is make, tell or read"),
        }
    }
}
