//! A run: threads take intervals one after another until all are written.

use super::folder::Folder;
use super::options::{GenerateOptions, Progress, Summary};
use super::slices::{SliceWriter, Tally, interval};
use super::world::World;
use super::{groups_file, persons_file};
use crate::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

/// Writes an export and tells `progress`, on the calling thread, how far it is.
///
/// The data depends on the options alone, apart from the number of threads and the folder.
///
/// # Errors
/// Options that cannot be met, a folder that is not empty or cannot be written. Nothing is left of a failed run.
pub fn generate(options: &GenerateOptions, progress: &dyn Fn(Progress)) -> Result<Summary, Error> {
    options.check()?;
    let world = World::new(options);
    let folder = Folder::open(options)?;
    let jobs = jobs(options, &world);
    let threads = options
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut run = Run { total: options.events, summary: Summary::default(), failure: None };
    std::thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads.min(jobs.len()) {
            let writer = SliceWriter {
                world: &world,
                folder: &folder,
                rows_per_file: options.rows_per_file,
                failed: &failed,
                cancelled: &options.cancelled,
            };
            let (sender, jobs, next) = (sender.clone(), &jobs, &next);
            scope.spawn(move || work(&writer, jobs, next, &sender));
        }
        drop(sender);
        for message in receiver {
            run.receive(message, &failed, progress);
        }
    });
    match run.failure {
        Some(error) => Err(error),
        None if options.cancelled.load(Ordering::Relaxed) => {
            Err(Error::usage("the run was cancelled"))
        }
        None if run.summary.events != options.events => {
            Err(Error::internal("a thread of the generator has ended early"))
        }
        None => folder.publish().map(|()| run.summary),
    }
}

/// A piece of work that one thread does alone.
#[derive(Debug, Clone)]
enum Job {
    Groups,
    Persons,
    Events(Range<i64>),
}

enum Message {
    Rows(u64),
    Done(Job, Result<Tally, Error>),
}

struct Run {
    total: u64,
    summary: Summary,
    failure: Option<Error>,
}

impl Run {
    fn receive(&mut self, message: Message, failed: &AtomicBool, progress: &dyn Fn(Progress)) {
        let summary = &mut self.summary;
        match message {
            Message::Rows(rows) => {
                summary.events += rows;
                progress(Progress { events: summary.events, total: self.total });
            }
            Message::Done(job, Ok(tally)) => {
                summary.files += tally.files;
                summary.bytes += tally.bytes;
                match job {
                    Job::Groups => summary.groups += tally.rows,
                    Job::Persons => summary.person_rows += tally.rows,
                    Job::Events(_) => {}
                }
            }
            Message::Done(_, Err(error)) => {
                failed.store(true, Ordering::Relaxed);
                self.failure.get_or_insert(error);
            }
        }
    }
}

fn jobs(options: &GenerateOptions, world: &World) -> Vec<Job> {
    let length = interval(options, world);
    let slice = |begin: i64| Job::Events(begin..(begin + length).min(world.end));
    let begins = (world.start..world.end).step_by(length as usize);
    [Job::Groups, Job::Persons].into_iter().chain(begins.map(slice)).collect()
}

fn work(writer: &SliceWriter<'_>, jobs: &[Job], next: &AtomicUsize, sender: &Sender<Message>) {
    // The receiver outlives the threads, so sending does not fail.
    let report = |rows| drop(sender.send(Message::Rows(rows)));
    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
        if writer.is_stopped() {
            return;
        }
        let result = match job {
            Job::Groups => groups_file::write(writer.world, writer.folder),
            Job::Persons => persons_file::write(writer),
            Job::Events(span) => writer.write(span.clone(), &report),
        };
        drop(sender.send(Message::Done(job.clone(), result)));
    }
}
