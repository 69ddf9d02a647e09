//! Places and neighbours that are hostile to a ledger: no other tool prints them alike, so they are checked one by one.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A ledger in a folder of its own.
struct Place {
    _folder: tempfile::TempDir,
    ledger: PathBuf,
}

impl Place {
    /// A ledger with one pool of 2000 MW and one holder.
    fn with_ledger() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("surplus.ledger");
        let place = Self { _folder: folder, ledger };
        for words in [
            &["init"][..],
            &["pool", "open", "surplus", "Surplus", "--unit", "MW", "--decimals", "3"],
            &["capacity", "declare", "surplus", "2000", "--from", "2125-05-25"],
            &["holder", "register", "sahra", "Sahra (made up)"],
        ] {
            let done = place.sanad(words);
            assert!(done.status.success(), "{words:?}: {}", said(&done));
        }
        place
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanad"));
        command.env("SANAD_LEDGER", &self.ledger).env("SANAD_ACTOR", "mof");
        command
    }

    fn sanad(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    /// A file of acts, each a grant of 0.001 MW.
    fn acts(&self, count: usize) -> PathBuf {
        let path = self.ledger.with_extension("jsonl");
        let mut file = fs::File::create(&path).unwrap();
        for place in 0..count {
            writeln!(
                file,
                r#"{{"id":"01970e3c-7b7a-7000-8000-{:012x}","actor":"mof","events":[{{"grant":{{"pool":"surplus","to":{{"holder":"sahra"}},"amount":"0.001","from":"2125-07-01"}}}}]}}"#,
                place + 1
            )
            .unwrap();
        }
        path
    }
}

/// What was printed on standard error.
fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a line of shell with `$SANAD` as the command.
fn shell(place: &Place, line: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(line).env("SANAD", env!("CARGO_BIN_EXE_sanad"));
    shell.env("SANAD_LEDGER", &place.ledger).env("SANAD_ACTOR", "mof").output().unwrap()
}

const GRANT: &[&str] = &["grant", "surplus", "sahra", "1 MW", "--from", "2125-07-01"];

#[test]
fn a_second_writer_is_told_of_the_first_and_readers_are_let_in() {
    let place = Place::with_ledger();
    let first = sanad::Ledger::open_here(&place.ledger).unwrap();
    let second = place.sanad(GRANT);
    assert_eq!(second.status.code(), Some(2));
    assert!(said(&second).contains("is already open for writing"), "{}", said(&second));
    assert!(place.sanad(&["pools"]).status.success());
    assert!(place.sanad(&["verify"]).status.success());
    first.close();
    assert!(place.sanad(GRANT).status.success());
}

