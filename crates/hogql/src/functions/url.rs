//! The catalog's table of URL functions.

use super::scalar::{Arg, scalar};
use super::{Call, Function, Group::Url};
use crate::error::Error;
use crate::ir::Expr;
use crate::types::{Bits, Kind, Type};

/// The functions of this module.
pub(super) static FUNCTIONS: &[Function] = &[
    scalar(Url, "protocol(url)", "`https`; empty if there is none.", (1, 1), |call| {
        text(call, "url_protocol")
    }),
    scalar(Url, "domain(url)", "The host; empty if it has no dot.", (1, 1), |call| {
        text(call, "url_domain")
    }),
    scalar(Url, "domainWithoutWWW(url)", "The host without `www.` in front.", (1, 1), |call| {
        text(call, "url_domain_without_www")
    }),
    scalar(Url, "topLevelDomain(url)", "The host's last label.", (1, 1), |call| {
        text(call, "url_top_level_domain")
    }),
    scalar(
        Url,
        "firstSignificantSubdomain(url)",
        "The label that was registered: `example` of `news.example.co.uk`.",
        (1, 1),
        |call| text(call, "url_first_significant_subdomain"),
    ),
    scalar(
        Url,
        "cutToFirstSignificantSubdomain(url)",
        "The host from the registered label on: `example.co.uk`.",
        (1, 1),
        |call| text(call, "url_cut_to_first_significant_subdomain"),
    ),
    scalar(
        Url,
        "cutToFirstSignificantSubdomainWithWWW(url)",
        "The same without taking `www.` away first.",
        (1, 1),
        |call| text(call, "url_cut_to_first_significant_subdomain_with_www"),
    ),
    scalar(Url, "netloc(url)", "User, host and port.", (1, 1), |call| text(call, "url_netloc")),
    scalar(
        Url,
        "port(url[, default])",
        "The port; 0 or the default if there is none.",
        (1, 2),
        |call| call.apply("url_port", &[Arg::Text, Arg::Int], Type::new(Kind::UInt(Bits::B16))),
    ),
    scalar(Url, "path(url)", "From the first slash after the host to the query.", (1, 1), |call| {
        text(call, "url_path")
    }),
    scalar(Url, "pathFull(url)", "The path with query and fragment.", (1, 1), |call| {
        text(call, "url_path_full")
    }),
    scalar(Url, "queryString(url)", "What follows `?`, up to the fragment.", (1, 1), |call| {
        text(call, "url_query_string")
    }),
    scalar(Url, "fragment(url)", "What follows `#`.", (1, 1), |call| text(call, "url_fragment")),
    scalar(
        Url,
        "queryStringAndFragment(url)",
        "What follows `?`, with the fragment.",
        (1, 1),
        |call| text(call, "url_query_string_and_fragment"),
    ),
    scalar(Url, "cutWWW(url)", "The URL without `www.` in front of its host.", (1, 1), |call| {
        text(call, "url_cut_www")
    }),
    scalar(Url, "cutFragment(url)", "The URL without its fragment.", (1, 1), |call| {
        text(call, "url_cut_fragment")
    }),
    scalar(Url, "cutQueryString(url)", "The URL without its query.", (1, 1), |call| {
        text(call, "url_cut_query_string")
    }),
    scalar(
        Url,
        "cutQueryStringAndFragment(url)",
        "The URL without query and fragment.",
        (1, 1),
        |call| text(call, "url_cut_query_string_and_fragment"),
    ),
    scalar(
        Url,
        "cutURLParameter(url, name)",
        "The URL without a parameter, or without those of an array.",
        (2, 2),
        cut_parameter,
    ),
    scalar(
        Url,
        "extractURLParameter(url, name)",
        "A parameter's value, not decoded; empty if there is none.",
        (2, 2),
        |call| call.apply("url_parameter", &[Arg::Text, Arg::Text], Type::STRING),
    ),
    scalar(Url, "extractURLParameters(url)", "All `name=value`, not decoded.", (1, 1), |call| {
        texts(call, "url_parameters")
    }),
    scalar(Url, "extractURLParameterNames(url)", "The names of all parameters.", (1, 1), |call| {
        texts(call, "url_parameter_names")
    }),
    scalar(
        Url,
        "URLHierarchy(url)",
        "The URL up to each `/`, `?` and `#` after its host.",
        (1, 1),
        |call| texts(call, "url_hierarchy"),
    ),
    scalar(Url, "URLPathHierarchy(url)", "The same of the path alone.", (1, 1), |call| {
        texts(call, "url_path_hierarchy")
    }),
    scalar(
        Url,
        "encodeURLComponent(text)",
        "Bytes as `%XX` where a URL wants it.",
        (1, 1),
        |call| text(call, "encode_url"),
    ),
    scalar(Url, "encodeURLFormComponent(text)", "The same with `+` for a space.", (1, 1), |call| {
        text(call, "encode_url_form")
    }),
    scalar(Url, "decodeURLComponent(text)", "`%XX` decoded.", (1, 1), |call| {
        text(call, "decode_url")
    }),
    scalar(Url, "decodeURLFormComponent(text)", "The same with a space for `+`.", (1, 1), |call| {
        text(call, "decode_url_form")
    }),
];

fn text(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text], Type::STRING)
}

fn texts(call: &mut Call<'_>, kernel: &'static str) -> Result<Expr, Error> {
    call.apply(kernel, &[Arg::Text], Type::array(Type::STRING))
}

fn cut_parameter(call: &mut Call<'_>) -> Result<Expr, Error> {
    let list = call.ty(1).element().is_some();
    let (kernel, names) =
        if list { ("url_cut_parameters", Arg::Texts) } else { ("url_cut_parameter", Arg::Text) };
    call.apply(kernel, &[Arg::Text, names], Type::STRING)
}
