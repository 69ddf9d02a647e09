//! Texts made to hurt who prints them, through every table: lines stay as wide as the terminal, and nothing is let out
//! of its place.

use std::fs;
use std::path::Path;
use std::process::Command;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Titles of full length that are letters of some script, however hard to draw.
fn titles() -> Vec<String> {
    let repeated = |text: &str| text.repeat(256 / text.len());
    vec![
        "e".to_owned() + &"\u{301}".repeat(127),
        repeated("Z\u{363}\u{323}\u{489}"),
        repeated("👨\u{200d}👩\u{200d}👧\u{200d}👦"),
        repeated("🇵🇰"),
        repeated("\u{fdfd}"),
        repeated("م\u{200c}ی\u{200d}"),
        repeated("אa1 ").trim_end().to_owned(),
        repeated("ｗｉｄｅ"),
        repeated("x"),
    ]
}

fn cells(line: &str) -> usize {
    line.graphemes(true).map(UnicodeWidthStr::width).sum()
}

fn sanad(ledger: &Path, columns: usize, words: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_sanad"))
        .args(words)
        .env("SANAD_LEDGER", ledger)
        .env("SANAD_ACTOR", "mof")
        .env("COLUMNS", columns.to_string())
        .output()
        .unwrap();
    assert!(run.status.success(), "{words:?}: {}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn a_table_is_as_wide_as_its_terminal_whatever_stands_in_it() {
    let home = tempfile::tempdir().unwrap();
    let ledger = home.path().join("ledger");
    sanad(&ledger, 80, &["init"]);
    sanad(&ledger, 80, &["pool", "open", "p", "Pool", "--unit", "MW", "--decimals", "3"]);
    sanad(&ledger, 80, &["capacity", "declare", "p", "2000", "--from", "2025-01-01"]);
    let acts: Vec<String> = titles()
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let purpose: String = title.chars().take(title.chars().count() / 4).collect();
            let purpose: String = purpose.trim().chars().take(30).collect();
            serde_json::json!({"actor": "mof", "reason": title, "events": [
                {"register_holder": {"holder": format!("h{n}"), "title": title}},
                {"open_pool": {"pool": format!("p/{n}"), "title": title, "parent": "p"}},
                {"grant": {"pool": "p", "to": {"holder": format!("h{n}")}, "amount": "1",
                           "purpose": purpose, "from": "2025-01-01"}},
            ]})
            .to_string()
        })
        .collect();
    let file = home.path().join("acts.jsonl");
    fs::write(&file, acts.join("\n")).unwrap();
    sanad(&ledger, 80, &["apply", file.to_str().unwrap()]);
    for columns in [40, 80, 200] {
        for words in [["holders"], ["pools"], ["allocations"]] {
            let printed = sanad(&ledger, columns, &words);
            assert!(!printed.is_empty());
            // What the answer rests on is one line, whatever the width.
            for line in printed.lines().filter(|line| !line.starts_with("as of entry")) {
                let width = cells(line);
                assert!(width <= columns, "{words:?} in {columns}: {width} cells: {line:?}");
                let (begun, ended) =
                    (line.matches('\u{2068}').count(), line.matches('\u{2069}').count());
                assert_eq!(begun, ended, "{words:?} in {columns}: {line:?}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
    // And as JSON, every title is what it was.
    let holders: serde_json::Value =
        serde_json::from_str(&sanad(&ledger, 80, &["holders", "--json"])).unwrap();
    let printed = holders.to_string();
    for title in titles() {
        assert!(printed.contains(&serde_json::to_string(&title).unwrap()), "{title}");
    }
}
