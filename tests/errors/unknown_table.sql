SELECT 1 FROM event
----
error[H0203]: unknown table `event`
 --> query:1:15
  |
1 | SELECT 1 FROM event
  |               ^^^^^
  |
  = help: did you mean `events`?
