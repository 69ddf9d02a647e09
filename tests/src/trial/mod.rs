//! Bytes from outside on trial: what must hold of whatever is read, whoever made it up.
//!
//! A [`Trial`] reads bytes as one of the things that come from outside, and panics where something does not hold of
//! what was read. `tests/fuzz` has a program for each, which looks for such bytes; the test `trials` holds every seed
//! against it, and what those programs once found.
//!
//! | file | noun |
//! |---|---|
//! | `record` | one record, and records in a row |
//! | `payload` | an entry, judged and projected |
//! | `act` | acts in the exchange form, decided |
//! | `note` | notes, checkpoints, keys, policies, requests to a witness, identities |
//! | `proof` | proof files, status files, disputes |
//! | `tile` | tiles, bundles, and a publication of which files were changed |
//! | `segment` | a log that a writer opens and an audit scans |
//! | `naive_log` | what docs/format/segment.md says of a segment's bytes, in loops |
//! | `measure` | times, amounts and names as people write them |
//! | `seed` | where the trials begin: what the project has as vectors and frozen ledgers |
//! | `frozen` | the ledger that version 0.1 wrote |

mod act;
mod frozen;
mod measure;
mod naive_log;
mod note;
mod payload;
mod proof;
mod record;
mod seed;
mod segment;
mod tile;

use std::fmt::Display;

pub use seed::Seed;

/// Something that is read from outside, and what must hold of it.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Its name: that of its program in `tests/fuzz`.
    pub name: &'static str,
    /// Reads bytes, and panics where something does not hold.
    pub hold: fn(&[u8]),
    /// Where it begins.
    pub seeds: fn() -> Vec<Seed>,
}

/// Every trial.
pub const TRIALS: [Trial; 8] = [
    Trial { name: "record", hold: record::hold, seeds: record::seeds },
    Trial { name: "payload", hold: payload::hold, seeds: payload::seeds },
    Trial { name: "act", hold: act::hold, seeds: act::seeds },
    Trial { name: "note", hold: note::hold, seeds: note::seeds },
    Trial { name: "proof", hold: proof::hold, seeds: proof::seeds },
    Trial { name: "tile", hold: tile::hold, seeds: tile::seeds },
    Trial { name: "segment", hold: segment::hold, seeds: segment::seeds },
    Trial { name: "measure", hold: measure::hold, seeds: measure::seeds },
];

/// Puts bytes on trial.
///
/// # Panics
/// Where something does not hold of them, or there is no trial of this name.
pub fn put(name: &str, bytes: &[u8]) {
    let trial = TRIALS.iter().find(|trial| trial.name == name).expect("there is such a trial");
    (trial.hold)(bytes);
}

/// The longest message that a person is to read, in characters.
const BEARABLE: usize = 1_000;

/// What is said of bytes that are refused is short, and moves no cursor, hides nothing and reorders nothing.
fn bearable(message: &impl Display) {
    let message = message.to_string();
    assert!(message.chars().count() <= BEARABLE, "{} bytes are said", message.len());
    let misleads = |c: &char| {
        let code = u32::from(*c);
        c.is_control() || matches!(code, 0x2028..=0x202e | 0x2066..=0x2069)
    };
    assert_eq!(message.chars().find(misleads), None, "{message:?}");
}
