//! Tables of several chunks against plain lists: grown, copied, written as blocks and read back, damaged.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sanad_core::{
    Amount, Capacity, CapacityDeclared, Cause, EffectiveTime, Entry, EntryId, Event, GrantId,
    Granted, HolderId, HolderRegistered, PoolId, PoolKind, PoolOpened, Recipient, RecordedEntry,
    RecordedTime, Revoked, Sequence, Unit, Window,
};
use sanad_projection::{Allocation, Block, Known, Projection, ProjectionError};
use uuid::Uuid;

const DAY_US: i64 = 86_400_000_000;
const GRANTS: u64 = 9_100;
const HOLDERS: u64 = 4_200;

fn on(day: u64) -> EffectiveTime {
    EffectiveTime::from_us(1_735_689_600_000_000 + day as i64 * DAY_US).unwrap()
}

fn pool(n: u64) -> PoolId {
    ["pk", "pk/mining", "wide"][n as usize % 3].parse().unwrap()
}

fn holder(n: u64) -> HolderId {
    format!("holder-{}", n % HOLDERS).parse().unwrap()
}

fn grant_id(n: u64) -> GrantId {
    // In no order, and alike in their first half now and then.
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    GrantId::new(Uuid::from_u128(u128::from(mixed % 5_000) << 64 | u128::from(n + 1))).unwrap()
}

fn entry_id(n: u64) -> EntryId {
    EntryId::new(Uuid::from_u128(u128::from(n + 1) << 70 | 7)).unwrap()
}

fn granted(n: u64) -> Granted {
    let from = n * 7 % 900;
    let recipient = match n % 10 {
        3 => Recipient::Pool(pool(1)),
        _ => Recipient::Holder(holder(n * n)),
    };
    let purpose = (!n.is_multiple_of(3)).then(|| format!("purpose {}", n % 6_500).parse().unwrap());
    let until = (!n.is_multiple_of(4)).then(|| on(from + 1 + n % 300));
    let pool = if n % 10 == 3 { pool(0) } else { pool(n) };
    let (grant, amount) = (grant_id(n), Amount::new(10 + n % 97).unwrap());
    Granted {
        grant,
        pool,
        recipient,
        amount,
        purpose,
        window: Window::new(on(from), until).unwrap(),
    }
}

/// What revocation n takes: of every second grant something, of some twice.
fn revoked(n: u64) -> Revoked {
    let of = granted(n / 3 * 2);
    let from = on(n * 7 % 900 + n % 50);
    let until =
        (!n.is_multiple_of(3)).then(|| EffectiveTime::from_us(from.us() + DAY_US * 20).unwrap());
    let amount =
        Amount::new(if n.is_multiple_of(5) { of.amount.get() } else { 1 + n % 3 }).unwrap();
    let cause = Cause::ALL[n as usize % 6];
    Revoked { grant: of.grant, amount, window: Window::new(from, until).unwrap(), cause }
}

/// A history that seals chunks of every table but the pools.
fn history() -> Vec<RecordedEntry> {
    let opened = |n: u64, kind| {
        let (pool, title) = (pool(n), "Pool".parse().unwrap());
        Event::PoolOpened(PoolOpened { pool, title, kind })
    };
    let unit = || PoolKind::Root(Unit::new("MW".parse().unwrap(), 3).unwrap());
    let mut all = vec![vec![
        opened(0, unit()),
        opened(1, PoolKind::SubPool { parent: pool(0) }),
        opened(2, unit()),
    ]];
    all.extend((0..HOLDERS).map(|n| {
        let (holder, title) = (holder(n), format!("Holder {n}").parse().unwrap());
        vec![Event::HolderRegistered(HolderRegistered { holder, title })]
    }));
    all.extend((0..GRANTS).map(|n| {
        let mut events = vec![Event::Granted(granted(n))];
        if n % 2 == 0 {
            let (capacity, from) = (Capacity::new(n), on(n * 11 % 900));
            let pool = pool(n % 2 * 2);
            events.push(Event::CapacityDeclared(CapacityDeclared { pool, capacity, from }));
            events.push(Event::Revoked(revoked(n / 2 * 3 / 2)));
        }
        events
    }));
    let recorded = |(n, events)| RecordedEntry {
        sequence: Sequence(n),
        recorded_at: RecordedTime::from_us(1_735_689_600_000_000 + (n / 5 * 300) as i64).unwrap(),
        entry: Entry::new(entry_id(n), "mof".parse().unwrap(), None, None, true, events).unwrap(),
    };
    (0..).zip(all).map(recorded).collect()
}

