//! Folders that are no ledger, half of one, or one with a wrong file in it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use sanad_event_store::{
    EventStore, FileReader, FileStore, HeaderFault, Options, SegmentFault, StoreError,
};

use crate::testlog::{TestLedger, alter, append, audit, check, identity, other_identity, scratch};

/// Opens a folder to read and to write: both must say the same, in words that name the path.
fn refusal(path: &Path) -> StoreError {
    let reading = FileReader::open(path).err();
    let writing = FileStore::open(path, Options::default()).unwrap_err();
    if let Some(reading) = reading {
        assert_eq!(reading.to_string(), writing.to_string());
    }
    assert!(writing.to_string().contains(path.to_str().unwrap()), "{writing}");
    writing
}

#[test]
fn a_folder_that_holds_no_ledger_is_an_error_and_never_an_empty_ledger() {
    let folder = scratch();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [folder.path(), &folder.path().join("absent"), &file] {
        assert!(matches!(refusal(path), StoreError::NotALedger { .. }), "{path:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn a_ledger_is_made_in_a_new_or_empty_folder_only() {
    let ledger = TestLedger::with(&[1], 1 << 20);
    let again = FileStore::create(ledger.path(), &identity());
    assert!(matches!(again, Err(StoreError::NotEmpty { .. })));
    check(ledger.path(), 1);
    let nested = ledger.at("not/there/yet");
    assert!(matches!(FileStore::create(&nested, &identity()), Err(StoreError::Io { .. })));
    let file = ledger.at("ledger.json");
    assert!(matches!(FileStore::create(&file, &identity()), Err(StoreError::Io { .. })));
}

#[test]
fn a_folder_whose_identity_file_is_gone_is_half_created() {
    let ledger = TestLedger::with(&[1], 1 << 20);
    fs::remove_file(ledger.at("ledger.json")).unwrap();
    assert!(matches!(refusal(ledger.path()), StoreError::HalfCreated { .. }));
}

#[test]
fn a_ledger_of_a_newer_format_is_told_from_a_damaged_one() {
    let ledger = TestLedger::new();
    for text in [r#"{"format": 2}"#, r#"{"format": 70000, "anything": ["at all"]}"#] {
        fs::write(ledger.at("ledger.json"), text).unwrap();
        let error = refusal(ledger.path());
        assert!(matches!(error, StoreError::NewerFormat { supported: 1, .. }), "{error}");
    }
}

#[test]
fn every_beginning_of_an_identity_file_is_damaged() {
    let ledger = TestLedger::new();
    let whole = fs::read(ledger.at("ledger.json")).unwrap();
    for length in 0..whole.len() {
        fs::write(ledger.at("ledger.json"), &whole[..length]).unwrap();
        let error = refusal(ledger.path());
        assert!(matches!(error, StoreError::IdentityDamaged { .. }), "{length}: {error}");
    }
}

/// Found by the fuzzing program `note`: what stands in the place of a member's name was said as it was given, and could
/// clear the terminal of whoever opens a ledger or a publication from elsewhere.
#[test]
fn no_refusal_says_what_a_strangers_identity_file_says() {
    let ledger = TestLedger::new();
    let whole = fs::read_to_string(ledger.at("ledger.json")).unwrap();
    let long = "n".repeat(60_000);
    for (from, to) in [
        ("created_at_us", "created_at_u\u{7f}"),
        ("origin", "\u{1b}[2J"),
        ("title", long.as_str()),
        ("\"format\": 1", "\"format\": \"\\u001b[2J\""),
        ("0197a3b0", "\u{9b}2J"),
    ] {
        fs::write(ledger.at("ledger.json"), whole.replacen(from, to, 1)).unwrap();
        let error = refusal(ledger.path());
        assert!(matches!(error, StoreError::IdentityDamaged { .. }), "{error}");
        let said = error.to_string();
        assert!(said.len() < 1_000 && !said.contains(char::is_control), "{said:?}");
    }
}

#[test]
fn every_altered_byte_of_an_identity_file_is_noticed() {
    let ledger = TestLedger::new();
    let whole = fs::read_to_string(ledger.at("ledger.json")).unwrap();
    let alter_text = |from: &str, to: &str| {
        assert!(whole.contains(from));
        fs::write(ledger.at("ledger.json"), whole.replacen(from, to, 1)).unwrap();
        let error = refusal(ledger.path());
        assert!(matches!(error, StoreError::IdentityDamaged { .. }), "{from}: {error}");
    };
    alter_text("Surplus", "surplus");
    alter_text("Asia/Karachi", "Asia/Kabul");
    alter_text("dade", "dada");
    alter_text("ledger.example/pk", "ledger.example/in");
    alter_text("1748113200000000", "1748113200000001");
    alter_text("\"format\": 1", "\"format\": 0");
    alter_text("\"format\": 1", "\"format\": -1");
    alter_text("\"format\": 1", "\"format\": 1, \"format\": 1");
    alter_text("{", "{\"more\": 1,");
    alter_text("\"title\"", "\"titel\"");
    // What is changed and means the same was once read as if nothing were: an id in capitals, in
    // braces or without hyphens, other white space, an escape.
    alter_text("00000000dade", "00000000DADE");
    alter_text("\"0197a3b0-5c1e-7d00-8000-00000000dade\"", "\"0197a3b05c1e7d00800000000000dade\"");
    alter_text("\"format\": 1", "\"format\":1");
    alter_text("Surplus", "\\u0053urplus");
    alter_text("}\n", "}\n\n");
    for bytes in [&b"\xff\xfe"[..], b"", b"null", b"[1]", &vec![b' '; 65_537]] {
        fs::write(ledger.at("ledger.json"), bytes).unwrap();
        assert!(matches!(refusal(ledger.path()), StoreError::IdentityDamaged { .. }));
    }
}

#[test]
fn a_symbolic_link_in_any_place_is_refused_and_nothing_is_written_through_it() {
    for name in ["ledger.json", "lock", "log", "aside", "memory", "log/00000000000000000000.seg"] {
        let ledger = TestLedger::with(&[1], 1 << 20);
        let mut opened = ledger.open();
        let head = opened.store.head();
        crate::memories::remember(opened.memory.as_mut().unwrap(), head);
        drop(opened);
        let elsewhere = scratch();
        let target = elsewhere.path().join("target");
        fs::rename(ledger.at(name), &target).unwrap();
        let before = target.is_file().then(|| fs::read(&target).unwrap());
        symlink(&target, ledger.at(name)).unwrap();
        let error = FileStore::open(ledger.path(), Options::default()).unwrap_err();
        assert!(matches!(error, StoreError::Symlink { .. }), "{name}: {error}");
        let reading = FileReader::open(ledger.path()).and_then(|reader| reader.head());
        assert!(matches!(reading, Err(StoreError::Symlink { .. })), "{name}");
        assert_eq!(before, target.is_file().then(|| fs::read(&target).unwrap()));
    }
}

#[test]
fn a_link_that_leads_nowhere_is_refused_too() {
    for name in ["ledger.json", "lock", "memory"] {
        let ledger = TestLedger::new();
        let _ = fs::remove_file(ledger.at(name));
        symlink("/nowhere/at/all", ledger.at(name)).unwrap();
        assert!(matches!(refusal(ledger.path()), StoreError::Symlink { .. }), "{name}");
    }
}

#[test]
fn a_link_in_the_place_of_an_unfinished_segment_is_replaced_and_not_followed() {
    let ledger = TestLedger::with(&[1], 1);
    let elsewhere = scratch();
    let target = elsewhere.path().join("target");
    fs::write(&target, "untouched").unwrap();
    symlink(&target, ledger.at("log/00000000000000000001.seg.tmp")).unwrap();
    append(&mut ledger.open().store, 1);
    assert_eq!(fs::read(&target).unwrap(), b"untouched");
    check(ledger.path(), 2);
}

#[test]
fn a_folder_where_a_file_should_be_is_an_error() {
    for name in ["ledger.json", "lock", "log/00000000000000000000.seg"] {
        let ledger = TestLedger::with(&[1], 1 << 20);
        fs::remove_file(ledger.at(name)).unwrap();
        fs::create_dir(ledger.at(name)).unwrap();
        let error = FileStore::open(ledger.path(), Options::default()).unwrap_err();
        assert!(matches!(error, StoreError::Io { .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_folder_in_which_nothing_may_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let ledger = TestLedger::with(&[2], 1 << 20);
    let allow = |mode| {
        for name in ["lock", "."] {
            fs::set_permissions(ledger.at(name), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    check(ledger.path(), 2);
    match ledger.try_open() {
        Err(StoreError::ReadOnly { .. }) => {}
        Ok(_) => eprintln!("this user may write everywhere; that half of the test was skipped"),
        Err(other) => panic!("{other:?}"),
    }
    allow(0o755);
}

/// A ledger of three segments with two records each.
fn three_segments() -> TestLedger {
    let ledger = TestLedger::with(&[2, 2, 2], 1);
    assert_eq!(ledger.segments().len(), 3);
    ledger
}

/// The fault for which a writer refuses a ledger's segment.
fn fault(ledger: &TestLedger) -> SegmentFault {
    match ledger.try_open() {
        Err(StoreError::Segment(problem)) => problem.fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_segment_of_another_ledger_is_foreign() {
    let ledger = three_segments();
    let mut other = TestLedger::of(&other_identity());
    other.segment_bytes = 1;
    let mut store = other.open().store;
    for _ in 0..3 {
        append(&mut store, 2);
    }
    for place in 0..3 {
        let mixed = ledger.copy();
        fs::copy(&other.segments()[place], &mixed.segments()[place]).unwrap();
        let found = other_identity().ledger_id();
        assert_eq!(fault(&mixed), SegmentFault::Foreign { found });
        let seen = audit(mixed.path());
        assert_eq!(seen.findings[0], ("foreign", 2 * place as u64));
        assert_eq!(seen.sound.len(), 4, "the other segments still hold");
    }
}

#[test]
fn a_segment_of_another_history_of_the_same_ledger_does_not_follow() {
    let (ledger, other) = (three_segments(), TestLedger::with(&[1, 1, 2, 2], 1));
    for place in [1, 2] {
        let mixed = ledger.copy();
        fs::copy(&other.segments()[place + 1], &mixed.segments()[place]).unwrap();
        assert!(matches!(fault(&mixed), SegmentFault::Previous { .. }));
        assert_eq!(audit(mixed.path()).findings[0], ("previous", 2 * place as u64));
    }
}

#[test]
fn a_missing_segment_is_a_gap_or_the_missing_end() {
    for missing in 0..3 {
        let ledger = three_segments();
        fs::remove_file(&ledger.segments()[missing]).unwrap();
        if missing == 2 {
            // Without its end a history is whole, as far as the log itself can tell.
            check(ledger.path(), 4);
            continue;
        }
        let expected = sanad_audit_log::Sequence::new(2 * missing as u64);
        assert_eq!(fault(&ledger), SegmentFault::Gap { expected });
        let seen = audit(ledger.path());
        assert_eq!(seen.findings, [("gap", 2 * missing as u64 + 2)]);
        assert_eq!((seen.sound.len(), seen.head.size), (4, 6));
    }
    let ledger = three_segments();
    for path in ledger.segments() {
        fs::remove_file(path).unwrap();
    }
    assert!(matches!(ledger.try_open(), Err(StoreError::NoSegments { .. })));
    assert!(matches!(ledger.reader().head(), Err(StoreError::NoSegments { .. })));
    fs::remove_dir(ledger.at("log")).unwrap();
    assert!(matches!(ledger.try_open(), Err(StoreError::NoSegments { .. })));
}

#[test]
fn a_renamed_segment_is_told_by_its_header() {
    let ledger = three_segments();
    let renamed = ledger.at("log/00000000000000000003.seg");
    fs::rename(&ledger.segments()[1], &renamed).unwrap();
    let stated = sanad_audit_log::Sequence::new(2);
    assert_eq!(fault(&ledger), SegmentFault::Name { stated });
    let seen = audit(ledger.path());
    assert_eq!((seen.findings, seen.sound.len()), (vec![("name", 3)], 6));
}

#[test]
fn a_segment_that_goes_on_into_the_next_overlaps_it() {
    let ledger = TestLedger::with(&[2, 1], 1);
    let longer = TestLedger::with(&[2, 1, 1], 350);
    fs::copy(&longer.segments()[0], &ledger.segments()[0]).unwrap();
    let expected = sanad_audit_log::Sequence::new(3);
    assert_eq!(fault(&ledger), SegmentFault::Overlap { expected });
    assert_eq!(audit(ledger.path()).findings[0], ("overlap", 2));
}

#[test]
fn a_segment_of_a_later_version_says_so() {
    let ledger = three_segments();
    alter(&ledger.segments()[1], |bytes| bytes[8] = 2);
    let later = HeaderFault::UnsupportedVersion { found: 2 };
    assert_eq!(fault(&ledger), SegmentFault::Header(later));
    assert_eq!(audit(ledger.path()).findings, [("header", 2), ("gap", 4)]);
}

#[test]
fn other_files_in_the_log_are_left_alone() {
    let ledger = three_segments();
    for name in ["notes.txt", "2.seg", "00000000000000000002.seg.bak"] {
        fs::write(ledger.at("log").join(name), "anything").unwrap();
    }
    append(&mut ledger.open().store, 1);
    check(ledger.path(), 7);
}

#[test]
fn a_pipe_in_the_place_of_a_file_keeps_nobody_waiting() {
    for name in ["ledger.json", "lock", "log/00000000000000000002.seg"] {
        let ledger = three_segments();
        fs::remove_file(ledger.at(name)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(ledger.at(name)).status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("this system makes no pipes; the test was skipped");
            return;
        }
        if name == "lock" {
            assert!(!ledger.reader().writer().0);
        } else {
            assert!(ledger.try_open().is_err(), "{name}");
        }
    }
}
