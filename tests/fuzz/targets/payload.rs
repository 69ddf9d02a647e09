//! Looks for bytes of which not all holds when they are read as a payload, and the entry is judged.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("payload", bytes));
