//! The persons of a store's buckets, by ordinal.

mod named;

pub(crate) use named::person_of_actor;

use super::files::Folder;
use super::manifest::{Manifest, PersonsFile};
use super::schema;
use crate::Error;
use crate::columns::{argument, call};
use crate::parquet_file::RESTORE;
use arrow::array::{
    Array, ArrayRef, AsArray, FixedSizeBinaryArray, Int64Array, StringViewBuilder, UInt64Array,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, UInt64Type};
use bytes::Bytes;
use datafusion::common::{DataFusionError, ScalarValue};
use datafusion::common::{Result as DfResult, internal_err};
use datafusion::logical_expr::ColumnarValue;
use datafusion::logical_expr::ScalarFunctionArgs;
use datafusion::physical_expr::PhysicalExpr;
use futures::{StreamExt, TryStreamExt};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Files read at the same time.
const CONCURRENT: usize = 16;

/// The persons of one bucket by ordinal.
#[derive(Debug, Clone)]
enum Names {
    Uuids(Vec<Uuid>),
    Texts(Vec<Box<str>>),
}

impl Names {
    fn len(&self) -> usize {
        match self {
            Self::Uuids(uuids) => uuids.len(),
            Self::Texts(texts) => texts.len(),
        }
    }

    fn into_texts(self) -> Vec<Box<str>> {
        match self {
            Self::Uuids(uuids) => {
                uuids.into_iter().map(|uuid| uuid.hyphenated().to_string().into()).collect()
            }
            Self::Texts(texts) => texts,
        }
    }

    /// The ordinals of some persons, each with its number, where they are here.
    fn ordinals(&self, wanted: &[(usize, &str)]) -> Vec<(usize, u32)> {
        match self {
            Self::Uuids(uuids) => {
                let known = wanted.iter();
                let known: HashMap<Uuid, usize> =
                    known.filter_map(|(number, text)| Some((plain(text)?, *number))).collect();
                numbered(&known, uuids.iter().copied())
            }
            Self::Texts(texts) => {
                let known: HashMap<&str, usize> =
                    wanted.iter().map(|(number, text)| (*text, *number)).collect();
                numbered(&known, texts.iter().map(AsRef::as_ref))
            }
        }
    }

    fn append(self, other: Self) -> Self {
        match (self, other) {
            (Self::Uuids(mut uuids), Self::Uuids(more)) => {
                uuids.extend(more);
                Self::Uuids(uuids)
            }
            (known, more) => {
                let mut texts = known.into_texts();
                texts.extend(more.into_texts());
                Self::Texts(texts)
            }
        }
    }
}

/// The UUID that is written like this; `None` if the text is another one.
fn plain(text: &str) -> Option<Uuid> {
    let mut buffer = [0_u8; uuid::fmt::Hyphenated::LENGTH];
    let uuid = Uuid::try_parse(text).ok()?;
    (uuid.hyphenated().encode_lower(&mut buffer) == text).then_some(uuid)
}

/// The numbers of the names that are known, and the names' places.
fn numbered<N: Eq + Hash>(
    known: &HashMap<N, usize>,
    names: impl Iterator<Item = N>,
) -> Vec<(usize, u32)> {
    let found = (0..).zip(names).filter_map(|(place, name)| Some((*known.get(&name)?, place)));
    found.collect()
}

/// The persons of a bucket, in the order of their ordinals.
pub(crate) async fn of_bucket(
    folder: &Folder,
    manifest: &Manifest,
    bucket: u32,
) -> Result<Vec<Box<str>>, Error> {
    let files = manifest.persons.iter().filter(|file| file.bucket == bucket).cloned();
    Ok(read(folder, files.collect()).await?.into_texts())
}

/// Reads the files of a bucket.
async fn read(folder: &Folder, mut files: Vec<PersonsFile>) -> Result<Names, Error> {
    files.sort_by_key(|file| file.first_ordinal);
    let mut names = Names::Uuids(Vec::new());
    for file in files {
        let place = folder.place(&file.path);
        if file.first_ordinal as usize != names.len() {
            return Err(Error::data("its ordinals do not follow those of the file before")
                .at(place)
                .with_hint(RESTORE));
        }
        let bytes = Bytes::from(folder.read(&file.path).await?);
        let more = decode(bytes).map_err(|error| {
            Error::data(format!("it cannot be read: {error}")).at(&place).with_hint(RESTORE)
        })?;
        if more.len() != file.persons as usize {
            let found =
                format!("it has {} persons where {} are expected", more.len(), file.persons);
            return Err(Error::data(found).at(place).with_hint(RESTORE));
        }
        names = names.append(more);
    }
    Ok(names)
}

