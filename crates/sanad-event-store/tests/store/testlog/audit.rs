//! The whole log walked as an auditor does it.

use std::path::Path;

use sanad_audit_log::{ChainVerifier, Head};
use sanad_event_store::{FileReader, RecordStream, ScanItem, SegmentFault};

use super::{drain, payload, payload_of, payloads};

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
    let reader = FileReader::open(path).unwrap();
    let mut chain = ChainVerifier::new(reader.identity());
    let (mut sound, mut findings) = (Vec::new(), Vec::new());
    let mut scan = reader.scan().unwrap();
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
    Audit { head: chain.head(), sound, findings }
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
    let seen = audit(path);
    assert_eq!(seen.findings, []);
    assert_eq!(seen.sound, payloads(0..size));
    let reader = FileReader::open(path).unwrap();
    let head = reader.head().unwrap();
    assert_eq!((head.size, head), (size, seen.head));
    assert!(reader.holds(head).unwrap());
    let middle = size / 2;
    assert_eq!(drain(&mut reader.records(middle..size).unwrap()).unwrap(), payloads(middle..size));
    if let Some(last) = size.checked_sub(1) {
        let mut one = reader.records(last..size).unwrap();
        assert_eq!(payload_of(one.next_record().unwrap().unwrap()), payload(last));
    }
}
