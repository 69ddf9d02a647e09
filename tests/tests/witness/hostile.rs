//! Clients that send slowly, much, nonsense, or nothing.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use sanad_audit_log::witness::MAX_REQUEST;
use sanad_tests::PublishedLog;
use sanad_witness::{ServerLimits, WitnessServer};

use crate::office::{Office, ask, connect, hear, listen, post, say};

fn log() -> PublishedLog {
    PublishedLog::of_texts("ledger.example/pk", 20)
}

/// A server that has patience with nobody.
fn hasty(office: &Office, log: &PublishedLog) -> WitnessServer {
    let limits = ServerLimits {
        connections: 4,
        head: Duration::from_millis(200),
        body: Duration::from_millis(200),
        ..ServerLimits::default()
    };
    listen(office.witness(log), limits)
}

/// Reads until the other side ends the connection; fails if it does not.
fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection was not ended: {error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn who_sends_the_head_slowly_is_hung_up_on() {
    let log = log();
    let office = Office::of(&log);
    let server = hasty(&office, &log);
    let mut stream = connect(server.address());
    stream.write_all(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nX-Slow: ").unwrap();
    assert!(!read_to_end(&mut stream).contains("200 OK"));
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
}

#[test]
fn who_sends_the_body_slowly_is_told_so() {
    let log = log();
    let office = Office::of(&log);
    let server = hasty(&office, &log);
    let request = post(&log.request(0, 5).to_string());
    let heard = say(server.address(), &request[..request.len() - 1]);
    assert_eq!(heard.status, 408);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200, "nothing was signed for it");
}

#[test]
fn who_says_nothing_at_all_holds_a_place_for_a_short_time_only() {
    let log = log();
    let office = Office::of(&log);
    let server = hasty(&office, &log);
    let silent: Vec<_> = (0..12).map(|_| connect(server.address())).collect();
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
    drop(silent);
}

#[test]
fn a_body_longer_than_a_request_is_refused_however_it_is_sent() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let long = "x".repeat(MAX_REQUEST + 1);
    assert_eq!(say(server.address(), &post(&long)).status, 400);
    // Without a length at its head.
    let mut chunked =
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in long.as_bytes().chunks(10_000) {
        chunked.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        chunked.extend_from_slice(piece);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let heard = say(server.address(), &chunked);
    assert!(heard.status == 400 && heard.body.contains("bytes"), "{heard:?}");
    // A length that nobody would read: refused at once, and nothing is reserved for it.
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {}\r\n\r\n",
        u64::MAX / 2
    );
    assert_eq!(say(server.address(), head.as_bytes()).status, 400);
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
}

#[test]
fn a_request_in_chunks_is_read_like_any_other() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let body = log.request(0, 5).to_string();
    let request = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    assert_eq!(say(server.address(), request.as_bytes()).status, 200);
}

#[test]
fn a_head_that_is_too_long_or_no_http_is_refused() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let mut stream = connect(server.address());
    let long = format!("GET / HTTP/1.1\r\nHost: w\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    // The other side may hang up in the middle of it.
    let _ = stream.write_all(long.as_bytes());
    assert!(!read_to_end(&mut stream).contains("200 OK"));
    for bytes in
        [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"\r\n\r\n\r\n\r\n", b"GET\0/ HTTP/9\r\n\r\n"]
    {
        let mut stream = connect(server.address());
        stream.write_all(bytes).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(!read_to_end(&mut stream).contains("200 OK"));
    }
    assert_eq!(ask(&server, &log.request(0, 5)).status, 200);
}

#[test]
fn who_hangs_up_in_the_middle_gets_nothing_signed() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let request = post(&log.request(0, 5).to_string());
    let mut stream = connect(server.address());
    stream.write_all(&request[..request.len() - 1]).unwrap();
    drop(stream);
    let heard = ask(&server, &log.request(3, 5));
    assert_eq!((heard.status, heard.body.as_str()), (409, "0\n"));
}

#[test]
fn a_server_that_is_stopped_hangs_up_on_idle_clients_and_frees_the_folder() {
    let log = log();
    let office = Office::of(&log);
    let server = office.serve(&log);
    let mut idle = connect(server.address());
    idle.write_all(&post(&log.request(0, 5).to_string())).unwrap();
    assert_eq!(hear(&mut idle).status, 200);
    let address = server.address();
    server.stop();
    assert_eq!(read_to_end(&mut idle), "");
    assert!(TcpStream::connect(address).is_err());
    assert!(sanad_witness::WitnessState::open(&office.folder()).is_ok());
}
