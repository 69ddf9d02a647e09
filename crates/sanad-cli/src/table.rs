//! Tables for people: columns that stay aligned in any script, wrapped to the terminal, and on a narrow one laid out as
//! one field a line. Nothing is cut off.

use sanad::Unit;

use crate::lettering::{cells, isolated, wrapped};
use crate::paint::{Paint, Tone};

/// The gap between columns.
const GAP: usize = 2;
/// A column that may be wrapped is not made narrower than this.
const NARROWEST: usize = 8;

/// One field.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    content: Content,
    tone: Option<Tone>,
}

#[derive(Debug, Clone)]
enum Content {
    Text(String),
    /// An exact decimal, aligned on its point: what stands before it, what stands from it on, and the unit.
    Amount {
        whole: String,
        fraction: String,
        symbol: String,
    },
}

impl Cell {
    pub(crate) fn text(text: impl ToString) -> Self {
        Self { content: Content::Text(text.to_string()), tone: None }
    }

    pub(crate) fn empty() -> Self {
        Self::text("")
    }

    /// A total counted in a unit's smallest part.
    pub(crate) fn amount(unit: &Unit, total: i128) -> Self {
        let written = unit.write(total);
        let (whole, fraction) = written.split_at(written.find('.').unwrap_or(written.len()));
        let content = Content::Amount {
            whole: whole.to_owned(),
            fraction: fraction.to_owned(),
            symbol: unit.symbol().to_string(),
        };
        Self { content, tone: None }
    }

    /// The same amount with a sign before it, also where it is a plus.
    pub(crate) fn change(unit: &Unit, total: i128) -> Self {
        let mut cell = Self::amount(unit, total);
        if let Content::Amount { whole, .. } = &mut cell.content
            && total > 0
        {
            whole.insert(0, '+');
        }
        cell
    }

    /// A whole number.
    pub(crate) fn count(count: u64) -> Self {
        let content = Content::Amount {
            whole: count.to_string(),
            fraction: String::new(),
            symbol: String::new(),
        };
        Self { content, tone: None }
    }

    /// A measured number, aligned on its point, and its unit.
    pub(crate) fn measured(number: &str, unit: &str) -> Self {
        let (whole, fraction) = number.split_at(number.find('.').unwrap_or(number.len()));
        let (whole, fraction) = (whole.to_owned(), fraction.to_owned());
        let content = Content::Amount { whole, fraction, symbol: unit.to_owned() };
        Self { content, tone: None }
    }

    pub(crate) fn toned(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }

    fn plain(&self) -> String {
        match &self.content {
            Content::Text(text) => text.clone(),
            Content::Amount { whole, fraction, symbol } => {
                format!("{whole}{fraction} {symbol}").trim_end().to_owned()
            }
        }
    }
}

/// How a column behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Never wrapped.
    Fixed,
    /// Wrapped where there is no room.
    Flexible,
    /// Aligned on the point.
    Amount,
}

#[derive(Debug, Clone)]
struct Column {
    heading: &'static str,
    kind: Kind,
    width: usize,
    /// The widest parts of its amounts.
    parts: [usize; 3],
}

/// Rows under headings. Rows are laid out in blocks, so that a table of a million rows needs no more memory than one of
/// some thousands; a block may widen a column.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    width: usize,
    paint: Paint,
    begun: bool,
}

impl Table {
    /// How many rows are laid out together.
    pub(crate) const BLOCK: usize = 5_000;

    pub(crate) fn new(width: usize, paint: Paint) -> Self {
        Self { columns: Vec::new(), rows: Vec::new(), width: width.max(20), paint, begun: false }
    }

    pub(crate) fn fixed(self, heading: &'static str) -> Self {
        self.column(heading, Kind::Fixed)
    }

    pub(crate) fn flexible(self, heading: &'static str) -> Self {
        self.column(heading, Kind::Flexible)
    }

    pub(crate) fn amount(self, heading: &'static str) -> Self {
        self.column(heading, Kind::Amount)
    }

    fn column(mut self, heading: &'static str, kind: Kind) -> Self {
        self.columns.push(Column { heading, kind, width: cells(heading), parts: [0; 3] });
        self
    }

    pub(crate) fn row(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= Self::BLOCK
    }

