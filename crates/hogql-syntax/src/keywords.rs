//! Words with a meaning of their own, and where each may still be a name.

/// Declares the keywords once: the enum, the sorted table, and the text of each.
macro_rules! keywords {
    ($($variant:ident $text:literal,)*) => {
        /// A keyword; words are told apart without regard to case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Keyword {
            $($variant,)*
        }

        /// Sorted by text.
        const TABLE: &[(&str, Keyword)] = &[$(($text, Keyword::$variant),)*];
    };
}

keywords! {
    All "all", And "and", Anti "anti", Any "any", Array "array", As "as", Asc "asc", Ascending "ascending",
    Asof "asof", Between "between", Both "both", By "by", Case "case", Cast "cast", Catch "catch",
    Cohort "cohort", Collate "collate", Columns "columns", Cross "cross", Cube "cube", Current "current",
    Date "date", Day "day", Desc "desc", Descending "descending", Distinct "distinct", Else "else", End "end",
    Except "except", Exclude "exclude", Extract "extract", Fill "fill", Filter "filter", Final "final",
    Finally "finally", First "first", Fn "fn", Following "following", For "for", From "from", Full "full",
    Fun "fun", Group "group", Grouping "grouping", Having "having", Hour "hour", Id "id", If "if",
    Ignore "ignore", Ilike "ilike", In "in", Include "include", Inf "inf", Infinity "infinity", Inner "inner",
    Interpolate "interpolate", Intersect "intersect", Interval "interval", Is "is", Join "join", Key "key",
    Lambda "lambda", Last "last", Leading "leading", Left "left", Let "let", Like "like", Limit "limit",
    Local "local", Materialized "materialized", Minute "minute", Month "month", Name "name", Nan "nan",
    Natural "natural", Not "not", Null "null", Nulls "nulls", Offset "offset", On "on", Or "or", Order "order",
    Outer "outer", Over "over", Partition "partition", Pivot "pivot", Positional "positional",
    Preceding "preceding", Prewhere "prewhere", Qualify "qualify", Quarter "quarter", Range "range",
    Recursive "recursive", Replace "replace", Return "return", Right "right", Rollup "rollup", Row "row",
    Rows "rows", Sample "sample", Second "second", Select "select", Semi "semi", Sets "sets",
    Settings "settings", Step "step", Substring "substring", Then "then", Throw "throw", Ties "ties",
    Time "time", Timestamp "timestamp", To "to", Top "top", Totals "totals", Trailing "trailing", Trim "trim",
    Truncate "truncate", Try "try", TryCast "try_cast", Unbounded "unbounded", Union "union",
    Unpivot "unpivot", Using "using", Values "values", Week "week", When "when", Where "where",
    While "while", Window "window", With "with", Within "within", Year "year", Yyyy "yyyy", Zone "zone",
}

/// Bytes of the longest keyword.
const LONGEST: usize = 12;

impl Keyword {
    /// The keyword that a word is, if any.
    pub(crate) fn of(word: &str) -> Option<Self> {
        let mut buffer = [0; LONGEST];
        let lower = buffer.get_mut(..word.len())?;
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        let found = TABLE.binary_search_by(|(text, _)| text.as_bytes().cmp(lower)).ok()?;
        TABLE.get(found).map(|(_, keyword)| *keyword)
    }

    /// Its text in lower case.
    pub(crate) fn text(self) -> &'static str {
        TABLE.iter().find(|(_, keyword)| *keyword == self).map_or("", |(text, _)| *text)
    }

    /// Words that are never a bare name.
    pub(crate) fn is_reserved(self) -> bool {
        use Keyword::*;
        matches!(
            self,
            Catch
                | Except
                | Finally
                | Fn
                | Fun
                | Inf
                | Infinity
                | Intersect
                | Let
                | Materialized
                | Nan
                | Null
                | Throw
                | Try
                | While
                | Within
        )
    }

    /// Words that may follow a column as its alias, without `AS`.
    pub(crate) fn is_column_alias(self) -> bool {
        use Keyword::*;
        matches!(
            self,
            Asc | Ascending | Cohort | Date | Descending | Final | Id | Return | Top | Totals
        )
    }

    /// Words that may follow a table as its alias, without `AS`.
    pub(crate) fn is_table_alias(self) -> bool {
        matches!(self, Self::Date | Self::First | Self::Id | Self::Key)
    }

    /// Words that `::` takes as a type.
    pub(crate) fn is_type(self) -> bool {
        self.is_interval_unit()
            || matches!(self, Self::Date | Self::Interval | Self::Time | Self::Timestamp)
    }

    /// Units of `INTERVAL`.
    pub(crate) fn is_interval_unit(self) -> bool {
        use Keyword::*;
        matches!(self, Second | Minute | Hour | Day | Week | Month | Quarter | Year | Yyyy)
    }
}

/// Names that no alias may have unless quoted.
pub(crate) fn is_reserved_alias(name: &str) -> bool {
    ["true", "false", "team_id"].iter().any(|reserved| name.eq_ignore_ascii_case(reserved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_fits() {
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(TABLE.iter().map(|(text, _)| text.len()).max(), Some(LONGEST));
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(Keyword::of("SeLeCt"), Some(Keyword::Select));
        assert_eq!(Keyword::of("materialized"), Some(Keyword::Materialized));
        assert_eq!(Keyword::of("selects"), None);
        assert_eq!(Keyword::of("materialized_"), None);
    }
}
