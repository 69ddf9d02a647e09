//! The public vectors beside the workspace.
#![allow(dead_code, reason = "not every test file asks for everything")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of vectors with this name, if the vectors are there. Says so if they are not.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = vectors.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: {} is not there, so nothing was checked against it", folder.display());
    None
}

/// Every JSON file under `folder`, with its path.
pub(crate) fn json_files(folder: &Path) -> Vec<(PathBuf, Value)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, serde_json::from_str(&text).unwrap()));
            }
        }
    }
    found
}
