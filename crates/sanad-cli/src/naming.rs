//! What people call things: grants by the beginning of their id, entries by number or id, and what may have been meant
//! by a name that fits nothing.

use std::fmt::Display;

use sanad::{
    Auditor, Calendar, EntryId, GrantId, HolderId, PoolId, Refusal, Sequence, SlugError, View,
};

use crate::failure::{Failure, Refused};

/// The shortest beginning of an id that names a grant.
const SHORTEST_PREFIX: usize = 4;
/// How many letters of an id tables show at least.
const SHOWN: usize = 8;

/// The grant whose id begins so.
pub(crate) fn grant(prefix: &str, view: &View<'_>) -> Result<GrantId, Failure> {
    let prefix = prefix.trim_end_matches('…').to_ascii_lowercase();
    if prefix.len() < SHORTEST_PREFIX {
        let told = format!(
            "GRANT: {prefix:?} is too short; give at least {SHORTEST_PREFIX} letters of the grant's id"
        );
        return Err(Failure::Misread(told));
    }
    let found = view.grants_with_prefix(&prefix);
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::NotFound {
            code: "unknown_grant",
            sentence: format!(
                "there is no grant whose id begins with {prefix}; `sanad allocations` lists those in force"
            ),
        }),
        [first, second, ..] => Err(Failure::NotFound {
            code: "ambiguous_grant",
            sentence: format!(
                "{} grants begin with {prefix}, {first} and {second} among them; give more of the id",
                found.len()
            ),
        }),
    }
}

/// The entry of that number or id.
pub(crate) fn entry(text: &str, auditor: &Auditor) -> Result<Sequence, Failure> {
    let unknown = |sentence| Failure::NotFound { code: "unknown_entry", sentence };
    if let Ok(number) = text.trim_start_matches('#').parse() {
        let size = auditor.head().size;
        if number < size {
            return Ok(Sequence(number));
        }
        let holds = match size {
            0 => "the ledger has no entries yet".to_owned(),
            _ => format!("the ledger has entries 0 to {}", size - 1),
        };
        return Err(unknown(format!("there is no entry {number}; {holds}")));
    }
    let id: EntryId = text
        .parse()
        .map_err(|error| Failure::Misread(format!("ENTRY: {error}, or give the entry's number")))?;
    auditor.find_entry(id)?.ok_or_else(|| unknown(format!("there is no entry with the id {id}")))
}

/// A pool of the view.
pub(crate) fn pool(text: &str, view: &View<'_>, calendar: &Calendar) -> Result<PoolId, Failure> {
    let pool: PoolId =
        text.parse().map_err(|e: SlugError| Failure::Misread(format!("POOL: {e}")))?;
    if view.pool_ids().any(|known| *known == pool) {
        return Ok(pool);
    }
    Err(refused(Refusal::UnknownPool { pool }, view, calendar))
}

/// A holder of the view.
pub(crate) fn holder(
    text: &str,
    view: &View<'_>,
    calendar: &Calendar,
) -> Result<HolderId, Failure> {
    let holder: HolderId =
        text.parse().map_err(|e: SlugError| Failure::Misread(format!("HOLDER: {e}")))?;
    if view.holder_ids().any(|known| *known == holder) {
        return Ok(holder);
    }
    Err(refused(Refusal::UnknownHolder { holder }, view, calendar))
}

/// A refusal with what may have been meant.
pub(crate) fn refused(refusal: Refusal, view: &View<'_>, calendar: &Calendar) -> Failure {
    let hint = hint(&refusal, view);
    Failure::Refused(Box::new(Refused { refusal, calendar: calendar.clone(), hint }))
}

/// What may have been meant.
pub(crate) fn hint(refusal: &Refusal, view: &View<'_>) -> Option<String> {
    match refusal {
        Refusal::UnknownPool { pool } => {
            did_you_mean(pool.as_str(), view.pool_ids().map(PoolId::as_str))
        }
        Refusal::UnknownHolder { holder } => {
            did_you_mean(holder.as_str(), view.holder_ids().map(HolderId::as_str))
        }
        _ => None,
    }
}

/// The name that a typing error or two lead to: one letter in four may be wrong, and three at the most.
fn did_you_mean<'a>(asked: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let most = (asked.len() / 4).clamp(1, 3);
    let apart = known
        .filter(|name| name.len().abs_diff(asked.len()) <= most)
        .map(|name| (strsim::osa_distance(asked, name), name));
    let (_, name) = apart.filter(|(apart, _)| *apart <= most).min_by_key(|(apart, _)| *apart)?;
    Some(format!("did you mean {name}?"))
}

/// How many letters of an id it takes to tell every grant of the ledger from every other, and at least eight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortened(usize);

impl Shortened {
    pub(crate) fn for_grants_of(view: &View<'_>) -> Self {
        let digits = usize::try_from(view.telling_digits()).unwrap_or(usize::MAX);
        Self(written_length(digits).max(SHOWN))
    }

    pub(crate) fn id(self, id: impl Display) -> String {
        id.to_string().chars().take(self.0).collect()
    }
}

/// How many characters so many hexadecimal digits of a UUID take with the hyphens before the last of them.
fn written_length(digits: usize) -> usize {
    digits + [8, 12, 16, 20].into_iter().filter(|group| digits > *group).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_slip_of_the_fingers_makes_is_guessed() {
        let known = ["surplus", "sahra", "muirhall-energy-limited", "energygridpower3-ltd"];
        let meant = |asked| did_you_mean(asked, known.into_iter());
        for (asked, name) in
            [("surpls", 0), ("surplsu", 0), ("sahara", 1), ("energygridpower-ltd", 3)]
        {
            assert_eq!(meant(asked), Some(format!("did you mean {}?", known[name])), "{asked}");
        }
        for asked in ["zanzibar", "muirden-energy-llp", "s", "solar"] {
            assert_eq!(meant(asked), None, "{asked}");
        }
    }

    #[test]
    fn hyphens_are_counted_where_a_long_prefix_needs_them() {
        assert_eq!([8, 9, 12, 13, 32].map(written_length), [8, 10, 13, 15, 36]);
    }
}