    /// Lays the waiting rows out as lines and forgets them.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Vec::new();
        }
        self.measure(&rows);
        let widths = self.fit();
        let lines = match &widths {
            Some(widths) => self.side_by_side(&rows, widths),
            None => self.one_below_another(&rows),
        };
        self.begun = true;
        lines
    }

    fn measure(&mut self, rows: &[Vec<Cell>]) {
        for row in rows {
            for (column, cell) in self.columns.iter_mut().zip(row) {
                let width = match &cell.content {
                    Content::Text(text) => cells(text),
                    Content::Amount { whole, fraction, symbol } => {
                        for (widest, part) in column.parts.iter_mut().zip([whole, fraction, symbol])
                        {
                            *widest = (*widest).max(cells(part));
                        }
                        let [whole, fraction, symbol] = column.parts;
                        whole + fraction + if symbol == 0 { 0 } else { symbol + 1 }
                    }
                };
                column.width = column.width.max(width);
            }
        }
    }

    /// The columns' widths on this terminal, or none if they do not fit beside each other.
    fn fit(&self) -> Option<Vec<usize>> {
        let mut widths: Vec<usize> = self.columns.iter().map(|column| column.width).collect();
        let gaps = GAP * self.columns.len().saturating_sub(1);
        let mut excess = (widths.iter().sum::<usize>() + gaps).saturating_sub(self.width);
        // One column that bears it all is better than several that are wrapped, if it keeps half of its width.
        let alone = (0..widths.len())
            .filter(|place| self.columns[*place].kind == Kind::Flexible)
            .filter(|place| widths[*place] >= (2 * excess).max(excess + NARROWEST))
            .max_by_key(|place| widths[*place]);
        if let Some(place) = alone {
            widths[place] -= excess;
            return Some(widths);
        }
        while excess > 0 {
            // Take from the widest, a cell at a time: what is short stays whole.
            let flexible = self.columns.iter().zip(&mut widths);
            let (_, widest) = flexible
                .filter(|(column, width)| column.kind == Kind::Flexible && **width > NARROWEST)
                .max_by_key(|(_, width)| **width)?;
            *widest -= 1;
            excess -= 1;
        }
        Some(widths)
    }

    fn side_by_side(&self, rows: &[Vec<Cell>], widths: &[usize]) -> Vec<String> {
        let mut lines = Vec::with_capacity(rows.len() + 1);
        if !self.begun {
            let heading = self.columns.iter().zip(widths).map(|(column, width)| {
                let space = " ".repeat(width.saturating_sub(cells(column.heading)));
                let painted = self.paint.apply(Tone::Heading, column.heading);
                match column.kind {
                    Kind::Amount => space + &painted,
                    _ => painted + &space,
                }
            });
            lines.push(joined(heading));
        }
        for row in rows {
            let fields: Vec<Vec<String>> = row
                .iter()
                .zip(&self.columns)
                .zip(widths)
                .map(|((cell, column), width)| self.field(cell, column, *width))
                .collect();
            let height = fields.iter().map(Vec::len).max().unwrap_or(0);
            for line in 0..height {
                let parts = fields.iter().zip(widths);
                lines.push(joined(parts.map(|(field, width)| {
                    field.get(line).cloned().unwrap_or_else(|| " ".repeat(*width))
                })));
            }
        }
        lines
    }

    /// A cell as lines that fill its column's width.
    fn field(&self, cell: &Cell, column: &Column, width: usize) -> Vec<String> {
        let painted = |text: &str| match cell.tone {
            Some(tone) => self.paint.apply(tone, text),
            None => text.to_owned(),
        };
        match &cell.content {
            Content::Text(text) => wrapped(text, width)
                .into_iter()
                .map(|line| {
                    let space = " ".repeat(width.saturating_sub(cells(&line)));
                    painted(&isolated(&line)) + &space
                })
                .collect(),
            Content::Amount { whole, fraction, symbol } => {
                let [_, fractions, symbols] = column.parts;
                let fraction_space = " ".repeat(fractions - cells(fraction));
                let symbol_space = " ".repeat(symbols - cells(symbol));
                let gap = if symbols == 0 { "" } else { " " };
                let text = format!("{whole}{fraction}{fraction_space}{gap}{symbol}{symbol_space}");
                let space = " ".repeat(width.saturating_sub(cells(&text)));
                vec![space + &painted(&text)]
            }
        }
    }

    fn one_below_another(&self, rows: &[Vec<Cell>]) -> Vec<String> {
        let label = self.columns.iter().map(|column| cells(column.heading)).max().unwrap_or(0);
        let room = self.width.saturating_sub(label + GAP);
        let mut lines = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            if place > 0 || self.begun {
                lines.push(String::new());
            }
            for (cell, column) in row.iter().zip(&self.columns) {
                let text = cell.plain();
                if text.is_empty() {
                    continue;
                }
                for (place, line) in wrapped(text.trim_start(), room).iter().enumerate() {
                    let heading = if place == 0 { column.heading } else { "" };
                    let space = " ".repeat(label + GAP - cells(heading));
                    let heading = self.paint.apply(Tone::Heading, heading);
                    lines.push(format!("{heading}{space}{}", isolated(line)));
                }
            }
        }
        lines
    }
}

fn joined(fields: impl Iterator<Item = String>) -> String {
    fields.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(width: usize) -> Table {
        let paint = Paint::for_stream(&std::fs::File::open("/dev/null").unwrap());
        let mut table = Table::new(width, paint).fixed("ID").flexible("TITLE").amount("AMOUNT");
        let unit = Unit::new("MW".parse().unwrap(), 3).unwrap();
        let mut row = |id, title, total| {
            table.row([Cell::text(id), Cell::text(title), Cell::amount(&unit, total)]);
        };
        row("misal", "مثال لائیو کان کنی کمپنی لمیٹڈ کراچی", 300_000);
        row("acme", "Acme Compute", 92_400);
        table
    }

    #[test]
    fn amounts_line_up_on_the_point_beside_urdu_titles() {
        let lines = table(80).lines();
        assert!(lines.iter().all(|line| line.find("MW").is_none() || line.ends_with("MW")));
        let ends: Vec<_> = lines[1..].iter().map(|line| cells(line)).collect();
        assert_eq!(ends, [ends[0]; 2]);
        assert!(lines[1].contains("300   MW") && lines[2].contains("92.4 MW"), "{lines:#?}");
    }

    #[test]
    fn every_width_shows_every_letter() {
        for width in 20..90 {
            let lines = table(width).lines();
            assert!(lines.iter().all(|line| cells(line) <= width), "{width}: {lines:#?}");
            let letters: String = lines.concat().chars().filter(|c| c.is_alphanumeric()).collect();
            for word in ["کمپنی", "لمیٹڈ", "Acme", "Compute", "300", "92"] {
                assert!(letters.contains(word), "{width}: {word} in {lines:#?}");
            }
        }
    }

    #[test]
    fn an_isolate_ends_on_the_line_on_which_it_begins() {
        for line in table(40).lines() {
            assert_eq!(line.matches('\u{2068}').count(), line.matches('\u{2069}').count());
        }
    }
}
