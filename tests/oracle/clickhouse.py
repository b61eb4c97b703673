"""Fills or checks the answers of tests/slt/*.slt with ClickHouse (PyPI chdb) on the same rows.

A record is

    # clickhouse: SELECT count() FROM events
    query T rowsort
    SELECT count() FROM events
    ----
    240

The twin is ClickHouse's SQL over tables `events`, `persons`, `groups` made from tests/data; `# clickhouse: same` takes the statement as it
stands; `# expected: why` marks an answer that is not ClickHouse's, on purpose (it is left alone). Twins may use the functions below.

    python3 tests/oracle/clickhouse.py            # checks; exit code 1 if an answer differs
    python3 tests/oracle/clickhouse.py --write    # writes ClickHouse's answers into the files
"""

import argparse
import datetime as dt
import json
import pathlib
import re
import sys
import zoneinfo

from chdb import session as chs

TESTS = pathlib.Path(__file__).resolve().parent.parent

SETUP = """
SET session_timezone = 'UTC';
CREATE FUNCTION prop AS (json, name) -> replaceRegexpAll(nullIf(nullIf(JSONExtractRaw(json, name), ''), 'null'), '^"|"$', '');
CREATE FUNCTION prop2 AS (json, a, b) -> replaceRegexpAll(nullIf(nullIf(JSONExtractRaw(json, a, b), ''), 'null'), '^"|"$', '');
CREATE FUNCTION prop3 AS (json, a, b, c) -> replaceRegexpAll(nullIf(nullIf(JSONExtractRaw(json, a, b, c), ''), 'null'), '^"|"$', '');
CREATE FUNCTION num AS (text) -> accurateCastOrNull(text, 'Float64');
CREATE DATABASE IF NOT EXISTS golden;
USE golden;
"""

COLUMNS = {
    "events": "assumeNotNull(uuid) AS uuid, assumeNotNull(event) AS event, assumeNotNull(properties) AS properties,"
    " assumeNotNull(timestamp) AS timestamp, assumeNotNull(distinct_id) AS distinct_id, assumeNotNull(person_id) AS event_person_id,"
    " assumeNotNull(person_properties) AS person_properties, assumeNotNull(elements_chain) AS elements_chain,"
    " assumeNotNull(created_at) AS created_at, assumeNotNull(`$session_id`) AS `$session_id`,"
    " assumeNotNull(`$window_id`) AS `$window_id`, assumeNotNull(`$group_0`) AS `$group_0`",
    "raw_persons": "assumeNotNull(distinct_id) AS distinct_id, assumeNotNull(person_id) AS person_id,"
    " assumeNotNull(properties) AS properties, assumeNotNull(person_distinct_id_version) AS id_version,"
    " assumeNotNull(person_version) AS version, assumeNotNull(created_at) AS created_at, assumeNotNull(is_deleted) AS is_deleted",
    "groups": "assumeNotNull(index) AS index, assumeNotNull(key) AS key, assumeNotNull(created_at) AS created_at,"
    " assumeNotNull(updated_at) AS updated_at, assumeNotNull(properties) AS properties",
}

# The views that HogQL users see: the current person of a distinct id, the latest version of a person, deleted ones left out.
VIEWS = """
CREATE TABLE golden.person_distinct_ids ENGINE = Memory AS
SELECT distinct_id, argMax(person_id, id_version) AS person_id FROM golden.raw_persons WHERE NOT is_deleted GROUP BY distinct_id;
CREATE TABLE golden.persons ENGINE = Memory AS
SELECT person_id AS id, argMax(properties, version) AS properties, argMax(created_at, version) AS created_at
FROM golden.raw_persons GROUP BY person_id HAVING argMax(is_deleted, version) = 0;
CREATE TABLE golden.events ENGINE = Memory AS
SELECT e.*, if(empty(p.person_id), e.event_person_id, p.person_id) AS person_id
FROM golden.raw_events e LEFT JOIN golden.person_distinct_ids p ON e.distinct_id = p.distinct_id;
"""


def open_session():
    session = chs.Session()
    for statement in SETUP.split(";\n"):
        if statement.strip():
            session.query(statement)
    for table, source in (("raw_events", "events"), ("raw_persons", "persons"), ("groups", "groups")):
        columns = COLUMNS["events" if table == "raw_events" else table]
        path = TESTS / "data" / f"{source}.parquet"
        session.query(f"CREATE TABLE golden.{table} ENGINE = Memory AS SELECT {columns} FROM file('{path}', Parquet)")
    for statement in VIEWS.split(";\n"):
        if statement.strip():
            session.query(statement)
    return session


