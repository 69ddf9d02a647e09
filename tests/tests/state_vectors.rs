//! `docs/format/vectors/state.json`: small histories, and the state digest after each of their entries.
//!
//! `SANAD_BLESS=1 cargo test -p sanad-tests --test state_vectors` writes the file anew; without it the file is compared
//! byte for byte. `tests/reference/test_vectors.py` computes the same digests without this code.

use sanad::exchange::ActReader;
use sanad::{Calendar, RecordedEntry, RecordedTime, Sequence, State, StateDigest};
use sanad_audit_log::StateHasher;
use sanad_projection::Projection;
use sanad_tests::workspace;
use serde_json::{Value, json};

/// Histories in the exchange form, dates in Karachi's time. `$` stands for an entry's id, `@1` for a grant's.
const HISTORIES: [(&str, &str); 7] = [
    ("nothing-yet", ""),
    (
        "declarations-of-which-the-last-one-recorded-counts",
        r#"
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"pk-surplus","title":"فاضل بجلی","unit":"MW","decimals":3}}]}
{"id":"$","actor":"mof","events":[{"declare_capacity":{"pool":"pk-surplus","amount":"2000","from":"2025-05-25"}}]}
{"id":"$","actor":"mof","events":[{"declare_capacity":{"pool":"pk-surplus","amount":"0","from":"2031-01-01"}}]}
{"id":"$","actor":"mof","events":[{"declare_capacity":{"pool":"pk-surplus","amount":"1500.001","from":"2027-01-01"}}]}
{"id":"$","actor":"mof","events":[{"declare_capacity":{"pool":"pk-surplus","amount":"1800","from":"2025-05-25"}}]}
{"id":"$","actor":"mof","events":[{"declare_capacity":{"pool":"pk-surplus","amount":"1","from":"1899-12-31"}},{"declare_capacity":{"pool":"pk-surplus","amount":"2","from":"1899-12-31"}}]}
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"spectrum","title":"Spectrum · طیف","unit":"MHz"}},{"declare_capacity":{"pool":"spectrum","amount":"18446744073709551615","from":"9999-12-30"}}]}
"#,
    ),
    (
        "pools-and-holders-in-the-order-of-their-bytes",
        r#"
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"b","title":"B","unit":"m³","decimals":18}},{"open_pool":{"pool":"b0","title":"B0","unit":"م.واٹ"}},{"open_pool":{"pool":"b-","title":"B-","parent":"b"}},{"open_pool":{"pool":"b.","title":"B.","parent":"b-"}},{"open_pool":{"pool":"b/","title":"B/","parent":"b."}},{"open_pool":{"pool":"b_","title":"B_","parent":"b/"}},{"open_pool":{"pool":"a","title":"A","parent":"b_"}}]}
{"id":"$","actor":"mof","events":[{"register_holder":{"holder":"z","title":"زیڈ"}},{"register_holder":{"holder":"z1","title":"Z 1"}},{"register_holder":{"holder":"z.1","title":"Z.1"}},{"register_holder":{"holder":"0","title":"شركة الصفر"}}]}
"#,
    ),
    (
        "sub-pools-windows-and-purposes",
        r#"
{"id":"$","actor":"mof","instrument":{"reference":"اعلامیہ 1/2025"},"events":[{"open_pool":{"pool":"pk","title":"بجلی","unit":"MW"}},{"declare_capacity":{"pool":"pk","amount":"2000","from":"2025-01-01"}},{"open_pool":{"pool":"pk/mining","title":"Mining","parent":"pk"}},{"register_holder":{"holder":"misal","title":"مثال"}}]}
{"id":"$","actor":"mof","events":[{"grant":{"grant":"@9","pool":"pk","to":{"pool":"pk/mining"},"amount":"1200","from":"2025-05-25","until":"2030-05-25"}}]}
{"id":"$","actor":"mof","events":[{"grant":{"grant":"@1","pool":"pk/mining","to":{"holder":"misal"},"amount":"300","purpose":"bitcoin-mining","from":"2025-06-01","until":"2026-06-01"}}]}
{"id":"$","actor":"mof","events":[{"grant":{"grant":"@5","pool":"pk","to":{"holder":"misal"},"amount":"1","purpose":"مصنوعی ذہانت","from":"2025-06-01"}}]}
{"id":"$","actor":"mof","reason":"later, and of the past","events":[{"grant":{"grant":"@3","pool":"pk","to":{"holder":"misal"},"amount":"7","from":"2025-01-01","until":"2025-01-02"}}]}
"#,
    ),
    (
        "revocations-in-part-and-in-full",
        r#"
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"p","title":"P","unit":"MW"}},{"declare_capacity":{"pool":"p","amount":"100","from":"2025-01-01"}},{"register_holder":{"holder":"h","title":"H"}},{"grant":{"grant":"@1","pool":"p","to":{"holder":"h"},"amount":"40","from":"2025-02-01"}},{"grant":{"grant":"@2","pool":"p","to":{"holder":"h"},"amount":"40","from":"2025-02-01","until":"2026-02-01"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"10","from":"2025-03-01"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","from":"2025-04-01","cause":"lapsed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@2","amount":"15","from":"2025-03-01","cause":"surrendered"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@2","amount":"5","from":"2025-09-01","until":"2026-02-01","cause":"curtailed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@2","from":"2025-02-01","cause":"annulled"}}]}
"#,
    ),
    (
        "curtailments-that-meet-overlap-and-cancel-each-others-edges",
        r#"
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"p","title":"P","unit":"MW"}},{"declare_capacity":{"pool":"p","amount":"100","from":"2025-01-01"}},{"register_holder":{"holder":"h","title":"H"}},{"grant":{"grant":"@1","pool":"p","to":{"holder":"h"},"amount":"100","from":"2025-01-01","until":"2026-01-01"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"10","from":"2025-03-01","until":"2025-04-01","cause":"curtailed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"10","from":"2025-04-01","until":"2025-05-01","cause":"curtailed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"30","from":"2025-03-15","until":"2025-04-15","cause":"curtailed"}},{"revoke":{"grant":"@1","amount":"60","from":"2025-04-01","until":"2025-04-02","cause":"curtailed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"10","from":"2025-01-01","until":"2025-03-01","cause":"curtailed"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@1","amount":"10","from":"2025-05-01","cause":"curtailed"}}]}
"#,
    ),
    (
        "a-shortfall-that-was-accepted-and-a-transfer",
        r#"
{"id":"$","actor":"mof","events":[{"open_pool":{"pool":"p","title":"P","unit":"MW"}},{"declare_capacity":{"pool":"p","amount":"100","from":"2025-01-01"}},{"open_pool":{"pool":"q","title":"Q","parent":"p"}},{"register_holder":{"holder":"h","title":"H"}},{"register_holder":{"holder":"k","title":"K"}},{"grant":{"grant":"@1","pool":"p","to":{"pool":"q"},"amount":"80","from":"2025-01-01"}},{"grant":{"grant":"@2","pool":"q","to":{"holder":"h"},"amount":"80","from":"2025-01-01"}}]}
{"id":"$","actor":"mof","accept_shortfall":true,"events":[{"declare_capacity":{"pool":"p","amount":"60","from":"2025-02-01"}}]}
{"id":"$","actor":"mof","accept_shortfall":true,"events":[{"revoke":{"grant":"@1","amount":"20","from":"2025-02-01"}}]}
{"id":"$","actor":"mof","events":[{"revoke":{"grant":"@2","amount":"30","from":"2025-03-01","cause":"transferred"}},{"grant":{"grant":"@3","pool":"q","to":{"holder":"k"},"amount":"10","from":"2025-03-01"}}]}
"#,
    ),
];

