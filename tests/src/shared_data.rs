//! Real registers and public vectors that may stand beside the project.

use std::path::PathBuf;

use crate::workspace::workspace;

/// The file or folder of that name in `shared/` beside the project; `None`, and said so, where it is not there.
#[must_use]
pub fn shared_data(name: &str) -> Option<PathBuf> {
    let path = workspace().join("../shared").join(name);
    if path.exists() {
        return Some(path);
    }
    println!(
        "SKIPPED: there is no shared/{name} beside the project, so nothing was tested with it"
    );
    None
}
