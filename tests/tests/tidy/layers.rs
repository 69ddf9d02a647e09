//! The arrows between the crates, and the libraries that only one crate may use.

use std::collections::BTreeMap;
use std::process::Command;

use sanad_tests::workspace;
use serde_json::Value;

/// Each crate, in the order of the way of an entry, with the crates of the workspace that it may import.
const ARROWS: [(&str, &[&str]); 11] = [
    ("sanad-core", &[]),
    ("sanad-codec", &["sanad-core"]),
    ("sanad-audit-log", &[]),
    ("sanad-projection", &["sanad-core"]),
    ("sanad-event-store", &["sanad-audit-log"]),
    ("sanad-publication", &["sanad-audit-log", "sanad-event-store"]),
    (
        "sanad",
        &[
            "sanad-core",
            "sanad-codec",
            "sanad-audit-log",
            "sanad-projection",
            "sanad-event-store",
            "sanad-publication",
        ],
    ),
    ("sanad-witness", &["sanad-audit-log", "sanad-publication", "sanad"]),
    ("sanad-bench", &["sanad-codec", "sanad-audit-log", "sanad-event-store", "sanad"]),
    ("sanad-cli", &["sanad", "sanad-witness", "sanad-bench"]),
    (
        "sanad-tests",
        &[
            "sanad-core",
            "sanad-codec",
            "sanad-audit-log",
            "sanad-projection",
            "sanad-event-store",
            "sanad-publication",
            "sanad",
            "sanad-witness",
        ],
    ),
];

/// Libraries that are fenced in: only this crate may use them, or none but its tests.
const FENCES: [(&str, Option<&str>); 4] = [
    ("bincode", None),
    ("blake3", Some("sanad-audit-log")),
    ("sha2", Some("sanad-audit-log")),
    ("ed25519-dalek", Some("sanad-audit-log")),
];

/// What each crate of the workspace depends on when it is used, tests left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = |package: &Value| {
        let used = package["dependencies"].as_array().unwrap().iter();
        let used = used.filter(|dependency| dependency["kind"].is_null());
        let names = used.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        (package["name"].as_str().unwrap().to_owned(), names.collect())
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

#[test]
fn arrows_run_forwards_only() {
    let found = dependencies();
    let known: Vec<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut members: Vec<_> = found.keys().cloned().collect();
    members.sort_by_key(|name| known.iter().position(|known| known == name));
    assert_eq!(members, known, "a new crate belongs into the table of arrows");
    for (name, allowed) in ARROWS {
        let ours = found[name].iter().filter(|used| known.contains(used));
        let wrong: Vec<_> = ours.filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(wrong.is_empty(), "{name} must not import {wrong:?}");
    }
}

#[test]
fn fenced_libraries_stay_in_their_crate() {
    for (name, used) in dependencies() {
        for (library, owner) in FENCES {
            assert!(
                owner == Some(name.as_str()) || !used.iter().any(|used| used == library),
                "{library} in {name}"
            );
        }
    }
}

#[test]
fn no_peer_is_among_what_sanad_is_built_on() {
    let read = |name: &str| std::fs::read_to_string(workspace().join(name)).unwrap();
    let (built_on, measured) = (read("Cargo.lock"), read("tests/peers/Cargo.lock"));
    for peer in ["fjall", "redb", "rusqlite", "umadb-core"] {
        let name = format!("name = \"{peer}\"");
        assert!(measured.contains(&name), "{peer} is measured");
        assert!(!built_on.contains(&name), "{peer} is built by default");
    }
}
