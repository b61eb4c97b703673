//! Files that their names set apart, and links that lead nowhere.

use super::*;

/// Number of events at a name of the folder, and the notices without the folder's path.
async fn read(folder: &Folder, name: &str) -> (String, Vec<String>) {
    let (context, source) = events_at(&folder.location(name)).await;
    let count = value(&context, "SELECT count(event) FROM events").await;
    let root = fs::canonicalize(folder.path("")).unwrap();
    let notices = source.notices().map(|notice| {
        notice
            .replace(root.to_str().unwrap(), "DIR")
            .replace(folder.location("").trim_end_matches('/'), "DIR")
    });
    (count, notices.collect())
}

#[tokio::test]
async fn files_that_are_left_out_are_told() {
    let folder = Folder::new();
    folder
        .parquet("1.parquet", needed(&["a"]))
        .parquet("_2.parquet", needed(&["b"]))
        .parquet("_tmp/3.parquet", needed(&["c", "d"]))
        .text("orders_manifest.json", "{}")
        .text("_SUCCESS", "")
        .text(".1.parquet.crc", "");
    let (count, notices) = read(&folder, "").await;
    assert_eq!(count, "1");
    let [notice] = notices.as_slice() else { panic!("{notices:?}") };
    let expected = "are left out, as names with . or _ before them and manifests are, for example DIR/orders_manifest.json";
    assert!(notice.starts_with("events: 3 files of DIR"), "{notice}");
    assert!(notice.ends_with(expected), "{notice}");
    for (name, expected) in [
        ("_2.parquet", "1"),
        ("_*.parquet", "1"),
        ("_tmp", "2"),
        ("_tmp/*.parquet", "2"),
        ("_t*", "2"),
        ("_[2t]*", "3"),
        ("*/3.parquet", ""),
    ] {
        if expected.is_empty() {
            failure(&SourceOptions::events(folder.location(name))).await;
        } else {
            assert_eq!(read(&folder, name).await, (expected.to_owned(), vec![]), "{name}");
        }
    }
}

#[tokio::test]
async fn manifests_of_exports_are_passed_over_in_silence() {
    let folder = Folder::new();
    let hour = "2024-01-01T00:00:00+00:00-2024-01-01T01:00:00+00:00";
    folder
        .parquet(&format!("a/{hour}-0.parquet.zst"), needed(&["a"]))
        .text(&format!("a/{hour}_manifest.json"), "{}")
        .text("b/2024-01-02T00:00:00+00:00-2024-01-02T01:00:00+00:00_manifest.json", "{}")
        .parquet("c/7.parquet", needed(&["b"]))
        .text("c/7_manifest.json", "{}");
    assert_eq!(read(&folder, "").await, ("2".to_owned(), vec![]));
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_nowhere_are_told() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.parquet("in/1.parquet", needed(&["a"])).parquet("far/2.parquet", needed(&["b"]));
    symlink(folder.path("far"), folder.path("in/far")).unwrap();
    symlink(folder.path("nowhere.parquet"), folder.path("far/3.parquet")).unwrap();
    symlink(folder.path("nowhere"), folder.path("in/.#lock.csv")).unwrap();
    let (count, notices) = read(&folder, "in").await;
    assert_eq!(count, "2");
    let notice =
        "events: 1 files of DIR/in are links that lead nowhere, for example DIR/in/far/3.parquet";
    assert_eq!(notices, [notice]);
    assert_eq!(read(&folder, "in/1*").await, ("1".to_owned(), vec![]));
    let error = failure(&SourceOptions::events(folder.location("in/far/3*"))).await;
    assert!(error.message().starts_with("there are no files of rows, but 1 links"), "{error}");
}

/// A listing that follows them would not end.
#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_in_circles_end() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    folder.parquet("in/1.parquet", needed(&["a"]));
    symlink(folder.path("in"), folder.path("in/one")).unwrap();
    symlink(folder.path("in"), folder.path("in/two")).unwrap();
    let options = SourceOptions::events(folder.location("in"));
    let patience = std::time::Duration::from_secs(20);
    if let Err(error) = tokio::time::timeout(patience, opened(&options)).await.unwrap() {
        assert!(error.to_string().contains("in/"), "{error}");
    }
}
