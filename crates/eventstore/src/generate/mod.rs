//! A deterministic, PostHog-shaped export: events, persons and groups of a made-up product.
//!
//! ```no_run
//! use eventstore::generate::{GenerateOptions, generate};
//! let mut options = GenerateOptions::new(1_000_000, "export".as_ref());
//! options.seed = 7;
//! let summary = generate(&options, &|progress| println!("{}", progress.events))?;
//! # Ok::<(), eventstore::Error>(())
//! ```
//!
//! # The model
//!
//! Nothing is remembered from one event to the next: every fact is a function of the seed and of a few counters
//! (`dice`), so any stretch of time can be made alone, on any thread, with the same bytes.
//!
//! 1. *Cells* (`seasons`): the time range, and a stretch before it in which older persons were born, is cut into equal
//!    cells. A cell's weight follows the hour, the weekday and slow growth; running totals of the weights give each cell
//!    its exact number of events and the persons who are born in it.
//! 2. *Persons* (`person`): a visitor or an account. The moments of an account's life (sign-up, onboarding, subscription,
//!    second device) lie at delays after birth from a fixed geometric ladder plus a jitter shorter than a cell. So the
//!    visits that are due in a cell are found by looking at those born one rung earlier, for each rung.
//! 3. *Visits* (`plan`): a cell first lays down the visits that are due, then draws further ones from a Zipf-Mandelbrot
//!    distribution of persons (most active first, shuffled by a permutation) until its number of events is reached.
//!    Draws who are not born yet, have left, or are at a moment of their life are drawn again.
//! 4. *Files* (`slices`): a file interval holds the rows ingested in it. A visit lasts less than an hour, so an interval
//!    plans its own cells and those of the hour before, and keeps the rows whose ingestion falls inside. Late visits
//!    (offline clients, 1.5 %) are shifted back by up to five days; 0.05 % of rows are sent twice with one uuid.
//!
//! Memory is the visits in flight, one row group and one plan of a cell per thread; it does not grow with the number of
//! days, and is about 100 bytes per event ingested within an hour beyond that.
//!
//! # Identity
//!
//! A person's uuid is version 5 of `team:distinct_id`. Before an account exists, events carry the device's anonymous id,
//! either personless or with a profile. At sign-up the anonymous id is merged: if the back end spoke first, or the
//! visitor was personless, the person is the user id's, else the anonymous one lives on. A second device is merged the
//! same way. Events keep the person as of ingestion; the persons export has a row per change of a distinct id.

mod catalog;
mod dice;
mod elements;
mod event;
mod events_file;
mod folder;
mod fragments;
mod groups_file;
mod identity;
mod json;
mod options;
mod person;
mod persons_file;
mod plan;
mod profile;
mod properties;
mod run;
mod scripts;
mod seasons;
mod slices;
mod world;

#[cfg(test)]
mod tests;

pub use options::{DEFAULT_END, GenerateOptions, Interval, Progress, Summary};
pub use run::generate;
