//! Whatever a history says, a verification in bulk comes to what one entry by entry comes to, or leaves it to that one.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use sanad_core::{EntryId, GrantId, derived_grant_id};
use tempfile::TempDir;
use uuid::Uuid;

use crate::act_builder::{ActBuilder, ActError};
use crate::verify::tests::{seal_again, verdicts_with_memory};
use crate::{Class, CreateOptions, Ledger, Remark, Verdict};

const ENTRIES: u64 = 60;
/// The entry with which most of the capacity is taken away.
const SHORT: u64 = 55;

/// A ledger in which all kinds of things happen: grants to holders and to a sub-pool, for good and for a while,
/// several in one entry, now and long ago; revocations of old grants, of new ones and of one that the entry itself
/// makes; capacity taken away under grants.
static EVENTFUL: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    let ledger = Ledger::create(&folder, CreateOptions::default()).unwrap();
    let opened = ledger.act("mof").unwrap().open_pool("surplus", "Surplus", "MW", 3).unwrap();
    let opened = opened.open_sub_pool("mining", "Mining", "surplus").unwrap();
    let opened = opened.declare_capacity("surplus", "2000", "2025-05-01").unwrap();
    let opened = opened.register_holder("acme", "Acme").unwrap();
    ledger.record(opened.register_holder("indus", "Indus").unwrap().build()).unwrap();
    let mut grants = Vec::new();
    for number in 1..ENTRIES {
        let act = happening(number, ledger.act("mof").unwrap(), &grants).unwrap().build();
        grants.extend(ledger.record(act).unwrap().grants);
    }
    ledger.close();
    (home, folder)
});

fn happening(number: u64, act: ActBuilder, grants: &[GrantId]) -> Result<ActBuilder, ActError> {
    let holder = if number.is_multiple_of(3) { "indus" } else { "acme" };
    let before_all = ("2025-05-20", "2025-06-01");
    match (number % 10, grants) {
        (1, _) => act.grant_to_pool("surplus", "mining", "40 MW", "2025-06-01"),
        (2, _) => act.grant("mining", holder, "3 MW", "2025-07-01"),
        (3, [.., last]) => act.revoke(*last, "1 MW", "2025-08-01"),
        (4, _) => act.grant_until("surplus", "acme", "2.5 MW", "2025-06-01", "2026-06-01")?.grant(
            "surplus",
            "indus",
            "0.125 MW",
            "2031-01-01",
        ),
        (5, _) => {
            let capacity = if number < SHORT { "1990" } else { "100" };
            Ok(act.declare_capacity("surplus", capacity, "2025-05-10")?.accept_shortfall())
        }
        (6, _) => act.register_holder(&format!("h{number}"), "Made up"),
        (7, [first, ..]) => act.curtail(*first, "0.001 MW", "2031-02-01", "2031-03-01"),
        (8, [.., last]) => act.revoke_all(*last, "2031-04-01")?.grant_until(
            "surplus",
            holder,
            "1 MW",
            before_all.0,
            before_all.1,
        ),
        (0, _) => {
            let id = EntryId::new(Uuid::from_u128(u128::from(number) << 64 | 7)).unwrap();
            let act =
                act.id(id).grant_until("surplus", holder, "1 MW", before_all.0, before_all.1)?;
            act.curtail(derived_grant_id(id, 0), "0.5 MW", before_all.0, "2025-05-21")
        }
        (9, _) if number < SHORT => {
            act.grant_until("surplus", holder, "60 MW", "2025-06-01", "2025-07-01")
        }
        _ => act.grant_until("surplus", holder, "1 MW", before_all.0, before_all.1),
    }
}

/// The entries of the eventful ledger in these places, sealed again, and opened once so that something is remembered,
/// where it can be.
fn sealed(places: &[u64]) -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("ledger");
    seal_again(&EVENTFUL.1, &folder, places);
    if let Ok(ledger) = Ledger::open_here(&folder) {
        ledger.close();
    }
    (home, folder)
}

/// The verdict, which is that of a verification entry by entry, and whether it was come to in bulk.
fn verdict(folder: &Path) -> (Verdict, bool) {
    let (verdict, singly, in_bulk) = verdicts_with_memory(folder);
    assert_eq!(verdict, singly);
    (verdict, in_bulk)
}

#[test]
fn what_is_lawful_is_judged_in_bulk_whatever_happens_in_it() {
    let all: Vec<u64> = (0..ENTRIES).collect();
    let (_home, folder) = sealed(&all);
    let (found, in_bulk) = verdict(&folder);
    assert!(in_bulk && found.is_clean(), "{:?}", found.findings().collect::<Vec<_>>());
    assert_eq!(found.entries, ENTRIES);
    assert!(found.shortfalls_accepted > 0, "capacity was taken away under grants");
    assert!(found.backdated > 0, "grants took effect before they were recorded");
    let remarked = found.remarks.iter().map(|remark| match remark {
        Remark::Backdated { sequence, .. } | Remark::ShortfallAccepted { sequence, .. } => sequence,
        Remark::NotChecked { .. } => panic!("{remark:?}"),
    });
    assert!(remarked.is_sorted(), "remarks are in the order of the history");
}

