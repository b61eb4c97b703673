SELECT match(event, '\d+') FROM events
----
error[H0003]: `\d` is no escape
 --> query:1:22
  |
1 | SELECT match(event, '\d+') FROM events
  |                      ^^
  |
  = help: for a backslash itself write `\\d`
