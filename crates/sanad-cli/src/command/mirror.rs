//! `sanad mirror`: a copy of what is published, every byte proved before it is kept.

use std::path::PathBuf;

use clap::Args;
use sanad::OpenedCheckpoint;
use sanad::publication::Mirror as Shelf;
use serde_json::json;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::Trust;
use crate::meter::Meter;
use crate::published::publication;

/// Copy what is published into a folder of your own; nothing is kept before it is proved.
#[derive(Debug, Args)]
pub(crate) struct Mirror {
    /// Where it is published: a folder or an http(s) address
    #[arg(value_name = "DIR|URL")]
    source: String,
    /// Your folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    trust: Trust,
}

impl Mirror {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (keys, policy) = (self.trust.keys()?, self.trust.policy()?);
        if keys.is_empty() && policy.is_none() {
            let told = "whom to believe is not said; give the ledger's public key with --key";
            return Err(Failure::Misread(told.into()));
        }
        let believed = |opened: &OpenedCheckpoint| match &policy {
            Some(policy) => policy.verify_also(opened, &keys),
            None => opened.verify(&keys),
        };
        let source = publication(&self.source)?;
        let mut mirror = Shelf::open(&self.folder).map_err(sanad::LedgerError::from)?;
        let mut meter = Meter::new();
        let done = mirror.update(&source, &believed, &mut |done, all| {
            meter.tell("mirroring", done, all);
        });
        drop(meter);
        let done = done.map_err(sanad::LedgerError::from)?;
        if desk.json {
            desk.answer(&json!({ "from": done.from, "to": done.to, "files": done.files }))?;
            return Ok(Ending::Done);
        }
        let (new, to) = (done.to - done.from, done.to);
        desk.say(format_args!(
            "{to} entries proved and kept in {}: {new} new",
            self.folder.display()
        ))?;
        Ok(Ending::Done)
    }
}
