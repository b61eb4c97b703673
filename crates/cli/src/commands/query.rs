//! `hogql query`.

use super::text::{Text, runtime};
use crate::args::{FormatArg, MeasureArgs, QueryArgs};
use crate::failure::Failure;
use crate::progress::{Next, Watch};
use crate::{drawing, output, source};
use hoglet::output::{Format, Writer};
use hoglet::{Filters, Options, Query, RecordBatch, ResultStream, Session, insight};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// Answers one query.
pub(crate) fn run(args: &QueryArgs) -> Result<(), Failure> {
    let text = args.text.read()?;
    runtime(&args.source)?.block_on(async {
        let session = source::open(&args.source).await?;
        answer(&session, &text, args).await
    })
}

async fn answer(session: &Session, text: &Text, args: &QueryArgs) -> Result<(), Failure> {
    let options = options(args)?;
    let asked = Asked { text: &text.text, origin: &text.origin, options: &options };
    let mut wall = Vec::new();
    let runs = args.measure.repeat.map_or(1, std::num::NonZero::get);
    for run in 1..=runs {
        let started = Instant::now();
        let query = asked.compile(session).await?;
        let compiled = started.elapsed();
        if run == runs {
            tell_notices(&query, &text.text);
            print(&query, args).await.map_err(|failure| asked.explained(failure))?;
        } else {
            discard(&query).await.map_err(|failure| asked.explained(failure))?;
        }
        wall.push(started.elapsed());
        if args.measure.timing {
            tell_timing(compiled, started.elapsed());
        }
    }
    tell_wall(&args.measure, &wall);
    Ok(())
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

    /// The same failure, with the text it is about.
    fn explained(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Query { error, .. } => Failure::in_text(error, self.text, self.origin),
            other => other,
        }
    }
}

fn options(args: &QueryArgs) -> Result<Options, Failure> {
    let mut options = Options::default();
    for (name, value) in &args.values {
        let json = serde_json::from_str(value)
            .unwrap_or_else(|_| serde_json::Value::String(value.clone()));
        let constant = insight::constant(&json).map_err(Failure::from_error)?;
        options.placeholders.insert(name.clone(), constant);
    }
    if args.date_from.is_some() || args.date_to.is_some() {
        options.filters =
            Some(Filters { date_from: args.date_from.clone(), date_to: args.date_to.clone() });
    }
    Ok(options)
}

/// Prints what the writer of the query should know.
pub(crate) fn tell_notices(query: &Query, text: &str) {
    if !query.notices().is_empty() {
        output::tell(&output::rendered(text, "query", query.notices()));
    }
}

async fn print(query: &Query, args: &QueryArgs) -> Result<(), Failure> {
    let format = match args.format {
        FormatArg::Table => return print_table(query, args.output.as_deref()).await,
        FormatArg::Json => Format::Json,
        FormatArg::Jsonl => Format::JsonLines,
        FormatArg::Csv => Format::Csv,
        FormatArg::Parquet => Format::Parquet,
        FormatArg::Arrow => Format::Arrow,
    };
    match &args.output {
        Some(path) => write_file(query, format, path).await,
        None => write(query, format, BufWriter::new(std::io::stdout())).await,
    }
}

async fn print_table(query: &Query, path: Option<&Path>) -> Result<(), Failure> {
    let batches = collect(query).await?;
    let table = drawing::draw(query.columns(), &batches).map_err(Failure::from_error)?;
    match path {
        Some(path) => std::fs::write(path, table)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display()))),
        None => Ok(output::print(&table)?),
    }
}

/// Writes beside the target and renames, so that no half file is left behind.
async fn write_file(query: &Query, format: Format, path: &Path) -> Result<(), Failure> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = std::path::PathBuf::from(partial);
    let unwritable = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
    let file = File::create(&partial).map_err(unwritable)?;
    let written = write(query, format, BufWriter::new(file)).await;
    match written {
        Ok(()) => std::fs::rename(&partial, path).map_err(unwritable),
        Err(failure) => {
            let _ = std::fs::remove_file(&partial);
            Err(failure)
        }
    }
}

async fn write(query: &Query, format: Format, sink: impl Write + Send) -> Result<(), Failure> {
    let mut stream = query.stream().await.map_err(Failure::from_error)?;
    let mut writer = Writer::begin(format, stream.columns(), stream.schema(), sink)
        .map_err(Failure::from_error)?;
    let mut written = Ok(());
    each(&mut stream, |batch| {
        written = writer.write(&batch);
        written.is_ok()
    })
    .await?;
    written.and_then(|()| writer.finish(None, false)).map(drop).map_err(Failure::from_error)
}

/// Runs a query to its end and keeps the rows.
pub(crate) async fn collect(query: &Query) -> Result<Vec<RecordBatch>, Failure> {
    let mut stream = query.stream().await.map_err(Failure::from_error)?;
    let mut batches = Vec::new();
    each(&mut stream, |batch| {
        batches.push(batch);
        true
    })
    .await?;
    Ok(batches)
}

async fn discard(query: &Query) -> Result<(), Failure> {
    let mut stream = query.stream().await.map_err(Failure::from_error)?;
    each(&mut stream, |_| true).await
}

/// Calls `take` with each batch until it says no, the rows end, or Ctrl-C.
async fn each(
    stream: &mut ResultStream,
    mut take: impl FnMut(RecordBatch) -> bool,
) -> Result<(), Failure> {
    let mut watch = Watch::new();
    loop {
        match watch.next(stream).await {
            Next::Batch(batch) => {
                if !take(batch) {
                    return Ok(());
                }
            }
            Next::Failed(error) => return Err(Failure::from_error(error)),
            Next::Interrupted => return Err(Failure::Interrupted),
            Next::End => return Ok(()),
        }
    }
}

fn tell_timing(compiled: std::time::Duration, total: std::time::Duration) {
    let (compiled, total) = (compiled.as_secs_f64() * 1e3, total.as_secs_f64() * 1e3);
    output::tell(&format!(
        "compile {compiled:.1} ms, plan and run {:.1} ms, total {total:.1} ms",
        total - compiled
    ));
}

/// `{"wall_ms":[..]}`, if runs were repeated.
pub(crate) fn tell_wall(measure: &MeasureArgs, wall: &[std::time::Duration]) {
    if measure.repeat.is_some() {
        let millis: Vec<f64> =
            wall.iter().map(|run| (run.as_secs_f64() * 1e6).round() / 1e3).collect();
        output::tell(&serde_json::json!({ "wall_ms": millis }).to_string());
    }
}
