//! `sanad check-dispute`: check, offline, that a ledger's key signed two histories.

use std::path::PathBuf;

use clap::Args;
use sanad::publication::{MAX_DISPUTE_FILE, check_dispute};
use serde_json::json;

use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::read_bounded;
use crate::key_options::Trust;

/// Check, offline, that a ledger's key signed two histories.
///
/// Exit code 0 if that is proved, 1 if it is not.
#[derive(Debug, Args)]
pub(crate) struct CheckDispute {
    /// The dispute, as `sanad compare --dispute` wrote it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    trust: Trust,
}

impl CheckDispute {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let keys = self.trust.keys()?;
        if keys.is_empty() {
            let told =
                "whose signature it is about is not said; give the ledger's public key with --key";
            return Err(Failure::Misread(told.into()));
        }
        let most = u64::try_from(MAX_DISPUTE_FILE).unwrap_or(u64::MAX);
        let bytes = read_bounded(&self.file, most)?;
        match check_dispute(&bytes, &keys) {
            Ok(proven) => {
                let [earlier, later] = [proven.earlier.checkpoint(), proven.later.checkpoint()];
                if desk.json {
                    desk.answer(&json!({
                        "proved": true,
                        "origin": earlier.origin().to_string(),
                        "sizes": [earlier.size(), later.size()],
                        "root_signed": earlier.root().to_string(),
                        "root_in_later": proven.root_in_later.to_string(),
                    }))?;
                    return Ok(Ending::Done);
                }
                let told = format!(
                    "{} signed two histories: one in which the first {size} entries have the root {}, and one of {} \
                     entries in which they have {}",
                    earlier.origin(),
                    earlier.root(),
                    later.size(),
                    proven.root_in_later,
                    size = earlier.size(),
                );
                desk.say_wrapped(0, &told)?;
                desk.say_wrapped(0, "not proved: which of the two is the true one")?;
                Ok(Ending::Done)
            }
            Err(error) => {
                if desk.json {
                    desk.answer(&json!({ "proved": false, "sentence": error.to_string() }))?;
                } else {
                    desk.say_wrapped(0, &format!("the dispute proves nothing: {error}"))?;
                }
                Ok(Ending::Wanting)
            }
        }
    }
}
