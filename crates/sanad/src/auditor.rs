//! A ledger that is only read: it takes no lock and changes nothing, beside a writer or without one.

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use sanad_audit_log::{ChainVerifier, Head, Identity, RecordTree};
use sanad_core::{EntryId, GrantId, Sequence};
use sanad_event_store::{FileReader, Memory, StoreError};
use sanad_projection::{Known, Projection, ProjectionError};

use crate::calendar::Calendar;
use crate::entries::{AuditedEntry, Entries, Reading};
use crate::error::LedgerError;
use crate::evidence::Evidence;
use crate::growth::grow;
use crate::opening::{OpenedTables, open_tables};
use crate::progress::Progress;
use crate::verdict::Verdict;
use crate::verify::{Grounds, verify};
use crate::view::{Shared, View, basis};

/// A ledger open for reading, as it was when it was opened. It cannot write: no method of it does.
///
/// ```
/// use sanad::{Auditor, CreateOptions, Known, Ledger};
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("ledger");
/// Ledger::create(&folder, CreateOptions::default())?.close();
/// let auditor = Auditor::open(&folder)?;
/// assert!(auditor.verify(&mut |_| {})?.is_clean());
/// assert_eq!(auditor.view(Known::Head)?.basis().size, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Auditor {
    reader: FileReader,
    head: Head,
    /// Whether the last segment's header is sound; if not, there is no view.
    sound: bool,
    calendar: Calendar,
    /// What the ledger remembers; `None` where there is nothing that can be used.
    memory: Option<Memory>,
    tables: OnceLock<OpenedTables>,
    /// Made when somebody asks for it.
    tree: OnceLock<RecordTree>,
}

