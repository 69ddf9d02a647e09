//! Cost as size grows: as CSV for whoever draws it anew, and drawn as SVG.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use plotters::prelude::*;
use sanad_bench::Spread;

use crate::deciding::Cost;
use crate::failure::Failure;
use crate::growth::Point;
use crate::results::Results;

const SIZE: (u32, u32) = (720, 360);

/// What a drawing is of.
struct Drawing {
    across: &'static str,
    up: &'static str,
    curves: Vec<Curve>,
}

/// A line of a drawing.
struct Curve {
    name: &'static str,
    colour: RGBColor,
    points: Vec<(f64, f64)>,
}

/// Writes the curves of a run into a folder.
pub(crate) fn write(results: &Results, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let drawing = |across, up, curves| Drawing { across, up, curves };
    if !results.growth.is_empty() {
        fs::write(folder.join("growth.csv"), growth_csv(&results.growth))?;
        let append = append_curves(&results.growth);
        drawing("entries", "entries recorded a second", append)
            .write(&folder.join("append.svg"))?;
        let answers = answer_curves(&results.growth);
        drawing("entries", "milliseconds", answers).write(&folder.join("answers.svg"))?;
    }
    if !results.deciding.is_empty() {
        fs::write(folder.join("deciding.csv"), deciding_csv(&results.deciding))?;
        let points = |cost: fn(&Cost) -> &Spread| {
            let points = results.deciding.iter();
            points.map(|it| (it.grants as f64, cost(it).median / 1e3)).collect()
        };
        let alone =
            Curve { name: "an act alone", colour: BLUE, points: points(|cost| &cost.decide_ns) };
        let ahead =
            Curve { name: "one of many", colour: GREEN, points: points(|cost| &cost.ahead_ns) };
        let curves = vec![alone, ahead];
        let deciding = drawing("grants in the pool", "microseconds", curves);
        deciding.write(&folder.join("deciding.svg"))?;
    }
    Ok(())
}

/// The curves on a page in Markdown that stands beside their folder.
pub(crate) fn shown(results: &Results, folder: &Path) -> String {
    let mut text = String::new();
    let mut show = |what: &str, name: &str, numbers: &str| {
        let [name, numbers] = [name, numbers].map(|file| folder.join(file).display().to_string());
        let _ = writeln!(text, "\n{what} ([numbers]({numbers})):\n\n![{what}]({name})");
    };
    if !results.growth.is_empty() {
        show("Appending to one ledger as it grows", "append.svg", "growth.csv");
        show("Opening and asking it as it grows", "answers.svg", "growth.csv");
    }
    if !results.deciding.is_empty() {
        show("Deciding as the pool fills", "deciding.svg", "deciding.csv");
    }
    text
}

fn growth_csv(points: &[Point]) -> String {
    let mut text = "entries,append_per_second,append_least,append_most,plain_per_second,open_ms,\
        holder_p50_us,holder_p99_us,grant_p50_us,grant_p99_us,past_p50_ms,past_worst_ms,past_process_ms\n"
        .to_owned();
    for point in points {
        let append = &point.append;
        let (entries, plain) = (point.entries, point.plain);
        let _ = write!(
            text,
            "{entries},{:.0},{:.0},{:.0},{plain:.0}",
            append.median, append.least, append.most
        );
        match &point.answers {
            Some(found) => {
                let [holder, holder_p99] = found.holder_us;
                let [grant, grant_p99] = found.grant_us;
                let [past, worst] = found.past_ms;
                let (open, process) = (found.open_ms.median, found.past_open_ms.median);
                let _ = writeln!(
                    text,
                    ",{open:.3},{holder:.3},{holder_p99:.3},{grant:.3},{grant_p99:.3},{past:.3},{worst:.3},{process:.3}"
                );
            }
            None => text.push_str(",,,,,,,,\n"),
        }
    }
    text
}

