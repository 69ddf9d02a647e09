//! The place in a page that the program fills in.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

const BEGIN: &str = "<!-- figures: written by sanad-peers, do not edit -->";
const END: &str = "<!-- end of figures -->";

/// Puts a text between the page's two marks, in the place of what stands there.
pub(crate) fn fill_in(page: &Path, text: &str) -> Result<(), Failure> {
    let old = fs::read_to_string(page)?;
    let filled = filled(&old, text).ok_or_else(|| Failure::NoMarks(page.to_owned()))?;
    Ok(fs::write(page, filled)?)
}

fn filled(page: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, behind) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{behind}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nbehind\n");
        let new = filled(&page, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n\n{END}\nbehind\n"));
        assert_eq!(filled(&new, "new").unwrap(), new);
        assert_eq!(filled("no marks", "new"), None);
    }
}
