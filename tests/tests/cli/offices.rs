//! The operator, the holder, the auditor and the witness, each at a command line of their own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// One folder in which all of them work; the ledger has one holder.
struct Town {
    folder: tempfile::TempDir,
}

impl Town {
    fn new() -> Self {
        let town = Self { folder: tempfile::tempdir().unwrap() };
        town.does(&["init", "--origin", "ledger.example/town"]);
        town.does(&["holder", "register", "acme", "Acme (made up)"]);
        town.does(&["key", "new", "log.key"]);
        town
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sanad"));
        command.current_dir(self.folder.path());
        command.env("SANAD_LEDGER", "ledger").env("SANAD_ACTOR", "mof");
        command
    }

    fn sanad(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    /// It ends with this exit code; gives what was printed, on both streams.
    fn ends(&self, code: i32, words: &[&str]) -> String {
        let output = self.sanad(words);
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        let said = String::from_utf8(said).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        said
    }

    fn does(&self, words: &[&str]) -> String {
        self.ends(0, words)
    }
}

/// A witness that listens, and ends when it is dropped.
struct Office(Child);

impl Drop for Office {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Office {
    /// Makes a witness, takes the town's ledger on and listens; gives the address too.
    fn open(town: &Town, lawful: bool) -> (Self, String) {
        let mut new = vec!["witness", "new", "office", "--name", "office.example/witness"];
        new.extend(lawful.then_some("--lawful"));
        let made = town.does(&new);
        let key = made.lines().find(|line| line.contains("office.example/witness+")).unwrap();
        fs::write(town.path("office.pub"), key.trim()).unwrap();
        town.does(&["witness", "enrol", "office", "ledger.example/town"]);
        let mut serve = town.command();
        serve.args(["witness", "serve", "office", "--log", "log.key.pub"]);
        serve.args(["--listen", "127.0.0.1:0"]);
        if lawful {
            serve.args(["--published", "public", "--identity", "ledger/ledger.json"]);
        }
        let mut child = serve.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split([' ', ';']).find(|word| word.starts_with("127.")).unwrap();
        (Self(child), address.to_owned())
    }
}

fn policy(town: &Town, address: &str) {
    let [log, office] = ["log.key.pub", "office.pub"]
        .map(|file| fs::read_to_string(town.path(file)).unwrap().trim().to_owned());
    let text = format!("log {log}\nwitness office {office} http://{address}\nquorum office\n");
    fs::write(town.path("policy"), text).unwrap();
}

#[test]
fn a_witness_cosigns_what_grew_and_an_auditor_asks_for_its_name() {
    let town = Town::new();
    let (_office, address) = Office::open(&town, false);
    policy(&town, &address);
    let asked = town.does(&["publish", "public", "--sign-with", "log.key", "--policy", "policy"]);
    assert!(asked.contains("office.example/witness: cosigned"), "{asked}");
    town.does(&["holder", "register", "bolt", "Bolt (made up)"]);
    town.does(&["publish", "public", "--sign-with", "log.key", "--policy", "policy"]);
    town.does(&["verify", "--published", "public", "--policy", "policy"]);
    town.does(&["mirror", "public", "ours", "--policy", "policy"]);
    town.does(&["prove", "1", "--out", "proof"]);
    let told = town.does(&["check-proof", "proof", "--key", "log.key.pub", "--policy", "policy"]);
    assert!(told.contains("registered holder bolt"), "{told}");
    // Another history of the same size is not cosigned, and so not believed.
    fs::rename(town.path("ledger"), town.path("true-ledger")).unwrap();
    town.does(&["init", "--origin", "ledger.example/town"]);
    for holder in ["x", "y", "z"] {
        town.does(&["holder", "register", holder, "H"]);
    }
    let other = ["checkpoint", "--sign-with", "log.key", "--policy", "policy", "--out", "other"];
    let told = town.ends(1, &other);
    assert!(told.contains("the policy does not believe it yet"), "{told}");
    let told = town.ends(1, &["--ledger", "true-ledger", "verify", "--checkpoint", "other"]);
    assert!(told.contains("[checkpoint_ahead]"), "{told}");
}

#[test]
fn a_witness_of_lawful_histories_replays_what_is_published_first() {
    let town = Town::new();
    town.does(&["publish", "public", "--sign-with", "log.key"]);
    let (_office, address) = Office::open(&town, true);
    policy(&town, &address);
    let told = town.does(&["checkpoint", "--sign-with", "log.key", "--policy", "policy"]);
    assert!(told.contains("office.example/witness: cosigned"), "{told}");
}

#[test]
fn a_proof_that_was_altered_or_is_signed_by_a_stranger_does_not_hold() {
    let town = Town::new();
    town.does(&["checkpoint", "--sign-with", "log.key"]);
    town.does(&["prove", "0", "--out", "proof"]);
    town.does(&["check-proof", "proof", "--key", "log.key.pub"]);
    town.does(&["key", "new", "stranger.key"]);
    let told = town.ends(1, &["check-proof", "proof", "--key", "stranger.key.pub"]);
    assert!(told.starts_with("the proof does not hold: "), "{told}");
    let text = fs::read_to_string(town.path("proof")).unwrap();
    fs::write(town.path("proof"), text.replace("index 0", "index 1")).unwrap();
    assert_ne!(
        town.sanad(&["check-proof", "proof", "--key", "log.key.pub"]).status.code(),
        Some(0)
    );
    let told = town.ends(2, &["check-proof", "log.key", "--key", "log.key.pub"]);
    assert!(told.contains("is no proof"), "{told}");
    assert!(town.ends(2, &["check-proof", "proof"]).contains("whom to believe is not said"));
}

#[test]
fn verify_ends_with_a_code_that_says_in_what_where_that_is_asked() {
    let town = Town::new();
    town.does(&["checkpoint", "--sign-with", "log.key", "--out", "kept-elsewhere"]);
    let segment = town.path("ledger/log/00000000000000000000.seg");
    let mut log = fs::read(&segment).unwrap();
    let last = log.len() - 40;
    log[last] ^= 1;
    fs::write(&segment, log).unwrap();
    fs::remove_dir_all(town.path("ledger/memory")).unwrap();
    town.ends(1, &["verify"]);
    let code = town.sanad(&["verify", "--exit-by-class"]).status.code();
    assert!(matches!(code, Some(10 | 11)), "{code:?}");
    let told = town.ends(1, &["verify", "--verdict", "verdict.json"]);
    assert!(told.contains("found wanting"), "{told}");
    let verdict = fs::read_to_string(town.path("verdict.json")).unwrap();
    assert!(verdict.contains("\"clean\": false"), "{verdict}");
}

#[test]
fn a_verdict_is_signed_by_its_auditor_and_nothing_is_written_over_another_file() {
    let town = Town::new();
    town.does(&["key", "new", "auditor.key", "--name", "audit.example/office"]);
    let verify = ["verify", "--verdict", "verdict", "--sign-with", "auditor.key"];
    town.does(&verify);
    let verdict = fs::read_to_string(town.path("verdict")).unwrap();
    assert!(verdict.contains("\n— audit.example/office "), "{verdict}");
    assert!(town.ends(2, &verify).contains("verdict exists already"));
    assert!(town.ends(2, &["key", "new", "auditor.key"]).contains("exists already"));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let town = Town::new();
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(town.path("log.key"), open).unwrap();
    let told = town.ends(2, &["checkpoint", "--sign-with", "log.key"]);
    assert!(told.contains("can be read or written by others (mode 644)"), "{told}");
}
