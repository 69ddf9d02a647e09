//! A witness's answer.

use std::fmt;

use super::error::RequestError;
use crate::decimal;
use crate::note::{MAX_NOTE, NoteError, NoteSignature};

/// What a witness answers to `add-checkpoint`.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// 200: the cosignature.
    Cosigned(NoteSignature),
    /// 400: the request is malformed, or its old size is more than the checkpoint's.
    BadRequest(String),
    /// 403: no known key of the log signed, or a known key's signature does not hold.
    NotSigned,
    /// 404: the log is not known.
    UnknownLog,
    /// 409: the old size is not the one last cosigned, which is this.
    OtherSize {
        /// The size last cosigned; 0 for none.
        size: u64,
    },
    /// 422: the checkpoint did not grow out of the last one, or its proof does not hold.
    NotConsistent(String),
}

impl Answer {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Cosigned(_) => 200,
            Self::BadRequest(_) => 400,
            Self::NotSigned => 403,
            Self::UnknownLog => 404,
            Self::OtherSize { .. } => 409,
            Self::NotConsistent(_) => 422,
        }
    }

    /// The `Content-Type` of the body.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::OtherSize { .. } => "text/x.tlog.size",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// The body: signature lines, a size, or for people the reason.
    pub fn body(&self) -> String {
        match self {
            Self::Cosigned(cosignature) => format!("{cosignature}\n"),
            Self::OtherSize { size } => format!("{size}\n"),
            refusal => format!("{refusal}\n"),
        }
    }
}

impl From<RequestError> for Answer {
    fn from(error: RequestError) -> Self {
        Self::BadRequest(error.to_string())
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cosigned(cosignature) => write!(f, "cosigned by {}", cosignature.name()),
            Self::BadRequest(why) => write!(f, "the request is malformed: {why}"),
            Self::NotSigned => f.write_str("the checkpoint is not validly signed by its log"),
            Self::UnknownLog => f.write_str("the checkpoint is of a log that is not known here"),
            Self::OtherSize { size } => write!(f, "the size last cosigned is {size}"),
            Self::NotConsistent(why) => write!(f, "the checkpoint is not consistent: {why}"),
        }
    }
}

impl std::error::Error for Answer {}

/// The cosignatures in the body of a 200. They are not checked; add them to the checkpoint and
/// verify it.
///
/// # Errors
/// [`NoteError`] when the body is not signature lines.
pub fn cosignatures_from(body: &[u8]) -> Result<Vec<NoteSignature>, NoteError> {
    if body.len() > MAX_NOTE {
        return Err(NoteError::TooLong { found: body.len() });
    }
    let text = std::str::from_utf8(body);
    let text = text.map_err(|error| NoteError::NotUtf8 { at: error.valid_up_to() })?;
    NoteSignature::parse_lines(text)
}

/// The size in the body of a 409, if it is one.
pub fn size_from(body: &[u8]) -> Option<u64> {
    decimal::parse(std::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}
