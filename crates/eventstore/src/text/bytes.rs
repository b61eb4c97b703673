//! The bytes of a text file, decompressed, in chunks.

use crate::files::Compression;
use async_compression::tokio::bufread::ZstdDecoder;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore};
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use tokio_util::io::{ReaderStream, StreamReader};

/// Chunks of a file.
pub(super) type Chunks = BoxStream<'static, Result<Vec<u8>>>;

/// Size of a chunk of a local file, and of one that is decompressed here.
const CHUNK: usize = 256 * 1024;

/// The bytes of a file from `offset` on; only an uncompressed file can be read from its middle.
pub(super) async fn chunks(
    store: &dyn ObjectStore,
    location: &Path,
    compression: Compression,
    offset: u64,
) -> Result<Chunks> {
    let packing = match compression {
        Compression::None => FileCompressionType::UNCOMPRESSED,
        Compression::Gzip => FileCompressionType::GZIP,
        Compression::Zstd => FileCompressionType::ZSTD,
    };
    let range = (offset > 0).then_some(GetRange::Offset(offset));
    let got = store.get_opts(location, GetOptions { range, ..GetOptions::default() }).await?;
    match got.payload {
        GetResultPayload::File(mut file, _) => {
            file.seek(SeekFrom::Start(offset))?;
            Ok(read_chunks(packing.convert_read(file)?))
        }
        GetResultPayload::Stream(stream) => {
            let stream = stream.map_err(DataFusionError::from).boxed();
            if compression == Compression::Zstd {
                // DataFusion's reader of streams ends behind the first frame, its reader of files does not.
                let mut decoder = ZstdDecoder::new(StreamReader::new(stream));
                decoder.multiple_members(true);
                let bytes = ReaderStream::with_capacity(decoder, CHUNK);
                return Ok(bytes.map_ok(Vec::<u8>::from).map_err(DataFusionError::from).boxed());
            }
            Ok(packing.convert_stream(stream)?.map_ok(Vec::from).boxed())
        }
    }
}

fn read_chunks(reader: Box<dyn Read + Send>) -> Chunks {
    futures::stream::try_unfold(reader, |mut reader| async move {
        let mut chunk = vec![0_u8; CHUNK];
        let read = read_some(reader.as_mut(), &mut chunk)?;
        chunk.truncate(read);
        Ok((read > 0).then_some((chunk, reader)))
    })
    .boxed()
}

fn read_some(reader: &mut dyn Read, chunk: &mut [u8]) -> Result<usize> {
    loop {
        match reader.read(chunk) {
            Ok(read) => return Ok(read),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(DataFusionError::from(error)),
        }
    }
}

/// A text file, to be read again for an error message.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) location: Path,
    pub(super) compression: Compression,
    /// The file as people write it.
    pub(super) place: String,
}

impl Origin {
    /// The bytes of the file from its beginning.
    pub(super) async fn chunks(&self) -> Result<Chunks> {
        chunks(self.store.as_ref(), &self.location, self.compression, 0).await
    }

    /// Number of the line that begins at a byte: the file is read up to there, as partitions do not know what is before them.
    pub(super) async fn line(&self, at: u64) -> Result<usize> {
        let mut chunks = self.chunks().await?;
        let (mut line, mut left) = (1, usize::try_from(at).unwrap_or(usize::MAX));
        while left > 0
            && let Some(chunk) = chunks.try_next().await?
        {
            let before = chunk.get(..left).unwrap_or(&chunk);
            line += before.iter().filter(|byte| **byte == b'\n').count();
            left -= before.len();
        }
        Ok(line)
    }
}
