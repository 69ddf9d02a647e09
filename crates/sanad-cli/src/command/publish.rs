//! `sanad publish`: write what any web server can serve, for everybody to verify.

use std::path::PathBuf;

use clap::Args;
use sanad::publication::publish;
use sanad::{KeptCheckpoints, LedgerError};
use serde_json::json;

use crate::basis::BasisForm;
use crate::command::checkpoint::cosigned;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::{Signing, Trust, read_checkpoint};
use crate::meter::Meter;

/// Publish the ledger: a folder of files that any web server can serve and everybody can verify.
///
/// What is published already is gone on from and never altered.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The folder to publish in
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Publish this checkpoint [default: the latest that is kept, or one that is signed now]
    #[arg(long, value_name = "FILE", conflicts_with = "sign_with")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    trust: Trust,
}

impl Publish {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let kept = KeptCheckpoints::of(&desk.folder()?).map_err(LedgerError::from)?;
        let keys = self.signing.keys()?;
        let (checkpoint, ending) = match (&self.checkpoint, keys.as_slice()) {
            (Some(path), _) => (read_checkpoint(path)?, Ending::Done),
            (None, []) => {
                let all = kept.all().map_err(LedgerError::from)?;
                let latest = all.into_iter().rev().find_map(|kept| kept.note.ok());
                let none = "no checkpoint is kept to publish; sign one with --sign-with FILE";
                (latest.ok_or_else(|| Failure::Misread(none.into()))?, Ending::Done)
            }
            (None, keys) => {
                let signed = auditor.checkpoint(keys)?;
                let (signed, ending) = cosigned(signed, keys, &self.trust, &auditor, &kept, desk)?;
                kept.keep(&signed).map_err(LedgerError::from)?;
                (signed, ending)
            }
        };
        if ending != Ending::Done {
            desk.complain("too few witnesses cosigned for the policy; nothing was published");
            return Ok(ending);
        }
        let mut meter = Meter::new();
        let done = publish(&auditor, &self.folder, &checkpoint, &mut |far| meter.hear(far))?;
        drop(meter);
        if desk.json {
            desk.answer(&json!({
                "basis": BasisForm::of_log(&auditor),
                "from": done.from, "to": done.to, "files": done.files,
                "root": checkpoint.claimed().root().to_string(),
            }))?;
            return Ok(Ending::Done);
        }
        let (new, to, folder) = (done.to - done.from, done.to, self.folder.display());
        desk.say(format_args!(
            "published {to} entries in {folder}: {new} new, {} files",
            done.files
        ))?;
        Ok(Ending::Done)
    }
}