fn projected(history: &[RecordedEntry]) -> Projection {
    let mut projection = Projection::default();
    history.iter().for_each(|entry| projection.take(entry).unwrap());
    projection
}

fn restored(projection: &Projection) -> Projection {
    let blocks = projection.blocks_since(0).map(|it| Block::read(it.into_owned()).unwrap());
    Projection::from_blocks(blocks, &projection.rest()).unwrap()
}

/// What each grant amounts to, by one loop over the history.
fn left_by_grant(history: &[RecordedEntry], at: EffectiveTime) -> Vec<(Granted, i128, Sequence)> {
    let mut grants: Vec<(Granted, i128, Sequence)> = Vec::new();
    let mut places = BTreeMap::new();
    for recorded in history {
        for event in recorded.entry.events() {
            match event {
                Event::Granted(granted) => {
                    places.insert(granted.grant, grants.len());
                    let left = granted.window.contains(at).then(|| granted.amount.total());
                    grants.push((granted.clone(), left.unwrap_or(0), recorded.sequence));
                }
                Event::Revoked(revoked) => {
                    let (granted, left, _) = &mut grants[places[&revoked.grant]];
                    if revoked.window.contains(at) && granted.window.contains(at) {
                        *left -= revoked.amount.total();
                    }
                }
                _ => {}
            }
        }
    }
    grants
}

fn agrees(projection: &Projection, history: &[RecordedEntry], size: u64, at: EffectiveTime) {
    let known = &history[..size as usize];
    let grants = left_by_grant(known, at);
    let expected: Vec<_> = grants.iter().filter(|(_, left, _)| *left > 0).collect();
    let same = |found: &Allocation, (granted, left, granted_in): &(Granted, i128, Sequence)| {
        found.grant == granted.grant
            && found.pool == granted.pool
            && found.recipient == granted.recipient
            && found.purpose == granted.purpose
            && found.window == granted.window
            && found.granted == granted.amount
            && (found.left, found.granted_in) == (*left, *granted_in)
    };
    let found: Vec<_> = projection.allocations(size, at).collect();
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(&expected).all(|(found, expected)| same(found, expected)));
    for standing in projection.pools(size, at) {
        let usage = grants.iter().filter(|(granted, ..)| granted.pool == standing.pool);
        assert_eq!(
            standing.usage,
            usage.map(|(_, left, _)| left).sum::<i128>(),
            "{}",
            standing.pool
        );
        let received =
            |granted: &Granted| granted.recipient == Recipient::Pool(standing.pool.clone());
        let received = grants.iter().filter(|(granted, ..)| received(granted));
        if standing.parent.is_some() {
            assert_eq!(standing.capacity, received.map(|(_, left, _)| left).sum::<i128>());
        }
        let steps = projection.timeline(size, &standing.pool).unwrap();
        let step = steps.iter().find(|step| step.window.contains(at));
        let step = step.map_or((0, 0), |step| (step.capacity, step.usage));
        assert_eq!(step, (standing.capacity, standing.usage), "{}", standing.pool);
    }
    let holders = projection.holders(size, at);
    for standing in holders.iter().step_by(61) {
        let to = Recipient::Holder(standing.holder.clone());
        let own: Vec<_> = expected.iter().filter(|(granted, ..)| granted.recipient == to).collect();
        assert_eq!(standing.grants_in_force, own.len() as u64);
        let mut totals: Vec<(PoolId, i128)> = Vec::new();
        for (granted, left, _) in own.iter().copied() {
            match totals.iter_mut().find(|(pool, _)| *pool == granted.pool) {
                Some((_, total)) => *total += left,
                None => totals.push((granted.pool.clone(), *left)),
            }
        }
        assert!(standing.totals.iter().map(|(pool, _, total)| (pool.clone(), *total)).eq(totals));
        let found: Vec<_> = projection.allocations_to(size, &standing.holder, at).collect();
        assert_eq!(found.len(), own.len());
        assert!(found.iter().zip(&own).all(|(found, own)| same(found, own)));
        let statement = projection.statement(size, &standing.holder, at).unwrap();
        assert_eq!((statement.allocations, statement.totals), (found, standing.totals.clone()));
    }
}

