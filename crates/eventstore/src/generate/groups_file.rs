//! The groups: companies (index 0) and their projects (index 1).

use super::dice::{Dice, Purpose};
use super::events_file::{Texts, moments};
use super::folder::Folder;
use super::json::Json;
use super::options::DAY;
use super::profile;
use super::slices::{Tally, interval_name};
use super::world::World;
use crate::Error;
use arrow::array::{Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Companies gathered before they are handed to the Parquet writer.
const BATCH: u64 = 2048;

/// Projects of a company.
const PROJECTS: u8 = 3;

/// The columns: index of the group type, key, times, properties; all nullable.
pub(super) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let moment = |name: &str| {
        Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)
    };
    Arc::new(Schema::new(vec![
        Field::new("index", DataType::Int64, true),
        text("key"),
        moment("created_at"),
        moment("updated_at"),
        text("properties"),
    ]))
}

/// Writes all groups into one file.
pub(super) fn write(world: &World, folder: &Folder) -> Result<Tally, Error> {
    let name = format!("{}.parquet", interval_name(&(world.start..world.end)));
    let mut file = folder.begin("groups", &name, schema())?;
    let mut rows = 0;
    for first in (0..world.companies).step_by(BATCH as usize) {
        let batch = batch(world, first..world.companies.min(first + BATCH))?;
        rows += batch.num_rows() as u64;
        file.write(&batch)?;
    }
    Ok(Tally { rows, files: 1, bytes: file.finish()?.bytes })
}

fn batch(world: &World, companies: std::ops::Range<u64>) -> Result<RecordBatch, Error> {
    let (mut index, mut created, mut updated) = (Vec::new(), Vec::new(), Vec::new());
    let (mut keys, mut properties) = (Texts::default(), Texts::default());
    for company in companies {
        let mut dice = Dice::new(world.seed, Purpose::Group, company, 1);
        let begin = world.start - dice.between(1, 600 * DAY);
        for project in [None].into_iter().chain((0..PROJECTS).map(Some)) {
            index.push(i64::from(project.is_some()));
            created.push(begin);
            updated.push(begin + dice.between(0, world.end - 1 - begin));
            match project {
                None => keys.push(Some(profile::company_key(company).as_bytes())),
                Some(project) => keys.push(Some(profile::project_key(company, project).as_bytes())),
            }
            properties.row(|out| members(world, company, project, out));
        }
    }
    let columns: Vec<arrow::array::ArrayRef> = vec![
        Arc::new(Int64Array::from(index)),
        keys.take()?,
        moments(&mut created),
        moments(&mut updated),
        properties.take()?,
    ];
    RecordBatch::try_new(schema(), columns).map_err(|error| Error::internal(error.to_string()))
}

fn members(world: &World, company: u64, project: Option<u8>, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut json = Json::new(out);
    match project {
        None => profile::company_members(world.seed, company, &mut json),
        Some(project) => {
            json.text(
                "name",
                &format!(
                    "Project \"{}\"",
                    ["Aurora", "Blaubär", "Comet"][usize::from(project) % 3]
                ),
            );
            json.flag("archived", project == 2 && company.is_multiple_of(2));
        }
    }
    json.close();
}
