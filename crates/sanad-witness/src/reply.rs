//! What a witness answers over HTTP, beyond what the protocol itself has answers for.

use std::fmt;

use sanad_audit_log::witness::Answer;

use crate::unlawful::UnlawfulHistory;

/// A witness's answer to `add-checkpoint`.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// One of the protocol's own answers.
    Protocol(Answer),
    /// 403: the log's signature holds, and an entry of its history was not allowed.
    Unlawful(Box<UnlawfulHistory>),
    /// 503: the records could not be read, or are not those of the checkpoint. Nothing is known
    /// against the history; ask again later.
    NotJudged(String),
    /// 500: the new checkpoint could not be kept, so it is not signed.
    NotKept(String),
}

impl Reply {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Protocol(answer) => answer.status(),
            Self::Unlawful(_) => 403,
            Self::NotJudged(_) => 503,
            Self::NotKept(_) => 500,
        }
    }

    /// The `Content-Type` of the body.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Protocol(answer) => answer.content_type(),
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The body: signature lines, a size, or for people the reason.
    pub fn body(&self) -> String {
        match self {
            Self::Protocol(answer) => answer.body(),
            // What the folder is called is nobody else's business.
            Self::NotKept(_) => "the checkpoint could not be kept and is not signed\n".to_owned(),
            reply => format!("{reply}\n"),
        }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Protocol(answer)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(answer) => answer.fmt(f),
            Self::Unlawful(unlawful) => unlawful.fmt(f),
            Self::NotJudged(why) => write!(f, "the history cannot be judged now: {why}"),
            Self::NotKept(why) => write!(f, "the checkpoint could not be kept: {why}"),
        }
    }
}
