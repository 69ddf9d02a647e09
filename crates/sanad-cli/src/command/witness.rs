//! `sanad witness`: a second office that cosigns checkpoints.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use sanad::note::{CosignerKey, KeyName, VerifierKey};
use sanad::{Identity, random_seed};
use sanad_witness::{
    PublishedRecords, ServerLimits, Statement, Witness, WitnessServer, WitnessState, WitnessedLog,
};
use serde_json::json;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::key_options::verifier_key;
use crate::published::{identity_of, source};

/// A second office that cosigns checkpoints.
#[derive(Debug, Subcommand)]
pub(crate) enum WitnessCommand {
    /// Make a witness: a folder with its key and what it remembers
    New(New),
    /// Take a ledger on: from then on its checkpoints are cosigned
    Enrol(Enrol),
    /// Listen, and cosign what is consistent
    Serve(Serve),
}

impl WitnessCommand {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        match self {
            Self::New(command) => command.run(desk),
            Self::Enrol(command) => command.run(desk),
            Self::Serve(command) => command.run(desk),
        }
    }
}

/// Make a witness: a folder with its key and what it remembers.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder, new or empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The witness's name, such as audit.example/witness
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Cosign lawful histories only: every entry is replayed first. This is fixed for ever
    #[arg(long)]
    lawful: bool,
}

impl New {
    fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let name: KeyName =
            self.name.parse().map_err(|error| Failure::Misread(format!("--name: {error}")))?;
        let key = CosignerKey::from_seed(name, &random_seed()?);
        let statement = if self.lawful { Statement::Lawful } else { Statement::Consistent };
        let state = WitnessState::create(&self.folder, &key, statement).map_err(state_failed)?;
        let public = state.verifier_key();
        if desk.json {
            let folder = self.folder.display().to_string();
            desk.answer(&json!({ "key": public.to_string(), "folder": folder }))?;
            return Ok(Ending::Done);
        }
        desk.say(format_args!("made a witness in {}; its key:", self.folder.display()))?;
        desk.say(format_args!("  {public}"))?;
        desk.say_wrapped(
            0,
            "never set the folder back to an earlier state: a witness that forgot what it signed can be \
             brought to sign a second history",
        )?;
        Ok(Ending::Done)
    }
}

/// Take a ledger on.
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// The witness's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The ledger's origin
    #[arg(value_name = "ORIGIN")]
    origin: String,
}

impl Enrol {
    fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let origin: KeyName =
            self.origin.parse().map_err(|error| Failure::Misread(format!("ORIGIN: {error}")))?;
        let mut state = WitnessState::open(&self.folder).map_err(state_failed)?;
        state.enrol(&origin).map_err(state_failed)?;
        if desk.json {
            desk.answer(&json!({ "enrolled": origin.to_string() }))?;
        } else {
            desk.say(format_args!("{origin} is enrolled: no checkpoint of it was cosigned yet"))?;
        }
        Ok(Ending::Done)
    }
}

/// Listen, and cosign what is consistent.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The witness's folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The public key of an enrolled ledger: name+id+base64, or a file that holds it. May be repeated
    #[arg(long = "log", value_name = "VKEY", required = true)]
    logs: Vec<String>,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value_t = WitnessServer::DEFAULT_ADDRESS)]
    listen: SocketAddr,
    /// For a witness of lawful histories: where the ledger is published, a folder or an http(s) address
    #[arg(long, value_name = "DIR|URL")]
    published: Option<String>,
    /// For a witness of lawful histories: the ledger's identity file, from whom you have its key
    #[arg(long, value_name = "FILE", requires = "published")]
    identity: Option<PathBuf>,
}

impl Serve {
    fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let logs = self.witnessed()?;
        let state = WitnessState::open(&self.folder).map_err(state_failed)?;
        let clock = Arc::clone(&desk.surroundings.clock);
        let witness = Witness::new(state, logs, clock);
        let witness = Arc::new(witness.map_err(|error| Failure::Misread(error.to_string()))?);
        for (origin, reply) in witness.warm_up(&mut |_, _, _| {}) {
            desk.complain(format_args!("{origin} cannot be replayed yet: {reply:?}"));
        }
        let server = WitnessServer::start(witness, self.listen, ServerLimits::default());
        let server = server.map_err(|source| Failure::File {
            doing: "listen on",
            path: PathBuf::from(self.listen.to_string()),
            source,
        })?;
        desk.say(format_args!("listening on {}; end it with Ctrl-C", server.address()))?;
        desk.flush()?;
        server.wait();
        Ok(Ending::Done)
    }

    fn witnessed(&self) -> Result<Vec<WitnessedLog>, Failure> {
        let keys = self.logs.iter().map(|text| verifier_key("--log", text));
        let keys: Vec<VerifierKey> = keys.collect::<Result<_, _>>()?;
        let mut by_name: Vec<(KeyName, Vec<VerifierKey>)> = Vec::new();
        for key in keys {
            match by_name.iter_mut().find(|(name, _)| name == key.name()) {
                Some((_, keys)) => keys.push(key),
                None => by_name.push((key.name().clone(), vec![key])),
            }
        }
        let misread = |error: sanad_witness::SetupError| Failure::Misread(error.to_string());
        let logs = by_name.into_iter().map(|(name, keys)| {
            let log = WitnessedLog::new(name, keys).map_err(misread)?;
            match &self.published {
                Some(published) => self.lawful(log, published),
                None => Ok(log),
            }
        });
        logs.collect()
    }

    fn lawful(&self, log: WitnessedLog, published: &str) -> Result<WitnessedLog, Failure> {
        let identity: Identity = match &self.identity {
            Some(path) => identity_of(path)?,
            None => {
                let told =
                    "a lawful witness needs the ledger's identity file: give it with --identity";
                return Err(Failure::Misread(told.into()));
            }
        };
        let records = PublishedRecords::new(source(published)?);
        log.lawful(identity, records).map_err(|error| Failure::Misread(error.to_string()))
    }
}

fn state_failed(error: sanad_witness::StateError) -> Failure {
    Failure::Misread(error.to_string())
}
