//! An act put together from texts, as a person or a program writes them.

use sanad_core::{
    Act, ActorId, Cause, Command, DeclareCapacity, EntryId, Grant, GrantId, Instrument, OpenPool,
    Recipient, RegisterHolder, Revoke, Window,
};

use crate::calendar::Calendar;
use crate::exchange::{Fault, free_text};

/// A text that cannot be part of an act.
#[derive(Debug, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct ActError {
    /// Which part it was given for.
    pub field: &'static str,
    /// Why it is refused.
    #[source]
    pub fault: Fault,
}

/// Puts an act together, one command after another. Every text is parsed at once; dates are read in the calendar, and
/// amounts may name their unit.
///
/// What it has no method for is added with [`command`](ActBuilder::command), as a plain [`Command`].
///
/// ```
/// use sanad::{ActBuilder, Calendar};
/// let karachi = Calendar::new("Asia/Karachi")?;
/// let act = ActBuilder::new("ministry", &karachi)?
///     .reason("first phase")?
///     .open_pool("surplus", "Surplus electricity", "MW", 3)?
///     .declare_capacity("surplus", "2000 MW", "2025-05-25")?
///     .build();
/// assert_eq!(act.commands.len(), 2);
/// let error = ActBuilder::new("ministry", &karachi)?.declare_capacity("surplus", "-5", "2025-05-25");
/// assert_eq!(error.unwrap_err().field, "amount");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ActBuilder {
    act: Act,
    calendar: Calendar,
}

type Built = Result<ActBuilder, ActError>;

impl ActBuilder {
    /// An act that asks for nothing yet.
    ///
    /// # Errors
    /// [`ActError`] where `actor` is no identifier.
    pub fn new(actor: &str, calendar: &Calendar) -> Built {
        let actor: ActorId = read("actor", actor.parse())?;
        Ok(Self { act: Act::new(actor, Vec::new()), calendar: calendar.clone() })
    }

    /// Gives the entry its id, the key of idempotency, so that a retry is safe.
    #[must_use]
    pub fn id(mut self, id: EntryId) -> Self {
        self.act.id = Some(id);
        self
    }

    /// Names the legal document behind the act.
    ///
    /// # Errors
    /// [`ActError`] where `reference` is no text that a ledger takes.
    pub fn instrument(mut self, reference: &str) -> Built {
        let reference = read("instrument", free_text(reference))?;
        self.act.instrument = Some(Instrument { reference, digest: None });
        Ok(self)
    }

    /// Says why.
    ///
    /// # Errors
    /// [`ActError`] where `reason` is no text that a ledger takes.
    pub fn reason(mut self, reason: &str) -> Built {
        self.act.reason = Some(read("reason", free_text(reason))?);
        Ok(self)
    }

    /// Accepts that capacity is taken away under live grants.
    #[must_use]
    pub fn accept_shortfall(mut self) -> Self {
        self.act.accept_shortfall = true;
        self
    }

