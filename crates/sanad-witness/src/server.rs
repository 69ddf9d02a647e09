//! A witness that listens.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::exchange::Exchange;
use crate::limits::ServerLimits;
use crate::witness::Witness;

/// How long nothing is accepted after accepting failed, as it does when files run out.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);
/// The most bytes of a request's head and of its not yet read body that are held.
const BUFFER: usize = 16_384;

/// A witness that listens for requests until it is stopped or dropped.
///
/// ```
/// use std::sync::Arc;
/// use sanad_audit_log::note::CosignerKey;
/// use sanad_witness::{ServerLimits, Statement, Witness, WitnessServer, WitnessState};
/// # let home = tempfile::tempdir()?;
/// # let folder = home.path().join("witness");
/// let key = CosignerKey::from_seed("witness.example/audit".parse()?, &[8; 32]);
/// let state = WitnessState::create(&folder, &key, Statement::Consistent)?;
/// let witness = Witness::new(state, vec![], Arc::new(sanad::SystemClock))?;
/// let anywhere = "127.0.0.1:0".parse()?;
/// let server = WitnessServer::start(Arc::new(witness), anywhere, ServerLimits::default())?;
/// println!("listening on http://{}", server.address());
/// server.stop();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WitnessServer {
    address: SocketAddr,
    witness: Arc<Witness>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl WitnessServer {
    /// Where a witness listens unless something else is said: on this machine only, so that what
    /// others reach is what a web server in front of it lets through.
    pub const DEFAULT_ADDRESS: SocketAddr =
        SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7367));

    /// Listens on `address`; with port 0, on one that the system chooses.
    ///
    /// # Errors
    /// Where the address cannot be listened on, or the system gives no thread.
    pub fn start(
        witness: Arc<Witness>,
        address: SocketAddr,
        limits: ServerLimits,
    ) -> io::Result<Self> {
        let listener = StdListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let stopping = limits.stopping;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(limits.answering.max(1))
            .thread_name("sanad-witness-answer")
            .build()?;
        let exchange = Exchange::new(Arc::clone(&witness), limits);
        let serve = move || {
            runtime.block_on(serve(listener, Arc::new(exchange), stopped));
            // An answer that is being made ends on its own; what it keeps is kept whole.
            runtime.shutdown_timeout(stopping);
        };
        let thread = thread::Builder::new().name("sanad-witness".into()).spawn(serve)?;
        Ok(Self { address, witness, stop, thread: Some(thread) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the server ends, which it does not by itself.
    pub fn wait(mut self) {
        self.join();
    }

    /// Stops listening, lets those who are being answered have their answer, and waits for that.
    /// Dropping the server does the same.
    pub fn stop(self) {
        drop(self);
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told of it on standard error already.
            let _ = thread.join();
        }
    }
}

impl Drop for WitnessServer {
    fn drop(&mut self) {
        self.witness.stop();
        self.stop.send_replace(true);
        self.join();
    }
}

async fn serve(listener: StdListener, exchange: Arc<Exchange>, mut stopped: watch::Receiver<bool>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let most = exchange.limits().connections.clamp(1, 10_000);
    let places = Arc::new(Semaphore::new(most));
    loop {
        // A place first, so that those for whom there is none wait in the system's queue.
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            _ = stopped.wait_for(|stopped| *stopped) => break,
        };
        match accepted {
            (Ok(place), Ok((stream, _))) => {
                let held = hold(stream, Arc::clone(&exchange), stopped.clone());
                tokio::spawn(async move {
                    held.await;
                    drop(place);
                });
            }
            _ => sleep(AFTER_FAILED_ACCEPT).await,
        }
    }
    drop(listener);
    // All places are free again when all connections have ended.
    let all = places.acquire_many(most as u32);
    let _ = timeout(exchange.limits().stopping, all).await;
}

/// Serves one connection to its end, or to the end of its time.
async fn hold(stream: TcpStream, exchange: Arc<Exchange>, mut stopped: watch::Receiver<bool>) {
    let limits = exchange.limits().clone();
    let service = service_fn(move |request| {
        let exchange = Arc::clone(&exchange);
        async move { exchange.answer(request).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let whole = async {
        // A connection that was kept alive for a third of its time takes no further request, so that
        // none is cut off in its middle.
        let ended = tokio::select! {
            ended = connection.as_mut() => Some(ended),
            () = sleep(limits.connection / 3) => None,
            _ = stopped.wait_for(|stopped| *stopped) => None,
        };
        if ended.is_none() {
            connection.as_mut().graceful_shutdown();
            // Whoever broke off is told nothing.
            let _ = connection.await;
        }
    };
    let _ = timeout(limits.connection, whole).await;
}
