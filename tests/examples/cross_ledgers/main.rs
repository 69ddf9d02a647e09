//! Makes the ledgers that programs of others verify: `cross_ledgers FOLDER`. See `tests/cross/README.md`.
//!
//! | file | noun |
//! |---|---|
//! | `published` | a history as it is published, and its signed checkpoints |
//! | `told` | what is told of each ledger: checkpoints of every size, proofs, heads, states |

mod published;
mod told;

use std::fs;
use std::path::Path;

use sanad::{Identity, LedgerId};
use sanad_audit_log::note::SignerKey;
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

fn make(folder: &Path, size: usize) {
    let history = SealedHistory::of(identity(size), BusyRegister::default().take(size), 100);
    let origin = history.identity().origin().parse().expect("a name");
    let key = SignerKey::from_seed(origin, &[1; 32]);
    fs::create_dir_all(folder).expect("a folder");
    history.write(&folder.join("ledger"), 4 << 20);
    fs::remove_dir_all(folder.join("ledger/memory")).ok();
    published::write(&history, &key, &folder.join("ledger"), &folder.join("published"));
    told::write(&history, &key, folder);
}

fn main() {
    let folder = std::env::args_os().nth(1).expect("the folder to write to");
    let folder = Path::new(&folder);
    for size in SIZES {
        make(&folder.join(size.to_string()), size);
        eprintln!("made {size} entries");
    }
}
