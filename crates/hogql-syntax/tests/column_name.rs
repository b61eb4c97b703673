//! Names of result columns without an alias.

use hogql_syntax::{column_name, parse_expr};

/// Text of a select item, and the name of its column.
const NAMES: &[(&str, &str)] = &[
    // Fields.
    ("event", "event"),
    ("`weird key`", "weird key"),
    ("e.event", "event"),
    ("properties", "properties"),
    ("properties.foo", "foo"),
    ("properties.$browser", "$browser"),
    ("properties.a.b.c", "a__b__c"),
    ("person.properties.email", "email"),
    ("e.person.properties.a.b", "a__b"),
    ("properties['foo']", "properties.foo"),
    ("properties['weird key']", "properties.`weird key`"),
    ("properties['a'].b[1]", "properties.a.b.1"),
    ("properties.a.1", "properties.a.1"),
    ("tags[1]", "tags[1]"),
    ("*", "*"),
    ("t.*", "t.*"),
    // Aliases.
    ("1 as one", "one"),
    ("event as `my event`", "my event"),
    // Constants.
    ("1", "1"),
    ("-1.5", "-1.5"),
    ("1.0", "1.0"),
    ("1e20", "1e+20"),
    ("0.00001", "1e-05"),
    ("123456789012345.5", "123456789012345.5"),
    ("inf", "Inf"),
    ("nan", "NaN"),
    ("'it''s'", "'it\\'s'"),
    ("null", "NULL"),
    ("TRUE", "true"),
    // Operators.
    ("1 + 2", "plus(1, 2)"),
    ("a - b * c / d % e", "minus(a, modulo(divide(multiply(b, c), d), e))"),
    ("-a", "minus(0, a)"),
    ("a || 'x' || b", "concat(a, 'x', b)"),
    ("a = 1 and b != 2 or not c", "or(and(equals(a, 1), notEquals(b, 2)), not(c))"),
    ("a < 1", "less(a, 1)"),
    ("a <= 1", "lessOrEquals(a, 1)"),
    ("a > 1", "greater(a, 1)"),
    ("a >= 1", "greaterOrEquals(a, 1)"),
    ("a like 'x%'", "like(a, 'x%')"),
    ("a not like 'x'", "notLike(a, 'x')"),
    ("a ilike 'x'", "ilike(a, 'x')"),
    ("a not ilike 'x'", "notILike(a, 'x')"),
    ("a in (1, 2)", "in(a, tuple(1, 2))"),
    ("a not in [1]", "notIn(a, [1])"),
    ("a =~ 'x'", "match(a, 'x')"),
    ("a !~* 'x'", "not(match(a, concat('(?i)', 'x')))"),
    ("a is null", "equals(a, NULL)"),
    ("a is not null", "notEquals(a, NULL)"),
    ("a is distinct from b", "isDistinctFrom(a, b)"),
    ("a between 1 and 2", "a BETWEEN 1 AND 2"),
    ("a in cohort 'x'", "a IN COHORT 'x'"),
    ("a ?? b", "ifNull(a, b)"),
    ("a ? b : c", "if(a, b, c)"),
    // Calls.
    ("count()", "count()"),
    ("count(distinct person.properties.email)", "count(DISTINCT person.properties.email)"),
    ("quantile(0.95)(properties.x)", "quantile(0.95)(properties.x)"),
    ("sum(a) filter (where b > 1)", "sum(a) FILTER (WHERE greater(b, 1))"),
    ("arrayMap(x -> x + 1, [1, 2])", "arrayMap(x -> plus(x, 1), [1, 2])"),
    ("arrayMap((x, y) -> x, a, b)", "arrayMap((x, y) -> x, a, b)"),
    (
        "row_number() over (partition by a order by b desc, c)",
        "row_number() OVER (PARTITION BY a ORDER BY b DESC, c ASC)",
    ),
    ("case when a then b end", "if(a, b, NULL)"),
    ("case when a then b when c then d else e end", "multiIf(a, b, c, d, e)"),
    ("case a when 1 then 2 else 3 end", "_caseWithExpression(a, 1, 2, 3)"),
    ("interval 1 day", "toIntervalDay(1)"),
    ("interval '2 weeks'", "toIntervalWeek(2)"),
    ("trim(leading 'x' from a)", "trimLeft(a, 'x')"),
    ("f'a{b}'", "concat('a', b)"),
    ("f'{b}'", "b"),
    ("f''", "''"),
    ("a::int", "a::int"),
    // Collections.
    ("(a, 1)", "tuple(a, 1)"),
    ("(a, 1).2", "tuple(a, 1).2"),
    ("[a, 1 + 1]", "[a, plus(1, 1)]"),
    ("{'k': 1}", "tuple('__hx_tag', '__hx_obj', 'k', 1)"),
    ("(select 1 + 1 from t where a = b)", "(SELECT plus(1, 1) FROM t WHERE equals(a, b))"),
];

#[test]
fn columns_are_named_as_users_know_them() {
    let found: Vec<_> =
        NAMES.iter().map(|(text, _)| (*text, column_name(&parse_expr(text).tree))).collect();
    let expected: Vec<_> = NAMES.iter().map(|(text, name)| (*text, (*name).to_string())).collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}
