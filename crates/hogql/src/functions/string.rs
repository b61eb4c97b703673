//! The catalog's table of text functions.

use super::operators;
use super::scalar::{Arg, scalar};
use super::{Build, Call, Function, Group::String as Text, lookup};
use crate::error::Error;
use crate::ir::{CompareOp, Expr, NullRule};
use crate::types::{Bits, Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Text, "length(value)", "Bytes of a text, elements of an array.", (1, 1), length)
        .any_case(),
    scalar(Text, "lengthUTF8(text)", "Characters of a text.", (1, 1), |call| {
        call.apply("length_utf8", &[Arg::Text], Type::UINT64)
    }),
    scalar(
        Text,
        "empty(value)",
        "1 if a text or an array has nothing in it, or a UUID is all zeros.",
        (1, 1),
        |call| empty(call, true),
    ),
    scalar(Text, "notEmpty(value)", "The opposite of `empty`.", (1, 1), |call| empty(call, false)),
    scalar(Text, "isEmpty(value)", "As `empty`.", (1, 1), |call| empty(call, true)),
    scalar(Text, "isNotEmpty(value)", "As `notEmpty`.", (1, 1), |call| empty(call, false)),
    scalar(Text, "lower(text)", "ASCII letters small.", (1, 1), |call| text(call, "lower", &[]))
        .any_case(),
    scalar(Text, "upper(text)", "ASCII letters capital.", (1, 1), |call| text(call, "upper", &[]))
        .any_case(),
    scalar(Text, "lowerUTF8(text)", "All letters small.", (1, 1), |call| {
        text(call, "lower_utf8", &[])
    }),
    scalar(Text, "upperUTF8(text)", "All letters capital.", (1, 1), |call| {
        text(call, "upper_utf8", &[])
    }),
    scalar(
        Text,
        "initcap(text)",
        "The first letter of each word capital, the others small; ASCII.",
        (1, 1),
        |call| text(call, "initcap", &[]),
    ),
    scalar(
        Text,
        "concat(a, b, ..)",
        "All values as text in a row; NULL is the empty text.",
        (2, 2),
        concat,
    )
    .any_case()
    .and_more(),
    scalar(
        Text,
        "concatWithSeparator(separator, a, ..)",
        "All values as text with the separator between them.",
        (2, 2),
        concat_with_separator,
    )
    .and_more(),
    scalar(
        Text,
        "substring(text, from, count)",
        "Bytes from a 1-based place on, negative from the end.",
        (3, 3),
        |call| text(call, "substring", &[Arg::Int, Arg::Int]),
    )
    .any_case(),
    scalar(Text, "substringUTF8(text, from, count)", "The same of characters.", (3, 3), |call| {
        text(call, "substring_utf8", &[Arg::Int, Arg::Int])
    }),
    scalar(
        Text,
        "left(text, count)",
        "The first characters; a negative count leaves the last ones out.",
        (2, 2),
        |call| text(call, "left_utf8", &[Arg::Int]),
    ),
    scalar(
        Text,
        "right(text, count)",
        "The last characters; a negative count leaves the first ones out.",
        (2, 2),
        |call| text(call, "right_utf8", &[Arg::Int]),
    ),
    scalar(
        Text,
        "reverse(value)",
        "Bytes of a text or elements of an array from the end.",
        (1, 1),
        reverse,
    )
    .any_case(),
    scalar(Text, "reverseUTF8(text)", "Characters from the end.", (1, 1), |call| {
        text(call, "reverse_utf8", &[])
    }),
    scalar(
        Text,
        "repeat(text, times)",
        "The text so many times; at most a million.",
        (2, 2),
        |call| text(call, "repeat", &[Arg::Int]),
    ),
    scalar(Text, "replace(text, needle, with)", "All places of a text replaced.", (3, 3), |call| {
        text(call, "replace_all", &[Arg::Text, Arg::Text])
    })
    .any_case(),
    scalar(
        Text,
        "replaceAll(text, needle, with)",
        "All places of a text replaced.",
        (3, 3),
        |call| text(call, "replace_all", &[Arg::Text, Arg::Text]),
    ),
    scalar(
        Text,
        "replaceOne(text, needle, with)",
        "The first place of a text replaced.",
        (3, 3),
        |call| text(call, "replace_one", &[Arg::Text, Arg::Text]),
    ),
    scalar(
        Text,
        "replaceRegexpAll(text, pattern, with)",
        "All matches replaced; `\\\\1` is the first group.",
        (3, 3),
        |call| pattern(call, "replace_regexp_all", &[Arg::Text], Type::STRING),
    ),
    scalar(
        Text,
        "replaceRegexpOne(text, pattern, with)",
        "The first match replaced; `\\\\1` is the first group.",
        (3, 3),
        |call| pattern(call, "replace_regexp_one", &[Arg::Text], Type::STRING),
    ),
    scalar(
        Text,
        "trim(text[, chars])",
        "Without spaces, or any of the given characters, at both ends.",
        (1, 2),
        |call| text(call, "trim_both", &[Arg::Text]),
    ),
    scalar(Text, "btrim(text[, chars])", "As `trim`.", (1, 2), |call| {
        text(call, "trim_both", &[Arg::Text])
    }),
    scalar(Text, "trimLeft(text[, chars])", "Without them at the start.", (1, 2), |call| {
        text(call, "trim_left", &[Arg::Text])
    }),
    scalar(Text, "ltrim(text[, chars])", "As `trimLeft`.", (1, 2), |call| {
        text(call, "trim_left", &[Arg::Text])
    }),
    scalar(Text, "trimRight(text[, chars])", "Without them at the end.", (1, 2), |call| {
        text(call, "trim_right", &[Arg::Text])
    }),
    scalar(Text, "rtrim(text[, chars])", "As `trimRight`.", (1, 2), |call| {
        text(call, "trim_right", &[Arg::Text])
    }),
    scalar(
        Text,
        "leftPad(text, length[, with])",
        "Filled in front to so many bytes, or cut.",
        (2, 3),
        |call| text(call, "left_pad", &[Arg::Int, Arg::Text]),
    ),
    scalar(Text, "lpad(text, length, with)", "As `leftPad`.", (3, 3), |call| {
        text(call, "left_pad", &[Arg::Int, Arg::Text])
    }),
    scalar(
        Text,
        "leftPadUTF8(text, length[, with])",
        "Filled in front to so many characters, or cut.",
        (2, 3),
        |call| text(call, "left_pad_utf8", &[Arg::Int, Arg::Text]),
    ),
    scalar(
        Text,
        "rightPad(text, length[, with])",
        "Filled at the end to so many bytes, or cut.",
        (2, 3),
        |call| text(call, "right_pad", &[Arg::Int, Arg::Text]),
    ),
    scalar(Text, "rpad(text, length, with)", "As `rightPad`.", (3, 3), |call| {
        text(call, "right_pad", &[Arg::Int, Arg::Text])
    }),
    scalar(
        Text,
        "rightPadUTF8(text, length[, with])",
        "Filled at the end to so many characters, or cut.",
        (2, 3),
        |call| text(call, "right_pad_utf8", &[Arg::Int, Arg::Text]),
    ),
    scalar(
        Text,
        "appendTrailingCharIfAbsent(text, char)",
        "The text with that character at its end.",
        (2, 2),
        |call| text(call, "append_trailing_char", &[Arg::Text]),
    ),
    scalar(
        Text,
        "format(pattern, a, ..)",
        "`{}` and `{0}` replaced by the values.",
        (2, 2),
        format,
    )
    .and_more(),
    scalar(Text, "ascii(text)", "The first byte; 0 of the empty text.", (1, 1), |call| {
        call.apply("ascii", &[Arg::Text], Type::new(Kind::Int(Bits::B32)))
    })
    .any_case(),
    scalar(
        Text,
        "splitByChar(separator, text[, most])",
        "The parts between a character.",
        (2, 3),
        |call| split(call, "split_by_char", &[Arg::Text, Arg::Text, Arg::Int]),
    ),
    scalar(
        Text,
        "splitByString(separator, text[, most])",
        "The parts between a text; characters if it is empty.",
        (2, 3),
        |call| split(call, "split_by_string", &[Arg::Text, Arg::Text, Arg::Int]),
    ),
    scalar(
        Text,
        "splitByRegexp(pattern, text[, most])",
        "The parts between matches.",
        (2, 3),
        split_by_regexp,
    ),
    scalar(
        Text,
        "splitByWhitespace(text[, most])",
        "The parts between white space.",
        (1, 2),
        |call| split(call, "split_by_whitespace", &[Arg::Text, Arg::Int]),
    ),
    scalar(
        Text,
        "splitByNonAlpha(text[, most])",
        "The parts between white space and punctuation.",
        (1, 2),
        |call| split(call, "split_by_non_alpha", &[Arg::Text, Arg::Int]),
    ),
    scalar(Text, "alphaTokens(text[, most])", "Runs of ASCII letters.", (1, 2), |call| {
        split(call, "alpha_tokens", &[Arg::Text, Arg::Int])
    }),
    scalar(
        Text,
        "split_part(text, separator, index)",
        "One part, counted from 1; empty if there is none.",
        (3, 3),
        |call| text(call, "split_part", &[Arg::Text, Arg::Int]),
    ),
    scalar(
        Text,
        "sortableSemver(text)",
        "The numbers of a version `X.Y.Z`, to sort by; an array of one NULL if it is none.",
        (1, 1),
        sortable_semver,
    )
    .any_case(),
    scalar(
        Text,
        "extract(text, pattern)",
        "The first match, or its first group; empty if there is none.",
        (2, 2),
        |call| pattern(call, "extract", &[], Type::STRING),
    )
    .any_case(),
    scalar(
        Text,
        "extractAll(text, pattern)",
        "All matches, or their first groups.",
        (2, 2),
        |call| pattern(call, "extract_all", &[], texts(1)),
    ),
    scalar(
        Text,
        "extractGroups(text, pattern)",
        "The groups of the first match.",
        (2, 2),
        |call| pattern(call, "extract_groups", &[], texts(1)),
    ),
    scalar(
        Text,
        "extractAllGroups(text, pattern)",
        "An array of groups for each match.",
        (2, 2),
        |call| pattern(call, "extract_all_groups_vertical", &[], texts(2)),
    ),
    scalar(
        Text,
        "extractAllGroupsVertical(text, pattern)",
        "An array of groups for each match.",
        (2, 2),
        |call| pattern(call, "extract_all_groups_vertical", &[], texts(2)),
    ),
    scalar(
        Text,
        "extractAllGroupsHorizontal(text, pattern)",
        "An array of matches for each group.",
        (2, 2),
        |call| pattern(call, "extract_all_groups_horizontal", &[], texts(2)),
    ),
    scalar(
        Text,
        "regexpExtract(text, pattern[, group])",
        "A group of the first match, the first if not given; 0 is the whole match.",
        (2, 3),
        regexp_extract,
    ),
    scalar(
        Text,
        "regexpQuoteMeta(text)",
        "The text as a pattern that matches itself.",
        (1, 1),
        |call| text(call, "regexp_quote_meta", &[]),
    ),
    scalar(Text, "countMatches(text, pattern)", "How often the pattern matches.", (2, 2), |call| {
        pattern(call, "count_matches", &[], Type::UINT64)
    }),
    scalar(
        Text,
        "countMatchesCaseInsensitive(text, pattern)",
        "The same, capitals and small letters alike.",
        (2, 2),
        |call| pattern(call, "count_matches_case_insensitive", &[], Type::UINT64),
    ),
    scalar(Text, "hex(value)", "Bytes in hexadecimal digits.", (1, 1), hex),
    scalar(Text, "unhex(text)", "Hexadecimal digits as bytes.", (1, 1), |call| {
        text(call, "unhex", &[])
    }),
    scalar(Text, "base64Encode(text)", "The text in base64.", (1, 1), |call| {
        text(call, "base64_encode", &[])
    }),
    scalar(Text, "base64Decode(text)", "Base64 decoded; an error if it is none.", (1, 1), |call| {
        text(call, "base64_decode", &[])
    }),
    scalar(Text, "tryBase64Decode(text)", "Base64 decoded; empty if it is none.", (1, 1), |call| {
        text(call, "try_base64_decode", &[])
    }),
    scalar(
        Text,
        "encodeXMLComponent(text)",
        "Characters that XML reserves as entities.",
        (1, 1),
        |call| text(call, "encode_xml", &[]),
    ),
    scalar(Text, "decodeXMLComponent(text)", "XML's entities as characters.", (1, 1), |call| {
        text(call, "decode_xml", &[])
    }),
    scalar(Text, "isValidUTF8(text)", "1: every text is UTF-8 here.", (1, 1), |call| {
        call.apply("is_valid_utf8", &[Arg::Text], Type::UINT8)
    }),
    scalar(Text, "toValidUTF8(text)", "The text: every text is UTF-8 here.", (1, 1), |call| {
        call.argument(0, Arg::Text)
    }),
];

