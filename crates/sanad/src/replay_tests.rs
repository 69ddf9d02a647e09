//! Whatever was done to a log, a replay in bulk comes to what one entry by entry comes to, or leaves it to that one.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::verify::tests::{GENUINE, Mishap};

/// The tables, the tree and the head of the first `total` entries behind the first `behind`; why there are none.
type Came = Result<(Projection, RecordTree, Head), String>;

fn replayed(folder: &Path, behind: u64, total: u64, bulk: bool) -> Came {
    let reader = FileReader::open(folder).unwrap();
    let identity = reader.identity();
    let (mut projection, mut tree) = (Projection::default(), RecordTree::new(identity.genesis()));
    let mut unheard = |_| {};
    let mut reports = Reports::behind(0, total, Stage::Replaying, &mut unheard);
    let replayed = Replayed { projection: &mut projection, tree: Some(&mut tree) };
    let said = |error: LedgerError| error.to_string();
    one_by_one(&reader, replayed, ChainVerifier::new(identity), behind, &mut reports)
        .map_err(said)?;
    let last_us = projection.last_recorded_at(behind).map(|time| time.us());
    let chain = ChainVerifier::resumed(identity.ledger_id(), tree.head(), last_us);
    let replayed = Replayed { projection: &mut projection, tree: Some(&mut tree) };
    if bulk {
        let filled = in_bulk(&reader, &replayed, chain, total, &mut reports);
        let Filled { projection, tree, head } = filled.map_err(|Doubt| "doubt".to_owned())?;
        return Ok((projection, tree.unwrap(), head));
    }
    let head = one_by_one(&reader, replayed, chain, total, &mut reports).map_err(said)?;
    Ok((projection, tree, head))
}

#[test]
fn a_sound_history_is_replayed_in_bulk_and_one_with_an_id_twice_is_not() {
    let home = GENUINE.laid(|_| {});
    for behind in [0, 1, 17, 40] {
        let came = replayed(home.path(), behind, 40, true);
        assert_eq!(came.as_ref().unwrap().0.size(), 40);
        assert_eq!(came, replayed(home.path(), behind, 40, false));
        assert_eq!(replayed(home.path(), behind, 41, true), Err("doubt".to_owned()));
        let refused = replayed(home.path(), behind, 41, false).unwrap_err();
        assert!(refused.contains("entry 40 brings entry"), "{refused}");
    }
}

#[test]
fn the_tree_is_grown_to_what_it_is_where_it_grows_with_the_tables() {
    let home = GENUINE.laid(|_| {});
    let reader = FileReader::open(home.path()).unwrap();
    for behind in [0, 5, 32, 40] {
        let (_, mut tree, _) = replayed(home.path(), 0, behind, false).unwrap();
        crate::growth::grow(&reader, &mut tree, 40).unwrap();
        assert_eq!(tree, replayed(home.path(), 0, 40, false).unwrap().1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_history_comes_to_the_same_or_is_doubted(
        mishap in Mishap::of_damages(0..2),
        behind in 0..40u64,
        total in 0..42u64,
    ) {
        let home = GENUINE.laid(|segments| mishap.befalls(segments));
        let expected = replayed(home.path(), behind.min(total), total, false);
        let came = replayed(home.path(), behind.min(total), total, true);
        prop_assert_eq!(came.is_ok(), expected.is_ok());
        if expected.is_ok() {
            prop_assert_eq!(came, expected);
        }
    }
}
