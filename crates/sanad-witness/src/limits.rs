//! How much a witness lets others ask of it.

use std::time::Duration;

/// The bounds of a [`WitnessServer`](crate::WitnessServer).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerLimits {
    /// How many connections are held at once; others wait to be accepted.
    pub connections: usize,
    /// How many requests are answered at once; others wait, and then are asked to come again.
    pub answering: usize,
    /// How long a client may take to send the head of a request, and a connection may lie idle.
    pub head: Duration,
    /// How long a client may take to send the body of a request.
    pub body: Duration,
    /// How long a client waits for an answer before it is asked to come again. What was begun for it
    /// goes on.
    pub answer: Duration,
    /// How long a connection is held, whatever is done with it. A third of it must be left when the
    /// three above are over: a connection takes requests in its first third only.
    pub connection: Duration,
    /// How long connections may take to end when the server is stopped.
    pub stopping: Duration,
}

impl Default for ServerLimits {
    /// 64 connections, 4 answers at once; 10 s for a head, 10 s for a body, 25 s for an answer,
    /// 90 s for a connection, 5 s to stop.
    fn default() -> Self {
        Self {
            connections: 64,
            answering: 4,
            head: Duration::from_secs(10),
            body: Duration::from_secs(10),
            answer: Duration::from_secs(25),
            connection: Duration::from_secs(90),
            stopping: Duration::from_secs(5),
        }
    }
}
