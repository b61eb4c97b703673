"""Markdown tables of what was measured."""

import math
import statistics

MIB = 1 << 20


def table(head, rows):
    """A Markdown table whose numbers stand right."""
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(["---"] + ["--:"] * (len(head) - 1)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def mib(count):
    """Bytes as MiB."""
    return f"{count / MIB:,.1f}"


def imports(measured):
    """Import: rows of (name, wall seconds, CPU seconds, peak bytes, seconds of INSERT and of OPTIMIZE or nothing); ratios against the faster table."""
    fastest = min((wall for name, wall, *_ in measured if name.startswith("MergeTree")), default=math.nan)
    rows = []
    for name, wall, cpu, peak, *phases in measured:
        phases = [f"{seconds:.1f}" for seconds in phases] or ["", ""]
        rows.append([name, *phases, f"{wall:.1f}", f"{cpu:.1f}", f"{wall / fastest:.2f}", f"{peak / MIB:,.0f}"])
    return table(["import", "INSERT s", "OPTIMIZE s", "whole s", "CPU s", "/ faster MergeTree", "peak MiB"], rows)


def sizes(measured):
    """Bytes on disk: rows of (name, event rows or nothing, bytes); ratios against the smallest table."""
    smallest = min((size for name, _, size in measured if name.startswith("MergeTree")), default=math.nan)
    rows = [[name, f"{count:,}" if count else "", mib(size), f"{size / smallest:.2f}"] for name, count, size in measured]
    return table(["size", "rows", "MiB", "/ smaller MergeTree"], rows)


def columns(measured):
    """Bytes of each column in each table: table -> [(column, compressed, uncompressed)], widest first."""
    packed = {name: {column: size for column, size, _ in found} for name, found in measured.items()}
    first = next(iter(measured.values()))
    rows = [[f"`{column}`", *(mib(sizes[column]) for sizes in packed.values()), mib(plain)] for column, _, plain in first]
    rows.append(["all", *(mib(sum(sizes.values())) for sizes in packed.values()), mib(sum(plain for _, _, plain in first))])
    return table(["column, MiB", *(f"MergeTree {name}" for name in measured), "unpacked"], rows)


def runs(measured):
    """Runs of actors: how many rows were read, which runs were given out, and how long that took."""
    rows = [
        [f"runs of 3 {kind} events ({share:.0%} of the rows)", f"{rows:,}", f"{actors:,}", cell({"wall_ms": wall})]
        for kind, share, rows, actors, wall in measured
    ]
    return table(["store", "rows given out", "actors", "best (median) ms"], rows)


def cell(answer):
    """Best and median time of a question, in milliseconds."""
    return f"{min(answer['wall_ms']):,.1f} ({statistics.median(answer['wall_ms']):,.1f})" if answer else ""


def ratio(ours, theirs):
    """Our best time over the other's, if both were timed."""
    return min(ours["wall_ms"]) / theirs if ours and theirs else None


def times(asked, found):
    """One row a question, one column an engine: best (median) milliseconds; Hoglet's best over that of the faster MergeTree."""
    tabled = [name for name in found if name.startswith("MergeTree")]
    ours = [name for name in ("store", "in place") if name in found]
    rows, ratios = [], {name: [] for name in ours}
    for question in asked:
        answers = {name: engine.get(question.name) for name, engine in found.items()}
        best = min((min(answers[name]["wall_ms"]) for name in tabled), default=None)
        row = [question.name] + [cell(answers[name]) for name in found]
        for name in ours:
            value = ratio(answers[name], best)
            row.append(f"{value:.2f}" if value else "")
            ratios[name] += [value] if value else []
        rows.append(row)
    means = [f"**{statistics.geometric_mean(ratios[name]):.2f}**" if ratios[name] else "" for name in ours]
    rows.append(["geometric mean"] + [""] * len(found) + means)
    return table(["best (median) ms", *found, *(f"{name} / best MergeTree" for name in ours)], rows)
