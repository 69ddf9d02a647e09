//! The `sanad` command: a face of the library, without rules of its own.
//!
//! | file | noun |
//! |---|---|
//! | `arguments` | the command line, and which command it names |
//! | `command/…` | one file a command |
//! | `desk` | what every command is given: ledger, clock, where answers go |
//! | `failure` | why a command ended early, and the exit codes |
//! | `act_options`, `reading`, `recording` | from arguments to an act, from an act to a receipt |
//! | `as_of`, `basis`, `naming` | which view is taken, what it was computed from, what people call things |
//! | `words`, `rows` | entries in words; what tables and JSON have in common |
//! | `key_options`, `published`, `files` | keys; what is published; files beside the ledger |
//! | `table`, `lettering`, `paint`, `meter` | tables, cells and directions, colour, progress |
//!
//! Deliberately absent: anything that decides. What is allowed is asked of [`sanad::Ledger`].

mod act_options;
mod arguments;
mod as_of;
mod basis;
mod command;
mod desk;
mod failure;
mod files;
mod key_options;
mod lettering;
mod meter;
mod naming;
mod paint;
mod published;
mod reading;
mod recording;
mod rows;
mod table;
mod words;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::desk::Desk;
use crate::failure::Ending;
use crate::paint::Paint;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut desk = Desk::new(arguments.ledger, arguments.json);
    let ended = arguments.command.run(&mut desk).and_then(|ending| {
        desk.flush()?;
        Ok(ending)
    });
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Wanting) => ExitCode::from(1),
        Ok(Ending::WantingIn(code)) => ExitCode::from(code),
        Err(failure) => {
            // What was answered before the failure is kept.
            let _ = desk.flush();
            if let Some(text) = failure.text(desk.json, Paint::for_stream(&std::io::stderr())) {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            ExitCode::from(failure.exit_code())
        }
    }
}
