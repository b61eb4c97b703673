"""The event store beside ClickHouse and DuckDB, on the same export, in one run: import, size, and product questions.

ClickHouse (PyPI chdb) holds the rows in two MergeTrees, in PostHog's order and by person; ClickHouse, DuckDB (PyPI duckdb) and Hoglet
also read the files in place. Every engine works in a process of its own that ends before the next one is timed, with as many threads.
Answers are compared before a time is printed: the store with the MergeTrees (rows exported twice are taken out), the files with the files.

    cargo build --release -p hogql-cli
    target/release/hogql generate --events 20000000 --seed 1 --out data/generated/20m
    benches/compare/run.sh data/generated/20m
"""

import argparse
import itertools
import os
import pathlib
import re
import sys
from importlib.metadata import version

import hoglet
import questions
import report
import tables
from process import run, tree_bytes, work

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STEPS = ("import", "size", *questions.STEPS, "runs")
# What each engine is called in the report; the answers of a group are compared with each other.
STORED = ("store", "MergeTree posthog", "MergeTree by_person")
IN_PLACE = ("in place", "ClickHouse files", "DuckDB files")
MIDNIGHT = re.compile(r"[T ]00:00:00(\.0+)?(Z|\+00:00)?$")


class Bench:
    """One run: where things are, what is to be measured, and the report so far."""

    def __init__(self, options):
        self.data = pathlib.Path(options.data).resolve()
        self.work = pathlib.Path(options.work).resolve()
        self.hogql, self.runs, self.threads, self.extract = options.hogql, options.runs, options.threads, options.extract
        self.store = self.work / "store"
        self.sections = []

    def say(self, text):
        """Prints a section of the report and keeps it for report.md."""
        print(text, end="\n\n", flush=True)
        self.sections.append(text)
        (self.work / "report.md").write_text("\n\n".join(self.sections) + "\n")

    def table_folder(self, name):
        """Where chdb keeps a MergeTree."""
        return self.work / f"clickhouse-{name}"

    def job(self, kind, **more):
        """Has a worker do a job."""
        return work({"kind": kind, "threads": self.threads, "data": str(self.data), **more})

    def made_tables(self):
        """The MergeTrees that an import has made, now or in an earlier run."""
        return [name for name in tables.LAYOUTS if self.table_folder(name).is_dir()]


def read_through(folder):
    """Reads the files once, so that the first import finds them in memory like the later ones; their bytes."""
    for path in folder.glob("*.parquet*"):
        with open(path, "rb") as file:
            while file.read(1 << 24):
                pass
    return tree_bytes(folder)


def import_step(bench):
    """Builds both MergeTrees and the store."""
    read_through(bench.data / "events")
    measured, before = [], 0
    for name in tables.LAYOUTS:
        os.sync()
        done = bench.job("build", table=name, store=str(bench.table_folder(name)), extract=bench.extract)
        phases = done["insert"], done["optimize"]
        measured.append((f"MergeTree {name}", sum(phases), done["cpu"], done["peak"], *phases))
        before = done["peak_before"]
    note = f"A chdb session takes {before / report.MIB:.0f} MiB before it does anything; they are in its peak."
    reason = hoglet.cannot_import(bench.hogql)
    if reason:
        note += f"\nNo store: {reason}"
    else:
        os.sync()
        measured.append(("store", *hoglet.import_store(bench.hogql, bench.data, bench.store, bench.threads)))
    bench.say(report.imports(measured) + f"\n\n{note}")


def size_step(bench):
    """Bytes on disk, and those of each column of the MergeTrees."""
    measured, by_column = [("export (events)", None, tree_bytes(bench.data / "events"))], {}
    for name in bench.made_tables():
        found = bench.job("size", table=name, store=str(bench.table_folder(name)))
        rows, _, size = found["total"]
        measured.append((f"MergeTree {name}", rows, size))
        by_column[name] = found["columns"]
    if bench.store.is_dir():
        measured.append(("store", None, tree_bytes(bench.store)))
        measured += [(f"store: {folder.name}", None, tree_bytes(folder)) for folder in sorted(bench.store.iterdir()) if folder.is_dir()]
    bench.say(report.sizes(measured))
    if by_column:
        bench.say(report.columns(by_column))


def some_person(bench):
    """The busiest person with at most 500 events: whom the questions about one person are asked of."""
    text = (
        f"SELECT person_id FROM read_parquet('{bench.data}/events/*.parquet*') GROUP BY person_id"
        " HAVING count(*) <= 500 ORDER BY count(*) DESC, person_id LIMIT 1"
    )
    return bench.job("ask", engine="duckdb", questions={"person": text}, runs=1)["person"]["rows"][0][0]


