//! What a scan of a publication comes upon, handed to the thread that judges it.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use sanad_audit_log::tree::TreeHash;
use sanad_audit_log::{RawRecord, Sequence};
use sanad_publication::{PublicationFinding, ScanItem};

/// Items that are handed on together.
const TOGETHER: usize = 1_024;
/// How many times so many wait to be judged.
const WAITING: usize = 4;

/// Something that a scan came upon.
pub(super) enum Told<'b> {
    Record { raw: RawRecord<'b>, place: Sequence, is_linked: bool },
    Leaves(&'b [Option<TreeHash>]),
    Finding(&'b PublicationFinding),
}

/// Items in order, with the bytes of the records among them.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

enum Item {
    Record { bytes: Range<usize>, place: Sequence, is_linked: bool },
    Leaves(Vec<Option<TreeHash>>),
    Finding(PublicationFinding),
}

/// Scans on this thread, and tells a judge on another, who is some items behind at most. `scan` is given what hands an
/// item on. Gives what came of the scan, and the judge.
pub(super) fn relayed<J: Send, R>(
    mut judge: J,
    tell: fn(&mut J, Told<'_>),
    scan: impl FnOnce(&mut dyn FnMut(ScanItem<'_>)) -> R,
) -> (R, J) {
    thread::scope(|scope| {
        let (hand_on, handed) = sync_channel::<Batch>(WAITING);
        let judging = scope.spawn(move || {
            handed.iter().for_each(|batch| batch.told(|told| tell(&mut judge, told)));
            judge
        });
        let mut batch = Batch::default();
        let scanned = scan(&mut |item| {
            batch.add(item);
            if batch.items.len() >= TOGETHER {
                batch.send(&hand_on);
            }
        });
        batch.send(&hand_on);
        drop(hand_on);
        (scanned, judging.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

impl Batch {
    fn add(&mut self, item: ScanItem<'_>) {
        self.items.push(match item {
            ScanItem::Record(record) => {
                let begin = self.bytes.len();
                self.bytes.extend_from_slice(record.raw.bytes());
                let (bytes, place, is_linked) =
                    (begin..self.bytes.len(), record.place, record.is_linked);
                Item::Record { bytes, place, is_linked }
            }
            ScanItem::Leaves(leaves) => Item::Leaves(leaves.to_vec()),
            ScanItem::Finding(finding) => Item::Finding(finding),
            _ => return,
        });
    }

    fn send(&mut self, hand_on: &SyncSender<Self>) {
        // A judge that panicked takes no more; that comes out when it is joined.
        let _ = hand_on.send(std::mem::take(self));
    }

    /// Tells all of it, in order.
    fn told(&self, mut tell: impl FnMut(Told<'_>)) {
        for item in &self.items {
            tell(match item {
                Item::Record { bytes, place, is_linked } => {
                    // The scan framed it.
                    let Ok(raw) = RawRecord::exact(&self.bytes[bytes.clone()]) else { continue };
                    Told::Record { raw, place: *place, is_linked: *is_linked }
                }
                Item::Leaves(leaves) => Told::Leaves(leaves),
                Item::Finding(finding) => Told::Finding(finding),
            });
        }
    }
}
