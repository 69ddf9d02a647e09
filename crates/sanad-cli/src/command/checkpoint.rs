//! `sanad checkpoint`: sign what the ledger holds now.

use std::path::PathBuf;

use clap::Args;
use sanad::KeptCheckpoints;
use serde_json::json;

use crate::basis::{BasisForm, short_hash};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;
use crate::key_options::Signing;

/// Sign a checkpoint: so many entries, ending so. Whoever keeps it can prove later that the history was not rewritten.
#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    #[command(flatten)]
    signing: Signing,
    /// Write it to this file too [default: it is kept in the ledger's folder and printed]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Checkpoint {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let keys = self.signing.keys()?;
        if keys.is_empty() {
            let told =
                "no key was given; name one with --sign-with FILE (`sanad key new FILE` makes one)";
            return Err(Failure::Misread(told.into()));
        }
        let auditor = desk.open_to_view()?;
        let checkpoint = auditor.checkpoint(&keys)?;
        let kept = KeptCheckpoints::of(&desk.folder()?).and_then(|kept| kept.keep(&checkpoint));
        let kept = kept.map_err(sanad::LedgerError::from)?;
        let note = checkpoint.note().to_string();
        if let Some(path) = &self.out {
            write_new(path, &note)?;
        }
        let claimed = checkpoint.claimed();
        if desk.json {
            desk.answer(&json!({
                "basis": BasisForm::of_log(&auditor),
                "size": claimed.size(),
                "root": claimed.root().to_string(),
                "note": note,
                "kept": kept.display().to_string(),
            }))?;
            return Ok(Ending::Done);
        }
        let (size, hash) = (claimed.size(), short_hash(&auditor.head().hash));
        desk.note(format_args!(
            "signed: {size} entries ending in {hash}, kept as {}",
            kept.display()
        ));
        match &self.out {
            Some(path) => desk.say(format_args!("written to {}", path.display()))?,
            None => desk.say(note.trim_end())?,
        }
        Ok(Ending::Done)
    }
}
