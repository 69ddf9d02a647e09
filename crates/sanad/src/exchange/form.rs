//! The JSON of an act, field by field: names and types only. What the values mean is read in `act`.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an act: an object with \"actor\" and \"events\"")]
pub(super) struct ActForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instrument: Option<InstrumentForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) accept_shortfall: bool,
    pub(super) events: Vec<CommandForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an instrument: an object with \"reference\"")]
pub(super) struct InstrumentForm {
    pub(super) reference: String,
    pub(super) digest: Option<String>,
}

/// One command; a struct and not an enum, so that a repeated or unknown verb is named with its place.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an event: an object with one verb, such as \"grant\"")]
pub(super) struct CommandForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) open_pool: Option<OpenPoolForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) declare_capacity: Option<DeclareCapacityForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) register_holder: Option<RegisterHolderForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grant: Option<GrantForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revoke: Option<RevokeForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with \"pool\" and \"title\"")]
pub(super) struct OpenPoolForm {
    pub(super) pool: String,
    pub(super) title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decimals: Option<Decimals>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with \"pool\", \"amount\" and \"from\"")]
pub(super) struct DeclareCapacityForm {
    pub(super) pool: String,
    pub(super) amount: Decimal,
    pub(super) from: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with \"holder\" and \"title\"")]
pub(super) struct RegisterHolderForm {
    pub(super) holder: String,
    pub(super) title: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with \"pool\", \"to\", \"amount\" and \"from\""
)]
pub(super) struct GrantForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) grant: Option<String>,
    pub(super) pool: String,
    pub(super) to: RecipientForm,
    pub(super) amount: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purpose: Option<String>,
    pub(super) from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with \"holder\" or \"pool\"")]
pub(super) struct RecipientForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pool: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with \"grant\" and \"from\"")]
pub(super) struct RevokeForm {
    pub(super) grant: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Decimal>,
    pub(super) from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cause: Option<String>,
}

/// An amount as a decimal in quotes: a JSON number would pass through floating point in many programs.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Decimal(pub(super) String);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InQuotes;
        impl Visitor<'_> for InQuotes {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal in quotes, such as \"300\" or \"92.4\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
                Ok(Decimal(text.to_owned()))
            }
        }
        deserializer.deserialize_str(InQuotes)
    }
}

/// How many decimals a unit has.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Decimals(pub(super) u8);

impl<'de> Deserialize<'de> for Decimals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Decimals;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0 to 18")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Decimals, E> {
                // Whether a small number is small enough is for the unit to say.
                u8::try_from(number)
                    .map(Decimals)
                    .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
            }
        }
        deserializer.deserialize_u64(Whole)
    }
}
