//! `hogql check`.

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::workers::Workers;
use crate::{output, source};
use hogql_syntax::{Severity, diagnostics_json};

/// Tells what is wrong with a query.
pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let text = args.text.read()?;
    let options = args.fill.options(&text.text)?;
    let (source, asked) = (args.source.clone(), text.text.clone());
    let findings = Workers::new(args.source.threads)?.answer(async move {
        let session = source::open(&source).await?;
        match session.hogql_with(&asked, &options).await {
            Ok(query) => Ok(query.notices().to_vec()),
            Err(error) if error.is_about_query() => Ok(error.diagnostics().to_vec()),
            Err(error) => Err(Failure::from_error(error)),
        }
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
