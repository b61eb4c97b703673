//! What is read from pages, and by the reader of arrays, against what was written.

use crate::lenient::reader_factory;
use crate::store::cluster_file::{ClusterFileWriter, Rows};
use crate::store::narrow::local::LocalFile;
use crate::store::narrow::opened::{Opened, numbered};
use crate::store::narrow::read::Stream;
use crate::store::narrow::schema;
use crate::store::schema::ORDINAL;
use crate::store::segments::from_metadata;
use crate::text::Columns;
use arrow::array::{
    ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, UInt32Array,
};
use arrow::compute::concat_batches;
use arrow::datatypes::{
    Schema, SchemaRef, TimestampMicrosecondType as Micros, UInt32Type, UInt64Type,
};
use datafusion::catalog::Session;
use datafusion::common::Result;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr_adapter::DefaultPhysicalExprAdapterFactory;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::prelude::SessionContext;
use events::column;
use futures::TryStreamExt;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A file as a scan opens it: with segments if it is one of clusters, and as if it were elsewhere if it is not `local`.
fn opened(path: &Path, session: &dyn Session, clusters: bool, local: bool) -> Arc<Opened> {
    let length = std::fs::metadata(path).unwrap().len();
    let store = session.runtime_env().object_store(ObjectStoreUrl::local_filesystem()).unwrap();
    let location = object_store::path::Path::from_absolute_path(path).unwrap();
    let policy = if clusters { PageIndexPolicy::Optional } else { PageIndexPolicy::Skip };
    let options = ArrowReaderOptions::new().with_page_index_policy(policy);
    let metadata = ArrowReaderMetadata::load(&File::open(path).unwrap(), options).unwrap();
    let footer = metadata.metadata().file_metadata().clone();
    Arc::new(Opened {
        place: path.display().to_string(),
        event_file: location.clone(),
        bucket: 0,
        rank: 0,
        has_ties: true,
        rows: footer.num_rows().unsigned_abs(),
        metadata: if clusters { metadata } else { numbered(&metadata).unwrap() },
        segments: clusters.then(|| from_metadata(footer.key_value_metadata()).unwrap()),
        local: local.then(|| LocalFile::new(path.to_path_buf(), length)),
        file: PartitionedFile::new(location.to_string(), length),
        readers: Arc::new(reader_factory(session, store)),
    })
}

async fn read(stream: &Stream, schema: &SchemaRef) -> Result<RecordBatch> {
    let nothing: SchemaRef = Arc::new(Schema::empty());
    let columns = Columns {
        table: Arc::clone(&nothing),
        output: nothing,
        exprs: Vec::new(),
        adapter: Arc::new(DefaultPhysicalExprAdapterFactory),
    };
    let metrics = ExecutionPlanMetricsSet::new();
    let batches = stream.execute(Arc::clone(schema), &columns, &metrics, 0)?;
    let batches: Vec<RecordBatch> = batches.try_collect().await?;
    Ok(concat_batches(schema, &batches)?)
}

/// Rows in order: some persons with a few each, some of them at one time.
fn rows(count: usize, seed: u64) -> Rows {
    let mut state = seed;
    let mut next = |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut rows, mut ordinal, mut time, mut tie) = (Rows::default(), 0, 0, 0);
    for position in 0..u32::try_from(count).unwrap() {
        match next(6) {
            0 => (ordinal, time, tie) = (ordinal + 1 + next(3) as u32, next(1 << 40) as i64, 0),
            1 => tie += 1,
            _ => (time, tie) = (time + 1 + next(1 << 30) as i64, 0),
        }
        rows.ordinals.push(ordinal);
        rows.times.push(time);
        rows.ties.push(tie);
        rows.positions.push(position);
    }
    rows
}

fn check(found: &RecordBatch, rows: &Rows, has_ties: bool, what: &str) {
    let numbers = |column: usize| found.column(column).as_primitive::<UInt32Type>().values();
    assert_eq!(numbers(0).as_ref(), rows.ordinals, "ordinals of {what}");
    let times = found.column(1).as_primitive::<Micros>().values();
    assert_eq!(times.as_ref(), rows.times, "times of {what}");
    let none = vec![0; rows.ties.len()];
    let ties = if has_ties { &rows.ties } else { &none };
    assert_eq!(numbers(2).as_ref(), ties, "ties of {what}");
}

