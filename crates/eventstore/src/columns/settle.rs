//! Which column of the files stands for which column of the table.

use super::layout::{FILE_NUMBER, Layout, LayoutColumn, ROW_NUMBER};
use super::spelling::{list, nearest};
use super::types::{
    arrow_type, common_type, converts, is_bytes, is_nested, property_type, say, say_expected,
};
use crate::Error;
use arrow::datatypes::{DataType, SchemaRef};
use events::column::{self, Canonical};
use events::source::{AbsentColumn, ColumnType, SourceColumn, SourceTable, TableKind};
use std::collections::{HashMap, HashSet};

/// What is known of a file's columns.
#[derive(Debug, Clone)]
pub(crate) struct FileShape {
    /// Its address.
    pub(crate) place: String,
    /// Its own columns and types.
    pub(crate) schema: SchemaRef,
    /// Exact number of NULLs of columns for which it is known.
    pub(crate) nulls: HashMap<String, usize>,
    /// No row can hold a column that is not in the schema.
    pub(crate) whole: bool,
}

impl FileShape {
    /// The type of a column; none for one that the file lacks, or that holds NULL alone and has no other type.
    fn type_of(&self, column: &str) -> Option<&DataType> {
        let field = self.schema.field_with_name(column).ok()?;
        Some(field.data_type()).filter(|ty| !ty.is_null())
    }

    /// Whether there is a column of that name.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.schema.index_of(column).is_ok()
    }

    /// Whether reading the column from the file gives NULL, or may. Lines of JSON are read as if they had every column of the
    /// table, and like all text files they have no counts.
    fn has_nulls(&self, column: &str) -> bool {
        match self.schema.field_with_name(column) {
            Ok(field) => {
                field.is_nullable() && self.nulls.get(column).is_none_or(|nulls| *nulls > 0)
            }
            Err(_) => self.nulls.is_empty(),
        }
    }
}

/// The settled columns, as the scan and as the resolver need them.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) layout: Layout,
    pub(crate) table: SourceTable,
    pub(crate) notices: Vec<String>,
}

/// Settles the columns of a table from those of its files; `map` is canonical name, then column of the files.
pub(crate) fn settle(
    kind: TableKind,
    files: &[FileShape],
    map: &[(String, String)],
) -> Result<Settled, Error> {
    let settler = Settler { kind, files, names: names(files) };
    settler.check_own_names()?;
    let mapped = settler.mapped(map)?;
    let chosen = settler.choose(&mapped);
    let mut columns = Vec::new();
    for (canonical, source) in &chosen {
        columns.push(settler.canonical(canonical, source)?);
    }
    settler.check_required(&chosen)?;
    let mut notices: Vec<String> = repeated(files).into_iter().collect();
    let properties = settler.properties(&chosen, &mut notices)?;
    let table = SourceTable {
        columns: columns.iter().map(describe).collect(),
        property_columns: properties.iter().map(describe).collect(),
        absent: settler.absent(&chosen),
        ..SourceTable::default()
    };
    columns.extend(properties);
    Ok(Settled { layout: Layout::new(columns), table, notices })
}

/// A canonical column and the column of the files that stands for it.
type Chosen = Vec<(&'static Canonical, String)>;

struct Settler<'a> {
    kind: TableKind,
    files: &'a [FileShape],
    /// Names of all columns of all files, in order of first appearance.
    names: Vec<&'a str>,
}

