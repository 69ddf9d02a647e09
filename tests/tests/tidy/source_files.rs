//! How source files look.

use std::path::{Path, PathBuf};

use sanad_tests::workspace;

/// A file that is longer wants a second look: is there more than one noun in it?
const MOST_LINES: usize = 400;

pub(crate) fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty());
    files
}

fn rust_files() -> Vec<(String, String)> {
    let root = workspace();
    let files = ["crates", "tests"].iter().flat_map(|top| files_below(&root.join(top), "rs"));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    files.map(read).collect()
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for (name, text) in rust_files() {
        assert!(text.starts_with("//! "), "{name} does not begin with //! and what it is for");
    }
}

#[test]
fn a_file_is_one_noun_and_not_a_shelf() {
    for (name, text) in rust_files() {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{name} has {lines} lines");
        let stem = Path::new(&name).file_stem().unwrap().to_string_lossy().into_owned();
        let shelf = ["utils", "util", "common", "helpers", "misc"].contains(&stem.as_str());
        assert!(!shelf, "{name} is named for no noun");
    }
}

#[test]
fn no_line_needs_a_wide_screen() {
    for (name, text) in rust_files() {
        for (number, line) in text.lines().enumerate() {
            let width = line.chars().count();
            // A text in quotes may be longer where a break would change it.
            let quoted = line.contains('"');
            assert!(width <= 120 || quoted, "{name}:{} has {width} characters", number + 1);
        }
    }
}

#[test]
fn nothing_is_left_to_do_in_the_code() {
    // Put together here, so that this file does not find itself.
    let marks = ["to", "FIX", "XX", "unimple"].into_iter().zip(["do!(", "ME", "X:", "mented!("]);
    let marks: Vec<String> = marks.map(|(one, two)| format!("{one}{two}")).collect();
    for (name, text) in rust_files() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{name} says {mark}");
        }
    }
}
