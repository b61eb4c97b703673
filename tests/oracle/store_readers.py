"""Reads a store with DuckDB, ClickHouse and PyArrow as docs/store-format.md says, and compares what they find with Hoglet's answers.

Every statement of that page's last section runs as it stands there, in a folder in which the store is `store`: first over a store of two
imports, then, those that ask the manifest which files count, over the same store after `hogql optimize`, when replaced files are still there.
What a statement's answer is compared with is told by the names of its columns; one with other columns is an error, so that this
script is kept up with the page. Beyond the page, every reader's uuids, texts and shredded columns are compared row by row, and cluster
files with the event files that they belong to.

    cargo build --release -p hogql-cli
    python3 tests/oracle/store_readers.py [--hogql target/debug/hogql]
"""

import argparse
import ast
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import uuid

import chdb
import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "store-format.md"
SECTION = "## Reading a store with other tools"
EVENTS = "2000"


class Hogql:
    """The command, in a folder with an export and the store that is made of it."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def run(self, *args):
        done = subprocess.run([self.binary, *args], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"hogql {' '.join(args)}\n{done.stderr}")
        return done.stdout

    def rows(self, question):
        lines = self.run("query", "--store", "store", "--format", "jsonl", question).splitlines()
        return [tuple(json.loads(line).values()) for line in lines]

    def make(self):
        """Two imports of one export: its first days, then all of it."""
        self.run("generate", "--events", EVENTS, "--days", "6", "--out", "export")
        persons = ["--persons", "export/persons", "--groups", "export/groups"]
        files = sorted(str(path.relative_to(self.folder)) for path in self.folder.glob("export/events/*"))
        self.run("import", *files[: len(files) // 2], *persons, "--store", "store", "--buckets", "3")
        self.run("import", *files, *persons, "--store", "store")


class Expected:
    """What Hoglet says of the store."""

    def __init__(self, hogql):
        count = lambda key: {row[0] or "": row[1] for row in hogql.rows(f"SELECT {key} AS k, count() AS n FROM events GROUP BY k")}
        self.events = count("event")
        self.persons = count("toString(person_id)")
        self.systems = count("properties.$os")
        rows = hogql.rows("SELECT toString(uuid) AS u, properties.$os AS os, event, distinct_id, properties FROM events")
        self.rows = {row[0]: row[1:] for row in rows}
        assert len(self.rows) == len(rows) == sum(self.events.values()) > 1000, "the export is too small"

    def differs(self, names, rows):
        """Why the rows of a statement are wrong; nothing if they are right."""
        match names:
            case ["event", _]:
                return difference(self.events, dict(rows))
            case ["person", _]:
                return difference(self.persons, {str(person): count for person, count in rows})
            case ["os", "uuid"]:
                wrong = [row for row in rows if (self.rows.get(str(row[1])) or ("?",))[0] != row[0]]
                return f"rows that Hoglet has otherwise: {wrong[:3]}" if wrong or not rows else None
            case ["os", _]:
                return difference(self.systems, {os or "": count for os, count in rows})
        return f"nobody knows what the columns {names} are to be compared with"


def difference(expected, found):
    if found == expected:
        return None
    wrong = [(key, expected.get(key), found.get(key)) for key in {**expected, **found} if expected.get(key) != found.get(key)]
    return f"(key, Hoglet, here): {wrong[:3]}"


def blocks(page):
    """The code of the section with the language that the text before it names."""
    section = page.split(SECTION, 1)[1].split("\n## ")[0]
    language, code = "duckdb", []
    for line in [*section.splitlines(), "end"]:
        if line.startswith("    ") or not line:
            code.append(line[4:])
            continue
        if any(code):
            yield language, "\n".join(code)
        code = []
        for name, sign in [("chdb", "ClickHouse"), ("python", "Python"), ("duckdb", "DuckDB")]:
            language = name if line.startswith(sign) or f"({sign})" in line else language
        for inline in re.findall(r"`(SELECT [^`]*)`", line):
            yield language, inline + ";"


def statements(code):
    code = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("--"))
    return [statement.strip() for statement in re.split(r";\s*(?:\n|$)", code) if statement.strip()]


def ask_duckdb(connection, statement):
    answer = connection.execute(statement)
    names = [column[0] for column in answer.description]
    return names, answer.fetchall()


def ask_chdb(connection, statement):
    answer = json.loads(connection.query(statement, "JSONCompact").bytes())
    integers = [column["type"].startswith(("UInt", "Int")) for column in answer["meta"]]
    rows = [tuple(int(value) if integer else value for value, integer in zip(row, integers)) for row in answer["data"]]
    return [column["name"] for column in answer["meta"]], rows


def ask_python(code):
    tree = ast.parse(code)
    last = ast.Expression(tree.body.pop().value)
    names = {}
    exec(compile(tree, "store-format.md", "exec"), names)
    table = eval(compile(last, "store-format.md", "eval"), names)
    return table.column_names, list(zip(*(column.to_pylist() for column in table.columns)))


def answers(page, wanted):
    """The answers of the page's statements: language, statement, names of columns, rows."""
    duck, house = duckdb.connect(), chdb.connect(":memory:")
    for language, code in blocks(page):
        if language == "python":
            if wanted(code):
                yield language, code, *ask_python(code)
            continue
        variables = "SET VARIABLE" in code
        for statement in statements(code):
            if not wanted(code if variables else statement):
                continue
            if statement.startswith("SET"):
                duck.execute(statement)
            elif language == "duckdb":
                yield language, statement, *ask_duckdb(duck, statement)
            else:
                yield language, statement, *ask_chdb(house, statement)


