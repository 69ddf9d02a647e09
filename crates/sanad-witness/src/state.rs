//! What a witness knows of its logs, kept before it is said.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sanad_audit_log::note::{CosignerKey, KeyName, MAX_NOTE, VerifierKey};
use sanad_audit_log::witness::{AddCheckpoint, LogState, OriginHash, decide};
use sanad_audit_log::{OpenedCheckpoint, PosixSeconds};

use crate::error::StateError;
use crate::folder::Folder;
use crate::kept::{Kept, with_signatures};
use crate::key_file;
use crate::reply::Reply;
use crate::roll::{self, Roll, Statement};
use crate::unlawful::{MAX_UNLAWFUL, UnlawfulHistory};

/// A witness's folder, open: its key, and for each of its logs the checkpoint that it cosigned last.
///
/// Safe to use from any thread. Comparing a request with what was cosigned last, and keeping the
/// new checkpoint durably, is one step under the log's lock, and the cosignature is given out after
/// it. So no two cosignatures of one log contradict one another, whatever is asked at once and
/// wherever the process ends.
///
/// ```
/// use sanad_audit_log::note::CosignerKey;
/// use sanad_witness::{Statement, WitnessState};
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("witness");
/// let key = CosignerKey::from_seed("witness.example/audit".parse()?, &[8; 32]);
/// let mut state = WitnessState::create(&folder, &key, Statement::Consistent)?;
/// state.enrol(&"ledger.example/pk".parse()?)?;
/// drop(state);
/// let state = WitnessState::open(&folder)?;
/// assert_eq!(state.last(&"ledger.example/pk".parse()?).map(|last| last.size()), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WitnessState {
    folder: Folder,
    key: CosignerKey,
    roll: Roll,
    logs: BTreeMap<KeyName, Mutex<LogRecord>>,
}

/// What is known of one log.
#[derive(Debug)]
struct LogRecord {
    kept: Kept,
    unlawful: Option<UnlawfulHistory>,
}

impl WitnessState {
    /// Creates a witness in a new or empty folder. The key is written to it, for its owner's eyes
    /// only; it must be used for nothing else.
    ///
    /// # Errors
    /// [`StateError`] where something lies there already or cannot be written.
    pub fn create(
        folder: &Path,
        key: &CosignerKey,
        statement: Statement,
    ) -> Result<Self, StateError> {
        let folder = Folder::create(folder)?;
        key_file::write(&folder, key)?;
        // Last: where this file is, the others are.
        let roll = Roll { key: key.verifier_key(), statement, logs: Vec::new() };
        roll.write(&folder)?;
        Ok(Self { folder, key: key.clone(), roll, logs: BTreeMap::new() })
    }

