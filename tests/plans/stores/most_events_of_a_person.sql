SELECT max(n), sum(n) FROM (SELECT person_id, count() AS n FROM events GROUP BY person_id HAVING n > 2)
