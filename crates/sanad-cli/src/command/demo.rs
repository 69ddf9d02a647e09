//! `sanad demo`: the founding case, told step by step with the commands that a person would type.
//!
//! Every step is parsed and run by the same code as the command line. Only the clock and the identifiers are the
//! story's own, so that it prints the same every time.

mod clock;
mod story;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser};
use sanad::{Auditor, Event, GrantId, Sequence, Surroundings};
use serde_json::json;

use crate::arguments::Arguments;
use crate::desk::Desk;
use crate::failure::{Ending, Failure};
use crate::paint::Tone;
use clock::StoryTime;
use story::{AFTERWORD, FOREWORD, STORY, Step};

/// See a whole story: the 2,000 MW of surplus electricity.
///
/// It goes from the announcement to an audit. The ledger stays, so that you can go on exploring it.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// A new folder for the ledger [default: the one of --ledger, or a new one among the temporary files]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, desk: &mut Desk) -> Result<Ending, Failure> {
        let folder = match self.folder.or_else(|| desk.folder.clone()) {
            Some(folder) => folder,
            None => temporary()?,
        };
        let time = Arc::new(StoryTime::default());
        desk.folder = Some(folder.clone());
        desk.surroundings = Surroundings { clock: time.clone(), ids: time.clone() };
        let place = folder.display().to_string();
        let mut telling = Telling { desk, time, grants: HashMap::new(), place };
        telling.prose(FOREWORD)?;
        for step in STORY {
            telling.step(step)?;
        }
        telling.prose(AFTERWORD)?;
        Ok(Ending::Done)
    }
}

/// A folder that outlives the command.
fn temporary() -> Result<PathBuf, Failure> {
    let made = tempfile::Builder::new().prefix("sanad-demo-").tempdir();
    let unmade =
        |source| Failure::File { doing: "make a folder in", path: std::env::temp_dir(), source };
    Ok(made.map_err(unmade)?.keep().join("surplus.ledger"))
}

struct Telling<'a> {
    desk: &'a mut Desk,
    time: Arc<StoryTime>,
    /// The grants that later steps speak of, by the names that the story gives them.
    grants: HashMap<&'static str, GrantId>,
    place: String,
}

impl Telling<'_> {
    /// Tells a passage; programs are told only the steps.
    fn prose(&mut self, paragraphs: &[&str]) -> Result<(), Failure> {
        if self.desk.json {
            return Ok(());
        }
        for paragraph in paragraphs {
            self.desk.tell(&paragraph.replace("{ledger}", &quoted(&self.place)))?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), Failure> {
        self.time.set(step.recorded_at);
        let words: Vec<String> = step.words.iter().map(|word| self.filled(word)).collect();
        let typed: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let typed = format!("sanad {}", typed.join(" "));
        if self.desk.json {
            self.desk.answer(&json!({ "step": step.caption, "command": typed }))?;
        } else {
            if !step.caption.is_empty() {
                self.desk.say("")?;
                self.desk.tell(step.caption)?;
            }
            let prompt = self.desk.paint.apply(Tone::Heading, &format!("$ {typed}"));
            self.desk.say(prompt)?;
        }
        self.run(step, words)?;
        if let Some(name) = step.names {
            let grant = newest_grant(&Auditor::open(&self.desk.folder()?)?)?;
            self.grants.extend(grant.map(|grant| (name, grant)));
        }
        Ok(())
    }

    /// Runs what was typed, exactly as the command line does.
    fn run(&mut self, step: &Step, words: Vec<String>) -> Result<(), Failure> {
        let words = std::iter::once("sanad".to_owned()).chain(words);
        let arguments = Arguments::try_parse_from(words)
            .map_err(|error| Failure::Misread(format!("the story is mistyped: {error}")))?;
        match arguments.command.run(self.desk) {
            Err(Failure::Refused(refused)) if Some(refused.refusal.code()) == step.refused => {
                let failure = Failure::Refused(refused);
                match failure.text(self.desk.json, self.desk.paint) {
                    Some(text) => self.desk.say(text),
                    None => Ok(()),
                }
            }
            Err(failure) => Err(failure),
            Ok(_) => Ok(()),
        }
    }

    /// A word with the ledger's folder, or a grant's short id, in the place of its name.
    fn filled(&self, word: &str) -> String {
        let name = word.strip_prefix('{').and_then(|word| word.strip_suffix('}'));
        match name {
            Some("ledger") => self.place.clone(),
            Some(name) => match self.grants.get(name) {
                Some(grant) => grant.to_string().chars().take(8).collect(),
                None => word.to_owned(),
            },
            None => word.to_owned(),
        }
    }
}

/// A word as it is typed in a shell. Nothing is put around right-to-left words: what is shown can be copied.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,".contains(c);
    if word.chars().all(plain) && !word.is_empty() {
        word.to_owned()
    } else {
        format!("\"{word}\"")
    }
}

/// The grant of the last entry.
fn newest_grant(auditor: &Auditor) -> Result<Option<GrantId>, Failure> {
    let Some(last) = auditor.head().size.checked_sub(1) else { return Ok(None) };
    let entry = auditor.entry(Sequence(last))?.recorded.entry;
    let granted = |event: &Event| match event {
        Event::Granted(granted) => Some(granted.grant),
        _ => None,
    };
    Ok(entry.events().iter().find_map(granted))
}
