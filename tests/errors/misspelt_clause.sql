SELECT event FROM events WHER event = 'a'
----
error[H0004]: found `=`, expected the end of the text
 --> query:1:37
  |
1 | SELECT event FROM events WHER event = 'a'
  |                                     ^ expected the end of the text
  |
  = help: did you mean `WHERE` instead of `WHER`?