def check_page(page, expected, when, wanted):
    wrong = []
    seen = collections.Counter()
    for language, statement, names, rows in answers(page, wanted):
        seen[language] += 1
        why = expected.differs(names, rows)
        if why:
            wrong.append(f"{when}, {language}: {statement}\n  {why}")
    print(f"{when}: {sum(seen.values())} statements ({', '.join(f'{count} {name}' for name, count in seen.items())})")
    if not seen:
        wrong.append(f"{when}: the page has no statements")
    return wrong


def files_of(store, kind):
    manifest = json.loads(max(store.glob("manifests/*.json")).read_text())
    return manifest, [str(store / file["path"]) for file in manifest[kind]]


def text_of(value):
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) else value


def check_rows(store, expected):
    """All readers find the same rows, and shredded columns are what the JSON text has."""
    manifest, files = files_of(store, "events")
    wrong = []
    columns = ["uuid", "event", "distinct_id", "properties"]
    listed = ", ".join(f"'{file}'" for file in files)
    found = {
        "pyarrow": pyarrow.dataset.dataset(files).to_table(columns=columns).to_pylist(),
        "duckdb": duckdb.sql(f"SELECT {', '.join(columns)} FROM read_parquet([{listed}], union_by_name => true)").to_arrow_table().to_pylist(),
    }
    house = chdb.connect(":memory:")
    found["chdb"] = []
    for file in files:
        question = f"SELECT UUIDNumToString(uuid) AS uuid, event, distinct_id, properties FROM file('{file}', Parquet)"
        found["chdb"] += map(json.loads, house.query(question, "JSONEachRow").bytes().decode().splitlines())
    for reader, rows in found.items():
        rows = {text_of(row["uuid"]): (row["event"], row["distinct_id"], row["properties"]) for row in rows}
        theirs = {key: row[1:] for key, row in expected.rows.items()}
        if rows != theirs:
            wrong.append(f"{reader}: rows differ: {difference(theirs, rows)}")
    shredded = [at for at in manifest["shredded"] if at["from"] == "properties"]
    compared = 0
    for file in files:
        table = pq.read_table(file)
        texts = [json.loads(text) for text in table["properties"].to_pylist()]
        for at in shredded:
            if at["column"] in table.column_names:
                compared += 1
                wrong += check_shredded(file, table[at["column"]], [text.get(at["key"]) for text in texts], at["column"])
    print(f"rows: {len(expected.rows)} by {', '.join(found)}; {compared} shredded columns")
    return wrong if compared > 20 else [*wrong, "there are hardly any shredded columns"]


