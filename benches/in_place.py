"""Product questions on a Parquet export in place: Hoglet, ClickHouse (PyPI chdb) and DuckDB (PyPI duckdb) on the same files, in one run.

Every engine answers each question RUNS times in one process, caches of results off; the answers are compared before a time is printed,
and the best run counts. Times are in milliseconds, ratios are Hoglet's time over the other's: below 1 Hoglet is faster.

    cargo build --release -p hogql-cli
    target/release/hogql generate --events 10000000 --seed 1 --out data/generated/10m
    python3 benches/in_place.py data/generated/10m
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import time

import chdb
import duckdb

ROOT = pathlib.Path(__file__).resolve().parent.parent

PERSONS = {
    "clickhouse": "(SELECT person_id, argMax(properties, person_version) AS properties FROM {persons} GROUP BY person_id"
    " HAVING argMax(is_deleted, person_version) = 0)",
    "duckdb": "(SELECT person_id, arg_max(properties, person_version) AS properties FROM {persons} GROUP BY person_id"
    " HAVING NOT arg_max(is_deleted, person_version))",
}
IDS = {
    "clickhouse": "(SELECT distinct_id, argMax(person_id, person_distinct_id_version) AS person_id FROM {persons} GROUP BY distinct_id"
    " HAVING argMax(is_deleted, person_distinct_id_version) = 0)",
    "duckdb": "(SELECT distinct_id, arg_max(person_id, person_distinct_id_version) AS person_id FROM {persons} GROUP BY distinct_id"
    " HAVING NOT arg_max(is_deleted, person_distinct_id_version))",
}

# name: (HogQL, ClickHouse, DuckDB, whether persons are needed)
QUESTIONS = {
    "trend per day": (
        "SELECT toDate(timestamp) AS day, count() FROM events WHERE event = '$pageview' GROUP BY day ORDER BY day",
        "SELECT toDate(timestamp) AS day, count() FROM {events} WHERE event = '$pageview' GROUP BY day ORDER BY day",
        "SELECT CAST(timestamp AS DATE) AS day, count(*) FROM {events} WHERE event = '$pageview' GROUP BY day ORDER BY day",
        False,
    ),
    "top events": (
        "SELECT event, count() AS n FROM events GROUP BY event ORDER BY n DESC, event LIMIT 10",
        "SELECT event, count() AS n FROM {events} GROUP BY event ORDER BY n DESC, event LIMIT 10",
        "SELECT event, count(*) AS n FROM {events} GROUP BY event ORDER BY n DESC, event LIMIT 10",
        False,
    ),
    "daily active persons": (
        "SELECT toDate(timestamp) AS day, uniqExact(person_id) FROM events GROUP BY day ORDER BY day",
        "SELECT toDate(timestamp) AS day, uniqExact(person_id) FROM {events} GROUP BY day ORDER BY day",
        "SELECT CAST(timestamp AS DATE) AS day, count(DISTINCT person_id) FROM {events} GROUP BY day ORDER BY day",
        False,
    ),
    "property breakdown": (
        "SELECT properties.$browser AS b, count() AS n FROM events WHERE event = '$pageview' GROUP BY b ORDER BY n DESC, b LIMIT 20",
        "SELECT JSONExtract(properties, '$browser', 'Nullable(String)') AS b, count() AS n FROM {events} WHERE event = '$pageview'"
        " GROUP BY b ORDER BY n DESC, b LIMIT 20",
        "SELECT json_extract_string(properties, '$.\"$browser\"') AS b, count(*) AS n FROM {events} WHERE event = '$pageview'"
        " GROUP BY b ORDER BY n DESC, b LIMIT 20",
        False,
    ),
    "person join": (
        "SELECT person.properties.plan AS plan, count() AS n FROM events WHERE event = 'feature_used' GROUP BY plan ORDER BY n DESC, plan",
        "SELECT JSONExtract(p.properties, 'plan', 'Nullable(String)') AS plan, count() AS n FROM {events} AS e"
        f" LEFT JOIN {IDS['clickhouse']} AS d ON e.distinct_id = d.distinct_id"
        f" LEFT JOIN {PERSONS['clickhouse']} AS p ON if(empty(d.person_id), e.person_id, d.person_id) = p.person_id"
        " WHERE event = 'feature_used' GROUP BY plan ORDER BY n DESC, plan",
        "SELECT json_extract_string(p.properties, '$.plan') AS plan, count(*) AS n FROM {events} AS e"
        f" LEFT JOIN {IDS['duckdb']} AS d ON e.distinct_id = d.distinct_id"
        f" LEFT JOIN {PERSONS['duckdb']} AS p ON coalesce(d.person_id, e.person_id) = p.person_id"
        " WHERE event = 'feature_used' GROUP BY plan ORDER BY n DESC, plan NULLS LAST",
        True,
    ),
}


def normal(rows):
    return [tuple(str(value) if value is not None else None for value in row) for row in rows]


def hoglet(binary, question, export, runs, persons):
    command = [binary, "query", "--events", f"{export}/events", "--format", "json", "--repeat", str(runs), question]
    if persons:
        command[2:2] = ["--persons", f"{export}/persons"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"hogql failed: {done.stderr}")
    wall = json.loads(done.stderr.strip().splitlines()[-1])["wall_ms"]
    return normal(json.loads(done.stdout)["results"]), min(wall)


def clickhouse(connection, question, runs):
    best = math.inf
    for _ in range(runs):
        started = time.perf_counter()
        answer = connection.query(question, "JSONCompact").bytes()
        best = min(best, time.perf_counter() - started)
    return normal(json.loads(answer)["data"]), best * 1e3


def duck(connection, question, runs):
    best = math.inf
    for _ in range(runs):
        started = time.perf_counter()
        answer = connection.execute(question).fetchall()
        best = min(best, time.perf_counter() - started)
    return normal(answer), best * 1e3


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("export", help="a folder made by `hogql generate`")
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--hogql", default=str(ROOT / "target/release/hogql"))
    options.add_argument("--only", help="runs only questions whose name contains this")
    options = options.parse_args()
    export = pathlib.Path(options.export).resolve()
    ch, db = chdb.connect(":memory:"), duckdb.connect()
    print(f"chdb {ch.query('SELECT version()', 'TSV').bytes().decode().strip()}, duckdb {duckdb.__version__}, {options.runs} runs, best counts")
    print(f"{'question':<22}{'hoglet':>9}{'chdb':>9}{'duckdb':>9}{'/chdb':>8}{'/duckdb':>9}")
    ratios = []
    for name, (hogql, for_ch, for_duck, persons) in QUESTIONS.items():
        if options.only and options.only not in name:
            continue
        ours, our_time = hoglet(options.hogql, hogql, export, options.runs, persons)
        # `.parquet.zst` names a Parquet file with zstd pages; 'none' tells ClickHouse that the file itself is not compressed.
        places = {table: f"file('{export}/{table}/*.parquet*', Parquet, auto, 'none')" for table in ("events", "persons")}
        theirs, ch_time = clickhouse(ch, for_ch.format(**places), options.runs)
        places = {"events": f"read_parquet('{export}/events/*.parquet*')", "persons": f"read_parquet('{export}/persons/*.parquet*')"}
        ducks, duck_time = duck(db, for_duck.format(**places), options.runs)
        if not ours == theirs == ducks:
            sys.exit(f"{name}: the answers differ\nhoglet {ours[:3]}\nchdb   {theirs[:3]}\nduckdb {ducks[:3]}")
        ratios.append((our_time / ch_time, our_time / duck_time))
        print(f"{name:<22}{our_time:>9.0f}{ch_time:>9.0f}{duck_time:>9.0f}{ratios[-1][0]:>8.2f}{ratios[-1][1]:>9.2f}")
    means = [math.exp(sum(math.log(pair[i]) for pair in ratios) / len(ratios)) for i in (0, 1)]
    print(f"{'geometric mean':<22}{'':>27}{means[0]:>8.2f}{means[1]:>9.2f}")


if __name__ == "__main__":
    main()
