//! A publication verified against itself.

use sanad_audit_log::tile::{BundlePlace, FULL, MAX_LEVELS, TileError, TilePath, TilePlace};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{
    ChainFinding, ChainVerifier, Checkpoint, Head, Identity, RawRecord, Record, Sequence,
};

use crate::CHECKPOINT;
use crate::blame::{Claims, Difference, Judgement};
use crate::bundle::Bundle;
use crate::error::PublicationError;
use crate::finding::{FindingCause, PublicationFinding};
use crate::reader::Publication;
use crate::rows::{Row, Rows};
use crate::source::Source;
use crate::tower::Tower;

/// After so many missing or faulty files a scan ends: a checkpoint can claim any size, and nobody
/// has to serve anything for it.
pub const MOST_FAULTY: u64 = 1_000;

/// Something that a scan comes upon, in the log's order.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScanItem<'r> {
    /// A record that can be framed.
    Record(ScannedRecord<'r>),
    /// The hashes of the leaves of the bundle whose records came before, as they are concluded from
    /// the bundle and the tiles; `None` for a leaf that cannot be known.
    Leaves(&'r [Option<TreeHash>]),
    /// Something that is not as it should be.
    Finding(PublicationFinding),
}

/// A record as a scan comes upon it. A finding about it comes before it.
#[derive(Clone, Copy, Debug)]
pub struct ScannedRecord<'r> {
    /// The record.
    pub raw: RawRecord<'r>,
    /// Its place in the log.
    pub place: Sequence,
    /// The bundle that it stands in.
    pub bundle: BundlePlace,
    /// Whether it follows from the record before.
    pub is_linked: bool,
}

/// What a scan led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scanned {
    /// The chain head that was reached.
    pub head: Head,
    /// The root of the tree over the entries; `None` where too much is missing.
    pub root: Option<TreeHash>,
    /// How many records were read.
    pub records: u64,
}

/// A walk through all records and tiles that a checkpoint speaks of: the chain, every leaf against
/// the tiles, the tiles against one another, and the root against the checkpoint. It goes on after a
/// finding, and says of files that differ which one is wrong. Memory does not grow with the log.
///
/// It proves that the publication is one whole. Who signed the checkpoint, and whether the entries
/// are lawful, is for others to check.
///
/// ```no_run
/// use std::path::Path;
/// use sanad_publication::{FolderSource, Publication, PublicationScan, ScanItem};
/// let publication = Publication::new(FolderSource::new(Path::new("published")));
/// let (checkpoint, identity) = (publication.checkpoint()?, publication.identity()?);
/// let scan = PublicationScan::new(&publication, checkpoint.claimed(), &identity);
/// scan.run(&mut |item| {
///     if let ScanItem::Finding(finding) = item {
///         println!("{finding}");
///     }
/// });
/// # Ok::<(), sanad_publication::PublicationError>(())
/// ```
#[derive(Debug)]
pub struct PublicationScan<'p, S> {
    publication: &'p Publication<S>,
    checkpoint: Checkpoint,
    tower: Tower<'p, S>,
    rows: Rows,
    chain: ChainVerifier,
    /// Whether the record before is missing, so that the next one's link cannot be checked.
    is_lost: bool,
    faulty: u64,
    records: u64,
}

