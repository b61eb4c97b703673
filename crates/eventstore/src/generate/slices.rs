//! Intervals of ingestion, each one or more files.

use super::events_file::{EventsFile, schema};
use super::folder::Folder;
use super::json::clock;
use super::options::{DAY, GenerateOptions, Interval};
use super::plan::{LONGEST_VISIT, Planned, Planner};
use super::seasons::{HOUR, MINUTE};
use super::world::World;
use crate::Error;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows between two reports of progress.
const REPORT: u64 = 20_000;

/// What one interval wrote.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// Length of a file interval in microseconds.
pub(super) fn interval(options: &GenerateOptions, world: &World) -> i64 {
    let per_day = options.events / u64::from(options.days);
    let most = options.rows_per_file;
    let fits =
        |length: i64, times: u64| per_day / (DAY / length) as u64 <= most.saturating_mul(times);
    let chosen = match options.interval {
        Interval::Week => 7 * DAY,
        Interval::Day => DAY,
        Interval::Hour => HOUR,
        Interval::FiveMinutes => 5 * MINUTE,
        Interval::Auto if fits(DAY, 2) => DAY,
        Interval::Auto if fits(HOUR, 8) => HOUR,
        Interval::Auto => 5 * MINUTE,
    };
    chosen.max(world.seasons.cell_length())
}

/// The name of an interval, as PostHog's batch exports have it.
pub(super) fn interval_name(span: &Range<i64>) -> String {
    let mut text = Vec::with_capacity(52);
    clock(&mut text, span.start, b'T');
    text.extend_from_slice(b"+00:00-");
    clock(&mut text, span.end, b'T');
    text.extend_from_slice(b"+00:00");
    String::from_utf8_lossy(&text).into_owned()
}

/// How a slice is written.
pub(super) struct SliceWriter<'a> {
    pub(super) world: &'a World,
    pub(super) folder: &'a Folder,
    pub(super) rows_per_file: u64,
    /// Set when another thread has failed.
    pub(super) failed: &'a AtomicBool,
    /// Set when the caller wants no more.
    pub(super) cancelled: &'a AtomicBool,
}

impl SliceWriter<'_> {
    /// Whether what is still to write would be of no use.
    pub(super) fn is_stopped(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.cancelled.load(Ordering::Relaxed)
    }

    /// Writes the rows ingested in `span`; `report` is told numbers of rows now and then.
    pub(super) fn write(&self, span: Range<i64>, report: &dyn Fn(u64)) -> Result<Tally, Error> {
        let seasons = &self.world.seasons;
        let mut planner = Planner::new(self.world, span.clone());
        let mut parts = Parts {
            writer: self,
            name: interval_name(&span),
            open: None,
            tally: Tally::default(),
            reported: 0,
        };
        let first = seasons.cell_at(span.start - LONGEST_VISIT).max(seasons.cells().start);
        let last = seasons.cell_at(span.end - 1);
        let mut waiting: Vec<Planned> = Vec::new();
        for cell in first..=last {
            if self.is_stopped() {
                break;
            }
            planner.plan(cell, &mut waiting);
            // Visits of later cells begin, and are ingested, after this one.
            let settled = if cell == last { i64::MAX } else { seasons.begin(cell + 1) };
            waiting.sort_unstable_by_key(Planned::order);
            let ready = waiting.partition_point(|row| row.inserted < settled);
            for row in waiting.drain(..ready) {
                parts.push(&row, report)?;
            }
        }
        parts.finish(report)
    }
}

/// The files of one interval.
struct Parts<'a> {
    writer: &'a SliceWriter<'a>,
    name: String,
    open: Option<EventsFile<'a>>,
    tally: Tally,
    reported: u64,
}

impl Parts<'_> {
    fn push(&mut self, row: &Planned, report: &dyn Fn(u64)) -> Result<(), Error> {
        if self.open.as_ref().is_some_and(|file| file.rows() >= self.writer.rows_per_file) {
            self.close()?;
        }
        let file = match self.open.take() {
            Some(file) => file,
            None => {
                let name = self.part_name(self.tally.files);
                EventsFile::new(
                    self.writer.world,
                    self.writer.folder.begin("events", &name, schema())?,
                )
            }
        };
        self.open.insert(file).push(row)?;
        self.tally.rows += 1;
        if self.tally.rows - self.reported >= REPORT {
            report(self.tally.rows - self.reported);
            self.reported = self.tally.rows;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        if let Some(file) = self.open.take() {
            self.tally.bytes += file.finish()?.bytes;
            self.tally.files += 1;
        }
        Ok(())
    }

    fn finish(mut self, report: &dyn Fn(u64)) -> Result<Tally, Error> {
        self.close()?;
        report(self.tally.rows - self.reported);
        let folder = self.writer.folder;
        if self.tally.files == 1 {
            folder.rename("events", &self.part_name(0), &format!("{}.parquet.zst", self.name))?;
        } else if self.tally.files > 1 {
            let files: Vec<String> = (0..self.tally.files)
                .map(|part| format!("\"events/{}\"", self.part_name(part)))
                .collect();
            folder.note(
                "events",
                &format!("{}_manifest.json", self.name),
                &format!("{{\"files\":[{}]}}\n", files.join(",")),
            )?;
        }
        Ok(self.tally)
    }

    fn part_name(&self, part: u64) -> String {
        format!("{}-{part}.parquet.zst", self.name)
    }
}