/// A function from a text and further arguments to text.
fn text(call: &mut Call<'_>, kernel: &'static str, further: &[Arg]) -> Result<Expr, Error> {
    let wanted: Vec<Arg> = [Arg::Text].iter().chain(further).copied().collect();
    call.apply(kernel, &wanted, Type::STRING)
}

/// Arrays of text, so deep.
fn texts(depth: usize) -> Type {
    (0..depth).fold(Type::STRING, |element, _| Type::array(element))
}

/// A function of a text and a regular expression.
fn pattern(
    call: &mut Call<'_>,
    kernel: &'static str,
    further: &[Arg],
    ty: Type,
) -> Result<Expr, Error> {
    if let Some(pattern) = call.args.get(1) {
        operators::check_pattern(pattern)?;
    }
    let wanted: Vec<Arg> = [Arg::Text, Arg::Text].iter().chain(further).copied().collect();
    call.apply(kernel, &wanted, ty)
}

fn split(call: &mut Call<'_>, kernel: &'static str, wanted: &[Arg]) -> Result<Expr, Error> {
    call.apply(kernel, wanted, texts(1))
}

fn sortable_semver(call: &mut Call<'_>) -> Result<Expr, Error> {
    let text = call.argument(0, Arg::Text)?;
    let ty = Type::array(Type::INT64.to_nullable());
    Ok(call.kernel_exact("sortable_semver", vec![text], ty))
}

