SELECT evnt FROM events
----
error[H0200]: unknown field `evnt`
 --> query:1:8
  |
1 | SELECT evnt FROM events
  |        ^^^^
  |
  = help: did you mean `event`?
