//! Bytes read as tiles, bundles and their paths; and as changes of a publication that is scanned, proved from and
//! mirrored.
//!
//! The first byte chooses how many entries are published, and from 128 on that they are mirrored. The others are
//! [changes](Change), one behind the other.

use std::collections::BTreeMap;
use std::rc::Rc;

use sanad_audit_log::note::SignerKey;
use sanad_audit_log::tile::{Coverage, EntryBundle, FULL, Tile, TilePath, Width, append_entry};
use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{
    Checkpoint, EntryId, Head, Identity, OpenedCheckpoint, Sealer, Unsealed, VerifiedCheckpoint,
};
use sanad_publication::{
    FindingCause, Mirror, Publication, PublicationScan, ScanItem, Scanned, Source, SourceError,
};
use uuid::Uuid;

use super::seed::Seed;
use super::{bearable, frozen};
use crate::folder::files_in;

/// How many entries are published.
const SIZES: [u64; 8] = [1, 2, 22, 255, 256, 257, 300, 513];

pub(super) fn seeds() -> Vec<Seed> {
    let flip = |size: u8, file: u8, at: u16| {
        let [low, high] = at.to_le_bytes();
        vec![size, file, 0, low, high, 1, 1]
    };
    vec![
        Seed::new("unchanged", [2]),
        Seed::new("unchanged-beyond-a-full-tile", [5]),
        Seed::new("unchanged-and-mirrored", [128 + 7]),
        Seed::new("mirrored-with-a-bit-of-a-record", flip(128 + 5, 6, 30)),
        Seed::new("a-bit-of-a-record", flip(2, 3, 100)),
        Seed::new("a-bit-of-a-tile", flip(5, 2, 40)),
        Seed::new("a-bit-of-the-checkpoint", flip(6, 0, 20)),
        Seed::new("a-bundle-cut", [5, 5, 1, 9, 1, 0]),
        Seed::new("a-tile-removed", [7, 3, 3, 0, 0, 0]),
        Seed::new("a-file-in-the-place-of-another", [7, 3, 4, 4, 0, 0]),
        Seed::new("a-bundle-in-the-place-of-the-one-before", [7, 6, 4, 7, 0, 0]),
        Seed::new("the-frozen-bundle", frozen::file("published/tile/entries/000.p/22")),
        Seed::new("the-frozen-tile", frozen::file("published/tile/0/000.p/22")),
        Seed::new("a-tiles-path", "tile/0/x001/x234/067.p/8"),
        Seed::new("a-bundles-path", "tile/entries/x001/000"),
    ]
}

pub(super) fn hold(bytes: &[u8]) {
    path(bytes);
    tile(bytes);
    bundle(bytes);
    if let Some((size, changes)) = bytes.split_first() {
        let honest = Published::of(SIZES[usize::from(size % 8)]);
        let mut shown = honest.files.clone();
        Change::each(changes, |change| change.make(&mut shown));
        published(&honest, &Shown(shown), *size);
    }
}

/// A path has one form.
fn path(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(path) = text.parse::<TilePath>()
    {
        assert_eq!(path.to_string(), text);
    }
}

/// A tile is its hashes, and narrower it is the first of them.
fn tile(bytes: &[u8]) {
    let width = u16::try_from(bytes.len() / TreeHash::SIZE).ok().and_then(Width::new);
    let Some(width) = width else { return };
    match Tile::parse(bytes, width) {
        Ok(tile) => {
            let hashes: Vec<_> = tile.hashes().collect();
            let joined: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            assert_eq!((joined.as_slice(), tile.bytes()), (bytes, bytes));
            assert_eq!(tile.root(), width.is_full().then(|| TreeHash::root(&hashes)));
            let half = Width::new(width.get().div_ceil(2)).expect("it is not zero");
            let narrow = tile.narrowed(half).expect("it is narrower");
            assert_eq!(narrow.bytes(), &bytes[..usize::from(half.get()) * TreeHash::SIZE]);
        }
        Err(error) => bearable(&error),
    }
}

/// A bundle is its entries, each behind its length; one that is cut is none.
fn bundle(bytes: &[u8]) {
    let mut entries: Vec<&[u8]> = Vec::new();
    let mut rest = bytes;
    while let Some((length, behind)) = rest.split_first_chunk()
        && let Some((entry, behind)) = behind.split_at_checked(u16::from_be_bytes(*length).into())
    {
        entries.push(entry);
        rest = behind;
    }
    for width in (1..=FULL).filter_map(Width::new) {
        let count = usize::from(width.get());
        match EntryBundle::parse_first(bytes, width) {
            Ok(bundle) => {
                assert_eq!(bundle.entries().collect::<Vec<_>>(), entries[..count]);
                let mut again = Vec::new();
                for entry in bundle.entries() {
                    append_entry(entry, &mut again).expect("it was one");
                }
                assert_eq!(again, bundle.bytes());
                let is_all = rest.is_empty() && entries.len() == count;
                assert_eq!(EntryBundle::parse(bytes, width).is_ok(), is_all);
            }
            Err(error) => {
                bearable(&error);
                assert!(entries.len() < count);
                break;
            }
        }
    }
}

