//! Looks for bytes of which not all holds when they are read as a note, a checkpoint, a key, a policy or an identity.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sanad_tests::trial::put("note", bytes));