/// The pattern comes first here, and last in the kernel.
fn split_by_regexp(call: &mut Call<'_>) -> Result<Expr, Error> {
    call.args.swap(0, 1);
    pattern(call, "split_by_regexp", &[Arg::Int], texts(1))
}

fn regexp_extract(call: &mut Call<'_>) -> Result<Expr, Error> {
    if call.args.len() == 2 {
        call.args.push(Expr::int64(1, call.span));
    }
    pattern(call, "regexp_extract", &[Arg::Int], Type::STRING)
}

fn is_container(ty: &Type) -> bool {
    matches!(ty.kind, Kind::Array(_) | Kind::Map(_, _))
}

fn length(call: &mut Call<'_>) -> Result<Expr, Error> {
    if is_container(&call.ty(0)) {
        let value = call.take(0);
        return Ok(call.kernel("length", vec![value], Type::UINT64));
    }
    call.apply("length", &[Arg::Text], Type::UINT64)
}

fn empty(call: &mut Call<'_>, wanted: bool) -> Result<Expr, Error> {
    let kernel = if wanted { "is_empty" } else { "is_not_empty" };
    if is_container(&call.ty(0)) {
        let value = call.take(0);
        return Ok(call.kernel(kernel, vec![value], Type::UINT8));
    }
    if call.ty(0).kind == Kind::Uuid {
        let zero = Expr {
            ty: Type::UUID,
            ..Expr::string("00000000-0000-0000-0000-000000000000", call.span)
        };
        let op = if wanted { CompareOp::Eq } else { CompareOp::NotEq };
        return operators::compare(
            op,
            call.take(0),
            zero,
            NullRule::Plain,
            call.span,
            call.settings,
        );
    }
    call.apply(kernel, &[Arg::Text], Type::UINT8)
}

