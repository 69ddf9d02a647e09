//! A ledger that records.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock};

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::{Identity, LedgerId, OpenedCheckpoint};
use sanad_core::{Act, RecordedTime, State, Title};
use sanad_event_store::{EventStore, FileReader, FileStore, Opened, Options};
use sanad_projection::Known;

use crate::act_builder::{ActBuilder, ActError};
use crate::batch::Batch;
use crate::book::SharedBook;
use crate::calendar::Calendar;
use crate::committer::{Committer, SealedRecords, SharedStore};
use crate::desk::{Belt, Desk};
use crate::entry_ids::EntryIds;
use crate::error::{LedgerError, RecordError};
use crate::opening::{OpenedBook, Opening, open_book};
use crate::progress::Progress;
use crate::proving::{ProvingError, signed};
use crate::receipt::{DryRun, Receipt};
use crate::remembrance::Remembrance;
use crate::request::OnRefusal;
use crate::reread::Reread;
use crate::sequencer::{Committing, Sequencer};
use crate::surroundings::Surroundings;
use crate::tray::Submitted;
use crate::view::{Shared, View, basis};

/// What a new ledger is to be.
#[derive(Debug, Clone)]
pub struct CreateOptions {
    /// What it is called.
    pub title: Option<Title>,
    /// The IANA name of the time zone in which dates are meant.
    pub time_zone: String,
    /// The name under which its checkpoints will be known, such as `ministry.example/surplus`; made from its id where
    /// it is left out.
    pub origin: Option<String>,
    /// The clock and the source of identifiers.
    pub surroundings: Surroundings,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self {
            title: None,
            time_zone: "UTC".into(),
            origin: None,
            surroundings: Surroundings::default(),
        }
    }
}

/// A ledger open for recording: one per folder at a time, usable from any number of threads.
///
/// ```
/// use sanad::{Act, Command, CreateOptions, Ledger, RegisterHolder};
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("ledger");
/// let ledger = Ledger::create(&folder, CreateOptions::default())?;
/// let register = Command::RegisterHolder(RegisterHolder { holder: "acme".parse()?, title: "Acme".parse()? });
/// let receipt = ledger.record(Act::new("mof".parse()?, vec![register]))?;
/// assert_eq!(receipt.sequence.0, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Ledger {
    reader: FileReader,
    identity: Identity,
    calendar: Calendar,
    opening: Opening,
    book: Arc<SharedBook>,
    desk: Desk,
}

impl Ledger {
    /// Makes a ledger in a new or empty folder and opens it.
    ///
    /// # Errors
    /// [`LedgerError`] by cause; a folder that holds anything is refused.
    pub fn create(folder: &Path, options: CreateOptions) -> Result<Self, LedgerError> {
        let calendar = Calendar::new(&options.time_zone)?;
        let id = options.surroundings.ids.ledger_id();
        let origin = options.origin.unwrap_or_else(|| format!("sanad/{id}"));
        let title = options.title.as_ref().map_or("", Title::as_str);
        let created_at_us = options.surroundings.clock.now().us();
        let identity =
            Identity::new(LedgerId::new(id), created_at_us, calendar.name(), &origin, title)?;
        FileStore::create(folder, &identity)?;
        Self::open(folder, options.surroundings, &mut |_| {})
    }

    /// Opens a ledger for recording, with the machine's clock and random identifiers.
    ///
    /// # Errors
    /// [`LedgerError`] by cause: no ledger there, another writer, damage.
    pub fn open_here(folder: &Path) -> Result<Self, LedgerError> {
        Self::open(folder, Surroundings::default(), &mut |_| {})
    }

