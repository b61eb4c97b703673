#!/usr/bin/env python3
"""Parse seconds over the corpus: this parser and the reference parser, in one run on one machine.

Needs the PyPI package hogql-parser (the reference, C++) in the running interpreter, and cargo. Both sides parse the
same texts: all select and expr lines, accepted and rejected. The reference gives its tree as JSON; ours is measured to
the tree and to the same JSON. Each side is warmed up by one round; the fastest of the following rounds counts.

    pip install hogql-parser==1.3.88
    python3 benches/parser_vs_reference.py [--rounds 5] [--least-ratio 50]

Exits with 1 if this parser is not faster by the asked ratio in both.
"""

import argparse
import json
import subprocess
import sys
import time
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "cases" / "hogql_corpus.jsonl"


def reference_parsers():
    """The reference's entry points by kind; the package expects its host's error classes to be importable."""
    for name in ("posthog", "posthog.hogql", "posthog.hogql.errors"):
        sys.modules.setdefault(name, types.ModuleType(name))
    for name in ("ExposedHogQLError", "SyntaxError", "NotImplementedError", "ParsingError"):
        setattr(sys.modules["posthog.hogql.errors"], name, type(name, (Exception,), {}))
    import hogql_parser

    return {"select": hogql_parser.parse_select_json, "expr": hogql_parser.parse_expr_json}


def reference_rounds(rounds):
    """Seconds of each round of the reference, and the number of texts."""
    parsers = reference_parsers()
    lines = [json.loads(line) for line in CORPUS.open(encoding="utf-8")]
    texts = [(parsers[line["kind"]], line["hogql"]) for line in lines if line["kind"] in parsers]
    totals = []
    for _ in range(rounds):
        start = time.perf_counter()
        for parse, text in texts:
            parse(text)
        totals.append(time.perf_counter() - start)
    return totals, len(texts)


def own_rounds(rounds):
    """What the release build of the example prints."""
    command = ["cargo", "run", "--release", "--quiet", "-p", "hogql-syntax", "--example", "corpus_timing"]
    command += ["--", str(CORPUS), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--least-ratio", type=float, default=50.0)
    options = arguments.parse_args()

    own = own_rounds(options.rounds + 1)
    totals, texts = reference_rounds(options.rounds + 1)
    if texts != own["texts"]:
        sys.exit(f"the two sides parsed {own['texts']} and {texts} texts")

    megabytes = own["bytes"] / 1e6
    theirs = min(totals[1:])
    print(f"{texts} texts, {megabytes:.3f} MB, fastest of {options.rounds} rounds")
    print(f"reference, to JSON  {theirs * 1e3:9.3f} ms  {megabytes / theirs:7.3f} MB/s")
    ratios = []
    for goal in ("tree", "json"):
        mine = min(own[goal][1:])
        ratios.append(theirs / mine)
        figures = f"{mine * 1e3:9.3f} ms  {megabytes / mine:7.3f} MB/s  {ratios[-1]:7.1f} x"
        print(f"hoglet, to {goal:8} {figures}")
    sys.exit(0 if min(ratios) >= options.least_ratio else 1)


if __name__ == "__main__":
    main()