impl Auditor {
    /// Opens a ledger for reading. Cheap: nothing is replayed before it is asked for.
    ///
    /// # Errors
    /// [`LedgerError`] where the folder holds no ledger that this version can read.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let mut reader = FileReader::open(folder)?;
        let calendar = Calendar::new(reader.identity().time_zone())?;
        // Before the head is asked for: a writer remembers only what is durable, so the log goes further than this.
        let memory = reader.memory();
        reader.add_positions(memory.iter().flat_map(Memory::positions).copied());
        let (head, sound) = match reader.head_behind(memory.as_ref().and_then(Memory::head)) {
            // Which header is damaged is a verification's to say, and what stands behind it.
            Err(StoreError::Segment(_)) => (reader.claimed_head()?, false),
            head => (head?, true),
        };
        let (tables, tree) = (OnceLock::new(), OnceLock::new());
        Ok(Self { reader, head, sound, calendar, memory, tables, tree })
    }

    /// What identifies the ledger.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.reader.identity()
    }

    /// The calendar in which the ledger's dates are meant.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// How many entries the ledger had when it was opened, and the chain hash of the last.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    pub(crate) fn reader(&self) -> &FileReader {
        &self.reader
    }

    /// The tree over all records, with the chain head that it speaks of.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read.
    pub fn tree(&self) -> Result<RecordTree, LedgerError> {
        if let Some(tree) = self.tree.get() {
            return Ok(tree.clone());
        }
        let mut tree = self.tables(&mut |_| {})?.remembered.clone();
        grow(&self.reader, &mut tree, self.head.size)?;
        Ok(self.tree.get_or_init(|| tree).clone())
    }

    /// Replays what has to be replayed before a view can be given; `progress` hears how far it has come.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read.
    pub fn load(&self, progress: &mut dyn FnMut(Progress)) -> Result<(), LedgerError> {
        self.tables(progress).map(|_| ())
    }

    pub(crate) fn projection(&self) -> Result<&Projection, LedgerError> {
        Ok(&self.tables(&mut |_| {})?.projection)
    }

    fn tables(&self, progress: &mut dyn FnMut(Progress)) -> Result<&OpenedTables, LedgerError> {
        if let Some(tables) = self.tables.get() {
            return Ok(tables);
        }
        if !self.sound {
            self.reader.head()?;
        }
        let tables = open_tables(&self.reader, self.head, self.memory.as_ref(), progress)?;
        Ok(self.tables.get_or_init(|| tables))
    }

    /// A look at the ledger, as far as it is known.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read, or has no such entry.
    pub fn view(&self, known: Known) -> Result<View<'_>, LedgerError> {
        let OpenedTables { projection, head, .. } = self.tables(&mut |_| {})?;
        let size = projection.known(known).map_err(LedgerError::NotYet)?;
        let basis = basis(projection, *head, size, &self.reader)?;
        Ok(View::new(Shared::Plain(projection), basis))
    }

    /// Entries in order, from the log itself. Links are not checked here: [`verify`](Auditor::verify) does that.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger does not hold them all.
    pub fn entries(&self, range: Range<u64>) -> Result<Entries, LedgerError> {
        if range.end > self.head.size {
            return Err(StoreError::OutOfRange { asked: range.end, size: self.head.size }.into());
        }
        let count = range.end.saturating_sub(range.start);
        let reading = Reading { records: self.reader.records(range)?, chain: None };
        Entries::new(reading, count, None).map_err(LedgerError::Thread)
    }

    /// The entries that a [`view`](Auditor::view) uses, in order from the first, each checked to follow from the one
    /// before it. Nothing is replayed, so it takes no memory that grows with the history.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read, or has no such entry; what is wrong with a record is given in
    /// its place.
    pub fn entries_known(&self, known: Known) -> Result<Entries, LedgerError> {
        if !self.sound {
            self.reader.head()?;
        }
        let (whole, mut until) = (self.head.size, None);
        let size = match known {
            Known::Nothing => 0,
            Known::Head => whole,
            Known::AtEntry(asked) if asked.0 < whole => asked.0 + 1,
            Known::AtEntry(asked) => {
                let not_yet = ProjectionError::NotYet { asked, size: whole };
                return Err(LedgerError::NotYet(not_yet));
            }
            Known::At(time) => {
                until = Some(time);
                whole
            }
            other => self.projection()?.known(other).map_err(LedgerError::NotYet)?,
        };
        let chain = Some(ChainVerifier::new(self.identity()));
        let reading = Reading { records: self.reader.records(0..size)?, chain };
        Entries::new(reading, size, until).map_err(LedgerError::Thread)
    }

    /// One entry.
    ///
    /// # Errors
    /// [`LedgerError`] where the ledger does not hold it.
    pub fn entry(&self, sequence: Sequence) -> Result<AuditedEntry, LedgerError> {
        let mut entries = self.entries(sequence.0..sequence.0.saturating_add(1))?;
        entries.next().unwrap_or(Err(LedgerError::Closed))
    }

    /// The place of an entry.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read.
    pub fn find_entry(&self, entry: EntryId) -> Result<Option<Sequence>, LedgerError> {
        Ok(self.projection()?.sequence_of(entry))
    }

    /// The entries that speak of a grant, in order.
    ///
    /// # Errors
    /// [`LedgerError`] where the history cannot be read.
    pub fn entries_about_grant(&self, grant: GrantId) -> Result<Vec<Sequence>, LedgerError> {
        Ok(self.projection()?.entries_about(grant))
    }

    /// Verifies the ledger from its first byte: integrity, coverage, lawfulness and agreement, told apart. It goes on
    /// after a finding; the checkpoints that the ledger keeps are checked too. `progress` hears how far it has come.
    ///
    /// # Errors
    /// [`LedgerError`] only where nothing could be verified at all: findings are data.
    pub fn verify(&self, progress: &mut dyn FnMut(Progress)) -> Result<Verdict, LedgerError> {
        self.verify_with(&Evidence::default(), progress)
    }

    /// As [`verify`](Auditor::verify), and holds the history against checkpoints from outside too.
    ///
    /// # Errors
    /// As [`verify`](Auditor::verify).
    pub fn verify_with(
        &self,
        evidence: &Evidence,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Verdict, LedgerError> {
        let (head, memory, calendar) = (self.head, self.memory.as_ref(), &self.calendar);
        verify(&self.reader, Grounds { head, memory, evidence, calendar }, progress)
    }
}