#[test]
fn tables_of_many_chunks_say_what_one_loop_over_the_history_says() {
    let history = history();
    let grown = projected(&history);
    assert!(grown.blocks() >= 9, "{} blocks", grown.blocks());
    let read_back = restored(&grown);
    assert_eq!(read_back, grown);
    let size = grown.size();
    for (size, day) in [(size, 400), (size, 20), (size - 1, 899), (4_097 + HOLDERS, 300), (1, 3)] {
        agrees(&grown, &history, size, on(day));
        agrees(&read_back, &history, size, on(day));
    }
    let digest = |projection: &Projection, size| {
        let mut bytes = Vec::new();
        projection.canonical_state(size, &mut |piece| bytes.extend_from_slice(piece));
        bytes
    };
    let early = projected(&history[..9_000]);
    assert!(digest(&early, 9_000) == digest(&read_back, 9_000));
    assert!(read_back.all_facts().eq(grown.all_facts()));
}

#[test]
fn what_is_looked_up_is_found_with_an_index_and_without_one() {
    let history = history();
    let grown = projected(&history);
    let read_back = restored(&grown);
    // The first ones are found by the chunks' directories; later ones by an index.
    for n in (0..grown.size()).step_by(7).chain(0..40) {
        for projection in [&grown, &read_back] {
            assert_eq!(projection.sequence_of(entry_id(n)), Some(Sequence(n)));
            assert_eq!(projection.sequence_of(entry_id(n + 1_000_000)), None);
        }
    }
    for n in (0..GRANTS).step_by(5) {
        let about = |event: &Event| match event {
            Event::Granted(granted) => granted.grant == grant_id(n),
            Event::Revoked(revoked) => revoked.grant == grant_id(n),
            _ => false,
        };
        let first = (1 + HOLDERS + n) as usize;
        let entries = history[first..].iter().filter(|it| it.entry.events().iter().any(about));
        let expected: Vec<_> =
            if n % 1_000 == 0 { entries.map(|it| it.sequence).collect() } else { Vec::new() };
        for projection in [&grown, &read_back] {
            assert_eq!(projection.pool_of(grant_id(n)), Some(&granted(n).pool));
            let found = projection.entries_about(grant_id(n));
            assert_eq!(found[0], Sequence(1 + HOLDERS + n));
            assert!(expected.is_empty() || found == expected, "{n}");
            let told = projection.history(projection.size(), grant_id(n)).unwrap();
            assert!(told.lines.iter().map(|line| line.line.sequence).all(|at| found.contains(&at)));
        }
    }
    let prefix = &grant_id(17).to_string()[..20];
    let all = (0..GRANTS).map(grant_id).filter(|id| id.to_string().starts_with(prefix));
    assert_eq!(grown.grants_with_prefix(prefix), all.collect::<Vec<_>>());
    let digits = grown.telling_digits() as usize;
    let told = |digits: usize| {
        let begin = |n| grant_id(n).uuid().as_u128() >> (4 * (32 - digits));
        (0..GRANTS).map(begin).collect::<std::collections::HashSet<_>>().len() as u64
    };
    assert!(told(digits) == GRANTS && told(digits - 1) < GRANTS, "{digits}");
}

#[test]
fn a_copy_stays_what_it_was_and_may_go_another_way() {
    let history = history();
    let (first, rest) = history.split_at(7_000);
    let mut projection = projected(first);
    let copy = projection.clone();
    let mut astray = projection.clone();
    let mut other = rest[0].clone();
    let another = Event::Granted(Granted { grant: grant_id(1_000_000), ..granted(5) });
    let entry =
        |events| Entry::new(entry_id(1_000_000), "mof".parse().unwrap(), None, None, true, events);
    other.entry = entry(vec![another]).unwrap();
    astray.take(&other).unwrap();
    rest.iter().for_each(|entry| projection.take(entry).unwrap());
    assert_eq!(copy, projected(first));
    assert_eq!(projection, projected(&history));
    for projection in [&copy, &projection] {
        assert_eq!(projection.sequence_of(entry_id(1_000_000)), None);
        assert_eq!(projection.pool_of(grant_id(1_000_000)), None);
    }
    assert_eq!(astray.sequence_of(entry_id(1_000_000)), Some(Sequence(7_000)));
    assert_eq!(copy.sequence_of(entry_id(7_000)), None);
    assert_eq!(astray.sequence_of(entry_id(7_000)), None);
    assert_eq!(projection.sequence_of(entry_id(7_000)), Some(Sequence(7_000)));
    assert_eq!(projection.known(Known::Head), Ok(history.len() as u64));
    assert_eq!(astray.first_difference(&projection), Some(("entries", 7_000)));
    let again =
        projection.take(&RecordedEntry { sequence: Sequence(projection.size()), ..other.clone() });
    again.unwrap();
    let twice = projection.take(&RecordedEntry { sequence: Sequence(projection.size()), ..other });
    assert!(matches!(twice, Err(ProjectionError::Repeated { what: "entry", .. })));
}

