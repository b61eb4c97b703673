//! A table of files as DataFusion reads it: one scan for each store and kind of file, filters and columns pushed into it.

use crate::columns::{AdapterFactory, FILE_NUMBER, Layout, LayoutColumn, ROW_NUMBER, uuid_or_made};
use crate::files::{FileKind, place};
use crate::filters::{contains_subquery, push_filters};
use crate::lenient::{ParquetPiece, Sieve, lenient_row_group, reader_factory};
use crate::made::{Made, RowPlace};
use crate::parquet_file::{DAMAGED, RESTORE};
use crate::parquet_source::NamedSource;
use crate::parts::{Part, Piece, StoredFile, partitioned, sum};
use crate::reach::Reaches;
use crate::request::{Needs, Request};
use crate::store::ORDINAL_COLUMN;
use crate::store::import::rejects::Rejects;
use crate::text::{Columns, TextFile, TextSource, lenient_rows};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::{ColumnStatistics, DFSchema, Result, Statistics, internal_err};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetAccessPlan;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, lit};
use datafusion::physical_expr::projection::{ProjectionExpr, ProjectionExprs};
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::union::UnionExec;
use parquet::arrow::RowNumber;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A table of files.
#[derive(Debug)]
pub(crate) struct FileTable {
    schema: SchemaRef,
    layout: Layout,
    pub(crate) made: Vec<Made>,
    parts: Vec<Part>,
    adapter: Arc<dyn PhysicalExprAdapterFactory>,
    statistics: Statistics,
    /// What to do about a file that is damaged.
    hint: &'static str,
}

impl FileTable {
    /// A table of those files. `made` needs row numbers: all parts must be Parquet.
    pub(crate) fn new(layout: Layout, parts: Vec<Part>, made: Vec<Made>) -> Self {
        let fields: Vec<Field> =
            layout.fields().chain(made.iter().map(|made| made.field())).collect();
        let adapter: Arc<dyn PhysicalExprAdapterFactory> = Arc::new(AdapterFactory::new(&layout));
        let statistics = sum(&parts, &layout);
        let is_stored = made.iter().any(|made| matches!(made, Made::Actor));
        let hint = if is_stored { RESTORE } else { DAMAGED };
        let schema = Arc::new(Schema::new(fields));
        Self { schema, layout, made, parts, adapter, statistics, hint }
    }

    /// The same table; `hint` is what to do about a file that is damaged.
    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The files.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Some of its columns, as expressions over those of files.
    pub(crate) fn columns_of(&self, names: &[String]) -> Result<Columns> {
        let shown = self.shown(None)?;
        let place = |name: &String| match self.schema.index_of(name)? {
            place if place < self.layout.columns.len() => Ok(place),
            _ => internal_err!("`{name}` is no column of files"),
        };
        let places = names.iter().map(place).collect::<Result<Vec<usize>>>()?;
        Ok(Columns {
            table: Arc::clone(&self.layout.read_schema),
            output: Arc::new(self.schema.project(&places)?),
            exprs: shown_columns(&shown, &places).expr_iter().collect(),
            adapter: Arc::clone(&self.adapter),
        })
    }

    /// The columns that files stand for.
    pub(crate) fn columns(&self) -> &[LayoutColumn] {
        &self.layout.columns
    }

    /// Row groups of Parquet files, and whole text files: (part, file, row group).
    pub(crate) fn pieces(&self) -> Vec<(usize, usize, usize)> {
        let mut pieces: Vec<(i64, usize, usize, usize)> = Vec::new();
        for (part_index, part) in self.parts.iter().enumerate() {
            for (file_index, file) in part.files.iter().enumerate() {
                pieces.extend(
                    (0..file.row_groups).map(|group| (file.ordinal, part_index, file_index, group)),
                );
            }
        }
        pieces.sort_unstable();
        pieces.into_iter().map(|(_, part, file, group)| (part, file, group)).collect()
    }

    fn file_of(&self, part: usize, file: usize) -> Result<(&Part, &StoredFile)> {
        match self.parts.get(part).and_then(|part| Some((part, part.files.get(file)?))) {
            Some(found) => Ok(found),
            None => internal_err!("there is no such piece of the table"),
        }
    }

