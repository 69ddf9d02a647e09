//! JSON → act.

use std::str::FromStr;

use sanad_core::{
    Act, Cause, Command, DeclareCapacity, EffectiveTime, Grant, Instrument, OpenPool, Quantity,
    Recipient, RegisterHolder, Revoke, TextError, Window,
};
use serde_json::error::Category;

use super::MAX_LINE_LEN;
use super::error::{ExchangeError, Fault, Place, bearable};
use super::form::{
    ActForm, CommandForm, Decimal, Decimals, DeclareCapacityForm, GrantForm, InstrumentForm,
    OpenPoolForm, RecipientForm, RegisterHolderForm, RevokeForm,
};
use crate::calendar::Calendar;

/// Reads one act from JSON. `line` is where it stands in its file, counted from 1; dates are read in the calendar.
///
/// ```
/// use sanad::{Calendar, exchange};
/// let karachi = Calendar::new("Asia/Karachi")?;
/// let line = r#"{"actor":"mof","events":[{"declare_capacity":{"pool":"pk","amount":2000,"from":"2025-05-25"}}]}"#;
/// let error = exchange::parse_act(line, 1, &karachi).unwrap_err();
/// assert_eq!(error.place.path.as_deref(), Some("events[0].declare_capacity.amount"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ExchangeError`] with the line and, where it is known, the column and the field.
pub fn parse_act(text: &str, line: u64, calendar: &Calendar) -> Result<Act, ExchangeError> {
    if text.len() > MAX_LINE_LEN {
        return Err(at_line(line, Fault::TooLong));
    }
    let form: ActForm =
        serde_json::from_str(text).map_err(|error| not_an_act(text, line, &error))?;
    Reading { line, calendar }.act(form)
}

/// Reads a free text. Titles are copied out of tables, and some carry a tab where a space was meant: it becomes one. No
/// other control character is let in (`docs/decisions/0004-tabs-in-texts.md`).
pub(crate) fn free_text<T: FromStr<Err = TextError>>(text: &str) -> Result<T, TextError> {
    text.replace('\t', " ").parse()
}

pub(super) fn at_line(line: u64, fault: Fault) -> ExchangeError {
    ExchangeError { place: Place { line, column: None, path: None }, fault }
}

/// The field is looked for only once a line has failed, so that good lines are read at full speed.
fn not_an_act(text: &str, line: u64, error: &serde_json::Error) -> ExchangeError {
    let mut json = serde_json::Deserializer::from_str(text);
    let path = match serde_path_to_error::deserialize::<_, ActForm>(&mut json) {
        Err(found) if error.classify() == Category::Data => Some(found.path().to_string()),
        _ => None,
    };
    let place = Place {
        line: line + u64::try_from(error.line().saturating_sub(1)).unwrap_or(u64::MAX - line),
        column: Some(error.column()),
        path: path.filter(|path| path != ".").map(|path| bearable(&path)),
    };
    let sentence = error.to_string();
    let said = sentence.rfind(" at line ").map_or(sentence.as_str(), |end| &sentence[..end]);
    let said = bearable(said);
    let fault = match error.classify() {
        Category::Data => Fault::Form(said),
        Category::Eof => Fault::Malformed(format!("{said}; is the line cut off?")),
        _ if said == "trailing characters" => {
            Fault::Malformed("there is more behind the act; write one act a line".to_owned())
        }
        _ => Fault::Malformed(said),
    };
    ExchangeError { place, fault }
}

/// Reads the values of a form, and says where one is refused.
struct Reading<'c> {
    line: u64,
    calendar: &'c Calendar,
}

