//! `hogql explain`.

use super::query::Asked;
use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{output, source};

/// Shows how a query is answered.
pub(crate) fn run(args: ExplainArgs) -> Result<(), Failure> {
    let text = args.text.read()?;
    let options = args.fill.options(&text.text)?;
    let shown = Workers::new(args.source.threads)?.answer(async move {
        let session = source::open(&args.source).await?;
        let query = Asked { text: &text.text, origin: &text.origin, options: &options }
            .compile(&session)
            .await?;
        let shown = match (args.sql, args.analyze) {
            (true, _) => query.to_sql(),
            (_, true) => query.explain_analyze().await,
            _ => query.explain().await,
        };
        shown.map_err(|error| Failure::in_text(error, &text.text, &text.origin))
    })?;
    Ok(output::print(&format!("{}\n", shown.trim_end()))?)
}
