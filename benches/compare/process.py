"""Running one measured process after the other: wall time, CPU time and peak memory of each."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

WORKER = pathlib.Path(__file__).resolve().parent / "worker.py"
# ru_maxrss counts bytes on macOS and KiB elsewhere.
UNIT = 1 if sys.platform == "darwin" else 1024


class Done(NamedTuple):
    """A process that has ended."""

    code: int
    out: str
    err: str
    seconds: float
    cpu: float
    peak_bytes: int


def run(command, given=""):
    """Runs a command to its end. wait4 gives the peak memory of this child alone; a child's peak starts at its parent's, so this process stays small."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err, tempfile.TemporaryFile("w+") as into:
        into.write(given)
        into.seek(0)
        started = time.perf_counter()
        child = subprocess.Popen([str(word) for word in command], stdin=into, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(child.returncode, out.read(), err.read(), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT)


def work(job):
    """Has worker.py do a job in a process of its own, so that its engine is gone before the next one is timed."""
    done = run([sys.executable, WORKER], json.dumps(job))
    if done.code:
        sys.exit(f"{job['kind']} failed:\n{done.err.strip()[-2000:]}")
    return json.loads(done.out)


def tree_bytes(folder):
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())
