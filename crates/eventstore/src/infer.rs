//! Property kinds, inferred from a bounded sample.

use crate::columns::LayoutColumn;
use crate::table::FileTable;
use crate::text::TextSource;
use crate::{Error, Source, Table};
use arrow::array::AsArray;
use datafusion::catalog::Session;
use datafusion::common::DataFusionError;
use datafusion::common::runtime::SpawnedTask;
use datafusion::datasource::physical_plan::FileScanConfigBuilder;
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use events::column;
use events::property::{PropertyKind, is_valid, json, unescape};
use events::source::{ColumnType, PropertyDefinitions, TableKind};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Places of a table from which its sample is taken.
const PLACES: usize = 16;

/// Infers property kinds from a sample of at most `rows` rows of each table: the first rows of up to 16 row groups or
/// text files, spread evenly over the table.
///
/// A property is Numeric if all its values are JSON numbers, Boolean if all are true or false, DateTime if all are texts
/// that read as ISO dates or times, else String; JSON null and absence tell nothing. Columns that count as properties
/// are of the kind that their type says. Values of NDJSON files are judged as they are written there, like those inside
/// `properties`: a quoted number is a text. Other text counts as numbers only where a float keeps all of them: written as
/// JSON writes numbers, of at most 15 digits. The same files give the same definitions.
///
/// # Errors
/// A file that cannot be read.
pub async fn infer_properties(
    source: &Source,
    session: &dyn Session,
    rows: usize,
) -> Result<Inferred, Error> {
    let mut definitions = PropertyDefinitions::default();
    let mut whole = true;
    for kind in TableKind::ALL {
        let Some(table) = source.table(kind) else { continue };
        let wanted = wanted(kind, table);
        let (judged, all) = sample(table, session, rows, wanted).await?;
        whole &= all;
        for (target, property, kind) in judged {
            let map = match target {
                Owner::Event => &mut definitions.event,
                Owner::Person => &mut definitions.person,
                Owner::Group => &mut definitions.group,
            };
            // The rows of a table itself know better than the copies on events.
            map.insert(property, kind);
        }
    }
    Ok(Inferred { definitions, whole })
}

/// What [`infer_properties`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The kinds of the properties that the sample has.
    pub definitions: PropertyDefinitions,
    /// Whether the sample was all rows of all tables: then no value is of another kind than its property.
    pub whole: bool,
}

/// Whose properties a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Event,
    Person,
    Group,
}

/// A column of the sample.
#[derive(Debug)]
struct Wanted {
    index: usize,
    owner: Owner,
    /// The property that the column is; `None` if it holds objects of properties.
    property: Option<String>,
}

fn wanted(kind: TableKind, table: &Table) -> Vec<Wanted> {
    let own = match kind {
        TableKind::Events => Owner::Event,
        TableKind::Persons => Owner::Person,
        TableKind::Groups => Owner::Group,
        TableKind::Overrides => return Vec::new(),
    };
    let columns = table.table.columns().iter().enumerate();
    columns
        .filter_map(|(index, column)| match column.name.as_str() {
            column::PROPERTIES => Some(Wanted { index, owner: own, property: None }),
            column::PERSON_PROPERTIES if kind == TableKind::Events => {
                Some(Wanted { index, owner: Owner::Person, property: None })
            }
            name if table.schema.property_column(name).is_some() => {
                Some(Wanted { index, owner: own, property: Some(name.to_owned()) })
            }
            _ => None,
        })
        .collect()
}

type Judged = Vec<(Owner, String, PropertyKind)>;

/// What was seen of each property, by owner.
type Seen = BTreeMap<Owner, HashMap<String, Evidence>>;

async fn sample(
    table: &Table,
    session: &dyn Session,
    rows: usize,
    wanted: Vec<Wanted>,
) -> Result<(Judged, bool), Error> {
    let (mut judged, mut sampled) = (Judged::new(), Vec::new());
    let mut whole = true;
    for column in wanted {
        let property = column.property.clone();
        match property.and_then(|name| Some((kind_of_type(table, &name)?, name))) {
            Some((kind, name)) => judged.push((column.owner, name, kind)),
            None => sampled.push(column),
        }
    }
    let mut all = Seen::new();
    if !sampled.is_empty() {
        let (seen, is_whole) = read(&table.table, session, sampled, rows).await?;
        whole = is_whole;
        for (owner, properties) in seen.into_iter().flatten() {
            let known = all.entry(owner).or_default();
            for (name, evidence) in properties {
                known.entry(name).or_default().join(&evidence);
            }
        }
    }
    for (owner, properties) in all {
        let kinds = properties
            .into_iter()
            .filter_map(|(name, evidence)| Some((owner, name, evidence.kind()?)));
        judged.extend(kinds);
    }
    Ok((judged, whole))
}

