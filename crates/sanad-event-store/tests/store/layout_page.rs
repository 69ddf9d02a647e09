//! `docs/format/segment.md` and `identity.md` say what the code does.

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{Checkpoint, OpenedCheckpoint};
use sanad_event_store::{EventStore, FileStore, KeptCheckpoints, SEGMENT_FIELDS, SEGMENT_HEADER};

use crate::testlog::{TestLedger, files_in, identity};

const PAGE: &str = include_str!("../../../../docs/format/segment.md");

/// The cells of every row of the page whose first cell is a number: offset, size, name.
fn rows() -> Vec<(usize, usize, String)> {
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let row = |cells: Vec<&str>| match cells[..] {
        ["", offset, size, name, ..] => {
            Some((offset.parse().ok()?, size.parse().ok()?, name.trim_matches('`').to_owned()))
        }
        _ => None,
    };
    PAGE.lines().map(cells).filter_map(row).collect()
}

#[test]
fn the_table_of_the_header_is_the_layout_in_the_code() {
    let expected = SEGMENT_FIELDS.map(|field| (field.offset, field.size, field.name.to_owned()));
    assert_eq!(rows(), expected);
    let end = SEGMENT_FIELDS.iter().fold(0, |end, field| {
        assert_eq!(field.offset, end, "{}", field.name);
        end + field.size
    });
    assert_eq!(end, SEGMENT_HEADER);
}

#[test]
fn the_identity_file_on_the_page_is_the_one_that_is_written() {
    let page = include_str!("../../../../docs/format/identity.md");
    let text = page.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(std::fs::read_to_string(TestLedger::new().at("ledger.json")).unwrap(), text);
}

#[test]
fn the_folder_holds_what_the_page_lists() {
    let names = |ledger: &TestLedger| {
        let name = |path: std::path::PathBuf| {
            let slash = if path.is_dir() { "/" } else { "" };
            format!("{}{slash}", path.file_name().unwrap().to_str().unwrap())
        };
        files_in(ledger.path()).into_iter().map(name).collect::<Vec<_>>()
    };
    let mut listed: Vec<_> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.ends_with('/') || ["ledger.json", "lock"].contains(&&name[..]))
        .collect();
    listed.sort();
    let ledger = TestLedger::new();
    let made = names(&ledger);
    assert_eq!(made, ["aside/", "ledger.json", "log/"], "made without a lock and a memory");
    let mut opened = ledger.open();
    let head = opened.store.head();
    crate::memories::remember(opened.memory.as_mut().unwrap(), head);
    drop(opened);
    let key = SignerKey::from_seed(identity().origin().parse().unwrap(), &[1; 32]);
    let empty = Checkpoint::new(key.name().clone(), 0, TreeHash::EMPTY).unwrap();
    let signed = OpenedCheckpoint::from_note(key.sign(empty.to_text())).unwrap();
    let kept = KeptCheckpoints::of(ledger.path()).unwrap().keep(&signed).unwrap();
    assert!(kept.ends_with("checkpoints/00000000000000000000.note"));
    let mut opened = names(&ledger);
    opened.sort();
    assert_eq!(opened, listed);
}

#[test]
fn the_first_segment_follows_the_genesis_under_the_name_on_the_page() {
    let ledger = TestLedger::new();
    let first = &ledger.segments()[0];
    assert_eq!(first.file_name().unwrap(), "00000000000000000000.seg");
    assert!(PAGE.contains("`00000000000000000000.seg`"));
    let bytes = std::fs::read(first).unwrap();
    assert_eq!(&bytes[..8], b"SANADSEG");
    assert_eq!(bytes[72..], identity().genesis().as_bytes()[..]);
    assert!(FileStore::create(ledger.path(), &identity()).is_err());
}
