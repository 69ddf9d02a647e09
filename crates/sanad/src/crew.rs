//! Work that several threads share, its results taken up in order.
//!
//! The calling thread asks for tasks and takes up results, since both have an order; what lies between is anybody's.
//! Whenever it has nothing to take up it does a task like the others, so no core waits while there is work.

use std::collections::VecDeque;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// More threads than this have nothing to do: taking up results is one thread's work.
const MOST_HANDS: usize = 8;
/// Tasks that are under way for each thread, whether they wait, are done or are to be taken up.
const AHEAD: usize = 4;

/// Does tasks on all cores. `next` gives them, `work` does one, and `take` is given what came of each, in the order of
/// the tasks; `next` and `take` are called on this thread only. What is under way is bounded. It ends after the last
/// task, or where `take` fails.
///
/// # Errors
/// The error of `take`.
pub(crate) fn in_order<T: Send, R: Send, E>(
    mut next: impl FnMut() -> Option<T>,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let hands = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_HANDS);
    let (board, work) = (Board::new(), &work);
    thread::scope(|scope| {
        // However this ends, nobody waits for tasks any more.
        let _closed_at_the_end = Closing(&board);
        let (mut under_way, most, mut more) = (0, AHEAD * hands, true);
        let mut hired = 0..hands;
        loop {
            if let Some(result) = board.take() {
                under_way -= 1;
                take(result)?;
            } else if more && under_way < most {
                let Some(task) = next() else {
                    more = false;
                    continue;
                };
                board.post(task);
                under_way += 1;
                // The first task is this thread's own: a single one is no work to share.
                if let Some(1..) = hired.next() {
                    scope.spawn(|| board.serve(work));
                }
            } else if let Some((place, task)) = board.pick() {
                board.put(place, work(task));
            } else if under_way > 0 {
                board.wait();
            } else {
                return Ok(());
            }
        }
    })
}

/// Where tasks and results lie.
struct Board<T, R> {
    lying: Mutex<Lying<T, R>>,
    /// There is a task, or there will be none any more.
    posted: Condvar,
    /// There is a result, or there will be none any more.
    done: Condvar,
}

struct Lying<T, R> {
    tasks: VecDeque<(u64, T)>,
    /// The results from the first that was not taken up on; `None` for those that are not there yet.
    results: VecDeque<Option<R>>,
    taken: u64,
    closed: bool,
    /// A thread ended in the middle of a task.
    broken: bool,
}

impl<T, R> Board<T, R> {
    fn new() -> Self {
        let (tasks, results) = (VecDeque::new(), VecDeque::new());
        let lying = Lying { tasks, results, taken: 0, closed: false, broken: false };
        Self { lying: Mutex::new(lying), posted: Condvar::new(), done: Condvar::new() }
    }

    fn lying(&self) -> MutexGuard<'_, Lying<T, R>> {
        // Nothing that can panic is done under the lock.
        self.lying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn post(&self, task: T) {
        let mut lying = self.lying();
        let place = lying.taken + lying.results.len() as u64;
        lying.results.push_back(None);
        lying.tasks.push_back((place, task));
        self.posted.notify_one();
    }

    fn pick(&self) -> Option<(u64, T)> {
        self.lying().tasks.pop_front()
    }

    fn put(&self, place: u64, result: R) {
        let mut lying = self.lying();
        let n = (place - lying.taken) as usize;
        if let Some(there) = lying.results.get_mut(n) {
            *there = Some(result);
        }
        if n == 0 {
            self.done.notify_one();
        }
    }

    /// Takes up the next result, if it is there.
    fn take(&self) -> Option<R> {
        let mut lying = self.lying();
        let result = lying.results.front_mut()?.take()?;
        lying.results.pop_front();
        lying.taken += 1;
        Some(result)
    }

    /// Waits until the next result is there.
    fn wait(&self) {
        let is_missing = |lying: &mut Lying<T, R>| {
            !lying.broken && lying.results.front().is_some_and(Option::is_none)
        };
        let lying = self.done.wait_while(self.lying(), is_missing);
        let broken = lying.unwrap_or_else(PoisonError::into_inner).broken;
        assert!(!broken, "a thread that shares the work has panicked");
    }

    /// Does tasks until there are none any more.
    fn serve(&self, work: impl Fn(T) -> R) {
        let unfinished = Breaking(self);
        loop {
            let is_idle = |lying: &mut Lying<T, R>| !lying.closed && lying.tasks.is_empty();
            let lying = self.posted.wait_while(self.lying(), is_idle);
            let task = lying.unwrap_or_else(PoisonError::into_inner).tasks.pop_front();
            match task {
                Some((place, task)) => self.put(place, work(task)),
                None => break,
            }
        }
        std::mem::forget(unfinished);
    }
}

/// Ends the service of all threads when it is dropped.
struct Closing<'a, T, R>(&'a Board<T, R>);

