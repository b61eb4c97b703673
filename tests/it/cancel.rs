//! Dropped queries stop and give their memory back; limits of memory are errors or spills, never wrong answers or panics.

use crate::Tested;
use crate::rows::{ask, rows, sample};
use futures::{FutureExt, StreamExt};
use hoglet::output::{Format, Writer};
use hoglet::{Blame, Session};
use serde_json::json;
use std::num::NonZeroUsize;
use std::time::Duration;

/// Work for hours.
const ENDLESS: [&str; 6] = [
    "SELECT sum(a.number * b.number) FROM numbers(200000) AS a CROSS JOIN numbers(200000) AS b",
    "SELECT sum(a.number * b.number) FROM numbers(1000000) AS a JOIN numbers(1000000) AS b ON a.number % 1 = b.number % 1",
    "SELECT count() FROM numbers(1000000000) a CROSS JOIN numbers(1000000) b WHERE a.number * b.number = 7",
    "SELECT number % 10 AS k, sum(number) FROM numbers(1000000000000) GROUP BY k",
    "SELECT max(arraySum(arrayMap(x -> x * number, range(0, 100)))) FROM numbers(1000000000000)",
    "SELECT count() FROM numbers(100000000000) a JOIN (SELECT number FROM numbers(1000)) b ON a.number = b.number",
];

