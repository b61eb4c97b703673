//! Second ways to an answer, for tests only: plain rows, random rows, and oracles that take one row at a time.
//!
//! Nothing here shares code with what it checks: properties are read with `serde_json`, days are counted with `chrono`, groups are
//! sorted maps of rows. Slow and obviously right.
//!
//! ```
//! use testkit::{Event, oracle};
//!
//! let events = [Event::new("a", "ada", 0), Event::new("a", "bob", 1), Event::new("b", "ada", 2)];
//! let by_event = oracle::group(&events, |event| event.event.clone());
//! assert_eq!(oracle::distinct_persons(&by_event["a"]), 2);
//! ```

mod event;
pub mod oracle;
pub mod strategy;

pub use event::{Event, ndjson};
