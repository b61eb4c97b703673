SELECT count() FROM events FINAL
----
error[H0900]: FINAL is not supported
 --> query:1:21
  |
1 | SELECT count() FROM events FINAL
  |                     ^^^^^^^^^^^^
