//! Work on several files at the same time.

use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{DataFusionError, Result};
use futures::{StreamExt, TryStreamExt};

/// Runs tasks, so many at a time, and gives what they give, in their order. They end when nobody waits any more.
pub(super) async fn in_order<T, F>(tasks: Vec<F>, at_a_time: usize) -> Result<Vec<T>>
where
    F: Future<Output = Result<T>> + Send + 'static,
    T: Send + 'static,
{
    let spawned = |task: F| async move {
        let done = SpawnedTask::spawn(task).join_unwind().await;
        done.map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))?
    };
    futures::stream::iter(tasks).map(spawned).buffered(at_a_time.max(1)).try_collect().await
}
