//! Decimal numbers as C2SP's texts have them: ASCII digits, no sign, no leading zeros.

/// The number that `text` is the only decimal form of, if there is one below 2^64.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let leading_zero = text.len() > 1 && text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && !leading_zero { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn only_one_text_is_a_number() {
        assert_eq!(
            (parse("0"), parse("10"), parse("18446744073709551615")),
            (Some(0), Some(10), Some(u64::MAX))
        );
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-0",
            " 1",
            "1 ",
            "1\n",
            "١",
            "0x1",
            "1e3",
            "18446744073709551616",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
