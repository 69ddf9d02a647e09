//! Fetching a published log from web servers, good and bad.

use std::time::Duration;

use sanad_witness::{FetchError, HttpLog};

use crate::office::PATIENCE;
use crate::stranger::{Stranger, response};

/// Fetches at most ten bytes from a server that says this.
fn fetch(answer: Vec<u8>) -> Result<Option<Vec<u8>>, FetchError> {
    let stranger = Stranger::saying(vec![answer]);
    let log = HttpLog::new(&stranger.url(), Duration::from_secs(2)).unwrap();
    log.fetch("tile/0/000.p/3", 10)
}

#[test]
fn a_file_is_fetched_whole_from_below_the_log_s_root() {
    let answer = response("200 OK", "application/octet-stream", b"0123456789");
    let stranger = Stranger::saying(vec![answer]);
    let log = HttpLog::new(&format!("{}/pk/", stranger.url()), PATIENCE).unwrap();
    assert_eq!(log.fetch("tile/0/000.p/3", 10).unwrap(), Some(b"0123456789".to_vec()));
    let asked = stranger.heard.recv_timeout(PATIENCE).unwrap();
    assert!(asked.starts_with("GET /pk/tile/0/000.p/3 HTTP/1.1\r\n"), "{asked}");
    assert!(!asked.to_lowercase().contains("gzip"), "{asked}");
}

#[test]
fn what_is_not_there_is_none_however_long_the_page_that_says_so() {
    assert_eq!(fetch(response("404 Not Found", "text/html", &[b'x'; 5_000])).unwrap(), None);
}

#[test]
fn a_file_longer_than_asked_for_is_refused_whether_it_says_so_or_not() {
    let announced = fetch(response("200 OK", "text/plain", b"01234567890"));
    assert!(matches!(announced, Err(FetchError::TooLong { most: 10, .. })), "{announced:?}");
    let mut endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    endless.extend_from_slice(&[b'x'; 100_000]);
    let endless = fetch(endless);
    assert!(matches!(endless, Err(FetchError::TooLong { most: 10, .. })), "{endless:?}");
}

#[test]
fn a_file_that_breaks_off_is_not_taken_for_a_shorter_one() {
    let whole = response("200 OK", "text/plain", b"0123456789");
    let cut = fetch(whole[..whole.len() - 1].to_vec());
    assert!(matches!(cut, Err(FetchError::Unreachable { .. })), "{cut:?}");
}

#[test]
fn another_status_is_an_error_and_a_redirect_is_not_followed() {
    let failed = fetch(response("500 Internal Server Error", "text/plain", b"x"));
    assert!(matches!(failed, Err(FetchError::Status { status: 500, .. })), "{failed:?}");
    let moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec();
    let moved = fetch(moved);
    assert!(matches!(moved, Err(FetchError::Status { status: 302, .. })), "{moved:?}");
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let (address, _listener) = Stranger::silent();
    let log = HttpLog::new(&format!("http://{address}"), Duration::from_millis(200)).unwrap();
    let fetched = log.fetch("checkpoint", 10);
    assert!(matches!(fetched, Err(FetchError::TimedOut { .. })), "{fetched:?}");
}

#[test]
fn nothing_is_fetched_from_outside_the_log() {
    let log = HttpLog::new("http://127.0.0.1:1", PATIENCE).unwrap();
    for path in ["../secret", "/secret", "tile/../../secret", "secret?x", ""] {
        assert!(matches!(log.fetch(path, 10), Err(FetchError::BadPath { .. })), "{path}");
    }
}
