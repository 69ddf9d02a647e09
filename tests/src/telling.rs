//! A verdict's findings in short, for a test to compare.

use sanad::Verdict;

/// The findings, each as `class code sequence`, with `-` where a finding is of no entry.
#[must_use]
pub fn told(verdict: &Verdict) -> Vec<String> {
    let told = |found: &sanad::Finding| {
        let sequence = found.sequence.map_or("-".to_owned(), |sequence| sequence.to_string());
        format!("{} {} {sequence}", found.class.as_str(), found.code)
    };
    verdict.findings().map(told).collect()
}