    /// A scan of one piece from its beginning, in one partition.
    pub(crate) fn scan_piece(
        &self,
        session: &dyn Session,
        (part, file, group): (usize, usize, usize),
        projection: &Vec<usize>,
        limit: usize,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (part, file) = self.file_of(part, file)?;
        let (reaches, filters) = (Reaches::default(), Vec::new());
        let (projection, limit) = (Some(projection), Some(limit));
        let request = Request { projection, filters, limit, reaches: &reaches };
        let mut partitioned = partitioned(file, self.needs(&request) > Needs::Nothing);
        if part.kind == FileKind::Parquet {
            let mut access = ParquetAccessPlan::new_none(file.row_groups);
            access.scan(group);
            partitioned = partitioned.with_extension(access);
        }
        let source = self.source(session, part, &request)?;
        let config =
            self.config(part, source, vec![FileGroup::new(vec![partitioned])], &request).build();
        Ok(DataSourceExec::from_data_source(config))
    }

    /// All columns of one piece in order of arrival, for an import. Rows that cannot be read, or have no value in one of the
    /// `required` columns, go to `rejects`.
    pub(crate) fn scan_rows(
        &self,
        session: &dyn Session,
        (part, file, group): (usize, usize, usize),
        required: &[&str],
        rejects: &Arc<Rejects>,
    ) -> Result<SendableRecordBatchStream> {
        let (part, file) = self.file_of(part, file)?;
        let store = session.runtime_env().object_store(&part.store)?;
        let is_parquet = part.kind == FileKind::Parquet;
        let columns = self.numbered_columns(is_parquet.then_some(file.ordinal))?;
        let required = required.iter().filter_map(|name| self.schema.index_of(name).ok());
        let sieve = Sieve {
            place: place(part.store.as_str(), &file.meta.location).into(),
            required: required.collect(),
            rejects: Arc::clone(rejects),
        };
        let batch_size = session.config().batch_size();
        let batches = if is_parquet {
            let readers = Arc::new(reader_factory(session, store));
            let file = PartitionedFile::new_from_meta(file.meta.clone());
            let piece = ParquetPiece { readers, file, group, row_number: ROW_NUMBER };
            lenient_row_group(piece, columns, batch_size, sieve)
        } else {
            let file = TextFile { store, location: file.meta.location.clone(), kind: part.kind };
            lenient_rows(file, columns, batch_size, sieve)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }

    /// The table's columns over those of one file: of its number, if its rows have numbers too.
    fn numbered_columns(&self, file: Option<i64>) -> Result<Columns> {
        let mut fields: Vec<FieldRef> = self.layout.read_schema.fields().to_vec();
        let row = Column::new(ROW_NUMBER, fields.len());
        let place = file.map(|file| -> RowPlace { (lit(file), Some(Arc::new(row))) });
        if place.is_some() {
            fields.push(Arc::new(Field::new(ROW_NUMBER, DataType::Int64, false)));
        }
        Ok(Columns {
            table: Arc::new(Schema::new(fields)),
            output: Arc::clone(&self.schema),
            exprs: self.shown(place.as_ref())?.expr_iter().collect(),
            adapter: Arc::clone(&self.adapter),
        })
    }

    /// What a scan must tell of its rows' places.
    fn needs(&self, request: &Request<'_>) -> Needs {
        let columns = &self.layout.columns;
        let of = |index: usize| match columns.get(index) {
            Some(column) if column.filled => Needs::Rows,
            Some(_) => Needs::Nothing,
            None => match self.made.get(index - columns.len()) {
                Some(made) if made.needs_row() => Needs::Rows,
                Some(_) => Needs::Files,
                None => Needs::Nothing,
            },
        };
        let needs = match request.projection {
            Some(projection) => projection.iter().copied().map(of).max(),
            None => (0..self.schema.fields().len()).map(of).max(),
        };
        needs.unwrap_or(Needs::Nothing)
    }

    /// A scan of the files of a part; `None` if it reads none of them.
    fn scan_part(
        &self,
        session: &dyn Session,
        part: &Part,
        request: &Request<'_>,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let numbered = self.needs(request) > Needs::Nothing;
        let limited =
            |file: &StoredFile| request.reaches.limited(file, partitioned(file, numbered));
        let files: Vec<PartitionedFile> = part.files.iter().filter_map(limited).collect();
        if files.is_empty() {
            return Ok(None);
        }
        let source = self.source(session, part, request)?;
        let config =
            self.config(part, source, vec![FileGroup::new(files.clone())], request).build();
        let options = session.config_options();
        let partitions = session.config().target_partitions().max(1);
        let split = Arc::clone(&config.file_source).repartitioned(
            partitions,
            options.optimizer.repartition_file_min_size,
            None,
            &config,
        )?;
        let config = match split {
            Some(config) => config,
            None => FileScanConfigBuilder::from(config)
                .with_file_groups(FileGroup::new(files).split_files(partitions))
                .build(),
        };
        Ok(Some(DataSourceExec::from_data_source(config)))
    }

    fn config(
        &self,
        part: &Part,
        source: Arc<dyn FileSource>,
        groups: Vec<FileGroup>,
        request: &Request<'_>,
    ) -> FileScanConfigBuilder {
        let mut statistics = request.reaches.statistics(&self.statistics, part);
        let columns = source.table_schema().table_schema().fields().len();
        statistics.column_statistics.resize_with(columns, ColumnStatistics::new_unknown);
        FileScanConfigBuilder::new(part.store.clone(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_limit(request.limit)
            .with_expr_adapter(Some(Arc::clone(&self.adapter)))
    }

    /// The reader of a part with columns and filters pushed into it.
    fn source(
        &self,
        session: &dyn Session,
        part: &Part,
        request: &Request<'_>,
    ) -> Result<Arc<dyn FileSource>> {
        let source: Arc<dyn FileSource> = match part.kind {
            FileKind::Parquet => {
                let note = request.reaches.told(part);
                let parquet = self.parquet(session, part, request)?;
                Arc::new(NamedSource::new(parquet, self.hint).with_note(note))
            }
            kind => {
                let schema = Arc::clone(&self.layout.read_schema);
                Arc::new(TextSource::new(kind, schema, Arc::clone(&self.adapter)))
            }
        };
        let shown = self.shown(row_of(source.table_schema().table_schema()).as_ref())?;
        let source = push_filters(source, &shown, &request.filters, session)?;
        let projection = match request.projection {
            Some(indices) => shown_columns(&shown, indices),
            None => shown,
        };
        match source.try_pushdown_projection(&projection)? {
            Some(source) => Ok(source),
            None => internal_err!("{} files take no projection", source.file_type()),
        }
    }

    fn parquet(
        &self,
        session: &dyn Session,
        part: &Part,
        request: &Request<'_>,
    ) -> Result<ParquetSource> {
        let needs = self.needs(request);
        let mut schema = TableSchema::builder(Arc::clone(&self.layout.read_schema));
        if needs > Needs::Nothing {
            let file = Field::new(FILE_NUMBER, DataType::Int64, false);
            schema = schema.with_table_partition_cols(vec![Arc::new(file)]);
        }
        if needs == Needs::Rows {
            let row = Field::new(ROW_NUMBER, DataType::Int64, false).with_extension_type(RowNumber);
            schema = schema.with_virtual_columns(vec![Arc::new(row)]);
        }
        let mut options = TableParquetOptions::new();
        options.global = session.config_options().execution.parquet.clone();
        // Filters are promised to be exact, so they must be applied while reading; the cheapest columns come first.
        options.global.pushdown_filters = true;
        options.global.reorder_filters = true;
        let reader = reader_factory(session, session.runtime_env().object_store(&part.store)?);
        let reader = reader.with_index(request.reaches.selects_rows());
        Ok(ParquetSource::new(schema.build())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(reader)))
    }

    /// The table's columns as expressions over those of a scan, which tells the rows' `place` or does not.
    fn shown(&self, place: Option<&RowPlace>) -> Result<ProjectionExprs> {
        let mut exprs = Vec::with_capacity(self.schema.fields().len());
        for (index, column) in self.layout.columns.iter().enumerate() {
            let value = column.shown(Arc::new(Column::new(&column.source, index)));
            let value = match place {
                Some((file, Some(row))) if column.filled => {
                    uuid_or_made(value, Arc::clone(file), Arc::clone(row))
                }
                _ => value,
            };
            exprs.push(ProjectionExpr::new(value, &column.name));
        }
        for made in &self.made {
            let expr = made.expr(place, self.ordinal())?;
            exprs.push(ProjectionExpr::new(expr, made.field().name()));
        }
        Ok(ProjectionExprs::new(exprs))
    }

    /// Reads what the made columns of a projection are looked up in: for files of some numbers, or of all.
    pub(crate) async fn prepare(
        &self,
        projection: Option<&Vec<usize>>,
        files: Option<&BTreeSet<i64>>,
    ) -> Result<()> {
        let first = self.layout.columns.len();
        for (number, made) in self.made.iter().enumerate() {
            if projection.is_none_or(|projection| projection.contains(&(first + number))) {
                made.prepare(files).await?;
            }
        }
        Ok(())
    }

    /// A scan that reads no more of the files than `reaches` says.
    pub(crate) async fn scan_within(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
        reaches: &Reaches,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.parts.iter().flat_map(|part| &part.files);
        let numbers = files.filter(|file| reaches.reads(file)).map(|file| file.ordinal).collect();
        self.prepare(projection, Some(&numbers)).await?;
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        let filters =
            filters.iter().map(|filter| state.create_physical_expr(filter.clone(), &schema));
        let filters = filters.collect::<Result<_>>()?;
        let request = Request { projection, filters, limit, reaches };
        let mut plans = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            plans.extend(self.scan_part(state, part, &request)?);
        }
        match plans.len() {
            0 => {
                let schema = match projection {
                    Some(projection) => Arc::new(self.schema.project(projection)?),
                    None => Arc::clone(&self.schema),
                };
                Ok(Arc::new(EmptyExec::new(schema)))
            }
            1 => Ok(plans.remove(0)),
            _ => UnionExec::try_new(plans),
        }
    }

    /// The ordinals of persons, if files have them.
    fn ordinal(&self) -> Option<Arc<dyn PhysicalExpr>> {
        let mut columns = self.layout.columns.iter();
        let index = columns.position(|column| column.name == ORDINAL_COLUMN)?;
        let name = &self.layout.columns.get(index)?.source;
        Some(Arc::new(Column::new(name, index)))
    }

    /// What is to be known of a piece before it is read.
    pub(crate) fn piece(&self, (part, file, group): (usize, usize, usize)) -> Option<Piece<'_>> {
        let file = self.parts.get(part)?.files.get(file)?;
        let groups = (file.row_groups as u64).max(1);
        let rows = file.group_rows.get(group).copied();
        let (number, meta) = (file.ordinal, &file.meta);
        Some(Piece { bytes: meta.size / groups, rows, meta, number })
    }

