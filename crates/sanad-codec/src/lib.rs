//! Events ⇄ payload bytes.
//!
//! | file | noun |
//! |---|---|
//! | `numbers` | what schema 1 fixes: markers of integers, the numbers of events and causes |
//! | `writer` | integers, texts and options, appended |
//! | `encoding` | an entry, written field by field |
//! | `names` | the names that were met last |
//! | `reader` | integers, texts and options, taken; a longer form than the one is refused |
//! | `decoding` | an entry, read field by field into its types |
//! | `payload` | entry → bytes, and bytes → entry with every check |
//!
//! `docs/format/payload.md` describes the bytes; tests hold that page's vectors against this code, and this code
//! against the shapes that bincode encodes and decodes (`tests/mirror`).

mod decoding;
mod encoding;
mod names;
mod numbers;
mod payload;
mod reader;
mod writer;

pub use payload::{
    Decoder, LEAST_EVENT, MAX_PAYLOAD, PayloadError, SCHEMA, decode, encode, encode_into,
};
