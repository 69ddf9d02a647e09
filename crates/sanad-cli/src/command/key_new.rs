//! `sanad key new`: make a key to sign with.

use std::path::PathBuf;

use clap::Args;
use sanad::note::{KeyName, SignerKey};
use sanad::{random_seed, write_signer};
use serde_json::json;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;

/// Make a key to sign with: the private half in a file that only you can read, the public half beside it.
#[derive(Debug, Args)]
pub(crate) struct KeyNew {
    /// The file for the private key; FILE.pub gets the public one
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key's name [default: the ledger's origin, where a ledger is named]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl KeyNew {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let name = match self.name {
            Some(name) => name,
            None => desk.open_to_read()?.identity().origin().to_owned(),
        };
        let name: KeyName =
            name.parse().map_err(|error| Failure::Misread(format!("--name: {error}")))?;
        let key = SignerKey::from_seed(name, &random_seed()?);
        write_signer(&self.file, &key)?;
        let public = key.verifier_key();
        let mut beside = self.file.clone().into_os_string();
        beside.push(".pub");
        let beside = PathBuf::from(beside);
        write_new(&beside, &format!("{public}\n"))?;
        if desk.json {
            desk.answer(&json!({
                "key": public.to_string(),
                "private": self.file.display().to_string(),
                "public": beside.display().to_string(),
            }))?;
            return Ok(Ending::Done);
        }
        desk.say(format_args!("private key in {}: keep it to yourself", self.file.display()))?;
        desk.say(format_args!("public key in {}, for everybody who verifies:", beside.display()))?;
        desk.say(format_args!("  {public}"))?;
        Ok(Ending::Done)
    }
}
