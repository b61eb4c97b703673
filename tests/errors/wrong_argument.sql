SELECT toStartOfDay('a', 'b', 'c'), upper(1) FROM events
----
error[H0354]: function `toStartOfDay` expects at most 2 arguments, found 3
 --> query:1:8
  |
1 | SELECT toStartOfDay('a', 'b', 'c'), upper(1) FROM events
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: toStartOfDay(moment[, zone])

error[H0301]: argument 1 of `upper` must be String, found UInt8
 --> query:1:43
  |
1 | SELECT toStartOfDay('a', 'b', 'c'), upper(1) FROM events
  |                                           ^
