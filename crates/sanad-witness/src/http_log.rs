//! A published log on a web server.

use std::time::Duration;

use sanad_publication::{Source, SourceError};
use ureq::Agent;

use crate::fetch_error::{FetchError, plain};
use crate::http::{self, BaseUrl};

/// A published log, fetched over HTTP. Each fetch is bounded in time and in bytes; nothing that it
/// gives is checked.
///
/// Redirects are not followed. A proxy is taken from the environment, as other programs do, except
/// for this machine itself.
///
/// ```
/// use std::time::Duration;
/// use sanad_witness::HttpLog;
/// let log = HttpLog::new("https://ledger.example/pk", Duration::from_secs(30))?;
/// assert_eq!(log.base_url(), "https://ledger.example/pk");
/// assert!(HttpLog::new("ledger.example/pk", Duration::from_secs(30)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpLog {
    base_url: BaseUrl,
    agent: Agent,
}

impl HttpLog {
    /// The log whose root is at `base_url`. A fetch may take `limit` as a whole, from the look-up of
    /// the host's name to the last byte.
    ///
    /// # Errors
    /// [`FetchError::BadAddress`].
    pub fn new(base_url: &str, limit: Duration) -> Result<Self, FetchError> {
        let base_url = BaseUrl::parse(base_url)?;
        let agent = base_url.agent(limit);
        Ok(Self { base_url, agent })
    }

    /// The address of the log's root.
    pub fn base_url(&self) -> &str {
        self.base_url.as_str()
    }

    /// The file at `path` below the root, whole; `None` if the server says that there is none
    /// (status 404).
    ///
    /// # Errors
    /// [`FetchError`] where it has more than `most_bytes`, the server cannot be reached in time, or
    /// it answers with another status.
    pub fn fetch(&self, path: &str, most_bytes: usize) -> Result<Option<Vec<u8>>, FetchError> {
        let address = self.base_url.join(plain(path)?);
        let answer = http::read(self.agent.get(&address).call(), &address, most_bytes)?;
        match answer.status.as_u16() {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            status => Err(FetchError::Status { address, status }),
        }
    }
}

impl Source for HttpLog {
    fn fetch(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, SourceError> {
        Self::fetch(self, path, most).map_err(|error| error.of_file(path))
    }
}
