//! What several rounds of one measurement gave.

use std::time::Duration;

use serde::Serialize;

/// One number a round, and what lies in their middle and at their ends.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The middle one; of an even number, the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
    /// Each round's, in the order of the rounds.
    pub rounds: Vec<f64>,
}

impl Spread {
    /// Of what each round gave.
    #[must_use]
    pub fn of(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (sorted.first(), sorted.last());
        Self {
            median: median(&sorted),
            least: least.copied().unwrap_or(f64::NAN),
            most: most.copied().unwrap_or(f64::NAN),
            rounds,
        }
    }

    /// Of what was measured once.
    #[must_use]
    pub fn once(found: f64) -> Self {
        Self::of(vec![found])
    }

    /// The ratio to another, round by round, since the two of a round were measured one after the other; then the
    /// middle one. Where one of them was measured in other rounds, the ratio of the medians.
    #[must_use]
    pub fn ratio_to(&self, other: &Spread) -> f64 {
        if self.rounds.len() != other.rounds.len() {
            return self.median / other.median;
        }
        let each = self.rounds.iter().zip(&other.rounds).map(|(one, other)| one / other);
        Self::of(each.collect()).median
    }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match sorted {
        [] => f64::NAN,
        _ if sorted.len().is_multiple_of(2) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// How many a second.
#[must_use]
pub fn per_second(count: usize, took: Duration) -> f64 {
    // Counts here are far below 2^53.
    count as f64 / took.as_secs_f64()
}

/// The duration that so much of all are not longer than, in microseconds; 0.5 is the median.
#[must_use]
pub fn quantile_us(each: &[Duration], share: f64) -> f64 {
    let mut sorted = each.to_vec();
    sorted.sort_unstable();
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    // Rounded up: of a hundred, the 99th.
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.saturating_sub(1).min(last)].as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_the_rounds_is_their_median() {
        assert_eq!(Spread::of(vec![3.0, 1.0, 2.0]).median, 2.0);
        let even = Spread::of(vec![4.0, 1.0, 2.0, 3.0]);
        assert_eq!((even.median, even.least, even.most), (2.5, 1.0, 4.0));
        assert!(Spread::of(Vec::new()).median.is_nan());
    }

    #[test]
    fn a_ratio_is_taken_round_by_round() {
        let sanad = Spread::of(vec![10.0, 40.0, 20.0]);
        let limit = Spread::of(vec![20.0, 40.0, 80.0]);
        assert_eq!(sanad.ratio_to(&limit), 0.5);
        assert_eq!(sanad.ratio_to(&Spread::once(40.0)), 0.5);
    }

    #[test]
    fn quantiles_count_from_the_shortest() {
        let each: Vec<_> = (1..=100).rev().map(Duration::from_micros).collect();
        assert!((quantile_us(&each, 0.5) - 50.0).abs() < 1e-6);
        assert!((quantile_us(&each, 0.99) - 99.0).abs() < 1e-6);
        assert!((quantile_us(&each, 1.0) - 100.0).abs() < 1e-6);
        assert!((quantile_us(&each[..1], 0.5) - 100.0).abs() < 1e-6);
    }
}
