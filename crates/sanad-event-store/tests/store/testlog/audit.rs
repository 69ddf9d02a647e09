//! The whole log walked as an auditor does it.

use std::ops::Range;
use std::path::Path;

use sanad_audit_log::{ChainVerifier, Head};
use sanad_event_store::{FileReader, RecordStream, ScanItem, SegmentFault, StoreError};

use super::{drain, payload, payload_of};

/// What an auditor sees.
#[derive(Debug)]
pub(crate) struct Audit {
    /// The head that the chain reached.
    pub(crate) head: Head,
    /// The payloads of all records that hold.
    pub(crate) sound: Vec<Vec<u8>>,
    /// A word for everything that is wrong, with the record in whose place it was found.
    pub(crate) findings: Vec<(&'static str, u64)>,
}

/// Audits the ledger in a folder.
pub(crate) fn audit(path: &Path) -> Audit {
    audit_by(&FileReader::open(path).unwrap()).unwrap()
}

/// Audits what a reader reads.
pub(crate) fn audit_by(reader: &FileReader) -> Result<Audit, StoreError> {
    let mut chain = ChainVerifier::new(reader.identity());
    let (mut sound, mut findings) = (Vec::new(), Vec::new());
    let mut scan = reader.scan()?;
    while let Some(item) = scan.next_item() {
        let (word, place, resumes) = match item {
            ScanItem::Records(batch) => {
                for (_, raw) in batch.iter() {
                    match chain.check_raw(raw) {
                        Ok(_) => sound.push(payload_of(raw)),
                        Err(finding) => {
                            findings.push((finding.code(), finding.sequence().get()));
                            chain.resume_after(raw);
                        }
                    }
                }
                continue;
            }
            ScanItem::Damage(damage) => ("damage", damage.expected.get(), damage.resumes),
            ScanItem::Segment { problem, resumes } => {
                (word(problem.fault), problem.segment.get(), resumes)
            }
            ScanItem::TornTail(torn) if torn.writer_active => {
                ("on-its-way", torn.expected.get(), None)
            }
            ScanItem::TornTail(torn) => ("torn-tail", torn.expected.get(), None),
            ScanItem::Unreadable { segment, .. } => ("unreadable", segment.get(), None),
            other => panic!("{other:?}"),
        };
        findings.push((word, place));
        if let Some(head) = resumes {
            chain.resume_at(head);
        }
    }
    Ok(Audit { head: chain.head(), sound, findings })
}

fn word(fault: SegmentFault) -> &'static str {
    match fault {
        SegmentFault::Header(_) => "header",
        SegmentFault::Foreign { .. } => "foreign",
        SegmentFault::Name { .. } => "name",
        SegmentFault::Gap { .. } => "gap",
        SegmentFault::Overlap { .. } => "overlap",
        SegmentFault::Previous { .. } => "previous",
        _ => "other",
    }
}

/// Checks that the ledger in a folder holds exactly the records `0..size` and that nothing is wrong
/// with any of them, read in every way there is.
pub(crate) fn check(path: &Path, size: u64) {
    check_as(path, size, payload);
}

/// As [`check`], with other payloads.
pub(crate) fn check_as(path: &Path, size: u64, payload: impl Fn(u64) -> Vec<u8>) {
    let payloads = |range: Range<u64>| range.map(&payload).collect::<Vec<_>>();
    let seen = audit(path);
    assert_eq!(seen.findings, []);
    assert!(seen.sound == payloads(0..size), "{} sound records for {size}", seen.sound.len());
    let reader = FileReader::open(path).unwrap();
    let head = reader.head().unwrap();
    assert_eq!((head.size, head), (size, seen.head));
    assert!(reader.holds(head).unwrap());
    let middle = size / 2;
    let half = drain(&mut reader.records(middle..size).unwrap()).unwrap();
    assert!(half == payloads(middle..size), "the records from {middle} on");
    if let Some(last) = size.checked_sub(1) {
        let mut one = reader.records(last..size).unwrap();
        assert_eq!(payload_of(one.next_record().unwrap().unwrap()), payload(last));
    }
}
