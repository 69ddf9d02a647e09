//! A measurement as a program reads it. No figure is looked at: only that each is there, and that nothing else is left.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The smallest measurement there is, in a folder.
fn bench(folder: &Path, columns: &str, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sanad"));
    command.args(["bench", "--entries", "200", "--rounds", "2", "--folder"]).arg(folder);
    command.args(words).env("COLUMNS", columns).env_remove("SANAD_LEDGER");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn every_figure_is_a_spread_of_its_rounds_beside_its_limit_and_the_folder_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let output = bench(folder.path(), "80", &["--json"]);
    assert!(output.stderr.is_empty(), "programs are told nothing beside the answer");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["plan"]["entries"], 200);
    assert!(report["machine"]["cores"].as_u64().unwrap() > 0);
    assert!(report["record_bytes"].as_f64().unwrap() > 70.0);
    let figures = report["figures"].as_array().unwrap();
    let with_limits = ["record_1000", "record_8000", "record_one_p50", "record_threads", "verify"];
    let with_limits = with_limits.iter().chain(&["replay", "open", "disk_log", "disk_all"]);
    for id in with_limits {
        let figure = figures.iter().find(|figure| figure["id"] == *id);
        let figure = figure.unwrap_or_else(|| panic!("there is no figure {id}"));
        assert!(figure["limit"]["ratio"].as_f64().unwrap() > 0.0, "{figure}");
    }
    for figure in figures {
        let found = &figure["found"];
        let [least, median, most] =
            ["least", "median", "most"].map(|end| found[end].as_f64().unwrap());
        assert!(0.0 <= least && least <= median && median <= most, "{figure}");
        let rounds = found["rounds"].as_array().unwrap().len();
        let once = figure["id"].as_str().unwrap();
        let once = once.starts_with("disk") || once.starts_with("memory");
        assert_eq!(rounds, if once { 1 } else { 2 }, "{figure}");
    }
}

#[test]
fn the_table_fits_the_terminal_and_says_where_and_beside_what_it_was_measured() {
    for columns in [80, 40] {
        let folder = tempfile::tempdir().unwrap();
        let output = bench(folder.path(), &columns.to_string(), &[]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.starts_with(&format!("measuring in {}/", folder.path().display())), "{told}");
        let table = String::from_utf8(output.stdout).unwrap();
        for line in table.lines() {
            let wide = line.chars().count() > columns;
            assert!(!wide || line.contains(&*folder.path().to_string_lossy()), "{line}");
        }
        for word in ["RATIO", "fdatasync", "median"] {
            assert!(table.contains(word), "{word} in {table}");
        }
    }
}

#[test]
fn nothing_is_measured_inside_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let sanad = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanad"));
        command.env("SANAD_LEDGER", &ledger).args(words).current_dir(&ledger).output().unwrap()
    };
    fs::create_dir(&ledger).unwrap();
    assert!(sanad(&["init"]).status.success());
    let refused = sanad(&["bench"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("is a ledger's folder"), "{said}");
    assert!(sanad(&["verify"]).status.success());
}
