"""One job of another engine in a process of its own: a JSON job on stdin, its JSON result on stdout. Started by process.py.

Caches of results are off; ClickHouse's query condition cache is one (it remembers which granules a WHERE rejected).
"""

import json
import resource
import shutil
import sys
import time

import tables

NO_CACHES = "use_query_cache = 0, use_query_condition_cache = 0"


def peak_bytes():
    """This process's highest resident memory so far, the interpreter's and the library's own pages included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def cpu_seconds():
    """This process's CPU time so far, on all cores."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def timed(act):
    """What a call gave, and its seconds."""
    started = time.perf_counter()
    answer = act()
    return answer, time.perf_counter() - started


class ClickHouse:
    """A chdb session: on a folder if the job names one, else in memory."""

    def __init__(self, job):
        from chdb import session

        self.session = session.Session(job["store"]) if job.get("store") else session.Session()
        self.session.query(f"SET max_threads = {job['threads']}, max_insert_threads = {job['threads']}, {NO_CACHES}")

    def rows(self, text):
        """A query's rows."""
        return json.loads(self.session.query(text, "JSONCompact").bytes())["data"]


class DuckDb:
    """A connection that reads the files."""

    def __init__(self, job):
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute(f"SET threads = {job['threads']}; SET TimeZone = 'UTC'")

    def rows(self, text):
        """A query's rows, what JSON has no word for as text."""
        return json.loads(json.dumps(self.connection.execute(text).fetchall(), default=str))


ENGINES = {"clickhouse": ClickHouse, "duckdb": DuckDb}


def build(job):
    """Makes one MergeTree of the export: INSERT, then OPTIMIZE FINAL down to a part per partition. Times of both, and the peak."""
    shutil.rmtree(job["store"], ignore_errors=True)
    engine = ClickHouse(job)
    query = engine.session.query
    query(f"CREATE DATABASE {tables.DATABASE}")
    query(tables.create(job["table"], job["extract"]))
    before, cpu = peak_bytes(), cpu_seconds()
    _, insert = timed(lambda: query(tables.insert(job["table"], job["data"], job["extract"])))
    _, optimize = timed(lambda: query(f"OPTIMIZE TABLE {tables.DATABASE}.{job['table']} FINAL"))
    return {"insert": insert, "optimize": optimize, "cpu": cpu_seconds() - cpu, "peak_before": before, "peak": peak_bytes()}


def size(job):
    """Rows, parts and bytes of a table, and its bytes by column."""
    where = f"database = '{tables.DATABASE}' AND table = '{job['table']}'"
    rows = ClickHouse(job).rows
    total = rows(f"SELECT toInt64(sum(rows)), toInt64(count()), toInt64(sum(bytes_on_disk)) FROM system.parts WHERE active AND {where}")[0]
    columns = rows(
        "SELECT name, toInt64(data_compressed_bytes), toInt64(data_uncompressed_bytes) FROM system.columns"
        f" WHERE {where} ORDER BY data_compressed_bytes DESC"
    )
    return {"total": [int(number) for number in total], "columns": [[name, *map(int, numbers)] for name, *numbers in columns]}


def ask(job):
    """Each question so often in one process: the answer, and the wall times in milliseconds."""
    engine = ENGINES[job["engine"]](job)
    found = {}
    for name, text in job["questions"].items():
        runs = [timed(lambda text=text: engine.rows(text)) for _ in range(job["runs"])]
        found[name] = {"rows": runs[-1][0], "wall_ms": [seconds * 1e3 for _, seconds in runs]}
    return found


JOBS = {"build": build, "size": size, "ask": ask}

if __name__ == "__main__":
    job = json.load(sys.stdin)
    json.dump(JOBS[job["kind"]](job), sys.stdout)
