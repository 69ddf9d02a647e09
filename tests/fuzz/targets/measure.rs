//! Looks for bytes of which not all holds when they are read as times, amounts and names.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("measure", bytes));
