# Checks of one edit: seconds.
quick:
    cargo fmt --check
    cargo xtask tidy
    cargo test --package hogql-syntax --package hoglet-events

# Everything that the gate runs but the checks of style.
test:
    cargo test --workspace

# What the gate runs.
full:
    .ci/run

# Rewrites golden files; read the diff.
bless:
    cargo xtask bless

# Case files through the public library.
conformance *FILES:
    cargo xtask conformance {{FILES}}

# A larger export for benches, kept out of version control: data/generated/10m for 10000000 events.
data EVENTS="10000000":
    cargo run --release --package hogql-cli -- generate --events {{EVENTS}} --seed 1 --out data/generated/{{replace_regex(EVENTS, '000000$', 'm')}}
