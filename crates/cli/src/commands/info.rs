//! `hogql info`.

mod json;
mod report;

use crate::args::InfoArgs;
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{output, source};
use hoglet::store;

/// Tells what a store holds.
pub(crate) fn run(args: &InfoArgs) -> Result<(), Failure> {
    let location = args.place.location().to_owned();
    let info = Workers::new(None)?.answer(async move {
        let info = store::info(&location, &source::environment()).await;
        info.map_err(|error| Failure::from_error(error.into()))
    })?;
    let text = if args.json {
        format!("{}\n", json::of(&info))
    } else {
        report::of(&info, source::clock())
    };
    Ok(output::print(&text)?)
}
