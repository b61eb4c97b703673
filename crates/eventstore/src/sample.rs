//! The sample: a small generated export, embedded, for trying things without any files.

use crate::generate::{GenerateOptions, Interval};
use std::path::Path;

/// The options that make the sample into `out`; the bytes are those of [`sample_files`].
#[must_use]
pub fn sample_options(out: &Path) -> GenerateOptions {
    let mut options = GenerateOptions::new(15_000, out);
    options.seed = 27;
    options.days = 28;
    options.persons = Some(750);
    options.interval = Interval::Week;
    options.rows_per_file = 3500;
    options.compact = true;
    options.zstd_level = 19;
    options
}

/// Name (`events/..`, `persons/..`, `groups/..`) and bytes of each file of the sample.
#[must_use]
pub const fn sample_files() -> &'static [(&'static str, &'static [u8])] {
    FILES
}

/// The files of the sample, by name.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../data/sample/", $name)))),*]
    };
}

const FILES: &[(&str, &[u8])] = files![
    "events/2025-12-04T00:00:00+00:00-2025-12-11T00:00:00+00:00.parquet.zst",
    "events/2025-12-11T00:00:00+00:00-2025-12-18T00:00:00+00:00-0.parquet.zst",
    "events/2025-12-11T00:00:00+00:00-2025-12-18T00:00:00+00:00-1.parquet.zst",
    "events/2025-12-11T00:00:00+00:00-2025-12-18T00:00:00+00:00_manifest.json",
    "events/2025-12-18T00:00:00+00:00-2025-12-25T00:00:00+00:00-0.parquet.zst",
    "events/2025-12-18T00:00:00+00:00-2025-12-25T00:00:00+00:00-1.parquet.zst",
    "events/2025-12-18T00:00:00+00:00-2025-12-25T00:00:00+00:00_manifest.json",
    "events/2025-12-25T00:00:00+00:00-2026-01-01T00:00:00+00:00-0.parquet.zst",
    "events/2025-12-25T00:00:00+00:00-2026-01-01T00:00:00+00:00-1.parquet.zst",
    "events/2025-12-25T00:00:00+00:00-2026-01-01T00:00:00+00:00_manifest.json",
    "groups/2025-12-04T00:00:00+00:00-2026-01-01T00:00:00+00:00.parquet",
    "persons/2025-12-04T00:00:00+00:00-2026-01-01T00:00:00+00:00.parquet",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::generate;

    #[test]
    fn the_sample_is_what_its_options_generate() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("sample");
        generate(&sample_options(&out), &|_| ()).unwrap();
        let mut count = 0;
        for part in ["events", "groups", "persons"] {
            for entry in std::fs::read_dir(out.join(part)).unwrap() {
                let path = entry.unwrap().path();
                let name = format!("{part}/{}", path.file_name().unwrap().to_str().unwrap());
                let embedded = sample_files().iter().find(|(known, _)| *known == name);
                let same =
                    embedded.is_some_and(|(_, bytes)| *bytes == std::fs::read(&path).unwrap());
                assert!(
                    same,
                    "{name} differs: run the example write_sample and list its files here"
                );
                count += 1;
            }
        }
        assert_eq!(count, sample_files().len());
        assert!(sample_files().iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 1_000_000);
    }
}
