//! A history as it is published, and its signed checkpoints.

use std::path::Path;

use sanad_audit_log::note::{CosignerKey, Note, SignerKey};
use sanad_audit_log::tree::tree_root;
use sanad_audit_log::{Checkpoint, OpenedCheckpoint, PosixSeconds};
use sanad_event_store::FileReader;
use sanad_publication::Publisher;
use sanad_tests::SealedHistory;

/// The witness that cosigns every checkpoint.
pub(crate) fn witness() -> CosignerKey {
    CosignerKey::from_seed("witness.example/audit".parse().expect("a name"), &[2; 32])
}

/// The signed and cosigned checkpoint of a size.
pub(crate) fn checkpoint(history: &SealedHistory, key: &SignerKey, size: u64) -> Note {
    let root = tree_root(&mut history.tree(), size).expect("a root");
    let checkpoint = Checkpoint::new(key.name().clone(), size, root).expect("a checkpoint");
    let at = PosixSeconds::new(1_748_113_200 + size).expect("a time");
    let mut note = key.sign(checkpoint.to_text());
    note.add(witness().cosign(&checkpoint, at)).expect("room for a signature");
    note
}

/// Publishes a ledger as it grows: a third of it, two thirds, and all.
pub(crate) fn write(history: &SealedHistory, key: &SignerKey, ledger: &Path, folder: &Path) {
    let reader = FileReader::open(ledger).expect("a ledger");
    let mut publisher = Publisher::open(folder).expect("a folder to publish into");
    let size = history.records().len() as u64;
    for size in [size / 3, size * 2 / 3, size] {
        let note = OpenedCheckpoint::from_note(checkpoint(history, key, size));
        let note = note.expect("a checkpoint");
        publisher.publish(&reader, &note, &mut |_, _| {}).expect("a publication");
    }
}
