SELECT sum(count()) FROM events
----
error[H0352]: aggregation `count` cannot be nested inside another aggregation
 --> query:1:12
  |
1 | SELECT sum(count()) FROM events
  |            ^^^^^^^
  |
  = help: compute the inner one in a subquery; an alias of the select list hides a column of the same name
