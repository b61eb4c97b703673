//! The catalog's table of functions that look for texts in texts.

use super::operators;
use super::scalar::{Arg, scalar};
use super::{Call, Function, Group::String as Text};
use crate::error::Error;
use crate::ir::{Expr, ExprKind, Value};
use crate::types::{Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(
        Text,
        "position(text, needle[, start])",
        "The needle's first byte, counted from 1; 0 if it is not there.",
        (2, 3),
        |call| position(call, "position"),
    )
    .any_case(),
    scalar(
        Text,
        "positionCaseInsensitive(text, needle[, start])",
        "The same, ASCII capitals and small letters alike.",
        (2, 3),
        |call| position(call, "position_ascii"),
    ),
    scalar(
        Text,
        "positionUTF8(text, needle[, start])",
        "The needle's first character, counted from 1.",
        (2, 3),
        |call| position(call, "position_utf8"),
    ),
    scalar(
        Text,
        "positionCaseInsensitiveUTF8(text, needle[, start])",
        "The same, capitals and small letters alike.",
        (2, 3),
        |call| position(call, "position_unicode"),
    ),
    scalar(Text, "locate(needle, text[, start])", "As `position`, needle first.", (2, 3), locate),
    scalar(Text, "startsWith(text, prefix)", "1 if the text begins with it.", (2, 2), |call| {
        pair(call, "starts_with")
    }),
    scalar(Text, "endsWith(text, suffix)", "1 if the text ends with it.", (2, 2), |call| {
        pair(call, "ends_with")
    }),
    scalar(
        Text,
        "countSubstrings(text, needle[, start])",
        "How often the needle is there, without overlaps.",
        (2, 3),
        |call| position(call, "count_substrings"),
    ),
    scalar(
        Text,
        "countSubstringsCaseInsensitive(text, needle[, start])",
        "The same, ASCII capitals and small letters alike.",
        (2, 3),
        |call| position(call, "count_substrings_ascii"),
    ),
    scalar(
        Text,
        "countSubstringsCaseInsensitiveUTF8(text, needle[, start])",
        "The same, capitals and small letters alike.",
        (2, 3),
        |call| position(call, "count_substrings_unicode"),
    ),
    scalar(
        Text,
        "hasSubsequence(text, wanted)",
        "1 if the characters are there in that order.",
        (2, 2),
        |call| pair(call, "has_subsequence"),
    ),
    scalar(Text, "hasSubsequenceUTF8(text, wanted)", "As `hasSubsequence`.", (2, 2), |call| {
        pair(call, "has_subsequence")
    }),
    scalar(
        Text,
        "hasSubsequenceCaseInsensitive(text, wanted)",
        "The same, ASCII capitals and small letters alike.",
        (2, 2),
        |call| pair(call, "has_subsequence_ascii"),
    ),
    scalar(
        Text,
        "hasSubsequenceCaseInsensitiveUTF8(text, wanted)",
        "The same, capitals and small letters alike.",
        (2, 2),
        |call| pair(call, "has_subsequence_unicode"),
    ),
    scalar(
        Text,
        "hasToken(text, token)",
        "1 if the token is there between other characters than letters and digits.",
        (2, 2),
        |call| pair(call, "has_token"),
    ),
    scalar(
        Text,
        "hasTokenCaseInsensitive(text, token)",
        "The same, ASCII capitals and small letters alike.",
        (2, 2),
        |call| pair(call, "has_token_ascii"),
    ),
    scalar(
        Text,
        "hasTokenOrNull(text, token)",
        "The same, NULL if it is no token.",
        (2, 2),
        |call| nullable_pair(call, "has_token_or_null"),
    ),
    scalar(
        Text,
        "hasTokenCaseInsensitiveOrNull(text, token)",
        "The same, ASCII capitals and small letters alike.",
        (2, 2),
        |call| nullable_pair(call, "has_token_ascii_or_null"),
    ),
    scalar(Text, "multiSearchAny(text, needles)", "1 if one of them is there.", (2, 2), |call| {
        multi(call, "multi_search_any", Type::UINT8)
    }),
    scalar(Text, "multiSearchAnyUTF8(text, needles)", "As `multiSearchAny`.", (2, 2), |call| {
        multi(call, "multi_search_any", Type::UINT8)
    }),
    scalar(
        Text,
        "multiSearchAnyCaseInsensitive(text, needles)",
        "The same, ASCII capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_any_ascii", Type::UINT8),
    ),
    scalar(
        Text,
        "multiSearchAnyCaseInsensitiveUTF8(text, needles)",
        "The same, capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_any_unicode", Type::UINT8),
    ),
    scalar(
        Text,
        "multiSearchFirstIndex(text, needles)",
        "Which is the first of them that is there, counted from 1; 0 if none.",
        (2, 2),
        |call| multi(call, "multi_search_first_index", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstIndexUTF8(text, needles)",
        "As `multiSearchFirstIndex`.",
        (2, 2),
        |call| multi(call, "multi_search_first_index", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstIndexCaseInsensitive(text, needles)",
        "The same, ASCII capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_first_index_ascii", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstIndexCaseInsensitiveUTF8(text, needles)",
        "The same, capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_first_index_unicode", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstPosition(text, needles)",
        "The leftmost byte at which one of them is, counted from 1; 0 if none.",
        (2, 2),
        |call| multi(call, "multi_search_first_position", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstPositionUTF8(text, needles)",
        "The same in characters.",
        (2, 2),
        |call| multi(call, "multi_search_first_position_utf8", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstPositionCaseInsensitive(text, needles)",
        "In bytes, ASCII capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_first_position_ascii", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchFirstPositionCaseInsensitiveUTF8(text, needles)",
        "In characters, capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_first_position_unicode", Type::UINT64),
    ),
    scalar(
        Text,
        "multiSearchAllPositions(text, needles)",
        "The first byte of each, counted from 1; 0 if it is not there.",
        (2, 2),
        |call| multi(call, "multi_search_all_positions", Type::array(Type::UINT64)),
    ),
    scalar(
        Text,
        "multiSearchAllPositionsUTF8(text, needles)",
        "The same in characters.",
        (2, 2),
        |call| multi(call, "multi_search_all_positions_utf8", Type::array(Type::UINT64)),
    ),
    scalar(
        Text,
        "multiSearchAllPositionsCaseInsensitive(text, needles)",
        "In bytes, ASCII capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_all_positions_ascii", Type::array(Type::UINT64)),
    ),
    scalar(
        Text,
        "multiSearchAllPositionsCaseInsensitiveUTF8(text, needles)",
        "In characters, capitals and small letters alike.",
        (2, 2),
        |call| multi(call, "multi_search_all_positions_unicode", Type::array(Type::UINT64)),
    ),
    scalar(
        Text,
        "multiMatchAny(text, patterns)",
        "1 if one of the regular expressions matches.",
        (2, 2),
        |call| multi_match(call, "multi_match_any", Type::UINT8),
    ),
    scalar(
        Text,
        "multiMatchAnyIndex(text, patterns)",
        "The first that matches, counted from 1; 0 if none.",
        (2, 2),
        |call| multi_match(call, "multi_match_any_index", Type::UINT64),
    ),
    scalar(
        Text,
        "multiMatchAllIndices(text, patterns)",
        "All that match, counted from 1.",
        (2, 2),
        |call| multi_match(call, "multi_match_all_indices", Type::array(Type::UINT64)),
    ),
];

fn position(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text, Arg::Text, Arg::Int], Type::UINT64)
}

fn locate(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.args.swap(0, 1);
    position(call, "position")
}

fn pair(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text, Arg::Text], Type::UINT8)
}

fn nullable_pair(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text, Arg::Text], Type::UINT8.to_nullable())
}

fn multi(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text, Arg::Texts], ty)
}

fn multi_match(call: &mut Call<'_>, kernel: &'static str, ty: Type) -> Result<Expr, Error> {
    if let Some(Value::List(patterns)) = call.args.get(1).and_then(Expr::literal) {
        let span = call.args.get(1).map_or(call.span, |arg| arg.span);
        for pattern in patterns {
            let pattern = Expr {
                kind: ExprKind::Literal(pattern.clone()),
                ty: Type::new(Kind::String),
                span,
            };
            operators::check_pattern(&pattern)?;
        }
    }
    multi(call, kernel, ty)
}
