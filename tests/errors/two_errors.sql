SELECT evnt, uper(event) FROM events WHERE nope = 1
----
error[H0200]: unknown field `evnt`
 --> query:1:8
  |
1 | SELECT evnt, uper(event) FROM events WHERE nope = 1
  |        ^^^^
  |
  = help: did you mean `event`?

error[H0300]: unknown function `uper`
 --> query:1:14
  |
1 | SELECT evnt, uper(event) FROM events WHERE nope = 1
  |              ^^^^
  |
  = help: did you mean `upper`?

error[H0200]: unknown field `nope`
 --> query:1:44
  |
1 | SELECT evnt, uper(event) FROM events WHERE nope = 1
  |                                            ^^^^