fn deciding_csv(costs: &[Cost]) -> String {
    let mut text = "grants,alone_ns,least,most,one_of_many_ns,least,most\n".to_owned();
    for Cost { grants, decide_ns: alone, ahead_ns: ahead } in costs {
        let _ = writeln!(
            text,
            "{grants},{:.0},{:.0},{:.0},{:.0},{:.0},{:.0}",
            alone.median, alone.least, alone.most, ahead.median, ahead.least, ahead.most
        );
    }
    text
}

fn append_curves(points: &[Point]) -> Vec<Curve> {
    let curve = |name, colour, value: fn(&Point) -> f64| {
        let points = points.iter().map(|point| (point.entries as f64, value(point)));
        Curve { name, colour, points: points.collect() }
    };
    vec![
        curve("Sanad, batches of 8,000", BLUE, |point| point.append.median),
        curve("a plain file, the same bytes", RGBColor(120, 120, 120), |point| point.plain),
    ]
}

fn answer_curves(points: &[Point]) -> Vec<Curve> {
    type Value = fn(&crate::growth::Answers) -> f64;
    let curve = |(name, colour, value): (&'static str, RGBColor, Value)| {
        let answered =
            points.iter().filter_map(|point| Some((point.entries as f64, point.answers.as_ref()?)));
        Curve { name, colour, points: answered.map(|(size, found)| (size, value(found))).collect() }
    };
    let curves: [(_, _, Value); 4] = [
        ("open and answer, whole process", BLUE, |found| found.open_ms.median),
        ("pools at a past entry, worst", RGBColor(200, 80, 0), |found| found.past_ms[1]),
        ("allocations of a holder, p99", RGBColor(0, 130, 60), |found| found.holder_us[1] / 1e3),
        ("history of a grant, p99", RGBColor(140, 0, 140), |found| found.grant_us[1] / 1e3),
    ];
    curves.into_iter().map(curve).collect()
}

impl Drawing {
    /// Draws the curves, both axes logarithmic and the upright one in whole powers of ten.
    fn write(&self, path: &Path) -> Result<(), Failure> {
        let all =
            || self.curves.iter().flat_map(|curve| &curve.points).filter(|point| point.1 > 0.0);
        let ends = |of: fn(&(f64, f64)) -> f64| {
            all().map(of).fold((f64::MAX, f64::MIN), |(least, most), v| (least.min(v), most.max(v)))
        };
        if all().next().is_none() {
            return Ok(());
        }
        let ((left, right), (low, high)) = (ends(|point| point.0), ends(|point| point.1));
        let (low, high) = (10f64.powf(low.log10().floor()), 10f64.powf(high.log10().ceil()));
        let canvas = SVGBackend::new(path, SIZE).into_drawing_area();
        canvas.fill(&WHITE).map_err(Failure::drawing)?;
        let mut chart = ChartBuilder::on(&canvas)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(72)
            .build_cartesian_2d((left..right).log_scale(), (low..high).log_scale())
            .map_err(Failure::drawing)?;
        let size = |entries: &f64| crate::targets::sized(entries.round() as u64);
        chart
            .configure_mesh()
            .x_desc(self.across)
            .y_desc(self.up)
            .x_label_formatter(&size)
            .light_line_style(TRANSPARENT)
            .draw()
            .map_err(Failure::drawing)?;
        for curve in &self.curves {
            let colour = curve.colour;
            let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2));
            let line = chart.draw_series(line).map_err(Failure::drawing)?;
            line.label(curve.name).legend(move |(x, y)| {
                PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
            });
            let dots = curve.points.iter().map(|point| Circle::new(*point, 3, colour.filled()));
            chart.draw_series(dots).map_err(Failure::drawing)?;
        }
        chart
            .configure_series_labels()
            .background_style(WHITE.mix(0.8))
            .border_style(RGBColor(200, 200, 200))
            .draw()
            .map_err(Failure::drawing)?;
        canvas.present().map_err(Failure::drawing)
    }
}
