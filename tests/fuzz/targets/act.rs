//! Looks for bytes of which not all holds when they are read as acts, and the acts are decided.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("act", bytes));
