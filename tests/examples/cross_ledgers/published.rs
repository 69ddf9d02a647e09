//! A history as it is published: tiles, bundles and the checkpoint.

use std::fs;
use std::path::Path;

use sanad_audit_log::note::{CosignerKey, Note, SignerKey};
use sanad_audit_log::tile::{Coverage, TileEdge, TilePath, append_entry};
use sanad_audit_log::tree::{TreeHash, tree_root};
use sanad_audit_log::{Checkpoint, PosixSeconds};
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

fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("a folder that can be written to");
}

/// Writes everything that is published of a history.
pub(crate) fn write(history: &SealedHistory, key: &SignerKey, folder: &Path) {
    let mut edge = TileEdge::new();
    for record in history.records() {
        edge.append(TreeHash::leaf(record), |place, tile| {
            put(folder, &TilePath::Tile(place).to_string(), tile.bytes());
        });
    }
    for (place, tile) in edge.partial_tiles() {
        put(folder, &TilePath::Tile(place).to_string(), tile.bytes());
    }
    let size = history.records().len() as u64;
    for place in Coverage::of(size).bundles() {
        let first = place.first_entry().expect("an entry") as usize;
        let mut bundle = Vec::new();
        for record in &history.records()[first..first + usize::from(place.width().get())] {
            append_entry(record, &mut bundle).expect("a record fits");
        }
        put(folder, &TilePath::Entries(place).to_string(), &bundle);
    }
    put(folder, "checkpoint", checkpoint(history, key, size).to_string().as_bytes());
}
