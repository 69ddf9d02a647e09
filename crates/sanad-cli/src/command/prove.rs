//! `sanad prove`: one file that proves an entry, or what became of a grant.

use std::path::PathBuf;

use clap::Args;
use sanad::{Auditor, KeptCheckpoints, Known, LedgerError, OpenedCheckpoint};
use serde_json::json;

use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;
use crate::key_options::{Signing, read_checkpoint};
use crate::naming;

/// Prove an entry, or what became of a grant, in one file that its holder keeps and anybody can check offline.
#[derive(Debug, Args)]
pub(crate) struct Prove {
    /// The entry, by its number or its id; or a grant, by its id or the beginning of it
    #[arg(value_name = "ENTRY|GRANT")]
    what: String,
    /// For a grant: prove only the entry that granted it (its receipt), and not what became of it since
    #[arg(long)]
    receipt: bool,
    /// The checkpoint to prove it by [default: the latest that is kept]
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
    /// Write the proof to this file [default: print it]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Prove {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let checkpoint = self.by(&auditor, desk)?;
        let view = auditor.view(Known::Head)?;
        let entry = naming::entry(&self.what, &auditor);
        let (kind, file) = match entry {
            Ok(sequence) => ("entry", auditor.prove_entry(sequence, &checkpoint)?.to_string()),
            // What is no entry's number or id may be the beginning of a grant's.
            Err(unknown) => match naming::grant(&self.what, &view) {
                Ok(grant) if self.receipt => {
                    let history = auditor.entries_about_grant(grant)?;
                    let granted_in = *history.first().ok_or(LedgerError::NoSuchProof)?;
                    ("receipt", auditor.prove_entry(granted_in, &checkpoint)?.to_string())
                }
                Ok(grant) => ("status", auditor.prove_status(grant, &checkpoint)?.to_string()),
                Err(_) if self.what.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return Err(unknown);
                }
                Err(unknown) => return Err(unknown),
            },
        };
        let size = checkpoint.claimed().size();
        if let Some(path) = &self.out {
            write_new(path, &file)?;
        }
        if desk.json {
            desk.answer(&json!({
                "basis": BasisForm::of_log(&auditor),
                "kind": kind,
                "checkpoint_size": size,
                "proof": file,
            }))?;
            return Ok(Ending::Done);
        }
        match &self.out {
            Some(path) => desk.say(format_args!(
                "{kind} proof by the checkpoint of {size} entries, {} bytes, in {}",
                file.len(),
                path.display()
            ))?,
            None => desk.say(file.trim_end())?,
        }
        Ok(Ending::Done)
    }

    /// The checkpoint that was named; one that is signed now; or the latest that is kept.
    fn by(&self, auditor: &Auditor, desk: &Desk) -> Result<OpenedCheckpoint, Failure> {
        if let Some(path) = &self.checkpoint {
            return read_checkpoint(path);
        }
        let keys = self.signing.keys()?;
        if !keys.is_empty() {
            return Ok(auditor.checkpoint(&keys)?);
        }
        let kept = KeptCheckpoints::of(&desk.folder()?).and_then(|kept| kept.all());
        let kept = kept.map_err(LedgerError::from)?;
        let latest = kept.into_iter().rev().find_map(|kept| kept.note.ok());
        latest.ok_or_else(|| {
            let told = "no checkpoint is kept to prove it by; sign one with --sign-with FILE, or name one \
                with --checkpoint FILE";
            Failure::Misread(told.into())
        })
    }
}
