//! Whether all ids of a table differ, asked of all at once.

use crate::directory::mixed;
use crate::parts::in_parts;
use crate::projection::at;
use crate::row::Row;
use crate::table::Table;

/// About so many ids are sorted at a time: they fit into a core's cache.
const TOGETHER: u32 = 1_024;
/// More heaps than this are not made at a time.
const MOST_HEAPS: u32 = 1 << 13;

/// Numbers of ids, in heaps by their first bits.
struct Heaps {
    numbers: Vec<u64>,
    /// Where each heap begins, and where the last one ends.
    begin: Vec<usize>,
}

/// Whether no two rows have the same id. Where it says so, they have not; two ids that are very much alike can make it
/// say that they have. O(n), in 8 bytes an id.
pub(crate) fn all_differ<R: Row<N> + Sync, const N: usize>(table: &Table<R, N>) -> bool {
    if all_rise(table) {
        return true;
    }
    let rows = u64::from(table.len()).max(1);
    let heaps = (table.len() / TOGETHER).clamp(1, MOST_HEAPS).next_power_of_two();
    // Of one heap, all bits are behind the first none.
    let behind = u64::BITS - heaps.trailing_zeros();
    let heap = |number: u64| number.checked_shr(behind).map_or(0, |heap| heap as usize);
    let parts = in_parts(table.len(), |rows| {
        let mut begin = vec![0; at(heaps) + 1];
        let numbers: Vec<u64> = table.ids_of(rows).map(mixed).collect();
        numbers.iter().for_each(|number| begin[heap(*number) + 1] += 1);
        (0..at(heaps)).for_each(|place| begin[place + 1] += begin[place]);
        let (mut sorted, mut next) = (vec![0; numbers.len()], begin.clone());
        for number in numbers {
            let place = &mut next[heap(number)];
            sorted[*place] = number;
            *place += 1;
        }
        Heaps { numbers: sorted, begin }
    });
    let share =
        |row: u32| at(u32::try_from(u64::from(row) * u64::from(heaps) / rows).unwrap_or(heaps));
    let differ = in_parts(table.len(), |rows| {
        let mut together = Vec::new();
        (share(rows.start)..share(rows.end)).all(|heap| {
            together.clear();
            for part in &parts {
                together.extend_from_slice(&part.numbers[part.begin[heap]..part.begin[heap + 1]]);
            }
            together.sort_unstable();
            together.windows(2).all(|pair| pair[0] != pair[1])
        })
    });
    differ.into_iter().all(|differ| differ)
}

/// Whether each id is greater than the one before it, as ids that a ledger made by the clock are.
fn all_rise<R: Row<N> + Sync, const N: usize>(table: &Table<R, N>) -> bool {
    let rise = in_parts(table.len(), |rows| {
        // Each part begins with the last row of the one before it.
        let rows = rows.start.saturating_sub(1)..rows.end;
        table.ids_of(rows).is_sorted_by(|before, id| before < id)
    });
    rise.into_iter().all(|rise| rise)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::EntryRow;

    /// A table of entries whose ids are made of these numbers.
    fn table(numbers: impl Iterator<Item = u128>) -> Table<EntryRow, 1> {
        let mut table = Table::default();
        for number in numbers {
            table.add(number.to_be_bytes(), EntryRow { recorded_us: 0 });
        }
        table
    }

    #[test]
    fn ids_that_follow_from_one_another_or_begin_alike_differ() {
        assert!(all_differ(&table([].into_iter())));
        assert!(all_differ(&table(1..2)));
        assert!(all_differ(&table(1..300_000)));
        assert!(all_differ(&table((1..20_000).map(|number| number << 64 | 7 << 100))));
        assert!(all_differ(&table((1..300_000).rev())));
    }

    #[test]
    fn ids_rise_only_where_every_one_is_greater_than_the_one_before_it() {
        let count = 300_000;
        assert!(all_rise(&table(0..count)));
        // Also where the rows are looked at in parts, at whose borders.
        for place in [1, 2, count / 2 - 1, count / 2, count / 2 + 1, count - 1] {
            let same = |number| if number == place { number - 1 } else { number };
            assert!(!all_rise(&table((0..count).map(same))), "row {place} is as that before it");
        }
    }

    #[test]
    fn an_id_that_is_there_twice_is_found_wherever_it_stands() {
        for count in [2, 1_000, 5_000, 300_000] {
            for (first, second) in [(0, count - 1), (count / 3, count / 2), (count - 2, count - 1)]
            {
                if first == second {
                    continue;
                }
                let number = |place| if place == second { first } else { place };
                let scattered = |place: u128| (number(place) + 1).wrapping_mul(u128::MAX / 7);
                let found = all_differ(&table((0..count).map(scattered)));
                assert!(!found, "{first} and {second} of {count}");
            }
        }
    }
}
