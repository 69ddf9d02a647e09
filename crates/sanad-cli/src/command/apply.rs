//! `sanad apply`: record acts from a file of JSON Lines.
//!
//! Lines are read and parsed on a thread of their own while the ones before them are decided and written; what is
//! between the two is bounded, so a file of any length is applied in constant memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use clap::Args;
use sanad::exchange::{ActLine, ActReader, ExchangeError};
use sanad::{Calendar, Known, Ledger, OnRefusal, Receipt, RecordError};
use serde_json::json;

use crate::basis::BasisForm;
use crate::desk::Desk;
use crate::failure::{Ending, Failure, Refused};
use crate::meter::Meter;
use crate::naming;

/// Acts that are handed to the ledger together.
const BATCH: usize = 1_000;
/// Batches that wait between reading and recording.
const WAITING: usize = 4;

/// Record acts from a file of JSON Lines.
///
/// One act a line, in the form of docs/format/exchange.md. An act is recorded whole or not at all. At the first act
/// that is refused, or line that is no act, recording stops; what stands before it stays recorded, so after mending
/// the line the same file can be applied again: an act that has an id and stands already changes nothing.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The file, or - for standard input
    file: PathBuf,
    /// Go on behind a refused act or a bad line
    #[arg(long)]
    keep_going: bool,
}

type Line = Result<ActLine, ExchangeError>;

/// What became of the lines.
#[derive(Debug, Default)]
struct Tally {
    recorded: u64,
    repeated: u64,
    refused: u64,
    bad_lines: u64,
    not_asked: u64,
    /// Acts that are not known to be recorded, because writing failed.
    uncertain: u64,
    /// Lines were left that were not counted: what still comes through a pipe is not waited for.
    uncounted: bool,
}

impl Tally {
    fn found_wanting(&self) -> bool {
        self.refused + self.bad_lines > 0
    }
}

impl Apply {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let (input, length) = open(&self.file)?;
        let ledger = desk.open_to_record()?;
        let done = Arc::new(AtomicU64::new(0));
        let lines = read_ahead(input, ledger.calendar().clone(), Arc::clone(&done))?;
        let mut application = Application {
            ledger: &ledger,
            keep_going: self.keep_going,
            tally: Tally::default(),
            desk,
        };
        let mut meter = Meter::new();
        let mut stopped = None;
        for batch in &lines {
            stopped = application.batch(batch).err();
            if stopped.is_some() || application.is_to_stop() {
                application.leave(&lines, length.is_some());
                break;
            }
            if let Some(length) = length {
                meter.tell("applying acts", done.load(Ordering::Relaxed), length);
            }
        }
        drop(meter);
        let tally = application.tally;
        summary(&tally, &ledger, desk)?;
        match stopped {
            Some(failure) => Err(failure),
            None if tally.found_wanting() => Ok(Ending::Wanting),
            None => Ok(Ending::Done),
        }
    }
}

fn count(batch: &[Line]) -> u64 {
    u64::try_from(batch.len()).unwrap_or(u64::MAX)
}

struct Application<'a> {
    ledger: &'a Ledger,
    keep_going: bool,
    tally: Tally,
    desk: &'a mut Desk,
}

