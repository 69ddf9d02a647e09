//! Looks for bytes of which not all holds when they are read as a proof, a status or a dispute.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("proof", bytes));