/// The kind that a property column's type tells; `None` for text. Bytes are not looked at: one value that is no text would
/// keep all other columns from being read.
fn kind_of_type(table: &Table, property: &str) -> Option<PropertyKind> {
    let is_bytes = |column: &LayoutColumn| column.raw.as_ref().is_some_and(|raw| !raw.is_nested());
    if table.table.columns().iter().any(|column| column.name == property && is_bytes(column)) {
        return Some(PropertyKind::String);
    }
    match table.schema.property_column(property)?.ty {
        ColumnType::Integer | ColumnType::UInteger | ColumnType::Float => {
            Some(PropertyKind::Numeric)
        }
        ColumnType::Boolean => Some(PropertyKind::Boolean),
        ColumnType::Date | ColumnType::DateTime => Some(PropertyKind::DateTime),
        ColumnType::Uuid | ColumnType::Json | ColumnType::StringList => Some(PropertyKind::String),
        ColumnType::String => None,
    }
}

/// What was seen in each place of the sample, and whether that is all rows. Each is read in a task of its own: places are
/// decompressed and scanned in parallel, and waits for a store overlap.
async fn read(
    table: &FileTable,
    session: &dyn Session,
    sampled: Vec<Wanted>,
    rows: usize,
) -> Result<(Vec<Seen>, bool), Error> {
    let projection: Vec<usize> = sampled.iter().map(|column| column.index).collect();
    let sampled: Arc<[Wanted]> = sampled.into();
    let pieces = table.pieces();
    let places = pieces.len().min(PLACES);
    let mut tasks = Vec::with_capacity(places);
    let limit = rows.div_ceil(places.max(1));
    for place in 0..places {
        let Some(piece) = pieces.get(place * pieces.len() / places) else { continue };
        let plan = table
            .scan_piece(session, *piece, &projection, limit)
            .map_err(|error| unread(&error))?;
        tasks.push(SpawnedTask::spawn(look(plan, session.task_ctx(), Arc::clone(&sampled))));
    }
    let mut all = Vec::with_capacity(places);
    let mut whole = pieces.len() == places;
    for task in tasks {
        let seen = task.join_unwind().await;
        let seen = seen.map_err(|error| Error::internal(format!("a sample is lost: {error}")))?;
        let (seen, rows) = seen.map_err(|error| unread(&error))?;
        whole &= rows < limit;
        all.push(seen);
    }
    Ok((all, whole))
}

async fn look(
    plan: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    sampled: Arc<[Wanted]>,
) -> Result<(Seen, usize), DataFusionError> {
    let (plan, written) = match as_written(&plan, &sampled) {
        Some(plan) => (plan, true),
        None => (plan, false),
    };
    let mut batches = execute_stream(plan, context)?;
    let mut seen = Seen::new();
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await? {
        rows += batch.num_rows();
        for (column, values) in sampled.iter().zip(batch.columns()) {
            let Some(values) = values.as_string_view_opt() else { continue };
            let seen = seen.entry(column.owner).or_default();
            values.iter().flatten().for_each(|value| witness(column, value, written, seen));
        }
    }
    Ok((seen, rows))
}

/// The scan of an NDJSON file with the values of property columns as they are written, strings in quotes.
fn as_written(plan: &Arc<dyn ExecutionPlan>, sampled: &[Wanted]) -> Option<Arc<dyn ExecutionPlan>> {
    let scan = plan.downcast_ref::<DataSourceExec>()?;
    let (config, source) = scan.downcast_to_file_source::<TextSource>()?;
    let columns: Vec<String> =
        sampled.iter().filter_map(|column| column.property.clone()).collect();
    let source = Arc::new(source.as_written(columns)?);
    let config = FileScanConfigBuilder::from(config.clone()).with_source(source).build();
    Some(DataSourceExec::from_data_source(config))
}

/// An error of ours as it is, any other as one of the data.
fn unread(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(error) => error.clone(),
            None => Error::data(inner.to_string()),
        },
        other => Error::data(other.strip_backtrace()),
    }
}

/// Adds a value of a column; that of a property is raw JSON if it is `written`.
fn witness(column: &Wanted, value: &str, written: bool, seen: &mut HashMap<String, Evidence>) {
    if let Some(property) = &column.property {
        witnessed(seen, property, |evidence| {
            if written { evidence.add_json(value) } else { evidence.add_text(value) }
        });
        return;
    }
    for member in json::members(value) {
        let key = unescape(member.key).unwrap_or(Cow::Borrowed(member.key));
        witnessed(seen, &key, |evidence| evidence.add_json(member.value));
    }
}

/// Adds to what was seen of a property. Its name is copied once, not for each of its values.
fn witnessed(seen: &mut HashMap<String, Evidence>, property: &str, add: impl Fn(&mut Evidence)) {
    match seen.get_mut(property) {
        Some(evidence) => add(evidence),
        None => add(seen.entry(property.to_owned()).or_default()),
    }
}

/// What the values of a property had in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Evidence {
    numbers: bool,
    booleans: bool,
    dates: bool,
    others: bool,
}

