SELECT person_id, count() FROM events GROUP BY person_id