#[test]
fn a_ledger_of_a_newer_format_is_left_alone() {
    let place = Place::with_ledger();
    let path = place.ledger.join("ledger.json");
    let identity = fs::read_to_string(&path).unwrap();
    let mut fields: serde_json::Value = serde_json::from_str(&identity).unwrap();
    let format = fields.get("format").and_then(serde_json::Value::as_u64);
    let format = format.expect("ledger.json states its format");
    fields["format"] = (format + 1).into();
    fs::write(&path, fields.to_string()).unwrap();
    for words in [GRANT, &["pools"], &["verify"]] {
        let refused = place.sanad(words);
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        assert!(said(&refused).contains("use a newer program"), "{}", said(&refused));
    }
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let place = Place::with_ledger();
    let acts = place.acts(20_000);
    // The system stops files from growing, as a full disk does; the signal that would end the program is ignored.
    let line = format!("trap '' XFSZ; ulimit -f 2000; exec \"$SANAD\" apply '{}'", acts.display());
    let full = shell(&place, &line);
    assert_eq!(full.status.code(), Some(2), "{}{}", printed(&full), said(&full));
    assert!(said(&full).contains("the disk is full"), "{}", said(&full));
    let acknowledged = printed(&full);
    let acknowledged: u64 = acknowledged.split(' ').next().unwrap().parse().unwrap();
    // With room again, the same file brings what is missing, and what was acknowledged is there.
    let again = place.sanad(&["apply", acts.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let summary = printed(&again);
    let counts: Vec<u64> = summary
        .lines()
        .next()
        .unwrap()
        .split(", ")
        .map(|part| part.split(' ').next().unwrap().parse().unwrap())
        .collect();
    let already = counts.get(1).copied().unwrap_or(0);
    assert_eq!(counts[0] + already, 20_000, "{summary}");
    assert!(already >= acknowledged && acknowledged > 0, "{acknowledged} acknowledged: {summary}");
    assert!(place.sanad(&["verify"]).status.success());
}

#[test]
fn a_disk_that_is_full_in_the_middle_of_a_backup_leaves_one_that_is_gone_on_with() {
    let place = Place::with_ledger();
    let acts = place.acts(4_000);
    assert!(place.sanad(&["apply", acts.to_str().unwrap()]).status.success());
    let copy = place.ledger.with_extension("backup");
    // As above; the log is longer than what is allowed.
    let line = format!("trap '' XFSZ; ulimit -f 300; exec \"$SANAD\" backup '{}'", copy.display());
    let full = shell(&place, &line);
    assert_eq!(full.status.code(), Some(2), "{}{}", printed(&full), said(&full));
    assert!(said(&full).contains("the disk is full"), "{}", said(&full));
    let copy = copy.to_str().unwrap();
    let read = place.sanad(&["--ledger", copy, "verify"]);
    assert_eq!(read.status.code(), Some(2));
    assert!(said(&read).contains("it goes on where it ended"), "{}", said(&read));
    assert!(place.sanad(&["backup", copy]).status.success());
    assert!(place.sanad(&["--ledger", copy, "verify"]).status.success());
}

#[test]
fn a_read_only_folder_can_be_read_and_not_written_to() {
    let place = Place::with_ledger();
    // Even the administrator cannot write to a read-only mount; making one takes a name space of its own.
    let mount = format!(
        "mount --bind '{0}' '{0}' && mount -o remount,ro,bind '{0}'",
        place.ledger.display()
    );
    let possible = Command::new("unshare").args(["-m", "sh", "-c", &mount]).output();
    if !possible.is_ok_and(|tried| tried.status.success()) {
        println!("skipped: this machine lets us make no read-only mount");
        return;
    }
    let run = |words: &str| {
        let line = format!("{mount} && exec \"$SANAD\" {words}");
        shell(&place, &format!("exec unshare -m sh -c '{}'", line.replace('\'', "'\\''")))
    };
    let written = run("grant surplus sahra 1 --from 2125-07-01");
    assert_eq!(written.status.code(), Some(2), "{}", said(&written));
    assert!(said(&written).contains("writing there is not allowed"), "{}", said(&written));
    assert!(run("pools").status.success());
    assert!(run("verify").status.success(), "{}", said(&run("verify")));
}

#[test]
fn a_reader_that_has_gone_ends_the_command_quietly() {
    let place = Place::with_ledger();
    let acts = place.acts(3_000);
    assert!(place.sanad(&["apply", acts.to_str().unwrap()]).status.success());
    for words in ["allocations --in-force-at 2125-07-01", "export history", "replay", "--help"] {
        let line = format!("{{ \"$SANAD\" {words}; echo \"ended $?\" >&2; }} | head -n 1");
        let piped = shell(&place, &line);
        assert_eq!(said(&piped), "ended 0\n", "{words}");
    }
}

#[test]
fn acts_come_through_a_pipe_and_what_follows_a_refusal_is_not_waited_for() {
    let place = Place::with_ledger();
    let mut apply = place
        .command()
        .args(["apply", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = apply.stdin.take().unwrap();
    let register = |n: u32| {
        format!(
            "{{\"actor\":\"mof\",\"events\":[{{\"register_holder\":{{\"holder\":\"h{n}\",\"title\":\"H\"}}}}]}}\n"
        )
    };
    // As many lines as are read together, so that they are asked while the pipe is open.
    let lines: String = (0..1_000).map(|n| register(n.min(998))).collect();
    pipe.write_all(lines.as_bytes()).unwrap();
    let ended = apply.wait_with_output().unwrap();
    drop(pipe);
    assert_eq!(ended.status.code(), Some(1));
    assert!(printed(&ended).contains("999 recorded, 1 refused, what follows not asked"));
    assert!(said(&ended).contains("line 1000: refused [holder_exists]"), "{}", said(&ended));
}

#[test]
fn a_changed_byte_is_found_with_its_entry_and_ends_with_code_one() {
    let place = Place::with_ledger();
    assert!(place.sanad(GRANT).status.success());
    let segment = segments(&place.ledger).pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let at = bytes.windows(4).position(|part| part == b"Sahr").unwrap();
    bytes[at] = b'Z';
    fs::write(&segment, bytes).unwrap();
    let verified = place.sanad(&["verify"]);
    assert_eq!(verified.status.code(), Some(1), "{}", said(&verified));
    let report = printed(&verified);
    assert!(report.contains("integrity   1 found"), "{report}");
    assert!(report.contains("intact up to and with entry 1"), "{report}");
    assert!(report.ends_with("found wanting\n"), "{report}");
    let report = printed(&place.sanad(&["verify", "--json"]));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["answers"]["integrity"]["findings"][0]["sequence"], 2);
    assert_eq!(report["clean"], false);
}

fn segments(ledger: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![ledger.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().contains("/log/") => found.push(path),
                false => {}
            }
        }
    }
    found
}

#[test]
fn colour_is_for_terminals_and_for_those_who_want_it() {
    let place = Place::with_ledger();
    assert!(!printed(&place.sanad(&["pools"])).contains('\u{1b}'));
    let on_a_terminal = |before: &str| {
        let line = format!("{before} script -qec \"$SANAD pools\" /dev/null </dev/null");
        printed(&shell(&place, &format!("TERM=xterm {line}")))
    };
    let painted = on_a_terminal("NO_COLOR=");
    if !painted.contains("surplus") {
        println!("skipped: there is no script command to lend a terminal");
        return;
    }
    assert!(painted.contains("\u{1b}[1m"), "{painted:?}");
    assert!(!on_a_terminal("NO_COLOR=1").contains('\u{1b}'));
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::with_ledger();
    for name in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.sanad(&["completions", name]);
        assert!(script.status.success());
        assert!(printed(&script).contains("allocations"), "{name}");
    }
}
