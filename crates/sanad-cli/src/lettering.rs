//! Texts on a terminal: how many cells they take, where they may be broken, and right-to-left texts kept to themselves.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells a text takes. Measured by grapheme: terminals do not join letters into one cell, as whole-string
/// measures assume of the Arabic lam-alef.
pub(crate) fn cells(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// A text with its direction kept to itself: one that holds right-to-left letters is put between a first-strong isolate
/// (U+2068) and its end (U+2069), so that it does not reorder what stands beside it.
pub(crate) fn isolated(text: &str) -> String {
    if !text.is_ascii() && text.chars().any(runs_right_to_left) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text.to_owned()
    }
}

/// The blocks of Hebrew, Arabic, Syriac, Thaana, N'Ko and their like, and the presentation forms.
fn runs_right_to_left(c: char) -> bool {
    matches!(
        u32::from(c),
        0x590..=0x8ff | 0x200f | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff
    )
}

/// Breaks a text into lines of at most so many cells: at a space; within a word only where it is longer than a line,
/// and then after one of `/ - . _` where there is one. Every letter is kept; only the spaces at a break are left out.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    if cells(text) <= width {
        return vec![text.trim_end().to_owned()];
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut put = |piece: &str, line: &mut String| {
        if cells(line) + cells(piece.trim_end()) > width && !line.is_empty() {
            lines.push(std::mem::take(line).trim_end().to_owned());
        }
        line.push_str(piece);
    };
    for word in text.split_inclusive(' ') {
        if cells(word.trim_end()) <= width {
            put(word, &mut line);
            continue;
        }
        for part in word.split_inclusive(['/', '-', '.', '_']) {
            if cells(part.trim_end()) <= width {
                put(part, &mut line);
            } else {
                part.graphemes(true).for_each(|grapheme| put(grapheme, &mut line));
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    closed(lines)
}

/// Ends on each line the isolates that begin on it, and begins them again on the next: terminals order every line for
/// itself.
fn closed(mut lines: Vec<String>) -> Vec<String> {
    let mut open = 0usize;
    for line in &mut lines {
        let carried = "\u{2068}".repeat(open);
        open += line.matches('\u{2068}').count();
        open = open.saturating_sub(line.matches('\u{2069}').count());
        *line = carried + line + &"\u{2069}".repeat(open);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gives_lam_and_alef_a_cell_each() {
        assert_eq!(cells("لا"), 2);
        assert_eq!(cells("بِجلی"), 4);
        assert_eq!(cells("می\u{200c}خواهم"), 7);
        assert_eq!(cells("\u{2068}abc\u{2069}"), 3);
    }

    #[test]
    fn nothing_is_lost_when_a_text_is_wrapped() {
        let text = "pk-surplus/mining/north-by-northwest.phase_two and what follows it";
        for width in 2..70 {
            let lines = wrapped(text, width);
            assert!(lines.iter().all(|line| cells(line) <= width), "{width}: {lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
        assert_eq!(wrapped("", 10), [""]);
    }

    #[test]
    fn an_isolate_that_is_wrapped_ends_and_begins_again() {
        let sentence = "opened pool x, \u{2068}“فاضل بجلی کا ذخیرہ”\u{2069}, in MW";
        for line in wrapped(sentence, 24) {
            assert_eq!(line.matches('\u{2068}').count(), line.matches('\u{2069}').count());
        }
    }

    #[test]
    fn only_right_to_left_texts_are_isolated() {
        assert_eq!(isolated("Acme"), "Acme");
        assert_eq!(isolated("مثال 5"), "\u{2068}مثال 5\u{2069}");
    }
}
