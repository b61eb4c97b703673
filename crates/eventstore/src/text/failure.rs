//! What is wrong with a text file, said of its place.

use crate::Error;
use crate::files::unreadable;
use datafusion::common::DataFusionError;

/// The file at `place` holds what it should not.
pub(super) fn broken(place: &str, what: impl Into<String>) -> DataFusionError {
    DataFusionError::External(Box::new(Error::data(what).at(place)))
}

/// An error met while the file at `place` was read, with the place if it did not have one.
pub(super) fn failed(place: &str, error: &DataFusionError) -> DataFusionError {
    DataFusionError::External(Box::new(error_at(place, error)))
}

/// The same as an error of the source.
pub(super) fn error_at(place: &str, error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(error) if error.place().is_some() => error.clone(),
            Some(error) => error.clone().at(place),
            None => Error::data(inner.to_string()).at(place),
        },
        DataFusionError::ObjectStore(error) => unreadable(place, error),
        DataFusionError::IoError(error) => {
            Error::data(format!("it cannot be read: {error}")).at(place)
        }
        DataFusionError::Execution(message) => Error::data(message.as_str()).at(place),
        other => Error::data(other.strip_backtrace()).at(place),
    }
}
