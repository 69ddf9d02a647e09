//! `sanad init`: make a new ledger.

use std::path::PathBuf;

use clap::Args;
use sanad::{CreateOptions, Ledger};
use serde_json::json;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::reading::read_if;
use crate::words::quoted;

/// Make a new ledger in a new or empty folder.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The folder; `--ledger` names it just as well
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// What the ledger is called
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The time zone in which dates are meant, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    time_zone: String,
    /// The name under which its checkpoints will be known, such as ministry.example/surplus [default: made from its id]
    #[arg(long, value_name = "NAME")]
    origin: Option<String>,
}

impl Init {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let unnamed = || Failure::Misread("no folder is named; give one: sanad init DIR".into());
        let folder = self.folder.or_else(|| desk.folder.clone()).ok_or_else(unnamed)?;
        let options = CreateOptions {
            title: read_if("--title", self.title.as_deref())?,
            time_zone: self.time_zone,
            origin: self.origin,
            surroundings: desk.surroundings.clone(),
        };
        let ledger = Ledger::create(&folder, options)?;
        let identity = ledger.identity();
        if desk.json {
            desk.answer(&json!({
                "basis": { "size": 0, "head": identity.genesis().to_string(), "ledger_size": 0 },
                "ledger": {
                    "id": identity.ledger_id().to_string(),
                    "folder": folder.display().to_string(),
                    "title": identity.title(),
                    "time_zone": identity.time_zone(),
                    "origin": identity.origin(),
                },
            }))?;
            return Ok(Ending::Done);
        }
        let title = match identity.title() {
            "" => String::new(),
            title => format!(" {}", quoted(title)),
        };
        desk.say(format_args!("made ledger{title} in {}", folder.display()))?;
        desk.say(format_args!("id {}, origin {}", identity.ledger_id(), identity.origin()))?;
        desk.say(format_args!("dates are meant in {}", identity.time_zone()))?;
        Ok(Ending::Done)
    }
}