    /// Opens a ledger for recording. `progress` hears how far a long replay has come.
    ///
    /// A torn tail (an append that never finished) is cut and kept aside; what the ledger remembers is rebuilt where
    /// it is missing or damaged; [`opening`](Ledger::opening) tells of both.
    ///
    /// # Errors
    /// [`LedgerError`] by cause: no ledger there, another writer, damage.
    pub fn open(
        folder: &Path,
        surroundings: Surroundings,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, LedgerError> {
        Self::open_with(folder, Options::default(), surroundings, progress)
    }

    /// As [`Ledger::open`], with a log of other options.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    #[doc(hidden)]
    pub fn open_with(
        folder: &Path,
        options: Options,
        surroundings: Surroundings,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, LedgerError> {
        let Opened { store, recovery, memory, memory_lost } = FileStore::open(folder, options)?;
        let (identity, reader) = (store.identity().clone(), store.reader());
        let calendar = Calendar::new(identity.time_zone())?;
        let OpenedBook { book, recalled, lost } =
            open_book(&reader, store.head(), memory.as_ref(), progress)?;
        let state =
            State::from_facts(book.projection.all_facts()).map_err(LedgerError::Unlawful)?;
        let replayed = book.head().size - recalled;
        let memory_rebuilt = lost || memory_lost.is_some();
        let opening = Opening { recovery, memory_rebuilt, replayed };
        let mut remembrance = Remembrance::new(memory, recalled);
        remembrance.catch_up(&book, lost, &store);
        let (epoch, sealer) = (store.epoch(), store.sealer());
        let ids: EntryIds = book.projection.entry_ids().collect();
        // Recovery tells a later append by its time: nothing may be recorded before the ledger was created.
        let created = RecordedTime::from_us(identity.created_at_us()).ok();
        let last = book.projection.last_recorded_at(book.head().size).max(created);
        let book = Arc::new(SharedBook::new(book));
        let (batches, to_commit) = sync_channel(1);
        let (given_back, spent) = sync_channel(1);
        let store: SharedStore = Arc::new(Mutex::new(Box::new(store)));
        let broken = Arc::new(OnceLock::new());
        let committer = Arc::new(Mutex::new(Committer {
            store: Arc::clone(&store),
            epoch,
            sealer,
            records: SealedRecords::default(),
            book: Arc::clone(&book),
            remembrance,
            broken: Arc::clone(&broken),
        }));
        let committing = Committing {
            committer: Arc::clone(&committer),
            batches,
            spent,
            free: Some(Batch::default()),
            store,
            book: Arc::clone(&book),
            broken,
        };
        let sequencer = Sequencer {
            state,
            last,
            ids,
            surroundings,
            committing,
            reread: Reread::default(),
            batch: Batch::default(),
        };
        let desk = Desk::open(sequencer, committer, Belt { to_commit, given_back })?;
        Ok(Self { reader, identity, calendar, opening, book, desk })
    }

    /// What identifies the ledger.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The calendar in which the ledger's dates are meant.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// An act to be put together: dates in it are read in the ledger's calendar.
    ///
    /// # Errors
    /// [`ActError`] where `actor` is no identifier.
    pub fn act(&self, actor: &str) -> Result<ActBuilder, ActError> {
        ActBuilder::new(actor, &self.calendar)
    }

    /// What opening the ledger had to do.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Records an act: when this returns, the entry is durable, or the act was refused and nothing has changed.
    /// Safe to call from any thread; callers that wait at the same time share one append.
    ///
    /// An act with the id of an entry that stands gets the first receipt again if it asks for the same, so a retry is
    /// safe.
    ///
    /// # Errors
    /// [`RecordError::Refused`] by a rule; anything else means that it is not known to be recorded.
    pub fn record(&self, act: Act) -> Result<Receipt, RecordError> {
        self.record_many(vec![act], OnRefusal::GoOn).pop().unwrap_or(Err(RecordError::Closed))
    }

    /// Records acts in order, each an entry of its own, sharing appends; one answer an act, in the same order. A
    /// refusal refuses only its own act; `on_refusal` says what becomes of the ones behind it.
    #[must_use]
    pub fn record_many(
        &self,
        acts: Vec<Act>,
        on_refusal: OnRefusal,
    ) -> Vec<Result<Receipt, RecordError>> {
        self.desk.record(acts, on_refusal)
    }

    /// Hands acts in to be recorded and does not wait: [`Submitted::wait`] gives the answers. A caller that prepares
    /// its next acts meanwhile keeps both the rules and the disk busy. Waits only where too many acts wait already.
    ///
    /// ```
    /// # use sanad::{Act, Command, CreateOptions, Ledger, OnRefusal, RegisterHolder};
    /// # let folder = tempfile::tempdir()?;
    /// # let ledger = Ledger::create(&folder.path().join("ledger"), CreateOptions::default())?;
    /// # let register = |holder: &str| -> Result<Act, Box<dyn std::error::Error>> {
    /// #     let register = RegisterHolder { holder: holder.parse()?, title: "Acme".parse()? };
    /// #     Ok(Act::new("mof".parse()?, vec![Command::RegisterHolder(register)]))
    /// # };
    /// let first = ledger.submit(vec![register("acme")?], OnRefusal::GoOn);
    /// let second = ledger.submit(vec![register("acme-two")?], OnRefusal::GoOn);
    /// assert!(first.wait().iter().chain(&second.wait()).all(Result::is_ok));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn submit(&self, acts: Vec<Act>, on_refusal: OnRefusal) -> Submitted {
        self.desk.submit(acts, on_refusal)
    }

    /// What recording an act would do now. Nothing is recorded.
    ///
    /// # Errors
    /// As [`record`](Ledger::record).
    pub fn dry_run(&self, act: &Act) -> Result<DryRun, RecordError> {
        self.desk.rehearse(act.clone())
    }

    /// A checkpoint of all that is acknowledged, signed. It is not kept: that is for
    /// [`KeptCheckpoints`](crate::KeptCheckpoints).
    ///
    /// # Errors
    /// [`ProvingError::NotItsKey`] where no key is named as the ledger's origin.
    pub fn checkpoint(&self, keys: &[SignerKey]) -> Result<OpenedCheckpoint, ProvingError> {
        let book = self.book.current();
        signed(&book.tree, self.identity.origin(), keys)
    }

    /// A look at the ledger as it is now, as far as it is known; what is recorded later does not change it.
    ///
    /// # Errors
    /// [`LedgerError::NotYet`] for an entry that is not there.
    pub fn view(&self, known: Known) -> Result<View<'_>, LedgerError> {
        let book = self.book.current();
        let size = book.projection.known(known).map_err(LedgerError::NotYet)?;
        let basis = basis(&book.projection, book.head(), size, &self.reader)?;
        Ok(View::new(Shared::Held(book), basis))
    }

    /// Closes the ledger: all that was asked is answered, and what the ledger remembers is written down. Dropping it
    /// does the same.
    pub fn close(self) {
        drop(self);
    }
}
