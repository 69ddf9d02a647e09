//! What revocations take from grants at one instant.

use sanad_core::EffectiveTime;

use crate::projection::Projection;

/// What is taken from each grant of which something is, in the order of the grants.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken(Vec<(u32, i128)>);

impl Projection {
    /// What revocations among the first `size` entries take at an instant. O(r log r) in the revocations.
    pub(crate) fn taken(&self, size: u64, in_force_at: EffectiveTime) -> Taken {
        let end = self.revocations.partition_point(|row| row.revoked_in.0 < size);
        let mut taken = Vec::new();
        self.revocations.visit(0..end, |_, row| {
            if row.span.contains(in_force_at.us()) {
                taken.push((row.grant, i128::from(row.count)));
            }
        });
        taken.sort_unstable_by_key(|(grant, _)| *grant);
        taken.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 += if same { next.1 } else { 0 };
            same
        });
        Taken(taken)
    }
}

impl Taken {
    /// Where to begin asking for grants from a row on.
    pub(crate) fn place(&self, row: u32) -> usize {
        self.0.partition_point(|(grant, _)| *grant < row)
    }

    /// What is taken from a grant. `place` goes on with each that is asked for, in ascending order.
    #[inline]
    pub(crate) fn from(&self, place: &mut usize, grant: u32) -> i128 {
        while let Some((found, taken)) = self.0.get(*place) {
            if *found > grant {
                break;
            }
            *place += 1;
            if *found == grant {
                return *taken;
            }
        }
        0
    }
}
