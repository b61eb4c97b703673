//! Writing a store anew: the buckets that several imports have written, in the order that one would have given them.
//!
//! It is an import from the store into itself, bucket by bucket, in the order of generations. Persons and ordinals are
//! decided again, so that merges which came after their rows are worked in for good. Rows of a person at one time stay
//! in order of arrival, but for those of merged persons: they come in the order of their former buckets.

use super::people::People;
use super::reading::{Units, fnv, told};
use super::spill::Plan;
use super::work::{Bucket, OPTIMIZE};
use super::{Import, ImportOptions, Tell, commit, open_work, stopped, there};
use crate::Error;
use crate::store::manifest::{Applied, Manifest, Retired};
use crate::store::versions::{Committed, Versions};
use crate::store::{MERGES, WORKED_IN, open};
use datafusion::execution::context::SessionContext;
use datafusion::execution::runtime_env::RuntimeEnv;
use events::source::{SourceColumn, TableKind};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What was written anew.
pub(in crate::store) struct Rewritten {
    pub(in crate::store) next: Manifest,
    pub(in crate::store) rows: u64,
    pub(in crate::store) files_before: u64,
    pub(in crate::store) files_after: u64,
    pub(in crate::store) bytes_before: u64,
    pub(in crate::store) bytes_after: u64,
}

/// The buckets that are worth writing anew: those of several generations, those whose ordinals are in no order, and all of them
/// if persons were merged.
pub(in crate::store) fn worn(manifest: &Manifest) -> BTreeSet<u32> {
    if manifest.tables.get(MERGES).is_some_and(|files| !files.is_empty()) {
        let events = manifest.events.iter().map(|file| file.bucket);
        return events.chain(manifest.persons.iter().map(|file| file.bucket)).collect();
    }
    let mut worn = BTreeSet::new();
    for pair in manifest.events.windows(2) {
        if let [a, b] = pair
            && a.bucket == b.bucket
            && a.generation != b.generation
        {
            worn.insert(a.bucket);
        }
    }
    let unsorted = manifest.persons.iter().filter(|file| !file.sorted);
    worn.extend(unsorted.map(|file| file.bucket));
    worn
}

/// Writes the worn buckets of a version anew, and commits the next one, which is made of them.
pub(in crate::store) async fn rewrite(
    options: &ImportOptions,
    versions: &Versions,
    base: &Manifest,
    progress: Tell<'_>,
) -> Result<Rewritten, Error> {
    let buckets = worn(base);
    let runtime = Arc::new(RuntimeEnv::default());
    let folder = versions.folder().clone();
    folder.register(&runtime);
    let source = open::of_manifest(&folder, base, &runtime).await?;
    let context = SessionContext::new_with_config_rt(Default::default(), runtime);
    let Some(events) = source.events().cloned() else {
        return Err(Error::internal("a store without a table of events"));
    };
    events.table.prepare(None, None).await.map_err(|error| told(&error))?;
    let mut people = People::default();
    // Overrides that were imported are worked in already, and may not move rows: not all buckets are written anew.
    if open::has_merges(base)
        && let Some(merges) = source.overrides()
    {
        people.read(merges, &context).await?;
    }
    let columns = base.columns.iter().map(|column| SourceColumn {
        name: column.name.clone(),
        ty: column.ty,
        nullable: column.nullable,
    });
    let plan = Arc::new(Plan::stored(columns.collect(), base.buckets, people));
    let units = Units::of_buckets(&events, &buckets);
    let fingerprint = format!("{OPTIMIZE}{}-{:016x}", base.version, identity(base));
    let work = open_work(options, &folder, &fingerprint, base.buckets)?;
    let versions = Versions::new(folder);
    let worked_in = Vec::new();
    let mut import = Import {
        options,
        versions,
        source,
        events,
        context,
        plan,
        worked_in,
        units,
        work,
        fingerprint,
    };
    import.read(progress).await?;
    let written = commit::write(&mut import, Some(base), progress).await?;
    if options.cancelled.load(Ordering::Relaxed) {
        return Err(stopped());
    }
    check_strays(base, &buckets, &written.buckets)?;
    there::check(import.versions.folder(), &written.files()).await?;
    let mut rewritten = follow(base, &buckets, written.buckets, options.now);
    rewritten.next.properties = Some(written.properties.0);
    rewritten.next.next_generation = written.generation + 1;
    for shred in written.shreds {
        if !rewritten.next.shredded.contains(&shred.at) {
            rewritten.next.shredded.push(shred.at);
        }
    }
    match import.versions.commit(&rewritten.next).await? {
        Committed::Done => {
            import.work.remove()?;
            Ok(rewritten)
        }
        Committed::Lost => {
            import.work.remove()?;
            Err(overtaken(&options.store))
        }
    }
}

