//! A second office that runs a witness, and a client that says just what it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sanad_audit_log::note::{CosignerKey, KeyName, VerifierKey};
use sanad_tests::{HandClock, PublishedLog};
use sanad_witness::{ServerLimits, Statement, Witness, WitnessServer, WitnessState, WitnessedLog};
use tempfile::TempDir;

/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Where the office's clock stands, in seconds since 1970-01-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_748_736_000;

/// An office with a witness in a folder of its own.
pub(crate) struct Office {
    pub(crate) home: TempDir,
    pub(crate) key: CosignerKey,
}

impl Office {
    /// An office whose witness has taken these logs on.
    pub(crate) fn new(name: &str, statement: Statement, origins: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut seed = [8; 32];
        seed[0] = u8::try_from(name.len()).unwrap();
        let key = CosignerKey::from_seed(name.parse().unwrap(), &seed);
        let mut state = WitnessState::create(&home.path().join("w"), &key, statement).unwrap();
        for origin in origins {
            state.enrol(&origin.parse().unwrap()).unwrap();
        }
        Self { home, key }
    }

    /// An office that has taken on one log, and only looks at how it grows.
    pub(crate) fn of(log: &PublishedLog) -> Self {
        let origin = log.key.name().as_str();
        Self::new("witness.example/audit", Statement::Consistent, &[origin])
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.home.path().join("w")
    }

    /// The file of a kind that the folder has of a log.
    pub(crate) fn file(&self, origin: &KeyName, kind: &str) -> PathBuf {
        let hash = sanad_audit_log::witness::OriginHash::of(origin);
        self.folder().join(format!("{hash}.{kind}"))
    }

    pub(crate) fn verifier_key(&self) -> VerifierKey {
        self.key.verifier_key()
    }

    pub(crate) fn witness_of(&self, logs: Vec<WitnessedLog>) -> Arc<Witness> {
        let state = WitnessState::open(&self.folder()).unwrap();
        let clock = HandClock::at_us(i64::try_from(NOW).unwrap() * 1_000_000);
        Arc::new(Witness::new(state, logs, Arc::new(clock)).unwrap())
    }

    pub(crate) fn witness(&self, log: &PublishedLog) -> Arc<Witness> {
        self.witness_of(vec![witnessed(log)])
    }

    pub(crate) fn serve(&self, log: &PublishedLog) -> WitnessServer {
        listen(self.witness(log), ServerLimits::default())
    }
}

/// A log as a witness knows it.
pub(crate) fn witnessed(log: &PublishedLog) -> WitnessedLog {
    WitnessedLog::new(log.key.name().clone(), vec![log.verifier_key()]).unwrap()
}

pub(crate) fn listen(witness: Arc<Witness>, limits: ServerLimits) -> WitnessServer {
    WitnessServer::start(witness, "127.0.0.1:0".parse().unwrap(), limits).unwrap()
}

/// A response as it came over the wire.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Heard {
    pub(crate) fn has_header(&self, line: &str) -> bool {
        self.head.lines().any(|found| found.eq_ignore_ascii_case(line))
    }
}

/// Connects; reading and writing end after [`PATIENCE`], with an error.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Reads one response that says how long it is.
pub(crate) fn hear(stream: &mut TcpStream) -> Heard {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut one).unwrap(), 1, "the response broke off");
        bytes.push(one[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = |line: &str| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok();
    let mut body = vec![0; head.lines().find_map(length).unwrap()];
    stream.read_exact(&mut body).unwrap();
    Heard { status, head, body: String::from_utf8(body).unwrap() }
}

/// Sends these bytes and reads the response.
pub(crate) fn say(address: SocketAddr, bytes: &[u8]) -> Heard {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    hear(&mut stream)
}

/// The bytes of an `add-checkpoint` request with this body.
pub(crate) fn post(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: w\r\n\r\n").into_bytes()
}

/// Asks the witness at this address to cosign.
pub(crate) fn ask(server: &WitnessServer, body: &impl ToString) -> Heard {
    say(server.address(), &post(&body.to_string()))
}
