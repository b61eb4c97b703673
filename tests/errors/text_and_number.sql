SELECT if(1, 'a', 2)
----
error[H0304]: String and UInt8 have no common type
 --> query:1:19
  |
1 | SELECT if(1, 'a', 2)
  |                   ^
  |
  = help: convert one of them: `toString(..)` or `toFloat(..)`
