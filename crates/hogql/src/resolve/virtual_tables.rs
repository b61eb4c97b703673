//! Virtual tables in `FROM`: opened with no columns, closed with those that were asked for.

use super::Resolver;
use super::from::joined;
use super::query::unread;
use super::scope::{Binding, Contents, Lazy, Open, Scope};
use super::select::{Block, Item};
use crate::error::Error;
use crate::ir::{JoinKind, Rel, RelKind, SourceTable};
use crate::tables::{self, Base, Table};
use ::events::source::TableKind;
use hogql_syntax::{Span, ast};
use std::rc::Rc;

/// Tables that PostHog has and this engine has not.
const REFUSED: &[&str] = &[
    "session_replay_events",
    "cohort_people",
    "static_cohort_people",
    "log_entries",
    "console_logs_log_entries",
    "batch_export_log_entries",
    "heatmaps",
    "query_log",
    "app_metrics",
    "exchange_rate",
    "document_embeddings",
    "logs",
    "spans",
    "metrics",
    "ai_events",
    "flag_evaluations",
    "persons_revenue_analytics",
    "groups_revenue_analytics",
    "error_tracking_issue_fingerprint_overrides",
    "web_stats_daily",
    "web_bounces_daily",
];

impl Resolver<'_> {
    /// A virtual table by its name in `FROM`.
    pub(super) fn virtual_table(
        &mut self,
        name: &str,
        span: Span,
        scope: &Scope,
    ) -> Result<Binding, Error> {
        let own = if scope.trusted { tables::source_table(name, self.schema) } else { None };
        match own.or_else(|| tables::table(name, self.schema)) {
            Some(table) => self.open_table(table, span),
            None => Err(self.no_such_table(name, span, scope)),
        }
    }

    /// A virtual table without any column yet.
    pub(super) fn open_table(&mut self, table: Table, span: Span) -> Result<Binding, Error> {
        let contents = match &table.base {
            Base::Source(kind) => {
                Contents::Scan { table: source_table(*kind), columns: Vec::new() }
            }
            Base::Query(text) => {
                let block = self.nested(span, |resolver| resolver.open_text(text, span))?;
                Contents::Open(Box::new(Open { block, items: Vec::new() }))
            }
        };
        Ok(Binding {
            name: table.name.to_owned(),
            span,
            contents,
            table: Some(Rc::new(table)),
            ..Binding::default()
        })
    }

    /// The block of a definition's text, `FROM .. WHERE .. GROUP BY ..`.
    fn open_text(&mut self, text: &str, span: Span) -> Result<Block, Error> {
        self.count_select(span)?;
        let parsed = hogql_syntax::parse_select(&format!("SELECT 1 {text}"));
        let ast::QueryKind::Select(select) = &parsed.tree.kind else { return Err(unread(span)) };
        if let Some(wrong) = parsed.diagnostics.first() {
            return Err(Error::internal(format!(
                "a table's definition cannot be read: {}: {text}",
                wrong.message
            )));
        }
        let mut block = self.open_block(select, &None, true)?;
        let mut errors = super::Errors::default();
        self.conditions(&mut block, select, &[], &mut errors);
        errors.finish().map_err(|error| error.within(span))?;
        Ok(block)
    }

    /// The relation of a table with the columns that were asked for and the joins that they need.
    pub(super) fn close_binding(&mut self, binding: Binding) -> Result<Rel, Error> {
        let Binding { contents, joins, .. } = binding;
        let mut rel = match contents {
            Contents::Nothing => return Err(Error::internal("a table was used twice")),
            Contents::Fixed { rel, .. } => *rel,
            Contents::Scan { table, columns } => {
                let source_columns = columns.iter().map(|column| column.name.clone()).collect();
                Rel { kind: RelKind::Scan { table, source_columns }, columns }
            }
            Contents::Open(open) => self.close_open(*open)?,
        };
        for Lazy { binding, on, .. } in joins {
            let right = self.close_binding(binding)?;
            rel = joined(rel, right, JoinKind::Left, Some(on));
        }
        Ok(rel)
    }

    fn close_open(&mut self, open: Open) -> Result<Rel, Error> {
        let Open { block, items } = open;
        let exprs = items.iter().map(|item| item.value.expr.clone()).collect();
        let (input, exprs) = self.close_block(block, exprs)?;
        let columns = items.iter().map(Item::column).collect();
        Ok(Rel { kind: RelKind::Project { input: Box::new(input), exprs }, columns })
    }

    fn no_such_table(&self, name: &str, span: Span, scope: &Scope) -> Error {
        let refused =
            REFUSED.contains(&name) || name.starts_with("raw_") || name.starts_with("system.");
        if refused {
            return Error::not_supported(span, format_args!("table `{name}`"));
        }
        if name == "groups" {
            let error = Error::query("H0203", span, "the source has no table of groups");
            return error.with_hint("give one with `--groups`");
        }
        if name == "numbers" {
            let error = Error::query("H0209", span, "table function `numbers` requires arguments");
            return error.with_hint("write `numbers(count)` or `numbers(offset, count)`");
        }
        let mut names: Vec<String> = tables::names(self.schema).map(str::to_owned).collect();
        let mut cte = scope.ctes.as_ref();
        while let Some(known) = cte {
            names.push(known.definition.name.value.clone());
            cte = known.outer.as_ref();
        }
        let error = Error::query("H0203", span, format!("unknown table `{name}`"));
        match super::suggest::closest(name, names.iter().map(String::as_str)) {
            Some(close) => error.with_hint(format!("did you mean `{close}`?")),
            None => error.with_hint(format!("tables are {}", super::suggest::listed(&names))),
        }
    }
}

const fn source_table(kind: TableKind) -> SourceTable {
    match kind {
        TableKind::Events => SourceTable::Events,
        TableKind::Persons => SourceTable::Persons,
        TableKind::Overrides => SourceTable::Overrides,
        TableKind::Groups => SourceTable::Groups,
    }
}
