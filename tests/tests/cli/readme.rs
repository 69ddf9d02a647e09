//! The sessions in the README and in the pages print what they say they print.
//!
//! What differs from run to run is compared by its shape: ids and hashes, and the time at which something is recorded.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The sessions of a page: what stands between its `console` fences.
fn sessions(page: &str) -> Vec<String> {
    let blocks = page.split("```console\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).map(str::to_owned).collect()
}

/// What a shell prints when it is given the commands of a session.
fn run(session: &str, home: &Path) -> String {
    let mut script = String::from("exec 2>&1\n");
    for command in session.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let quoted = command.replace('\'', r"'\''");
        script.push_str(&format!("printf '$ %s\\n' '{quoted}'\n{command}\n"));
    }
    let sanad = Path::new(env!("CARGO_BIN_EXE_sanad")).parent().unwrap().to_owned();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(home)
        .env("PATH", format!("{}:{path}", sanad.display()))
        .env("COLUMNS", "80")
        .env_remove("SANAD_LEDGER")
        .env_remove("SANAD_ACTOR")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A line with what differs from run to run taken out.
fn shape(line: &str) -> String {
    if line.matches('+').count() >= 2 && !line.trim().contains(' ') {
        return "a key".to_owned();
    }
    let times = [
        ("recorded as entry", " at "),
        ("entries checked", "last recorded "),
        ("recorded    ", "recorded    "),
    ];
    for (mark, told) in times {
        if let Some((before, _)) = line.split_once(told).filter(|_| line.contains(mark)) {
            return without_hex(before);
        }
    }
    without_hex(line)
}

/// A text with `#` for every id and every hash: eight or more hexadecimal digits in a row, and no date; and for every
/// hash of a tree, in base64.
fn without_hex(text: &str) -> String {
    let is_root = |word: &str| word.len() == 44 && word.ends_with('=');
    let root = |word: &str| {
        let bare = word.trim_end_matches([',', ':', '.']);
        if is_root(bare) { word.replace(bare, "#") } else { word.to_owned() }
    };
    let text = text.split(' ').map(root).collect::<Vec<_>>().join(" ");
    let mut shaped = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\n']) {
        if c.is_ascii_hexdigit() || c == '-' {
            run.push(c);
            continue;
        }
        let date = run.len() == 10 && run.matches('-').count() == 2;
        shaped.push_str(if run.len() >= 8 && !date { "#" } else { &run });
        run.clear();
        shaped.push(c);
    }
    shaped
}

#[test]
fn the_sessions_in_the_readme_print_what_they_say() {
    print_what_they_say("README.md");
}

#[test]
fn the_session_of_two_histories_prints_what_it_says() {
    print_what_they_say("docs/auditing.md");
}

#[test]
fn the_session_of_a_flipped_bit_prints_what_it_says() {
    print_what_they_say("docs/operating.md");
}

fn print_what_they_say(page: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
    let sessions = sessions(&fs::read_to_string(page).unwrap());
    assert!(!sessions.is_empty());
    let home = tempfile::tempdir().unwrap();
    for session in sessions {
        let printed = run(&session, home.path());
        let shapes = |text: &str| text.lines().map(shape).collect::<String>();
        let (told, found) = (shapes(&session), shapes(&printed));
        for (told, found) in told.lines().zip(found.lines()) {
            assert_eq!(told, found, "it prints:\n{printed}");
        }
        assert_eq!(told.lines().count(), found.lines().count(), "it prints:\n{printed}");
    }
}
