//! Checkpoints that contradict one another, kept for whoever will judge them.

use std::fmt::Write;

use sanad_audit_log::OpenedCheckpoint;
use sanad_audit_log::tree::TreeHash;

use crate::EVIDENCE;
use crate::error::PublicationError;
use crate::shelf::Shelf;

/// Keeps both checkpoints durably; gives the names of their files.
pub(crate) fn keep(
    shelf: &mut Shelf,
    ours: &OpenedCheckpoint,
    theirs: &OpenedCheckpoint,
) -> Result<[String; 2], PublicationError> {
    let files = [name(ours), name(theirs)];
    for (file, opened) in files.iter().zip([ours, theirs]) {
        shelf.put(file, opened.note().to_string().as_bytes())?;
    }
    shelf.sync()?;
    Ok(files)
}

/// A name that no other note has: two checkpoints of one size and root may differ in signatures.
fn name(opened: &OpenedCheckpoint) -> String {
    let hash = TreeHash::leaf(opened.note().to_string().as_bytes());
    let mut name = format!("{EVIDENCE}/{}-", opened.claimed().size());
    for byte in &hash.as_bytes()[..8] {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ".checkpoint"
}
