SELECT count( FROM events
----
error[H0005]: found `events`, expected `)`
 --> query:1:20
  |
1 | SELECT count( FROM events
  |             -      ^^^^^^ expected `)`
  |             |
  |             opened here