impl Settler<'_> {
    /// Refuses files with columns that scans have by themselves.
    fn check_own_names(&self) -> Result<(), Error> {
        for name in [FILE_NUMBER, ROW_NUMBER] {
            if let Some(file) = self.files.iter().find(|file| file.has(name)) {
                return Err(Error::data(format!("a column cannot have the name `{name}`"))
                    .at(&file.place)
                    .with_hint("rename it: Hoglet itself calls one so while it reads"));
            }
        }
        Ok(())
    }

    /// The user's mapping, checked.
    fn mapped(&self, map: &[(String, String)]) -> Result<HashMap<&'static str, String>, Error> {
        let mut mapped = HashMap::new();
        for (canonical, source) in map {
            let Some(known) = column::find(self.kind, canonical) else {
                return Err(self.unknown_canonical(canonical));
            };
            if !self.names.contains(&source.as_str()) {
                return Err(self.unknown_source(canonical, source));
            }
            if mapped.insert(known.name, source.clone()).is_some() {
                return Err(Error::usage(format!("`{canonical}` is mapped twice")));
            }
        }
        Ok(mapped)
    }

    fn unknown_canonical(&self, name: &str) -> Error {
        let known = || column::columns(self.kind).iter().map(|column| column.name);
        let error = Error::usage(format!("`{name}` is no column of {}", self.kind));
        match nearest(name, known()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => error.with_hint(format!("columns that can be mapped: {}", list(known()))),
        }
    }

    fn unknown_source(&self, canonical: &str, source: &str) -> Error {
        let error =
            Error::usage(format!("`{canonical}` is mapped to `{source}`, which no file has"));
        match nearest(source, self.names.iter().copied()) {
            Some(near) => error.with_hint(format!("did you mean `{near}`?")),
            None => {
                error.with_hint(format!("the files have: {}", list(self.names.iter().copied())))
            }
        }
    }

    /// Mapped columns first, then those of the canonical name, then aliases. A column stands for two only where its name or
    /// the user says so: the distinct id is also the person of a log that knows no other.
    fn choose(&self, mapped: &HashMap<&'static str, String>) -> Chosen {
        let mut taken: HashSet<&str> = mapped.values().map(String::as_str).collect();
        let mut chosen = Vec::new();
        for canonical in column::columns(self.kind) {
            if let Some(source) = mapped.get(canonical.name) {
                chosen.push((canonical, source.clone()));
                continue;
            }
            let own = Some(canonical.name).filter(|name| self.names.contains(name));
            let mut aliases = canonical.aliases.iter().copied();
            let alias = || aliases.find(|name| self.names.contains(name) && !taken.contains(name));
            if let Some(source) = own.or_else(alias) {
                taken.insert(source);
                chosen.push((canonical, source.to_owned()));
            }
        }
        chosen
    }

    fn check_required(&self, chosen: &Chosen) -> Result<(), Error> {
        for canonical in column::columns(self.kind).iter().filter(|canonical| canonical.required) {
            let source = chosen
                .iter()
                .find(|(other, _)| other.name == canonical.name)
                .map(|(_, source)| source.as_str());
            let lacking = match source {
                None => self.files.first(),
                Some(source) => self.files.iter().find(|file| !file.has(source)),
            };
            if let Some(file) = lacking {
                return Err(self.missing(canonical, source, file));
            }
        }
        Ok(())
    }

    fn missing(&self, canonical: &Canonical, source: Option<&str>, file: &FileShape) -> Error {
        let name = source.unwrap_or(canonical.name);
        let names: Vec<&str> =
            file.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let has = list(names.iter().copied());
        let error =
            Error::data(format!("{} need a column `{name}`; the file has {has}", self.kind))
                .at(&file.place);
        if source.is_some() {
            return error
                .with_hint("other files have it: leave this file out, or give it that column");
        }
        if self.kind != TableKind::Events {
            return error;
        }
        if let [one] = names.as_slice()
            && let Some(delimiter) = one.chars().find(|letter| [';', '|', '\t'].contains(letter))
        {
            return error.with_hint(format!(
                "its header looks split at {delimiter:?}: write the file anew with commas, or with tabs and a name that ends in .tsv"
            ));
        }
        let guess = guess(canonical, &names).unwrap_or("COLUMN");
        error.with_hint(format!("say which column it is with --map {}={guess}", canonical.name))
    }

    /// A canonical column with the type that every file can be shown as.
    fn canonical(
        &self,
        canonical: &'static Canonical,
        source: &str,
    ) -> Result<LayoutColumn, Error> {
        let mut nested: Option<&DataType> = None;
        let mut bytes = false;
        for file in self.files {
            let Some(ty) = file.type_of(source) else { continue };
            if !converts(ty, canonical.ty) {
                return Err(self.wrong_type(canonical, source, ty, file));
            }
            if is_nested(ty) {
                nested = Some(ty);
            }
            bytes |= is_bytes(ty);
        }
        self.check_nested(source, nested)?;
        let missing = self.files.iter().any(|file| file.type_of(source).is_none());
        let has_nulls = self.files.iter().any(|file| file.has_nulls(source));
        Ok(LayoutColumn {
            name: canonical.name.to_owned(),
            source: source.to_owned(),
            ty: canonical.ty,
            nullable: canonical.default.is_none() && (missing || has_nulls),
            default: canonical.default,
            has_nulls,
            raw: raw(nested, bytes, canonical.ty),
            filled: false,
        })
    }

    fn wrong_type(
        &self,
        canonical: &Canonical,
        source: &str,
        ty: &DataType,
        file: &FileShape,
    ) -> Error {
        let error = Error::data(format!(
            "column `{source}` stands for `{}` and must hold {}; it holds {}",
            canonical.name,
            say_expected(canonical.ty),
            say(ty)
        ));
        let error = error.at(&file.place);
        if canonical.ty == ColumnType::DateTime && ty.is_numeric() {
            return error.with_hint(
                "convert it to a timestamp: numbers do not tell seconds from microseconds",
            );
        }
        if self.kind == TableKind::Events {
            return error
                .with_hint(format!("map another column with --map {}=COLUMN", canonical.name));
        }
        error
    }

    /// A nested column must be of one type in all files: it is read as it is, and only then written as JSON.
    fn check_nested(&self, source: &str, nested: Option<&DataType>) -> Result<(), Error> {
        let Some(nested) = nested else { return Ok(()) };
        for file in self.files {
            if let Some(ty) = file.type_of(source).filter(|ty| *ty != nested) {
                let (a, b) = (
                    if is_nested(ty) {
                        "objects or lists of another shape".to_owned()
                    } else {
                        say(ty)
                    },
                    say(nested),
                );
                return Err(Error::data(format!(
                    "column `{source}` holds {a}, in other files {b}"
                ))
                .at(&file.place)
                .with_hint(
                    "store such columns as JSON text, or read the files as separate sources",
                ));
            }
        }
        Ok(())
    }

    /// Columns that stand for nothing canonical: properties of the row.
    fn properties(
        &self,
        chosen: &Chosen,
        notices: &mut Vec<String>,
    ) -> Result<Vec<LayoutColumn>, Error> {
        let taken: HashSet<&str> = chosen.iter().map(|(_, source)| source.as_str()).collect();
        let shown: HashSet<&str> = chosen.iter().map(|(canonical, _)| canonical.name).collect();
        let mut properties = Vec::new();
        for name in self.names.iter().copied().filter(|name| !taken.contains(name)) {
            if shown.contains(name) || name == column::ROW || name == column::UUID {
                notices
                    .push(format!("column `{name}` is hidden by the mapped column of that name"));
                continue;
            }
            match self.property(name)? {
                Some(property) => properties.push(property),
                None => {
                    notices.push(format!("column `{name}` is left out: its type cannot be shown"))
                }
            }
        }
        Ok(properties)
    }

    fn property(&self, name: &str) -> Result<Option<LayoutColumn>, Error> {
        let mut ty: Option<ColumnType> = None;
        let mut nested = None;
        let mut bytes = false;
        for physical in self.files.iter().filter_map(|file| file.type_of(name)) {
            let Some(shown) = property_type(physical) else { return Ok(None) };
            if is_nested(physical) {
                nested = Some(physical);
            }
            bytes |= is_bytes(physical);
            ty = Some(ty.map_or(shown, |other| common_type(other, shown)));
        }
        self.check_nested(name, nested)?;
        let lacking = |file: &FileShape| file.type_of(name).is_none() || file.has_nulls(name);
        // Where all values are NULL they may as well be text.
        let ty = ty.unwrap_or(ColumnType::String);
        Ok(Some(LayoutColumn {
            name: name.to_owned(),
            source: name.to_owned(),
            ty,
            nullable: self.files.iter().any(lacking),
            default: None,
            has_nulls: true,
            raw: raw(nested, bytes, ty),
            filled: false,
        }))
    }

    fn absent(&self, chosen: &Chosen) -> Vec<AbsentColumn> {
        let has = |name: &str| chosen.iter().any(|(canonical, _)| canonical.name == name);
        let mut absent = Vec::new();
        if self.kind == TableKind::Events && !has(column::CREATED_AT) {
            let reason = "the event files have no column for the time of storage".to_owned();
            absent.push(AbsentColumn { name: column::CREATED_AT.to_owned(), reason });
        }
        absent
    }
}