const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until nothing is left of what the runtime was asked to do.
async fn ends(text: &str) -> Tested {
    let metrics = tokio::runtime::Handle::current().metrics();
    let waiting = async {
        while metrics.num_alive_tasks() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .map_err(|_| format!("{} tasks go on: {text}", metrics.num_alive_tasks()).into())
}

async fn session() -> Result<Session, hoglet::Error> {
    sample().threads(NonZeroUsize::MIN.saturating_add(1)).memory_limit(96 << 20).open().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_stream_ends_the_work() -> Tested {
    let session = session().await?;
    for text in ENDLESS {
        let mut stream = session.hogql(text).await?.stream().await?;
        // Begun, but without a row for a long time.
        assert!(
            tokio::time::timeout(Duration::from_millis(100), stream.next()).await.is_err(),
            "{text}"
        );
        drop(stream);
        ends(text).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_the_future_ends_the_work() -> Tested {
    let session = session().await?;
    for text in ENDLESS {
        let query = session.hogql(text).await?;
        assert!(
            tokio::time::timeout(Duration::from_millis(100), query.collect()).await.is_err(),
            "{text}"
        );
        ends(text).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_read_in_part() -> Tested {
    let session = session().await?;
    let text = "SELECT number, toString(number) FROM numbers(1000000000000)";
    let mut stream = session.hogql(text).await?.stream().await?;
    for _ in 0..3 {
        assert!(
            stream.next().await.is_some_and(|batch| batch.is_ok_and(|batch| batch.num_rows() > 0))
        );
    }
    // Nobody asks any more, so nobody works ahead without bound: the rest of the batches wait.
    assert!(stream.next().now_or_never().is_none_or(|batch| batch.is_some()));
    drop(stream);
    ends(text).await
}

/// Holds far more than the limit at one time, again and again: what is dropped must be given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_dropped_queries_is_free_again() -> Tested {
    let session = sample().threads(NonZeroUsize::MIN).memory_limit(128 << 20).open().await?;
    let large = "SELECT length(groupArray(number)) FROM numbers(3000000)";
    let endless = "SELECT length(groupArray(n)) FROM (SELECT number AS n FROM numbers(1000000000000) WHERE number < 3000000)";
    for _ in 0..4 {
        let query = session.hogql(endless).await?;
        assert!(tokio::time::timeout(Duration::from_millis(300), query.collect()).await.is_err());
        ends(endless).await?;
        assert_eq!(ask(&session, large).await?, [[json!(3_000_000)]]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_the_limit_is_an_error_that_says_who_and_what_to_do() -> Tested {
    let session =
        sample().threads(NonZeroUsize::MIN.saturating_add(1)).memory_limit(2 << 20).open().await?;
    let cases = [
        "SELECT length(groupUniqArray(number)) FROM numbers(3000000)",
        "SELECT number FROM numbers(1000000) ORDER BY number % 1000, number LIMIT 2 OFFSET 999990",
        "SELECT count() FROM numbers(3000000) a JOIN numbers(3000000) b ON a.number = b.number",
        // Its join would start its left side twice.
        "SELECT count() FROM numbers(3000000) a CROSS JOIN numbers(3000000) b WHERE a.number * b.number = 7",
        "SELECT count() FROM numbers(3000000) a LEFT JOIN numbers(3000000) b ON a.number < b.number",
    ];
    for text in cases {
        let query = session.hogql(text).await?;
        let answered = tokio::time::timeout(4 * PATIENCE, query.collect()).await;
        let answered = answered.map_err(|_| format!("no end: {text}"))?;
        let Err(error) = answered else { return Err(format!("{text} is answered").into()) };
        let found = &error.diagnostics()[0];
        assert_eq!((error.blame(), found.code), (Blame::Limit, "H0801"), "{text}: {error}");
        assert!(found.message.starts_with("the memory limit is reached: "), "{}", found.message);
        let hints = found.hints.join("\n");
        assert!(hints.contains("raise the memory limit"), "{text}: {hints}");
        // A join that may not spill says so itself.
        let said = format!("{} {hints}", found.message);
        assert!(said.contains("it is held by ") || text.contains("JOIN"), "{text}: {said}");
        // The session is as good as before.
        assert_eq!(ask(&session, "SELECT 1").await?, [[json!(1)]]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spilling_gives_the_same_answer() -> Tested {
    let (free, tight) = (sample().open().await?, sample().memory_limit(11 << 20).open().await?);
    let cases = [
        "SELECT sum(length(k)) FROM (SELECT concat('key ', toString(number % 200000)) AS k, count() AS n FROM numbers(300000) GROUP BY k) WHERE n > 1",
        "SELECT number FROM (SELECT number FROM numbers(300000) ORDER BY toString(number)) LIMIT 3",
    ];
    for text in cases {
        let expected = ask(&free, text).await;
        let Ok(expected) = expected else { return Err(format!("{text}: {expected:?}").into()) };
        assert_eq!(ask(&tight, text).await?, expected, "{text}");
    }
    Ok(())
}

/// A sink that counts what comes; a file that is written beside its target is the caller's (the command line does so).
#[tokio::test]
async fn a_dropped_writer_writes_no_end() -> Tested {
    let session = sample().open().await?;
    let query = session.hogql("SELECT event, timestamp FROM events LIMIT 10").await?;
    let result = query.collect().await?;
    let schema = result.batches.first().ok_or("no rows")?.schema();
    for format in [Format::Json, Format::Parquet, Format::Arrow] {
        let written = |finish: bool| -> Result<Vec<u8>, hoglet::Error> {
            let mut sink = Vec::new();
            let mut writer = Writer::begin(format, &result.columns, &schema, &mut sink)?;
            result.batches.iter().try_for_each(|batch| writer.write(batch))?;
            if finish {
                writer.finish(None, false)?;
            } else {
                drop(writer);
            }
            Ok(sink)
        };
        let (whole, part) = (written(true)?, written(false)?);
        assert!(part.len() < whole.len() && whole.starts_with(&part), "{format:?}");
        let end: &[u8] = match format {
            Format::Parquet => b"PAR1",
            Format::Json => b"}\n",
            _ => &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        };
        assert!(whole.ends_with(end), "{format:?}");
        // A Parquet file begins with the four bytes that end it, and has a footer before them.
        let is_whole = part.ends_with(end) && part.len() > end.len();
        assert!(!is_whole, "{format:?}: a reader takes the part for the whole");
    }
    assert_eq!(rows(&result)?.len(), 10);
    Ok(())
}
