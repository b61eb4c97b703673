//! Sources on S3, as far as a loopback server of a few operations goes: listing in pages, ranges, refusals.

use super::s3_server::{Server, What};
use super::text::packed;
use super::*;
use crate::Blame;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Options of a source on the server.
fn options_of(server: &Server, location: &str) -> SourceOptions {
    SourceOptions { environment: server.environment(), ..SourceOptions::events(location) }
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
        let (context, source) = opened(&options_of(&server, location)).await.unwrap();
        let events = value(&context, "SELECT count(distinct_id) FROM events").await;
        assert_eq!(events, count, "{location}");
        let notices: Vec<String> = source.notices().collect();
        assert!(notices.is_empty(), "{location}: {notices:?}");
    }
}

#[tokio::test]
async fn a_footer_is_read_once() {
    let server = export();
    let (context, _) = opened(&options_of(&server, "s3://exports/logs/1.parquet")).await.unwrap();
    let asked = || {
        let asked = server.asked().into_iter().filter(|asked| asked.what != What::List);
        asked.map(|asked| asked.to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(asked(), "Head logs/1.parquet, Range logs/1.parquet");
    assert_eq!(value(&context, "SELECT count(*) FROM events").await, "2");
    assert_eq!(asked(), "");
    assert_eq!(value(&context, "SELECT max(event) FROM events WHERE event < 'b'").await, "a");
    // Of the one row group a page index and a column.
    let asked = asked();
    assert!(asked.matches("Range").count() <= 2 && !asked.contains("Get"), "{asked}");
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
        let text = failure(&options_of(&server, location)).await.to_string();
        assert!(text.starts_with(location) && text.contains(expected), "{text}");
    }
    let mut options = options_of(&server, "s3://exports/logs");
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
    let text = failure(&options_of(&server, "s3://exports/logs")).await.to_string();
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
        let far = options_of(&server, &format!("s3://exports/{key}"));
        for options in [far, SourceOptions::events(folder.location(key))] {
            let (context, _) = opened(&options).await.unwrap();
            let sql = "SELECT string_agg(event, ',' ORDER BY event) FROM events";
            assert_eq!(value(&context, sql).await, "a,b", "{:?}", options.events);
        }
    }
}