    /// Opens a root pool.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn open_pool(self, pool: &str, title: &str, unit: &str, decimals: u8) -> Built {
        let open = OpenPool {
            pool: read("pool", pool.parse())?,
            title: read("title", free_text(title))?,
            unit: Some(read("unit", unit.parse())?),
            decimals: Some(decimals),
            parent: None,
        };
        Ok(self.command(Command::OpenPool(open)))
    }

    /// Opens a part of a pool; its capacity is what the parent grants to it.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn open_sub_pool(self, pool: &str, title: &str, parent: &str) -> Built {
        let open = OpenPool {
            pool: read("pool", pool.parse())?,
            title: read("title", free_text(title))?,
            unit: None,
            decimals: None,
            parent: Some(read("parent", parent.parse())?),
        };
        Ok(self.command(Command::OpenPool(open)))
    }

    /// Declares a root pool's capacity from an instant on.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn declare_capacity(self, pool: &str, amount: &str, from: &str) -> Built {
        let declare = DeclareCapacity {
            pool: read("pool", pool.parse())?,
            amount: read("amount", amount.parse())?,
            from: read("from", self.calendar.effective(from))?,
        };
        Ok(self.command(Command::DeclareCapacity(declare)))
    }

    /// Registers a holder.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn register_holder(self, holder: &str, title: &str) -> Built {
        let (holder, title) = (read("holder", holder.parse())?, read("title", free_text(title))?);
        Ok(self.command(Command::RegisterHolder(RegisterHolder { holder, title })))
    }

    /// Grants an amount of a pool to a holder, for good.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn grant(self, pool: &str, holder: &str, amount: &str, from: &str) -> Built {
        let holder = Recipient::Holder(read("holder", holder.parse())?);
        self.granted(pool, holder, amount, from, None)
    }

    /// Grants an amount of a pool to a holder, for a window that ends before `until`.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn grant_until(
        self,
        pool: &str,
        holder: &str,
        amount: &str,
        from: &str,
        until: &str,
    ) -> Built {
        let holder = Recipient::Holder(read("holder", holder.parse())?);
        self.granted(pool, holder, amount, from, Some(until))
    }

    /// Grants an amount of a pool to one of its sub-pools, for good.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn grant_to_pool(self, pool: &str, sub_pool: &str, amount: &str, from: &str) -> Built {
        let sub_pool = Recipient::Pool(read("to", sub_pool.parse())?);
        self.granted(pool, sub_pool, amount, from, None)
    }

    /// Takes part of a grant back, for good.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn revoke(self, grant: GrantId, amount: &str, from: &str) -> Built {
        let amount = Some(read("amount", amount.parse())?);
        let window = self.window(from, None)?;
        Ok(self.command(Command::Revoke(Revoke { grant, amount, window, cause: Cause::Revoked })))
    }

    /// Takes back all that is left of a grant, for good.
    ///
    /// # Errors
    /// [`ActError`] where `from` is no date or time.
    pub fn revoke_all(self, grant: GrantId, from: &str) -> Built {
        let window = self.window(from, None)?;
        let cause = Cause::Revoked;
        Ok(self.command(Command::Revoke(Revoke { grant, amount: None, window, cause })))
    }

    /// Takes part of a grant back for a window that ends before `until`.
    ///
    /// # Errors
    /// [`ActError`] names the part that is refused.
    pub fn curtail(self, grant: GrantId, amount: &str, from: &str, until: &str) -> Built {
        let amount = Some(read("amount", amount.parse())?);
        let window = self.window(from, Some(until))?;
        Ok(self.command(Command::Revoke(Revoke { grant, amount, window, cause: Cause::Curtailed })))
    }

    /// Adds a command.
    #[must_use]
    pub fn command(mut self, command: Command) -> Self {
        self.act.commands.push(command);
        self
    }

    /// The act.
    #[must_use]
    pub fn build(self) -> Act {
        self.act
    }

    fn granted(
        self,
        pool: &str,
        recipient: Recipient,
        amount: &str,
        from: &str,
        until: Option<&str>,
    ) -> Built {
        let grant = Grant {
            grant: None,
            pool: read("pool", pool.parse())?,
            recipient,
            amount: read("amount", amount.parse())?,
            purpose: None,
            window: self.window(from, until)?,
        };
        Ok(self.command(Command::Grant(grant)))
    }

    fn window(&self, from: &str, until: Option<&str>) -> Result<Window, ActError> {
        let from = read("from", self.calendar.effective(from))?;
        let until = until.map(|until| read("until", self.calendar.effective(until))).transpose()?;
        let window = Window::new(from, until).map_err(|_| Fault::EndsBeforeItBegins {
            from: self.calendar.write(from),
            until: until.map(|until| self.calendar.write(until)).unwrap_or_default(),
        });
        read("until", window)
    }
}

fn read<T, E: Into<Fault>>(field: &'static str, read: Result<T, E>) -> Result<T, ActError> {
    read.map_err(|error| ActError { field, fault: error.into() })
}