#[tokio::test]
async fn segments_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clusters.parquet");
    // Small ones share row groups and pages; large ones have several pages and row groups of their own.
    let segments: Vec<(String, Rows)> =
        [10, 20_000, 3, 70_000, 8_192, 1, 30_000, 90_000, 50_000, 40_000, 20]
            .into_iter()
            .enumerate()
            .map(|(number, count)| (format!("event {number:02}"), rows(count, number as u64)))
            .collect();
    let out = File::create(&path).unwrap();
    let mut writer = ClusterFileWriter::new(out, path.clone()).unwrap();
    for (event, rows) in &segments {
        writer.segment(event, rows).unwrap();
    }
    writer.finish().unwrap();

    let session = SessionContext::new().state();
    let schema = schema(&Arc::new(Schema::empty()), false);
    for local in [true, false] {
        let file = opened(&path, &session, true, local);
        assert!(file.metadata.metadata().num_row_groups() > 3);
        assert!(super::Columns::of(&file, &schema, false).is_some());
        for (segment, (event, rows)) in file.segments.iter().flatten().zip(&segments) {
            let stream = Stream::of_segment(Arc::clone(&file), segment).unwrap();
            let found = read(&stream, &schema).await.unwrap();
            check(&found, rows, true, &format!("{event}, local: {local}"));
        }
    }
}

#[tokio::test]
async fn event_files_are_read_with_marks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.parquet");
    let rows = rows(30_000, 5);
    let names: Vec<String> = rows.times.iter().map(|time| format!("event {}", time % 50)).collect();
    let columns: [(&str, ArrayRef); 3] = [
        (ORDINAL, Arc::new(UInt32Array::from(rows.ordinals.clone()))),
        (
            column::TIMESTAMP,
            Arc::new(TimestampMicrosecondArray::from(rows.times.clone()).with_timezone("UTC")),
        ),
        (column::EVENT, Arc::new(StringArray::from(names.clone()))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(10_000))
        .set_data_page_row_count_limit(3_000)
        .build();
    let out = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();

    let marks: HashMap<String, u64> =
        [("event 7".to_owned(), 1), ("event 11".to_owned(), 6)].into();
    let expected: Vec<u64> =
        names.iter().map(|name| marks.get(name).copied().unwrap_or_default()).collect();
    let session = SessionContext::new().state();
    let schema = schema(&Arc::new(Schema::empty()), true);
    for local in [true, false] {
        let file = opened(&path, &session, false, local);
        assert!(super::Columns::of(&file, &schema, true).is_some());
        let stream = Stream::of_file(file, Some(Arc::new(marks.clone())));
        let found = read(&stream, &schema).await.unwrap();
        check(&found, &rows, false, &format!("the file, local: {local}"));
        let found = found.column(3).as_primitive::<UInt64Type>().values();
        assert_eq!(found.as_ref(), expected, "local: {local}");
    }
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.parquet");
    let mut writer = ClusterFileWriter::new(File::create(&path).unwrap(), path.clone()).unwrap();
    writer.segment("event", &rows(30_000, 1)).unwrap();
    writer.finish().unwrap();
    let session = SessionContext::new().state();
    let file = opened(&path, &session, true, true);
    let length = std::fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap();
    let segment = file.segments.as_ref().unwrap().first().unwrap();
    let stream = Stream::of_segment(Arc::clone(&file), segment).unwrap();
    let schema = schema(&Arc::new(Schema::empty()), false);
    let error = read(&stream, &schema).await.unwrap_err().to_string();
    assert!(error.contains("cut.parquet"), "{error}");
}

/// Milliseconds are numbers of 64 bits, too.
#[tokio::test]
async fn times_in_other_units_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.parquet");
    let times = TimestampMillisecondArray::from(vec![1, 2, 3]).with_timezone("UTC");
    let columns: [(&str, ArrayRef); 3] = [
        (ORDINAL, Arc::new(UInt32Array::from(vec![0, 0, 1]))),
        (column::TIMESTAMP, Arc::new(times)),
        (column::EVENT, Arc::new(StringArray::from(vec!["a", "b", "c"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(&path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let session = SessionContext::new().state();
    let schema = schema(&Arc::new(Schema::empty()), false);
    for local in [true, false] {
        let stream = Stream::of_file(opened(&path, &session, false, local), None);
        let error = read(&stream, &schema).await.unwrap_err().to_string();
        assert!(error.contains("Timestamp"), "{error}");
    }
}