#[test]
fn what_is_new_is_given_once_and_continues_what_was_given_before() {
    let history = history();
    let mut projection = projected(&history[..6_000]);
    let mut blocks: Vec<_> = projection.blocks_since(0).map(|it| it.into_owned()).collect();
    for size in [8_500, 8_501, history.len()] {
        let from = projection.size() as usize;
        history[from..size].iter().for_each(|entry| projection.take(entry).unwrap());
        blocks.extend(projection.blocks_since(blocks.len()).map(|it| it.into_owned()));
        assert_eq!(blocks.len(), projection.blocks());
        let read = blocks.iter().map(|block| Block::read(block.clone()).unwrap());
        let mut again = Projection::from_blocks(read, &projection.rest()).unwrap();
        assert_eq!(again, projection);
        // What was read back seals at the same places.
        history[size..].iter().for_each(|entry| again.take(entry).unwrap());
        assert!(again.blocks_since(0).eq(projected(&history).blocks_since(0)));
    }
}

#[test]
fn blocks_in_another_order_or_without_what_they_speak_of_are_refused() {
    let projection = projected(&history());
    let blocks: Vec<_> = projection.blocks_since(0).map(|it| it.into_owned()).collect();
    let join = |blocks: &[Vec<u8>], rest: &[u8]| {
        let read = blocks.iter().map(|block| Block::read(block.clone()).unwrap());
        Projection::from_blocks(read, rest)
    };
    // Others speak of entries, holders and purposes.
    let spoken_of = (0..blocks.len()).filter(|place| [1, 4, 5].contains(&blocks[*place][0]));
    for left_out in spoken_of {
        let mut fewer = blocks.clone();
        fewer.remove(left_out);
        assert!(join(&fewer, &projection.rest()).is_err(), "without block {left_out}");
    }
    let entries: Vec<_> = (0..blocks.len()).filter(|place| blocks[*place][0] == 1).collect();
    let mut swapped = blocks.clone();
    swapped.swap(entries[0], entries[1]);
    assert!(join(&swapped, &projection.rest()).is_err());
    let rest = projection.rest();
    for length in (0..rest.len()).step_by(997) {
        assert!(join(&blocks, &rest[..length]).is_err(), "{length} bytes of the rest");
    }
    assert!(join(&blocks, &[&rest[..], b"more"].concat()).is_err());
    assert!(Block::read(Vec::new()).is_err());
}

/// Asks everything of what was read from damaged bytes: any answer will do, and none may panic.
fn ask(projection: &Projection) {
    let (size, at) = (projection.size(), on(300));
    projection.allocations(size, at).for_each(drop);
    drop((projection.pools(size, at), projection.holders(size, at), projection.telling_digits()));
    let ids: Vec<_> = projection.pool_ids().cloned().collect();
    ids.iter().for_each(|pool| drop(projection.timeline(size, pool)));
    for n in 0..20 {
        drop(projection.statement(size, &holder(n), at));
        drop((projection.history(size, grant_id(n)), projection.sequence_of(entry_id(n))));
    }
    projection.canonical_state(size, &mut |_| {});
    projection.all_facts().for_each(drop);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_of_a_block_make_it_panic(
        block in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), head in any::<bool>(),
        wrong: u8, cut in any::<Option<prop::sample::Index>>(),
    ) {
        static HISTORY: std::sync::LazyLock<Projection> = std::sync::LazyLock::new(|| projected(&history()));
        let projection = &*HISTORY;
        let mut blocks: Vec<_> = projection.blocks_since(0).map(|it| it.into_owned()).collect();
        let place = block.index(blocks.len() + 1);
        let mut rest = projection.rest();
        let damaged = blocks.get_mut(place).unwrap_or(&mut rest);
        let most = if head { damaged.len().min(200) } else { damaged.len() };
        damaged[at.index(most)] = wrong;
        if let Some(cut) = cut {
            damaged.truncate(cut.index(damaged.len()));
        }
        let read = blocks.into_iter().map(Block::read).collect::<Result<Vec<_>, _>>();
        if let Ok(Ok(read)) = read.map(|blocks| Projection::from_blocks(blocks, &rest)) {
            ask(&read);
        }
    }
}
