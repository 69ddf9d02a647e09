//! Every bit of every file of a small ledger is flipped, every file is cut at every length: no verification is silent.

use std::fs;
use std::path::{Path, PathBuf};

use sanad::{Auditor, Evidence};
use sanad_tests::TestLedger;

use crate::published::key_of;

/// Three entries, a kept checkpoint and no memory: what a ledger is when all that is derived is gone.
fn ledger() -> TestLedger {
    let mut ledger = TestLedger::with_surplus();
    let grant = ledger.act().grant("surplus", "acme", "300 MW", "2025-06-01").unwrap();
    let grant = ledger.does(grant).grants[0];
    ledger.does(ledger.act().revoke(grant, "100 MW", "2025-09-01").unwrap());
    ledger.close();
    let folder = ledger.folder();
    fs::remove_dir_all(folder.join("memory")).unwrap();
    let auditor = Auditor::open(&folder).unwrap();
    let checkpoint = auditor.checkpoint(&[key_of(&folder)]).unwrap();
    sanad::KeptCheckpoints::of(&folder).unwrap().keep(&checkpoint).unwrap();
    ledger
}

/// The files that are not derived, and are not the empty lock.
fn files(folder: &Path) -> Vec<PathBuf> {
    let below = |name: &str| {
        let entries = fs::read_dir(folder.join(name)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let files = [vec![folder.join("ledger.json")], below("log"), below("checkpoints")].concat();
    assert_eq!(files.len(), 3);
    files
}

/// Whether an audit by somebody who has the key finds nothing at all.
fn is_silent(folder: &Path, evidence: &Evidence) -> bool {
    let Ok(auditor) = Auditor::open(folder) else { return false };
    auditor.verify_with(evidence, &mut |_| {}).is_ok_and(|verdict| verdict.is_clean())
}

#[test]
fn no_flipped_bit_and_no_cut_is_passed_over() {
    let ledger = ledger();
    let folder = ledger.folder();
    let evidence = Evidence { keys: vec![key_of(&folder).verifier_key()], ..Evidence::default() };
    assert!(is_silent(&folder, &evidence), "nothing is wrong yet");
    let (mut bits, mut cuts, mut passed_over) = (0, 0, Vec::new());
    for file in files(&folder) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let whole = fs::read(&file).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&file, &flipped).unwrap();
            bits += 1;
            if is_silent(&folder, &evidence) {
                passed_over.push(format!("bit {bit} of {name}"));
            }
        }
        for length in 0..whole.len() {
            fs::write(&file, &whole[..length]).unwrap();
            cuts += 1;
            if is_silent(&folder, &evidence) {
                passed_over.push(format!("{name} cut at {length}"));
            }
        }
        fs::write(&file, &whole).unwrap();
    }
    println!("{bits} flipped bits, {cuts} cuts");
    assert_eq!(passed_over, Vec::<String>::new());
}
