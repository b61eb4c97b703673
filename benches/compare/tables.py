"""The two MergeTrees that the store is held against: the same rows, typed columns, and a column of its own for each frequent property.

`posthog` has the order, partitions and codecs of PostHog's events table; `by_person` is ordered for questions about persons.
Both are ReplacingMergeTrees whose sorting key ends in the uuid, so OPTIMIZE FINAL takes out rows that were exported twice, as an import does.
"""

DATABASE = "compare"

# Frequent keys of the generated data; PostHog materialises the session, window and group keys for everyone.
KEYS = (
    "$session_id", "$window_id", "$group_0", "$device_id", "$current_url", "$pathname", "$host", "$referrer", "$referring_domain",
    "$browser", "$browser_version", "$os", "$os_version", "$device_type", "$lib", "$screen_width",
    "$geoip_country_code", "$geoip_city_name", "utm_source", "utm_campaign",
)  # fmt: skip

# name: (type in the table, expression on the file)
COLUMNS = {
    "uuid": ("UUID", "uuid"),
    "event": ("LowCardinality(String)", "event"),
    "distinct_id": ("String", "distinct_id"),
    "person_id": ("UUID", "person_id"),
    "properties": ("String CODEC(ZSTD(3))", "properties"),
    "person_properties": ("String CODEC(ZSTD(3))", "ifNull(person_properties, '')"),
    "elements_chain": ("String", "ifNull(elements_chain, '')"),
    "timestamp": ("DateTime64(6, 'UTC')", "timestamp"),
    "created_at": ("DateTime64(6, 'UTC')", "created_at"),
    "_inserted_at": ("DateTime64(6, 'UTC')", "_inserted_at"),
}

LAYOUTS = {
    "posthog": "PARTITION BY toYYYYMM(timestamp) ORDER BY (toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))",
    "by_person": "PRIMARY KEY (person_id, timestamp) ORDER BY (person_id, timestamp, uuid)",
}


def column(key):
    """The table's column of a property, quoted."""
    return f"`mat_{key}`"


def extract(key):
    """A property's text, read from the JSON: what PostHog's nullable materialised columns hold."""
    return f"JSONExtract(properties, '{key}', 'Nullable(String)')"


def files(data, table="events"):
    """An export's files as ClickHouse reads them; 'none' tells that a `.parquet.zst` is not compressed as a whole (its pages are)."""
    return f"file('{data}/{table}/*.parquet*', Parquet, auto, 'none')"


def create(name, how):
    """CREATE TABLE; with `how` = each the property columns fill themselves, one reading of the JSON each, as PostHog's do."""
    plain = [f"{name} {kind}" for name, (kind, _) in COLUMNS.items()]
    filled = {"each": lambda key: f" MATERIALIZED {extract(key)}", "once": lambda _: ""}[how]
    properties = [f"{column(key)} Nullable(String){filled(key)}" for key in KEYS]
    return f"CREATE TABLE {DATABASE}.{name} ({', '.join(plain + properties)}) ENGINE = ReplacingMergeTree {LAYOUTS[name]}"


def insert(name, data, how):
    """INSERT .. SELECT from the export's files; with `how` = once the JSON is read a single time for all property columns (about 3 times faster)."""
    names, values, source = list(COLUMNS), [value for _, value in COLUMNS.values()], files(data)
    if how == "once":
        members = ", ".join(f"`{key}` Nullable(String)" for key in KEYS)
        source = f"(SELECT *, JSONExtract(assumeNotNull(properties), 'Tuple({members})') AS members FROM {source})"
        names += [column(key) for key in KEYS]
        values += [f"members.{place}" for place in range(1, len(KEYS) + 1)]
    return f"INSERT INTO {DATABASE}.{name} ({', '.join(names)}) SELECT {', '.join(values)} FROM {source}"
