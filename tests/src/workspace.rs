//! The project's own files.

use std::path::{Path, PathBuf};

/// The project's root folder.
///
/// # Panics
/// Never: the tests' folder lies in it.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the root").to_owned()
}
