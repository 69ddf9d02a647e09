//! Looks for bytes of which not all holds when they are read as tiles and bundles, or change a publication.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("tile", bytes));
