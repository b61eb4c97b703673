//! `hogql query`.

use crate::args::{FormatArg, MeasureArgs, QueryArgs};
use crate::failure::Failure;
use crate::progress::Watch;
use crate::target::{Sink, Target};
use crate::workers::Workers;
use crate::{drawing, output, source};
use futures::TryStreamExt;
use hoglet::output::{Format, Writer};
use hoglet::{Options, Query, RecordBatch, Session};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Answers one query.
pub(crate) fn run(args: QueryArgs) -> Result<(), Failure> {
    let text = args.text.read()?;
    let options = args.fill.options(&text.text)?;
    let target = Arc::new(Target::new(args.output.as_deref())?);
    let form = Form::new(args.format, args.output.as_deref())?;
    if form.is_binary() && target.is_terminal() {
        return Err(Failure::Usage(
            "this format is no text: write it to a file with -o, or into a pipe".to_owned(),
        ));
    }
    let place = Arc::clone(&target);
    let answered = Workers::new(args.source.threads)?.answer(async move {
        let started = Instant::now();
        let session = source::open(&args.source).await?;
        tell_phase(&args.measure, "open", started.elapsed());
        let asked = Asked { text: &text.text, origin: &text.origin, options: &options };
        asked.answer(&session, &args.measure, form, &place).await
    });
    if answered.is_err() {
        target.discard();
    }
    answered
}

/// How a result is written.
#[derive(Clone, Copy)]
enum Form {
    Table,
    Written(Format),
}

impl Form {
    /// What was asked for; else what the file's name says; else a table.
    fn new(asked: Option<FormatArg>, output: Option<&Path>) -> Result<Self, Failure> {
        let format = match (asked, output) {
            (Some(asked), _) => asked,
            (None, Some(output)) => named(output)?,
            (None, None) => FormatArg::Table,
        };
        Ok(match format {
            FormatArg::Table => Self::Table,
            FormatArg::Json => Self::Written(Format::Json),
            FormatArg::Jsonl => Self::Written(Format::JsonLines),
            FormatArg::Csv => Self::Written(Format::Csv),
            FormatArg::Parquet => Self::Written(Format::Parquet),
            FormatArg::Arrow => Self::Written(Format::Arrow),
        })
    }

    const fn is_binary(self) -> bool {
        matches!(self, Self::Written(Format::Parquet | Format::Arrow))
    }
}

/// The format that a file's name says. A name that says none of these is refused: it is the name of data, and a table is none.
fn named(output: &Path) -> Result<FormatArg, Failure> {
    let Some(extension) = output.extension() else {
        return Ok(FormatArg::Table);
    };
    let extension = extension.to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "txt" => Ok(FormatArg::Table),
        "json" => Ok(FormatArg::Json),
        "jsonl" | "ndjson" => Ok(FormatArg::Jsonl),
        "csv" => Ok(FormatArg::Csv),
        "parquet" => Ok(FormatArg::Parquet),
        "arrow" | "arrows" => Ok(FormatArg::Arrow),
        _ => Err(Failure::Usage(format!(
            "-o {}: `.{extension}` says no format that can be written; .json, .jsonl, .ndjson, .csv, .parquet, .arrow, .arrows and \
             .txt (a table) do, or name one with --format",
            output.display()
        ))),
    }
}

/// A question, with what an error needs to be understood.
pub(crate) struct Asked<'a> {
    pub(crate) text: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) options: &'a Options,
}

impl Asked<'_> {
    pub(crate) async fn compile(&self, session: &Session) -> Result<Query, Failure> {
        let compiled = session.hogql_with(self.text, self.options).await;
        compiled.map_err(|error| Failure::in_text(error, self.text, self.origin))
    }

    /// Answers as often as asked for; the last answer is written.
    async fn answer(
        &self,
        session: &Session,
        measure: &MeasureArgs,
        form: Form,
        target: &Target,
    ) -> Result<(), Failure> {
        let mut wall = Vec::new();
        for left in (0..measure.runs()).rev() {
            let started = Instant::now();
            let query = self.compile(session).await?;
            let compiled = started.elapsed();
            let answered = if left > 0 {
                discard(&query).await
            } else {
                tell_notices(&query, self.text, self.origin);
                print(&query, form, target).await
            };
            answered.map_err(|failure| self.explained(failure))?;
            wall.push(started.elapsed());
            tell_phase(measure, "compile", compiled);
            tell_phase(measure, "plan and run", started.elapsed().saturating_sub(compiled));
        }
        tell_wall(measure, &wall);
        Ok(())
    }

    /// The same failure, with the text it is about.
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Query { error, .. } => Failure::in_text(error, self.text, self.origin),
            other => other,
        }
    }
}

