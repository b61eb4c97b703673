//! `hogql run`: PostHog's query nodes.

use super::query::{Asked, collect, tell_notices, tell_phase, tell_wall};
use super::text::read;
use crate::args::{MeasureArgs, NodeFormatArg, RunArgs};
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{drawing, output, source};
use hoglet::insight::Node;
use hoglet::{Session, insight};
use std::time::Instant;

/// Runs one query node.
pub(crate) fn run(args: RunArgs) -> Result<(), Failure> {
    if args.file.trim_start().starts_with('{') {
        return Err(Failure::Usage(
            "the query node is read from a file, or from stdin: echo '{..}' | hogql run -"
                .to_owned(),
        ));
    }
    let text = read(&args.file)?;
    let node = insight::parse(&text).map_err(Failure::from_error)?;
    Workers::new(args.source.threads)?.answer(async move {
        let started = Instant::now();
        let session = source::open(&args.source).await?;
        tell_phase(&args.measure, "open", started.elapsed());
        let text = answer(&session, &node, &args.measure, args.format).await?;
        Ok(output::print(&text)?)
    })
}

async fn answer(
    session: &Session,
    node: &Node,
    measure: &MeasureArgs,
    format: NodeFormatArg,
) -> Result<String, Failure> {
    let Node::HogQL(node) = node;
    let asked = Asked { text: &node.query, origin: "query", options: &node.options };
    let mut wall = Vec::new();
    loop {
        let started = Instant::now();
        let query = asked.compile(session).await?;
        let compiled = started.elapsed();
        let batches = collect(&query).await.map_err(|failure| asked.explained(failure))?;
        wall.push(started.elapsed());
        tell_phase(measure, "compile", compiled);
        tell_phase(measure, "plan and run", started.elapsed().saturating_sub(compiled));
        if wall.len() < measure.runs() {
            continue;
        }
        tell_notices(&query, &node.query, "query");
        tell_wall(measure, &wall);
        let text = match format {
            NodeFormatArg::Table => drawing::draw(query.columns(), &batches),
            NodeFormatArg::Json => insight::response(node, &query, &batches),
        };
        return text.map_err(Failure::from_error);
    }
}
