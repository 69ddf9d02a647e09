//! The way of an entry takes next to no memory of its own: what is counted is how often the allocator is asked.

use allocation_counter::measure;
use sanad::{Act, ChainHash, Command, EntryId, Grant, GrantId, Head, State, Window};
use sanad_audit_log::{RawRecord, Sealer, Unsealed};
use sanad_tests::BusyRegister;
use uuid::Uuid;

/// Grants that are counted, after some that are not.
const COUNTED: u128 = 1 << 15;

fn entry_id(number: u128) -> EntryId {
    EntryId::new(Uuid::from_u128(1 << 100 | number)).unwrap()
}

/// A grant of a day, each on another.
fn grant(number: u128) -> Act {
    let day = |n: u128| sanad::EffectiveTime::from_us(i64::try_from(n).unwrap() * 86_400_000_000);
    let grant = Grant {
        grant: Some(GrantId::new(Uuid::from_u128(2 << 100 | number)).unwrap()),
        pool: "pk/mining".parse().unwrap(),
        recipient: sanad::Recipient::Holder("misal".parse().unwrap()),
        amount: "0.001".parse().unwrap(),
        purpose: Some("bitcoin-mining".parse().unwrap()),
        window: Window::new(day(20_100).unwrap(), Some(day(20_101 + number % 900).unwrap()))
            .unwrap(),
    };
    Act::new("mof".parse().unwrap(), vec![Command::Grant(grant)])
}

#[test]
fn deciding_encoding_and_sealing_a_grant_ask_for_memory_once_in_many_entries() {
    let mut state = State::default();
    let opening = BusyRegister::default().next().unwrap();
    let opened = state.decide(&opening, entry_id(0)).unwrap();
    state.apply(opened.effect);
    let acts: Vec<Act> = (0..2 * COUNTED).map(grant).collect();
    let mut sealer = Sealer::new(Head::empty(ChainHash::from_bytes([0; 32])), None);
    let (mut payload, mut records) = (Vec::new(), Vec::with_capacity(16 << 20));
    let mut record = |number: u128| {
        let decided = state.decide(&acts[number as usize], entry_id(1 + number)).unwrap();
        payload.clear();
        sanad_codec::encode_into(&decided.entry, &mut payload).unwrap();
        let unsealed = Unsealed {
            entry_id: sanad_audit_log::EntryId::new(decided.entry.id().uuid()),
            recorded_at_us: 0,
            payload_schema: sanad_codec::SCHEMA,
            payload: &payload,
            author: None,
            barrier: false,
        };
        sealer.seal(&unsealed, &mut records).unwrap();
        state.apply(decided.effect);
    };
    (0..COUNTED).for_each(&mut record);
    let asked = measure(|| (COUNTED..2 * COUNTED).for_each(&mut record)).count_total;
    // The tables of the state grow now and then, a part at a time.
    assert!(asked < COUNTED as u64 / 64, "{asked} for {COUNTED} entries");
    let mut rest = &records[..];
    let asked = measure(|| {
        while let Ok((raw, behind)) = RawRecord::split(rest) {
            let record = sanad_audit_log::Record::decode(raw).unwrap();
            let id = EntryId::new(record.entry_id().uuid()).unwrap();
            let entry = sanad_codec::decode(record.payload_schema(), id, record.payload());
            assert_eq!(entry.unwrap().events().len(), 1);
            rest = behind;
        }
    });
    assert_eq!((rest.len(), asked.count_total), (0, 0), "decoding borrows");
}
