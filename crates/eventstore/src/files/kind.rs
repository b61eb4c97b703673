//! Kinds of files, told by their names.

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FileKind {
    /// Parquet. Its compression is inside, whatever the name's last part says.
    Parquet,
    /// Values between delimiters, with a header line.
    Csv {
        /// The byte between two values.
        delimiter: u8,
        /// Compression of the whole file.
        compression: Compression,
    },
    /// A JSON object on each line.
    Ndjson {
        /// Compression of the whole file.
        compression: Compression,
    },
}

/// Compression of a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// What a file name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// A file to read.
    Kind(FileKind),
    /// A file of text rows in a compression that is not read.
    Unreadable,
    /// Neither rows nor anything else that is known.
    Unknown,
}

/// Kinds of files as messages list them.
pub(crate) const KINDS: &str =
    ".parquet, .csv, .tsv, .jsonl, .ndjson and .json (text also with .gz or .zst)";

/// What a file name, without folders, says.
pub(crate) fn named(name: &str) -> Named {
    let name = name.to_ascii_lowercase();
    let (stem, packing) = match name.rsplit_once('.') {
        Some((stem, last)) if is_packing(last) => (stem, Some(last)),
        _ => (name.as_str(), None),
    };
    let Some((_, extension)) = stem.rsplit_once('.') else { return Named::Unknown };
    if extension == "parquet" {
        return Named::Kind(FileKind::Parquet);
    }
    let compression = match packing {
        None => Some(Compression::None),
        Some("gz") => Some(Compression::Gzip),
        Some("zst") => Some(Compression::Zstd),
        Some(_) => None,
    };
    let kind = |compression| match extension {
        "csv" => Some(FileKind::Csv { delimiter: b',', compression }),
        "tsv" => Some(FileKind::Csv { delimiter: b'\t', compression }),
        "jsonl" | "ndjson" | "json" => Some(FileKind::Ndjson { compression }),
        _ => None,
    };
    match (compression, kind(compression.unwrap_or(Compression::None))) {
        (_, None) => Named::Unknown,
        (Some(_), Some(kind)) => Named::Kind(kind),
        (None, Some(_)) => Named::Unreadable,
    }
}

fn is_packing(extension: &str) -> bool {
    matches!(extension, "gz" | "zst" | "lz4" | "sz" | "snappy" | "br" | "bz2" | "xz")
}

/// Whether the name of a file or folder sets it apart from rows: hidden, temporary, a manifest.
pub(super) fn is_apart(name: &str) -> bool {
    name.starts_with(['.', '_']) || manifest_of(name).is_some()
}

/// What the file of that name is a manifest of, if it is one: nothing if it is just that.
pub(super) fn manifest_of(name: &str) -> Option<&str> {
    let word = "manifest.json";
    let (stem, end) = name.split_at_checked(name.len().checked_sub(word.len())?)?;
    let is_manifest = end.eq_ignore_ascii_case(word) && (stem.is_empty() || stem.ends_with('_'));
    is_manifest.then(|| stem.trim_end_matches('_'))
}

/// Whether a name is one that PostHog gives to exports: by the interval of ingestion.
pub(crate) fn names_interval(name: &str) -> bool {
    let is_instant = |text: &str| {
        let bytes = text.as_bytes();
        bytes.get(4) == Some(&b'-')
            && bytes.get(10) == Some(&b'T')
            && bytes.iter().take(4).all(u8::is_ascii_digit)
    };
    let second = name
        .match_indices('-')
        .any(|(at, _)| at > 10 && name.get(at + 1..).is_some_and(is_instant));
    is_instant(name) && second
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_kinds() {
        let plain = Compression::None;
        let cases = [
            ("a.parquet", Named::Kind(FileKind::Parquet)),
            (
                "2023-05-01T00:00:00+00:00-2023-05-01T01:00:00+00:00.parquet.zst",
                Named::Kind(FileKind::Parquet),
            ),
            ("a.parquet.br", Named::Kind(FileKind::Parquet)),
            ("a.CSV", Named::Kind(FileKind::Csv { delimiter: b',', compression: plain })),
            (
                "a.tsv.gz",
                Named::Kind(FileKind::Csv { delimiter: b'\t', compression: Compression::Gzip }),
            ),
            ("a.jsonl.zst", Named::Kind(FileKind::Ndjson { compression: Compression::Zstd })),
            ("a.jsonl.br", Named::Unreadable),
            ("_SUCCESS", Named::Unknown),
            (".a.parquet.crc", Named::Unknown),
            ("_a.parquet", Named::Kind(FileKind::Parquet)),
            ("notes.txt", Named::Unknown),
            ("parquet", Named::Unknown),
        ];
        for (name, expected) in cases {
            assert_eq!(named(name), expected, "{name}");
        }
    }

    #[test]
    fn manifests_name_what_they_are_of() {
        assert_eq!(manifest_of("2024_manifest.json"), Some("2024"));
        assert_eq!(manifest_of("Manifest.json"), Some(""));
        assert_eq!(manifest_of("webmanifest.json"), None);
        assert_eq!(manifest_of("manifest.jsonl"), None);
        assert!(names_interval("2023-05-01T00:00:00+00:00-2023-05-01T01:00:00+00:00"));
        assert!(!names_interval("2023-05-01T00:00:00+00:00"));
    }
}
