//! Byte offsets as people count: lines, columns, code points.

/// Where a byte offset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Code points before it.
    pub(crate) code_point: usize,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Its column in code points, from 1.
    pub(crate) column: usize,
}

/// The places of the offsets, found in one pass; offsets past the end or inside a character move back to a boundary.
pub(crate) fn places(source: &str, offsets: &[usize]) -> Vec<Place> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    let clamped: Vec<usize> =
        offsets.iter().map(|offset| source.floor_char_boundary(*offset)).collect();
    order.sort_by_key(|&at| clamped.get(at).copied());
    let mut found = vec![Place { code_point: 0, line: 1, column: 1 }; offsets.len()];
    let mut here = Place { code_point: 0, line: 1, column: 1 };
    let mut done = 0;
    for at in order {
        let (Some(&offset), Some(slot)) = (clamped.get(at), found.get_mut(at)) else { continue };
        here = advance(here, source.get(done..offset).unwrap_or_default());
        done = offset;
        *slot = here;
    }
    found
}

fn advance(from: Place, text: &str) -> Place {
    text.chars().fold(from, |place, c| match c {
        '\n' => Place { code_point: place.code_point + 1, line: place.line + 1, column: 1 },
        _ => Place { code_point: place.code_point + 1, column: place.column + 1, ..place },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_code_points_and_lines() {
        let found = places("aü\nb", &[4, 1, 2, 99, 0]);
        let as_tuples: Vec<_> = found.iter().map(|p| (p.code_point, p.line, p.column)).collect();
        assert_eq!(as_tuples, [(3, 2, 1), (1, 1, 2), (1, 1, 2), (4, 2, 2), (0, 1, 1)]);
    }
}