    /// Opens a witness's folder. One process at a time can have it open.
    ///
    /// # Errors
    /// [`StateError`] where there is none, another process has it, or a file is missing, damaged,
    /// a symbolic link, or a key that others may read. What is damaged is never taken for a log
    /// that was not cosigned yet.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        let not_a_witness = || StateError::NotAWitness { path: path.to_owned() };
        // Before the lock, which would put a file into somebody else's folder.
        if !roll::lies_in(path) {
            return Err(not_a_witness());
        }
        let folder = Folder::open(path)?;
        let roll = Roll::read(&folder)?.ok_or_else(not_a_witness)?;
        let key = key_file::read(&folder)?;
        if key.verifier_key() != roll.key {
            let why = "it is not the key that the witness was created with".to_owned();
            return Err(StateError::Damaged { path: folder.path("key"), why });
        }
        let mut logs = BTreeMap::new();
        for origin in &roll.logs {
            let record = LogRecord::read(&folder, origin, &key)?;
            if logs.insert(origin.clone(), Mutex::new(record)).is_some() {
                let (path, why) = (folder.path("witness"), format!("{origin} stands there twice"));
                return Err(StateError::Damaged { path, why });
            }
        }
        Ok(Self { folder, key, roll, logs })
    }

    /// Takes a log on, of which nothing was cosigned yet.
    ///
    /// # Errors
    /// [`StateError::AlreadyEnrolled`], and [`StateError::Damaged`] where a checkpoint lies in the
    /// folder of a log that is not on the roll.
    pub fn enrol(&mut self, origin: &KeyName) -> Result<(), StateError> {
        if self.logs.contains_key(origin) {
            return Err(StateError::AlreadyEnrolled { origin: origin.clone() });
        }
        let (name, never) = (checkpoint_file(origin), Kept::never(origin));
        match self.folder.read(&name, MAX_NOTE)? {
            // An enrolment that was cut off before the roll was written left this.
            Some(text) if text == never.to_text() => {}
            None => self.folder.put(&name, &never.to_text())?,
            Some(_) => {
                let why = format!("the log {origin} is not on the roll, and was cosigned");
                return Err(StateError::Damaged { path: self.folder.path(&name), why });
            }
        }
        let mut roll = self.roll.clone();
        roll.logs.push(origin.clone());
        roll.write(&self.folder)?;
        self.roll = roll;
        let record = LogRecord { kept: never, unlawful: None };
        self.logs.insert(origin.clone(), Mutex::new(record));
        Ok(())
    }

    /// The witness's public key, to be written into policies.
    pub fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key()
    }

    /// What its cosignature states.
    pub const fn statement(&self) -> Statement {
        self.roll.statement
    }

    /// The logs that were enrolled, in that order.
    pub fn origins(&self) -> &[KeyName] {
        &self.roll.logs
    }

    /// The size and root of a log that were cosigned last; `None` if it is not enrolled.
    pub fn last(&self, origin: &KeyName) -> Option<LogState> {
        Some(self.record(origin)?.kept.state())
    }

    /// The checkpoint of a log that was cosigned last, as its log and this witness signed it.
    pub fn checkpoint(&self, origin: &KeyName) -> Option<OpenedCheckpoint> {
        self.record(origin)?.kept.checkpoint().cloned()
    }

    /// What is remembered of a log whose history is not lawful.
    pub fn unlawful(&self, origin: &KeyName) -> Option<UnlawfulHistory> {
        self.record(origin)?.unlawful.clone()
    }

    /// Compares a request with what was cosigned last, keeps the new checkpoint, and only then
    /// gives the cosignature: one step, whoever else asks.
    ///
    /// What else a witness asks of a history, it has asked before.
    ///
    /// # Errors
    /// [`StateError`] where the log is not enrolled or the checkpoint could not be kept. Then
    /// nothing was signed, as far as anybody else can know.
    pub fn advance(
        &self,
        request: &AddCheckpoint,
        log_keys: &[VerifierKey],
        at: PosixSeconds,
    ) -> Result<Reply, StateError> {
        let origin = request.checkpoint().claimed().origin();
        let not_enrolled = || StateError::NotEnrolled { origin: origin.clone() };
        let mut record = self.record(origin).ok_or_else(not_enrolled)?;
        let consistent = match decide(request, Some(log_keys), &record.kept.state()) {
            Ok(consistent) => consistent,
            Err(refused) => return Ok(refused.into()),
        };
        if let Some(unlawful) = record.forbids(consistent.checkpoint().size()) {
            return Ok(Reply::Unlawful(Box::new(unlawful.clone())));
        }
        let answer = consistent.cosign(&self.key, at);
        let name = checkpoint_file(origin);
        let too_much = |why| StateError::Damaged { path: self.folder.path(&name), why };
        let kept = Kept::after(request.checkpoint(), log_keys, &answer).map_err(too_much)?;
        self.folder.put(&name, &kept.to_text())?;
        record.kept = kept;
        Ok(Reply::Protocol(answer))
    }

    /// Remembers that a log's history is not lawful. The first such entry stays.
    ///
    /// # Errors
    /// [`StateError`] where the log is not enrolled or the file cannot be written.
    pub fn condemn(&self, origin: &KeyName, unlawful: UnlawfulHistory) -> Result<(), StateError> {
        let not_enrolled = || StateError::NotEnrolled { origin: origin.clone() };
        let mut record = self.record(origin).ok_or_else(not_enrolled)?;
        if record.unlawful.is_none() {
            self.folder.put(&unlawful_file(origin), &unlawful.to_text())?;
            record.unlawful = Some(unlawful);
        }
        Ok(())
    }

    /// Keeps a checkpoint that its log signed and that contradicts the one cosigned last, unless
    /// one is kept already: the same size, another root. The two prove that the log showed two
    /// histories. Gives whether it is such a one; `log_keys` have signed it.
    ///
    /// # Errors
    /// [`StateError`] where the file cannot be written.
    pub fn keep_conflict(
        &self,
        asked: &OpenedCheckpoint,
        log_keys: &[VerifierKey],
    ) -> Result<bool, StateError> {
        let claimed = asked.claimed();
        let Some(record) = self.record(claimed.origin()) else { return Ok(false) };
        let last = record.kept.state();
        if claimed.size() != last.size() || claimed.root() == last.root() {
            return Ok(false);
        }
        let name = conflict_file(claimed.origin());
        if self.folder.open_file(&name)?.is_none() {
            let by_log = asked.note().signatures().iter();
            let by_log = by_log.filter(|line| log_keys.iter().any(|key| key.is_named_by(line)));
            let path = || self.folder.path(&name);
            let evidence = with_signatures(asked, by_log)
                .map_err(|why| StateError::Damaged { path: path(), why })?;
            self.folder.put(&name, &evidence.note().to_string())?;
        }
        Ok(true)
    }

    fn record(&self, origin: &KeyName) -> Option<MutexGuard<'_, LogRecord>> {
        // What is kept changes in one assignment, so a thread that panicked left it whole.
        Some(self.logs.get(origin)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LogRecord {
    fn read(folder: &Folder, origin: &KeyName, key: &CosignerKey) -> Result<Self, StateError> {
        let name = checkpoint_file(origin);
        let damaged = |why| StateError::Damaged { path: folder.path(&name), why };
        let gone = || damaged(format!("it is gone, and {origin} is on the roll"));
        let text = folder.read(&name, MAX_NOTE)?.ok_or_else(gone)?;
        let kept = Kept::parse(&text, origin, key).map_err(damaged)?;
        let name = unlawful_file(origin);
        let damaged = |why| StateError::Damaged { path: folder.path(&name), why };
        let unlawful = folder.read(&name, MAX_UNLAWFUL)?;
        let unlawful = unlawful.map(|text| UnlawfulHistory::parse(&text, origin));
        Ok(Self { kept, unlawful: unlawful.transpose().map_err(damaged)? })
    }

    fn forbids(&self, size: u64) -> Option<&UnlawfulHistory> {
        self.unlawful.as_ref().filter(|unlawful| unlawful.is_in(size))
    }
}

fn checkpoint_file(origin: &KeyName) -> String {
    format!("{}.checkpoint", OriginHash::of(origin))
}

fn unlawful_file(origin: &KeyName) -> String {
    format!("{}.unlawful", OriginHash::of(origin))
}

fn conflict_file(origin: &KeyName) -> String {
    format!("{}.conflict", OriginHash::of(origin))
}
