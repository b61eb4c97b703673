//! Parts of URLs, taken from the text as ClickHouse takes them: without checking that the rest is a URL.

use super::input::{Ints, Text, TextList, ints, slice_texts, text_lists, write_texts};
use super::registry::is_registry;
use super::{Kernel, KernelArgs};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;

pub(super) static KERNELS: &[(&str, Kernel)] = &[
    ("url_protocol", |args| part(args, protocol)),
    ("url_domain", |args| part(args, domain)),
    ("url_domain_without_www", |args| part(args, |url| without_www(domain(url)))),
    ("url_top_level_domain", |args| part(args, top_level_domain)),
    ("url_first_significant_subdomain", |args| part(args, |url| significant(domain(url)).0)),
    ("url_cut_to_first_significant_subdomain", |args| {
        part(args, |url| significant(without_www(domain(url))).1)
    }),
    ("url_cut_to_first_significant_subdomain_with_www", |args| {
        part(args, |url| significant(domain(url)).1)
    }),
    ("url_netloc", |args| part(args, netloc)),
    ("url_path", |args| part(args, |url| before(path_full(url), &['?', '#']))),
    ("url_path_full", |args| part(args, path_full)),
    ("url_query_string", |args| part(args, |url| before(after(url, '?'), &['#']))),
    ("url_fragment", |args| part(args, |url| after(url, '#'))),
    ("url_query_string_and_fragment", |args| part(args, query_string_and_fragment)),
    ("url_cut_fragment", |args| part(args, |url| before(url, &['#']))),
    ("url_cut_query_string_and_fragment", |args| part(args, cut_query_string_and_fragment)),
    ("url_cut_query_string", |args| change(args, cut_query_string)),
    ("url_cut_www", |args| change(args, cut_www)),
    ("url_port", port),
    ("url_parameter", parameter),
    ("url_parameters", |args| list(args, |url, push| parameters(url, push))),
    ("url_parameter_names", |args| list(args, |url, push| parameter_names(url, push))),
    ("url_cut_parameter", cut_parameter),
    ("url_cut_parameters", cut_parameters),
    ("url_hierarchy", |args| list(args, |url, push| hierarchy(url, false, push))),
    ("url_path_hierarchy", |args| list(args, |url, push| hierarchy(url, true, push))),
];

fn part(args: &KernelArgs<'_>, part: for<'u> fn(&'u str) -> &'u str) -> Result<ColumnarValue> {
    let urls = Text::of(args, 0)?;
    slice_texts(args.rows, |row| urls.get(row).map(part))
}

fn change(args: &KernelArgs<'_>, change: fn(&str, &mut String)) -> Result<ColumnarValue> {
    let urls = Text::of(args, 0)?;
    write_texts(args.rows, |row, out| {
        let Some(url) = urls.get(row) else { return Ok(false) };
        change(url, out);
        Ok(true)
    })
}

type Push<'p> = dyn FnMut(&str) -> Result<()> + 'p;

fn list(
    args: &KernelArgs<'_>,
    each: fn(&str, &mut Push<'_>) -> Result<()>,
) -> Result<ColumnarValue> {
    let urls = Text::of(args, 0)?;
    text_lists(args, |row, out| {
        let Some(url) = urls.get(row) else { return Ok(false) };
        each(url, &mut |part| Ok(out.try_append_value(part)?))?;
        Ok(true)
    })
}

/// What stands before the first of the characters; all of it if there is none.
fn before<'u>(text: &'u str, ends: &[char]) -> &'u str {
    text.find(ends).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// What stands after the first such character; nothing if there is none.
fn after(text: &str, start: char) -> &str {
    text.split_once(start).map_or("", |(_, rest)| rest)
}

/// What follows `scheme://` or `//`; all of it if it begins with neither.
fn without_scheme(url: &str) -> &str {
    if let Some(rest) = url.strip_prefix("//") {
        return rest;
    }
    let of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = url.bytes().take_while(|byte| of_scheme(byte)).count();
    let rest = url.get(length..).and_then(|rest| rest.strip_prefix("://"));
    rest.filter(|_| length > 0).unwrap_or(url)
}

/// What stands before the first colon, if it looks like a scheme and at least three characters follow.
fn protocol(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once(':') else { return "" };
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let valid = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.bytes().all(of_scheme);
    if valid && rest.len() >= 3 { scheme } else { "" }
}

/// Whether a byte can stand in no host.
const fn is_illegal(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'<'
            | b'>'
            | b'%'
            | b'{'
            | b'}'
            | b'|'
            | b'\\'
            | b'^'
            | b'~'
            | b'['
            | b']'
            | b';'
            | b'='
            | b'&'
    )
}

