//! Bytes read as lines of acts, and each act decided beside a history that is there.

use std::fs;

use sanad::exchange::{self, ActReader};
use sanad::{Act, Calendar};
use sanad_codec::{SCHEMA, decode, encode};

use super::seed::Seed;
use super::{bearable, frozen, payload};
use crate::workspace::workspace;

/// Acts of the forms that the others do not have, beside the frozen ledger.
const LINES: &str = r#"
{"actor":"mof","events":[{"open_pool":{"pool":"p","title":"P","unit":"MW","decimals":3}},{"declare_capacity":{"pool":"p","amount":"2000 MW","from":"2025-05-25T00:00:00+05:00"}},{"register_holder":{"holder":"h","title":"شركة"}},{"grant":{"pool":"p","to":{"holder":"h"},"amount":"0.001","from":"2025-05-25","until":"2026-05-25"}}]}
{"id":"01970e3c-7b7a-7000-8000-000000000001","actor":"mof","instrument":{"reference":"S.R.O. 1","digest":"blake3:0000000000000000000000000000000000000000000000000000000000000000"},"reason":"r","accept_shortfall":true,"events":[{"open_pool":{"pool":"p/q","title":"Q","parent":"p"}}]}
{"actor":"mof","events":[{"revoke":{"grant":"01970e3c-7b7a-7000-8000-000000000002","amount":"1","from":"2025-05-25","until":null,"cause":"curtailed"}}]}
"#;

pub(super) fn seeds() -> Vec<Seed> {
    let transcripts = workspace().join("tests/tests/cli/apply.in");
    let mut seeds: Vec<_> = ["good", "refused", "bad"]
        .iter()
        .map(|name| {
            let path = transcripts.join(format!("{name}.jsonl"));
            Seed::new(format!("{name}-lines"), fs::read(path).expect("a transcript's input"))
        })
        .collect();
    seeds.extend(
        LINES.trim().lines().enumerate().map(|(n, line)| Seed::new(format!("line-{n}"), line)),
    );
    seeds
}

pub(super) fn hold(bytes: &[u8]) {
    let calendar = Calendar::new("Asia/Karachi").expect("a zone");
    let read: Vec<_> = ActReader::new(bytes, calendar.clone()).collect();
    assert!(read.len() <= bytes.split(|byte| *byte == b'\n').count());
    for line in read {
        match line {
            Ok(line) => {
                written_again(&line.act, &calendar);
                decided(&line.act);
            }
            Err(error) => bearable(&error),
        }
    }
}

/// An act that was read is written so that the same act is read again.
fn written_again(act: &Act, calendar: &Calendar) {
    let written = exchange::act_to_json(act, calendar);
    assert!(!written.contains('\n'));
    let again = exchange::parse_act(&written, 1, calendar);
    let again = again.unwrap_or_else(|error| panic!("{error} in {written}"));
    assert_eq!((&again, exchange::act_to_json(&again, calendar)), (act, written));
}

/// What is decided is what an audit allows; it has one payload; and the same act again is the same entry.
fn decided(act: &Act) {
    frozen::with(|frozen| {
        let decided = match frozen.state.decide(act, payload::new_id()) {
            Ok(decided) => decided,
            Err(refusal) => return bearable(&refusal),
        };
        let entry = &decided.entry;
        assert_eq!(frozen.state.expand(act, payload::new_id()).as_ref(), Ok(entry));
        let admitted = frozen.state.admit(entry);
        assert!(admitted.is_ok(), "an audit refuses what was decided: {admitted:?}");
        if let Ok(bytes) = encode(entry) {
            assert_eq!(decode(SCHEMA, entry.id(), &bytes).as_ref(), Ok(entry));
        }
    });
}