/// One change of a publication: the file's number, what is done, a place of two bytes, and bytes behind their number.
struct Change<'a> {
    file: u8,
    kind: u8,
    at: u16,
    bytes: &'a [u8],
}

type Files = BTreeMap<String, Vec<u8>>;

impl<'a> Change<'a> {
    fn each(mut bytes: &'a [u8], mut each: impl FnMut(&Self)) {
        while let [file, kind, low, high, length, rest @ ..] = bytes {
            let (given, behind) = rest.split_at(rest.len().min((*length).into()));
            let at = u16::from_le_bytes([*low, *high]);
            each(&Self { file: *file, kind: *kind, at, bytes: given });
            bytes = behind;
        }
    }

    fn make(&self, files: &mut Files) {
        let numbered =
            |number: usize, files: &Files| files.keys().nth(number % files.len().max(1)).cloned();
        let Some(name) = numbered(self.file.into(), files) else { return };
        let other = numbered(self.at.into(), files).and_then(|other| files.get(&other).cloned());
        let mut bytes = files.remove(&name).unwrap_or_default();
        let at = usize::from(self.at) % (bytes.len() + 1);
        match self.kind % 6 {
            0 => bytes.iter_mut().skip(at).zip(self.bytes).for_each(|(byte, with)| *byte ^= with),
            1 => bytes.truncate(at),
            2 => drop(bytes.splice(at..at, self.bytes.iter().copied())),
            3 => return,
            4 => bytes = other.unwrap_or(bytes),
            _ => bytes.iter_mut().skip(at).zip(self.bytes).for_each(|(byte, with)| *byte = *with),
        }
        files.insert(name, bytes);
    }
}

/// A publication as it should be.
struct Published {
    identity: Identity,
    key: SignerKey,
    records: Vec<Vec<u8>>,
    leaves: Vec<TreeHash>,
    head: Head,
    files: Files,
}

thread_local! {
    static PUBLISHED: std::cell::RefCell<BTreeMap<u64, Rc<Published>>> = const {
        std::cell::RefCell::new(BTreeMap::new())
    };
}

impl Published {
    /// The publication of so many entries, made once.
    fn of(size: u64) -> Rc<Self> {
        PUBLISHED.with_borrow_mut(|made| {
            Rc::clone(made.entry(size).or_insert_with(|| Rc::new(Self::made(size))))
        })
    }

    fn made(size: u64) -> Self {
        let identity = frozen::with(|frozen| frozen.identity.clone());
        let key = SignerKey::from_seed(identity.origin().parse().expect("a name"), &[7; 32]);
        let mut sealer = Sealer::new(Head::empty(identity.genesis()), None);
        let records: Vec<_> = (0..size).map(|n| sealed(&mut sealer, n)).collect();
        let leaves: Vec<_> = records.iter().map(|record| TreeHash::leaf(record)).collect();
        let mut files = BTreeMap::new();
        for place in Coverage::of(size).bundles() {
            let first = usize::try_from(place.index()).expect("a few") * usize::from(FULL);
            let mut bundle = Vec::new();
            for record in &records[first..first + usize::from(place.width().get())] {
                append_entry(record, &mut bundle).expect("it fits");
            }
            files.insert(TilePath::Entries(place).to_string(), bundle);
        }
        for place in Coverage::of(size).tiles() {
            let span = 1usize << (8 * u32::from(place.level()));
            let first = usize::try_from(place.index()).expect("a few") * usize::from(FULL);
            let hashes = (first..first + usize::from(place.width().get()))
                .flat_map(|n| *TreeHash::root(&leaves[n * span..(n + 1) * span]).as_bytes());
            files.insert(TilePath::Tile(place).to_string(), hashes.collect());
        }
        let checkpoint = Checkpoint::new(key.name().clone(), size, TreeHash::root(&leaves));
        let note = key.sign(checkpoint.expect("a size").to_text());
        files.insert("checkpoint".to_owned(), note.to_string().into_bytes());
        files.insert("ledger.json".to_owned(), frozen::file("published/ledger.json"));
        Self { identity, key, records, leaves, head: sealer.head(), files }
    }

    /// Whether a checkpoint says what is so.
    fn is_true(&self, checkpoint: &Checkpoint) -> bool {
        let leaves =
            usize::try_from(checkpoint.size()).ok().and_then(|size| self.leaves.get(..size));
        leaves.is_some_and(|leaves| TreeHash::root(leaves) == checkpoint.root())
    }
}

fn sealed(sealer: &mut Sealer, n: u64) -> Vec<u8> {
    let (mut record, payload) = (Vec::new(), format!("entry {n}"));
    let unsealed = Unsealed {
        entry_id: EntryId::new(Uuid::from_u128(1 + u128::from(n))),
        recorded_at_us: 1_764_000_000_000_000,
        payload_schema: 1,
        payload: payload.as_bytes(),
        author: None,
        barrier: true,
    };
    sealer.seal(&unsealed, &mut record).expect("it fits");
    record
}

