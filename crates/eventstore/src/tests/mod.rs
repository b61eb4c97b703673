//! Tests of whole sources: small files in a folder of their own, opened and read through DataFusion.

mod errors;
mod lenient;
pub(crate) mod moto;
mod names;
mod parquet;
mod properties;
mod pushdown;
mod s3;
pub(crate) mod s3_server;
mod text;

use crate::{Error, Source, SourceOptions, open};
use ::parquet::arrow::ArrowWriter;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::util::pretty::pretty_format_batches;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::{SessionConfig, SessionContext};
use events::source::TableKind;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A folder of files, removed at the end.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn location(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn text(&self, name: &str, content: &str) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn bytes(&self, name: &str, content: &[u8]) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn parquet(&self, name: &str, columns: Vec<(&str, ArrayRef)>) -> &Self {
        write_parquet(&self.path(name), columns, WriterProperties::new());
        self
    }

    /// A message without the folder's own path.
    fn anonymous(&self, error: &Error) -> String {
        let root = fs::canonicalize(self.0.path()).unwrap();
        error
            .to_string()
            .replace(root.to_str().unwrap(), "DIR")
            .replace(self.0.path().to_str().unwrap(), "DIR")
    }
}

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>, properties: WriterProperties) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties))
            .unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn strings(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn nullable(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn times(seconds: &[i64]) -> ArrayRef {
    let micros = seconds.iter().map(|second| second * 1_000_000);
    Arc::new(TimestampMicrosecondArray::from_iter_values(micros).with_timezone("UTC"))
}

/// The columns that events need.
fn needed<'a>(events: &[&str]) -> Vec<(&'a str, ArrayRef)> {
    let seconds: Vec<i64> = (1_700_000_000..).take(events.len()).collect();
    let people: Vec<&str> = events.iter().map(|_| "u1").collect();
    vec![
        ("event", strings(events)),
        ("timestamp", times(&seconds)),
        ("distinct_id", strings(&people)),
    ]
}

async fn opened(options: &SourceOptions) -> Result<(SessionContext, Source), Error> {
    let runtime = Arc::new(RuntimeEnv::default());
    let source = open(options, &runtime).await?;
    let config = SessionConfig::new().with_target_partitions(2).with_batch_size(3);
    let context = SessionContext::new_with_config_rt(config, runtime);
    for kind in TableKind::ALL {
        if let Some(table) = source.table(kind) {
            context.register_table(kind.name(), Arc::clone(&table.provider)).unwrap();
        }
    }
    Ok((context, source))
}

async fn events_at(location: &str) -> (SessionContext, Source) {
    opened(&SourceOptions::events(location)).await.unwrap()
}

async fn failure(options: &SourceOptions) -> Error {
    match opened(options).await {
        Ok(_) => panic!("the source was opened"),
        Err(error) => error,
    }
}

async fn rows(context: &SessionContext, sql: &str) -> String {
    let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

/// The one value of a query, as text.
async fn value(context: &SessionContext, sql: &str) -> String {
    let table = rows(context, sql).await;
    table.lines().nth(3).unwrap_or_default().trim_matches(['|', ' ']).to_owned()
}
