//! Act → JSON.

use sanad_core::{Act, Command, Instrument, Recipient, Window};

use super::form::{
    ActForm, CommandForm, Decimal, Decimals, DeclareCapacityForm, GrantForm, InstrumentForm,
    OpenPoolForm, RecipientForm, RegisterHolderForm, RevokeForm,
};
use crate::calendar::Calendar;

/// Writes an act as one line of JSON, without a line break. [`parse_act`](super::parse_act) gives the same act back.
///
/// # Panics
/// Never: texts and small numbers are always JSON.
#[must_use]
pub fn act_to_json(act: &Act, calendar: &Calendar) -> String {
    let form = ActForm {
        id: act.id.map(|id| id.to_string()),
        actor: act.actor.to_string(),
        instrument: act.instrument.as_ref().map(instrument_form),
        reason: act.reason.as_ref().map(ToString::to_string),
        accept_shortfall: act.accept_shortfall,
        events: act.commands.iter().map(|command| command_form(command, calendar)).collect(),
    };
    serde_json::to_string(&form).expect("a form made of texts and small numbers is always JSON")
}

pub(super) fn instrument_form(instrument: &Instrument) -> InstrumentForm {
    InstrumentForm {
        reference: instrument.reference.to_string(),
        digest: instrument.digest.map(|digest| digest.to_string()),
    }
}

fn command_form(command: &Command, calendar: &Calendar) -> CommandForm {
    let mut form = CommandForm::default();
    let from = |window: &Window| calendar.write_rfc3339(window.from());
    let until = |window: &Window| window.until().map(|until| calendar.write_rfc3339(until));
    match command {
        Command::OpenPool(open) => {
            form.open_pool = Some(OpenPoolForm {
                pool: open.pool.to_string(),
                title: open.title.to_string(),
                unit: open.unit.as_ref().map(ToString::to_string),
                decimals: open.decimals.map(Decimals),
                parent: open.parent.as_ref().map(ToString::to_string),
            });
        }
        Command::DeclareCapacity(declare) => {
            form.declare_capacity = Some(DeclareCapacityForm {
                pool: declare.pool.to_string(),
                amount: Decimal(declare.amount.to_string()),
                from: calendar.write_rfc3339(declare.from),
            });
        }
        Command::RegisterHolder(register) => {
            form.register_holder = Some(RegisterHolderForm {
                holder: register.holder.to_string(),
                title: register.title.to_string(),
            });
        }
        Command::Grant(grant) => {
            form.grant = Some(GrantForm {
                grant: grant.grant.map(|id| id.to_string()),
                pool: grant.pool.to_string(),
                to: recipient_form(&grant.recipient),
                amount: Decimal(grant.amount.to_string()),
                purpose: grant.purpose.as_ref().map(ToString::to_string),
                from: from(&grant.window),
                until: until(&grant.window),
            });
        }
        Command::Revoke(revoke) => {
            form.revoke = Some(RevokeForm {
                grant: revoke.grant.to_string(),
                amount: revoke.amount.as_ref().map(|amount| Decimal(amount.to_string())),
                from: from(&revoke.window),
                until: until(&revoke.window),
                cause: Some(revoke.cause.to_string()),
            });
        }
    }
    form
}

pub(super) fn recipient_form(recipient: &Recipient) -> RecipientForm {
    match recipient {
        Recipient::Holder(holder) => RecipientForm { holder: Some(holder.to_string()), pool: None },
        Recipient::Pool(pool) => RecipientForm { holder: None, pool: Some(pool.to_string()) },
    }
}
