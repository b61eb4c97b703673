//! Throughput of the parser over the texts of the corpus.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hogql_syntax::{parse_expr, parse_select, print_query};
use serde_json::Value;

/// The texts of one kind; none while the corpus is absent.
fn texts(kind: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/hogql_corpus.jsonl");
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    let values = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    values
        .filter(|value| value["kind"] == kind)
        .filter_map(|value| value["hogql"].as_str().map(str::to_string))
        .collect()
}

fn bytes(texts: &[String]) -> Throughput {
    Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum())
}

fn parse(c: &mut Criterion) {
    let selects = texts("select");
    let exprs = texts("expr");
    let mut group = c.benchmark_group("parse");
    group.throughput(bytes(&selects));
    group.bench_function("selects", |b| {
        b.iter(|| selects.iter().for_each(|text| drop(black_box(parse_select(text)))));
    });
    group.throughput(bytes(&exprs));
    group.bench_function("expressions", |b| {
        b.iter(|| exprs.iter().for_each(|text| drop(black_box(parse_expr(text)))));
    });
    group.finish();
}

fn print(c: &mut Criterion) {
    let selects = texts("select");
    let trees: Vec<_> = selects.iter().map(|text| parse_select(text).tree).collect();
    let mut group = c.benchmark_group("print");
    group.throughput(bytes(&selects));
    group.bench_function("selects", |b| {
        b.iter(|| trees.iter().for_each(|tree| drop(black_box(print_query(tree)))));
    });
    group.finish();
}

criterion_group!(benches, parse, print);
criterion_main!(benches);
