//! Where trials begin: what the project has as vectors and frozen ledgers.

use std::fs;

use serde_json::Value;

use crate::workspace::workspace;

/// Bytes that a trial begins with.
#[derive(Debug, Clone)]
pub struct Seed {
    /// What they are, as a file's name.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Seed {
    pub(super) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), bytes: bytes.into() }
    }
}

/// The vectors of a page in `docs/format/`.
pub(super) fn vectors(page: &str) -> Vec<Value> {
    let path = workspace().join("docs/format/vectors").join(format!("{page}.json"));
    let text = fs::read_to_string(path).expect("the page has vectors");
    let page: Value = serde_json::from_str(&text).expect("vectors are JSON");
    page["vectors"].as_array().expect("vectors are a list").clone()
}

/// The text of a vector's member.
pub(super) fn text<'v>(vector: &'v Value, member: &str) -> &'v str {
    vector[member].as_str().unwrap_or_else(|| panic!("{member} is a text"))
}

/// The bytes of a vector's member, which are written in hexadecimal.
pub(super) fn bytes(vector: &Value, member: &str) -> Vec<u8> {
    let digits = text(vector, member).as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a hexadecimal digit");
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).expect("a byte");
    digits.chunks_exact(2).map(pair).collect()
}

/// Vectors of one member as seeds.
pub(super) fn seeds_of(page: &str, member: &str) -> Vec<Seed> {
    let seed = |vector: &Value| Seed::new(text(vector, "name"), bytes(vector, member));
    vectors(page).iter().map(seed).collect()
}
