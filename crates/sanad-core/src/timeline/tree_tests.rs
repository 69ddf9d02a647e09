//! The shape of a timeline's tree, and answers that chance seldom asks for.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::node::{LEAF, roomy};
use super::*;

fn at(us: i64) -> EffectiveTime {
    EffectiveTime::from_us(us).unwrap()
}

fn from(us: i64) -> Window {
    Window::new(at(us), None).unwrap()
}

/// Instants ten apart, each with a change of one.
fn tens(places: std::ops::Range<i64>) -> Vec<(EffectiveTime, i128)> {
    places.map(|place| (at(place * 10), 1)).collect()
}

/// How deep a tree is. No node is empty or too large, all leaves are equally deep, instants rise from the first leaf to
/// the last, and each branch keeps what is true of the part below it.
fn depth(node: &Node) -> usize {
    match node {
        Node::Leaf(changes) => {
            assert!((1..=LEAF).contains(&changes.len()), "{} changes in a leaf", changes.len());
            assert!(changes.windows(2).all(|next| next[0].at < next[1].at));
            1
        }
        Node::Branch(children) => {
            assert!((1..=FANOUT).contains(&children.len()), "{} children", children.len());
            let depths: Vec<_> = children.iter().map(|child| depth(&child.node)).collect();
            assert!(depths.iter().all(|depth| *depth == depths[0]), "{depths:?}");
            for child in children {
                assert_eq!(child.node.first(), Some(child.first));
                assert_eq!(child.node.summary(), Some((child.sum, child.low)));
            }
            let mut below = Vec::new();
            node.collect(None, &mut below);
            assert!(below.windows(2).all(|next| next[0].at < next[1].at));
            depths[0] + 1
        }
    }
}

#[test]
fn as_many_changes_as_fit_into_a_leaf_stay_in_one() {
    let most = LEAF as i64;
    let (mut one_by_one, mut at_once) = (Timeline::default(), Timeline::default());
    tens(0..most).into_iter().for_each(|(at, delta)| one_by_one.add(at, delta));
    at_once.add_all(&tens(0..most));
    assert_eq!([depth(&one_by_one.root), depth(&at_once.root)], [1, 1]);
    one_by_one.add(at(5), 1);
    at_once.add_all(&[(at(5), 1)]);
    assert_eq!([depth(&one_by_one.root), depth(&at_once.root)], [2, 2]);
}

#[test]
fn as_many_children_as_fit_into_a_branch_stay_in_one() {
    let mut timeline = Timeline::default();
    // One leaf less than fit into a branch, each with room for more; then one of them becomes two.
    let (most, roomy) = (LEAF as i64, roomy(LEAF) as i64);
    let filled = (FANOUT as i64 - 1) * roomy;
    timeline.add_all(&tens(0..filled));
    assert_eq!(depth(&timeline.root), 2);
    let more = filled + most - roomy + 1;
    timeline.add_all(&tens(filled..more));
    let Node::Branch(children) = &timeline.root else { panic!("{timeline:?}") };
    assert_eq!((children.len(), depth(&timeline.root)), (FANOUT, 2));
    timeline.add_all(&tens(more..more + most));
    assert_eq!(depth(&timeline.root), 3);
}

#[test]
fn a_leaf_that_was_filled_at_once_is_split_by_the_next_change() {
    let mut timeline = Timeline::default();
    timeline.add_all(&tens(0..LEAF as i64));
    for t in 0..100 {
        timeline.add(at(t * 10 + 5), 1);
        depth(&timeline.root);
    }
}

#[test]
fn every_change_of_a_deep_tree_is_listed() {
    let mut timeline = Timeline::default();
    timeline.add_all(&tens(0..3_000));
    assert_eq!(timeline.changes(), tens(0..3_000));
    // The end of a window is not in it, and what stands before it is not either.
    let window = Window::new(at(1_000), Some(at(1_020))).unwrap();
    let pieces = timeline.pieces(window);
    let piece = |a, b| Window::new(at(a), Some(at(b))).unwrap();
    assert_eq!(pieces, [(piece(1_000, 1_010), 101), (piece(1_010, 1_020), 102)]);
}

#[test]
fn of_equal_lows_the_first_instant_is_told() {
    let mut timeline = Timeline::default();
    timeline.add(at(0), 9);
    for t in 1..200 {
        timeline.add(at(t), if t % 2 == 0 { 5 } else { -5 });
    }
    assert_eq!(timeline.lowest(from(0)), Low { value: 4, at: at(1) });
    assert_eq!(timeline.lowest(from(2)), Low { value: 4, at: at(3) });
    let few = Window::new(at(2), Some(at(6))).unwrap();
    assert_eq!(timeline.lowest(few), Low { value: 4, at: at(3) });
}

#[test]
fn from_the_first_change_on_the_floor_is_the_lowest_value() {
    let mut timeline = Timeline::default();
    timeline.add(at(10), 5);
    timeline.add(at(20), -2);
    assert_eq!((timeline.floor(from(10)), timeline.whole().lowest()), (3, 3));
    assert_eq!(timeline.floor(from(9)), 0, "before the first change the value is zero");
}

proptest! {
    #[test]
    fn a_tree_keeps_its_shape_wherever_changes_come_between(
        passes in prop::collection::vec(
            (prop::collection::btree_map(0i64..900, -50i64..50, 0..250), 1usize..120), 1..6),
        single in prop::collection::vec((0i64..900, -50i64..50), 0..40),
    ) {
        let mut timeline = Timeline::default();
        let mut naive = BTreeMap::new();
        for (changes, together) in passes {
            let changes: Vec<_> =
                changes.into_iter().map(|(t, delta)| (at(t), i128::from(delta))).collect();
            for some in changes.chunks(together) {
                timeline.add_all(some);
            }
            for (at, delta) in changes {
                *naive.entry(at).or_insert(0) += delta;
            }
        }
        for (t, delta) in single {
            timeline.add(at(t), i128::from(delta));
            *naive.entry(at(t)).or_insert(0) += i128::from(delta);
        }
        naive.retain(|_, delta| *delta != 0);
        prop_assert_eq!(timeline.changes(), naive.into_iter().collect::<Vec<_>>());
        if timeline.root.first().is_some() {
            depth(&timeline.root);
        }
    }
}
