//! What can be wrong with a policy file.

use crate::note::{KeyError, KeyKind};

use super::MAX_POLICY;

/// Why a file is not a policy, and where.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} of the policy: {fault}")]
pub struct PolicyError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The file has more bytes than a policy may have.
    #[error("the file has {found} bytes; at most {MAX_POLICY} are read")]
    TooLong {
        /// How many bytes there are.
        found: usize,
    },
    /// The last line does not end.
    #[error("the line does not end in a line feed; the file's end may be cut off")]
    NoLastLineFeed,
    /// There is a control character other than tab and line feed.
    #[error("the byte {byte:#04x} may not stand in a policy")]
    ControlCharacter {
        /// The byte.
        byte: u8,
    },
    /// The line's first word is not known.
    #[error("a line begins with log, witness, group or quorum, and not with {word:?}")]
    UnknownWord {
        /// The word.
        word: String,
    },
    /// The line has too few or too many words.
    #[error("the line does not read {form}")]
    WrongForm {
        /// What it should read.
        form: &'static str,
    },
    /// A key is not one.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key is of the wrong type for its line.
    #[error("the key is a {found}; this line takes a {wanted}")]
    WrongKind {
        /// The key's type.
        found: KeyKind,
        /// The type that the line takes.
        wanted: KeyKind,
    },
    /// The same public key stands on an earlier line, under whatever name.
    #[error("the same public key stands on an earlier line")]
    DuplicateKey,
    /// The name is taken, or is `none`.
    #[error("the name {name:?} is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The name does not stand on an earlier line.
    #[error("no earlier line defines {name:?}")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// The name is a member of a group already.
    #[error("{name:?} is a member of a group already, and may be of one only")]
    MemberTwice {
        /// The name.
        name: String,
    },
    /// The threshold cannot be reached, or is none.
    #[error("a group's threshold is all, any, or a number from 1 to the number of its members")]
    BadThreshold,
    /// There is a second quorum line.
    #[error("there is a quorum line already")]
    SecondQuorum,
    /// There is no quorum line.
    #[error("the policy ends without a quorum line; quorum none asks for no witness")]
    NoQuorum,
}
