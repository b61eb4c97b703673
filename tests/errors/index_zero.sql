SELECT [1, 2][0]
----
error[H0219]: indexes start from one
 --> query:1:15
  |
1 | SELECT [1, 2][0]
  |               ^
  |
  = help: the first element is 1, the last is -1
