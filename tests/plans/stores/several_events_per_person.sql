SELECT person_id, count() AS n FROM events WHERE event IN ('$pageview', 'rare_event') GROUP BY person_id HAVING n > 1
