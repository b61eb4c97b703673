SELECT uper(event), tostring(1) FROM events
----
error[H0300]: unknown function `uper`
 --> query:1:8
  |
1 | SELECT uper(event), tostring(1) FROM events
  |        ^^^^
  |
  = help: did you mean `upper`?

error[H0300]: unknown function `tostring`
 --> query:1:21
  |
1 | SELECT uper(event), tostring(1) FROM events
  |                     ^^^^^^^^
  |
  = help: did you mean `toString`?
