//! `sanad digest`: what the entries amount to, as one hash.

use clap::Args;
use serde_json::json;

use crate::as_of::KnownAs;
use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};

/// What the entries amount to, as one hash: two programs that replay the same entries get the same.
#[derive(Debug, Args)]
pub(crate) struct Digest {
    #[command(flatten)]
    known: KnownAs,
}

impl Digest {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let auditor = desk.open_to_view()?;
        let view = auditor.view(self.known.resolve(&auditor)?)?;
        let digest = view.state_digest();
        let basis = BasisForm::of(&view, None, auditor.calendar());
        if desk.json {
            desk.answer(&json!({ "basis": basis, "state_digest": digest.to_string() }))?;
            return Ok(Ending::Done);
        }
        desk.say(digest)?;
        desk.whisper(basis.footer(None, auditor.calendar()))?;
        Ok(Ending::Done)
    }
}
