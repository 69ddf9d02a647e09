//! Published folders, damaged, and what a scan says of each.

use std::fs;
use std::path::{Path, PathBuf};

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::{TreeHash, tree_root};
use sanad_audit_log::{Checkpoint, CheckpointError, OpenedCheckpoint};
use sanad_event_store::FileReader;
use sanad_publication::{Concern, FolderSource, Publication, PublicationScan, Publisher, ScanItem};
use sanad_tests::{BusyRegister, SealedHistory, copy_folder, files_in};
use serde_json::{Value, json};

use crate::Court;
use crate::dice::Dice;
use crate::log_files::identity;

const ENTRIES: usize = 600;
const ACCIDENTS: u64 = 150;

/// Each takes the folder of a sound publication and that of another ledger's.
type Damage = fn(&Path, &Path);

const DAMAGES: [(&str, Damage); 24] = [
    ("untouched", |_, _| ()),
    ("a-record-changed", |folder, _| edit(folder, "tile/entries/001", |data| data[5_000] ^= 1)),
    ("a-record-of-the-partial-bundle-changed", |folder, _| {
        edit(folder, "tile/entries/002.p/88", |data| data[900] ^= 1);
    }),
    ("a-bundle-cut", |folder, _| edit(folder, "tile/entries/001", |data| data.truncate(9_000))),
    ("a-byte-behind-a-bundle", |folder, _| edit(folder, "tile/entries/000", |data| data.push(0))),
    ("a-record-taken-out-of-a-bundle", |folder, _| {
        edit(folder, "tile/entries/001", |data| {
            let length = usize::from(data[0]) << 8 | usize::from(data[1]);
            data.drain(..2 + length);
        });
    }),
    ("two-bundles-in-the-wrong-order", |folder, _| {
        let (one, two) = (folder.join("tile/entries/000"), folder.join("tile/entries/001"));
        let (first, second) = (fs::read(&one).expect("a file"), fs::read(&two).expect("a file"));
        fs::write(one, second).expect("a file");
        fs::write(two, first).expect("a file");
    }),
    ("a-bundle-of-another-ledger", |folder, other| copy(other, folder, "tile/entries/001")),
    ("a-bundle-missing", |folder, _| remove(folder, "tile/entries/001")),
    ("the-first-bundle-missing", |folder, _| remove(folder, "tile/entries/000")),
    ("the-partial-bundle-missing", |folder, _| remove(folder, "tile/entries/002.p/88")),
    ("a-tile-altered", |folder, _| edit(folder, "tile/0/001", |data| data[320] ^= 1)),
    ("the-partial-tile-altered", |folder, _| edit(folder, "tile/0/002.p/88", |data| data[64] ^= 1)),
    ("a-tile-above-altered", |folder, _| edit(folder, "tile/1/000.p/2", |data| data[40] ^= 1)),
    ("a-tile-cut", |folder, _| edit(folder, "tile/0/000", |data| data.truncate(8_191))),
    ("a-tile-of-another-ledger", |folder, other| copy(other, folder, "tile/0/000")),
    ("a-tile-missing", |folder, _| remove(folder, "tile/0/001")),
    ("a-tile-above-missing", |folder, _| remove(folder, "tile/1/000.p/2")),
    ("a-checkpoint-that-is-none", |folder, _| edit(folder, "checkpoint", |data| data.truncate(20))),
    ("a-checkpoint-with-a-forged-signature", |folder, _| {
        edit(folder, "checkpoint", |data| {
            let at = data.len() - 20;
            data[at] = if data[at] == b'A' { b'B' } else { b'A' };
        });
    }),
    ("a-checkpoint-of-another-size", |folder, _| {
        edit(folder, "checkpoint", |data| {
            let text = String::from_utf8_lossy(data).replace("\n600\n", "\n599\n");
            *data = text.into_bytes();
        });
    }),
    ("a-checkpoint-signed-by-a-stranger", |folder, _| {
        let stranger = SignerKey::from_seed("ledger.example/pk".parse().expect("a name"), &[9; 32]);
        let text = OpenedCheckpoint::parse(&fs::read(folder.join("checkpoint")).expect("a file"));
        let note = stranger.sign(text.expect("a checkpoint").claimed().to_text());
        fs::write(folder.join("checkpoint"), note.to_string()).expect("a file");
    }),
    ("a-tree-over-other-leaves", |folder, _| {
        let leaves: Vec<_> = (0..ENTRIES).map(|n| TreeHash::leaf(&n.to_le_bytes())).collect();
        sign(folder, ENTRIES as u64, TreeHash::root(&leaves));
    }),
    ("a-checkpoint-of-more-than-is-there", |folder, _| sign(folder, 900, TreeHash::leaf(b"more"))),
];

fn key() -> SignerKey {
    SignerKey::from_seed("ledger.example/pk".parse().expect("a name"), &[1; 32])
}

fn sign(folder: &Path, size: u64, root: TreeHash) {
    let checkpoint = Checkpoint::new(key().name().clone(), size, root).expect("a checkpoint");
    let note = key().sign(checkpoint.to_text());
    fs::write(folder.join("checkpoint"), note.to_string()).expect("a file");
}

