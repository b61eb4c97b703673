#!/bin/sh
# The event store against ClickHouse and DuckDB: benches/compare/run.sh [--python PATH] DATA [options of compare.py]
# Makes its own Python environment beside this file the first time; --python takes an interpreter that has the packages.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "${1:-}" = "--python" ]; then
    [ $# -ge 2 ] || { echo "run.sh: --python needs the path of an interpreter" >&2; exit 2; }
    python=$2
    shift 2
else
    python=$here/.venv/bin/python
    # The mark is written last, so an environment that was left half made is made again.
    if ! cmp -s "$here/requirements.txt" "$here/.venv/made-from.txt"; then
        python3 -m venv --clear "$here/.venv"
        "$python" -m pip install --quiet --requirement "$here/requirements.txt"
        cp "$here/requirements.txt" "$here/.venv/made-from.txt"
    fi
fi
exec "$python" "$here/compare.py" "$@"
