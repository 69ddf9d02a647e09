//! The file that says what a witness is: its key, what its cosignature states, and its logs.

use std::fmt;
use std::path::Path;

use sanad_audit_log::note::{KeyName, VerifierKey};

use crate::error::StateError;
use crate::folder::Folder;

const NAME: &str = "witness";
const FIRST_LINE: &str = "sanad witness 1";
/// The longest file, in bytes: some ten thousand logs.
const MAX_ROLL: usize = 4 << 20;

/// What a witness's cosignature states. It is fixed when the witness is created, since whoever
/// believes its key believes one statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Statement {
    /// The checkpoint grew out of all that the witness cosigned before.
    Consistent,
    /// That, and every entry of the history was allowed at its place.
    Lawful,
}

impl Statement {
    const fn word(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::Lawful => "lawful",
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a witness is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Roll {
    pub(crate) key: VerifierKey,
    pub(crate) statement: Statement,
    pub(crate) logs: Vec<KeyName>,
}

impl Roll {
    pub(crate) fn write(&self, folder: &Folder) -> Result<(), StateError> {
        let mut text = format!("{FIRST_LINE}\nkey {}\nsigns {}\n", self.key, self.statement);
        for origin in &self.logs {
            text += &format!("log {origin}\n");
        }
        folder.put(NAME, &text)
    }

    /// Reads the file; `None` if there is none.
    pub(crate) fn read(folder: &Folder) -> Result<Option<Self>, StateError> {
        let Some(text) = folder.read(NAME, MAX_ROLL)? else { return Ok(None) };
        let damaged = |why| StateError::Damaged { path: folder.path(NAME), why };
        Self::parse(&text).map(Some).map_err(damaged)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_suffix('\n').ok_or("its last line does not end")?;
        let mut lines = text.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(format!("its first line is not {FIRST_LINE:?}"));
        }
        let key = lines.next().and_then(|line| line.strip_prefix("key "));
        let key = key.ok_or("its second line is not a key")?;
        let key = key.parse().map_err(|error| format!("its second line: {error}"))?;
        let statement = match lines.next() {
            Some("signs consistent") => Statement::Consistent,
            Some("signs lawful") => Statement::Lawful,
            _ => return Err("its third line does not say what is signed".to_owned()),
        };
        let mut logs: Vec<KeyName> = Vec::new();
        for line in lines {
            let origin = line.strip_prefix("log ").and_then(|origin| origin.parse().ok());
            let origin = origin.ok_or_else(|| format!("{line:?} names no log"))?;
            logs.push(origin);
        }
        Ok(Self { key, statement, logs })
    }
}

/// Whether a folder has the file, in whatever form.
pub(crate) fn lies_in(root: &Path) -> bool {
    root.join(NAME).symlink_metadata().is_ok()
}
