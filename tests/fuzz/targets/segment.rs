//! Looks for bytes of which not all holds when a log that ends with them is opened and scanned.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("segment", bytes));