impl Application<'_> {
    fn is_to_stop(&self) -> bool {
        !self.keep_going && self.tally.found_wanting()
    }

    /// Leaves the lines behind the one at which it stopped. Those of a file are counted.
    fn leave(&mut self, lines: &Receiver<Vec<Line>>, countable: bool) {
        if countable {
            self.tally.not_asked += lines.iter().map(|batch| count(&batch)).sum::<u64>();
        } else {
            self.tally.uncounted = true;
        }
    }

    /// Applies a batch of lines; a bad line stands between the acts before it and those behind it.
    fn batch(&mut self, batch: Vec<Line>) -> Result<(), Failure> {
        let mut acts: Vec<ActLine> = Vec::with_capacity(batch.len());
        let mut lines = batch.into_iter();
        while let Some(line) = lines.next() {
            match line {
                Ok(act) => acts.push(act),
                Err(error) => {
                    self.record(std::mem::take(&mut acts))?;
                    if self.is_to_stop() {
                        self.tally.not_asked += 1;
                    } else {
                        self.bad_line(&error)?;
                    }
                    if self.is_to_stop() {
                        self.tally.not_asked += lines.map(|_| 1).sum::<u64>();
                        return Ok(());
                    }
                }
            }
        }
        self.record(acts)
    }

    fn record(&mut self, lines: Vec<ActLine>) -> Result<(), Failure> {
        if lines.is_empty() {
            return Ok(());
        }
        let (numbers, acts): (Vec<u64>, Vec<_>) =
            lines.into_iter().map(|line| (line.line, line.act)).unzip();
        let on_refusal = if self.keep_going { OnRefusal::GoOn } else { OnRefusal::Stop };
        let mut failed = None;
        for (line, answer) in numbers.into_iter().zip(self.ledger.record_many(acts, on_refusal)) {
            match answer {
                Ok(receipt) => self.recorded(&receipt),
                Err(RecordError::NotAsked) => self.tally.not_asked += 1,
                Err(error @ RecordError::Refused(_)) => self.refused(line, error)?,
                Err(error) => {
                    self.tally.uncertain += 1;
                    failed.get_or_insert(Failure::NotRecorded(error));
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    fn recorded(&mut self, receipt: &Receipt) {
        if receipt.repeated {
            self.tally.repeated += 1;
        } else {
            self.tally.recorded += 1;
        }
    }

    fn refused(&mut self, line: u64, error: RecordError) -> Result<(), Failure> {
        self.tally.refused += 1;
        let RecordError::Refused(refusal) = error else { return Ok(()) };
        let hint = naming::hint(&refusal, &self.ledger.view(Known::Head)?);
        let refused = Refused { refusal, calendar: self.ledger.calendar().clone(), hint };
        if self.desk.json {
            return self.desk.answer(&json!({ "line": line, "refused": refused.json() }));
        }
        self.desk.complain(format_args!("line {line}: {}", refused.text(self.desk.paint_errors)));
        Ok(())
    }

    fn bad_line(&mut self, error: &ExchangeError) -> Result<(), Failure> {
        self.tally.bad_lines += 1;
        if self.desk.json {
            return self.desk.answer(&json!({
                "line": error.place.line,
                "bad_line": {
                    "code": error.code(),
                    "column": error.place.column,
                    "path": error.place.path,
                    "sentence": error.to_string(),
                },
            }));
        }
        self.desk.complain(error);
        Ok(())
    }
}

fn summary(tally: &Tally, ledger: &Ledger, desk: &mut Desk) -> Result<(), Failure> {
    let view = ledger.view(Known::Head)?;
    let basis = BasisForm::of(&view, None, ledger.calendar());
    if desk.json {
        return desk.answer(&json!({
            "basis": basis,
            "recorded": tally.recorded,
            "already_there": tally.repeated,
            "refused": tally.refused,
            "bad_lines": tally.bad_lines,
            "not_asked": (!tally.uncounted).then_some(tally.not_asked),
            "uncertain": tally.uncertain,
        }));
    }
    let mut parts = vec![format!("{} recorded", tally.recorded)];
    let rest = [
        (tally.repeated, "already there"),
        (tally.refused, "refused"),
        (tally.bad_lines, "not readable"),
        (tally.uncertain, "not known to be recorded"),
        (if tally.uncounted { 0 } else { tally.not_asked }, "not asked"),
    ];
    let rest = rest.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(rest.map(|(count, what)| format!("{count} {what}")));
    if tally.uncounted {
        parts.push("what follows not asked".into());
    }
    desk.say(parts.join(", "))?;
    desk.whisper(basis.footer(None, ledger.calendar()))
}

/// The stream, and its length where it is known.
fn open(path: &Path) -> Result<(Box<dyn BufRead + Send>, Option<u64>), Failure> {
    if path == Path::new("-") {
        return Ok((Box::new(BufReader::new(io::stdin())), None));
    }
    let unreadable = |source| Failure::File { doing: "read", path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    let length = metadata.is_file().then_some(metadata.len());
    Ok((Box::new(BufReader::with_capacity(1 << 20, file)), length))
}

/// Reads and parses on another thread, some batches ahead.
fn read_ahead(
    input: Box<dyn BufRead + Send>,
    calendar: Calendar,
    done: Arc<AtomicU64>,
) -> Result<Receiver<Vec<Line>>, Failure> {
    let (ahead, lines) = sync_channel(WAITING);
    let input = Counted { input, done };
    let read = move || read_batches(ActReader::new(input, calendar), &ahead);
    let started = thread::Builder::new().name("sanad-reader".into()).spawn(read);
    started.map_err(|error| Failure::Misread(format!("no thread could be started: {error}")))?;
    Ok(lines)
}

fn read_batches(mut acts: impl Iterator<Item = Line>, ahead: &SyncSender<Vec<Line>>) {
    loop {
        let batch: Vec<Line> = acts.by_ref().take(BATCH).collect();
        // Whoever no longer waits has ended the command.
        if batch.is_empty() || ahead.send(batch).is_err() {
            return;
        }
    }
}

/// Counts the bytes that were read.
struct Counted<R> {
    input: R,
    done: Arc<AtomicU64>,
}

impl<R: BufRead> io::Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.count(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count(amount);
        self.input.consume(amount);
    }
}

impl<R> Counted<R> {
    fn count(&self, bytes: usize) {
        self.done.fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
    }
}
