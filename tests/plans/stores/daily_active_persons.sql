SELECT toDate(timestamp) AS day, uniq(person_id) FROM events WHERE event = '$pageview' GROUP BY day