/// The host if it has a dot and no character that a host cannot have.
fn domain(url: &str) -> &str {
    let authority = without_scheme(url);
    let (mut start, mut dot) = (0, None);
    let mut end = authority.len();
    for (at, byte) in authority.bytes().enumerate() {
        match byte {
            b'.' => dot = Some(at),
            b':' | b'/' | b'?' | b'#' => {
                end = at;
                break;
            }
            b'@' => (start, dot) = (at + 1, None),
            _ if is_illegal(byte) => return "",
            _ => {}
        }
    }
    match dot {
        Some(dot) if dot + 1 < end => authority.get(start..end).unwrap_or_default(),
        _ => "",
    }
}

fn without_www(domain: &str) -> &str {
    domain.strip_prefix("www.").unwrap_or(domain)
}

fn top_level_domain(url: &str) -> &str {
    let top = domain(url).rsplit('.').next().unwrap_or_default();
    if top.starts_with(|char: char| char.is_ascii_digit()) { "" } else { top }
}

/// The label before the registry's domain, and the domain from that label on.
fn significant(domain: &str) -> (&str, &str) {
    let dots: Vec<usize> = domain.rmatch_indices('.').map(|(at, _)| at).take(3).collect();
    let from = |at: usize| domain.get(at + 1..).unwrap_or_default();
    let between = |start: usize, end: usize| domain.get(start..end).unwrap_or_default();
    match dots.as_slice() {
        [] => ("", domain),
        [last] => (between(0, *last), domain),
        [last, second] if is_registry(between(second + 1, *last), from(*last)) => {
            (between(0, *second), domain)
        }
        [last, second, third] if is_registry(between(second + 1, *last), from(*last)) => {
            (between(third + 1, *second), from(*third))
        }
        [last, second, ..] => (between(second + 1, *last), from(*second)),
    }
}

/// User, host and port: up to `#`, else up to the last slash or question mark, whichever comes first.
fn netloc(url: &str) -> &str {
    let rest = without_scheme(url);
    let (mut slash, mut question, mut user) = (rest.len(), rest.len(), false);
    for (at, byte) in rest.bytes().enumerate() {
        let before = |end: usize| rest.get(..end).unwrap_or_default();
        match byte {
            b'#' => return before(at),
            b'/' | b'?' if user => return before(at),
            b'/' => slash = at,
            b'?' => question = at,
            b'@' => user = true,
            _ if is_illegal(byte) && question == rest.len() => return before(at.min(slash)),
            _ => {}
        }
    }
    if user { rest } else { rest.get(..slash.min(question)).unwrap_or_default() }
}

/// From the first slash on, one that begins with two slashes left out.
fn path_full(url: &str) -> &str {
    let Some(rest) = url.find('/').and_then(|at| url.get(at..)) else { return "" };
    match rest.strip_prefix("//") {
        Some(host) => host.find('/').and_then(|at| host.get(at..)).unwrap_or_default(),
        None => rest,
    }
}

fn query_string_and_fragment(url: &str) -> &str {
    match (url.split_once('?'), url.find('#')) {
        (Some((_, query)), _) => query,
        (None, Some(at)) => url.get(at..).unwrap_or_default(),
        (None, None) => "",
    }
}

fn cut_query_string_and_fragment(url: &str) -> &str {
    if url.contains('?') { before(url, &['?']) } else { before(url, &['#']) }
}

fn cut_query_string(url: &str, out: &mut String) {
    let Some((kept, query)) = url.split_once('?') else {
        out.push_str(url);
        return;
    };
    out.push_str(kept);
    out.push_str(query.find('#').and_then(|at| query.get(at..)).unwrap_or_default());
}

fn cut_www(url: &str, out: &mut String) {
    let rest = if url.contains("//") { after_slashes(url) } else { "" };
    let authority = before(rest, &['/', '?', '#']);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host_at = url.len() - rest.len() + (authority.len() - host.len());
    let cut = if host.len() > 4 && host.starts_with("www.") { 4 } else { 0 };
    out.push_str(url.get(..host_at).unwrap_or_default());
    out.push_str(url.get(host_at + cut..).unwrap_or_default());
}

fn after_slashes(url: &str) -> &str {
    url.split_once("//").map_or("", |(_, rest)| rest)
}

/// `port(url[, default])`: 0 or the default if there is no host or no valid port.
fn port(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let urls = Text::of(args, 0)?;
    let defaults = if args.args.len() > 1 { Ints::of(args, 1)? } else { Ints::Constant(Some(0)) };
    ints(args, |row| {
        let (url, default) = (urls.get(row)?, defaults.get(row)?);
        let domain = domain(url);
        let authority = before(without_scheme(url), &['/', '?', '#']);
        let digits = authority.rsplit_once(':').map_or("", |(_, digits)| digits);
        let known = !domain.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        Some(digits.parse::<u16>().ok().filter(|_| known).map_or(default, i64::from))
    })
}

