//! `{filters}` and `{filters.dateRange.from}`: the request's dates, put into the query.

use super::names::{Key, Step};
use super::scope::Scope;
use super::{Resolver, placeholders};
use crate::error::Error;
use crate::functions::operators;
use crate::ir::{CompareOp, Expr, ExprKind, NullRule, Value};
use crate::types::Type;
use ::events::time::{BadDate, Calendar, DateText, Unit, WeekStart};
use hogql_syntax::{Span, ast};

/// Tables that `{filters}` can filter, and the field that tells when.
const FILTERED: &[(&str, &str)] =
    &[("events", "timestamp"), ("sessions", "$start_timestamp"), ("groups", "created_at")];

impl Resolver<'_> {
    /// `{filters}`: the dates as conditions on the first table that has them; nothing without filters.
    pub(super) fn filters(&mut self, scope: &mut Scope, span: Span) -> Result<Expr, Error> {
        let table = scope.bindings.iter().enumerate().find_map(|(index, binding)| {
            let name = binding.table.as_ref()?.name;
            FILTERED.iter().find(|(known, _)| *known == name).map(|(_, field)| (index, *field))
        });
        let Some((index, field)) = table else {
            let error =
                Error::query("H0281", span, "`{filters}` needs a table that it can filter in FROM");
            return Err(error.with_hint("it can filter `events`, `sessions` and `groups`"));
        };
        let mut conditions = Vec::new();
        for (name, op) in
            [("filters.dateRange.from", CompareOp::GtEq), ("filters.dateRange.to", CompareOp::Lt)]
        {
            if let Some(moment) = self.filter_moment(name, span)? {
                let step = Step { key: Key::Name(field.to_owned()), span };
                let time = self.field_of(scope, index, &[step])?.expr;
                let moment = instant(moment, &self.settings.zone, span);
                conditions.push(operators::compare(
                    op,
                    time,
                    moment,
                    NullRule::Plain,
                    span,
                    self.settings,
                )?);
            }
        }
        match conditions.len() {
            0 => Ok(Expr::flag(true, span)),
            _ => operators::and(conditions, span),
        }
    }

    /// `{filters.dateRange.from}` as an instant.
    pub(super) fn filter_date(&mut self, name: &str, span: Span) -> Result<Expr, Error> {
        match self.filter_moment(name, span)? {
            Some(moment) => Ok(instant(moment, &self.settings.zone, span)),
            None => {
                let error = Error::query(
                    "H0282",
                    span,
                    format!("`{{{name}}}` is not set, and stands in no comparison"),
                );
                Err(error
                    .with_hint("a comparison with it is left out when the request sets no date"))
            }
        }
    }

    /// The place of a date that the request does not set, if one side of a comparison is one.
    pub(super) fn unset_filter_date(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Span> {
        [left, right].into_iter().find_map(|side| {
            let ast::ExprKind::Placeholder(inner) = &side.kind else { return None };
            let name =
                placeholders::name(inner).filter(|name| name.starts_with("filters.dateRange."))?;
            let given = self.options.placeholders.contains_key(&name);
            (!given && matches!(self.filter_moment(&name, side.span), Ok(None)))
                .then_some(side.span)
        })
    }

    /// The moment of a date of the request, in microseconds; `None` if it is not set.
    fn filter_moment(&self, name: &str, span: Span) -> Result<Option<i64>, Error> {
        let filters = self.options.filters.as_ref();
        let text = match name {
            "filters.dateRange.from" => filters.and_then(|filters| filters.date_from.as_deref()),
            "filters.dateRange.to" => filters.and_then(|filters| filters.date_to.as_deref()),
            _ => {
                let error = Error::query("H0283", span, format!("there is no `{{{name}}}`"));
                return Err(error.with_hint("there are `{filters}`, `{filters.dateRange.from}` and `{filters.dateRange.to}`"));
            }
        };
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        self.moment(text).map_err(|reason| Error::usage(format!("`{name}`: {reason}")))
    }

    /// The moment of a date's text; `None` for all time. A relative date begins with its day, or with its hour, minute or
    /// second if that is its unit.
    fn moment(&self, text: &str) -> Result<Option<i64>, String> {
        let week_start = match self.settings.week_start {
            crate::settings::WeekStart::Sunday => WeekStart::Sunday,
            crate::settings::WeekStart::Monday => WeekStart::Monday,
        };
        let mut calendar =
            Calendar::new(&self.settings.zone, week_start).map_err(|error| error.to_string())?;
        match DateText::parse(text, &mut calendar).map_err(|error| error.to_string())? {
            DateText::All => Ok(None),
            DateText::Day(at) | DateText::Instant(at) => Ok(Some(at)),
            DateText::Relative(date) if !date.is_whole => Err(BadDate(text.to_owned()).to_string()),
            DateText::Relative(date) => {
                let at = date.resolve(self.settings.now, &mut calendar);
                let unit = date.unit.unwrap_or(Unit::Second).min(Unit::Day);
                Ok(Some(if date.edge.is_some() || date.unit.is_none() {
                    at
                } else {
                    calendar.truncate(at, unit)
                }))
            }
        }
    }
}

fn instant(micros: i64, zone: &crate::types::Zone, span: Span) -> Expr {
    Expr { kind: ExprKind::Literal(Value::Int(micros)), ty: Type::datetime64(zone), span }
}
