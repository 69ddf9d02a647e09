//! The exported history, held against the entries as they are shown one by one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const MEGAWATTS: [&str; 7] = ["pool", "open", "surplus", "Surplus", "--unit", "MW", "--decimals"];
const WATER: [&str; 7] = ["pool", "open", "water", "Water", "--unit", "m3/d", "--decimals"];

/// A ledger in a folder of its own.
struct Place {
    _folder: tempfile::TempDir,
    ledger: PathBuf,
}

impl Place {
    fn with_ledger() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("surplus.ledger");
        let place = Self { _folder: folder, ledger };
        place.does(&["init"]);
        place
    }

    fn sanad(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanad"));
        command.env("SANAD_LEDGER", &self.ledger).env("SANAD_ACTOR", "mof");
        command.args(words).output().unwrap()
    }

    fn does(&self, words: &[&str]) -> String {
        let done = self.sanad(words);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words:?}: {said}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Grants an amount of a pool to a holder, and takes some of it back.
    fn grants_and_revokes(&self, pool: &str, amount: &str) {
        let words = [
            "grant",
            pool,
            "sahra",
            amount,
            "--from",
            "2125-07-01",
            "--reason",
            "made up",
            "--json",
        ];
        let told: Value = serde_json::from_str(&self.does(&words)).unwrap();
        let grant = told.pointer("/recorded/events/0/granted/grant").unwrap();
        let words = ["revoke", grant.as_str().unwrap(), "0.5", "--from", "2125-08-01"];
        self.does(&[&words[..], &["--reason", "made up"]].concat());
    }

    /// The exported lines, one for each entry.
    fn export(&self, words: &[&str]) -> Vec<Value> {
        let exported = self.does(&[&["export", "history"], words].concat());
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn shown(&self, entry: usize) -> Value {
        let shown = self.does(&["show", &entry.to_string(), "--json"]);
        let mut shown: Value = serde_json::from_str(&shown).unwrap();
        shown["entry"].take()
    }
}

fn segment(ledger: &Path) -> PathBuf {
    let mut files = fs::read_dir(ledger.join("log")).unwrap();
    files.next().unwrap().unwrap().path()
}

#[test]
fn units_are_told_as_a_view_tells_them_before_and_after_there_are_several() {
    let place = Place::with_ledger();
    place.does(&[&MEGAWATTS[..], &["3"]].concat());
    place.does(&["pool", "open", "surplus/ai", "AI", "--parent", "surplus"]);
    place.does(&["capacity", "declare", "surplus", "2000", "--from", "2125-05-25"]);
    place.does(&["holder", "register", "sahra", "Sahra (made up)"]);
    place.grants_and_revokes("surplus", "700.25");
    let one_unit = place.export(&[]);
    assert_eq!(one_unit.len(), 6);
    place.does(&[&WATER[..], &["1"]].concat());
    place.does(&["capacity", "declare", "water", "90", "--from", "2125-05-25"]);
    place.grants_and_revokes("water", "12.5");
    place.grants_and_revokes("surplus", "1.125");
    for memory in ["remembered", "forgotten"] {
        if memory == "forgotten" {
            fs::remove_dir_all(place.ledger.join("memory")).unwrap();
        }
        let exported = place.export(&[]);
        assert_eq!(exported.len(), 12);
        assert_eq!(exported[..6], one_unit);
        for (entry, line) in exported.iter().enumerate() {
            assert_eq!(line, &place.shown(entry), "entry {entry}, {memory}");
        }
    }
}

#[test]
fn what_was_known_at_an_entry_or_an_instant_is_exported_and_no_more() {
    let place = Place::with_ledger();
    place.does(&[&MEGAWATTS[..], &["3"]].concat());
    place.does(&["holder", "register", "sahra", "Sahra (made up)"]);
    let all = place.export(&[]);
    let id = all[0]["id"].as_str().unwrap();
    assert_eq!(place.export(&["--at-entry", id]), all[..1]);
    assert_eq!(place.export(&["--as-known-at", "2125-01-01"]), all);
    assert_eq!(place.export(&["--as-known-at", "2000-01-01"]), all[..0]);
    let refused = place.sanad(&["export", "history", "--at-entry", "2"]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("has entries 0 to 1") && refused.stdout.is_empty(), "{said}");
}

#[test]
fn a_record_that_was_changed_ends_the_export_before_it() {
    let place = Place::with_ledger();
    place.does(&[&MEGAWATTS[..], &["3"]].concat());
    place.does(&["holder", "register", "sahra", "Sahra (made up)"]);
    place.does(&["holder", "register", "waha", "Waha (made up)"]);
    let path = segment(&place.ledger);
    let mut bytes = fs::read(&path).unwrap();
    let name = bytes.windows(5).position(|five| five == b"Sahra").unwrap();
    bytes[name] = b'Z';
    fs::write(&path, bytes).unwrap();
    let ended = place.sanad(&["export", "history"]);
    assert!(!ended.status.success());
    assert!(String::from_utf8_lossy(&ended.stderr).contains("at sequence 1"), "{ended:?}");
    assert_eq!(String::from_utf8(ended.stdout).unwrap().lines().count(), 1);
}
