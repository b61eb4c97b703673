"""The questions, one template for all engines: what differs between dialects stands in braces."""

from typing import NamedTuple

import tables

HEAVY = "'$pageview', '$pageleave', '$autocapture'"
RARE = "'subscription_cancelled', 'coupon_applied', 'integration_connected'"
# Ours alone: the events, the most frequent first.
EVENTS = "SELECT event, count() AS n FROM events GROUP BY event ORDER BY n DESC, event"


class Question(NamedTuple):
    """A question and the step of the bench that asks it."""

    step: str
    name: str
    text: str


def actives(step, name, period):
    """Exact distinct persons per period, over the whole range."""
    return Question(step, name, f"SELECT {{{period}}} AS d, {{users}} AS n FROM {{events}} GROUP BY d ORDER BY d")


def trend(name, events):
    """Events per day of each of some events."""
    text = f"SELECT {{day}} AS d, event, {{count}} AS n FROM {{events}} WHERE event IN ({events}) GROUP BY d, event ORDER BY d, event"
    return Question("trend", name, text)


def breakdown(name, event, key):
    """The most frequent values of a property of one event."""
    text = f"SELECT {{p[{key}]}} AS b, {{count}} AS n FROM {{events}} WHERE event = '{event}' GROUP BY b ORDER BY n DESC, b LIMIT 10"
    return Question("breakdown", name, text)


QUESTIONS = (
    actives("dau", "users per day", "day"),
    actives("dau", "users per week", "week"),
    actives("dau", "users per month", "month"),
    trend("trend, 3 heavy events", HEAVY),
    trend("trend, 3 rare events", RARE),
    Question("trend", "top events", "SELECT event, {count} AS n FROM {events} GROUP BY event ORDER BY n DESC, event LIMIT 10"),
    breakdown("breakdown by $browser", "$pageview", "$browser"),
    breakdown("breakdown, key without column", "feature_used", "feature"),
    Question("filter", "filter on one event", "SELECT {count} AS n FROM {events} WHERE event = '$pageview' AND {p[$geoip_country_code]} = 'DE'"),
    Question("filter", "filter on all events", "SELECT {count} AS n FROM {events} WHERE {p[$os]} = 'Windows'"),
    Question(
        "person",
        "one person's events",
        "SELECT {millis} AS t, event, {p[$current_url]} AS url FROM {events} WHERE person_id = '{person}' ORDER BY t, event, url",
    ),
    Question("person", "busiest persons", "SELECT person_id, {count} AS n FROM {events} GROUP BY person_id ORDER BY n DESC, person_id LIMIT 10"),
)

STEPS = tuple(dict.fromkeys(question.step for question in QUESTIONS))


class Properties:
    """`{p[key]}` of a template: how a dialect reads a property."""

    def __init__(self, read):
        self.read = read

    def __getitem__(self, key):
        return self.read(key)


CLICKHOUSE = {
    "day": "toDate(timestamp)",
    "week": "toMonday(timestamp)",
    "month": "toStartOfMonth(timestamp)",
    "users": "uniqExact(person_id)",
    "count": "count()",
    "millis": "toUnixTimestamp64Milli(timestamp)",
    "p": Properties(lambda key: tables.column(key) if key in tables.KEYS else tables.extract(key)),
}
# In the files every property is read from the JSON.
CLICKHOUSE_FILES = CLICKHOUSE | {"p": Properties(tables.extract)}
HOGQL = CLICKHOUSE | {
    "day": "toStartOfDay(timestamp)",
    "users": "count(DISTINCT person_id)",
    "events": "events",
    "p": Properties(lambda key: f"properties.{key}"),
}
DUCKDB = {
    "day": "CAST(timestamp AS DATE)",
    "week": "CAST(date_trunc('week', timestamp) AS DATE)",
    "month": "CAST(date_trunc('month', timestamp) AS DATE)",
    "users": "count(DISTINCT person_id)",
    "count": "count(*)",
    "millis": "epoch_us(timestamp) // 1000",
    "p": Properties(lambda key: f"json_extract_string(properties, '$.\"{key}\"')"),
}


def texts(asked, dialect, person, events=None):
    """What an engine is asked, by the question's name."""
    words = dialect | {"person": person} | ({"events": events} if events else {})
    return {question.name: question.text.format_map(words) for question in asked}
