"""What an event costs as stores grow: import, size, daily users and runs of actors on several exports, by the event.

    cargo build --release -p hogql-cli
    cargo build --release -p hogql --example actor_runs
    target/release/hogql generate --events 1000000 --seed 1 --out data/generated/1m
    python3 benches/compare/curve.py data/generated/1m data/generated/10m

It needs nothing but Python: no other engine runs. A store that an earlier run has made is used again; then there is no time of its import.
"""

import argparse
import json
import pathlib

import hoglet
import questions
import report
from process import run, tree_bytes

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DAILY = "SELECT toStartOfDay(timestamp) AS d, count(DISTINCT person_id) AS n FROM events GROUP BY d ORDER BY d"


def nanoseconds(milliseconds, events):
    """Time of an event, and that of all."""
    return f"{milliseconds * 1e6 / events:,.1f} ({milliseconds:,.1f})"


def told(binary, store, runs, threads):
    """The best time of daily users, of a heavy fold's runs and of a rare one's, and the most memory that one of them took."""
    done = run([binary, "query", "--store", store, "--threads", threads, "--format", "json", "--repeat", runs, DAILY])
    times, peak = [min(json.loads(done.err.strip().splitlines()[-1])["wall_ms"])], done.peak_bytes
    example = pathlib.Path(binary).parent / "examples" / "actor_runs"
    for _, _, three in hoglet.threes(binary, store, threads):
        done = run([example, store, runs, threads, *three])
        times.append(min(hoglet.read(done, "actor_runs")["wall_ms"]))
        peak = max(peak, done.peak_bytes)
    return times, peak


def row(options, data):
    """A line of the table."""
    store = pathlib.Path(options.work) / data.name
    imported = None
    if not store.is_dir():
        imported = hoglet.import_store(options.hogql, data, store, options.threads)
    counted = hoglet.ask(options.hogql, ["--store", store], {"events": "SELECT count() FROM events"}, 1, options.threads)
    events = int(counted["events"]["rows"][0][0])
    times, peak = told(options.hogql, store, options.runs, options.threads)
    cells = [f"{events:,}"]
    if imported:
        seconds, _, most = imported
        cells += [f"{seconds * 1e6 / events:,.2f} ({seconds:,.1f})", f"{most / report.MIB:,.0f}"]
    else:
        cells += ["", ""]
    cells.append(f"{tree_bytes(store) / events:,.1f}")
    return [*cells, *(nanoseconds(time, events) for time in times), f"{peak / report.MIB:,.0f}"]


def main():
    options = argparse.ArgumentParser(prog="curve.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", nargs="+", type=pathlib.Path, help="folders made by `hogql generate`")
    options.add_argument("--hogql", default=str(ROOT / "target/release/hogql"), help="the binary (target/release/hogql)")
    options.add_argument("--work", default=str(ROOT / "benches/compare/work/curve"), help="folder of the stores; kept")
    options.add_argument("--runs", type=int, default=7, help="times that a question is asked (7)")
    options.add_argument("--threads", type=int, default=2, help="threads (2)")
    options = options.parse_args()
    pathlib.Path(options.work).mkdir(parents=True, exist_ok=True)
    head = ["events", "import us (s)", "import MiB", "B", "daily users ns (ms)", "3 heavy events ns (ms)", "3 rare events ns (ms)", "reading MiB"]
    print(report.table(head, [row(options, data) for data in options.data]))


if __name__ == "__main__":
    main()
