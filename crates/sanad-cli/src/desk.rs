//! The desk at which a command works: which ledger, which clock, where answers go and how they look.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use sanad::{Auditor, EffectiveTime, Ledger, Surroundings};
use serde::Serialize;

use crate::failure::Failure;
use crate::lettering::wrapped;
use crate::meter::Meter;
use crate::paint::{Paint, Tone};
use crate::table::Table;

/// Where nothing tells the width of the reader's terminal.
const USUAL_WIDTH: usize = 80;

/// What every command is given.
pub(crate) struct Desk {
    /// The ledger's folder, where one was named.
    pub(crate) folder: Option<PathBuf>,
    /// The clock and the source of identifiers.
    pub(crate) surroundings: Surroundings,
    /// Answers are for programs.
    pub(crate) json: bool,
    /// How wide the reader's terminal is, in cells.
    pub(crate) width: usize,
    pub(crate) paint: Paint,
    /// For what goes to standard error.
    pub(crate) paint_errors: Paint,
    out: BufWriter<Box<dyn Write>>,
}

impl Desk {
    /// The desk of this process: answers go to standard output.
    pub(crate) fn new(folder: Option<PathBuf>, json: bool) -> Self {
        let stdout = io::stdout();
        Self {
            folder,
            surroundings: Surroundings::default(),
            json,
            width: width_of(&stdout),
            paint: Paint::for_stream(&stdout),
            paint_errors: Paint::for_stream(&io::stderr()),
            out: BufWriter::with_capacity(1 << 16, Box::new(stdout)),
        }
    }

    /// The ledger's folder: the one that was named, or the current folder where it is a ledger's.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        if PathBuf::from("ledger.json").is_file() {
            return Ok(PathBuf::from("."));
        }
        let told = "no ledger is named; give --ledger DIR or set SANAD_LEDGER (`sanad init DIR` makes a new one)";
        Err(Failure::Misread(told.into()))
    }

    /// Opens the ledger for recording.
    pub(crate) fn open_to_record(&self) -> Result<Ledger, Failure> {
        let mut meter = Meter::new();
        let surroundings = self.surroundings.clone();
        let ledger = Ledger::open(&self.folder()?, surroundings, &mut |far| meter.hear(far))?;
        if let Some(recovery) = &ledger.opening().recovery {
            self.note(format_args!(
                "note: the last {} bytes were an append that never finished; they are kept aside as {}",
                recovery.cut_bytes,
                recovery.kept_as.display()
            ));
        }
        Ok(ledger)
    }

    /// Opens the ledger for reading; nothing is replayed yet.
    pub(crate) fn open_to_read(&self) -> Result<Auditor, Failure> {
        Ok(Auditor::open(&self.folder()?)?)
    }

    /// Opens the ledger for reading and replays what has to be, for a view.
    pub(crate) fn open_to_view(&self) -> Result<Auditor, Failure> {
        let auditor = self.open_to_read()?;
        self.load(&auditor)?;
        Ok(auditor)
    }

    /// Replays what has to be, for a view.
    pub(crate) fn load(&self, auditor: &Auditor) -> Result<(), Failure> {
        let mut meter = Meter::new();
        Ok(auditor.load(&mut |far| meter.hear(far))?)
    }

    /// The instant at which views are taken where none is named: now, without the fraction of a second.
    pub(crate) fn now(&self) -> Result<EffectiveTime, Failure> {
        let us = self.surroundings.clock.now().us();
        EffectiveTime::from_us(us - us.rem_euclid(1_000_000))
            .map_err(|error| Failure::Misread(error.to_string()))
    }

    /// A table of the desk's width.
    pub(crate) fn table(&self) -> Table {
        Table::new(self.width, self.paint)
    }

    /// Prints a line.
    pub(crate) fn say(&mut self, line: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{line}")?)
    }

    /// Prints a sentence, wrapped to the desk's width under an indent; the lines after the first stand further in.
    pub(crate) fn say_wrapped(&mut self, indent: usize, text: &str) -> Result<(), Failure> {
        let room = self.width.saturating_sub(indent + 2).max(20);
        for (place, line) in wrapped(text, room).iter().enumerate() {
            let further = if place == 0 { 0 } else { 2 };
            self.say(format_args!("{}{line}", " ".repeat(indent + further)))?;
        }
        Ok(())
    }

    /// Prints a named field, wrapped beside its name.
    pub(crate) fn say_field(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let room = self.width.saturating_sub(12).max(20);
        for (place, line) in wrapped(text, room).iter().enumerate() {
            let name = if place == 0 { name } else { "" };
            self.say(format_args!("{name:<12}{line}"))?;
        }
        Ok(())
    }

    /// Prints a paragraph, wrapped to the desk's width.
    pub(crate) fn tell(&mut self, paragraph: &str) -> Result<(), Failure> {
        wrapped(paragraph, self.width).iter().try_for_each(|line| self.say(line))
    }

    /// Prints a line that is not the answer itself.
    pub(crate) fn whisper(&mut self, line: impl Display) -> Result<(), Failure> {
        let painted = self.paint.apply(Tone::Quiet, &line.to_string());
        self.say(painted)
    }

    /// Prints the rows that wait in a table.
    pub(crate) fn lay_out(&mut self, table: &mut Table) -> Result<(), Failure> {
        table.lines().into_iter().try_for_each(|line| self.say(line))
    }

    /// Prints an answer for programs, on one line.
    pub(crate) fn answer(&mut self, answer: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer(&mut self.out, answer).map_err(io::Error::from)?;
        Ok(self.out.write_all(b"\n")?)
    }

    /// Where answers go, for what writes them itself.
    pub(crate) fn out(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Says something to a person beside the answer; programs are not told.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.json {
            // There is nobody left to tell where standard error is closed.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Says what is wrong on standard error.
    pub(crate) fn complain(&self, text: impl Display) {
        // There is nobody left to tell where standard error is closed.
        let _ = writeln!(io::stderr(), "sanad: {text}");
    }

    /// Hands the reader what has been said so far.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.out.flush()?)
    }
}

/// The terminal's width; else what `COLUMNS` says; else 80.
fn width_of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> usize {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0));
    terminal.or_else(asked).filter(|width| *width > 0).unwrap_or(USUAL_WIDTH)
}
