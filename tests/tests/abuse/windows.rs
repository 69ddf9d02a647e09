//! Windows that are hard on whoever adds them up.

use sanad::{EffectiveTime, Known, RecordError, Refusal};
use sanad_tests::{TestLedger, is_long};

use super::crowds::{acme, day, grant, record_all, scene};

type Span = (EffectiveTime, Option<EffectiveTime>);

fn at_us(us: i64) -> EffectiveTime {
    EffectiveTime::from_us(us).unwrap()
}

/// Windows of a kind, the n-th of so many.
type Kind = fn(usize, usize) -> Span;

const KINDS: [(&str, Kind); 6] = [
    ("all the same", |_, _| (day(0), Some(day(1)))),
    ("one in the other", |n, count| (day(n), Some(day(2 * count - n)))),
    ("each an instant, one after another", |n, _| {
        let from = day(0).us() + n as i64;
        (at_us(from), Some(at_us(from + 1)))
    }),
    ("each half over the one before", |n, _| (day(n), Some(day(n + 2)))),
    ("from the beginning of time", |n, _| (EffectiveTime::EARLIEST, Some(day(n)))),
    ("to the end of time", |n, _| match n % 2 {
        0 => (day(n), None),
        _ => (day(n), Some(EffectiveTime::LATEST)),
    }),
];

#[test]
fn windows_of_any_kind_are_added_up_and_filled_to_the_last_unit() {
    let count = if is_long() { 20_000 } else { 120 };
    for (kind, window) in KINDS {
        let mut ledger = TestLedger::new();
        let spans: Vec<Span> = (0..count).map(|n| window(n, count)).collect();
        let within = |at: EffectiveTime, (from, until): &Span| {
            *from <= at && until.is_none_or(|until| at < until)
        };
        let usage = |at| spans.iter().filter(|span| within(at, span)).count();
        let ends = || spans.iter().flat_map(|(from, until)| [Some(*from), *until]).flatten();
        let looks: Vec<_> = ends().step_by(1 + 2 * count / 100).collect();
        // The most that is used at once is found by looking at every beginning: it is the capacity.
        let most = spans.iter().step_by(1 + count / 500).map(|span| usage(span.0)).max().unwrap();
        let most = if is_long() { count } else { most };
        scene(ledger.ledger(), &format!("{}.{:03}", most / 1_000, most % 1_000));
        let commands: Vec<_> =
            spans.iter().enumerate().map(|(n, span)| grant(n, "crowd", acme(), *span)).collect();
        record_all(ledger.ledger(), &commands);
        for reopened in [false, true] {
            let view = ledger.ledger().view(Known::Head).unwrap();
            for &at in &looks {
                let pools = view.pools(at);
                assert_eq!(pools[0].usage, usage(at) as i128, "{kind}, at {at}");
                assert_eq!(view.allocations(at).count(), usage(at), "{kind}, at {at}");
            }
            drop(view);
            if !reopened {
                ledger.reopen_after(|_| {});
            }
        }
        if !is_long() {
            let over = sanad::Act::new(
                "mof".parse().unwrap(),
                vec![grant(count, "crowd", acme(), (EffectiveTime::EARLIEST, None))],
            );
            let refused = ledger.record(over).unwrap_err();
            assert!(
                matches!(refused, RecordError::Refused(Refusal::ExceedsCapacity { .. })),
                "{kind}: {refused}"
            );
        }
    }
}

#[test]
fn an_instant_before_and_behind_all_time_is_refused() {
    for us in [i64::MIN, EffectiveTime::EARLIEST.us() - 1, EffectiveTime::LATEST.us() + 1, i64::MAX]
    {
        assert!(EffectiveTime::from_us(us).is_err());
    }
    let ledger = TestLedger::with_surplus();
    for date in ["-9999-01-01", "9999-12-31", "10000-01-01", "99999999999-01-01", "0000-00-00"] {
        // Either a time of the calendar, or a sentence that is no longer than what was given.
        match ledger.ledger().calendar().effective(date) {
            Ok(at) => assert!((EffectiveTime::EARLIEST..=EffectiveTime::LATEST).contains(&at)),
            Err(error) => assert!(error.to_string().len() < 300, "{error}"),
        }
    }
}
