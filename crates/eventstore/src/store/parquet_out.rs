//! What the writers of event files and of cluster files share: encodings, and errors of writing.

use super::files::unwritable;
use crate::Error;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesBuilder;
use parquet::schema::types::ColumnPath;
use std::path::Path;

/// Rising numbers: deltas, not compressed.
pub(super) fn delta(builder: WriterPropertiesBuilder, path: ColumnPath) -> WriterPropertiesBuilder {
    builder
        .set_column_dictionary_enabled(path.clone(), false)
        .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
        .set_column_compression(path, Compression::UNCOMPRESSED)
}

/// zstd of a level.
pub(super) fn zstd(level: i32) -> Result<Compression, Error> {
    let level = ZstdLevel::try_new(level).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Compression::ZSTD(level))
}

/// Gives errors of writing a file their place.
pub(super) fn written<T>(result: Result<T, ParquetError>, place: &Path) -> Result<T, Error> {
    result.map_err(|error| unwritable(place, &error))
}