/// Numbers the entries, and writes the grants' ids out.
fn numbered(history: &str) -> String {
    let mut out = String::new();
    for (number, line) in history.trim().lines().enumerate() {
        out += &line.replacen('$', &format!("01970000-0000-7000-8000-0000000000{number:02x}"), 1);
        out.push('\n');
    }
    out.replace("\"@", "\"01970000-0000-7000-9000-00000000000")
}

fn digest(projection: &Projection) -> StateDigest {
    let mut hasher = StateHasher::default();
    projection.canonical_state(projection.size(), &mut |bytes| hasher.update(bytes));
    hasher.finish()
}

fn vector((name, history): (&str, &str)) -> Value {
    let (mut state, mut projection) = (State::default(), Projection::default());
    let empty = digest(&projection).to_string();
    let mut entries = Vec::new();
    let calendar = Calendar::new("Asia/Karachi").unwrap();
    for (number, act) in ActReader::new(numbered(history).as_bytes(), calendar).enumerate() {
        let act = act.unwrap_or_else(|error| panic!("{name}: {error}")).act;
        let id = act.id.unwrap();
        let decided = state.decide(&act, id).unwrap_or_else(|error| panic!("{name}: {error}"));
        state.apply(decided.effect);
        let payload = sanad_codec::encode(&decided.entry).unwrap();
        let recorded = RecordedEntry {
            sequence: Sequence(number as u64),
            recorded_at: RecordedTime::from_us(number as i64).unwrap(),
            entry: decided.entry,
        };
        projection.take(&recorded).unwrap();
        entries.push(json!({
            "entry_id": id.to_string(),
            "payload": payload.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "state": digest(&projection).to_string(),
        }));
    }
    json!({ "name": name, "empty": empty, "entries": entries })
}

#[test]
fn the_state_digests_are_those_in_the_file() {
    let all: Vec<_> = HISTORIES.into_iter().map(vector).collect();
    let text = serde_json::to_string_pretty(&json!({ "vectors": all })).unwrap() + "\n";
    let path = workspace().join("docs/format/vectors/state.json");
    if std::env::var_os("SANAD_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(stored, text, "the code and the file differ: a state's bytes must never change");
}
