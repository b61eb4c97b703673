//! S3 for real, as far as a loopback server of a few operations goes: listing in pages, ranges, refusals.

use super::text::packed;
use super::*;
use crate::Blame;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use url::Url;

/// A server with one bucket, `exports`, for those who sign as `key`.
struct Server {
    endpoint: String,
    /// Method and key of each request for an object.
    asked: Arc<Mutex<Vec<String>>>,
}

type Objects = BTreeMap<String, Vec<u8>>;

impl Server {
    fn with(objects: Objects) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (objects, log) = (Arc::new(objects), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (objects, log) = (Arc::clone(&objects), Arc::clone(&log));
                std::thread::spawn(move || converse(&stream, &objects, &log));
            }
        });
        Self { endpoint, asked }
    }

    fn options(&self, location: &str) -> SourceOptions {
        let environment = [
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", &self.endpoint),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        SourceOptions { environment: environment.into(), ..SourceOptions::events(location) }
    }
}

/// Answers the requests of one connection.
fn converse(stream: &TcpStream, objects: &Objects, log: &Mutex<Vec<String>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    loop {
        let request = lines.next()?.ok()?;
        let mut headers = HashMap::new();
        while let Some((name, value)) = lines.next()?.ok()?.split_once(": ") {
            headers.insert(name.to_ascii_lowercase(), value.to_owned());
        }
        let (method, target) = request.strip_suffix(" HTTP/1.1")?.split_once(' ')?;
        let url = Url::parse("http://server").ok()?.join(target).ok()?;
        let path = object_store::path::Path::from_url_path(url.path()).ok()?;
        let (bucket, key) = path.as_ref().split_once('/').unwrap_or_else(|| (path.as_ref(), ""));
        let signed = headers.get("authorization").is_some_and(|text| text.contains("=key/"));
        let reply = match (signed, bucket == "exports", key) {
            (false, _, _) => refusal("403 Forbidden", "InvalidAccessKeyId", "who is that?"),
            (_, false, _) => refusal("404 Not Found", "NoSuchBucket", "there is none"),
            (_, _, "") => ("200 OK".to_owned(), listing(objects, &url).into_bytes()),
            (_, _, key) => {
                log.lock().ok()?.push(format!("{method} {key}"));
                object(objects.get(key), headers.get("range"))
            }
        };
        answer(stream, method, &reply)?;
    }
}

type Reply = (String, Vec<u8>);

fn refusal(status: &str, code: &str, message: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    (status.to_owned(), body.into_bytes())
}

/// Two keys to a page.
fn listing(objects: &Objects, url: &Url) -> String {
    let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let prefix = asked.get("prefix").map_or("", String::as_str);
    let after = asked.get("continuation-token").map_or("", String::as_str);
    let keys: Vec<&String> =
        objects.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after).collect();
    let contents = keys.iter().take(2).map(|key| {
        let size = objects.get(*key).map_or(0, Vec::len);
        format!(
            "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"e\"</ETag>\
             <LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
        )
    });
    let contents: String = contents.collect();
    let next = match (keys.len() > 2, keys.get(1)) {
        (true, Some(last)) => format!("<NextContinuationToken>{last}</NextContinuationToken>"),
        _ => String::new(),
    };
    format!(
        "<ListBucketResult><IsTruncated>{}</IsTruncated>{contents}{next}</ListBucketResult>",
        keys.len() > 2
    )
}

fn object(bytes: Option<&Vec<u8>>, range: Option<&String>) -> Reply {
    let Some(bytes) = bytes else {
        return refusal("404 Not Found", "NoSuchKey", "there is none");
    };
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'))
    else {
        return ("200 OK".to_owned(), bytes.clone());
    };
    let end = bytes.len();
    let (first, last) = match first {
        "" => (end.saturating_sub(last.parse().unwrap()), end),
        first => {
            (first.parse().unwrap(), last.parse().map_or(end, |last: usize| end.min(last + 1)))
        }
    };
    let status =
        format!("206 Partial Content\r\nContent-Range: bytes {first}-{}/{end}", last.max(1) - 1);
    (status, bytes.get(first..last).unwrap_or_default().to_vec())
}

fn answer(mut stream: &TcpStream, method: &str, (status, body): &Reply) -> Option<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: \"e\"\r\n\
         Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    if method == "HEAD" { Some(()) } else { stream.write_all(body).ok() }
}

const LINE: &str = "{\"event\":\"n\",\"timestamp\":\"2024-01-01\",\"distinct_id\":\"u\"}\n";

