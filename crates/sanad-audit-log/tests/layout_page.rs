//! `docs/format/record.md` says what the code does.

use sanad_audit_log::layout;

const PAGE: &str = include_str!("../../../docs/format/record.md");

/// The cells of every row of the page whose first cell is a number: offset, size, name.
fn rows() -> Vec<(usize, usize, String)> {
    let cells = |line: &'static str| line.split('|').map(str::trim).collect::<Vec<_>>();
    let row = |cells: Vec<&str>| match cells[..] {
        ["", offset, size, name, ..] => {
            Some((offset.parse().ok()?, size.parse().ok()?, name.trim_matches('`').to_owned()))
        }
        _ => None,
    };
    PAGE.lines().map(cells).filter_map(row).collect()
}

/// The number that the page's table of limits gives for `name`.
fn limit(name: &str) -> usize {
    let line = PAGE.lines().find(|line| line.starts_with(&format!("| {name} |")));
    let cell = line.unwrap_or_else(|| panic!("no limit {name:?}")).split('|').nth(2).unwrap();
    cell.trim().replace(',', "").parse().unwrap()
}

#[test]
fn the_table_of_the_header_is_the_layout_in_the_code() {
    let expected = layout::HEADER.map(|field| (field.offset, field.size, field.name.to_owned()));
    assert_eq!(rows(), expected);
}

#[test]
fn the_header_has_no_gap() {
    let end = layout::HEADER.iter().fold(0, |end, field| {
        assert_eq!(field.offset, end, "{}", field.name);
        end + field.size
    });
    assert_eq!(end, layout::HEADER_SIZE);
}

#[test]
fn the_limits_are_those_in_the_code() {
    assert_eq!(limit("header"), layout::HEADER_SIZE);
    assert_eq!(limit("author section"), layout::AUTHOR_SIZE);
    assert_eq!(limit("chain hash"), layout::HASH_SIZE);
    assert_eq!(limit("shortest record"), layout::MIN_RECORD);
    assert_eq!(limit("longest record"), layout::MAX_RECORD);
    assert_eq!(limit("longest payload"), layout::MAX_PAYLOAD);
    assert_eq!(limit("longest payload beside an author section"), layout::MAX_AUTHORED_PAYLOAD);
}

#[test]
fn the_flags_are_those_in_the_code() {
    assert!(PAGE.contains(&format!("| {:#04x} | `AUTHOR`", layout::FLAG_AUTHOR)));
    assert!(PAGE.contains(&format!("| {:#04x} | `BARRIER`", layout::FLAG_BARRIER)));
}