impl Evidence {
    /// A raw JSON value.
    pub(crate) fn add_json(&mut self, raw: &str) {
        match raw.as_bytes().first() {
            Some(b'n') | None => {}
            Some(b't' | b'f') => self.booleans = true,
            Some(b'-' | b'0'..=b'9') => self.numbers = true,
            Some(b'"') => {
                let content =
                    raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw);
                self.add_string(content);
            }
            Some(_) => self.others = true,
        }
    }

    /// A text of which nobody has said whether it is a number.
    fn add_text(&mut self, text: &str) {
        match text {
            "true" | "false" => self.booleans = true,
            text if is_exact_number(text) => self.numbers = true,
            text => self.add_string(text),
        }
    }

    fn add_string(&mut self, text: &str) {
        if self.others {
            return;
        }
        if is_instant(text) { self.dates = true } else { self.others = true }
    }

    /// Adds what other values have.
    pub(crate) fn join(&mut self, other: &Self) {
        self.numbers |= other.numbers;
        self.booleans |= other.booleans;
        self.dates |= other.dates;
        self.others |= other.others;
    }

    /// The kind that all values share; `None` if there were no values.
    pub(crate) const fn kind(&self) -> Option<PropertyKind> {
        match (self.numbers, self.booleans, self.dates, self.others) {
            (false, false, false, false) => None,
            (true, false, false, false) => Some(PropertyKind::Numeric),
            (false, true, false, false) => Some(PropertyKind::Boolean),
            (false, false, true, false) => Some(PropertyKind::DateTime),
            _ => Some(PropertyKind::String),
        }
    }
}

/// Whether a text is a number that a float keeps. Postal codes with a leading zero and long ids are not: as floats, distinct
/// ones would become the same.
fn is_exact_number(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = unsigned.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    let significant = digits.filter(|byte| *byte != b'.').skip_while(|digit| *digit == b'0');
    unsigned.starts_with(|c: char| c.is_ascii_digit())
        && significant.count() <= EXACT_DIGITS
        && is_valid(text)
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Decimal digits that every 64-bit float keeps.
const EXACT_DIGITS: usize = f64::DIGITS as usize;

/// Whether a text is an ISO 8601 date, or date and time: `2024-02-29`, `2024-02-29T12:00:00.5Z`, `2024-02-29 12:00+01:00`.
fn is_instant(text: &str) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    // Most texts are no dates, and the parse is slow to say so.
    if !date.starts_with(|c: char| c.is_ascii_digit())
        || chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err()
    {
        return false;
    }
    let Some(time) = rest.strip_prefix(['T', ' ']) else { return rest.is_empty() };
    let (clock, zone) = match time.find(['Z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    let is_clock = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .any(|form| chrono::NaiveTime::parse_from_str(clock, form).is_ok());
    is_clock && is_zone(zone)
}

fn is_zone(zone: &str) -> bool {
    if zone.is_empty() || zone == "Z" {
        return true;
    }
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    matches!(digits.len(), 2 | 4) && digits.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(values: &[&str]) -> Option<PropertyKind> {
        let mut evidence = Evidence::default();
        values.iter().for_each(|value| evidence.add_json(value));
        evidence.kind()
    }

    #[test]
    fn kinds_are_what_all_values_share() {
        assert_eq!(kind(&["1", "-2.5e3", "null"]), Some(PropertyKind::Numeric));
        assert_eq!(kind(&["true", "false"]), Some(PropertyKind::Boolean));
        assert_eq!(
            kind(&["\"2024-02-29\"", "\"2024-02-29T12:00:00.5Z\""]),
            Some(PropertyKind::DateTime)
        );
        assert_eq!(kind(&["1", "\"1\""]), Some(PropertyKind::String));
        assert_eq!(kind(&["\"\"", "\"2024-02-29\""]), Some(PropertyKind::String));
        assert_eq!(kind(&["[1]"]), Some(PropertyKind::String));
        assert_eq!(kind(&["null"]), None);
    }

    #[test]
    fn texts_are_numbers_if_floats_keep_them() {
        for text in ["0", "-0.5", "12", "1.25e-3", "123456789012345", "0.000123456789012345"] {
            assert!(is_exact_number(text), "{text}");
        }
        for text in [
            "02139",
            "+1",
            ".5",
            "1.",
            "1234567890123456",
            "9007199254740993",
            "0.1234567890123456",
            "1e999",
            "inf",
            " 1",
            "1 ",
            "-",
            "",
        ] {
            assert!(!is_exact_number(text), "{text}");
        }
    }

    #[test]
    fn instants_are_iso() {
        for text in [
            "2024-02-29",
            "2024-02-29T12:00:00Z",
            "2024-02-29 12:00",
            "2024-02-29T12:00:00.123+05:30",
        ] {
            assert!(is_instant(text), "{text}");
        }
        for text in [
            "2024-02-30",
            "2024",
            "20240229",
            "2024-02-29Tnoon",
            "2024-02-29T12:00:00+1",
            "+024-02-29",
            "",
        ] {
            assert!(!is_instant(text), "{text}");
        }
    }
}
