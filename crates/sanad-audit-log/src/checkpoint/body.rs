//! What a checkpoint says.

use crate::decimal;
use crate::note::{KeyName, NoteText};
use crate::tree::{MAX_TREE_SIZE, TreeHash};

use super::error::CheckpointError;

/// What a checkpoint says: that the tree of the log with this origin had this root when it had this
/// many leaves. It has three lines; extension lines are refused, since nobody can audit them.
///
/// ```
/// use sanad_audit_log::{Checkpoint, tree::TreeHash};
/// let checkpoint = Checkpoint::new("ledger.example/pk".parse()?, 0, TreeHash::EMPTY)?;
/// let text = "ledger.example/pk\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
/// assert_eq!(checkpoint.to_text().as_str(), text);
/// assert_eq!(Checkpoint::parse(text)?, checkpoint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Checkpoint {
    origin: KeyName,
    size: u64,
    root: TreeHash,
}

impl Checkpoint {
    /// The checkpoint with these parts. To make one of a ledger, use
    /// [`RecordTree::checkpoint`](crate::RecordTree::checkpoint), whose tree never lags the chain.
    ///
    /// # Errors
    /// [`CheckpointError::SizeTooLarge`].
    pub fn new(origin: KeyName, size: u64, root: TreeHash) -> Result<Self, CheckpointError> {
        if size > MAX_TREE_SIZE {
            return Err(CheckpointError::SizeTooLarge { size });
        }
        Ok(Self { origin, size, root })
    }

    /// Parses the text of a note.
    ///
    /// # Errors
    /// [`CheckpointError`] names the line that is not a checkpoint's.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointError::NotThreeLines)?;
        let mut lines = lines.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::NotThreeLines);
        };
        if lines.next().is_some() {
            return Err(CheckpointError::ExtensionLine);
        }
        let origin = origin.parse().map_err(CheckpointError::Origin)?;
        let size = decimal::parse(size).ok_or(CheckpointError::NotASize)?;
        Self::new(origin, size, root.parse().map_err(CheckpointError::Root)?)
    }

    /// The name of the log.
    pub const fn origin(&self) -> &KeyName {
        &self.origin
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tree's root.
    pub const fn root(&self) -> TreeHash {
        self.root
    }

    /// Whether the root is possible: a tree without leaves has only one.
    pub fn is_possible(&self) -> bool {
        self.size > 0 || self.root == TreeHash::EMPTY
    }

    /// The three lines that are signed.
    pub fn to_text(&self) -> NoteText {
        let text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        NoteText::from_parts(text)
    }
}