def check_shredded(file, column, values, name):
    """Strings without quotes, numbers and truth values as such, other values as compact JSON."""
    def plain(value):
        if value is None or isinstance(value, str):
            return value
        if pa.types.is_string(column.type):
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return value

    expected = [plain(value) for value in values]
    # What escapes are written as in texts is Hoglet's own matter.
    odd = lambda value: isinstance(value, str) and ("\\" in value or '"' in value)
    pairs = [(a, b) for a, b in zip(expected, column.to_pylist()) if a != b and not odd(b)]
    return [f"{file} {name}: (JSON, column) {pairs[:3]}"] if pairs else []


def check_order(store):
    """The manifest's numbers are exact, and ordinals are those of the persons files."""
    manifest, files = files_of(store, "events")
    persons = collections.Counter()
    for file in manifest["persons"]:
        table = pq.read_table(store / file["path"])
        assert table["ordinal"].to_pylist() == list(range(file["first_ordinal"], file["first_ordinal"] + file["persons"])), file
        persons[file["bucket"]] += table.num_rows
    wrong = []
    for file, path in zip(manifest["events"], files):
        table = pq.read_table(path)
        times = pc.min_max(table["timestamp"].cast(pa.int64())).as_py()
        told = (file["rows"], file["min_time"], file["max_time"], file["row_groups"])
        found = (table.num_rows, times["min"], times["max"], pq.ParquetFile(path).num_row_groups)
        if told != found:
            wrong.append(f"{path}: the manifest says {told}, the file {found}")
        if pc.max(table["ordinal"]).as_py() >= persons[file["bucket"]]:
            wrong.append(f"{path}: an ordinal without a person")
        nulls = {name: table[name].null_count for name in table.column_names if table[name].null_count}
        if nulls != file.get("null_counts", {}):
            wrong.append(f"{path}: {difference(file.get('null_counts', {}), nulls)}")
    return wrong


def check_clusters(store):
    """Cluster files have the rows of the event files by event, each with its place, and directories that say where an event is."""
    manifest, files = files_of(store, "events")
    wrong = []
    for file, path in zip(manifest["events"], files):
        names = ["event", "ordinal", "timestamp"]
        events, place = pq.read_table(path, columns=names), store / file["clusters"]["path"]
        clusters = pq.read_table(place)
        keys = list(zip(*(clusters[name].to_pylist() for name in [*names, "position"])))
        positions = clusters["position"].to_pylist()
        if sorted(positions) != list(range(file["rows"])):
            wrong.append(f"{place}: positions are not those of the rows")
        elif not events.take(positions).equals(clusters.select(names).cast(events.schema)):
            wrong.append(f"{place}: rows are not those of {path}")
        elif keys != sorted(keys):
            wrong.append(f"{place}: rows are not in order")
        directory = json.loads(pq.ParquetFile(place).metadata.metadata[b"hoglet.segments"])
        next_row = 0
        for event, start, rows, first, last in directory["segments"]:
            part = clusters.slice(start, rows)
            times = pc.min_max(part["timestamp"].cast(pa.int64())).as_py()
            if (start, {event}, first, last) != (next_row, set(part["event"].to_pylist()), times["min"], times["max"]):
                wrong.append(f"{place}: the directory is wrong about {event!r}")
            next_row = start + rows
        if next_row != file["rows"]:
            wrong.append(f"{place}: the directory ends at row {next_row} of {file['rows']}")
    return wrong


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--hogql", type=pathlib.Path, default=ROOT / "target/release/hogql", help="the binary")
    options = options.parse_args()
    page = PAGE.read_text()
    with tempfile.TemporaryDirectory() as folder:
        hogql = Hogql(options.hogql.resolve(), pathlib.Path(folder))
        hogql.make()
        # The page's statements name the store by its place here.
        os.chdir(folder)
        store, expected = pathlib.Path("store"), Expected(hogql)
        wrong = check_page(page, expected, "after two imports", lambda statement: True)
        wrong += check_rows(store, expected) + check_order(store) + check_clusters(store)
        hogql.run("optimize", "store")
        wrong += check_page(page, Expected(hogql), "after an optimize", lambda statement: "manifests" in statement)
        wrong += check_rows(store, expected) + check_order(store) + check_clusters(store)
        os.chdir(ROOT)
    print("\n".join(wrong) or "all agree")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