fn decode(bytes: Bytes) -> Result<Names, Box<dyn std::error::Error + Send + Sync>> {
    let mut names = Names::Uuids(Vec::new());
    for batch in ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()? {
        let batch = batch?;
        let ids = batch.columns().last().ok_or("it has no columns")?;
        let more = match ids.as_any().downcast_ref::<FixedSizeBinaryArray>() {
            Some(ids) => {
                let uuids = ids.iter().flatten().map(Uuid::from_slice);
                Names::Uuids(uuids.collect::<Result<_, _>>()?)
            }
            None => {
                let texts = cast(ids, &DataType::Utf8View)?;
                Names::Texts(texts.as_string_view().iter().flatten().map(Into::into).collect())
            }
        };
        names = names.append(more);
    }
    Ok(names)
}

/// The persons of all buckets: 16 bytes each, read when a query asks for those of a bucket first.
#[derive(Debug)]
pub(crate) struct Persons {
    folder: Folder,
    buckets: Vec<Bucket>,
}

/// The persons of one bucket.
#[derive(Debug, Default)]
struct Bucket {
    files: Vec<PersonsFile>,
    names: OnceCell<Names>,
}

impl Bucket {
    /// Reads them unless they are there.
    async fn load(&self, folder: &Folder) -> Result<(), Error> {
        self.names.get_or_try_init(|| read(folder, self.files.clone())).await.map(drop)
    }
}

impl Persons {
    pub(crate) fn new(folder: Folder, manifest: &Manifest) -> Self {
        let buckets = std::iter::repeat_with(Bucket::default).take(manifest.buckets as usize);
        let mut buckets: Vec<Bucket> = buckets.collect();
        for file in &manifest.persons {
            if let Some(bucket) = buckets.get_mut(file.bucket as usize) {
                bucket.files.push(file.clone());
            }
        }
        Self { folder, buckets }
    }

    /// Reads those of some buckets, or of all, unless they are there.
    pub(crate) async fn load(&self, wanted: Option<&BTreeSet<i64>>) -> DfResult<()> {
        let mut tasks = Vec::new();
        for (number, bucket) in (0_i64..).zip(&self.buckets) {
            if wanted.is_none_or(|wanted| wanted.contains(&number)) {
                tasks.push(bucket.load(&self.folder));
            }
        }
        let loaded: Result<Vec<()>, Error> =
            futures::stream::iter(tasks).buffered(CONCURRENT).try_collect().await;
        loaded.map(drop).map_err(|error| DataFusionError::External(Box::new(error)))
    }

    /// The persons of a bucket, which must have been read.
    fn names(&self, bucket: i64) -> DfResult<&Names> {
        let found = usize::try_from(bucket).ok().and_then(|bucket| self.buckets.get(bucket));
        match found.map(|bucket| bucket.names.get()) {
            Some(Some(names)) => Ok(names),
            Some(None) => internal_err!("the persons of bucket {bucket} are not read yet"),
            None => Err(self.unlisted()),
        }
    }

    /// Number of buckets.
    pub(crate) fn buckets(&self) -> u32 {
        u32::try_from(self.buckets.len()).unwrap_or(u32::MAX)
    }

    /// Number of persons of a bucket that is read: that of the next ordinal.
    pub(crate) fn count(&self, bucket: u32) -> DfResult<u32> {
        let names = self.names(i64::from(bucket))?;
        Ok(u32::try_from(names.len()).unwrap_or(u32::MAX))
    }

    /// Bucket and ordinal of some persons, as far as they are listed. Their buckets are read unless they are there.
    pub(crate) async fn places<T: AsRef<str> + Sync>(
        &self,
        persons: &[T],
    ) -> DfResult<Vec<Option<(u32, u32)>>> {
        let mut wanted: BTreeMap<u32, Vec<(usize, &str)>> = BTreeMap::new();
        for (number, person) in persons.iter().enumerate() {
            let bucket = schema::bucket(person.as_ref(), self.buckets());
            wanted.entry(bucket).or_default().push((number, person.as_ref()));
        }
        self.load(Some(&wanted.keys().map(|bucket| i64::from(*bucket)).collect())).await?;
        let mut places = vec![None; persons.len()];
        for (bucket, wanted) in wanted {
            for (number, ordinal) in self.names(i64::from(bucket))?.ordinals(&wanted) {
                if let Some(place) = places.get_mut(number) {
                    *place = Some((bucket, ordinal));
                }
            }
        }
        Ok(places)
    }

