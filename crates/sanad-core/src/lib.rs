//! What may be asked of an allocation ledger, whether it is allowed, and what happened.
//!
//! The domain does no input or output, knows no clock, no codec and no store. A reader who wants the rules reads
//! [`State::decide`] and follows it down.
//!
//! | file | noun |
//! |---|---|
//! | `slug`, `text`, `id` | identifiers and bounded texts, parsed once |
//! | `amount`, `quantity`, `unit` | exact amounts, and decimals as a person writes them |
//! | `time`, `window` | effective and recorded instants, validity windows |
//! | `act` | what an actor asks to have recorded |
//! | `event`, `entry`, `instrument` | what happened, under which authority |
//! | `timeline`, `headroom` | a step function over effective time with its lowest value in O(log n); a pool's |
//! | `waiting`, `stretch` | changes of headroom that are put into its timeline many at a time |
//! | `state`, `grants`, `id_table` | what the rules need to know of the history so far |
//! | `draft`, `effect` | one entry's effects, laid over the state before they are judged |
//! | `judge` | the invariants, at every effective instant |
//! | `decide` | act → entry, or a refusal |
//! | `grant_run` | many plain grants of an audit, judged in a run |
//! | `refusal` | why not: a stable code and the numbers |
//!
//! Deliberately absent: hashing, encoding, reports, time zones.

mod act;
mod amount;
mod decide;
mod draft;
mod effect;
mod entry;
mod event;
mod grant_run;
mod grants;
mod headroom;
mod id;
mod id_table;
mod instrument;
mod judge;
mod quantity;
mod refusal;
mod slug;
mod state;
mod stretch;
mod text;
mod time;
mod timeline;
mod unit;
mod waiting;
mod window;

pub use act::{Act, Command, DeclareCapacity, Grant, OpenPool, RegisterHolder, Revoke};
pub use amount::{Amount, AmountError, Capacity};
pub use decide::{Decided, derived_grant_id};
pub use effect::Effect;
pub use entry::{Entry, EntryError, Events, RecordedEntry, Sequence};
pub use event::{
    CapacityDeclared, Cause, Event, Granted, HolderRegistered, PoolKind, PoolOpened, Recipient,
    Revoked,
};
pub use grant_run::Overdrawn;
pub use id::{EntryId, GrantId, IdError};
pub use id_table::IdTable;
pub use instrument::{Digest, DigestError, Instrument};
pub use judge::Shortfall;
pub use quantity::{Quantity, QuantityError};
pub use refusal::{Number, Refusal};
pub use slug::{ActorId, HolderId, PoolId, SlugError};
pub use state::{State, Unlawful};
pub use text::{Purpose, Reason, Reference, TextError, Title};
pub use time::{EARLIEST_US, EffectiveTime, LATEST_US, RecordedTime, TimeError};
pub use timeline::{Low, Timeline};
pub use unit::{Unit, UnitError, UnitSymbol};
pub use window::{Window, WindowError};
