//! A store groups by the numbers of persons where it can: random questions about each person, asked of the files in place,
//! of a store of two imports and of the same store put in order.

use crate::Tested;
use crate::rows::{NOW, ask};
use crate::stores::{AGGREGATES, CONDITIONS, Dice, answer, questions, sessions};
use hoglet::Session;
use hoglet::store::{OptimizeOptions, optimize};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

/// Keys beside the person.
const OTHERS: [&str; 6] = [
    "event",
    "properties.plan",
    "toStartOfDay(timestamp)",
    "toStartOfMonth(timestamp)",
    "distinct_id",
    "length(event)",
];

/// What may be asked of groups that are named `p`, with a number of rows `n`.
const OF_GROUPS: [&str; 10] = [
    "SELECT p, n FROM ({})",
    "SELECT p, n FROM ({}) ORDER BY n DESC, p LIMIT 7",
    "SELECT p, n FROM ({}) WHERE toString(p) != 'person-7' AND n > 3",
    "SELECT n, count(), min(p), max(p) FROM ({}) GROUP BY n",
    "SELECT uniq(p), sum(n) FROM ({})",
    "SELECT count() FROM ({}) AS a JOIN (SELECT person_id, event FROM events) AS b ON a.p = b.person_id",
    "SELECT event, count() FROM events WHERE person_id IN (SELECT p FROM ({}) WHERE n > 2) GROUP BY event",
    "SELECT p, sum(n) FROM (SELECT * FROM ({}) UNION ALL SELECT * FROM ({})) GROUP BY p",
    "SELECT upper(toString(p)), row_number() OVER (ORDER BY n, p) FROM ({})",
    "SELECT a.p, a.n, b.n FROM ({}) AS a LEFT JOIN ({}) AS b ON a.p = b.p AND a.n = b.n",
];

fn filter(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => String::new(),
        1 => format!(" WHERE {}", dice.pick(&CONDITIONS)),
        _ => format!(" WHERE {} AND {}", dice.pick(&CONDITIONS), dice.pick(&CONDITIONS)),
    }
}

/// Groups by person alone.
fn groups(dice: &mut Dice) -> String {
    let having = if dice.below(3) == 0 { " HAVING n > 1" } else { "" };
    let filter = filter(dice);
    format!("SELECT person_id AS p, count() AS n FROM events{filter} GROUP BY person_id{having}")
}

fn question(dice: &mut Dice) -> String {
    if dice.below(2) == 0 {
        let mut text = dice.pick(&OF_GROUPS).to_owned();
        while text.contains("{}") {
            text = text.replacen("{}", &groups(dice), 1);
        }
        return text;
    }
    let (aggregate, filter) = (dice.pick(&AGGREGATES), filter(dice));
    if dice.below(2) == 0 {
        return format!("SELECT person_id AS p, {aggregate} FROM events{filter} GROUP BY p");
    }
    let other = dice.pick(&OTHERS);
    let keys = if dice.below(2) == 0 { "p, k" } else { "k, p" };
    format!(
        "SELECT person_id AS p, {other} AS k, {aggregate}, count() FROM events{filter} GROUP BY {keys}"
    )
}

/// The store below `folder` as it is now, in three partitions.
async fn opened(folder: &Path) -> Result<Session, Box<dyn std::error::Error>> {
    let store = folder.join("store").display().to_string();
    let threads = NonZeroUsize::MIN.saturating_add(2);
    Ok(Session::builder().store(store).threads(threads).now(NOW).open().await?)
}

/// The same after its files have been put in order. Sessions of before read on.
async fn optimized(folder: &Path) -> Result<Session, Box<dyn std::error::Error>> {
    let options = OptimizeOptions {
        store: folder.join("store").display().to_string(),
        environment: HashMap::new(),
        now: NOW,
        grace: 3_600_000_000,
        memory: 1 << 28,
        threads: NonZeroUsize::MIN,
        work: None,
        cancelled: Arc::default(),
    };
    assert!(optimize(&options, &|_| {}).await?.changed);
    opened(folder).await
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_about_each_person_have_one_answer() -> Tested {
    let folder = tempfile::tempdir()?;
    let (in_place, stored) = sessions(folder.path()).await?;
    let ordered = optimized(folder.path()).await?;
    let mut dice = Dice(23);
    let mut different = Vec::new();
    for _ in 0..questions() {
        let question = question(&mut dice);
        let expected = answer(&in_place, &question).await;
        for (name, session) in [("two imports", &stored), ("in order", &ordered)] {
            let found = answer(session, &question).await;
            if found != expected {
                let told = [&expected, &found]
                    .map(|answer| -> String { format!("{answer:?}").chars().take(300).collect() });
                different.push(format!("{question}\n in place, {name}\n {}", told.join("\n ")));
            }
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_are_looked_up_once_a_group() -> Tested {
    let folder = tempfile::tempdir()?;
    sessions(folder.path()).await?;
    let stored = opened(folder.path()).await?;
    let ordered = optimized(folder.path()).await?;
    let question = "SELECT person_id, event, count() FROM events GROUP BY person_id, event";
    for (session, is_ordered) in [(&stored, false), (&ordered, true)] {
        let plan = session.hogql(question).await?.explain().await?;
        assert!(plan.contains("person_of_actor("), "{plan}");
        assert!(!plan.contains("RepartitionExec") && !plan.contains("SortExec"), "{plan}");
        assert_eq!(plan.contains("ordering_mode="), is_ordered, "{plan}");
        assert!(!ask(session, question).await?.is_empty());
    }
    Ok(())
}