    /// Whether the reader can apply a filter row by row.
    fn applies(&self, filter: &Expr) -> bool {
        let readable = |name: &str| {
            let mut columns = self.layout.columns.iter();
            columns.any(|column| column.name == name && column.raw.is_none() && !column.filled)
        };
        let columns = filter.column_refs();
        !columns.is_empty()
            && columns.iter().all(|column| readable(&column.name))
            && !filter.is_volatile()
            && !contains_subquery(filter)
    }
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn statistics(&self) -> Option<Statistics> {
        let mut statistics = self.statistics.clone();
        // Those of the files know nothing of what stands for NULL.
        let known = statistics.column_statistics.iter_mut().zip(&self.layout.columns);
        known
            .filter(|(_, column)| column.filled)
            .for_each(|(known, _)| *known = ColumnStatistics::new_unknown());
        statistics
            .column_statistics
            .resize_with(self.schema.fields().len(), ColumnStatistics::new_unknown);
        Some(statistics)
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let parquet = self.parts.iter().filter(|part| part.kind == FileKind::Parquet).count();
        let all = parquet == self.parts.len();
        Ok(filters
            .iter()
            .map(|filter| match (parquet > 0 && self.applies(filter), all) {
                (true, true) => TableProviderFilterPushDown::Exact,
                (true, false) => TableProviderFilterPushDown::Inexact,
                (false, _) => TableProviderFilterPushDown::Unsupported,
            })
            .collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        self.scan_within(state, projection, filters, limit, &Reaches::default()).await
    }
}

/// The columns of a scan that are a row's place. `None` if they were not asked for.
fn row_of(scan: &SchemaRef) -> Option<RowPlace> {
    let column = |name: &str| -> Option<Arc<dyn PhysicalExpr>> {
        Some(Arc::new(Column::new(name, scan.index_of(name).ok()?)))
    };
    Some((column(FILE_NUMBER)?, column(ROW_NUMBER)))
}

/// Some of the shown columns.
fn shown_columns(shown: &ProjectionExprs, indices: &[usize]) -> ProjectionExprs {
    let all: Vec<&ProjectionExpr> = shown.iter().collect();
    ProjectionExprs::new(
        indices.iter().filter_map(|index| all.get(*index).map(|expr| (*expr).clone())),
    )
}
