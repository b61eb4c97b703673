//! Rows and inputs that are refused.

use super::super::{ActorRuns, ActorRunsExec, StreamMarks};
use super::merged::{Asked, Made, even, input, merged, request};
use super::*;
use datafusion::common::DataFusionError;
use datafusion::physical_plan::replace_children_if_necessary;

const ALL: Asked = Asked { own: false, first: 0, columns: Vec::new(), partitions: 1 };

async fn error(made: &[Made], asked: &Asked) -> DataFusionError {
    read(&merged(made, asked).0, &context(8192)).await.unwrap_err()
}

#[tokio::test]
async fn a_stream_out_of_order_is_named() {
    for at in [50, 149] {
        let mut made = [even(7, 300, 50, 1), even(7, 300, 50, 1), even(3, 10, 5, 1)];
        made[1].rows[at].0 = 900;
        let error = error(&made, &ALL).await;
        assert!(matches!(error.find_root(), DataFusionError::Execution(_)), "{error:?}");
        let told = format!(
            "stream 1 (event 'event 7' of bucket 7) is damaged: row {} of stream 1 is out of \
             order: actor {}, ",
            at + 1,
            at + 1
        );
        assert!(error.to_string().contains(&told), "{error}");
    }
    let mut made = [even(0, 300, 50, 1)];
    made[0].rows[9].1 = -1;
    made[0].rows[9].0 = 8;
    assert!(error(&made, &ALL).await.to_string().contains("row 9 of stream 0"));
}

#[tokio::test]
async fn marks_that_were_not_announced_are_a_defect() {
    let made = [even(0, 10, 5, 1), even(1, 10, 5, 6)];
    let mut asked = request(&made, &Asked { own: true, ..ALL });
    asked.marks = StreamMarks::Column { index: 3, possible: vec![1, 2] };
    let plan = ActorRunsExec::try_new(input(&made).0, asked, 1).unwrap();
    let plan: Arc<dyn ExecutionPlan> = Arc::new(plan);
    let error = read(&plan, &context(8192)).await.unwrap_err();
    assert!(matches!(error.find_root(), DataFusionError::Internal(_)), "{error:?}");
    assert!(error.to_string().contains("stream 1 (event 'event 1' of bucket 1)"), "{error}");
}

#[tokio::test]
async fn the_memory_limit_is_told() {
    let made = [even(0, 9_000, 100, 1), even(0, 9_000, 100, 1)];
    for columns in [vec![], vec![5]] {
        let (plan, _) = merged(&made, &Asked { columns, ..ALL });
        let (context, runtime) = limited(20_000);
        let error = read(&plan, &context).await.unwrap_err();
        let is_limit = matches!(error.find_root(), DataFusionError::ResourcesExhausted(_));
        assert!(is_limit && error.to_string().contains("ActorRuns["), "{error}");
        assert_eq!(runtime.memory_pool.reserved(), 0);
    }
}

#[test]
fn inputs_that_do_not_fit_are_a_defect() {
    let made = [even(0, 10, 5, 1), even(1, 10, 5, 1)];
    let own = Asked { own: true, ..ALL };
    let marked = |marks| ActorRuns { marks, ..request(&made, &ALL) };
    let possible = vec![1, 1];
    for runs in [
        request(&made[..1], &ALL),
        request(&made, &Asked { columns: vec![6], ..ALL }),
        marked(StreamMarks::Constant(vec![1])),
        marked(StreamMarks::Column { index: 4, possible: possible.clone() }),
        marked(StreamMarks::Column { index: 6, possible }),
    ] {
        let error = ActorRunsExec::try_new(input(&made).0, runs, 1).unwrap_err();
        assert!(matches!(error, DataFusionError::Internal(_)), "{error:?}");
    }
    let (plan, _) = merged(&made, &own);
    let other = input(&made[..1]).0;
    assert!(replace_children_if_necessary(Arc::clone(&plan), vec![other]).is_err());
    let same = replace_children_if_necessary(plan, vec![input(&made).0]).unwrap();
    assert_eq!(same.output_partitioning().partition_count(), 1);
}
