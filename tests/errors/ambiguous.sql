SELECT number FROM numbers(2) AS a CROSS JOIN numbers(2) AS b
----
error[H0204]: `number` is ambiguous: `a` and `b` have it
 --> query:1:8
  |
1 | SELECT number FROM numbers(2) AS a CROSS JOIN numbers(2) AS b
  |        ^^^^^^
  |
  = help: write the table before it: `table.field`
