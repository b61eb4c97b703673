SELECT person_id, count(), min(timestamp) FROM events WHERE event = '$pageview' AND timestamp >= '2024-02-01' AND timestamp < '2024-03-01' GROUP BY person_id
