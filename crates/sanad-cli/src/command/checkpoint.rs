//! `sanad checkpoint`: sign what the ledger holds now.

use std::path::PathBuf;

use clap::Args;
use sanad::note::SignerKey;
use sanad::{Auditor, KeptCheckpoints, LedgerError, OpenedCheckpoint};
use sanad_witness::{Remembered, WitnessClient};
use serde_json::json;

use crate::basis::{BasisForm, short_hash};
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::files::write_new;
use crate::key_options::{Signing, Trust};

/// Sign a checkpoint: so many entries, ending so. Whoever keeps it can prove later that the history was not rewritten.
#[derive(Debug, Args)]
pub(crate) struct Checkpoint {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    trust: Trust,
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
        let shelf = KeptCheckpoints::of(&desk.folder()?).map_err(LedgerError::from)?;
        let signed = auditor.checkpoint(&keys)?;
        let (checkpoint, ending) = cosigned(signed, &keys, &self.trust, &auditor, &shelf, desk)?;
        let kept = shelf.keep(&checkpoint).map_err(LedgerError::from)?;
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
            return Ok(ending);
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
        Ok(ending)
    }
}

/// Asks the witnesses of the policy, if there is one, to cosign a checkpoint; says what became of each.
pub(crate) fn cosigned(
    signed: OpenedCheckpoint,
    keys: &[SignerKey],
    trust: &Trust,
    auditor: &Auditor,
    shelf: &KeptCheckpoints,
    desk: &Desk,
) -> Result<(OpenedCheckpoint, Ending), Failure> {
    let Some(policy) = trust.policy()? else { return Ok((signed, Ending::Done)) };
    let mut known = trust.keys()?;
    known.extend(keys.iter().map(SignerKey::verifier_key));
    let mut remembered = Remembered::default();
    for kept in
        shelf.all().map_err(LedgerError::from)?.into_iter().filter_map(|kept| kept.note.ok())
    {
        let witnesses = policy.witnesses().iter().map(|member| member.key().clone());
        let all: Vec<_> = witnesses.chain(known.iter().cloned()).collect();
        if let Ok(verified) = kept.verify(&all) {
            remembered.learn(&verified);
        }
    }
    let prove = |old, new| Ok(auditor.prove_consistency(old, new)?);
    let collected = WitnessClient::default().collect(&policy, &known, &signed, &remembered, prove);
    let collected = collected.map_err(|error| Failure::Misread(error.to_string()))?;
    for asked in &collected.asked {
        desk.note(asked);
    }
    let ending = match &collected.verified {
        Ok(_) => Ending::Done,
        Err(error) => {
            desk.complain(format_args!("the policy does not believe it yet: {error}"));
            Ending::Wanting
        }
    };
    Ok((collected.checkpoint, ending))
}
