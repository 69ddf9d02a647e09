//! Status files: several records of one signed tree, in one file that anyone can check offline.
//!
//! A `tlog-proof` holds one record. What became of a grant stands in several, and they all belong to one checkpoint.
//! `docs/format/status.md` describes the file.

use std::fmt;

use base64ct::{Base64, Encoding};

use crate::checkpoint::{CheckpointError, OpenedCheckpoint, VerifiedCheckpoint};
use crate::decimal;
use crate::layout::MAX_RECORD;
use crate::note::{MAX_NOTE, VerifierKey};
use crate::tree::{InclusionProof, MAX_PROOF_HASHES, ProofError, TreeHash, TreeHashParseError};

const FIRST_LINE: &str = "sanad status v1";
/// The most records that a status file may hold.
pub const MAX_STATUS_RECORDS: usize = 4_096;
/// The longest status file that is read, in bytes.
pub const MAX_STATUS_FILE: usize = 64 << 20;
/// The longest text that says what a file is about, in bytes.
const MAX_ABOUT: usize = 256;

/// A record and the proof of its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenRecord {
    /// The whole stored record.
    pub record: Vec<u8>,
    /// Its place in the checkpoint's tree. Not checked.
    pub inclusion: InclusionProof,
}

/// A status file as it was read: shaped as one, and not checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusFile {
    about: String,
    records: Vec<ProvenRecord>,
    checkpoint: OpenedCheckpoint,
}

/// Why bytes are not a status file, or a status file proves nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusFileError {
    /// There are more bytes or records than a status file may have.
    #[error(
        "the status file is too large: at most {MAX_STATUS_FILE} bytes and {MAX_STATUS_RECORDS} records are read"
    )]
    TooLarge,
    /// The lines before the checkpoint are not UTF-8.
    #[error("the status file is not UTF-8")]
    NotUtf8,
    /// The first line is another.
    #[error(
        "the file does not begin with the line {FIRST_LINE:?}; it is no status, or of another version"
    )]
    NotAStatusFile,
    /// A line is not what belongs there.
    #[error("line {line} of the status file should be {expected}")]
    BadLine {
        /// Which, counted from 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// A line of a proof is not a hash.
    #[error("line {line} of the status file: {cause}")]
    BadHash {
        /// Which, counted from 1.
        line: usize,
        /// Why not.
        cause: TreeHashParseError,
    },
    /// The records are not in ascending order of their places.
    #[error("the records of the status file are not in the order of their places")]
    OutOfOrder,
    /// A proof is for a tree of another size than the checkpoint's.
    #[error("a proof is for a tree of another size than the checkpoint's")]
    OtherTree,
    /// The checkpoint is not one, or is not to be believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not fit the place, or do not lead to the checkpoint's root.
    #[error("record {index}: {cause}")]
    Proof {
        /// Which.
        index: u64,
        /// Why not.
        cause: ProofError,
    },
}

impl StatusFile {
    /// The status file with these parts; `about` says for people and programs what it is about.
    ///
    /// # Errors
    /// [`StatusFileError`] when they do not belong together or are too many.
    pub fn new(
        about: &str,
        records: Vec<ProvenRecord>,
        checkpoint: OpenedCheckpoint,
    ) -> Result<Self, StatusFileError> {
        if records.len() > MAX_STATUS_RECORDS {
            return Err(StatusFileError::TooLarge);
        }
        if about.len() > MAX_ABOUT || about.chars().any(char::is_control) {
            return Err(StatusFileError::BadLine { line: 2, expected: "about TEXT" });
        }
        let size = checkpoint.claimed().size();
        if records.iter().any(|proven| proven.inclusion.size() != size) {
            return Err(StatusFileError::OtherTree);
        }
        let places: Vec<_> = records.iter().map(|proven| proven.inclusion.index()).collect();
        if !places.is_sorted_by(|one, other| one < other) {
            return Err(StatusFileError::OutOfOrder);
        }
        Ok(Self { about: about.to_owned(), records, checkpoint })
    }

    /// Parses a status file. Takes memory in proportion to `bytes`.
    ///
    /// # Errors
    /// [`StatusFileError`] says what is not a status file's.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatusFileError> {
        if bytes.len() > MAX_STATUS_FILE {
            return Err(StatusFileError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| StatusFileError::NotUtf8)?;
        let rest = text.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(StatusFileError::NotAStatusFile)?;
        let no_end = StatusFileError::BadLine {
            line: 2,
            expected: "followed by a blank line and a checkpoint",
        };
        let (head, note) = rest.split_once("\n\n").ok_or(no_end)?;
        if note.len() > MAX_NOTE {
            return Err(StatusFileError::TooLarge);
        }
        let checkpoint = OpenedCheckpoint::parse(note.as_bytes())?;
        let mut lines = Lines { lines: head.split('\n').zip(2..).peekable() };
        let about = lines.tagged("about ", "about TEXT")?.0.to_owned();
        let mut records = Vec::new();
        while lines.lines.peek().is_some() {
            if records.len() == MAX_STATUS_RECORDS {
                return Err(StatusFileError::TooLarge);
            }
            records.push(lines.proven_record(checkpoint.claimed().size())?);
        }
        Self::new(&about, records, checkpoint)
    }

    /// What the file says it is about. Nothing vouches for it: look into the records.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The records and their proofs. Not checked.
    pub fn records(&self) -> &[ProvenRecord] {
        &self.records
    }

