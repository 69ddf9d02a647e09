//! What the memory can do: places read that no cache holds, with nothing done to what is read.

use std::hint::black_box;
use std::time::Duration;

use crate::dice::Dice;
use crate::stopwatch::Stopwatch;

/// Questions that are put.
const QUESTIONS: u64 = 100;

/// How long it takes to read single bytes at so many places of so much memory, ascending and unevenly apart; for
/// each of a hundred questions, each of other places. No place has to be waited for before the next is asked for.
#[must_use]
pub fn read_places(bytes: usize, places: u64) -> Vec<Duration> {
    // Other bytes than zero, so that the memory is there.
    let memory = vec![1u8; bytes.max(1)];
    let apart = memory.len() as u64 / places.max(1);
    let mut watch = Stopwatch::start();
    let ask = |question| {
        let mut dice = Dice::of(1, question);
        watch.lap();
        let read = (0..places).fold(0, |all, place| {
            let at = place * apart + dice.below(apart);
            all ^ usize::try_from(at).ok().and_then(|at| memory.get(at)).copied().unwrap_or(0)
        });
        black_box(read);
        watch.lap()
    };
    (0..QUESTIONS).map(ask).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_time_for_every_question_whatever_is_asked() {
        for (bytes, places) in [(0, 0), (1, 10), (1_000, 10), (10, 1_000)] {
            assert_eq!(read_places(bytes, places).len(), 100);
        }
    }
}
