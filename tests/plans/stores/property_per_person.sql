SELECT person_id, sum(properties.price), max(timestamp) FROM events WHERE properties.$browser = 'Chrome' GROUP BY person_id