    /// What is wrong with rows of persons that nobody has heard of.
    fn unlisted(&self) -> DataFusionError {
        let error = Error::data("rows are of persons that the store does not list: it is damaged");
        DataFusionError::External(Box::new(error.at(self.folder.place("")).with_hint(RESTORE)))
    }

    /// Texts of the persons of these buckets and ordinals. Rows of one person mostly follow each other.
    fn texts(&self, buckets: &Int64Array, ordinals: &UInt64Array) -> DfResult<ArrayRef> {
        let mut texts = StringViewBuilder::with_capacity(ordinals.len());
        let mut buffer = [0_u8; uuid::fmt::Hyphenated::LENGTH];
        let mut block = Vec::with_capacity(ordinals.len().min(4096) * buffer.len());
        let mut spans = Vec::with_capacity(ordinals.len());
        let mut last = None;
        for (bucket, ordinal) in buckets.values().iter().zip(ordinals.values()) {
            if last != Some((*bucket, *ordinal)) {
                last = Some((*bucket, *ordinal));
                let names = self.names(*bucket)?;
                let place = usize::try_from(*ordinal).unwrap_or(usize::MAX);
                let start = block.len();
                match names {
                    Names::Uuids(uuids) if place < uuids.len() => {
                        let uuid = uuids.get(place).copied().unwrap_or_default();
                        let text = uuid.hyphenated().encode_lower(&mut buffer);
                        block.extend_from_slice(text.as_bytes());
                    }
                    Names::Texts(names) if place < names.len() => {
                        let name = names.get(place).map_or("", AsRef::as_ref);
                        block.extend_from_slice(name.as_bytes());
                    }
                    _ => return Err(self.unlisted()),
                }
                spans.push((start, block.len() - start));
            } else if let Some(span) = spans.last().copied() {
                spans.push(span);
            }
        }
        let block = texts.append_block(block.into());
        for (start, length) in spans {
            let span = u32::try_from(start).ok().zip(u32::try_from(length).ok());
            let Some((start, length)) = span else {
                return internal_err!("a block of persons is larger than 4 GiB");
            };
            texts.try_append_view(block, start, length)?;
        }
        Ok(Arc::new(texts.finish()))
    }
}

/// The person of a bucket's ordinal.
pub(crate) fn person_of(
    persons: &Arc<Persons>,
    bucket: Arc<dyn PhysicalExpr>,
    ordinal: Arc<dyn PhysicalExpr>,
) -> Arc<dyn PhysicalExpr> {
    let persons = Arc::clone(persons);
    let body = move |args: &ScalarFunctionArgs| {
        let buckets = argument(&args.args, 0, args.number_rows)?;
        let ordinals = argument(&args.args, 1, args.number_rows)?;
        match (buckets.as_primitive_opt::<Int64Type>(), ordinals.as_primitive_opt::<UInt64Type>()) {
            (Some(buckets), Some(ordinals)) => persons.texts(buckets, ordinals),
            _ => internal_err!(
                "a person's place is {} and {}",
                buckets.data_type(),
                ordinals.data_type()
            ),
        }
    };
    call("person_of", body, vec![bucket, ordinal], Field::new("person", DataType::Utf8View, false))
}

/// A bucket's ordinal as one number.
pub(crate) fn actor_of(
    bucket: Arc<dyn PhysicalExpr>,
    ordinal: Arc<dyn PhysicalExpr>,
) -> Arc<dyn PhysicalExpr> {
    let body = |args: &ScalarFunctionArgs| -> DfResult<ArrayRef> {
        let ordinals = argument(&args.args, 1, args.number_rows)?;
        let Some(ordinals) = ordinals.as_primitive_opt::<UInt64Type>() else {
            return internal_err!("an ordinal is {}", ordinals.data_type());
        };
        // A scan gives the bucket of a file as a constant.
        if let Some(ColumnarValue::Scalar(ScalarValue::Int64(Some(bucket)))) = args.args.first() {
            let bucket = bucket.unsigned_abs() << 32;
            return Ok(Arc::new(ordinals.unary::<_, UInt64Type>(|ordinal| bucket | ordinal)));
        }
        let buckets = argument(&args.args, 0, args.number_rows)?;
        let Some(buckets) = buckets.as_primitive_opt::<Int64Type>() else {
            return internal_err!("a bucket is {}", buckets.data_type());
        };
        let pairs = buckets.values().iter().zip(ordinals.values());
        let actors = pairs.map(|(bucket, ordinal)| bucket.unsigned_abs() << 32 | ordinal);
        Ok(Arc::new(UInt64Array::from_iter_values(actors)))
    };
    call("actor_of", body, vec![bucket, ordinal], Field::new("actor", DataType::UInt64, false))
}