fn export() -> Server {
    let folder = Folder::new();
    folder.parquet("1.parquet", needed(&["a", "b"]));
    let parquet = fs::read(folder.path("1.parquet")).unwrap();
    let objects = [
        ("logs/", Vec::new()),
        ("logs/1.parquet", parquet.clone()),
        ("logs/2024/2.parquet", parquet.clone()),
        ("logs/2024/2_manifest.json", b"{}".to_vec()),
        ("logs/2024/3.jsonl", LINE.as_bytes().to_vec()),
        ("logs-2/1.parquet", parquet.clone()),
        ("odd/sp ace \u{e9}+%41#/1.parquet", parquet.clone()),
        ("cut.parquet", parquet.get(..100).unwrap().to_vec()),
    ];
    Server::with(objects.map(|(key, bytes)| (key.to_owned(), bytes)).into())
}

#[tokio::test]
async fn buckets_folders_globs_and_keys_are_read() {
    let server = export();
    for (location, count) in [
        ("s3://exports/logs", "5"),
        ("s3://exports/logs/", "5"),
        ("s3://exports/logs/1.parquet", "2"),
        ("s3://exports/logs*/*.parquet", "4"),
        ("s3://exports/logs/**/*.jsonl", "1"),
        ("s3://exports/odd/sp ace \u{e9}+%41#", "2"),
        ("s3://exports/odd/sp ace \u{e9}+%41#/1.parquet", "2"),
    ] {
        let (context, source) = opened(&server.options(location)).await.unwrap();
        let events = value(&context, "SELECT count(distinct_id) FROM events").await;
        assert_eq!(events, count, "{location}");
        let notices: Vec<String> = source.notices().collect();
        assert!(notices.is_empty(), "{location}: {notices:?}");
    }
}

#[tokio::test]
async fn a_footer_is_read_once() {
    let server = export();
    let (context, _) = opened(&server.options("s3://exports/logs/1.parquet")).await.unwrap();
    let asked = || server.asked.lock().unwrap().join(", ");
    assert_eq!(asked(), "HEAD logs/1.parquet, GET logs/1.parquet");
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "2");
    assert_eq!(asked(), "HEAD logs/1.parquet, GET logs/1.parquet");
    assert_eq!(value(&context, "SELECT max(event) FROM events WHERE event < 'b'").await, "a");
    let gets = asked().matches("GET").count();
    // Of the one row group a page index and a column.
    assert!(gets <= 3, "{}", asked());
}

#[tokio::test]
async fn refusals_are_told() {
    let server = export();
    for (location, expected) in [
        ("s3://exports/nothing", "there is no such file, and no folder of that name with files"),
        ("s3://exports/logs/*.csv", "no file matches the pattern"),
        ("s3://others/logs", "there is no such bucket; check its name"),
        ("s3:///logs", "the address names no bucket"),
        ("s3://exports/cut.parquet", "its 100 bytes do not end in a Parquet footer"),
    ] {
        let text = failure(&server.options(location)).await.to_string();
        assert!(text.starts_with(location) && text.contains(expected), "{text}");
    }
    let mut options = server.options("s3://exports/logs");
    options.environment.insert("AWS_ACCESS_KEY_ID".to_owned(), "another".to_owned());
    let error = failure(&options).await;
    assert_eq!(
        (error.blame(), error.message()),
        (Blame::Data, "access is denied (InvalidAccessKeyId)")
    );
    options.environment.remove("AWS_ACCESS_KEY_ID");
    options.environment.remove("AWS_SECRET_ACCESS_KEY");
    let error = failure(&options).await;
    assert_eq!(error.message(), "access is denied (InvalidAccessKeyId)");
    assert!(error.hint().unwrap().contains("requests without a key are not signed"));
}

#[tokio::test]
async fn a_dead_endpoint_is_told_in_seconds() {
    let mut server = export();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    server.endpoint = format!("http://{free}");
    let started = Instant::now();
    let text = failure(&server.options("s3://exports/logs")).await.to_string();
    assert!(text.contains("check AWS_ENDPOINT_URL, AWS_REGION and the network"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[tokio::test]
async fn all_frames_of_a_packed_file_are_read() {
    let line = |event: &str| LINE.replace("\"n\"", &format!("\"{event}\""));
    let frames = async |packing: FileCompressionType| {
        [packed(&line("a"), packing).await, packed(&line("b"), packing).await].concat()
    };
    let objects = [
        ("z.jsonl.zst", frames(FileCompressionType::ZSTD).await),
        ("g.jsonl.gz", frames(FileCompressionType::GZIP).await),
    ];
    let folder = Folder::new();
    for (key, bytes) in &objects {
        folder.bytes(key, bytes);
    }
    let server = Server::with(objects.map(|(key, bytes)| (key.to_owned(), bytes)).into());
    for key in ["z.jsonl.zst", "g.jsonl.gz"] {
        let far = server.options(&format!("s3://exports/{key}"));
        for options in [far, SourceOptions::events(folder.location(key))] {
            let (context, _) = opened(&options).await.unwrap();
            let sql = "SELECT string_agg(event, ',' ORDER BY event) FROM events";
            assert_eq!(value(&context, sql).await, "a,b", "{:?}", options.events);
        }
    }
}
