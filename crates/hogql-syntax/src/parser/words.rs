//! Misspelt clause words.

/// Words that begin a clause.
const CLAUSES: [&str; 14] = [
    "select", "from", "where", "group", "order", "having", "limit", "offset", "union", "join",
    "prewhere", "with", "qualify", "distinct",
];

/// The clause word that a word was probably meant to be.
pub(super) fn similar_clause(word: &str) -> Option<&'static str> {
    if word.len() < 3 || word.len() > 12 || !word.is_ascii() {
        return None;
    }
    let word = word.to_ascii_lowercase();
    CLAUSES
        .into_iter()
        .find(|clause| *clause != word && edits(word.as_bytes(), clause.as_bytes()) <= 1)
}

/// How many letters must be added, dropped, replaced or swapped with their neighbour to turn one word into the other.
fn edits(from: &[u8], to: &[u8]) -> usize {
    let Some((first, from_rest)) = from.split_first() else { return to.len() };
    let Some((second, to_rest)) = to.split_first() else { return from.len() };
    if first == second {
        return edits(from_rest, to_rest);
    }
    if from.len().abs_diff(to.len()) > 1 {
        return 2;
    }
    let swapped =
        matches!((from, to), ([a, b, f @ ..], [c, d, t @ ..]) if a == d && b == c && f == t);
    let same = |a: &[u8], b: &[u8]| usize::from(a != b);
    let one = same(from_rest, to_rest).min(same(from, to_rest)).min(same(from_rest, to));
    if swapped { 1 } else { 1 + one }
}

#[cfg(test)]
mod tests {
    use super::similar_clause;

    #[test]
    fn one_slip_is_seen() {
        for (word, clause) in [
            ("form", "from"),
            ("wher", "where"),
            ("SELCT", "select"),
            ("gruop", "group"),
            ("limmit", "limit"),
        ] {
            assert_eq!(similar_clause(word), Some(clause), "{word}");
        }
        for word in ["from", "events", "timestamp", "a"] {
            assert_eq!(similar_clause(word), None, "{word}");
        }
    }
}