def ask_all(bench, asked):
    """Every engine's answers, by engine and question; engines that have nothing to read are left out."""
    person, found = some_person(bench), {}
    ours = questions.texts(asked, questions.HOGQL, person)
    if bench.store.is_dir():
        found["store"] = hoglet.ask(bench.hogql, ["--store", bench.store], ours, bench.runs, bench.threads)
    else:
        print("the store is left out: there is none in the work folder", file=sys.stderr)
    found["in place"] = hoglet.ask(bench.hogql, ["--events", bench.data / "events"], ours, bench.runs, bench.threads)
    for name in bench.made_tables():
        theirs = questions.texts(asked, questions.CLICKHOUSE, person, f"{tables.DATABASE}.{name}")
        folder = str(bench.table_folder(name))
        found[f"MergeTree {name}"] = bench.job("ask", engine="clickhouse", store=folder, questions=theirs, runs=bench.runs)
    theirs = questions.texts(asked, questions.CLICKHOUSE_FILES, person, tables.files(bench.data))
    found["ClickHouse files"] = bench.job("ask", engine="clickhouse", questions=theirs, runs=bench.runs)
    theirs = questions.texts(asked, questions.DUCKDB, person, f"read_parquet('{bench.data}/events/*.parquet*')")
    found["DuckDB files"] = bench.job("ask", engine="duckdb", questions=theirs, runs=bench.runs)
    return found


def normal(rows):
    """Rows as every engine gives them: values as text, a midnight as its date."""
    return [tuple(MIDNIGHT.sub("", str(value)) if value is not None else None for value in row) for row in rows]


def difference(one, other):
    """The first rows that two answers do not share."""
    pairs = itertools.zip_longest(one, other, fillvalue="no row")
    return next(f"{left} and {right}" for left, right in pairs if left != right)


def check(asked, found):
    """Ends the bench where answers of a group differ."""
    for question, group in itertools.product(asked, (STORED, IN_PLACE)):
        answers = [(name, normal(found[name][question.name]["rows"])) for name in group if name in found]
        for (first, one), (name, other) in itertools.pairwise(answers):
            if one != other:
                sys.exit(f"{question.name}: {first} and {name} differ: {difference(one, other)}")


def questions_step(bench, steps):
    """Asks the questions of the steps, and reports times of equal answers."""
    asked = [question for question in questions.QUESTIONS if question.step in steps]
    found = ask_all(bench, asked)
    check(asked, found)
    bench.say(report.times(asked, found))


def runs_step(bench):
    """What a fold waits for: the rows of three heavy and of three rare events as runs of actors, read from the store."""
    binary = pathlib.Path(bench.hogql).parent / "examples" / "actor_runs"
    if not binary.is_file() or not bench.store.is_dir():
        bench.say("Runs: left out; they need a store, and `cargo build --release -p hogql --example actor_runs`.")
        return
    measured = []
    for kind, share, three in hoglet.threes(bench.hogql, bench.store, bench.threads):
        done = hoglet.actor_runs(binary, bench.store, three, bench.runs, bench.threads)
        measured.append((kind, share, done["rows"], done["actors"], done["wall_ms"]))
    bench.say(report.runs(measured))


def heading(bench):
    """What ran, on what."""
    rows = run([bench.hogql, "query", "--events", bench.data / "events", "--format", "csv", "SELECT count() FROM events"])
    if rows.code:
        sys.exit(f"{bench.hogql} cannot read {bench.data}/events: {rows.err.strip()}")
    count = int(rows.out.split()[-1])
    bench.say(
        f"{count:,} events; {bench.threads} threads of {os.cpu_count()} cores; chdb {version('chdb')}, duckdb {version('duckdb')};"
        f" {bench.runs} run(s) a question, best counts; property columns of the MergeTrees filled by `--extract {bench.extract}`."
    )


def options_of(arguments):
    """The command line."""
    options = argparse.ArgumentParser(prog="run.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", help="a folder made by `hogql generate`")
    options.add_argument("--hogql", default=str(ROOT / "target/release/hogql"), help="the binary (target/release/hogql)")
    options.add_argument("--work", default=str(ROOT / "benches/compare/work"), help="folder of the stores and of report.md; kept")
    options.add_argument("--runs", type=int, default=5, help="times that a question is asked (5)")
    options.add_argument("--threads", type=int, default=2, help="threads of every engine (2)")
    options.add_argument("--steps", default=",".join(STEPS), help=f"of {','.join(STEPS)}; without import, the stores of an earlier run")
    options.add_argument(
        "--extract", choices=("once", "each"), default="once", help="read the JSON once for all property columns, or once each as PostHog does"
    )
    options = options.parse_args(arguments)
    unknown = set(options.steps.split(",")) - set(STEPS)
    if unknown:
        sys.exit(f"no such step: {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    return options


def main():
    options = options_of(sys.argv[1:])
    steps = options.steps.split(",")
    bench = Bench(options)
    bench.work.mkdir(parents=True, exist_ok=True)
    heading(bench)
    for name, step in {"import": import_step, "size": size_step}.items():
        if name in steps:
            step(bench)
    if set(steps) & set(questions.STEPS):
        questions_step(bench, steps)
    if "runs" in steps:
        runs_step(bench)


if __name__ == "__main__":
    main()
