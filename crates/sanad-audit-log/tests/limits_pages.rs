//! The limits in `docs/format/` are those in the code.

use sanad_audit_log::note::{MAX_NOTE, MAX_SIGNATURES};
use sanad_audit_log::tile::{FULL, MAX_BUNDLE, MAX_LEVELS};
use sanad_audit_log::tree::{MAX_PROOF_HASHES, MAX_TREE_SIZE, TreeHash};
use sanad_audit_log::witness::MAX_REQUEST;
use sanad_audit_log::{MAX_EXTRA, MAX_POLICY, MAX_PROOF_FILE};

const TREE: &str = include_str!("../../../docs/format/tree.md");
const CHECKPOINT: &str = include_str!("../../../docs/format/checkpoint.md");
const PUBLICATION: &str = include_str!("../../../docs/format/publication.md");

/// A number as the pages write it: digits in groups of three.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}

/// Checks that a page says this; line breaks count as spaces.
fn says(page: &str, text: &str) {
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains(text), "the page does not say {text:?}");
}

#[test]
fn the_limits_of_the_tree_are_those_in_the_code() {
    assert_eq!(MAX_TREE_SIZE, (1 << 63) - 1);
    says(TREE, "| largest size | 2^63 − 1 |");
    says(TREE, &format!("| hash, in bytes | {} |", TreeHash::SIZE));
    says(TREE, &format!("| hash, as text | {} characters", TreeHash::TEXT_SIZE));
    says(TREE, &format!("| hashes of a proof in a text | at most {MAX_PROOF_HASHES} |"));
}

#[test]
fn the_limits_of_notes_policies_and_requests_are_those_in_the_code() {
    says(CHECKPOINT, &format!("| longest note | {} bytes |", grouped(MAX_NOTE)));
    says(CHECKPOINT, &format!("| most signatures | {MAX_SIGNATURES} |"));
    says(CHECKPOINT, &format!("The file has at most {} bytes", grouped(MAX_POLICY)));
    says(CHECKPOINT, &format!("one base64 hash a line, at most {MAX_PROOF_HASHES}"));
    says(CHECKPOINT, &format!("has more than {} bytes", grouped(MAX_REQUEST)));
}

#[test]
fn the_limits_of_what_is_published_are_those_in_the_code() {
    says(PUBLICATION, &format!("A full tile has {FULL} hashes"));
    says(PUBLICATION, &format!("has levels 0 to {}", MAX_LEVELS - 1));
    says(PUBLICATION, &format!("A full bundle has at most {} bytes", grouped(MAX_BUNDLE)));
    says(PUBLICATION, &format!("`extra` is at most {} bytes", grouped(MAX_EXTRA)));
    says(PUBLICATION, &format!("The whole file has at most {} bytes", grouped(MAX_PROOF_FILE)));
}
