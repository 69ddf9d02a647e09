//! Links between pages lead somewhere.

use std::path::PathBuf;

use sanad_tests::workspace;

use crate::source_files::files_below;

fn pages() -> Vec<PathBuf> {
    let mut pages = files_below(&workspace().join("docs"), "md");
    pages.push(workspace().join("README.md"));
    pages
}

#[test]
fn every_link_within_the_project_leads_to_a_file() {
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{} links to {link}, which is not there", page.display());
        }
    }
}

#[test]
fn every_page_is_linked_from_the_one_above_it() {
    let docs = workspace().join("docs");
    let all: String =
        pages().iter().map(|page| std::fs::read_to_string(page).unwrap()).collect::<String>();
    for page in files_below(&docs, "md") {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(all.contains(&name), "nothing links to {}", page.display());
    }
}
