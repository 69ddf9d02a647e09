//! What is told of a ledger, for others to agree with: one JSON value a line.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::{ConsistencyProof, InclusionProof, TreeHash, tree_root};
use sanad_audit_log::{OpenedCheckpoint, ProofFile};
use sanad_tests::SealedHistory;
use serde_json::{Value, json};

use crate::published::{checkpoint, witness};

/// Up to this size every pair of sizes, and every leaf at every size, has its proof.
const EXHAUSTIVE: u64 = 64;
/// So many state digests, and so many proofs at each end of a larger ledger.
const SAMPLES: u64 = 16;

fn lines(folder: &Path, name: &str, values: impl Iterator<Item = Value>) {
    let mut file = BufWriter::new(File::create(folder.join(name)).expect("a new file"));
    for value in values {
        writeln!(file, "{value}").expect("a folder that can be written to");
    }
    file.flush().expect("a folder that can be written to");
}

fn hashes(path: &[TreeHash]) -> Vec<String> {
    path.iter().map(ToString::to_string).collect()
}

/// Some numbers from 0 to `end`, the first and the last ones and those about a full tile among them.
fn some(end: u64) -> Vec<u64> {
    let near = [0, 1, 2, 3, 254, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537];
    let mut some: Vec<u64> = near.into_iter().filter(|n| *n <= end).collect();
    some.extend((0..SAMPLES).map(|n| n * n * end / (SAMPLES * SAMPLES)));
    some.extend([end.saturating_sub(1), end]);
    some.sort_unstable();
    some.dedup();
    some
}

/// Writes what is told of a history.
pub(crate) fn write(history: &SealedHistory, key: &SignerKey, folder: &Path) {
    let end = history.records().len() as u64;
    let keys = json!({
        "log": key.verifier_key().to_string(),
        "witness": witness().verifier_key().to_string(),
    });
    lines(folder, "keys.json", std::iter::once(keys));
    let size_told = |size: u64| {
        let root = tree_root(&mut history.tree(), size).expect("a root");
        let with_state = end <= 300 || some(end).contains(&size);
        json!({
            "size": size,
            "head": history.head(size as usize).hash.to_string(),
            "root": root.to_string(),
            "state": with_state.then(|| history.state(size).to_string()),
            "note": checkpoint(history, key, size).to_string(),
        })
    };
    lines(folder, "sizes.jsonl", (0..=end).map(size_told));
    let sizes: Vec<u64> = if end <= 300 { (0..=end).collect() } else { some(end) };
    let others = |size: u64| if size <= EXHAUSTIVE { (0..=size).collect() } else { some(size) };
    let inclusion = sizes.iter().flat_map(|&size| {
        others(size).into_iter().filter(move |index| *index < size).map(move |index| {
            let proof = InclusionProof::make(&mut history.tree(), index, size).expect("a proof");
            json!({ "index": index, "size": size, "hashes": hashes(proof.path()) })
        })
    });
    lines(folder, "inclusion.jsonl", inclusion);
    let consistency = sizes.iter().flat_map(|&size| {
        others(size).into_iter().map(move |old| {
            let proof = ConsistencyProof::make(&mut history.tree(), old, size).expect("a proof");
            json!({ "old": old, "size": size, "hashes": hashes(proof.path()) })
        })
    });
    lines(folder, "consistency.jsonl", consistency);
    proof_files(history, key, folder);
}

/// Proof files of some records, with the record as what is extra and without.
fn proof_files(history: &SealedHistory, key: &SignerKey, folder: &Path) {
    let end = history.records().len() as u64;
    std::fs::create_dir_all(folder.join("proofs")).expect("a folder");
    for index in some(end - 1) {
        let inclusion = InclusionProof::make(&mut history.tree(), index, end).expect("a proof");
        let note =
            OpenedCheckpoint::from_note(checkpoint(history, key, end)).expect("a checkpoint");
        let extra = index.is_multiple_of(2).then(|| history.records()[index as usize].clone());
        let file = ProofFile::new(inclusion, note, extra).expect("a proof file");
        let path = folder.join("proofs").join(format!("{index}.tlog-proof"));
        std::fs::write(path, file.to_string()).expect("a folder that can be written to");
    }
}
