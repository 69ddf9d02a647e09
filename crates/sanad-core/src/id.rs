//! Identifiers that programs make: entries and grants.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Why a text is no entry or grant id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// Not a UUID.
    #[error("{text:?} is no UUID; write it as 01970e3c-7b7a-7000-8000-000000000001")]
    NotAUuid {
        /// What was given, cut after 48 characters.
        text: String,
    },
    /// The nil UUID names nothing.
    #[error("the nil UUID names nothing; leave the id out to have one made")]
    Nil,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes any UUID but the nil one.
            ///
            /// # Errors
            /// [`IdError::Nil`].
            #[inline]
            pub fn new(uuid: Uuid) -> Result<Self, IdError> {
                if uuid.is_nil() { Err(IdError::Nil) } else { Ok(Self(uuid)) }
            }

            /// The UUID.
            #[must_use]
            #[inline]
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let uuid = Uuid::try_parse(text).map_err(|_| IdError::NotAUuid {
                    text: text.chars().take(48).collect(),
                })?;
                Self::new(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

uuid_id! {
    /// Names an entry; the key of idempotency.
    ///
    /// ```
    /// use sanad_core::EntryId;
    /// let id: EntryId = "01970e3c-7b7a-7000-8000-000000000001".parse()?;
    /// assert_eq!(id.to_string(), "01970e3c-7b7a-7000-8000-000000000001");
    /// # Ok::<(), sanad_core::IdError>(())
    /// ```
    EntryId
}
uuid_id! {
    /// Names a grant.
    GrantId
}
