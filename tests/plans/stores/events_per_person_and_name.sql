SELECT person_id, event, count() FROM events GROUP BY person_id, event
