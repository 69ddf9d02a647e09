//! A ledger in a temporary folder that is verified after every step.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sanad::{
    Act, ActBuilder, Auditor, CreateOptions, EffectiveTime, Known, Ledger, Receipt, RecordError,
    Refusal, Surroundings, Verdict,
};
use tempfile::TempDir;

use crate::surroundings::{HandClock, fixed};

/// A ledger under test: time zone Asia/Karachi, a clock that is set by hand, counted identifiers.
#[derive(Debug)]
pub struct TestLedger {
    home: TempDir,
    ledger: Option<Ledger>,
    surroundings: Surroundings,
    /// The ledger's clock.
    pub clock: Arc<HandClock>,
}

impl Default for TestLedger {
    fn default() -> Self {
        Self::new()
    }
}

impl TestLedger {
    /// An empty ledger.
    ///
    /// # Panics
    /// Where the temporary folder cannot be written to.
    #[must_use]
    pub fn new() -> Self {
        let (surroundings, clock) = fixed();
        let home = tempfile::tempdir().expect("a temporary folder");
        let options = CreateOptions {
            time_zone: "Asia/Karachi".into(),
            surroundings: surroundings.clone(),
            ..CreateOptions::default()
        };
        let ledger = Ledger::create(&home.path().join("ledger"), options).expect("a new ledger");
        Self { home, ledger: Some(ledger), surroundings, clock }
    }

    /// A ledger with a pool `surplus` of 2,000 MW from 2025-05-25 on, and the holders `acme` and `bolt`.
    ///
    /// # Panics
    /// Never, unless the library is broken.
    #[must_use]
    pub fn with_surplus() -> Self {
        let ledger = Self::new();
        let act = ledger.act().open_pool("surplus", "Surplus", "MW", 3).unwrap();
        let act = act.declare_capacity("surplus", "2000", "2025-05-25").unwrap();
        let act = act.register_holder("acme", "Acme").unwrap();
        ledger.does(act.register_holder("bolt", "Bolt").unwrap());
        ledger
    }

    /// The ledger's folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.home.path().join("ledger")
    }

    /// The open ledger.
    ///
    /// # Panics
    /// While it is closed.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        self.ledger.as_ref().expect("the ledger is open")
    }

    /// An act of the ministry, to be put together.
    ///
    /// # Panics
    /// Never: the actor is an identifier.
    #[must_use]
    pub fn act(&self) -> ActBuilder {
        self.ledger().act("mof").unwrap()
    }

    /// A date of the ledger's calendar.
    ///
    /// # Panics
    /// Where the text is no date.
    #[must_use]
    pub fn on(&self, date: &str) -> EffectiveTime {
        self.ledger().calendar().effective(date).unwrap()
    }

    /// Then it is recorded.
    ///
    /// # Panics
    /// Where it is not.
    pub fn does(&self, act: ActBuilder) -> Receipt {
        let receipt = self.ledger().record(act.build()).unwrap();
        self.check();
        receipt
    }

    /// Then it is refused.
    ///
    /// # Panics
    /// Where it is not.
    pub fn refuses(&self, act: ActBuilder) -> Refusal {
        let refused = self.record(act.build()).unwrap_err();
        self.check();
        match refused {
            RecordError::Refused(refusal) => refusal,
            other => panic!("a rule was to refuse it, and not: {other}"),
        }
    }

    /// Records an act as it is.
    ///
    /// # Errors
    /// What recording gives.
    pub fn record(&self, act: Act) -> Result<Receipt, RecordError> {
        self.ledger().record(act)
    }

    /// Closes the ledger, lets `change` do something to its folder, and opens it again.
    ///
    /// # Panics
    /// Where it does not open.
    pub fn reopen_after(&mut self, change: impl FnOnce(&Path)) {
        self.close();
        change(&self.folder());
        let opened = Ledger::open(&self.folder(), self.surroundings.clone(), &mut |_| {});
        self.ledger = Some(opened.expect("the ledger opens again"));
        self.check();
    }

    /// Closes the ledger.
    pub fn close(&mut self) {
        self.ledger = None;
    }

    /// What a verification from the first byte finds.
    ///
    /// # Panics
    /// Where nothing can be verified at all.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let auditor = Auditor::open(&self.folder()).expect("the ledger opens for reading");
        auditor.verify(&mut |_| {}).expect("the ledger can be verified")
    }

    /// The whole ledger is verified, and who reads it beside the writer sees what the writer sees.
    ///
    /// # Panics
    /// Where anything is found.
    pub fn check(&self) {
        let verdict = self.verdict();
        let findings: Vec<_> = verdict.findings().collect();
        assert!(verdict.is_clean(), "{findings:#?}");
        let auditor = Auditor::open(&self.folder()).unwrap();
        let (theirs, ours) =
            (auditor.view(Known::Head).unwrap(), self.ledger().view(Known::Head).unwrap());
        assert_eq!(theirs.basis(), ours.basis());
        for date in ["2025-05-24", "2025-06-01", "2026-01-01", "2040-01-01"] {
            let at = self.on(date);
            assert!(theirs.allocations(at).eq(ours.allocations(at)), "{date}");
            assert_eq!(theirs.pools(at), ours.pools(at), "{date}");
            assert_eq!(theirs.holders(at), ours.holders(at), "{date}");
        }
    }
}
