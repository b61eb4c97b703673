//! A folder that holds a whole export: events, and beside them persons, overrides and groups.

use super::locate::FoundFile;
use events::source::TableKind;
use std::collections::BTreeMap;

/// The files of a location by table.
#[derive(Debug, Default)]
pub(crate) struct Export {
    /// The event files: those that say so, or all that say nothing.
    pub(crate) events: Vec<FoundFile>,
    /// Files of the other tables.
    pub(crate) beside: BTreeMap<TableKind, Vec<FoundFile>>,
    /// Files that name no table although others do: how many, and one of them.
    pub(crate) unnamed: Option<(usize, String)>,
}

/// Sorts the files of a location by the table that their folder or name tells.
pub(crate) fn split_export(files: Vec<FoundFile>) -> Export {
    let mut export = Export::default();
    let mut unnamed = Vec::new();
    for file in files {
        match told_table(&file.below) {
            Some(TableKind::Events) => export.events.push(file),
            Some(kind) => export.beside.entry(kind).or_default().push(file),
            None => unnamed.push(file),
        }
    }
    if export.events.is_empty() {
        export.events = unnamed;
    } else if let Some(first) = unnamed.first() {
        export.unnamed = Some((unnamed.len(), first.place()));
    }
    export
}

/// The files of a location that are of one table: those that say so, or all if none does.
pub(crate) fn only(kind: TableKind, files: Vec<FoundFile>) -> Vec<FoundFile> {
    if files.iter().any(|file| told_table(&file.below) == Some(kind)) {
        files.into_iter().filter(|file| told_table(&file.below) == Some(kind)).collect()
    } else {
        files
    }
}

/// The table that a sub-folder or the file's own name tells.
fn told_table(below: &[String]) -> Option<TableKind> {
    let (name, folders) = below.split_last()?;
    let stem = name.split('.').next().unwrap_or(name);
    folders.iter().find_map(|folder| exact(folder)).or_else(|| {
        // persons.parquet, persons-1.parquet, persons_2024.parquet
        exact(stem.split(['-', '.']).next().unwrap_or(stem))
            .or_else(|| exact(stem.trim_end_matches(is_counter)))
    })
}

fn exact(word: &str) -> Option<TableKind> {
    match word.to_ascii_lowercase().as_str() {
        "events" => Some(TableKind::Events),
        "persons" => Some(TableKind::Persons),
        "overrides" | "person_distinct_id_overrides" => Some(TableKind::Overrides),
        "groups" => Some(TableKind::Groups),
        _ => None,
    }
}

fn is_counter(character: char) -> bool {
    character.is_ascii_digit() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_names_tell_tables() {
        let cases = [
            (vec!["events", "date=2024-01-01", "x.parquet"], Some(TableKind::Events)),
            (vec!["persons.parquet"], Some(TableKind::Persons)),
            (vec!["persons-00001.parquet"], Some(TableKind::Persons)),
            (vec!["groups_1.jsonl.gz"], Some(TableKind::Groups)),
            (vec!["person_distinct_id_overrides.csv"], Some(TableKind::Overrides)),
            (vec!["2024", "x.parquet"], None),
            (vec!["eventsource.parquet"], None),
        ];
        for (below, expected) in cases {
            let parts: Vec<String> = below.iter().map(|part| (*part).to_owned()).collect();
            assert_eq!(told_table(&parts), expected, "{below:?}");
        }
    }
}
