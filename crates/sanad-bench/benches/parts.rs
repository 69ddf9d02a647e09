//! The parts of an entry's way, each by itself: `cargo bench -p sanad-bench`.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use sanad::{Auditor, EntryId, Known, RecordedEntry, State, recorded_entry};
use sanad_audit_log::tree::{Frontier, TreeHash};
use sanad_audit_log::{Head, Record, Sealer, Unsealed};
use sanad_bench::{
    Specimens, Windows, Work, Workload, decide, in_batches, new_ledger, records, work,
};
use sanad_projection::Projection;

/// Entries that a part is given at once, where it takes more than one.
const ENTRIES: u64 = 10_000;
/// Grants in the pool or in the tables.
const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() {
    divan::main();
}

fn specimens() -> Specimens {
    Specimens::of(&Workload::new(1, Windows::OnDays), ENTRIES)
}

fn entries(count: u64) -> Vec<RecordedEntry> {
    let specimens = Specimens::of(&Workload::new(1, Windows::OnDays), count);
    let entry = |record: Record<'_>| recorded_entry(&record).expect("a specimen holds an entry");
    records(specimens.bytes()).map(entry).collect()
}

fn taken(entries: &[RecordedEntry]) -> Projection {
    let mut projection = Projection::default();
    entries.iter().for_each(|entry| projection.take(entry).expect("it is the next one"));
    projection
}

/// A payload sealed into a record.
#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let all: Vec<_> = records(specimens.bytes()).collect();
    bencher.counter(ItemsCount::new(all.len())).bench_local(|| {
        let mut sealer = Sealer::new(Head::empty(specimens.genesis()), None);
        let mut out = Vec::with_capacity(specimens.bytes().len());
        for record in &all {
            let unsealed = Unsealed {
                entry_id: record.entry_id(),
                recorded_at_us: 0,
                payload_schema: record.payload_schema(),
                payload: record.payload(),
                author: None,
                barrier: false,
            };
            black_box(sealer.seal(&unsealed, &mut out)).expect("it can be sealed again");
        }
        out
    });
}

/// Every record's chain hash, from the one before it.
#[divan::bench]
fn check_chain(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let count = ItemsCount::new(specimens.count());
    bencher.counter(count).counter(BytesCount::of_slice(specimens.bytes())).bench_local(|| {
        let mut before = specimens.genesis();
        records(specimens.bytes()).all(|record| {
            let follows = record.follows(&before);
            before = record.stored_hash();
            follows
        })
    });
}

/// The same in runs, several records at once.
#[divan::bench]
fn check_chain_in_runs(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let count = ItemsCount::new(specimens.count());
    bencher.counter(count).counter(BytesCount::of_slice(specimens.bytes())).bench_local(|| {
        work(&specimens, Work::CHAIN, 1).expect("the specimens are a chain");
    });
}

/// Every record's hash as a leaf of the tree.
#[divan::bench]
fn hash_leaves(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let count = ItemsCount::new(specimens.count());
    bencher.counter(count).counter(BytesCount::of_slice(specimens.bytes())).bench_local(|| {
        for record in records(specimens.bytes()) {
            black_box(TreeHash::leaf(record.raw().bytes()));
        }
    });
}

/// The nodes of the tree above leaves that are hashed already.
#[divan::bench]
fn grow_tree(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let leaves: Vec<_> =
        records(specimens.bytes()).map(|record| TreeHash::leaf(record.raw().bytes())).collect();
    bencher.counter(ItemsCount::new(leaves.len())).bench_local(|| {
        let mut tree = Frontier::new();
        leaves.iter().for_each(|leaf| tree.append(*leaf));
        tree.root()
    });
}

/// An entry into payload bytes.
#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let entries = entries(ENTRIES);
    bencher.counter(ItemsCount::new(entries.len())).bench_local(|| {
        for recorded in &entries {
            black_box(sanad_codec::encode(&recorded.entry)).expect("it was encoded before");
        }
    });
}

/// Payload bytes into an entry, with every check.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let specimens = specimens();
    let all: Vec<_> = records(specimens.bytes())
        .map(|record| (EntryId::new(record.entry_id().uuid()).expect("it is not nil"), record))
        .collect();
    bencher.counter(ItemsCount::new(all.len())).bench_local(|| {
        for (id, record) in &all {
            let decoded = sanad_codec::decode(record.payload_schema(), *id, record.payload());
            black_box(decoded).expect("it was encoded before");
        }
    });
}

/// An act decided in a pool of so many grants, no two of whose windows are alike.
#[divan::bench(args = SIZES, sample_count = 20)]
fn decide_among(bencher: Bencher<'_, '_>, grants: u64) {
    let workload = Workload::new(1, Windows::Distinct);
    let mut state = State::default();
    let mut take = |act: &sanad::Act| {
        let decided = decide(&state, act);
        state.apply(decided.effect);
    };
    take(&workload.opening());
    (0..grants).for_each(|number| take(&workload.act(number)));
    let acts = workload.acts(grants..grants + 1_000);
    bencher.counter(ItemsCount::new(acts.len())).bench_local(|| {
        acts.iter().for_each(|act| drop(black_box(decide(&state, act))));
    });
}

/// Entries into the projection's tables.
#[divan::bench]
fn project(bencher: Bencher<'_, '_>) {
    let entries = entries(ENTRIES);
    bencher.counter(ItemsCount::new(entries.len())).bench_local(|| taken(&entries));
}

/// Tables of so many grants asked for everything that is in force on a day.
#[divan::bench(args = SIZES, sample_count = 10)]
fn answer_allocations(bencher: Bencher<'_, '_>, grants: u64) {
    let projection = taken(&entries(grants));
    let size = projection.known(Known::Head).expect("the head is there");
    let day = Workload::new(1, Windows::OnDays).busy_day();
    let count = ItemsCount::new(grants as usize);
    bencher.counter(count).bench_local(|| projection.allocations(size, day).count());
}

/// A ledger of so many grants opened from its snapshot.
#[divan::bench(args = SIZES, sample_count = 10)]
fn load_snapshot(bencher: Bencher<'_, '_>, grants: u64) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (ledger, workload) = (folder.path().join("ledger"), Workload::new(1, Windows::OnDays));
    let opened = new_ledger(&ledger, &workload).expect("a ledger can be made");
    in_batches(&opened, workload.acts(0..grants), 8_000, 1).expect("the acts are lawful");
    opened.close();
    let count = ItemsCount::new(grants as usize);
    bencher.counter(count).bench_local(|| {
        let auditor = Auditor::open(&ledger).expect("the ledger is there");
        auditor.load(&mut |_| {}).expect("the ledger is sound");
        auditor
    });
}