/// Prints what the writer of the query should know.
pub(crate) fn tell_notices(query: &Query, text: &str, origin: &str) {
    if !query.notices().is_empty() {
        output::tell(&output::rendered(text, origin, query.notices()));
    }
}

async fn print(query: &Query, form: Form, target: &Target) -> Result<(), Failure> {
    let mut sink = target.open()?;
    let written = match form {
        Form::Table => draw(query, &mut sink).await,
        Form::Written(format) => write(query, format, &mut sink, target.is_terminal()).await,
    };
    target.close(sink, written)
}

async fn draw(query: &Query, sink: &mut Sink) -> Result<(), Failure> {
    let batches = collect(query).await?;
    let table = drawing::draw(query.columns(), &batches).map_err(Failure::from_error)?;
    Ok(sink.write_all(table.as_bytes())?)
}

/// Writes rows as they come. Nothing is written before the first batch is there: most errors of the data come before it.
async fn write(
    query: &Query,
    format: Format,
    sink: &mut Sink,
    is_terminal: bool,
) -> Result<(), Failure> {
    let mut stream = query.stream().await.map_err(Failure::from_error)?;
    let mut watch = Some(Watch::new(stream.meter()));
    let mut next = stream.try_next().await.map_err(Failure::from_error)?;
    if is_terminal {
        // The rows stand where progress would be drawn.
        watch = None;
    }
    let mut writer = Writer::begin(format, stream.columns(), stream.schema(), sink)
        .map_err(Failure::from_error)?;
    while let Some(batch) = next {
        writer.write(&batch).map_err(Failure::from_error)?;
        next = stream.try_next().await.map_err(Failure::from_error)?;
    }
    drop(watch);
    writer.finish(None, false).map(drop).map_err(Failure::from_error)
}

/// Runs a query to its end and keeps the rows.
pub(crate) async fn collect(query: &Query) -> Result<Vec<RecordBatch>, Failure> {
    let stream = query.stream().await.map_err(Failure::from_error)?;
    let _watch = Watch::new(stream.meter());
    stream.try_collect().await.map_err(Failure::from_error)
}

async fn discard(query: &Query) -> Result<(), Failure> {
    let mut stream = query.stream().await.map_err(Failure::from_error)?;
    let _watch = Watch::new(stream.meter());
    while stream.try_next().await.map_err(Failure::from_error)?.is_some() {}
    Ok(())
}

/// `compile 1.2 ms`, if the phases' times were asked for.
pub(crate) fn tell_phase(measure: &MeasureArgs, phase: &str, took: Duration) {
    if measure.timing {
        output::tell(&format!("{phase} {:.1} ms", took.as_secs_f64() * 1e3));
    }
}

/// `{"wall_ms":[..]}`, if runs were repeated.
pub(crate) fn tell_wall(measure: &MeasureArgs, wall: &[Duration]) {
    if measure.repeat.is_some() {
        let millis: Vec<f64> =
            wall.iter().map(|run| (run.as_secs_f64() * 1e6).round() / 1e3).collect();
        output::tell(&serde_json::json!({ "wall_ms": millis }).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_gives_the_format_unless_one_is_asked_for() {
        let form = |asked, output: &str| Form::new(asked, Some(Path::new(output))).unwrap();
        assert!(matches!(form(None, "a/b.CSV"), Form::Written(Format::Csv)));
        assert!(matches!(form(None, "b.ndjson"), Form::Written(Format::JsonLines)));
        assert!(matches!(form(None, "b.txt"), Form::Table));
        assert!(matches!(form(None, "a.b/c"), Form::Table));
        assert!(matches!(form(Some(FormatArg::Json), "b.csv"), Form::Written(Format::Json)));
        assert!(matches!(form(Some(FormatArg::Csv), "b.tsv"), Form::Written(Format::Csv)));
        assert!(matches!(Form::new(None, None).unwrap(), Form::Table));
        for output in ["b.csv.gz", "b.tsv", "b.json.zst", "b.xlsx", "b.md", "b."] {
            assert!(Form::new(None, Some(Path::new(output))).is_err(), "{output}");
        }
    }
}