impl<T, R> Drop for Closing<'_, T, R> {
    fn drop(&mut self) {
        let mut lying = self.0.lying();
        lying.closed = true;
        // Where it ends before the last task, the rest is not done.
        lying.tasks.clear();
        self.0.posted.notify_all();
    }
}

/// Tells that a thread ended in the middle of a task when it is dropped.
struct Breaking<'a, T, R>(&'a Board<T, R>);

impl<T, R> Drop for Breaking<'_, T, R> {
    fn drop(&mut self) {
        self.0.lying().broken = true;
        self.0.done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::AssertUnwindSafe;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::Duration;

    fn numbers(end: u64) -> impl FnMut() -> Option<u64> {
        let mut numbers = 0..end;
        move || numbers.next()
    }

    #[test]
    fn results_come_in_the_order_of_the_tasks_however_long_each_takes() {
        let mut taken = Vec::new();
        let slow_now_and_then = |n: u64| {
            if n % 7 == 3 {
                thread::sleep(Duration::from_millis(2));
            }
            n * n
        };
        let done = in_order(numbers(300), slow_now_and_then, |square| {
            taken.push(square);
            Ok::<(), ()>(())
        });
        assert_eq!(done, Ok(()));
        assert_eq!(taken, (0..300).map(|n| n * n).collect::<Vec<_>>());
        let none = in_order(numbers(0), |n| n, |_| Err("nothing was to be taken"));
        assert_eq!(none, Ok(()));
    }

    /// Whoever calls has done its own part long before, and nothing is left to begin.
    #[test]
    fn nobody_goes_before_the_last_result_is_taken_up() {
        let caller = thread::current().id();
        for tasks in [2, 3, 8] {
            let slow_elsewhere = |n: u64| {
                if thread::current().id() != caller {
                    thread::sleep(Duration::from_millis(20));
                }
                n
            };
            let mut taken = 0;
            let done = in_order(numbers(tasks), slow_elsewhere, |_| {
                taken += 1;
                Ok::<(), ()>(())
            });
            assert_eq!((done, taken), (Ok(()), tasks));
        }
    }

    /// Every task waits for as many others as there are hands, so if a hand were missing, none would end.
    #[test]
    fn there_are_as_many_hands_as_cores_and_each_has_work() {
        let hands = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_HANDS);
        let (together, asked) = (Barrier::new(hands), AtomicUsize::new(0));
        let mut tasks = numbers(3 * (AHEAD * hands) as u64);
        let next = || tasks().inspect(|_| _ = asked.fetch_add(1, Ordering::Relaxed));
        let work = |n| {
            together.wait();
            n
        };
        let (mut taken, mut most_under_way) = (0, 0);
        let done = in_order(next, work, |_| {
            most_under_way = most_under_way.max(asked.load(Ordering::Relaxed) - taken);
            taken += 1;
            Ok::<(), ()>(())
        });
        // Nothing is done before this thread does its part, and it asks for all that may be under way first.
        assert_eq!((done, taken, most_under_way), (Ok(()), 3 * AHEAD * hands, AHEAD * hands));
    }

    #[test]
    fn an_error_ends_the_work_and_what_is_under_way_is_bounded() {
        let begun = AtomicUsize::new(0);
        let work = |n: u64| {
            begun.fetch_add(1, Ordering::Relaxed);
            n
        };
        let done =
            in_order(numbers(u64::MAX), work, |n| if n == 1_000 { Err("enough") } else { Ok(()) });
        assert_eq!(done, Err("enough"));
        assert!(begun.into_inner() <= 1_001 + AHEAD * MOST_HANDS);
    }

    #[test]
    fn a_task_that_panics_keeps_nobody_waiting() {
        for bad in [0, 50] {
            let work = |n| assert_ne!(n, bad);
            let ended = std::panic::catch_unwind(|| {
                in_order(numbers(100), work, |()| {
                    thread::sleep(Duration::from_micros(50));
                    Ok::<(), ()>(())
                })
            });
            assert!(ended.is_err());
        }
    }

    /// It was once a matter of chance whether a test had the bad task done elsewhere.
    #[test]
    fn a_thread_that_ends_in_the_middle_of_a_task_is_not_waited_for() {
        let (caller, begun) = (thread::current().id(), AtomicBool::new(false));
        if thread::available_parallelism().map_or(1, NonZero::get) == 1 {
            println!("skipped: there is nobody else to do a task");
            return;
        }
        let work = |n| {
            if thread::current().id() != caller {
                begun.store(true, Ordering::Relaxed);
                panic!("this task cannot be done here");
            }
            while !begun.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            n
        };
        let ended = std::panic::catch_unwind(AssertUnwindSafe(|| {
            in_order(numbers(100), work, |_| Ok::<(), ()>(()))
        }));
        assert!(ended.is_err());
    }
}
