//! The command line as a person meets it: transcripts of what is typed and printed, each with a ledger of its own, and
//! the places that are hostile to a ledger.
//!
//! `[LEDGER]` stands for the ledger's folder and `[..]` for what differs each time: hashes, times and fresh ids. To
//! write the transcripts anew, set `TRYCMD=overwrite` and put the `[..]` back.

#[path = "benches.rs"]
mod benches;
#[path = "exports.rs"]
mod exports;
#[path = "offices.rs"]
mod offices;
#[path = "permissions.rs"]
mod permissions;
#[path = "places.rs"]
mod places;
#[path = "texts.rs"]
mod texts;

use std::path::Path;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/tests/cli");

/// Types a transcript on a terminal of 80 columns and compares what is printed.
fn play(transcript: &str) {
    play_in(transcript, Some("80"));
}

fn play_in(transcript: &str, columns: Option<&str>) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("surplus.ledger").display().to_string();
    let cases = trycmd::TestCases::new();
    cases
        .case(format!("{HERE}/{transcript}"))
        .register_bin("sanad", Path::new(env!("CARGO_BIN_EXE_sanad")))
        .env("SANAD_LEDGER", &ledger)
        .env("SANAD_ACTOR", "mof")
        .insert_var("[LEDGER]", ledger)
        .unwrap();
    if let Some(columns) = columns {
        cases.env("COLUMNS", columns);
    }
    cases.run();
}

macro_rules! transcripts {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            play(concat!(stringify!($name), ".trycmd"));
        })*

        #[test]
        fn every_transcript_is_played() {
            let played = [$(stringify!($name)),*, "narrow", "demo"];
            for file in std::fs::read_dir(HERE).unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "trycmd") {
                    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                    assert!(played.contains(&name.as_str()), "{name}.trycmd is not played");
                }
            }
        }
    };
}

transcripts!(apply, asking, bench, json, recording, refusals, views);

/// Each command of this transcript says how wide its terminal is.
#[test]
fn narrow() {
    play_in("narrow.trycmd", None);
}

#[test]
fn the_demo_prints_the_same_story_every_time() {
    play("demo.toml");
}

#[test]
fn the_ledger_of_the_demo_can_be_explored() {
    play("demo.trycmd");
}