fn edit(folder: &Path, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let mut data = fs::read(folder.join(file)).expect("a file");
    change(&mut data);
    fs::write(folder.join(file), data).expect("a file");
}

fn remove(folder: &Path, file: &str) {
    fs::remove_file(folder.join(file)).expect("a file");
}

fn copy(from: &Path, to: &Path, file: &str) {
    fs::copy(from.join(file), to.join(file)).expect("a file");
}

/// Publishes a ledger of some hundred entries, the only size that is published.
fn published(number: u128, home: &Path) -> PathBuf {
    let acts = BusyRegister::default().take(ENTRIES);
    let history = SealedHistory::of(identity(number, "Surplus"), acts, 100);
    let (ledger, folder) =
        (home.join(format!("ledger-{number}")), home.join(format!("published-{number}")));
    history.write(&ledger, 1 << 20);
    let root = tree_root(&mut history.tree(), ENTRIES as u64).expect("a root");
    let checkpoint = Checkpoint::new(key().name().clone(), ENTRIES as u64, root);
    let note = key().sign(checkpoint.expect("a checkpoint").to_text());
    let note = OpenedCheckpoint::from_note(note).expect("a checkpoint");
    let reader = FileReader::open(&ledger).expect("a ledger");
    let mut publisher = Publisher::open(&folder).expect("a folder to publish into");
    publisher.publish(&reader, &note, &mut |_, _| {}).expect("a publication");
    folder
}

/// What is said of the checkpoint, and the checkpoint where it can be read.
fn checkpoint(folder: &Path) -> (Option<Value>, Option<Checkpoint>) {
    let data = fs::read(folder.join("checkpoint")).expect("a file");
    match OpenedCheckpoint::parse(&data) {
        Err(_) => (Some(json!(["integrity", null, "checkpoint_unreadable"])), None),
        Ok(opened) => {
            let code = match opened.verify(&[key().verifier_key()]) {
                Ok(_) => None,
                Err(CheckpointError::NotSignedByItsLog { .. }) => Some("checkpoint_not_signed"),
                Err(_) => Some("checkpoint_signature"),
            };
            let found = code.map(|code| json!(["integrity", null, code]));
            (found, Some(opened.claimed().clone()))
        }
    }
}

fn judge(name: &str, folder: &Path, court: &mut Court) {
    let (found, claimed) = checkpoint(folder);
    let mut findings: Vec<Value> = found.into_iter().collect();
    let mut root = Value::Null;
    if let Some(claimed) = claimed {
        let publication = Publication::new(FolderSource::new(folder));
        let identity = match publication.identity() {
            Ok(identity) => identity,
            Err(error) => {
                let told = json!({ "name": name, "error": error.to_string() });
                return court.tell(&told);
            }
        };
        let scan = PublicationScan::new(&publication, &claimed, &identity);
        let scanned = scan.run(&mut |item| {
            if let ScanItem::Finding(finding) = item {
                let class = match finding.cause.concern() {
                    Concern::Integrity => "integrity",
                    Concern::Coverage => "coverage",
                };
                let sequence = finding.sequence.map(|sequence| sequence.get());
                findings.push(json!([class, sequence, finding.cause.code()]));
            }
        });
        root = json!(scanned.root.map(|root| root.to_string()));
    }
    court.tell(&json!({ "name": name, "published": true, "findings": findings, "root": root,
        "key": key().verifier_key().to_string() }));
}

pub(crate) fn write(court: &mut Court) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (sound, other) = (published(1, home.path()), published(2, home.path()));
    for (name, damage) in DAMAGES {
        let name = format!("published-{name}");
        let folder = court.folder(&name);
        copy_folder(&sound, &folder);
        damage(&folder, &other);
        judge(&name, &folder, court);
    }
    for number in 0..ACCIDENTS {
        accident("tile", number, &sound, court);
        accident("checkpoint", number, &sound, court);
        accident("ledger.json", number, &sound, court);
    }
}

/// Damages one of the files that are, or are below, a path.
fn accident(path: &str, number: u64, sound: &Path, court: &mut Court) {
    let (name, mut dice) = (format!("published-{path}-accident-{number}"), Dice::new(number));
    let folder = court.folder(&name);
    copy_folder(sound, &folder);
    let target = folder.join(path);
    let below = if target.is_dir() {
        files_in(&target).iter().map(|file| target.join(file)).collect()
    } else {
        vec![target]
    };
    let path = &below[dice.index(below.len())];
    let mut data = fs::read(path).expect("a file");
    let at = dice.index(data.len());
    match dice.below(6) {
        0 => data.truncate(at),
        1 => drop(data.drain(at..(at + 40).min(data.len()))),
        2 => data[at] = 0,
        3 => data.insert(at, b"\n+ 09=\xff,"[dice.index(8)]),
        4 => {
            let line = data[at..].iter().position(|byte| *byte == b'\n').unwrap_or(0);
            let twice = data[at..at + line].to_vec();
            data.splice(at..at, twice);
        }
        _ => data[at] ^= 1 << dice.below(8),
    }
    fs::write(path, data).expect("a file");
    judge(&name, &folder, court);
}
