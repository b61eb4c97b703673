//! Threads that answer queries, and what stops them: Ctrl-C and SIGTERM.

use crate::failure::Failure;
use std::future::Future;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// How long a cancelled query may take to put its progress line and its open files away.
const GRACE: Duration = Duration::from_millis(200);

/// How long a thread that waited for a disk stays without work.
const IDLE: Duration = Duration::from_millis(100);

/// Threads that answer queries while this one listens for Ctrl-C: it is heard even if all of them compute.
pub(crate) struct Workers {
    listener: Runtime,
    threads: Runtime,
}

impl Workers {
    /// So many threads, but no more than there are cores; as many as those if not given.
    pub(crate) fn new(threads: Option<NonZeroUsize>) -> Result<Self, Failure> {
        let mut builder = Builder::new_multi_thread();
        // The allocator keeps what an idle thread has freed for that thread alone.
        builder.thread_keep_alive(IDLE);
        if let Some(threads) = threads {
            // Threads beyond the cores make nothing faster, and the runtime panics if the system refuses it one. A query still has as
            // many parallel parts as were asked for.
            let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
            builder.worker_threads(threads.min(cores).get());
        }
        Ok(Self { listener: built(Builder::new_current_thread())?, threads: built(builder)? })
    }

    /// Does a command's work to its end, or until Ctrl-C or SIGTERM.
    pub(crate) fn answer<T: Send + 'static>(
        self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let outcome = self.run_until(work, told_to_stop());
        self.leave();
        outcome
    }

    /// Does work to its end. At Ctrl-C or SIGTERM, `stop` tells it to end by itself; at a second one it is left as it is: what it
    /// writes must stand a sudden end.
    pub(crate) fn complete<T: Send + 'static>(
        self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
        stop: impl FnOnce(),
    ) -> Result<T, Failure> {
        let mut task = self.threads.spawn(work);
        let outcome = self.listener.block_on(async {
            match before(told_to_stop(), &mut task).await {
                Ok(outcome) => outcome,
                Err(failure) => {
                    stop();
                    // It may have been ready in that moment.
                    before(told_to_stop(), &mut task).await?.map_err(|_| failure)
                }
            }
        });
        self.leave();
        outcome
    }

    /// Does some work to its end, or until Ctrl-C. SIGTERM stays what it is, the end of the process: once it is listened to it
    /// would never again end a process that waits for input.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        self.run_until(work, interrupted())
    }

    fn run_until<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
        stop: impl Future<Output = Failure>,
    ) -> Result<T, Failure> {
        let mut task = self.threads.spawn(work);
        self.listener.block_on(async {
            match before(stop, &mut task).await {
                Ok(outcome) => outcome,
                Err(failure) => {
                    task.abort();
                    let _ = tokio::time::timeout(GRACE, task).await;
                    Err(failure)
                }
            }
        })
    }

    /// Ends without waiting for what a cancelled query is in the middle of.
    pub(crate) fn leave(self) {
        self.threads.shutdown_background();
    }
}

/// Does work that ends by itself, and soon, once it was told to stop.
pub(crate) fn until_stopped<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    stop: impl FnOnce(),
) -> Result<T, Failure> {
    built(Builder::new_current_thread())?.block_on(async {
        let mut task = tokio::task::spawn_blocking(work);
        match before(told_to_stop(), &mut task).await {
            Ok(outcome) => outcome,
            Err(failure) => {
                stop();
                // It may have been ready in that moment.
                let outcome = task.await.unwrap_or(Err(Failure::Stopped));
                outcome.map_err(|_| failure)
            }
        }
    })
}

/// What came of a task, or what stopped it before.
async fn before<T>(
    stop: impl Future<Output = Failure>,
    task: &mut JoinHandle<Result<T, Failure>>,
) -> Result<Result<T, Failure>, Failure> {
    tokio::select! {
        biased;
        failure = stop => Err(failure),
        done = task => Ok(done.unwrap_or(Err(Failure::Stopped))),
    }
}

/// Ends with Ctrl-C or SIGTERM.
#[cfg(unix)]
async fn told_to_stop() -> Failure {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        biased;
        failure = interrupted() => failure,
        Some(()) = terminated.recv() => Failure::Terminated,
    }
}

/// Ends with Ctrl-C: there is no SIGTERM here.
#[cfg(not(unix))]
async fn told_to_stop() -> Failure {
    interrupted().await
}

/// Ends with Ctrl-C; never if it cannot be listened to, as it ends the process then.
async fn interrupted() -> Failure {
    match tokio::signal::ctrl_c().await {
        Ok(()) => Failure::Interrupted,
        Err(_) => std::future::pending().await,
    }
}

fn built(mut builder: Builder) -> Result<Runtime, Failure> {
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::Usage(format!("threads cannot be started: {error}")))
}