    /// The checkpoint. Not checked.
    pub const fn checkpoint(&self) -> &OpenedCheckpoint {
        &self.checkpoint
    }

    /// Checks that the log signed a tree in which every record stands in its place.
    ///
    /// # Errors
    /// [`StatusFileError::Checkpoint`] or [`StatusFileError::Proof`].
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<VerifiedCheckpoint, StatusFileError> {
        let verified = self.checkpoint.verify(keys)?;
        let root = verified.checkpoint().root();
        for ProvenRecord { record, inclusion } in &self.records {
            let index = inclusion.index();
            let checked = inclusion.verify(&TreeHash::leaf(record), &root);
            checked.map_err(|cause| StatusFileError::Proof { index, cause })?;
        }
        Ok(verified)
    }
}

impl fmt::Display for StatusFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nabout {}", self.about)?;
        for ProvenRecord { record, inclusion } in &self.records {
            writeln!(f, "index {}\nrecord {}", inclusion.index(), Base64::encode_string(record))?;
            inclusion.path().iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        }
        write!(f, "\n{}", self.checkpoint.note())
    }
}

/// The lines before the checkpoint, with their numbers.
struct Lines<'a, I: Iterator<Item = (&'a str, usize)>> {
    lines: std::iter::Peekable<I>,
}

impl<'a, I: Iterator<Item = (&'a str, usize)>> Lines<'a, I> {
    fn tagged(
        &mut self,
        tag: &str,
        expected: &'static str,
    ) -> Result<(&'a str, usize), StatusFileError> {
        let (text, line) = self.lines.next().unwrap_or(("", 0));
        let rest = text.strip_prefix(tag);
        rest.map(|rest| (rest, line)).ok_or(StatusFileError::BadLine { line, expected })
    }

    fn proven_record(&mut self, size: u64) -> Result<ProvenRecord, StatusFileError> {
        let (index, line) = self.tagged("index ", "index NUMBER")?;
        let expected = "index NUMBER";
        let index = decimal::parse(index).ok_or(StatusFileError::BadLine { line, expected })?;
        let expected = "record BASE64, of one record";
        let (record, line) = self.tagged("record ", expected)?;
        let record = Base64::decode_vec(record).ok().filter(|record| record.len() <= MAX_RECORD);
        let record = record.ok_or(StatusFileError::BadLine { line, expected })?;
        let mut path = Vec::new();
        while let Some((text, line)) = self.lines.next_if(|(text, _)| !text.starts_with("index ")) {
            if path.len() == MAX_PROOF_HASHES {
                return Err(StatusFileError::BadLine { line, expected: "the next index" });
            }
            path.push(text.parse().map_err(|cause| StatusFileError::BadHash { line, cause })?);
        }
        let inclusion = InclusionProof::new(index, size, path);
        let inclusion = inclusion.map_err(|cause| StatusFileError::Proof { index, cause })?;
        Ok(ProvenRecord { record, inclusion })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::note::SignerKey;

    fn key() -> SignerKey {
        SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[7; 32])
    }

    /// Records 1 and 3 of a tree of five.
    fn status() -> StatusFile {
        let records = ["open", "grant", "register", "revoke", "grant again"];
        let leaves = records.map(|record| TreeHash::leaf(record.as_bytes()));
        let checkpoint = Checkpoint::new(key().name().clone(), 5, TreeHash::root(&leaves)).unwrap();
        let checkpoint = OpenedCheckpoint::from_note(key().sign(checkpoint.to_text())).unwrap();
        let proven = [1usize, 3].map(|index| ProvenRecord {
            record: records[index].as_bytes().to_vec(),
            inclusion: InclusionProof::make(&mut &leaves[..], index as u64, 5).unwrap(),
        });
        StatusFile::new("grant g", proven.to_vec(), checkpoint).unwrap()
    }

    #[test]
    fn a_status_is_read_as_it_was_written_and_holds() {
        let text = status().to_string();
        let read = StatusFile::parse(text.as_bytes()).unwrap();
        assert_eq!(read, status());
        assert_eq!(read.verify(&[key().verifier_key()]).unwrap().checkpoint().size(), 5);
        let other = SignerKey::from_seed("ledger.example/pk".parse().unwrap(), &[8; 32]);
        assert!(matches!(
            read.verify(&[other.verifier_key()]),
            Err(StatusFileError::Checkpoint(_))
        ));
    }

    #[test]
    fn a_record_that_was_exchanged_or_moved_is_found() {
        let text = status().to_string();
        let (grant, forged) = (Base64::encode_string(b"grant"), Base64::encode_string(b"Grant"));
        let read = StatusFile::parse(text.replace(&grant, &forged).as_bytes()).unwrap();
        let refused = read.verify(&[key().verifier_key()]).unwrap_err();
        assert!(matches!(refused, StatusFileError::Proof { index: 1, .. }), "{refused}");
        for (from, to) in [("index 3", "index 2"), ("index 3", "index 1"), ("index 3", "index 4")] {
            let moved = StatusFile::parse(text.replace(from, to).as_bytes());
            let refused =
                moved.map_or(true, |moved| moved.verify(&[key().verifier_key()]).is_err());
            assert!(refused, "{from} became {to}");
        }
    }

    #[test]
    fn no_cut_or_changed_file_makes_it_panic() {
        let text = status().to_string();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = StatusFile::parse(&text.as_bytes()[..end]);
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            if let Ok(read) = StatusFile::parse(&bytes) {
                let _ = read.verify(&[key().verifier_key()]);
            }
        }
    }
}
