"""Makes the rows of the golden files: tests/data/{events,persons,groups}.parquet.

The rows are few and full of edges: missing, null, empty and odd properties, numbers as text, ties, days on which the clocks of
Berlin change, persons with several distinct ids, a deleted person, a superseded version. Same bytes every time.

    python3 tests/oracle/fixture.py
"""

import datetime as dt
import json
import pathlib
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

DATA = pathlib.Path(__file__).resolve().parent.parent / "data"
NAMESPACE = uuid.UUID("932979b4-65c3-4424-8467-0b66ec27bc22")
UTC = dt.timezone.utc
TEXT = pa.string()
TIME = pa.timestamp("us", tz="UTC")


def person(distinct_id):
    return str(uuid.uuid5(NAMESPACE, f"1:{distinct_id}"))


# distinct id -> the person's first distinct id; anonymous ids were merged later.
PEOPLE = {
    "ada": ("ada", {"email": "ada@example.com", "plan": "pro", "age": 36, "beta": True}),
    "bob": ("bob", {"email": "bob@example.com", "plan": "free", "age": 41, "beta": False}),
    "cyd": ("cyd", {"email": "cyd@posthog.example", "plan": "pro", "age": None}),
    "dee": ("dee", {"email": "", "plan": "enterprise", "age": "29"}),
    "eve": ("eve", {"plan": "free", "age": 7.5}),
    "fay": ("fay", {}),
    "gus": ("gus", {"email": "gus@example.com", "plan": "null", "age": 64}),
    "anon-1": ("ada", None),
    "anon-2": ("bob", None),
}
EVENTS = ["$pageview", "user_signed_up", "feature_used", "subscription_created", "$autocapture", "rare_event"]
BROWSERS = ["Chrome", "Safari", "Firefox", None, "", "MISSING", "null"]
PRICES = [9.99, 100, "12.5", "abc", None, "MISSING", 0, -3, 1e21, True]
URLS = [
    "https://www.example.com/pricing?plan=pro&utm_source=news#top",
    "https://docs.example.co.uk/guide/start",
    "http://localhost:8000/",
    "not a url",
    None,
]


def properties(i):
    found = {}
    for name, values in (("$browser", BROWSERS), ("price", PRICES), ("$current_url", URLS)):
        value = values[i % len(values)]
        if value != "MISSING":
            found[name] = value
    found["n"] = i % 7
    if i % 3 == 0:
        found["flag"] = i % 2 == 0
    if i % 4 == 0:
        found["nested"] = {"a": {"b": i % 5, "list": ["x", "y", f"z{i % 3}"]}, "text": 'say "hi"\n'}
    if i % 5 == 0:
        found["tags"] = [f"t{i % 2}", f"t{i % 3}"]
    if i % 6 == 0:
        found["city"] = ["Köln", "São Paulo", "東京", "New York"][i // 6 % 4]
    found["step_number"] = i % 4 + 1
    if i % 8 == 0:
        found["when"] = f"2024-02-{i % 28 + 1:02d}T08:30:00Z"
    return json.dumps(found, separators=(",", ":"), ensure_ascii=i % 2 == 0)


def times():
    """240 instants: every 7 hours over ten weeks, some equal, some on odd microseconds."""
    start = dt.datetime(2024, 1, 15, 22, 15, 30, 250000, tzinfo=UTC)
    for i in range(240):
        base = start + dt.timedelta(hours=7 * (i - i % 5 // 4))
        yield base + dt.timedelta(microseconds=1 if i % 11 == 0 else 0, days=17 if i >= 200 else 0)


def events():
    ids = list(PEOPLE)
    for i, time in enumerate(times()):
        distinct_id = ids[(i * i + i // 7) % len(ids)]
        own, _ = PEOPLE[distinct_id]
        yield {
            "uuid": str(uuid.uuid5(NAMESPACE, f"event-{i}")),
            "event": EVENTS[(i * 5 + i // 3) % len(EVENTS)],
            "properties": properties(i),
            "timestamp": time,
            "distinct_id": distinct_id,
            "person_id": person(distinct_id),
            "person_properties": json.dumps(PEOPLE[own][1], separators=(",", ":")),
            "elements_chain": 'button.btn:attr__id="buy"text="Buy now"' if i % 6 == 4 else "",
            "created_at": time + dt.timedelta(minutes=1),
            "$session_id": f"session-{i // 6}" if i % 9 else "",
            "$window_id": f"window-{i // 3}",
            "$group_0": ["acme", "globex", "", "initech"][i % 4],
            "_inserted_at": time + dt.timedelta(minutes=2),
        }


def persons():
    created = dt.datetime(2024, 1, 1, 9, 0, 0, tzinfo=UTC)
    rows = []
    for i, (distinct_id, (own, _)) in enumerate(PEOPLE.items()):
        found = PEOPLE[own][1]
        version = 2 if distinct_id.startswith("anon") else 1
        rows.append((distinct_id, person(own), found, version, 3, created + dt.timedelta(days=list(PEOPLE).index(own)), False))
        if distinct_id == "ada":
            rows.append((distinct_id, person(own), {**found, "plan": "trial"}, version, 1, created, False))
        if distinct_id.startswith("anon"):
            rows.append((distinct_id, person(distinct_id), {}, 1, 1, created + dt.timedelta(hours=i), False))
    rows.append(("zed", person("zed"), {"email": "zed@example.com"}, 1, 1, created, True))
    for distinct_id, person_id, found, id_version, version, time, deleted in rows:
        yield {
            "team_id": 1,
            "distinct_id": distinct_id,
            "person_id": person_id,
            "properties": json.dumps(found, separators=(",", ":")),
            "person_distinct_id_version": id_version,
            "person_version": version,
            "created_at": time,
            "_inserted_at": time,
            "is_deleted": deleted,
        }


def groups():
    for i, (key, name, seats) in enumerate([("acme", "Acme", 12), ("globex", "Globex", 250), ("initech", "Initech", 7)]):
        time = dt.datetime(2024, 1, 2 + i, tzinfo=UTC)
        found = json.dumps({"name": name, "seats": seats, "paying": i > 0}, separators=(",", ":"))
        yield {"index": 0, "key": key, "created_at": time, "updated_at": time, "properties": found}


TIMES = {"timestamp", "created_at", "_inserted_at", "updated_at"}
INTEGERS = {"team_id", "person_distinct_id_version", "person_version", "index"}


def write(name, rows):
    rows = list(rows)
    kind = lambda key: TIME if key in TIMES else pa.int64() if key in INTEGERS else pa.bool_() if key == "is_deleted" else TEXT
    schema = pa.schema([(key, kind(key)) for key in rows[0]])
    table = pa.Table.from_pylist(rows, schema=schema)
    DATA.mkdir(exist_ok=True)
    pq.write_table(table, DATA / f"{name}.parquet", compression="zstd", row_group_size=100)
    print(f"{name}: {table.num_rows} rows")


if __name__ == "__main__":
    write("events", events())
    write("persons", persons())
    write("groups", groups())
