//! The story itself: captions, and what is typed under them.

/// A step of the story.
pub(super) struct Step {
    /// What happens, in a sentence; empty where the step belongs to the one before it.
    pub(super) caption: &'static str,
    /// When it is recorded.
    pub(super) recorded_at: &'static str,
    /// What is typed after `sanad`. `{ledger}` stands for the ledger's folder, `{name}` for a grant that was named.
    pub(super) words: &'static [&'static str],
    /// The name by which later steps speak of the grant that this step makes.
    pub(super) names: Option<&'static str>,
    /// The refusal that it ends in.
    pub(super) refused: Option<&'static str>,
}

const fn step(
    recorded_at: &'static str,
    caption: &'static str,
    words: &'static [&'static str],
) -> Step {
    Step { caption, recorded_at, words, names: None, refused: None }
}

impl Step {
    const fn names(self, name: &'static str) -> Self {
        Self { names: Some(name), ..self }
    }

    const fn refused(self, code: &'static str) -> Self {
        Self { refused: Some(code), ..self }
    }
}

pub(super) const FOREWORD: &[&str] = &[
    "Announced on 25 May 2025: Pakistan's Ministry of Finance allocates 2,000 MW of surplus electricity, as the first \
     phase of an initiative led by the Pakistan Crypto Council, to Bitcoin mining and AI data centres. That much is \
     fact. All the rest of this story is made up: holders, amounts, later dates and reasons.",
    "",
    "To type along: export SANAD_LEDGER={ledger}",
];

pub(super) const AFTERWORD: &[&str] = &[
    "",
    "The ledger stays in {ledger}. Go on exploring it:",
    "  export SANAD_LEDGER={ledger}",
    "  sanad timeline surplus",
    "  sanad statement sahra --in-force-at 2026-02-01",
    "  sanad diff start --in-force-at 2026-02-01",
    "  sanad show 12",
];

