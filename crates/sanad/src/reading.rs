//! Verified records become recorded entries.

use sanad_audit_log::{ChainFinding, RawRecord, Record, layout};
use sanad_codec::Decoder;
use sanad_core::{EntryId, RecordedEntry, RecordedTime, Sequence};

use crate::error::{LedgerError, UndecodableEntry};

/// Decodes a record that a reader framed.
pub(crate) fn decoded(raw: RawRecord<'_>) -> Result<Record<'_>, LedgerError> {
    Record::decode(raw).map_err(|cause| {
        let at = layout::SEQUENCE.offset;
        let claimed = raw.bytes().get(at..).and_then(|bytes| bytes.first_chunk());
        let sequence =
            sanad_audit_log::Sequence::new(claimed.map_or(0, |bytes| u64::from_le_bytes(*bytes)));
        LedgerError::Chain(ChainFinding::Undecodable { sequence, cause })
    })
}

/// Reads the entry that a record holds.
pub(crate) fn entry_of(record: &Record<'_>) -> Result<RecordedEntry, LedgerError> {
    let sequence = Sequence(record.sequence().get());
    parts_of(record, sequence).map_err(|cause| LedgerError::Undecodable { sequence, cause })
}

/// Reads the entry that a record holds. Whether the record stands in its place, and whether the entry was allowed, is
/// asked elsewhere.
///
/// # Errors
/// [`UndecodableEntry`] tells why it holds none.
pub fn recorded_entry(record: &Record<'_>) -> Result<RecordedEntry, UndecodableEntry> {
    parts_of(record, Sequence(record.sequence().get()))
}

/// As [`recorded_entry`], at a place that is known otherwise.
pub(crate) fn parts_of(
    record: &Record<'_>,
    sequence: Sequence,
) -> Result<RecordedEntry, UndecodableEntry> {
    parts_by(&mut Decoder::default(), record, sequence)
}

/// As [`parts_of`], by who decodes many.
pub(crate) fn parts_by(
    decoder: &mut Decoder,
    record: &Record<'_>,
    sequence: Sequence,
) -> Result<RecordedEntry, UndecodableEntry> {
    let id = EntryId::new(record.entry_id().uuid())?;
    let recorded_at = RecordedTime::from_us(record.recorded_at_us())?;
    let entry = decoder.decode(record.payload_schema(), id, record.payload())?;
    Ok(RecordedEntry { sequence, recorded_at, entry })
}