type Each<'e> = &'e mut dyn FnMut(ScanItem<'_>);

impl<'p, S: Source> PublicationScan<'p, S> {
    /// A scan of what `checkpoint` speaks of. The chain begins at the genesis of `identity`.
    pub fn new(
        publication: &'p Publication<S>,
        checkpoint: &Checkpoint,
        identity: &Identity,
    ) -> Self {
        Self {
            publication,
            checkpoint: checkpoint.clone(),
            tower: Tower::new(publication, checkpoint),
            rows: Rows::new(),
            chain: ChainVerifier::new(identity),
            is_lost: false,
            faulty: 0,
            records: 0,
        }
    }

    /// Walks through all of it, handing on what it comes upon.
    pub fn run(mut self, each: Each<'_>) -> Scanned {
        let size = self.checkpoint.size();
        let mut leaves = Row::new();
        for index in 0..size.div_ceil(u64::from(FULL)) {
            if self.faulty >= MOST_FAULTY {
                let first = Some(Sequence::new(index * u64::from(FULL)));
                let gave_up = FindingCause::GaveUp { faulty: self.faulty };
                find(gave_up, first, CHECKPOINT.to_owned(), each);
                return self.scanned(None);
            }
            if let Some(place) = BundlePlace::in_log(index, size) {
                leaves = self.bundle(place, each);
            }
        }
        if size.is_multiple_of(u64::from(FULL)) {
            leaves.clear();
        }
        let root = self.end(&leaves, each);
        self.scanned(root)
    }

    fn scanned(&self, root: Option<TreeHash>) -> Scanned {
        Scanned { head: self.chain.head(), root, records: self.records }
    }

    /// Checks a bundle; gives its leaves.
    fn bundle(&mut self, place: BundlePlace, each: Each<'_>) -> Row {
        let bundle = self.read_bundle(place, each);
        let width = usize::from(place.width().get());
        let mut below: Row = bundle
            .iter()
            .flat_map(|bundle| bundle.entries().map(|entry| Some(TreeHash::leaf(entry))))
            .collect();
        below.resize(width, None);
        let judged = self.judge((0, place.index()), below, bundle.as_ref(), each);
        let first = place.index() * u64::from(FULL);
        self.faulty += u64::from(!judged.below.is_empty());
        if let Some(difference) = judged.tile {
            self.tile_differs(0, place.index(), difference, each);
        }
        let mut wrong = judged.below.into_iter().peekable();
        let entries = bundle.iter().flat_map(Bundle::entries);
        for (n, entry) in entries.enumerate() {
            while let Some(Difference { expected, found, .. }) = wrong.next_if(|it| it.at <= n) {
                let cause = FindingCause::BundleDiffers { expected, found };
                let sequence = Some(Sequence::new(first + n as u64));
                find(cause, sequence, TilePath::Entries(place).to_string(), each);
            }
            self.entry(entry, Sequence::new(first + n as u64), place, each);
        }
        self.is_lost |= bundle.is_none_or(|bundle| bundle.width() != place.width());
        each(ScanItem::Leaves(&judged.row));
        if place.width().is_full() {
            self.push(0, place.index(), judged.root, each);
        }
        judged.row
    }

    /// Reads a bundle; of a faulty one what can be read.
    fn read_bundle(&mut self, place: BundlePlace, each: Each<'_>) -> Option<Bundle> {
        let error = match self.publication.bundle(place) {
            Ok(bundle) => return Some(bundle),
            Err(error) => error,
        };
        self.faulty += 1;
        let first = place.index() * u64::from(FULL);
        let whole = match &error {
            PublicationError::Tile { cause: TileError::CutOff { entry, .. }, .. } => *entry,
            PublicationError::Tile { cause: TileError::TooManyBytes { width, .. }, .. } => *width,
            _ => 0,
        };
        let (cause, file) =
            cause_of(error, FindingCause::MissingBundle, TilePath::Entries(place).to_string());
        let last = place.width().get() - 1;
        let sequence = Sequence::new(first + u64::from(whole.min(last)));
        find(cause, Some(sequence), file, each);
        self.publication.bundle_before_cut(place, whole)
    }

    /// Holds a tile against what stands below it, which is `bundle` for a tile of leaves, and above
    /// it.
    fn judge(
        &mut self,
        (level, index): (u8, u64),
        below: Row,
        bundle: Option<&Bundle>,
        each: Each<'_>,
    ) -> Judgement {
        let above = self.tower.above(level, index);
        let floor = self.tower.floor(level, index);
        let tile = floor.and_then(|floor| Some((floor.tile.as_ref()?, floor.is_proved)));
        let mut fits = (false, false);
        if let (Some((tile, false)), Some(bundle), None) = (tile, bundle, above) {
            fits = if tile.width() == FULL {
                // Between two that nobody above speaks of, the chain decides.
                let holds = self.is_lost || bundle_is_linked(&self.chain, bundle);
                (holds, !holds)
            } else {
                let said: Row = tile.hashes().map(Some).collect();
                let root = |row| self.rows.root(self.checkpoint.size(), row);
                let is_root = |row| root(row) == Some(self.checkpoint.root());
                (is_root(&below), is_root(&said))
            };
        }
        let judged = Claims { below, tile, above, fits }.judge();
        while let Some(fault) = self.tower.next_fault() {
            self.faulty += 1;
            let file = TilePath::Tile(fault.place).to_string();
            let (cause, file) = cause_of(fault.error, FindingCause::MissingTile, file);
            find(cause, Some(first_of(fault.place)), file, each);
        }
        judged
    }

    /// Takes a full tile's hash into the level above, and looks at that where it is full by it.
    fn push(&mut self, level: u8, index: u64, hash: Option<TreeHash>, each: Each<'_>) {
        let (mut level, mut index, mut hash) = (level, index, hash);
        while let Some(row) = self.rows.push(level + 1, hash) {
            (level, index) = (level + 1, index / u64::from(FULL));
            hash = self.level(level, index, row, each);
        }
    }

    /// Looks at a tile above the leaves; gives its subtree's hash.
    fn level(&mut self, level: u8, index: u64, row: Row, each: Each<'_>) -> Option<TreeHash> {
        let judged = self.judge((level, index), row, None, each);
        // Above the leaves a tile is blamed and never what stands below: that was judged already.
        if let Some(difference) = judged.tile.or(judged.below.first().copied()) {
            self.tile_differs(level, index, difference, each);
        }
        judged.root
    }

    fn tile_differs(&mut self, level: u8, index: u64, at: Difference, each: Each<'_>) {
        let Some(place) = self.tower.place(level, index) else { return };
        self.faulty += 1;
        let span = 1u64 << (8 * u32::from(level));
        let sequence = Sequence::new(first_of(place).get() + at.at as u64 * span);
        let cause = FindingCause::TileDiffers { expected: at.expected, found: at.found };
        find(cause, Some(sequence), TilePath::Tile(place).to_string(), each);
    }

    /// Checks an entry in the chain, and hands it on.
    fn entry(&mut self, entry: &[u8], place: Sequence, bundle: BundlePlace, each: Each<'_>) {
        let file = || TilePath::Entries(bundle).to_string();
        let raw = match RawRecord::exact(entry) {
            Ok(raw) => raw,
            Err(cause) => {
                let finding = ChainFinding::Undecodable { sequence: place, cause };
                find(FindingCause::Chain(finding), Some(place), file(), each);
                self.is_lost = true;
                return;
            }
        };
        self.records += 1;
        let was_lost = self.is_lost;
        let checked = match was_lost {
            true => self.find_again(raw, place),
            false => self.chain.check_raw(raw).map(|_| ()),
        };
        let is_linked = !was_lost && checked.is_ok();
        if let Err(finding) = checked {
            let sequence = Some(finding.sequence());
            find(FindingCause::Chain(finding), sequence, file(), each);
            if !was_lost {
                self.chain.resume_after(raw);
            }
        }
        each(ScanItem::Record(ScannedRecord { raw, place, bundle, is_linked }));
    }

    /// Goes on with a record before which others are missing. Its link cannot be checked; the tiles
    /// vouch for it.
    fn find_again(&mut self, raw: RawRecord<'_>, place: Sequence) -> Result<(), ChainFinding> {
        let record = Record::decode(raw)
            .map_err(|cause| ChainFinding::Undecodable { sequence: place, cause })?;
        let found = record.sequence();
        let size = found.get().saturating_add(1);
        self.chain.resume_at(Head { size, hash: record.stored_hash() });
        self.is_lost = false;
        if found == place {
            Ok(())
        } else {
            Err(ChainFinding::SequenceBreak { expected: place, found })
        }
    }

    /// Looks at the partial tiles, and at the root.
    fn end(&mut self, leaves: &[Option<TreeHash>], each: Each<'_>) -> Option<TreeHash> {
        let size = self.checkpoint.size();
        for level in 1..MAX_LEVELS {
            let row = self.rows.row(level).to_vec();
            if !row.is_empty() {
                let index = (size >> (8 * u32::from(level))) / u64::from(FULL);
                self.level(level, index, row, each);
            }
        }
        let root = self.rows.root(size, leaves);
        let expected = self.checkpoint.root();
        if let Some(found) = root.filter(|root| *root != expected && !self.tower.edge_is_proved()) {
            let cause = FindingCause::RootDiffers { expected, found };
            find(cause, size.checked_sub(1).map(Sequence::new), CHECKPOINT.to_owned(), each);
        }
        root
    }
}

fn find(cause: FindingCause, sequence: Option<Sequence>, file: String, each: Each<'_>) {
    each(ScanItem::Finding(PublicationFinding { cause, sequence, file }));
}

/// Whether a bundle's records follow from those before and from one another.
fn bundle_is_linked(chain: &ChainVerifier, bundle: &Bundle) -> bool {
    let mut chain = chain.clone();
    bundle.entries().all(|entry| Record::parse(entry).is_ok_and(|it| chain.check(&it).is_ok()))
}

/// What keeps a file from being read, as a finding about it.
fn cause_of(
    error: PublicationError,
    missing: FindingCause,
    file: String,
) -> (FindingCause, String) {
    match error {
        PublicationError::Missing { .. } => (missing, file),
        PublicationError::Tile { file, cause } => (FindingCause::Malformed(cause), file),
        PublicationError::Source(error) => (error.into(), file),
        error => (FindingCause::Unreadable { why: error.to_string() }, file),
    }
}

/// The first entry below a tile.
fn first_of(place: TilePlace) -> Sequence {
    let height = 8 * (u32::from(place.level()) + 1);
    Sequence::new(place.index().checked_shl(height).unwrap_or(u64::MAX))
}
