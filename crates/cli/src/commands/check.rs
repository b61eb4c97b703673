//! `hogql check`.

use super::text::runtime;
use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::{output, source};
use hogql_syntax::{Severity, diagnostics_json};

/// Tells what is wrong with a query.
pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let text = args.text.read()?;
    let findings = runtime(&args.source)?.block_on(async {
        let session = source::open(&args.source).await?;
        session.check(&text.text).await.map_err(Failure::from_error)
    })?;
    if args.json {
        output::print(&format!("{}\n", diagnostics_json(&text.text, &findings)))?;
    } else if findings.is_empty() {
        output::print("ok\n")?;
    } else {
        output::tell(&output::rendered(&text.text, &text.origin, &findings));
    }
    let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
    if wrong { Err(Failure::Reported) } else { Ok(()) }
}
