//! Asking one witness.

use std::time::Duration;

use sanad_audit_log::note::{NoteSignature, VerifierKey};
use sanad_audit_log::tree::ConsistencyProof;
use sanad_audit_log::witness::{AddCheckpoint, cosignatures_from, size_from};
use sanad_audit_log::{OpenedCheckpoint, PosixSeconds};

use crate::fetch_error::FetchError;
use crate::http::{self, BaseUrl, HttpAnswer};
use crate::outcome::Outcome;

/// How often a witness is asked before it is given up: somebody else may ask it at the same time.
const TRIES: u32 = 3;
/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 65_536;
/// How much of what a witness says for people is shown, in characters.
const MAX_SAID: usize = 300;

/// One witness to be asked for one cosignature.
pub(crate) struct Question {
    pub(crate) witness: VerifierKey,
    pub(crate) url: String,
    pub(crate) checkpoint: OpenedCheckpoint,
    /// The size that the witness is believed to have cosigned last.
    pub(crate) old: u64,
    pub(crate) limit: Duration,
}

/// What a witness gave: a cosignature that holds, and when it was made.
pub(crate) type Given = (NoteSignature, PosixSeconds);

impl Question {
    /// Asks, with a proof from where the witness is. `proof` makes one for the size that it is given.
    pub(crate) fn ask(
        &self,
        proof: &mut dyn FnMut(u64) -> Result<ConsistencyProof, String>,
    ) -> Result<Given, Outcome> {
        let url = BaseUrl::parse(&self.url).map_err(Outcome::NotReached)?;
        let (address, agent) = (url.join("add-checkpoint"), url.agent(self.limit));
        let size = self.checkpoint.claimed().size();
        let mut old = self.old.min(size);
        for _ in 0..TRIES {
            let proof = proof(old).map_err(|why| Outcome::NoProof { old, why })?;
            let body = AddCheckpoint::new(&proof, self.checkpoint.clone()).to_string();
            let sent = agent.post(&address).content_type("text/plain; charset=utf-8").send(body);
            let answer = http::read(sent, &address, MAX_ANSWER).map_err(unread)?;
            match answer.status.as_u16() {
                200 => return self.cosignature(&answer.body),
                409 => old = self.told_size(&answer, old)?,
                422 => return Err(Outcome::OtherHistory { said: said(&answer.body) }),
                status => return Err(Outcome::Refused { status, said: said(&answer.body) }),
            }
        }
        let why = format!("it named another size each of {TRIES} times, lastly {old}");
        Err(Outcome::Nonsense { why })
    }

    /// The size in a 409, from which the checkpoint can be asked for again.
    fn told_size(&self, answer: &HttpAnswer, old: u64) -> Result<u64, Outcome> {
        let nonsense = |why: &str| Outcome::Nonsense { why: why.to_owned() };
        if answer.content_type.as_deref() != Some("text/x.tlog.size") {
            return Err(nonsense("its status 409 is not of the type text/x.tlog.size"));
        }
        match size_from(&answer.body) {
            None => Err(nonsense("its status 409 tells no size")),
            Some(size) if size == old => {
                Err(nonsense("its status 409 tells the size that it was asked with"))
            }
            Some(size) if size > self.checkpoint.claimed().size() => Err(Outcome::Ahead { size }),
            Some(size) => Ok(size),
        }
    }

    /// The cosignature in a 200 that is by this witness and holds. What else is there is ignored.
    fn cosignature(&self, body: &[u8]) -> Result<Given, Outcome> {
        let nonsense = |why: String| Outcome::Nonsense { why };
        let lines = cosignatures_from(body).map_err(|error| nonsense(error.to_string()))?;
        let mut by_it = lines.into_iter().filter(|line| self.witness.is_named_by(line));
        let none = || nonsense("it holds no cosignature by the key in the policy".to_owned());
        let line = by_it.next().ok_or_else(none)?;
        let at = cosigned_at(&self.checkpoint, &self.witness, line.clone());
        Ok((line, at.map_err(nonsense)?))
    }
}

/// When the witness made this cosignature of the checkpoint, if it holds.
fn cosigned_at(
    checkpoint: &OpenedCheckpoint,
    witness: &VerifierKey,
    line: NoteSignature,
) -> Result<PosixSeconds, String> {
    let mut note = checkpoint.note().clone();
    note.add(line).map_err(|error| error.to_string())?;
    let known = note.verify(std::slice::from_ref(witness)).map_err(|error| error.to_string())?;
    let times = known.iter().filter_map(|known| known.cosigned_at());
    times.max().ok_or_else(|| "the key in the policy is not a witness's".to_owned())
}

fn unread(error: FetchError) -> Outcome {
    match error {
        FetchError::TooLong { most, .. } => {
            Outcome::Nonsense { why: format!("it has more than {most} bytes") }
        }
        error => Outcome::NotReached(error),
    }
}

/// What a witness says for people, on one line and without what moves a terminal's cursor.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    let said: String = text.trim().chars().take(MAX_SAID).map(shown).collect();
    if said.is_empty() { "it said nothing else".to_owned() } else { said }
}
