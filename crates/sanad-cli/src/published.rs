//! Where something is published: a folder or an address.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sanad::publication::{FolderSource, Publication, Side, SideError, Source};
use sanad::{Identity, identity_from_bytes};
use sanad_witness::HttpLog;

use crate::failure::Failure;
use crate::files::read_bounded;

/// How long one published file may take to come.
const FETCH: Duration = Duration::from_secs(30);
/// No identity file is longer, in bytes.
const MOST_IDENTITY: u64 = 65_536;

/// Files of a publication, wherever they are.
pub(crate) type AnySource = Box<dyn Source + Send>;

/// The source at a folder or an http(s) address.
pub(crate) fn source(place: &str) -> Result<AnySource, Failure> {
    if place.contains("://") {
        let log = HttpLog::new(place, FETCH);
        return Ok(Box::new(log.map_err(|error| Failure::Misread(error.to_string()))?));
    }
    let folder = PathBuf::from(place);
    if !folder.is_dir() {
        let told =
            format!("there is no folder {place}; name a published folder, or an http(s) address");
        return Err(Failure::Misread(told));
    }
    Ok(Box::new(FolderSource::new(&folder)))
}

/// The publication at a folder or an http(s) address.
pub(crate) fn publication(place: &str) -> Result<Publication<AnySource>, Failure> {
    Ok(Publication::new(source(place)?))
}

/// The history at a folder, a file or an http(s) address.
pub(crate) fn side(place: &str) -> Result<Side<AnySource>, Failure> {
    let failed = |error: SideError| match error {
        SideError::Ledger(error) => Failure::from(error),
        other => Failure::Misread(other.to_string()),
    };
    if place.contains("://") {
        return Side::publication(source(place)?).map_err(failed);
    }
    match Side::open(Path::new(place)).map_err(failed)? {
        Side::Ledger(auditor) => Ok(Side::Ledger(auditor)),
        Side::Checkpoint(checkpoint) => Ok(Side::Checkpoint(checkpoint)),
        Side::Proof(proof) => Ok(Side::Proof(proof)),
        // A published folder, then, or what a later version of the library knows.
        _ => Side::publication(source(place)?).map_err(failed),
    }
}

/// The identity in a ledger's or a publication's `ledger.json`.
pub(crate) fn identity_of(path: &Path) -> Result<Identity, Failure> {
    let bytes = read_bounded(path, MOST_IDENTITY)?;
    Ok(identity_from_bytes(&bytes, path).map_err(sanad::LedgerError::from)?)
}
