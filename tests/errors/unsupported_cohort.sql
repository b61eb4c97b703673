SELECT count() FROM events WHERE person_id IN COHORT 2
----
error[H0900]: IN COHORT is not supported
 --> query:1:34
  |
1 | SELECT count() FROM events WHERE person_id IN COHORT 2
  |                                  ^^^^^^^^^^^^^^^^^^^^^
