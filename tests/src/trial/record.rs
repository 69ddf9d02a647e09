//! Bytes read as a record, and as records in a row.

use sanad_audit_log::layout::{FLAG_AUTHOR, HEADER_SIZE, KNOWN_FLAGS, MIN_RECORD};
use sanad_audit_log::{
    AuthorKey, AuthorMessage, AuthorSection, ChainFinding, ChainHash, ChainVerifier, Head,
    LedgerId, LinkedRun, RawRecord, Record, SealError, Sealer, Unsealed, linked_record_at,
    linked_records,
};
use uuid::Uuid;

use super::seed::{Seed, seeds_of};
use super::{bearable, frozen};

const PREVIOUS: ChainHash = ChainHash::from_bytes([7; 32]);
const LEDGER: LedgerId = LedgerId::new(Uuid::from_u128(0xdade));

pub(super) fn seeds() -> Vec<Seed> {
    let mut seeds = seeds_of("record", "bytes");
    seeds.push(frozen::with(|frozen| Seed::new("the-frozen-records", frozen.records.concat())));
    seeds
}

pub(super) fn hold(bytes: &[u8]) {
    one(bytes);
    // Few bytes that are changed keep the length right by chance.
    one(&with_its_length(bytes));
    row(bytes);
}

fn one(bytes: &[u8]) {
    let read = Record::parse(bytes);
    assert_eq!(read.is_ok(), is_record(bytes), "{read:?}");
    match read {
        Ok(record) => sealed_again(&record),
        Err(error) => bearable(&error),
    }
    if let Ok((raw, rest)) = RawRecord::split(bytes) {
        assert_eq!([raw.bytes(), rest].concat(), bytes);
        assert_eq!(rest.is_empty(), RawRecord::exact(bytes).is_ok());
    }
}

/// What `docs/format/record.md` asks of a record's bytes.
fn is_record(bytes: &[u8]) -> bool {
    if bytes.len() < MIN_RECORD {
        return false;
    }
    let stated = usize::from(u16::from_le_bytes([bytes[0], bytes[1]]));
    let (version, flags) = (bytes[2], bytes[3]);
    let author = if flags & FLAG_AUTHOR == 0 { 0 } else { 96 };
    stated == bytes.len() && version == 1 && flags & !KNOWN_FLAGS == 0 && stated >= 70 + author
}

fn with_its_length(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Ok(length) = u16::try_from(bytes.len())
        && let Some(stated) = bytes.first_chunk_mut()
    {
        *stated = length.to_le_bytes();
    }
    bytes
}

/// What was decoded is all there is: sealed again it gives the same bytes, and is taken in its place.
fn sealed_again(record: &Record<'_>) {
    let bytes = record.raw().bytes();
    let hashed = &bytes[..bytes.len() - 32];
    let before = Head { size: record.sequence().get(), hash: PREVIOUS };
    let mut sealed = PREVIOUS.as_bytes().to_vec();
    let author = record.author();
    match Sealer::new(before, None).seal(&unsealed(record, author.as_ref()), &mut sealed) {
        Err(error) => {
            assert_eq!((error, record.sequence().get()), (SealError::Full, u64::MAX));
            return;
        }
        Ok(ref done) => assert_eq!(done.hash, record.computed_hash(&PREVIOUS)),
    }
    assert_eq!(&sealed[32..sealed.len() - 32], hashed);
    let again = Record::parse(&sealed[32..]).expect("what was sealed is a record");
    assert!(again.follows(&PREVIOUS));
    let number = before.size;
    assert_eq!(linked_record_at(&sealed, 32, &(number..=number)), Some(again));
    let mut verifier = ChainVerifier::resumed(LEDGER, before, None);
    match verifier.check(&again) {
        Ok(verified) => assert_eq!(verified.head(), verifier.head()),
        // Whoever made the bytes up has hardly signed them.
        Err(ChainFinding::Author { .. }) if author.is_some() => {}
        Err(finding) => panic!("{finding}"),
    }
    if record.stored_hash() != again.stored_hash() {
        let mut verifier = ChainVerifier::resumed(LEDGER, before, None);
        let finding = verifier.check(record).map(|_| ()).expect_err("its hash is another");
        assert!(matches!(finding, ChainFinding::HashMismatch { .. }), "{finding}");
        bearable(&finding);
    }
}

fn unsealed<'a>(record: &Record<'a>, author: Option<&'a AuthorSection>) -> Unsealed<'a> {
    Unsealed {
        entry_id: record.entry_id(),
        recorded_at_us: record.recorded_at_us(),
        payload_schema: record.payload_schema(),
        payload: record.payload(),
        author,
        barrier: record.is_barrier(),
    }
}

/// Every record of the bytes sealed into one chain: verified together it is what it is one by one, whole and damaged.
fn row(bytes: &[u8]) {
    let head = Head::empty(PREVIOUS);
    let (mut log, mut offsets) = (PREVIOUS.as_bytes().to_vec(), Vec::new());
    let (mut sealer, mut rest) = (Sealer::new(head, None), bytes);
    while let Ok((raw, behind)) = RawRecord::split(rest) {
        rest = behind;
        let Ok(record) = Record::decode(raw) else { continue };
        let author = record.author().map(|section| signed(&record, section));
        let at = log.len();
        match sealer.seal(&unsealed(&record, author.as_ref()), &mut log) {
            Ok(_) => offsets.push(u32::try_from(at).expect("a row is short")),
            Err(SealError::TimeBackwards { .. }) => assert_eq!(log.len(), at),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(linked_records(&log, &offsets), offsets.len());
    let run = LinkedRun::verify(LEDGER, &log, &offsets);
    assert_eq!(run.map(|run| run.after()), one_by_one(&log, head), "{} records", offsets.len());
    // One byte of what was read says where damage is done.
    let (Some(last), Some(place)) = (bytes.last(), bytes.first()) else { return };
    if let Some(at) = offsets.get(usize::from(*place) % offsets.len().max(1)) {
        let damaged = *at as usize + usize::from(*last) % HEADER_SIZE;
        log[damaged] ^= 1 << (last & 7);
        let whole = offsets.iter().position(|offset| offset == at).expect("it is one of them");
        assert_eq!(linked_records(&log, &offsets), whole);
        assert_eq!(LinkedRun::verify(LEDGER, &log, &offsets), None);
        assert_eq!(one_by_one(&log, head), None);
    }
}

/// The head that a log ends with whose records are checked one after another, and whether they signed; `None` where one
/// does not hold, or there is none.
fn one_by_one(log: &[u8], head: Head) -> Option<Head> {
    let mut verifier = ChainVerifier::resumed(LEDGER, head, None);
    let mut rest = &log[32..];
    while !rest.is_empty() {
        let (raw, behind) = RawRecord::split(rest).ok()?;
        verifier.check_raw(raw).ok()?;
        rest = behind;
    }
    (verifier.head() != head).then_some(verifier.head())
}

/// An author's section as it was read, or, for every second key, signed.
fn signed(record: &Record<'_>, section: AuthorSection) -> AuthorSection {
    if section.to_bytes()[0] & 1 == 1 {
        return section;
    }
    AuthorKey::from_seed(&[9; 32]).sign(&AuthorMessage {
        ledger_id: LEDGER,
        entry_id: record.entry_id(),
        payload_schema: record.payload_schema(),
        payload: record.payload(),
    })
}
