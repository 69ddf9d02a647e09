//! The BLAKE3 that this crate uses, against the vectors of its makers.

mod shared;

use sanad_audit_log::document_digest;
use serde_json::Value;

fn cases() -> Option<Value> {
    let path = shared::folder("blake3")?.join("test_vectors.json");
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// The input of a case, as the vectors' own comment has it: bytes counting up to 250, again and
/// again.
fn input(case: &Value) -> Vec<u8> {
    let length = case["input_len"].as_u64().unwrap() as usize;
    (0..=250).cycle().take(length).collect()
}

/// The first 32 bytes of a case's long output, in hexadecimal.
fn expected(case: &Value, mode: &str) -> String {
    case[mode].as_str().unwrap()[..64].to_owned()
}

#[test]
fn the_digest_of_a_document_is_plain_blake3() {
    let Some(vectors) = cases() else { return };
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 35);
    for case in cases {
        let digest = document_digest(&input(case)[..]).unwrap();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected(case, "hash"), "{} bytes", case["input_len"]);
    }
}

#[test]
fn key_derivation_is_that_of_the_vectors() {
    let Some(vectors) = cases() else { return };
    let context = vectors["context_string"].as_str().unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let hex = blake3::Hash::from(blake3::derive_key(context, &input(case))).to_hex();
        assert_eq!(hex.as_str(), expected(case, "derive_key"), "{} bytes", case["input_len"]);
        // The chain hashes with a context that was itself hashed beforehand; a test beside it holds
        // the two ways together.
        let key = blake3::hazmat::hash_derive_key_context(context);
        use blake3::hazmat::HasherExt;
        let mut prepared = blake3::Hasher::new_from_context_key(&key);
        let prepared = prepared.update(&input(case)).finalize().to_hex();
        assert_eq!(prepared, hex);
    }
}
