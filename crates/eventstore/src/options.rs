//! Where rows come from.

use events::source::TableKind;
use std::collections::HashMap;

/// Where the rows of a source come from. Each location is a file, a folder (read with its sub-folders), a glob, or a
/// `file://` or `s3://` address of one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceOptions {
    /// Locations of event files. A folder that holds a whole export gives the other tables too.
    pub events: Vec<String>,
    /// Locations of person files.
    pub persons: Vec<String>,
    /// Locations of override files.
    pub overrides: Vec<String>,
    /// Locations of group files.
    pub groups: Vec<String>,
    /// Canonical column name, then the column of the event files that stands for it.
    pub map: Vec<(String, String)>,
    /// Settings that come from the environment of the process: the usual `AWS_` variables for `s3://`. Only the command
    /// line reads the environment.
    pub environment: HashMap<String, String>,
}

impl SourceOptions {
    /// Event files at one location.
    #[must_use]
    pub fn events(location: impl Into<String>) -> Self {
        Self { events: vec![location.into()], ..Self::default() }
    }

    /// The locations of a kind of table.
    #[must_use]
    pub fn locations(&self, kind: TableKind) -> &[String] {
        match kind {
            TableKind::Events => &self.events,
            TableKind::Persons => &self.persons,
            TableKind::Overrides => &self.overrides,
            TableKind::Groups => &self.groups,
        }
    }
}
