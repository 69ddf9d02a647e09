//! Looks for bytes of which not all holds when they are read as a record, or as records in a row.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("record", bytes));
