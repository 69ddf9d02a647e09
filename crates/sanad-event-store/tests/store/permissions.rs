//! Who may do what with a ledger's files. Modes are looked at, since the administrator may do anything.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use sanad_event_store::{BackupFolder, FileStore, Mender, Options, StoreError, restore};

use crate::testlog::{TestLedger, append, check, files_in, identity, scratch};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Nobody who is not of the owner's group needs to read who was granted what, and nobody but the owner
/// needs to write it.
#[test]
fn a_new_ledger_is_its_owners_and_its_group_may_read_it() {
    let home = scratch();
    let path = home.path().join("ledger");
    FileStore::create(&path, &identity()).unwrap();
    append(&mut FileStore::open(&path, Options::default()).unwrap().store, 2);
    assert_eq!(mode(&path) & 0o027, 0, "the folder itself keeps others out");
    for folder in ["log", "aside"] {
        assert_eq!(mode(&path.join(folder)) & 0o027, 0, "{folder}");
    }
    for file in ["ledger.json", "lock", "log/00000000000000000000.seg"] {
        assert_eq!(mode(&path.join(file)) & 0o137, 0, "{file}");
    }
}

/// Whoever may write a file of the log could write another history; a program that went on recording in
/// it would vouch for that.
#[test]
fn what_anybody_can_write_to_is_not_recorded_to_and_can_be_read() {
    for name in ["", "ledger.json", "lock", "log", "aside", "log/00000000000000000000.seg"] {
        let ledger = TestLedger::with(&[2], 1 << 20);
        let path = ledger.at(name);
        let before = mode(&path);
        set_mode(&path, before | 0o002);
        let refused = ledger.try_open().unwrap_err();
        assert!(
            matches!(&refused, StoreError::Exposed { path: it, .. } if *it == path),
            "{refused}"
        );
        if !name.ends_with(".seg") {
            let refused = Mender::open(ledger.path(), ledger.options()).unwrap_err();
            assert!(matches!(refused, StoreError::Exposed { .. }), "{refused}");
        }
        check(ledger.path(), 2);
        set_mode(&path, before);
        append(&mut ledger.open().store, 1);
    }
}

#[test]
fn no_ledger_and_no_backup_is_made_where_anybody_can_write() {
    let ledger = TestLedger::with(&[2], 1 << 20);
    let reader = ledger.reader();
    let sound = reader.sound_log(&mut |_| {}).unwrap();
    let open = scratch();
    set_mode(open.path(), 0o777);
    let options = Options::default();
    let refused = [
        FileStore::create(open.path(), &identity()).unwrap_err(),
        BackupFolder::open(open.path(), &identity(), options.clone()).unwrap_err(),
        restore(&reader, &sound, open.path(), &options, &mut |_| {}).unwrap_err(),
    ];
    for refused in refused {
        assert!(matches!(refused, StoreError::Exposed { mode: 0o777, .. }), "{refused}");
    }
    assert_eq!(files_in(open.path()).len(), 0, "nothing was left there");
}

/// A link in a name that can be guessed would let another user choose where a ledger's bytes go.
#[test]
fn a_link_in_the_place_of_a_temporary_file_is_replaced_and_not_followed() {
    let elsewhere = scratch();
    let victim = elsewhere.path().join("victim");
    fs::write(&victim, "untouched").unwrap();
    let ledger = TestLedger::with(&[2, 2], 1);
    let place = scratch();
    fs::create_dir(place.path().join("log")).unwrap();
    let marked = scratch();
    drop(BackupFolder::open(marked.path(), &identity(), Options::default()).unwrap());
    fs::copy(marked.path().join("backup.json"), place.path().join("backup.json")).unwrap();
    for name in ["backup.json.tmp", "ledger.json.tmp", "log/00000000000000000000.seg.tmp"] {
        symlink(&victim, place.path().join(name)).unwrap();
    }
    let reader = ledger.reader();
    let sound = reader.sound_log(&mut |_| {}).unwrap();
    let mut backup = BackupFolder::open(place.path(), &identity(), Options::default()).unwrap();
    let copied = backup.copy(&reader, &sound, &mut |_| {}).unwrap();
    backup.finish(copied.head).unwrap();
    check(place.path(), 4);
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    assert!(fs::read_dir(place.path().join("log")).unwrap().count() == 2);
}

#[test]
fn a_link_in_a_backup_is_refused_and_nothing_is_written_through_it() {
    for name in ["backup.json", "ledger.json", "lock", "log", "aside", "checkpoints"] {
        let (ledger, place) = (TestLedger::with(&[2, 2], 1), scratch());
        let path = place.path().join("backup");
        drop(BackupFolder::open(&path, &identity(), Options::default()).unwrap());
        let elsewhere = scratch();
        let _ = fs::remove_file(path.join(name));
        symlink(elsewhere.path(), path.join(name)).unwrap();
        let refused = BackupFolder::open(&path, ledger.reader().identity(), Options::default());
        assert!(matches!(refused, Err(StoreError::Symlink { .. })), "{name}: {refused:?}");
        assert_eq!(files_in(elsewhere.path()).len(), 0);
    }
}
