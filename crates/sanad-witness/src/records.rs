//! The records of a published log, bundle by bundle.

use sanad_audit_log::tile::{
    BundlePlace, EntryBundle, MAX_BUNDLE, MAX_ENTRY, TileError, TilePath, Width,
};

use sanad_publication::{Source, SourceError};

/// Something that has the records of a log.
///
/// What it gives is not believed: a witness hashes it, and holds the root against the checkpoint.
pub trait RecordSource: Send {
    /// The bundle in this place, with just as many entries as its width says.
    ///
    /// # Errors
    /// [`RecordsError`] where it cannot be had.
    fn bundle(&mut self, place: BundlePlace) -> Result<Vec<u8>, RecordsError>;
}

/// Why records could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The bundle could not be fetched.
    #[error(transparent)]
    Fetch(#[from] SourceError),
    /// The log does not publish it, or not yet.
    #[error("{path} is not published")]
    Missing {
        /// The bundle's path.
        path: String,
    },
    /// What was fetched is not a bundle of that width.
    #[error("{path}: {cause}")]
    Malformed {
        /// The bundle's path.
        path: String,
        /// Why not.
        #[source]
        cause: TileError,
    },
}

/// The records of a log that is published as tiles and bundles.
#[derive(Clone, Debug)]
pub struct PublishedRecords<S> {
    source: S,
}

impl<S: Source> PublishedRecords<S> {
    /// The records that `source` has.
    pub const fn new(source: S) -> Self {
        Self { source }
    }
}

impl<S: Source + Send> RecordSource for PublishedRecords<S> {
    fn bundle(&mut self, place: BundlePlace) -> Result<Vec<u8>, RecordsError> {
        let width = place.width();
        let path = TilePath::Entries(place).to_string();
        let most = usize::from(width.get()) * (MAX_ENTRY + 2);
        let mut found = self.source.fetch(&path, most)?;
        if found.is_none() && !width.is_full() {
            // A log may take away a partial bundle when the full one is there.
            let full = BundlePlace::new(place.index(), Width::FULL);
            found = self.source.fetch(&TilePath::Entries(full).to_string(), MAX_BUNDLE)?;
        }
        let Some(mut bytes) = found else { return Err(RecordsError::Missing { path }) };
        let first = EntryBundle::parse_first(&bytes, width);
        let length = first.map(|bundle| bundle.bytes().len());
        bytes.truncate(length.map_err(|cause| RecordsError::Malformed { path, cause })?);
        Ok(bytes)
    }
}
