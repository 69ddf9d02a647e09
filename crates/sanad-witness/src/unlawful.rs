//! What a witness remembers of a history that is not lawful.

use std::fmt;

use sanad_audit_log::note::{KeyName, MAX_NOTE};
use sanad_audit_log::{OpenedCheckpoint, Sequence};

const FIRST_LINE: &str = "sanad unlawful history 1";
/// The longest sentence that is kept, in characters.
const MAX_SENTENCE: usize = 2_000;
/// The longest file of an unlawful history, in bytes.
pub(crate) const MAX_UNLAWFUL: usize = MAX_NOTE + 16_384;

/// An entry that the log committed to and that was not allowed at its place, or does not follow
/// from the one before, with the checkpoint by which the log committed to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnlawfulHistory {
    sequence: Sequence,
    code: String,
    sentence: String,
    checkpoint: OpenedCheckpoint,
}

impl UnlawfulHistory {
    pub(crate) fn new(fault: Fault, checkpoint: OpenedCheckpoint) -> Self {
        Self { sequence: fault.sequence, code: fault.code, sentence: fault.sentence, checkpoint }
    }

    /// The first entry that is wrong.
    pub const fn sequence(&self) -> Sequence {
        self.sequence
    }

    /// A stable name of what is wrong: a refusal's or a chain finding's code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What is wrong, in one line.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The checkpoint that has the entry in its tree, as its log signed it.
    pub const fn checkpoint(&self) -> &OpenedCheckpoint {
        &self.checkpoint
    }

    /// Whether a history of `size` entries has the entry in it.
    pub(crate) const fn is_in(&self, size: u64) -> bool {
        size > self.sequence.get()
    }

    pub(crate) fn to_text(&self) -> String {
        let (sequence, code, sentence) = (self.sequence.get(), &self.code, &self.sentence);
        format!("{FIRST_LINE}\nentry {sequence}\n{code}\n{sentence}\n\n{}", self.checkpoint.note())
    }

    pub(crate) fn parse(text: &str, origin: &KeyName) -> Result<Self, String> {
        let (head, note) = text.split_once("\n\n").ok_or("it has no checkpoint")?;
        let lines: Vec<_> = head.split('\n').collect();
        let [FIRST_LINE, sequence, code, sentence] = lines[..] else {
            return Err("it is not an unlawful history of version 1".to_owned());
        };
        let sequence = sequence.strip_prefix("entry ").and_then(|number| number.parse().ok());
        let sequence = Sequence::new(sequence.ok_or("its second line is not an entry")?);
        let checkpoint = OpenedCheckpoint::parse(note.as_bytes());
        let checkpoint = checkpoint.map_err(|error| error.to_string())?;
        let (code, sentence) = (code.to_owned(), sentence.to_owned());
        let unlawful = Self { sequence, code, sentence, checkpoint };
        let claimed = unlawful.checkpoint.claimed();
        if claimed.origin() != origin || !unlawful.is_in(claimed.size()) {
            return Err("its checkpoint is not one of this log with the entry in it".to_owned());
        }
        Ok(unlawful)
    }
}

impl fmt::Display for UnlawfulHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the history is not lawful ({}): {}", self.code, self.sentence)
    }
}

/// The first thing that is wrong with a history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    sequence: Sequence,
    code: String,
    sentence: String,
}

impl Fault {
    pub(crate) fn new(sequence: Sequence, code: &str, sentence: &str) -> Self {
        // The operator's own texts may stand in the sentence, and it becomes a line of a file.
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        let sentence = sentence.chars().take(MAX_SENTENCE).map(shown).collect();
        Self { sequence, code: code.to_owned(), sentence }
    }
}
