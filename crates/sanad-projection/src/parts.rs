//! Work on many rows, shared between the processor's cores.

use std::ops::Range;
use std::thread;

/// Fewer rows than this are not worth another thread.
const WORTH_SHARING: u32 = 1 << 17;
/// More parts than this gain little: memory is the limit then.
const MOST_PARTS: usize = 8;

/// Does a piece of work on all rows below `end`: the answers of its parts, in the order of the rows.
pub(crate) fn in_parts<T: Send>(end: u32, work: impl Fn(Range<u32>) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_PARTS));
    let parts = u32::try_from(cores).unwrap_or(1).min(end / WORTH_SHARING).max(1);
    let begin = |part: u32| {
        let row = u64::from(end) * u64::from(part) / u64::from(parts);
        u32::try_from(row).unwrap_or(end)
    };
    if parts == 1 {
        return vec![work(0..end)];
    }
    let work = &work;
    thread::scope(|scope| {
        let others = (1..parts).map(|part| {
            let rows = begin(part)..begin(part + 1);
            let again = rows.clone();
            // Where the system gives no thread, the work is done on this one.
            let started = thread::Builder::new().spawn_scoped(scope, move || work(rows));
            (started.ok(), again)
        });
        let others: Vec<_> = others.collect();
        let first = work(0..begin(1));
        let rest = others.into_iter().map(|(started, rows)| match started {
            Some(started) => {
                started.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
            None => work(rows),
        });
        std::iter::once(first).chain(rest).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_part_and_the_parts_are_in_order() {
        for end in [0, 1, WORTH_SHARING - 1, WORTH_SHARING * 2 + 1, WORTH_SHARING * 40] {
            let parts = in_parts(end, |rows| rows);
            assert_eq!((parts[0].start, parts[parts.len() - 1].end), (0, end));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }
}
