//! Acts made from real registers are taken, and what the projection adds up to is what the registers published.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use sanad::exchange::ActReader;
use sanad::{
    Auditor, CreateOptions, EffectiveTime, HolderId, Known, Ledger, OnRefusal, PoolStanding,
    Quantity, Unit, View,
};
use sanad_tests::shared_data;
use tempfile::TempDir;

/// A ledger in UTC with all the acts of a file; each was recorded, or none is repeated.
fn applied(acts: &Path) -> (TempDir, Ledger) {
    let home = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&home.path().join("ledger"), CreateOptions::default()).unwrap();
    let recorded = apply(&ledger, acts);
    assert!(recorded.iter().all(|repeated| !repeated));
    (home, ledger)
}

/// Applies a file in order; tells of each act whether it stood already.
fn apply(ledger: &Ledger, acts: &Path) -> Vec<bool> {
    let file = BufReader::new(File::open(acts).unwrap());
    let acts: Result<Vec<_>, _> = ActReader::new(file, ledger.calendar().clone()).collect();
    let acts = acts.unwrap().into_iter().map(|line| line.act).collect();
    let answers = ledger.record_many(acts, OnRefusal::Stop).into_iter().enumerate();
    let repeated = |(n, answer): (usize, Result<sanad::Receipt, _>)| match answer {
        Ok(receipt) => receipt.repeated,
        Err(error) => panic!("line {}: {error}", n + 1),
    };
    answers.map(repeated).collect()
}

/// The rows of a table, each by the names of its columns.
fn rows(table: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(table).unwrap();
    let rows: Vec<_> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert!(!rows.is_empty());
    rows
}

/// A decimal as it is published, in the smallest part of the unit.
fn total(published: &str, unit: &Unit) -> i128 {
    let count = published.parse::<Quantity>().unwrap().count(unit.decimals()).unwrap();
    i128::try_from(count).unwrap()
}

fn standing(view: &View<'_>, pool: &str, at: EffectiveTime) -> PoolStanding {
    view.pools(at).into_iter().find(|standing| standing.pool.as_str() == pool).unwrap()
}

/// A second application records nothing, and the ledger verifies.
fn applies_once_and_verifies(home: &TempDir, ledger: Ledger, acts: &Path) {
    let before = ledger.view(Known::Head).unwrap().basis();
    assert!(apply(&ledger, acts).iter().all(|repeated| *repeated));
    assert_eq!(ledger.view(Known::Head).unwrap().basis(), before);
    ledger.close();
    let auditor = Auditor::open(&home.path().join("ledger")).unwrap();
    let verdict = auditor.verify(&mut |_| {}).unwrap();
    assert!(verdict.is_clean(), "{:#?}", verdict.findings().collect::<Vec<_>>());
    assert_eq!(verdict.entries, before.size);
}

#[test]
fn afrinic_adds_up_to_its_published_statistics_on_every_day() {
    let (Some(acts), Some(totals)) =
        (shared_data("data/afrinic-acts.jsonl"), shared_data("data/afrinic-totals.csv"))
    else {
        return;
    };
    let (home, ledger) = applied(&acts);
    let reserve: HolderId = "afrinic-reserve".parse().unwrap();
    let view = ledger.view(Known::Head).unwrap();
    for row in rows(&totals) {
        let date = &row["date"];
        let at = ledger.calendar().effective(date).unwrap();
        let pool = standing(&view, "afrinic-ipv4", at);
        let published = |column: &str| total(&row[column], &pool.unit);
        let statement = view.statement(&reserve, at).unwrap();
        let reserved = statement.totals.iter().map(|(.., total)| total).sum::<i128>();
        assert_eq!(pool.capacity, published("capacity"), "capacity on {date}");
        assert_eq!(reserved, published("reserved"), "reserved on {date}");
        assert_eq!(pool.usage - reserved, published("held"), "held on {date}");
        assert_eq!(pool.headroom, published("headroom"), "headroom on {date}");
    }
    drop(view);
    applies_once_and_verifies(&home, ledger, &acts);
}

#[test]
fn the_transmission_entry_capacity_of_great_britain_adds_up_for_every_host_and_day() {
    let (Some(acts), Some(totals)) =
        (shared_data("data/gb-tec-acts.jsonl"), shared_data("data/gb-tec-totals.csv"))
    else {
        return;
    };
    let (home, ledger) = applied(&acts);
    let view = ledger.view(Known::Head).unwrap();
    for row in rows(&totals) {
        let (date, pool) = (&row["date"], &row["pool"]);
        let at = ledger.calendar().effective(date).unwrap();
        let pool = standing(&view, pool, at);
        assert_eq!(
            pool.usage,
            total(&row["granted_mw"], &pool.unit),
            "granted from {} on {date}",
            pool.pool
        );
    }
    drop(view);
    applies_once_and_verifies(&home, ledger, &acts);
}