/// The rules learn of a grant when it is revoked: were they to learn of it from entries behind that, a revocation of
/// what is granted later would pass.
#[test]
fn a_grant_that_is_revoked_before_it_is_made_is_left_to_a_look_at_each_entry() {
    let all: Vec<u64> = (0..ENTRIES).collect();
    let revoked_first = [&all[..2], &all[3..4], &all[2..3], &all[4..]].concat();
    let (_home, folder) = sealed(&revoked_first);
    let (found, in_bulk) = verdict(&folder);
    assert!(!in_bulk);
    let codes: Vec<_> = found.findings().map(|finding| finding.code).collect();
    assert!(codes.contains(&"unknown_grant"), "{codes:?}");
}

/// A memory is held against the tables at the entry that it stands for, which is rarely the last of some that are read
/// together.
#[test]
fn what_is_remembered_of_the_first_entries_is_held_against_those_and_no_others() {
    let all: Vec<u64> = (0..ENTRIES).collect();
    for size in 29..36 {
        let ((_home, folder), (_other, shorter)) = (sealed(&all), sealed(&all[..size]));
        std::fs::remove_dir_all(folder.join("memory")).unwrap();
        std::fs::rename(shorter.join("memory"), folder.join("memory")).unwrap();
        let (found, in_bulk) = verdict(&folder);
        assert!(in_bulk && found.is_clean(), "{:?}", found.findings().collect::<Vec<_>>());
        let checked = !found.remarks.iter().any(|it| matches!(it, Remark::NotChecked { .. }));
        assert!(checked, "{:?}", found.remarks);
    }
}

#[test]
fn an_entry_id_and_a_grant_id_that_are_there_twice_are_found_though_nobody_keeps_them() {
    let again: Vec<u64> = (0..ENTRIES).chain([4]).collect();
    let (_home, folder) = sealed(&again);
    let (found, in_bulk) = verdict(&folder);
    assert!(!in_bulk);
    let codes: Vec<_> = found.findings().map(|finding| finding.code).collect();
    assert!(codes.contains(&"entry_id_reused") && codes.contains(&"grant_exists"), "{codes:?}");
}

#[test]
fn a_grant_beyond_the_capacity_is_found_in_a_run_of_grants() {
    let (_home, folder) = sealed(&[0, SHORT, 9, 10, 20, 30, 40]);
    assert!(verdict(&folder).1, "a hundred are enough for sixty");
    let (_home, folder) = sealed(&[0, SHORT, 9, 10, 20, 19, 30, 40]);
    let (found, in_bulk) = verdict(&folder);
    assert!(!in_bulk);
    let told: Vec<_> = found.findings().map(|it| (it.code, it.sequence.unwrap().0)).collect();
    assert_eq!(told, [("exceeds_capacity", 5)]);
}

#[test]
fn a_grant_to_a_sub_pool_beyond_the_capacity_is_found_too() {
    let (_home, folder) = sealed(&[0, SHORT, 1, 11]);
    assert!(verdict(&folder).1, "a hundred are enough for twice forty");
    let (_home, folder) = sealed(&[0, SHORT, 1, 11, 21, 10]);
    let (found, in_bulk) = verdict(&folder);
    assert!(!in_bulk);
    let told: Vec<_> = found.findings().map(|it| (it.code, it.sequence.unwrap().0)).collect();
    assert_eq!(told, [("exceeds_capacity", 4)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn entries_left_out_moved_and_repeated_are_judged_alike_in_bulk_and_one_by_one(
        left_out in prop::collection::vec(any::<Index>(), 0..3),
        moved in prop::option::of(any::<[Index; 2]>()),
        repeated in prop::option::weighted(0.2, any::<[Index; 2]>()),
    ) {
        let mut places: Vec<u64> = (0..ENTRIES).collect();
        let untouched = left_out.is_empty() && moved.is_none() && repeated.is_none();
        for index in &left_out {
            places.remove(index.index(places.len()));
        }
        if let Some([from, to]) = moved {
            let entry = places.remove(from.index(places.len()));
            places.insert(to.index(places.len() + 1), entry);
        }
        if let Some([which, to]) = repeated {
            let entry = *which.get(&places);
            places.insert(to.index(places.len() + 1), entry);
        }
        let (_home, folder) = sealed(&places);
        let (found, in_bulk) = verdict(&folder);
        let lawful = found.answer(Class::Lawfulness).is_clean();
        prop_assert_eq!(in_bulk, lawful, "in bulk where all is lawful, and only there");
        prop_assert!(lawful || !untouched);
    }
}
