"""Our side of the bench: the `hogql` binary, on a store and on the files in place."""

import json
import shutil
import sys

import questions
from process import run


def cannot_import(binary):
    """Why this binary cannot import, or nothing if it can."""
    done = run([binary, "import", "--help"])
    return done.err.strip().splitlines()[0] if done.code else None


def import_store(binary, data, store, threads):
    """Imports an export's events into a new store: seconds, CPU seconds and peak memory. The rows' own persons are kept, as in the MergeTrees."""
    shutil.rmtree(store, ignore_errors=True)
    command = [binary, "import", data / "events", "--store", store]
    if "--threads" in run([binary, "import", "--help"]).out:
        command += ["--threads", threads]
    done = run(command)
    if done.code:
        sys.exit(f"hogql import failed: {done.err.strip()[-2000:]}")
    return done.seconds, done.cpu, done.peak_bytes


def ask(binary, source, questions, runs, threads):
    """Each question so often in one process: the answer, and the wall times in milliseconds. `source` is --store DIR or --events DIR."""
    found = {}
    for name, text in questions.items():
        command = [binary, "query", *source, "--threads", threads, "--format", "json", "--repeat", runs, text]
        done = run(command)
        if done.code:
            sys.exit(f"{name}: hogql failed: {done.err.strip()[-2000:]}\n{text}")
        wall = json.loads(done.err.strip().splitlines()[-1])["wall_ms"]
        found[name] = {"rows": json.loads(done.out)["results"], "wall_ms": wall}
    return found


def threes(binary, store, threads):
    """Three heavy events and three that have about a tenth of the rows: what they are, their part of the rows, their names."""
    counted = ask(binary, ["--store", store], {"events": questions.EVENTS}, 1, threads)
    events = [(name, int(rows)) for name, rows in counted["events"]["rows"]]
    total = sum(rows for _, rows in events)
    places = [events[place : place + 3] for place in range(len(events) - 2)]
    rare = min(places, key=lambda three: abs(sum(rows for _, rows in three) - total / 10))
    for kind, three in (("heavy", places[0]), ("rare", rare)):
        yield kind, sum(rows for _, rows in three) / total, [name for name, _ in three]


def read(done, what):
    """The JSON that a process has told."""
    if done.code:
        sys.exit(f"{what} failed: {done.err.strip()[-2000:]}")
    return json.loads(done.out)


def actor_runs(binary, store, events, runs, threads):
    """The runs of some events, read so often in one process: rows and actors given out, and the wall times in milliseconds."""
    return read(run([binary, store, runs, threads, *events]), "actor_runs")
