//! Encodes or decodes an entry of one grant, 87 bytes, so many times: a program to count instructions of.
//!
//! ```text
//! cargo build --release -p sanad-codec --example one_grant
//! valgrind --tool=callgrind target/release/examples/one_grant decode 1000
//! ```
//!
//! What is counted more for 2,000 than for 1,000 is what a thousand take.

use std::error::Error;
use std::hint::black_box;

use sanad_codec::{SCHEMA, decode, encode, encode_into};
use sanad_core::{Amount, EffectiveTime, Entry, EntryId, Event, Granted, Recipient, Window};

const USE: &str = "usage: one_grant encode|decode TIMES";

fn one_grant(id: EntryId) -> Result<Entry, Box<dyn Error>> {
    let at = EffectiveTime::from_us;
    let granted = Granted {
        grant: "01970e3c-7b7a-7000-8000-0000000000a1".parse()?,
        pool: "surplus".parse()?,
        recipient: Recipient::Holder("holder-0001".parse()?),
        amount: Amount::new(30_000)?,
        purpose: Some("gpu-training".parse()?),
        window: Window::new(at(1_748_113_200_000_000)?, Some(at(1_905_879_600_000_000)?))?,
    };
    let events = vec![Event::Granted(granted)];
    Ok(Entry::new(id, "registrar".parse()?, None, None, false, events)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let (what, times) = (given.next().ok_or(USE)?, given.next().ok_or(USE)?.parse::<u32>()?);
    let id = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
    let entry = one_grant(id)?;
    let payload = encode(&entry)?;
    assert_eq!(payload.len(), 87);
    let mut out = Vec::with_capacity(1 << 10);
    match what.as_str() {
        "encode" => {
            for _ in 0..times {
                out.clear();
                encode_into(black_box(&entry), &mut out)?;
                black_box(&out);
            }
        }
        "decode" => {
            for _ in 0..times {
                black_box(decode(SCHEMA, id, black_box(&payload))?);
            }
        }
        _ => return Err(USE.into()),
    }
    Ok(())
}