/// The function of arrays that a function of texts means for arrays.
fn for_arrays(call: &mut Call<'_>, name: &str) -> Result<Expr, Error> {
    match lookup(name).map(|function| &function.build) {
        Some(Build::Scalar(build)) => build(call),
        _ => Err(Error::not_supported(call.span, format!("`{}` of arrays", call.name))),
    }
}

fn reverse(call: &mut Call<'_>) -> Result<Expr, Error> {
    if call.ty(0).element().is_some() {
        return for_arrays(call, "arrayReverse");
    }
    text(call, "reverse_bytes", &[])
}

fn concat(call: &mut Call<'_>) -> Result<Expr, Error> {
    if call.args.iter().all(|arg| arg.ty.element().is_some()) {
        return for_arrays(call, "arrayConcat");
    }
    Ok(operators::concat(call.take_all(), call.span, call.settings))
}

fn concat_with_separator(call: &mut Call<'_>) -> Result<Expr, Error> {
    texts_of_all(call, "concat_with_separator")
}

fn format(call: &mut Call<'_>) -> Result<Expr, Error> {
    texts_of_all(call, "format")
}

/// A kernel whose first argument is text and whose others may be anything, as text.
fn texts_of_all(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    let first = call.string(0)?;
    let mut args = vec![first];
    for arg in call.take_all().into_iter().skip(1) {
        args.push(operators::to_string(arg, call.settings));
    }
    if args
        .iter()
        .any(|arg| arg.ty.kind == Kind::Nothing || arg.literal() == Some(&crate::ir::Value::Null))
    {
        return Ok(Expr::null(call.span));
    }
    Ok(call.kernel(kernel, args, Type::STRING))
}

fn hex(call: &mut Call<'_>) -> Result<Expr, Error> {
    let wanted =
        |ty: &Type| ty.is_string() || ty.is_integer() || ty.is_float() || ty.kind == Kind::Bool;
    let value = call.expect(0, "a text or a number", wanted)?;
    if value.ty.kind == Kind::Nothing {
        return Ok(Expr::null(call.span));
    }
    Ok(call.kernel("hex", vec![value], Type::STRING))
}
