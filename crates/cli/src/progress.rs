//! Rows and bytes on stderr while a query runs, once it has run for a second.

use futures::{Stream, StreamExt};
use hoglet::{Error, RecordBatch, ResultStream};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// How long a query runs before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often what is shown changes.
const BEAT: Duration = Duration::from_millis(200);

/// What happened next.
pub(crate) enum Next {
    Batch(RecordBatch),
    Failed(Error),
    Interrupted,
    End,
}

/// Watches one running query.
pub(crate) struct Watch {
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), bar: None }
    }

    /// The next batch; meanwhile shows progress and listens for Ctrl-C.
    pub(crate) async fn next(&mut self, stream: &mut ResultStream) -> Next {
        loop {
            let waited = tokio::select! {
                biased;
                signal = tokio::signal::ctrl_c() => Some(if signal.is_ok() { Next::Interrupted } else { Next::End }),
                batch = next_batch(stream) => Some(batch),
                () = tokio::time::sleep(BEAT) => None,
            };
            self.show(stream);
            if let Some(next) = waited {
                return next;
            }
        }
    }

    fn show(&mut self, stream: &ResultStream) {
        let elapsed = self.started.elapsed();
        if elapsed < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{spinner} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style)
        });
        let progress = stream.progress();
        let rate = progress.rows as f64 / elapsed.as_secs_f64();
        bar.set_message(format!(
            "{} rows, {} read, {}/s, {:.0} s",
            HumanCount(progress.rows),
            HumanBytes(progress.bytes),
            HumanCount(rate as u64),
            elapsed.as_secs_f64()
        ));
        bar.tick();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

async fn next_batch(stream: &mut (impl Stream<Item = Result<RecordBatch, Error>> + Unpin)) -> Next {
    match stream.next().await {
        Some(Ok(batch)) => Next::Batch(batch),
        Some(Err(error)) => Next::Failed(error),
        None => Next::End,
    }
}
