//! The links of many records, looked at on all cores.

use std::num::NonZero;
use std::thread;

use sanad_audit_log::linked_records;

/// How many records are hashed together: they and what is made of them fit into a core's cache.
const TOGETHER: usize = 256;
/// Fewer records than this are not worth another thread.
const WORTH_A_THREAD: usize = if cfg!(test) { 5 } else { 2_048 };
/// More threads than this gain little: one reads what all of them hash.
const MOST_THREADS: usize = 8;

/// As [`linked_records`]: how many of the records at `offsets` in `bytes` follow from what stands before them, up to
/// the first that does not.
pub(crate) fn linked_on_all_cores(bytes: &[u8], offsets: &[u32]) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let share = offsets.len().div_ceil(cores).max(WORTH_A_THREAD);
    let mut shares = offsets.chunks(share);
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = shares
            .map(|share| {
                let work = move || linked(bytes, share);
                (share, thread::Builder::new().spawn_scoped(scope, work).ok())
            })
            .collect();
        let mut sound = linked(bytes, first);
        let mut so_far = first.len();
        for (share, started) in others {
            // Where the system gives no thread, the work is done on this one.
            let its = match started.map(thread::ScopedJoinHandle::join) {
                Some(Ok(its)) => its,
                Some(Err(panic)) => std::panic::resume_unwind(panic),
                None => linked(bytes, share),
            };
            if sound == so_far {
                sound += its;
            }
            so_far += share.len();
        }
        sound
    })
}

fn linked(bytes: &[u8], offsets: &[u32]) -> usize {
    let mut sound = 0;
    for some in offsets.chunks(TOGETHER) {
        let its = linked_records(bytes, some);
        sound += its;
        if its < some.len() {
            break;
        }
    }
    sound
}

#[cfg(test)]
mod tests {
    use sanad_audit_log::{ChainHash, EntryId, Head, Sealer, Unsealed};
    use uuid::Uuid;

    use super::*;

    /// Records behind the hash that the first follows from, and where each begins.
    fn sealed(count: u32) -> (Vec<u8>, Vec<u32>) {
        let genesis = ChainHash::from_bytes([7; 32]);
        let (mut bytes, mut offsets) = (genesis.as_bytes().to_vec(), Vec::new());
        let mut sealer = Sealer::new(Head::empty(genesis), None);
        for number in 0..count {
            offsets.push(u32::try_from(bytes.len()).unwrap());
            let unsealed = Unsealed {
                entry_id: EntryId::new(Uuid::from_u128(u128::from(number) + 1)),
                recorded_at_us: number.into(),
                payload_schema: 1,
                payload: b"payload",
                author: None,
                barrier: number == 0,
            };
            sealer.seal(&unsealed, &mut bytes).unwrap();
        }
        (bytes, offsets)
    }

    #[test]
    fn the_first_record_that_does_not_follow_ends_the_count_whoever_looks_at_it() {
        let (bytes, offsets) = sealed(40);
        assert_eq!(linked_on_all_cores(&bytes, &offsets), 40);
        assert_eq!(linked_on_all_cores(&bytes, &[]), 0);
        for bad in 0..40 {
            let mut damaged = bytes.clone();
            damaged[offsets[bad] as usize + 8] ^= 1;
            assert_eq!(linked_on_all_cores(&damaged, &offsets), bad);
        }
    }
}