/// The place of a command in its act, and its verb.
#[derive(Clone, Copy)]
struct Spot(usize, &'static str);

impl Reading<'_> {
    fn act(&self, form: ActForm) -> Result<Act, ExchangeError> {
        let id = form.id.map(|id| self.top("id", id.parse())).transpose()?;
        let actor = self.top("actor", form.actor.parse())?;
        let instrument = form.instrument.map(|form| self.instrument(&form)).transpose()?;
        let reason =
            form.reason.map(|reason| self.top("reason", free_text(&reason))).transpose()?;
        let commands = form.events.into_iter().enumerate();
        let commands = commands.map(|(place, form)| self.command(place, form));
        let commands = commands.collect::<Result<_, _>>()?;
        Ok(Act { id, actor, instrument, reason, accept_shortfall: form.accept_shortfall, commands })
    }

    fn instrument(&self, form: &InstrumentForm) -> Result<Instrument, ExchangeError> {
        let digest = form.digest.as_ref().map(|d| self.top("instrument.digest", d.parse()));
        Ok(Instrument {
            reference: self.top("instrument.reference", free_text(&form.reference))?,
            digest: digest.transpose()?,
        })
    }

    fn command(&self, place: usize, form: CommandForm) -> Result<Command, ExchangeError> {
        let opened = form.open_pool.map(|f| self.open_pool(Spot(place, "open_pool"), &f));
        let declared = form
            .declare_capacity
            .map(|f| self.declare_capacity(Spot(place, "declare_capacity"), &f));
        let registered =
            form.register_holder.map(|f| self.register_holder(Spot(place, "register_holder"), &f));
        let granted = form.grant.map(|f| self.grant(Spot(place, "grant"), &f));
        let revoked = form.revoke.map(|f| self.revoke(Spot(place, "revoke"), &f));
        let given = [opened, declared, registered, granted, revoked];
        let found = given.iter().flatten().count();
        match given.into_iter().flatten().next() {
            Some(command) if found == 1 => command,
            _ => Err(self.refused(
                format!("events[{place}]"),
                Fault::NotOneOf {
                    allowed: "open_pool, declare_capacity, register_holder, grant, revoke",
                    found,
                },
            )),
        }
    }

    fn open_pool(&self, spot: Spot, form: &OpenPoolForm) -> Result<Command, ExchangeError> {
        let unit = form.unit.as_ref().map(|unit| self.value(spot, "unit", unit.parse()));
        let parent = form.parent.as_ref().map(|pool| self.value(spot, "parent", pool.parse()));
        Ok(Command::OpenPool(OpenPool {
            pool: self.value(spot, "pool", form.pool.parse())?,
            title: self.value(spot, "title", free_text(&form.title))?,
            unit: unit.transpose()?,
            decimals: form.decimals.map(|Decimals(decimals)| decimals),
            parent: parent.transpose()?,
        }))
    }

    fn declare_capacity(
        &self,
        spot: Spot,
        form: &DeclareCapacityForm,
    ) -> Result<Command, ExchangeError> {
        Ok(Command::DeclareCapacity(DeclareCapacity {
            pool: self.value(spot, "pool", form.pool.parse())?,
            amount: self.amount(spot, &form.amount)?,
            from: self.time(spot, "from", &form.from)?,
        }))
    }

    fn register_holder(
        &self,
        spot: Spot,
        form: &RegisterHolderForm,
    ) -> Result<Command, ExchangeError> {
        Ok(Command::RegisterHolder(RegisterHolder {
            holder: self.value(spot, "holder", form.holder.parse())?,
            title: self.value(spot, "title", free_text(&form.title))?,
        }))
    }

    fn grant(&self, spot: Spot, form: &GrantForm) -> Result<Command, ExchangeError> {
        let grant = form.grant.as_ref().map(|id| self.value(spot, "grant", id.parse()));
        let purpose =
            form.purpose.as_ref().map(|text| self.value(spot, "purpose", free_text(text)));
        Ok(Command::Grant(Grant {
            grant: grant.transpose()?,
            pool: self.value(spot, "pool", form.pool.parse())?,
            recipient: self.recipient(spot, &form.to)?,
            amount: self.amount(spot, &form.amount)?,
            purpose: purpose.transpose()?,
            window: self.window(spot, &form.from, form.until.as_deref())?,
        }))
    }

    fn recipient(&self, spot: Spot, form: &RecipientForm) -> Result<Recipient, ExchangeError> {
        match (&form.holder, &form.pool) {
            (Some(holder), None) => {
                self.value(spot, "to.holder", holder.parse()).map(Recipient::Holder)
            }
            (None, Some(pool)) => self.value(spot, "to.pool", pool.parse()).map(Recipient::Pool),
            (holder, _) => {
                let found = if holder.is_some() { 2 } else { 0 };
                let allowed = "holder, pool";
                self.value(spot, "to", Err(Fault::NotOneOf { allowed, found }))
            }
        }
    }

    fn revoke(&self, spot: Spot, form: &RevokeForm) -> Result<Command, ExchangeError> {
        let amount = form.amount.as_ref().map(|amount| self.amount(spot, amount));
        let cause = form.cause.as_ref().map(|name| {
            let unknown = || Fault::UnknownCause { name: name.chars().take(48).collect() };
            self.value(spot, "cause", Cause::from_name(name).ok_or_else(unknown))
        });
        Ok(Command::Revoke(Revoke {
            grant: self.value(spot, "grant", form.grant.parse())?,
            amount: amount.transpose()?,
            window: self.window(spot, &form.from, form.until.as_deref())?,
            cause: cause.transpose()?.unwrap_or_default(),
        }))
    }

    fn window(&self, spot: Spot, from: &str, until: Option<&str>) -> Result<Window, ExchangeError> {
        let from = self.time(spot, "from", from)?;
        let until = until.map(|text| self.time(spot, "until", text)).transpose()?;
        let window = Window::new(from, until).map_err(|_| Fault::EndsBeforeItBegins {
            from: self.calendar.write(from),
            until: until.map(|until| self.calendar.write(until)).unwrap_or_default(),
        });
        self.value(spot, "until", window)
    }

    fn time(&self, spot: Spot, field: &str, text: &str) -> Result<EffectiveTime, ExchangeError> {
        self.value(spot, field, self.calendar.effective(text))
    }

    fn amount(&self, spot: Spot, Decimal(text): &Decimal) -> Result<Quantity, ExchangeError> {
        self.value(spot, "amount", text.parse())
    }

    fn value<T, E: Into<Fault>>(
        &self,
        Spot(place, verb): Spot,
        field: &str,
        read: Result<T, E>,
    ) -> Result<T, ExchangeError> {
        read.map_err(|e| self.refused(format!("events[{place}].{verb}.{field}"), e.into()))
    }

    fn top<T, E: Into<Fault>>(&self, field: &str, read: Result<T, E>) -> Result<T, ExchangeError> {
        read.map_err(|error| self.refused(field.to_owned(), error.into()))
    }

    fn refused(&self, path: String, fault: Fault) -> ExchangeError {
        let place = Place { line: self.line, column: None, path: Some(path) };
        ExchangeError { place, fault }
    }
}
