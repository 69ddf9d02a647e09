//! What every act on the command line can say about itself.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use sanad::{Act, Command, Digest, Instrument};

use crate::failure::Failure;
use crate::reading::{read, read_if};

/// Who asks, under which authority, and why.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Act")]
pub(crate) struct ActOptions {
    /// Who asks
    #[arg(long, env = "SANAD_ACTOR", value_name = "NAME")]
    actor: String,
    /// The legal document behind the act, as it is cited
    #[arg(long, value_name = "REFERENCE")]
    instrument: Option<String>,
    /// The document's file; its BLAKE3 digest is recorded, as b3sum prints it
    #[arg(long, value_name = "FILE", requires = "instrument")]
    instrument_file: Option<PathBuf>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Accept that capacity is taken away under live grants
    #[arg(long)]
    accept_shortfall: bool,
    /// The entry's id, so that a retry is recorded once [default: a new one]
    #[arg(long, value_name = "UUID")]
    id: Option<String>,
    /// Say what would be recorded, and record nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl ActOptions {
    /// The act that asks for these commands.
    pub(crate) fn act(&self, commands: Vec<Command>) -> Result<Act, Failure> {
        let mut act = Act::new(read("--actor", &self.actor)?, commands);
        act.id = read_if("--id", self.id.as_deref())?;
        act.reason = read_if("--reason", self.reason.as_deref())?;
        act.accept_shortfall = self.accept_shortfall;
        if let Some(reference) = &self.instrument {
            let digest = self.instrument_file.as_ref().map(digest_of).transpose()?;
            act.instrument =
                Some(Instrument { reference: read("--instrument", reference)?, digest });
        }
        Ok(act)
    }
}

fn digest_of(path: &PathBuf) -> Result<Digest, Failure> {
    let digest = File::open(path).and_then(sanad::document_digest);
    digest.map(Digest::new).map_err(|source| Failure::File {
        doing: "read the instrument's file",
        path: path.clone(),
        source,
    })
}