pub(super) const STORY: &[Step] = &[
    step(
        "2025-05-25T09:00:00+05:00",
        "A ledger is made. Its dates are meant in Pakistan's time.",
        &["init", "{ledger}", "--title", "Surplus electricity", "--time-zone", "Asia/Karachi"],
    ),
    step(
        "2025-05-25T10:00:00+05:00",
        "The ministry opens the pool, counted in MW to the kW, and declares what it has.",
        &[
            "pool", "open", "surplus", "فاضل بجلی", "--unit", "MW", "--decimals", "3", "--actor",
            "mof",
        ],
    ),
    step(
        "2025-05-25T10:05:00+05:00",
        "",
        &[
            "capacity", "declare", "surplus", "2000 MW", "--from", "2025-05-25", "--actor", "mof",
            "--instrument", "Announcement of 25 May 2025, first phase",
        ],
    ),
    step(
        "2025-05-25T11:00:00+05:00",
        "It is parted between Bitcoin mining and AI data centres. What a part has is what is granted to it.",
        &[
            "pool", "open", "mining", "Bitcoin mining", "--parent", "surplus", "--actor",
            "mof",
        ],
    ),
    step(
        "2025-05-25T11:01:00+05:00",
        "",
        &[
            "pool", "open", "ai", "AI data centres", "--parent", "surplus", "--actor", "mof",
        ],
    ),
    step(
        "2025-05-25T11:05:00+05:00",
        "",
        &[
            "grant", "surplus", "mining", "1200 MW", "--to-pool", "--from", "2025-05-25",
            "--actor", "mof",
        ],
    ),
    step(
        "2025-05-25T11:06:00+05:00",
        "",
        &[
            "grant", "surplus", "ai", "800 MW", "--to-pool", "--from", "2025-05-25",
            "--actor", "mof",
        ],
    ),
    step(
        "2025-06-10T09:30:00+05:00",
        "Holders are registered before anything is granted to them, with their names as they write them.",
        &["holder", "register", "sahra", "صحرا مائننگ (فرضی نام)", "--actor", "pcc"],
    ),
    step(
        "2025-06-10T09:40:00+05:00",
        "",
        &["holder", "register", "waha", "واحة الحوسبة (اسم مختلق)", "--actor", "pcc"],
    ),
    step(
        "2025-06-10T09:50:00+05:00",
        "",
        &["holder", "register", "indus", "Indus Compute (made up)", "--actor", "pcc"],
    ),
    step(
        "2025-06-20T15:00:00+05:00",
        "The first grants: two for five years, one for good.",
        &[
            "grant", "mining", "sahra", "700 MW", "--from", "2025-07-01", "--until",
            "2030-07-01", "--purpose", "bitcoin-mining", "--actor", "pcc",
        ],
    )
    .names("sahra"),
    step(
        "2025-06-20T15:10:00+05:00",
        "",
        &[
            "grant", "ai", "waha", "500 MW", "--from", "2025-07-01", "--until",
            "2030-07-01", "--purpose", "ai-data-centre", "--actor", "pcc",
        ],
    )
    .names("waha"),
    step(
        "2025-06-20T15:20:00+05:00",
        "",
        &[
            "grant", "mining", "indus", "400.5 MW", "--from", "2025-07-01", "--purpose",
            "bitcoin-mining", "--actor", "pcc",
        ],
    )
    .names("indus"),
    step(
        "2025-06-25T12:00:00+05:00",
        "Nobody can be granted more than there is.",
        &[
            "grant", "mining", "indus", "100 MW", "--from", "2025-08-01", "--actor", "pcc",
        ],
    )
    .refused("exceeds_capacity"),
    step(
        "2025-07-15T10:00:00+05:00",
        "A later phase is declared for the summer after: 2,600 MW, all of the growth for AI data centres.",
        &[
            "capacity", "declare", "surplus", "2600 MW", "--from", "2026-07-01", "--actor", "mof",
            "--reason", "second phase",
        ],
    ),
    step(
        "2025-07-15T10:05:00+05:00",
        "",
        &[
            "grant", "surplus", "ai", "600 MW", "--to-pool", "--from", "2026-07-01",
            "--actor", "mof", "--reason", "second phase",
        ],
    ),
    step(
        "2025-07-28T18:00:00+05:00",
        "A curtailment: through August the evenings need the power. It comes back by itself.",
        &[
            "revoke", "{sahra}", "150 MW", "--from", "2025-08-01", "--until", "2025-09-01",
            "--actor", "mof", "--reason", "evening peaks of August",
        ],
    ),
    step(
        "2025-10-15T10:00:00+05:00",
        "A revocation, for good, recorded two weeks after the day from which it holds: the ledger takes it, and marks \
         it as backdated for ever.",
        &[
            "revoke", "{indus}", "100 MW", "--from", "2025-10-01", "--actor", "pcc", "--reason",
            "not taken up",
        ],
    ),
    step(
        "2025-10-20T10:00:00+05:00",
        "A transfer: one entry takes from the one and gives to the other.",
        &["transfer", "{waha}", "indus", "200 MW", "--from", "2025-11-01", "--actor", "pcc"],
    ),
    step(
        "2025-12-01T09:00:00+05:00",
        "Rooftop solar grows, and the surplus shrinks: 1,800 MW from January until the second phase. But 2,000 MW are \
         promised.",
        &[
            "capacity", "declare", "surplus", "1800 MW", "--from", "2026-01-01", "--actor", "mof",
            "--reason", "rooftop solar",
        ],
    )
    .refused("causes_shortfall"),
    step(
        "2025-12-01T09:10:00+05:00",
        "Capacity cannot be taken away under live grants by mistake. It can be on purpose: then the shortfall stands \
         in every later report.",
        &[
            "capacity", "declare", "surplus", "1800 MW", "--from", "2026-01-01", "--actor", "mof",
            "--reason", "rooftop solar", "--accept-shortfall",
        ],
    ),
    step(
        "2025-12-02T09:00:00+05:00",
        "And while a pool is short, nothing more is granted from it.",
        &["grant", "surplus", "indus", "10 MW", "--from", "2026-02-01", "--actor", "mof"],
    )
    .refused("exceeds_capacity"),
    step(
        "2025-12-02T10:00:00+05:00",
        "Who has how much on 1 February 2026?",
        &["allocations", "--in-force-at", "2026-02-01"],
    ),
    step(
        "2025-12-02T10:00:00+05:00",
        "And what is left of it, pool by pool?",
        &["pools", "--in-force-at", "2026-02-01"],
    ),
    step(
        "2025-12-02T10:00:00+05:00",
        "What did the ministry know in September of the same day?",
        &["pools", "--in-force-at", "2026-02-01", "--as-known-at", "2025-09-01"],
    ),
    step(
        "2025-12-02T10:00:00+05:00",
        "An auditor walks through what happened to the mining pool since July.",
        &["replay", "--pool", "mining", "--from", "9"],
    ),
    step(
        "2025-12-02T10:00:00+05:00",
        "And checks that nobody has rewritten any of it.",
        &["verify"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_story_goes_forward_in_time() {
        let calendar = sanad::Calendar::new("UTC").unwrap();
        let times: Vec<_> =
            STORY.iter().map(|step| calendar.recorded(step.recorded_at).unwrap()).collect();
        assert!(times.is_sorted());
    }
}
