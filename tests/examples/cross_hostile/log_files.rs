//! A ledger's files in memory, to be damaged and written.

use std::fs;
use std::ops::Range;
use std::path::Path;

use sanad::{Identity, LedgerId};
use sanad_audit_log::RawRecord;
use sanad_event_store::SEGMENT_HEADER;
use sanad_tests::{BusyRegister, SealedHistory};
use uuid::Uuid;

/// The identity of a ledger by its number.
pub(crate) fn identity(number: u128, title: &str) -> Identity {
    let id = Uuid::from_u128(0x0197_0000_0000_4000_9000_0000_0000_0000 + number);
    let created_at_us = 1_748_113_200_000_000;
    Identity::new(LedgerId::new(id), created_at_us, "Asia/Karachi", "ledger.example/pk", title)
        .expect("an identity")
}

/// A ledger as its files have it.
#[derive(Clone)]
pub(crate) struct LogFiles {
    pub(crate) identity: Vec<u8>,
    /// Each segment by the sequence in its name.
    pub(crate) segments: Vec<(u64, Vec<u8>)>,
}

impl LogFiles {
    /// Forty entries, four in an append, in segments of a few kilobytes.
    pub(crate) fn of(number: u128) -> Self {
        let identity = identity(number, "Surplus");
        let history = SealedHistory::of(identity, BusyRegister::default().take(40), 4);
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("ledger");
        history.write(&folder, 2_500);
        Self::read(&folder)
    }

    pub(crate) fn read(folder: &Path) -> Self {
        let identity = fs::read(folder.join("ledger.json")).expect("an identity");
        let mut segments = Vec::new();
        for entry in fs::read_dir(folder.join("log")).expect("a log") {
            let path = entry.expect("a file").path();
            let first = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            segments.push((first.parse().expect("a number"), fs::read(&path).expect("a segment")));
        }
        segments.sort_unstable();
        Self { identity, segments }
    }

    pub(crate) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder.join("log")).expect("a folder");
        fs::write(folder.join("ledger.json"), &self.identity).expect("a file");
        for (first, bytes) in &self.segments {
            fs::write(folder.join("log").join(format!("{first:020}.seg")), bytes).expect("a file");
        }
    }

    /// The bytes of a segment and where its records stand in them.
    pub(crate) fn segment(&mut self, index: usize) -> (&mut Vec<u8>, Vec<Range<usize>>) {
        let bytes = &mut self.segments[index].1;
        let (mut records, mut at) = (Vec::new(), SEGMENT_HEADER);
        while let Some(Ok((raw, _))) = bytes.get(at..).map(RawRecord::split) {
            let end = at + raw.bytes().len();
            records.push(at..end);
            at = end;
        }
        (bytes, records)
    }
}
