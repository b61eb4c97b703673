//! Queries and what they become.

use super::*;
use insta::assert_snapshot;

#[test]
fn filter_group_order_limit() {
    assert_snapshot!(show("SELECT event, count() FROM events WHERE timestamp > '2024-01-01' AND properties.x = 'a' GROUP BY event ORDER BY 2 DESC LIMIT 5"), @"
    limit 5
      sort #3 desc
        project #1 = #7, #3 = #2
          aggregate by [#7 = #0] #2 = count(1): UInt64
            filter ((#4 >? 1704067200000000) and (#5.x = 'a'))
              scan Events [#0 event, #4 timestamp, #5 properties]
    => event: String, count(): UInt64
    ");
}