def instant(text, kind):
    zone = re.search(r"'([^']+)'", kind)
    zone = zoneinfo.ZoneInfo(zone.group(1) if zone else "UTC")
    time = dt.datetime.fromisoformat(text).replace(tzinfo=zone)
    text = time.isoformat(timespec="microseconds" if time.microsecond else "seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def inner(kind):
    return kind[kind.index("(") + 1 : -1]


def split(kinds):
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(kinds + ","):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append(kinds[start:i].strip())
            start = i + 1
    return [re.sub(r"^[a-zA-Z_`0-9]+ (?=[A-Z])", "", part) for part in parts]


def plain(value, kind):
    """The value as JSON would have it in a Hoglet result."""
    while kind.startswith(("Nullable(", "LowCardinality(")):
        kind = inner(kind)
    if value is None:
        return None
    if kind.startswith("Array("):
        return [plain(item, inner(kind)) for item in value]
    if kind.startswith("Tuple("):
        return [plain(item, sub) for item, sub in zip(value, split(inner(kind)))]
    if kind.startswith("Map("):
        key, item = split(inner(kind))
        return {text(plain(k, key)): plain(v, item) for k, v in value.items()}
    if kind.startswith("DateTime"):
        return instant(value, kind)
    if kind.startswith("Bool"):
        return bool(value)
    if re.match(r"U?Int|Interval", kind):
        return int(value)
    if kind.startswith("Float"):
        return float(value)
    return value


def text(value):
    if value is None:
        return "NULL"
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(value)]
        return number(value)
    if isinstance(value, (list, dict)):
        return document(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\n", "\\n") or "(empty)"


def number(value):
    """Shortest text, as Rust's serde_json prints floats."""
    found = repr(value)
    if "e" in found:
        mantissa, exponent = found.split("e")
        return f"{mantissa}e{int(exponent):+d}".replace("e-0", "e-")
    return found


def document(value):
    if isinstance(value, float):
        return "null" if value != value or value in (float("inf"), float("-inf")) else number(value)
    if isinstance(value, list):
        return "[" + ",".join(document(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(json.dumps(k, ensure_ascii=False) + ":" + document(v) for k, v in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def answer(session, twin, zone):
    settings = f"session_timezone = '{zone}', transform_null_in = 1, output_format_json_quote_64bit_integers = 0, output_format_json_quote_denormals = 1"
    result = json.loads(session.query(f"{twin.rstrip(';')} SETTINGS {settings}", "JSONCompact").bytes(), parse_int=lambda text: -0.0 if text == "-0" else int(text))
    kinds = [column["type"] for column in result["meta"]]
    rows = [" ".join(text(plain(value, kind)) for value, kind in zip(row, kinds)) for row in result["data"]]
    return [row.rstrip() for row in rows]


RECORD = re.compile(r"(?P<head>(?:#[^\n]*\n)+)(?P<query>query[^\n]*)\n(?P<text>.*?)\n----(?P<rows>(?:\n[^\n]+)*)", re.S)


def process(session, path, write):
    source = path.read_text()
    zone = re.match(r"# zone: (\S+)", source)
    zone = zone.group(1) if zone else "UTC"
    counts = {"twins": 0, "expected": 0, "wrong": 0}

    def record(match):
        twin = re.search(r"^# clickhouse: (.*(?:\n#   .*)*)", match["head"], re.M)
        if not twin:
            counts["expected"] += "# expected:" in match["head"]
            return match[0]
        counts["twins"] += 1
        question = match["text"] if twin.group(1) == "same" else twin.group(1).replace("\n#   ", "\n")
        try:
            rows = answer(session, question, zone)
        except Exception as error:
            counts["wrong"] += 1
            print(f"{path.name}: {question}\n  {str(error)[:300]}")
            return match[0]
        sorted_rows = "rowsort" in match["query"]
        found = sorted(rows) if sorted_rows else rows
        stored = [row.rstrip() for row in match["rows"].split("\n") if row]
        if found != (sorted(stored) if sorted_rows else stored):
            if not write:
                counts["wrong"] += 1
                print(f"{path.name}: {match['text']}\n  ClickHouse: {found[:5]}\n  file:       {stored[:5]}")
            return f"{match['head']}{match['query']}\n{match['text']}\n----" + "".join(f"\n{row}" for row in found)
        return match[0]

    changed = RECORD.sub(record, source)
    if write and changed != source:
        path.write_text(changed)
    return counts


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--write", action="store_true", help="write ClickHouse's answers into the files")
    options.add_argument("files", nargs="*", type=pathlib.Path, help="files; all of tests/slt if none")
    options = options.parse_args()
    session = open_session()
    total = {"twins": 0, "expected": 0, "wrong": 0}
    for path in options.files or sorted((TESTS / "slt").glob("*.slt")):
        for key, count in process(session, path, options.write).items():
            total[key] += count
    print(f"{total['twins']} twins, {total['expected']} answers of our own, {total['wrong']} wrong")
    sys.exit(1 if total["wrong"] else 0)


if __name__ == "__main__":
    main()
