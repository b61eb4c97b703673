SELECT event, distinct_id, count() FROM events GROUP BY event
----
error[H0210]: `distinct_id` is neither in GROUP BY nor inside an aggregate
 --> query:1:15
  |
1 | SELECT event, distinct_id, count() FROM events GROUP BY event
  |               ^^^^^^^^^^^
  |
  = help: add it to GROUP BY, or take one value of each group: `any(distinct_id)`
