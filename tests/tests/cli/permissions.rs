//! Who can read and write what the commands leave behind, and where it may lie. Modes are looked at: the administrator
//! may do anything, so what fails for others says nothing there.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder in which an operator and a witness work.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn shell(&self, line: &str) -> Output {
        let sanad = Path::new(env!("CARGO_BIN_EXE_sanad")).parent().unwrap();
        let path = format!("{}:{}", sanad.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.arg("-ec").arg(line).current_dir(self.0.path()).env("PATH", path);
        shell.env("SANAD_LEDGER", "ledger").env("SANAD_ACTOR", "mof").output().unwrap()
    }

    fn does(&self, line: &str) {
        let output = self.shell(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// It could not run; gives what was said.
    fn refuses(&self, line: &str) -> String {
        let output = self.shell(line);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        said
    }
}

/// Everything below a folder, links not followed.
fn below(folder: &Path) -> Vec<(PathBuf, fs::Metadata)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            let seen = fs::symlink_metadata(&path).unwrap();
            if seen.is_dir() {
                folders.push(path.clone());
            }
            found.push((path, seen));
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

const ALL_THAT_WRITES: &str = "sanad init --origin ledger.example/desk
    sanad holder register acme 'Acme (made up)'
    sanad key new log.key
    sanad publish public --sign-with log.key
    sanad checkpoint --sign-with log.key --out checkpoint
    sanad prove 0 --out proof
    sanad verify --verdict verdict --sign-with log.key
    sanad mirror public ours --key log.key.pub
    sanad witness new office --name office.example/witness
    sanad witness enrol office ledger.example/desk
    sanad backup copy
    sanad holder register bolt 'Bolt (made up)'
    sanad backup copy
    sanad repair --from copy
    sanad restore copy --to again";

/// A umask that lets everybody write is a slip that a ledger must not depend on.
#[test]
fn whatever_the_umask_nobody_else_can_write_and_keys_and_the_ledger_stay_private() {
    for umask in ["000", "022", "077"] {
        let desk = Desk::new();
        desk.does(&format!("umask {umask}\n{ALL_THAT_WRITES}"));
        for (path, seen) in below(desk.0.path()) {
            let name = path.strip_prefix(desk.0.path()).unwrap().display().to_string();
            assert!(seen.is_dir() || seen.is_file(), "{name} is neither file nor folder");
            assert!(seen.mode() & 0o022 == 0, "{umask}: {name}: {:o}", seen.mode());
        }
        for key in ["log.key", "office/key"] {
            assert_eq!(mode(&desk.path(key)), 0o600 & !octal(umask), "{umask}: {key}");
        }
        for folder in ["ledger", "copy", "again"] {
            assert_eq!(mode(&desk.path(folder)), 0o750 & !octal(umask), "{umask}: {folder}");
        }
        assert_eq!(mode(&desk.path("office")), 0o700);
        // What is published is there to be served by somebody else.
        for folder in ["public", "ours", "public/tile"] {
            assert_eq!(mode(&desk.path(folder)), 0o755 & !octal(umask), "{umask}: {folder}");
        }
        assert_eq!(mode(&desk.path("public/checkpoint")), 0o644 & !octal(umask));
    }
}

fn octal(digits: &str) -> u32 {
    u32::from_str_radix(digits, 8).unwrap()
}

/// As for a key that others can read, whoever finds this is told, and decides.
#[test]
fn a_ledger_that_anybody_can_write_to_is_not_recorded_to_and_can_be_verified() {
    let desk = Desk::new();
    desk.does("sanad init");
    fs::set_permissions(desk.path("ledger"), fs::Permissions::from_mode(0o777)).unwrap();
    for line in ["sanad holder register acme Acme", "sanad repair", "sanad init ledger/../ledger"] {
        let told = desk.refuses(line);
        assert!(
            told.contains("anybody (mode 777)") || told.contains("not empty"),
            "{line}: {told}"
        );
    }
    assert!(desk.refuses("sanad holder register acme Acme").contains("chmod o-w"));
    desk.does("sanad verify && sanad backup copy");
    desk.does("chmod o-w ledger && sanad holder register acme Acme");
}

/// Another user who guesses the name of a file that is about to be written puts a link there, to a file of the
/// victim's.
#[test]
fn a_link_where_a_file_is_to_be_written_is_never_followed() {
    let desk = Desk::new();
    desk.does("sanad init && sanad holder register acme Acme && sanad key new log.key");
    desk.does("sanad checkpoint --sign-with log.key --out one && cp -r ledger other");
    desk.does("sanad --ledger other holder register bolt Bolt");
    desk.does("sanad holder register volt Volt");
    desk.does("sanad checkpoint --sign-with log.key --out ours");
    desk.does("sanad --ledger other checkpoint --sign-with log.key --out theirs");
    let victim = desk.path("victim");
    fs::write(&victim, "untouched").unwrap();
    let untouched = || assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    // Names that the user gives: refused.
    for (name, line) in [
        ("new.key", "sanad key new new.key"),
        ("fresh.key.pub", "sanad key new fresh.key"),
        ("out", "sanad checkpoint --sign-with log.key --out out"),
        ("out2", "sanad prove 0 --out out2"),
        ("out3", "sanad verify --verdict out3"),
        ("out4", "sanad compare ours theirs --dispute out4"),
    ] {
        symlink(&victim, desk.path(name)).unwrap();
        let told = desk.refuses(line);
        assert!(told.contains("exists already"), "{line}: {told}");
        untouched();
    }
    // Names that the program makes: replaced.
    fs::create_dir_all(desk.path("public")).unwrap();
    for name in [
        "ledger/checkpoints/00000000000000000002.note.tmp",
        "ledger/log/00000000000000000000.seg.tmp",
        "public/.publishing.tmp",
        "office/witness.tmp",
    ] {
        if name.starts_with("office") {
            desk.does("sanad witness new office --name office.example/witness");
        }
        symlink(&victim, desk.path(name)).unwrap();
    }
    desk.does("sanad checkpoint --sign-with log.key");
    desk.does("sanad publish public --sign-with log.key");
    desk.does("sanad witness enrol office ledger.example/desk");
    desk.does("sanad repair");
    untouched();
    for (path, seen) in below(&desk.path("public")).into_iter().chain(below(&desk.path("office"))) {
        assert!(!seen.is_symlink(), "{}", path.display());
    }
}

/// What is read from a link could be a file that its reader may see and its writer may not.
#[test]
fn links_in_a_ledger_a_backup_a_publication_and_an_office_are_refused() {
    let desk = Desk::new();
    desk.does(ALL_THAT_WRITES);
    for (name, line) in [
        ("ledger/ledger.json", "sanad verify"),
        ("ledger/lock", "sanad holder register volt Volt"),
        ("ledger/log", "sanad verify"),
        ("ledger/log/00000000000000000000.seg", "sanad verify"),
        ("ledger/checkpoints", "sanad checkpoint --sign-with log.key"),
        ("ledger/aside", "sanad repair"),
        ("ledger/memory", "sanad holder register volt Volt"),
        ("copy/backup.json", "sanad backup copy"),
        ("copy/log/00000000000000000000.seg", "sanad restore copy --to third"),
        ("copy/checkpoints", "sanad restore copy --to third"),
        ("public/ledger.json", "sanad verify --published public"),
        ("public/checkpoint", "sanad verify --published public"),
        ("office/key", "sanad witness enrol office ledger.example/next"),
        ("office/witness", "sanad witness enrol office ledger.example/next"),
    ] {
        let (path, elsewhere) = (desk.path(name), desk.path("elsewhere"));
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        let told = desk.refuses(line);
        assert!(told.contains("symbolic link"), "{name}: {told}");
        fs::remove_file(&path).unwrap();
        fs::rename(&elsewhere, &path).unwrap();
    }
    desk.does("sanad verify && sanad verify --published public");
}

/// A key is looked at where a link leads to, as other programs do with theirs.
#[test]
fn a_key_behind_a_link_is_judged_by_its_own_permissions_and_a_pipe_keeps_nobody_waiting() {
    let desk = Desk::new();
    desk.does("sanad init && sanad key new log.key && ln -s log.key link");
    desk.does("sanad checkpoint --sign-with link");
    fs::set_permissions(desk.path("log.key"), fs::Permissions::from_mode(0o604)).unwrap();
    assert!(desk.refuses("sanad checkpoint --sign-with link").contains("(mode 604)"));
    desk.does("mkfifo -m 600 pipe");
    assert!(fs::metadata(desk.path("pipe")).unwrap().file_type().is_fifo());
    assert!(desk.refuses("sanad checkpoint --sign-with pipe").contains("not a regular file"));
}

/// A name from somebody else's file must not choose where a file of ours goes.
#[test]
fn no_name_that_comes_from_outside_becomes_a_path() {
    let desk = Desk::new();
    desk.does("mkdir room && cp -r room before");
    let inside = "cd room && export SANAD_LEDGER=ledger";
    desk.does(&format!("{inside} && sanad witness new office --name office.example/witness"));
    for origin in ["../../escape", "/etc/escape", "a/../../../escape", "..", "tile/../x"] {
        desk.does(&format!("{inside} && sanad witness enrol office '{origin}'"));
        let name = origin.replace('/', "-");
        desk.does(&format!(
            "{inside} && sanad --ledger './l{name}' init --origin '{origin}' \
             && sanad --ledger './l{name}' holder register acme Acme \
             && sanad --ledger './l{name}' key new './k{name}' \
             && sanad --ledger './l{name}' publish './p{name}' --sign-with './k{name}' \
             && sanad mirror './p{name}' './m{name}' --key './k{name}.pub' \
             && sanad --ledger './l{name}' backup './b{name}'"
        ));
    }
    let outside: Vec<_> =
        fs::read_dir(desk.0.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
    for (path, _) in below(&desk.path("room/office")) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_own = ["key", "lock", "witness"].contains(&name.as_str());
        let hashed = name.strip_suffix(".checkpoint").is_some_and(|hash| hash.len() == 64);
        assert!(is_own || hashed, "{name}");
    }
}

/// Whoever serves a publication may put anything into its folder; a mirror takes what it knows by name.
#[test]
fn a_mirror_and_a_backup_take_nothing_along_that_is_not_theirs() {
    let desk = Desk::new();
    desk.does("sanad init && sanad holder register acme Acme && sanad key new log.key");
    desk.does("sanad publish public --sign-with log.key");
    desk.does(
        "mkdir -p public/tile/0/x 'public/..evil' && echo x | tee public/run.sh public/tile/0/x/y",
    );
    desk.does(
        "ln -s /etc/passwd public/tile/passwd && ln -s / ledger/root && echo x > ledger/log/x.sh",
    );
    desk.does("sanad mirror public ours --key log.key.pub && sanad backup copy");
    let names = |folder: &str| {
        let root = desk.path(folder);
        let files = below(&root).into_iter().filter(|(_, seen)| !seen.is_dir());
        let name = |(path, _): (PathBuf, _)| path.strip_prefix(&root).unwrap().to_owned();
        let mut names: Vec<_> = files.map(name).map(|it| it.display().to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(
        names("ours"),
        ["checkpoint", "ledger.json", "tile/0/000.p/1", "tile/entries/000.p/1"]
    );
    assert_eq!(
        names("copy"),
        [
            "backup.json",
            "checkpoints/00000000000000000001.note",
            "ledger.json",
            "lock",
            "log/00000000000000000000.seg"
        ]
    );
}