/// Another writer was faster.
pub(in crate::store) fn overtaken(store: &str) -> Error {
    Error::data("another writer has changed the store meanwhile")
        .at(store)
        .with_hint("run the same command again")
}

/// What tells a version from those of other stores: the random words in the paths of its files.
fn identity(base: &Manifest) -> u64 {
    let paths: Vec<&str> = base.events.iter().map(|file| file.path.as_str()).collect();
    fnv(base.version, paths.join("\n").as_bytes())
}

/// Refuses rows that have moved to a bucket which is not among those that are written anew: two of its persons would have
/// one ordinal.
fn check_strays(base: &Manifest, buckets: &BTreeSet<u32>, written: &[Bucket]) -> Result<(), Error> {
    let stays = |bucket: u32| {
        !buckets.contains(&bucket) && base.persons.iter().any(|file| file.bucket == bucket)
    };
    match written.iter().find(|written| stays(written.bucket)) {
        Some(stray) => {
            let bucket = stray.bucket;
            Err(Error::internal(format!(
                "rows have moved to bucket {bucket}, which stays as it is"
            )))
        }
        None => Ok(()),
    }
}

/// The version behind `base` in which these buckets are written anew.
fn follow(base: &Manifest, buckets: &BTreeSet<u32>, written: Vec<Bucket>, now: i64) -> Rewritten {
    let mut next = base.clone();
    let since = now.max(base.made_at);
    let mut old: Vec<String> = Vec::new();
    let (mut files_before, mut bytes_before) = (0, 0);
    next.events.retain(|file| {
        let keep = !buckets.contains(&file.bucket);
        if !keep {
            files_before += 1;
            bytes_before += file.all_bytes();
            old.extend(file.files().map(|(path, _)| path.clone()));
        }
        keep
    });
    next.persons.retain(|file| {
        let keep = !buckets.contains(&file.bucket);
        old.extend((!keep).then(|| file.path.clone()));
        keep
    });
    if let Some(merges) = next.tables.remove(MERGES) {
        next.tables.entry(WORKED_IN.to_owned()).or_default().extend(merges);
    }
    old.extend(base.properties.clone());
    next.retired.extend(old.into_iter().map(|path| Retired { path, since }));
    let (mut rows, mut files_after, mut bytes_after) = (0, 0, 0);
    for bucket in written {
        for file in bucket.events {
            rows += file.rows;
            files_after += 1;
            bytes_after += file.all_bytes();
            next.events.push(file);
        }
        next.persons.extend(bucket.persons);
    }
    next.events
        .sort_by(|a, b| (a.bucket, a.generation, &a.path).cmp(&(b.bucket, b.generation, &b.path)));
    next.applied = Applied {
        persons_generation: newest(base, TableKind::Persons),
        overrides_generation: newest(base, TableKind::Overrides),
    };
    next.version = base.version + 1;
    next.made_at = since;
    next.by = concat!("hogql ", env!("CARGO_PKG_VERSION")).to_owned();
    Rewritten { next, rows, files_before, files_after, bytes_before, bytes_after }
}

fn newest(manifest: &Manifest, kind: TableKind) -> Option<u64> {
    manifest.tables.get(kind.name())?.iter().map(|file| file.generation).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::dictionary::Dictionary;
    use crate::store::manifest::PersonsFile;

    #[test]
    fn rows_may_not_move_to_buckets_that_stay() {
        let persons = |bucket: u32| PersonsFile {
            path: format!("persons/1-word/b{bucket:04}.parquet"),
            bytes: 1,
            bucket,
            generation: 1,
            first_ordinal: 0,
            persons: 1,
            sorted: true,
        };
        let base =
            Manifest { persons: vec![persons(0), persons(1)], ..Manifest::empty("hogql 0.1.0", 4) };
        let written = |bucket: u32| {
            let (events, dictionary) = (Vec::new(), Dictionary::default());
            Bucket { follows: 1, bucket, events, persons: Some(persons(bucket)), dictionary }
        };
        let worn = BTreeSet::from([0]);
        check_strays(&base, &worn, &[written(0), written(2)]).unwrap();
        let error = check_strays(&base, &worn, &[written(0), written(1)]).unwrap_err();
        assert_eq!(error.message(), "rows have moved to bucket 1, which stays as it is");
    }
}