/// What to say of a name that several columns of one file have.
fn repeated(files: &[FileShape]) -> Option<String> {
    files.iter().find_map(|file| {
        let mut seen = HashSet::new();
        let mut names = file.schema.fields().iter().map(|field| field.name());
        let name = names.find(|name| !seen.insert(name.as_str()))?;
        Some(format!("{} has several columns `{name}`: the first is read", file.place))
    })
}

fn names(files: &[FileShape]) -> Vec<&str> {
    let mut seen = HashSet::new();
    let all = files
        .iter()
        .flat_map(|file| file.schema.fields().iter().map(|field| field.name().as_str()));
    all.filter(|name| seen.insert(*name)).collect()
}

/// The column that most likely stands for a canonical one: what other event logs call it, then a near name.
fn guess<'a>(canonical: &Canonical, names: &[&'a str]) -> Option<&'a str> {
    let known: &[&str] = match canonical.name {
        column::EVENT => {
            &["event_name", "event_type", "event_text", "name", "action", "type", "concept:name"]
        }
        column::TIMESTAMP => &[
            "time",
            "event_time",
            "ts",
            "created_at",
            "occurred_at",
            "derived_tstamp",
            "time:timestamp",
        ],
        column::DISTINCT_ID => &[
            "user_id",
            "anonymous_id",
            "user",
            "user_pseudo_id",
            "amplitude_id",
            "case:concept:name",
        ],
        _ => &[],
    };
    let mut by_known = known
        .iter()
        .filter_map(|known| names.iter().copied().find(|name| name.eq_ignore_ascii_case(known)));
    by_known.next().or_else(|| nearest(canonical.name, names.iter().copied()))
}

/// The type in which a column is read if it only then becomes text: nested values, and bytes that must be checked first.
fn raw(nested: Option<&DataType>, bytes: bool, ty: ColumnType) -> Option<DataType> {
    let bytes = bytes && arrow_type(ty) == DataType::Utf8View;
    nested.cloned().or_else(|| bytes.then_some(DataType::BinaryView))
}

fn describe(column: &LayoutColumn) -> SourceColumn {
    SourceColumn { name: column.name.clone(), ty: column.ty, nullable: column.nullable }
}
