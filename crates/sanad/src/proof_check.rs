//! What a proof file says, once it is believed: the act, and what a grant amounts to.

use sanad_audit_log::note::VerifierKey;
use sanad_audit_log::{
    ChainHash, ProofFile, ProofFileError, Record, RecordError, StatusFile, StatusFileError,
    VerifiedCheckpoint,
};
use sanad_core::{
    Event, GrantId, Granted, HolderId, PoolId, PoolKind, RecordedEntry, RecordedTime, Revoked,
    Sequence, Timeline, Title, Unit, Window,
};

use crate::error::UndecodableEntry;
use crate::reading::parts_of;

/// Why a file proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofCheckError {
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofFileError),
    /// The status does not hold.
    #[error(transparent)]
    Status(#[from] StatusFileError),
    /// The file does not carry its record.
    #[error("the file does not carry the record that it is about; give the record too")]
    NoRecord,
    /// What was proved to stand in the history is no record.
    #[error("what the file proves is no record: {0}")]
    NotARecord(RecordError),
    /// The record says another place than the proof.
    #[error(
        "the record says that it is entry {stated}, and it stands in the place of entry {proven}"
    )]
    OtherPlace {
        /// The record's sequence.
        stated: u64,
        /// The place that was proved.
        proven: u64,
    },
    /// The record holds no entry.
    #[error("entry {sequence} was proved, but cannot be read: {cause}")]
    Undecodable {
        /// The entry.
        sequence: Sequence,
        /// Why.
        cause: UndecodableEntry,
    },
    /// The records do not grant what the file is about.
    #[error("no record in the file grants {grant}")]
    NotGranted {
        /// What the file says it is about.
        grant: String,
    },
}

/// An entry that is proved to stand in a signed history.
#[derive(Debug, Clone)]
pub struct ProvenEntry {
    /// The entry, with its place and time.
    pub recorded: RecordedEntry,
    /// Its chain hash.
    pub hash: ChainHash,
    /// The checkpoint of the history.
    pub checkpoint: VerifiedCheckpoint,
}

/// What signed records say of a grant.
#[derive(Debug, Clone)]
pub struct ProvenStatus {
    /// The grant as it was made.
    pub granted: Granted,
    /// The entry that made it, and when it was recorded.
    pub granted_in: (Sequence, RecordedTime),
    /// Its revocations, in order of recording.
    pub revoked: Vec<(Sequence, RecordedTime, Revoked)>,
    /// What is left of it in each piece of its window, in the unit's smallest part.
    pub left: Vec<(Window, i128)>,
    /// The unit, where the file carries the entry that opened the pool.
    pub unit: Option<Unit>,
    /// The holder's name, where the file carries the entry that registered it.
    pub holder_title: Option<Title>,
    /// The checkpoint of the history.
    pub checkpoint: VerifiedCheckpoint,
}

/// Checks a proof file, offline, by the log's and witnesses' keys.
///
/// # Errors
/// [`ProofCheckError`] says why it proves nothing.
pub fn check_entry_proof(
    file: &ProofFile,
    keys: &[VerifierKey],
) -> Result<ProvenEntry, ProofCheckError> {
    let bytes = file.extra().ok_or(ProofCheckError::NoRecord)?;
    let checkpoint = file.verify(bytes, keys)?;
    let (recorded, hash) = read_record(bytes, file.inclusion().index())?;
    Ok(ProvenEntry { recorded, hash, checkpoint })
}

/// Checks a status file, offline, by the log's and witnesses' keys, and adds up what its records say.
///
/// # Errors
/// [`ProofCheckError`] says why it proves nothing.
pub fn check_status(
    file: &StatusFile,
    keys: &[VerifierKey],
) -> Result<ProvenStatus, ProofCheckError> {
    let checkpoint = file.verify(keys)?;
    let entries = file.records().iter();
    let entries = entries.map(|proven| read_record(&proven.record, proven.inclusion.index()));
    let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    let not_granted = || ProofCheckError::NotGranted { grant: file.about().to_owned() };
    let grant: Option<GrantId> =
        file.about().strip_prefix("grant ").and_then(|grant| grant.parse().ok());
    let grant = grant.ok_or_else(not_granted)?;
    let events = || {
        let each = |(recorded, _): &'_ (RecordedEntry, ChainHash)| {
            let at = (recorded.sequence, recorded.recorded_at);
            recorded.entry.events().iter().map(move |event| (at, event.clone())).collect::<Vec<_>>()
        };
        entries.iter().flat_map(each)
    };
    let made = events().find_map(|(at, event)| match event {
        Event::Granted(granted) if granted.grant == grant => Some((at, granted)),
        _ => None,
    });
    let (granted_in, granted) = made.ok_or_else(not_granted)?;
    let revoked: Vec<_> = events()
        .filter_map(|((sequence, recorded_at), event)| match event {
            Event::Revoked(revoked) if revoked.grant == grant => {
                Some((sequence, recorded_at, revoked))
            }
            _ => None,
        })
        .collect();
    let left = left_over_time(&granted, revoked.iter().map(|(.., revoked)| revoked));
    let all: Vec<Event> = events().map(|(_, event)| event).collect();
    let unit = unit_of(&granted.pool, &all);
    let holder_title = match &granted.recipient {
        sanad_core::Recipient::Holder(holder) => title_of(holder, &all),
        sanad_core::Recipient::Pool(_) => None,
    };
    Ok(ProvenStatus { granted, granted_in, revoked, left, unit, holder_title, checkpoint })
}

fn read_record(bytes: &[u8], proven: u64) -> Result<(RecordedEntry, ChainHash), ProofCheckError> {
    let record = Record::parse(bytes).map_err(ProofCheckError::NotARecord)?;
    let stated = record.sequence().get();
    if stated != proven {
        return Err(ProofCheckError::OtherPlace { stated, proven });
    }
    let sequence = Sequence(stated);
    let recorded = parts_of(&record, sequence);
    let recorded = recorded.map_err(|cause| ProofCheckError::Undecodable { sequence, cause })?;
    Ok((recorded, record.stored_hash()))
}

/// What revocations leave of a grant, in each piece of its window.
fn left_over_time<'a>(
    granted: &Granted,
    revoked: impl Iterator<Item = &'a Revoked>,
) -> Vec<(Window, i128)> {
    let mut left = Timeline::default();
    left.add(granted.window.from(), granted.amount.total());
    for revoked in revoked {
        if let Some(window) = granted.window.overlap(revoked.window) {
            left.add_within(window, -revoked.amount.total());
        }
    }
    left.pieces(granted.window)
}

/// The unit of a pool, as the events tell it: its root's.
fn unit_of(pool: &PoolId, events: &[Event]) -> Option<Unit> {
    let mut pool = pool.clone();
    // No more steps than there are events: a forged circle of parents ends.
    for _ in 0..=events.len() {
        let kind = events.iter().find_map(|event| match event {
            Event::PoolOpened(opened) if opened.pool == pool => Some(&opened.kind),
            _ => None,
        })?;
        match kind {
            PoolKind::Root(unit) => return Some(unit.clone()),
            PoolKind::SubPool { parent } => pool = parent.clone(),
        }
    }
    None
}

fn title_of(holder: &HolderId, events: &[Event]) -> Option<Title> {
    events.iter().find_map(|event| match event {
        Event::HolderRegistered(registered) if registered.holder == *holder => {
            Some(registered.title.clone())
        }
        _ => None,
    })
}
