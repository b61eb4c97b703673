//! `hogql run`: PostHog's query nodes.

use super::query::{Asked, collect, tell_notices, tell_wall};
use super::text::{read, runtime};
use crate::args::{FormatArg, RunArgs};
use crate::failure::Failure;
use crate::{drawing, output, source};
use hoglet::{Session, insight};
use std::time::Instant;

/// Runs one query node.
pub(crate) fn run(args: &RunArgs) -> Result<(), Failure> {
    let text = read(&args.file)?;
    let node = insight::parse(&text).map_err(Failure::from_error)?;
    if !matches!(args.format, FormatArg::Json | FormatArg::Table) {
        return Err(Failure::Usage(
            "hogql run prints json or table; use hogql query for other formats".to_owned(),
        ));
    }
    runtime(&args.source)?.block_on(async {
        let session = source::open(&args.source).await?;
        answer(&session, &node, args).await
    })
}

async fn answer(session: &Session, node: &insight::Node, args: &RunArgs) -> Result<(), Failure> {
    let insight::Node::HogQL(node) = node;
    let asked = Asked { text: &node.query, origin: &args.file, options: &node.options };
    let mut wall = Vec::new();
    for run in (0..args.measure.repeat.map_or(1, std::num::NonZero::get)).rev() {
        let started = Instant::now();
        let query = asked.compile(session).await?;
        let batches = collect(&query).await?;
        wall.push(started.elapsed());
        if run > 0 {
            continue;
        }
        tell_notices(&query, &node.query);
        let text = match args.format {
            FormatArg::Table => drawing::draw(query.columns(), &batches),
            _ => insight::response(node, &query, &batches),
        };
        output::print(&text.map_err(Failure::from_error)?)?;
    }
    tell_wall(&args.measure, &wall);
    Ok(())
}
