//! One HTTP exchange with somebody who is not trusted: bounded in time and in bytes.

use std::io::Read;
use std::net::IpAddr;
use std::time::Duration;

use ureq::http::{StatusCode, Uri, header};
use ureq::{Agent, Body, Error};

use crate::fetch_error::FetchError;

/// The most bytes of an answer's head that are read.
const MAX_HEAD: usize = 16_384;

/// The most bytes that are read of what stands beside an error.
const MAX_REASON: u64 = 2_048;

/// An address below which paths are asked for: `http://` or `https://`, a host, and maybe a path.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    text: String,
    /// The host is this machine, which no proxy leads to.
    is_loopback: bool,
}

/// An answer, with a body of bounded length.
#[derive(Debug)]
pub(crate) struct HttpAnswer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        let bad = |why: &str| FetchError::BadAddress { address: text.to_owned(), why: why.into() };
        let uri: Uri = text.parse().map_err(|_| bad("it is not a URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(bad("it must begin with http:// or https://"));
        }
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return Err(bad("it names no host"));
        };
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(bad("it holds a user's name, which is not sent"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(bad("it has a query or a fragment, behind which no path can stand"));
        }
        let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_loopback = ip.map_or(host == "localhost", |ip| ip.is_loopback());
        Ok(Self { text: text.trim_end_matches('/').to_owned(), is_loopback })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.text)
    }

    /// Who asks there. The whole exchange, with the name's look-up, takes `limit` at most.
    pub(crate) fn agent(&self, limit: Duration) -> Agent {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // An answer from elsewhere is not the answer of whom was asked.
            .max_redirects(0)
            .max_response_header_size(MAX_HEAD)
            .timeout_global(Some(limit))
            .user_agent(concat!("sanad/", env!("CARGO_PKG_VERSION")));
        let config = if self.is_loopback { config.proxy(None) } else { config };
        config.build().into()
    }
}

/// Reads an answer. A 200 has at most `most` bytes of body; of another answer the beginning is read.
pub(crate) fn read(
    answer: Result<ureq::http::Response<Body>, Error>,
    address: &str,
    most: usize,
) -> Result<HttpAnswer, FetchError> {
    let failed = |error| failure(error, address, most);
    let mut answer = answer.map_err(failed)?;
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = answer.status();
    if status != StatusCode::OK {
        let mut body = Vec::new();
        // What a server says beside an error is for people; a part of it will do.
        let _ = answer.body_mut().as_reader().take(MAX_REASON).read_to_end(&mut body);
        return Ok(HttpAnswer { status, content_type, body });
    }
    // One byte more, so that a body that is too long is told from one that just fits.
    let body = answer.body_mut().with_config().limit(most as u64 + 1).read_to_vec();
    let body = body.map_err(failed)?;
    if body.len() > most {
        return Err(FetchError::TooLong { address: address.to_owned(), most });
    }
    Ok(HttpAnswer { status, content_type, body })
}

fn failure(error: Error, address: &str, most: usize) -> FetchError {
    let address = address.to_owned();
    match error {
        Error::Timeout(_) => FetchError::TimedOut { address },
        Error::BodyExceedsLimit(_) => FetchError::TooLong { address, most },
        Error::BadUri(why) => FetchError::BadAddress { address, why },
        error => FetchError::Unreachable { address, why: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_have_paths_behind_it_is_refused_with_the_reason() {
        for (text, why) in [
            ("ledger.example/pk", "not a URL"),
            ("ledger.example", "begin with"),
            ("ftp://ledger.example", "begin with"),
            ("file:///etc/passwd", "not a URL"),
            ("http://user@ledger.example", "user"),
            ("http://ledger.example/?log=1", "query"),
            ("http://ledger.example/#top", "fragment"),
            ("", "URL"),
        ] {
            let refused = BaseUrl::parse(text).unwrap_err().to_string();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn an_address_may_end_in_a_slash() {
        let url = BaseUrl::parse("https://ledger.example/pk/").unwrap();
        assert_eq!(url.join("checkpoint"), "https://ledger.example/pk/checkpoint");
    }
}
