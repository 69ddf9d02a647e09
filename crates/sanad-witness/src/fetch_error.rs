//! Why something could not be fetched over HTTP.

use std::io;

use sanad_publication::SourceError;

/// Why something could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address is not one that is asked.
    #[error("{address:?} is no address to fetch from: {why}")]
    BadAddress {
        /// The address.
        address: String,
        /// Why not.
        why: String,
    },
    /// The path is not one of a published log.
    #[error("{path:?} is no path below a log's root")]
    BadPath {
        /// The path.
        path: String,
    },
    /// Nobody answered there, or the answer broke off or is not HTTP.
    #[error("{address}: {why}")]
    Unreachable {
        /// The address.
        address: String,
        /// Why not.
        why: String,
    },
    /// The whole answer was not there in time.
    #[error("{address} did not answer in time")]
    TimedOut {
        /// The address.
        address: String,
    },
    /// There is another answer than the file or that there is none.
    #[error("{address} answered with status {status}")]
    Status {
        /// The address.
        address: String,
        /// The HTTP status.
        status: u16,
    },
    /// The file is longer than one of its kind may be.
    #[error("{address} has more than the {most} bytes that it may have")]
    TooLong {
        /// The address, or the path of the file.
        address: String,
        /// How many bytes it may have.
        most: usize,
    },
}

impl FetchError {
    /// The same for whoever reads a publication and does not know that it is far away.
    pub(crate) fn of_file(self, file: &str) -> SourceError {
        let file = file.to_owned();
        match self {
            Self::TooLong { most, .. } => SourceError::TooLong { file, most },
            Self::BadPath { .. } => SourceError::BadPath { file },
            other => SourceError::Failed { file, cause: io::Error::other(other) },
        }
    }
}

/// A path that leads nowhere but below the root, and means the same in a folder and in a URL.
pub(crate) fn plain(path: &str) -> Result<&str, FetchError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let segment = |segment: &str| {
        !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(allowed)
    };
    if path.split('/').all(segment) {
        Ok(path)
    } else {
        Err(FetchError::BadPath { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_the_log_is_refused() {
        for path in ["", "/etc/passwd", "../key", "tile/../../key", "tile//0", "tile/0/", "a?b"] {
            assert!(plain(path).is_err(), "{path}");
        }
        for path in ["checkpoint", "tile/0/x001/234.p/17", "tile/entries/000", "ledger.json"] {
            assert!(plain(path).is_ok(), "{path}");
        }
    }
}
