//! The contest: Sanad and its peers make the same records durable in batches of the same size, by turns.

use std::time::Duration;

use sanad::Auditor;
use sanad_bench::{Course, Spread, bytes_below, in_batches, new_ledger, per_second, singly, timed};
use serde::Serialize;

use crate::failure::Failure;
use crate::peer::Kind;

/// Records that are appended where each is a batch of its own.
const SINGLE: usize = 2_000;
/// The folder of whose turn it is.
const TURN: &str = "turn";

/// What one of them did in batches of one size.
#[derive(Debug, Serialize)]
pub(crate) struct Entrant {
    /// Who.
    pub(crate) name: &'static str,
    /// Records made durable a second.
    pub(crate) appended: Spread,
    /// Records read back a second, all of them in order.
    pub(crate) read: Spread,
    /// Bytes on disk for each record, once all are closed.
    pub(crate) disk_bytes: f64,
}

/// A contest in batches of one size.
#[derive(Debug, Serialize)]
pub(crate) struct Contest {
    /// Records in a batch.
    pub(crate) batch: usize,
    /// Records altogether.
    pub(crate) records: usize,
    /// All who took part; Sanad is the first.
    pub(crate) entrants: Vec<Entrant>,
}

/// What a turn gave: appended a second, read a second, bytes on disk for each record.
struct Turn {
    appended: f64,
    read: f64,
    disk_bytes: f64,
}

/// Who takes part.
#[derive(Clone, Copy)]
enum Player {
    Sanad,
    Peer(Kind),
}

impl Contest {
    /// Holds a contest of the course's rounds; who begins changes from round to round.
    pub(crate) fn of(course: &Course<'_>, batch: usize) -> Result<Self, Failure> {
        let records = match batch {
            1 => course.specimens.count().min(SINGLE),
            _ => course.specimens.count(),
        };
        let peers = Kind::ALL.into_iter().map(Player::Peer);
        let players: Vec<Player> = std::iter::once(Player::Sanad).chain(peers).collect();
        let mut turns: Vec<Vec<Turn>> = players.iter().map(|_| Vec::new()).collect();
        for round in 0..course.plan.rounds as usize {
            for place in 0..players.len() {
                let place = (place + round) % players.len();
                eprintln!("batches of {batch}, round {}: {}", round + 1, players[place].name());
                turns[place].push(players[place].turn(course, batch, records)?);
                course.place.remove(TURN)?;
            }
        }
        let entrant = |(player, turns): (&Player, Vec<Turn>)| Entrant {
            name: player.name(),
            appended: Spread::of(turns.iter().map(|turn| turn.appended).collect()),
            read: Spread::of(turns.iter().map(|turn| turn.read).collect()),
            disk_bytes: turns.last().map_or(f64::NAN, |turn| turn.disk_bytes),
        };
        Ok(Self { batch, records, entrants: players.iter().zip(turns).map(entrant).collect() })
    }
}

impl Player {
    fn name(self) -> &'static str {
        match self {
            Player::Sanad => "Sanad",
            Player::Peer(kind) => kind.name(),
        }
    }

    fn turn(self, course: &Course<'_>, batch: usize, records: usize) -> Result<Turn, Failure> {
        match self {
            Player::Sanad => sanads_turn(course, batch, records),
            Player::Peer(kind) => peers_turn(kind, course, batch, records),
        }
    }
}

fn peers_turn(
    kind: Kind,
    course: &Course<'_>,
    batch: usize,
    records: usize,
) -> Result<Turn, Failure> {
    let folder = course.place.path(TURN);
    let mut peer = kind.open(&folder, &course.specimens)?;
    let all: Vec<&[u8]> = (0..records).map(|place| course.specimens.record(place)).collect();
    let (done, took) = timed(|| {
        let mut first = 0;
        all.chunks(batch).try_for_each(|records| {
            peer.append(first, records)?;
            first += records.len() as u64;
            Ok::<(), Failure>(())
        })
    });
    done?;
    let (found, read) = timed(|| peer.read_all());
    let bytes: usize = all.iter().map(|record| record.len()).sum();
    if found? != (records as u64, bytes as u64) {
        return Err(Failure::Peer(format!("{} did not give back what it was given", kind.name())));
    }
    drop(peer);
    turn(course, [records, records], took, read)
}

/// Sanad decides, seals and projects each record besides.
fn sanads_turn(course: &Course<'_>, batch: usize, records: usize) -> Result<Turn, Failure> {
    let folder = course.place.path(TURN);
    let ledger = new_ledger(&folder, &course.workload)?;
    // The opening entry is one of the records; it is recorded before the clock runs.
    let granted = records - 1;
    let acts = course.workload.acts(0..granted as u64);
    let took = match batch {
        1 => singly(&ledger, acts)?.into_iter().sum(),
        _ => in_batches(&ledger, acts, batch, 1)?,
    };
    ledger.close();
    let (count, read) = timed(|| {
        let auditor = Auditor::open(&folder)?;
        let entries = auditor.entries(0..auditor.head().size)?;
        Ok::<_, sanad::LedgerError>(entries.filter(Result::is_ok).count())
    });
    if count? != records {
        return Err(Failure::Peer("Sanad did not give back what it was given".into()));
    }
    turn(course, [granted, records], took, read)
}

fn turn(
    course: &Course<'_>,
    [appended, records]: [usize; 2],
    took: Duration,
    read: Duration,
) -> Result<Turn, Failure> {
    let disk = bytes_below(&course.place.path(TURN))?;
    Ok(Turn {
        appended: per_second(appended, took),
        read: per_second(records, read),
        disk_bytes: disk as f64 / records as f64,
    })
}