/// A publication as it is shown.
struct Shown(Files);

impl Source for Shown {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        match self.0.get(path) {
            Some(bytes) if bytes.len() > most => {
                Err(SourceError::TooLong { file: path.to_owned(), most })
            }
            found => Ok(found.cloned()),
        }
    }
}

fn published(honest: &Published, shown: &Shown, choice: u8) {
    let changed: Vec<_> = honest
        .files
        .iter()
        .filter(|(name, bytes)| shown.0.get(*name) != Some(*bytes))
        .map(|(name, _)| name.as_str())
        .collect();
    let publication = Publication::new(shown);
    match publication.identity() {
        Ok(identity) => assert_eq!(identity, honest.identity, "an identity has one text"),
        Err(error) => bearable(&error),
    }
    let opened = match publication.checkpoint() {
        Ok(opened) => opened,
        Err(error) => return bearable(&error),
    };
    scanned(honest, &publication, opened.claimed(), &changed);
    if honest.is_true(opened.claimed()) {
        proved(honest, &publication, opened.claimed(), u64::from(choice));
        if choice >= 128 {
            let is_mirrored = mirrored(honest, &publication);
            assert!(is_mirrored || !changed.is_empty(), "an honest publication is not mirrored");
        }
    }
}

/// A scan is silent of nothing that was changed, and blames nothing else: but where other records stand in a bundle,
/// the chain is also said to part where it goes on behind them.
fn scanned(
    honest: &Published,
    publication: &Publication<&Shown>,
    checkpoint: &Checkpoint,
    changed: &[&str],
) {
    let scan = PublicationScan::new(publication, checkpoint, &honest.identity);
    let (mut blamed, mut parted, mut leaves) = (Vec::new(), Vec::new(), Vec::new());
    let scanned: Scanned = scan.run(&mut |item| match item {
        ScanItem::Finding(finding) => {
            bearable(&finding);
            match finding.cause {
                FindingCause::Chain(_) => parted.push(finding.file),
                _ => blamed.push(finding.file),
            }
        }
        ScanItem::Leaves(found) => leaves.extend_from_slice(found),
        _ => {}
    });
    if !honest.is_true(checkpoint) {
        assert!(!blamed.is_empty() || !parted.is_empty(), "nothing is told of {checkpoint:?}");
        return;
    }
    if checkpoint.size() < honest.head.size {
        return;
    }
    let files: Vec<_> = changed.iter().filter(|name| name.starts_with("tile/")).collect();
    assert_eq!(blamed.is_empty(), files.is_empty(), "{files:?} were changed");
    assert!(parted.is_empty() || files.iter().any(|name| name.starts_with("tile/entries/")));
    if let [one] = files[..] {
        assert!(blamed.iter().all(|file| file == one), "{one} was changed, blamed are {blamed:?}");
        assert!(parted.iter().filter(|file| file != one).count() <= 1, "{parted:?}");
    }
    for (found, leaf) in leaves.iter().zip(&honest.leaves) {
        assert!(found.is_none_or(|found| found == *leaf) || files.len() > 1);
    }
    if files.is_empty() {
        let root = Some(TreeHash::root(&honest.leaves));
        assert_eq!((scanned.head, scanned.root), (honest.head, root));
    }
}

/// What is proved of a true checkpoint is so, whatever was changed.
fn proved(
    honest: &Published,
    publication: &Publication<&Shown>,
    checkpoint: &Checkpoint,
    choice: u64,
) {
    let size = checkpoint.size();
    for index in [0, choice, size.saturating_sub(1), size] {
        match publication.prove_record(checkpoint, index) {
            Ok(proved) => {
                let record = usize::try_from(index).ok().and_then(|n| honest.records.get(n));
                assert_eq!(Some(&proved.bytes), record, "record {index}");
            }
            Err(error) => bearable(&error),
        }
        match publication.prove_earlier_root(checkpoint, index) {
            Ok((root, _)) => {
                let leaves = &honest.leaves[..usize::try_from(index).expect("a few")];
                assert_eq!(root, TreeHash::root(leaves), "the root of {index}");
            }
            Err(error) => bearable(&error),
        }
    }
}

/// A mirror holds what was proved and nothing else; says whether all was.
fn mirrored(honest: &Published, publication: &Publication<&Shown>) -> bool {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let folder = folder.expect("a folder");
    let keys = [honest.key.verifier_key()];
    let verify =
        |opened: &OpenedCheckpoint| -> Result<VerifiedCheckpoint, _> { opened.verify(&keys) };
    let mut mirror = Mirror::open(folder.path()).expect("an empty folder");
    let done = mirror.update(publication, &verify, &mut |_, _| {});
    if let Err(error) = &done {
        bearable(error);
    }
    for file in files_in(folder.path()) {
        let name = file.to_str().expect("it is ASCII");
        if let Some(bytes) = honest.files.get(name).filter(|_| name.starts_with("tile/")) {
            let copied = std::fs::read(folder.path().join(name)).expect("a file");
            assert_eq!(&copied, bytes, "{name} is not as it was published");
        }
    }
    done.is_ok()
}