/// What follows the first `?` or `#`.
fn parameter_text(url: &str) -> &str {
    url.find(['?', '#']).and_then(|at| url.get(at + 1..)).unwrap_or_default()
}

/// Where `name=value` stands: its first byte and its end.
fn find_parameter(url: &str, name: &str) -> Option<(usize, usize)> {
    if name.is_empty() {
        return None;
    }
    let begin = url.find(['?', '#'])?;
    let starts =
        url.match_indices(['?', '#', '&']).map(|(at, _)| at + 1).filter(|start| *start > begin);
    for start in starts {
        let rest = url.get(start..)?;
        if rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('=')) {
            return Some((start, start + before(rest, &['&', '#']).len()));
        }
    }
    None
}

/// `extractURLParameter(url, name)`: not decoded; the empty text if there is none.
fn parameter(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (urls, names) = (Text::of(args, 0)?, Text::of(args, 1)?);
    slice_texts(args.rows, |row| {
        let (url, name) = (urls.get(row)?, names.get(row)?);
        let value =
            find_parameter(url, name).and_then(|(start, end)| url.get(start + name.len() + 1..end));
        Some(value.unwrap_or_default())
    })
}

/// Each parameter's name, and all of it. What follows the last `=`, `&` or `#` is no parameter.
fn each_parameter(url: &str, mut each: impl FnMut(&str, &str) -> Result<()>) -> Result<()> {
    let mut rest = parameter_text(url);
    while let Some(end) = rest.find(['=', '&', '#', '?']) {
        let tail = rest.get(end..).unwrap_or_default();
        if !tail.starts_with('?') {
            let parameter = rest.get(..end + before(tail, &['&', '#']).len()).unwrap_or_default();
            each(rest.get(..end).unwrap_or_default(), parameter)?;
            rest = rest.get(parameter.len() + 1..).unwrap_or_default();
        } else {
            rest = tail.get(1..).unwrap_or_default();
        }
    }
    Ok(())
}

fn parameters(url: &str, push: &mut Push<'_>) -> Result<()> {
    each_parameter(url, |_, parameter| push(parameter))
}

fn parameter_names(url: &str, push: &mut Push<'_>) -> Result<()> {
    each_parameter(url, |name, _| push(name))
}

fn without_parameter(url: &str, name: &str) -> String {
    let Some((start, end)) = find_parameter(url, name) else { return url.to_owned() };
    let (head, tail) = (url.get(..start).unwrap_or_default(), url.get(end..).unwrap_or_default());
    match head.strip_suffix('&') {
        Some(head) => [head, tail].concat(),
        None => [head, tail.strip_prefix('&').unwrap_or(tail)].concat(),
    }
}

fn cut_parameter(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (urls, names) = (Text::of(args, 0)?, Text::of(args, 1)?);
    write_texts(args.rows, |row, out| {
        let (Some(url), Some(name)) = (urls.get(row), names.get(row)) else { return Ok(false) };
        out.push_str(&without_parameter(url, name));
        Ok(true)
    })
}

fn cut_parameters(args: &KernelArgs<'_>) -> Result<ColumnarValue> {
    let (urls, names) = (Text::of(args, 0)?, TextList::of(args, 1)?);
    write_texts(args.rows, |row, out| {
        let (Some(url), Some(names)) = (urls.get(row), names.get(row)?) else { return Ok(false) };
        let cut = names.iter().fold(url.to_owned(), |url, name| without_parameter(&url, name));
        out.push_str(&cut);
        Ok(true)
    })
}

/// The URL up to each separator after the host, then all of it; with `paths`, without scheme and host.
fn hierarchy(url: &str, paths: bool, push: &mut Push<'_>) -> Result<()> {
    let scheme = url.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let is_separator = |byte: &u8| matches!(byte, b'/' | b'?' | b'#');
    let next = |from: usize| {
        url.bytes()
            .skip(from)
            .position(|byte| is_separator(&byte))
            .map_or(url.len(), |at| from + at)
    };
    let has_host = scheme > 0
        && url.get(scheme..).is_some_and(|rest| rest.starts_with("://") && rest.len() > 3);
    if !has_host {
        return if paths || url.is_empty() { Ok(()) } else { push(url) };
    }
    let path = next(scheme + 3);
    let base = if paths { path } else { 0 };
    let mut end = (path + 1).min(url.len());
    if !paths {
        push(url.get(..end).unwrap_or_default())?;
    }
    loop {
        end += url.bytes().skip(end).take_while(|byte| is_separator(byte)).count();
        if end >= url.len() {
            return Ok(());
        }
        end = (next(end) + 1).min(url.len());
        push(url.get(base..end).unwrap_or_default())?;
    }
}
