#!/usr/bin/env bash
# Stores in buckets against a real S3 server on loopback: moto, in a virtual environment of its own below target/.
#
#     tests/s3/run.sh
#
# Runs the tests of crates/eventstore that need a server, then the command line: a store in a bucket must answer what one
# on disk answers. Without Python or the network it says why it is skipped. `cargo test --workspace` runs the same tests
# where `python3` has moto (`pip install 'moto[server]'`), and says so where it has not.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() {
    echo "skipped: $1" >&2
    exit 0
}

moto=target/moto
if ! [ -x "$moto/bin/moto_server" ]; then
    command -v python3 >/dev/null || skip "there is no python3 to run moto"
    python3 -m venv "$moto" || skip "python3 makes no virtual environment"
    "$moto/bin/pip" install --quiet 'moto[server]>=5.1,<6' || skip "moto[server] cannot be installed"
fi
export PATH="$PWD/$moto/bin:$PATH"

cargo test --package hoglet-eventstore s3

work=$(mktemp -d)
coproc SERVER { exec python3 tests/s3/server.py; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
read -r AWS_ENDPOINT_URL <&"${SERVER[0]}"
case $AWS_ENDPOINT_URL in http://*) ;; *) skip "$AWS_ENDPOINT_URL" ;; esac
export AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret

cargo build --quiet --package hogql-cli
hogql() { "${CARGO_TARGET_DIR:-target}/debug/hogql" "$@"; }

# What a store answers.
answers() {
    hogql query --format csv --store "$1" \
        "SELECT count() AS n, uniq(person_id) AS persons, sum(length(properties)) AS texts FROM events"
    hogql query --format csv --store "$1" \
        "SELECT event, properties.\$browser AS browser, uniq(person_id) AS persons FROM events
         WHERE timestamp > '2025-12-10' GROUP BY event, browser ORDER BY event, browser"
}

# Both stores answer the same.
same() {
    local far here
    far=$(answers s3://stores/cli)
    here=$(answers "$work/store")
    diff <(echo "$far") <(echo "$here")
    echo "$1: a store in a bucket and one on disk answer the same"
}

for seed in 1 2; do
    hogql generate --events 3000 --seed "$seed" --out "$work/$seed"
    hogql import "$work/$seed" --store s3://stores/cli --work "$work/s3"
    hogql import "$work/$seed" --store "$work/store"
    same "import $seed"
done
hogql info s3://stores/cli >/dev/null
hogql optimize s3://stores/cli --grace 0 --work "$work/s3"
hogql optimize "$work/store" --grace 0
same "optimize"
