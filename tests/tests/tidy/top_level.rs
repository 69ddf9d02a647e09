//! What lies in the root folder, and that the README's program is the one that is compiled.

use sanad_tests::workspace;

#[test]
fn the_root_folder_holds_what_belongs_there() {
    let allowed = [
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "crates",
        "docs",
        "target",
        "tests",
    ];
    for entry in std::fs::read_dir(workspace()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || allowed.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_program_in_the_readme_is_the_example_that_is_compiled_and_run() {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let example = workspace().join("crates/sanad/examples/allocate.rs");
    let example = std::fs::read_to_string(example).unwrap();
    let program = example.split_once("\n\n").unwrap().1;
    assert!(readme.contains(&format!("```rust\n{program}```")), "{program}");
}
