//! Keys on the command line: whom to believe, and with what to sign.

use std::path::{Path, PathBuf};

use clap::Args;
use sanad::note::{SignerKey, VerifierKey};
use sanad::{Evidence, OpenedCheckpoint, Policy, read_signer};

use crate::failure::Failure;
use crate::files::read_bounded;

/// No policy, checkpoint or verifier key file that is read is longer, in bytes.
const MOST: u64 = 1_100_000;

/// Whom to believe.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Trust {
    /// A key of the ledger or of a witness: name+id+base64, or a file that holds one. May be repeated
    #[arg(long = "key", value_name = "VKEY")]
    keys: Vec<String>,
    /// A file that says whose cosignatures are enough (docs/format/checkpoint.md)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

impl Trust {
    /// The keys.
    pub(crate) fn keys(&self) -> Result<Vec<VerifierKey>, Failure> {
        self.keys.iter().map(|text| verifier_key("--key", text)).collect()
    }

    /// The policy, if one was named.
    pub(crate) fn policy(&self) -> Result<Option<Policy>, Failure> {
        let Some(path) = &self.policy else { return Ok(None) };
        let text = read_bounded(path, MOST)?;
        let policy = Policy::parse(&text);
        policy.map(Some).map_err(|error| Failure::Misread(format!("{}: {error}", path.display())))
    }

    /// These checkpoints from outside, with the keys and the policy that they are held to.
    pub(crate) fn evidence(&self, checkpoints: &[PathBuf]) -> Result<Evidence, Failure> {
        let read = |path: &PathBuf| Ok((path.display().to_string(), read_checkpoint(path)?));
        let checkpoints = checkpoints.iter().map(read).collect::<Result<_, Failure>>()?;
        Ok(Evidence { checkpoints, keys: self.keys()?, policy: self.policy()? })
    }
}

/// With what to sign.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct Signing {
    /// A private key file, as `sanad key new` makes it. Repeat it to sign with an old and a new key
    #[arg(long, value_name = "FILE")]
    sign_with: Vec<PathBuf>,
}

impl Signing {
    /// The private keys.
    pub(crate) fn keys(&self) -> Result<Vec<SignerKey>, Failure> {
        self.sign_with.iter().map(|path| Ok(read_signer(path)?)).collect()
    }
}

/// A verifier key, as text or in a file.
pub(crate) fn verifier_key(option: &str, text: &str) -> Result<VerifierKey, Failure> {
    let refused = |error| Failure::Misread(format!("{option}: {error}"));
    if text.contains('+') && !Path::new(text).exists() {
        return text.parse().map_err(refused);
    }
    let bytes = read_bounded(Path::new(text), MOST)?;
    String::from_utf8_lossy(&bytes).trim_end().parse().map_err(refused)
}

/// A checkpoint from a file, unchecked.
pub(crate) fn read_checkpoint(path: &Path) -> Result<OpenedCheckpoint, Failure> {
    let bytes = read_bounded(path, MOST)?;
    let opened = OpenedCheckpoint::parse(&bytes);
    opened.map_err(|error| Failure::Misread(format!("{}: {error}", path.display())))
}
