//! Events ⇄ payload bytes; the only user of bincode.
//!
//! | file | noun |
//! |---|---|
//! | `wire` | the shapes that are encoded: schema 1, field by field |
//! | `payload` | entry → bytes, and bytes → entry with every check |
//!
//! `docs/format/payload.md` describes the bytes; a test holds that page's vectors against this code.

mod encoded_len;
mod payload;
mod wire;

pub use payload::{LEAST_EVENT, MAX_PAYLOAD, PayloadError, SCHEMA, decode, encode, encode_into};
