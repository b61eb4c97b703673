//! Threads that answer queries, and Ctrl-C.

use crate::failure::Failure;
use std::future::Future;
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// How long a cancelled query may take to put its progress line and its open files away.
const GRACE: Duration = Duration::from_millis(200);

/// Threads that answer queries while this one listens for Ctrl-C: it is heard even if all of them compute.
pub(crate) struct Workers {
    listener: Runtime,
    threads: Runtime,
}

impl Workers {
    /// So many threads; as many as there are cores if not given.
    pub(crate) fn new(threads: Option<NonZeroUsize>) -> Result<Self, Failure> {
        let mut builder = Builder::new_multi_thread();
        if let Some(threads) = threads {
            builder.worker_threads(threads.get());
        }
        Ok(Self { listener: built(Builder::new_current_thread())?, threads: built(builder)? })
    }

    /// Does a command's work to its end, or until Ctrl-C.
    pub(crate) fn answer<T: Send + 'static>(
        self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let outcome = self.run(work);
        self.leave();
        outcome
    }

    /// Does some work to its end, or until Ctrl-C.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let mut task = self.threads.spawn(work);
        self.listener.block_on(async {
            if let Some(outcome) = before_interrupt(&mut task).await {
                return outcome;
            }
            task.abort();
            let _ = tokio::time::timeout(GRACE, task).await;
            Err(Failure::Interrupted)
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
        if let Some(outcome) = before_interrupt(&mut task).await {
            return outcome;
        }
        stop();
        // It may have been ready in that moment.
        let outcome = task.await.unwrap_or(Err(Failure::Stopped));
        outcome.map_err(|_| Failure::Interrupted)
    })
}

/// What came of a task, or nothing if Ctrl-C came before.
async fn before_interrupt<T>(
    task: &mut JoinHandle<Result<T, Failure>>,
) -> Option<Result<T, Failure>> {
    tokio::select! {
        biased;
        Ok(()) = tokio::signal::ctrl_c() => None,
        done = task => Some(done.unwrap_or(Err(Failure::Stopped))),
    }
}

fn built(mut builder: Builder) -> Result<Runtime, Failure> {
    builder
        .enable_all()
        .build()
        .map_err(|error| Failure::Usage(format!("threads cannot be started: {error}")))
}
