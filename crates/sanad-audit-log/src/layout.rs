//! Where each field of a record stands. All integers are little-endian.
//!
//! ```text
//!  0       2   3   4       6            14               22               38
//!  ┌───────┬───┬───┬───────┬────────────┬────────────────┬────────────────┬─────────┬──────────┬───────┐
//!  │length │ver│flg│schema │  sequence  │ recorded_at_us │    entry_id    │ payload │ [author] │ hash  │
//!  └───────┴───┴───┴───────┴────────────┴────────────────┴────────────────┴─────────┴──────────┴───────┘
//!      2     1   1     2         8              8                16         variable   0 or 96     32
//! ```
//!
//! `docs/format/record.md` says the same in words; a test holds the two together.

/// A field of fixed place in a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// The name, as in `docs/format/record.md`.
    pub name: &'static str,
    /// Where it begins, in bytes from the start of the record.
    pub offset: usize,
    /// How long it is, in bytes.
    pub size: usize,
}

impl Field {
    const fn new(name: &'static str, offset: usize, size: usize) -> Self {
        Self { name, offset, size }
    }

    /// The field's bytes. The caller has checked that the record is at least a header long.
    pub(crate) fn of<const N: usize>(self, record: &[u8]) -> [u8; N] {
        debug_assert_eq!(self.size, N);
        let mut bytes = [0; N];
        bytes.copy_from_slice(&record[self.offset..self.offset + N]);
        bytes
    }
}

/// Length of the whole record in bytes, itself and the chain hash included: `u16`.
pub const LENGTH: Field = Field::new("length", 0, 2);
/// Version of this layout: `u8`, [`VERSION_1`].
pub const VERSION: Field = Field::new("version", 2, 1);
/// Flags: `u8`, of [`FLAG_AUTHOR`] and [`FLAG_BARRIER`].
pub const FLAGS: Field = Field::new("flags", 3, 1);
/// Schema of the payload and rules in force: `u16`. Opaque here.
pub const PAYLOAD_SCHEMA: Field = Field::new("payload_schema", 4, 2);
/// Sequence: `u64`.
pub const SEQUENCE: Field = Field::new("sequence", 6, 8);
/// Recorded time: `i64`, microseconds since 1970-01-01T00:00:00Z.
pub const RECORDED_AT_US: Field = Field::new("recorded_at_us", 14, 8);
/// Entry id: a UUID's 16 bytes.
pub const ENTRY_ID: Field = Field::new("entry_id", 22, 16);

/// The header's fields, in order and without a gap.
pub const HEADER: [Field; 7] =
    [LENGTH, VERSION, FLAGS, PAYLOAD_SCHEMA, SEQUENCE, RECORDED_AT_US, ENTRY_ID];
/// Size of the header; the payload begins here.
pub const HEADER_SIZE: usize = 38;
/// Size of the author section: public key, then signature.
pub const AUTHOR_SIZE: usize = AUTHOR_KEY_SIZE + AUTHOR_SIGNATURE_SIZE;
/// Size of an Ed25519 public key.
pub const AUTHOR_KEY_SIZE: usize = 32;
/// Size of an Ed25519 signature.
pub const AUTHOR_SIGNATURE_SIZE: usize = 64;
/// Size of the chain hash that ends a record.
pub const HASH_SIZE: usize = 32;

/// The only version of this layout so far.
pub const VERSION_1: u8 = 1;
/// The author section is present.
pub const FLAG_AUTHOR: u8 = 0b01;
/// Every byte of the log before this record was durable before this record was written.
///
/// The first record of every append has it. So if anything before such a record is damaged, it is
/// an acknowledged record that was damaged and not the torn end of an append that never finished.
pub const FLAG_BARRIER: u8 = 0b10;
/// Every flag that version 1 knows. Any other bit is refused.
pub const KNOWN_FLAGS: u8 = FLAG_AUTHOR | FLAG_BARRIER;

/// The shortest record: no payload, no author section.
pub const MIN_RECORD: usize = HEADER_SIZE + HASH_SIZE;
/// The longest record. The C2SP tiled-log format allows entries of this size.
pub const MAX_RECORD: usize = u16::MAX as usize;
/// The longest payload of a record without an author section.
pub const MAX_PAYLOAD: usize = MAX_RECORD - MIN_RECORD;
/// The longest payload of a record with an author section.
pub const MAX_AUTHORED_PAYLOAD: usize = MAX_PAYLOAD - AUTHOR_SIZE;
