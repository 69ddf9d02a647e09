//! One request to a witness, and the response.

use std::convert::Infallible;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use sanad_audit_log::witness::MAX_REQUEST;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::limits::ServerLimits;
use crate::witness::Witness;

const TEXT: &str = "text/plain; charset=utf-8";
/// What is read and thrown away of a body that is too long, so that its sender hears why.
const MAX_THROWN_AWAY: usize = 4 << 20;
/// When whoever was asked to come again should, in seconds.
const COME_AGAIN: &str = "10";

/// A witness and what it lets others ask.
pub(crate) struct Exchange {
    witness: Arc<Witness>,
    limits: ServerLimits,
    answering: Arc<Semaphore>,
}

/// Why there is no body.
enum Unread {
    TooLong,
    TooSlow,
    BrokenOff,
}

impl Exchange {
    pub(crate) fn new(witness: Arc<Witness>, limits: ServerLimits) -> Self {
        let answering = Arc::new(Semaphore::new(limits.answering.clamp(1, 1_000)));
        Self { witness, limits, answering }
    }

    pub(crate) const fn limits(&self) -> &ServerLimits {
        &self.limits
    }

    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path();
        Ok(match path.strip_prefix('/') {
            Some("add-checkpoint") if request.method() == Method::POST => {
                self.add_checkpoint(request).await
            }
            Some("add-checkpoint") => not_allowed("POST"),
            Some(path) => match path.strip_suffix("/checkpoint") {
                Some(hash) if request.method() == Method::GET => self.checkpoint(hash),
                Some(_) => not_allowed("GET"),
                None => response(404, TEXT, "there is nothing here\n"),
            },
            None => response(404, TEXT, "there is nothing here\n"),
        })
    }

    async fn add_checkpoint(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let read = timeout(self.limits.body, read(request.into_body())).await;
        let body = match read.unwrap_or(Err(Unread::TooSlow)) {
            Ok(body) => body,
            Err(Unread::TooLong) => {
                let why = format!("the request has more than {MAX_REQUEST} bytes\n");
                return response(400, TEXT, why);
            }
            Err(Unread::TooSlow) => {
                return response(408, TEXT, "the request was not there in time\n");
            }
            Err(Unread::BrokenOff) => {
                return response(400, TEXT, "the request broke off\n");
            }
        };
        match timeout(self.limits.answer, self.answer_body(body)).await {
            Ok(response) => response,
            Err(_) => come_again("the answer is being made; ask again\n"),
        }
    }

    async fn answer_body(&self, body: Vec<u8>) -> Response<Full<Bytes>> {
        let Ok(place) = Arc::clone(&self.answering).acquire_owned().await else {
            return come_again("the witness is being stopped\n");
        };
        let witness = Arc::clone(&self.witness);
        // Answering waits for the disk, and maybe for a replay.
        let answered = tokio::task::spawn_blocking(move || {
            let reply = witness.answer(&body);
            drop(place);
            reply
        });
        match answered.await {
            Ok(reply) if reply.status() == 503 => come_again(reply.body()),
            Ok(reply) => response(reply.status(), reply.content_type(), reply.body()),
            Err(_) => response(500, TEXT, "the witness failed; nothing was signed\n"),
        }
    }

    fn checkpoint(&self, origin_hash: &str) -> Response<Full<Bytes>> {
        match self.witness.checkpoint(origin_hash) {
            Some(checkpoint) => response(200, TEXT, checkpoint.note().to_string()),
            None => response(404, TEXT, "nothing was cosigned of a log with this origin hash\n"),
        }
    }
}

/// Reads a body of at most [`MAX_REQUEST`] bytes. Memory grows with what has arrived, whatever the
/// head said of its length.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Unread> {
    let announced = body.size_hint().lower();
    if announced > MAX_THROWN_AWAY as u64 {
        return Err(Unread::TooLong);
    }
    let (mut bytes, mut length) = (Vec::new(), 0usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::BrokenOff)?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length <= MAX_REQUEST {
            bytes.extend_from_slice(&data);
        } else {
            bytes = Vec::new();
        }
        if length > MAX_THROWN_AWAY {
            break;
        }
    }
    if length > MAX_REQUEST { Err(Unread::TooLong) } else { Ok(bytes) }
}

fn response(
    status: u16,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    // A checkpoint from a cache could be one that was left behind.
    headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

fn come_again(why: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = response(503, TEXT, why);
    let after = hyper::header::HeaderValue::from_static(COME_AGAIN);
    response.headers_mut().insert(RETRY_AFTER, after);
    response
}

fn not_allowed(allowed: &'static str) -> Response<Full<Bytes>> {
    let mut response = response(405, TEXT, "this is not how to ask here\n");
    let allowed = hyper::header::HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}
