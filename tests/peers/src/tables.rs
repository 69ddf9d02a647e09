//! The results as tables: in plain text for a terminal, and in Markdown for the page on performance.

use std::fmt::Write;

use sanad_bench::{Measure, Spread};

use crate::contest::Contest;
use crate::results::Results;
use crate::targets::sized;

/// A table of texts, its first row the headings.
struct Table {
    caption: String,
    rows: Vec<Vec<String>>,
}

/// The tables as plain text.
pub(crate) fn text(results: &Results) -> String {
    let mut text = String::new();
    for table in tables(results) {
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let _ = writeln!(text, "\n{}\n", table.caption);
        for row in &table.rows {
            let cells = row.iter().zip(&widths).map(|(cell, width)| {
                let space = width - cell.chars().count();
                format!("{cell}{}", " ".repeat(space))
            });
            let _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
    }
    text
}

/// The tables as Markdown.
pub(crate) fn markdown(results: &Results) -> String {
    let mut text = String::new();
    for table in tables(results) {
        let _ = writeln!(text, "{}\n", table.caption);
        for (place, row) in table.rows.iter().enumerate() {
            let _ = writeln!(text, "| {} |", row.join(" | "));
            if place == 0 {
                let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
            }
        }
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}

fn tables(results: &Results) -> Vec<Table> {
    let mut tables = Vec::new();
    if !results.targets.is_empty() {
        tables.push(target_table(results));
    }
    if results.targets.iter().any(|target| !target.met) {
        tables.push(missed_table(results));
    }
    if !results.contests.is_empty() {
        tables.push(peer_table(results));
    }
    if let Some(report) = &results.sanad {
        let mut rows = vec![row(["what", "figure", "rounds", "limit", "ratio"])];
        rows.extend(report.figures.iter().map(|figure| {
            let limit = figure.limit.as_ref();
            let beside = limit
                .map(|limit| {
                    format!("{} ({})", figure.measure.write(limit.found.median), limit.what)
                })
                .unwrap_or_default();
            let found = figure.measure.write(figure.found.median);
            let ratio = limit.map(|limit| format!("{:.2}", limit.ratio)).unwrap_or_default();
            row([figure.what.clone(), found, ends(&figure.found, figure.measure), beside, ratio])
        }));
        tables.push(Table { caption: "All figures, with their limits:".into(), rows });
    }
    if !results.growth.is_empty() {
        tables.push(growth_table(results));
    }
    if !results.deciding.is_empty() {
        let mut rows = vec![row(["grants in the pool", "an act alone", "one of many"])];
        rows.extend(results.deciding.iter().map(|cost| {
            let us = |spread: &Spread| Measure::Microseconds.write(spread.median / 1e3);
            row([sized(cost.grants), us(&cost.decide_ns), us(&cost.ahead_ns)])
        }));
        tables.push(Table { caption: "Deciding, every window its own:".into(), rows });
    }
    tables
}

fn target_table(results: &Results) -> Table {
    let (machine, plan) = (&results.machine, &results.plan);
    let caption = format!(
        "{} entries of {:.0} bytes, medians of {} rounds; {} cores of {}, {}, {}:",
        sized(plan.entries),
        results.record_bytes,
        plan.rounds,
        machine.cores,
        machine.processor.as_deref().unwrap_or("an unnamed processor"),
        machine.system,
        machine.file_system.unwrap_or("unknown file system"),
    );
    let mut rows =
        vec![row(["what", "target", "found", "beside it, in the same run", "ratio", "met"])];
    rows.extend(results.targets.iter().map(|target| {
        let met = if target.met { "yes" } else { "**no**" };
        let ratio = target.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        row([
            target.what.clone(),
            target.target.clone(),
            target.found.clone(),
            target.beside.clone(),
            ratio,
            met.into(),
        ])
    }));
    Table { caption, rows }
}

fn missed_table(results: &Results) -> Table {
    let mut rows =
        vec![row(["not met", "what it rests on, in the same run", "what stands in the way"])];
    let missed = results.targets.iter().filter(|target| !target.met);
    rows.extend(missed.map(|target| {
        row([target.what.clone(), target.rests_on.join("; "), target.why.to_owned()])
    }));
    Table { caption: "What is not met, the limits it rests on, and why:".into(), rows }
}

fn peer_table(results: &Results) -> Table {
    let heading = |contest: &Contest| match contest.batch {
        1 => "one by one".to_owned(),
        batch => format!("batches of {batch}"),
    };
    let mut first = vec!["durable records a second".to_owned()];
    first.extend(results.contests.iter().map(heading));
    first.extend(["read back".to_owned(), "disk, a record".to_owned()]);
    let mut rows = vec![first];
    let Some(largest) = results.contests.last() else {
        return Table { caption: String::new(), rows };
    };
    for (place, last) in largest.entrants.iter().enumerate() {
        let mut row = vec![last.name.to_owned()];
        for contest in &results.contests {
            let appended = contest.entrants[place].appended.median;
            row.push(Measure::PerSecond.write(appended));
        }
        row.push(Measure::PerSecond.write(last.read.median));
        row.push(Measure::BytesPerEntry.write(last.disk_bytes));
        rows.push(row);
    }
    let caption =
        "Sanad and its peers; Sanad decides, seals and projects each entry besides:".into();
    Table { caption, rows }
}

fn growth_table(results: &Results) -> Table {
    let mut rows = vec![row([
        "entries",
        "append",
        "plain file",
        "open and answer",
        "a holder, p99",
        "a grant, p99",
        "past entry, worst",
        "past entry, process",
    ])];
    rows.extend(results.growth.iter().map(|point| {
        let rate = |found| Measure::PerSecond.write(found);
        let mut cells = vec![sized(point.entries), rate(point.append.median), rate(point.plain)];
        match &point.answers {
            Some(answers) => cells.extend([
                Measure::Milliseconds.write(answers.open_ms.median),
                Measure::Microseconds.write(answers.holder_us[1]),
                Measure::Microseconds.write(answers.grant_us[1]),
                Measure::Milliseconds.write(answers.past_ms[1]),
                Measure::Milliseconds.write(answers.past_open_ms.median),
            ]),
            None => cells.extend(std::iter::repeat_n(String::new(), 5)),
        }
        cells
    }));
    Table { caption: "One ledger as it grows:".into(), rows }
}

/// The least and the most of the rounds.
fn ends(found: &Spread, measure: Measure) -> String {
    match found.rounds.len() {
        0 | 1 => String::new(),
        _ => format!("{} – {}", measure.write(found.least), measure.write(found.most)),
    }
}

fn row<const N: usize>(cells: [impl Into<String>; N]) -> Vec<String> {
    cells.into_iter().map(Into::into).collect()
}
