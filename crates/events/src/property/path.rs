//! A path prepared once and read from many texts: the fast way to a property.
//!
//! The key in quotes is searched as plain text at memory speed. What stands before a hit decides whether it is a key of the outer
//! object: it is, if it is outside strings (an even number of quotes before it) and one bracket is open. So only the text before
//! the hit is looked at closely, 64 bytes at a time, and a text without the key costs one search.

use super::Step;
use super::json::{raw_at_path, value_of_key};
use super::mask::Block;
use memchr::memmem::Finder;

/// A path into JSON texts.
#[derive(Debug, Clone)]
pub struct Path {
    steps: Vec<Step>,
    /// Searches the first key in quotes; `None` if the path does not begin with a key that is always written plainly.
    first: Option<Finder<'static>>,
    /// Searches `\u`: only so can a plain key be spelled otherwise.
    escape: Finder<'static>,
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Eq for Path {}

impl std::hash::Hash for Path {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.steps.hash(state);
    }
}

impl Path {
    /// The path of these steps.
    #[must_use]
    pub fn new(steps: &[Step]) -> Self {
        let first = match steps.first() {
            Some(Step::Key(key)) if is_plain(key) => {
                Some(Finder::new(format!("\"{key}\"").as_bytes()).into_owned())
            }
            _ => None,
        };
        Self { steps: steps.to_vec(), first, escape: Finder::new(b"\\u").into_owned() }
    }

    /// The steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The raw text of the value at this path, as [`raw_at_path`] gives it for well-formed text.
    #[must_use]
    pub fn raw<'a>(&self, json: &'a str) -> Option<&'a str> {
        let Some(finder) = &self.first else { return raw_at_path(json, &self.steps) };
        let bytes = json.as_bytes();
        let mut from = finder.find(bytes);
        if self.may_be_spelled_otherwise(bytes) {
            return raw_at_path(json, &self.steps);
        }
        let mut walk = Walk::new(bytes)?;
        let (_, rest) = self.steps.split_first()?;
        while let Some(hit) = from {
            let behind = hit + finder.needle().len();
            if let Some(value) = value_of_key(json, behind) {
                match walk.place(hit) {
                    Place::OuterKey => return raw_at_path(json.get(value..)?, rest),
                    Place::Behind => return None,
                    Place::Inside => {}
                }
            }
            from = finder.find(bytes.get(behind - 1..)?).map(|offset| behind - 1 + offset);
        }
        None
    }

    fn may_be_spelled_otherwise(&self, bytes: &[u8]) -> bool {
        memchr::memchr(b'\\', bytes)
            .is_some_and(|at| bytes.get(at..).is_some_and(|rest| self.escape.find(rest).is_some()))
    }
}

/// Whether JSON can spell the key in no other way than plainly or with `\u`.
fn is_plain(key: &str) -> bool {
    !key.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | b'/'))
}

/// Where a position is.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Outside strings, directly in the outer object.
    OuterKey,
    /// In a string or in an inner value.
    Inside,
    /// Behind the end of the outer object.
    Behind,
}

/// Knows at the start of a block whether it is in a string and how many brackets are open.
struct Walk<'a> {
    bytes: &'a [u8],
    /// Start of the next block.
    at: usize,
    /// All ones inside a string.
    in_string: u64,
    /// Whether the last byte was a backslash that escapes the next one.
    escaped: bool,
    depth: usize,
    /// The outer object has ended before `at`.
    ended: bool,
}

impl<'a> Walk<'a> {
    /// A walk through an object; `None` for other values.
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let start = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))?;
        (bytes.get(start) == Some(&b'{')).then_some(Self {
            bytes,
            at: start,
            in_string: 0,
            escaped: false,
            depth: 0,
            ended: false,
        })
    }

    /// Where `target` is; targets come in rising order.
    #[inline]
    fn place(&mut self, target: usize) -> Place {
        while self.at + 64 <= target && !self.ended {
            let block = Block::read(self.bytes, self.at);
            let (in_string, escaped) = self.strings(&block);
            self.depth = self.depth_behind(&block, !in_string);
            // The top bit is the state behind the block's last byte.
            self.in_string = (in_string.cast_signed() >> 63).cast_unsigned();
            self.escaped = escaped;
            self.at += 64;
        }
        if self.ended {
            return Place::Behind;
        }
        let block = Block::read(self.bytes, self.at);
        let (in_string, _) = self.strings(&block);
        let offset = target - self.at;
        let before = (1_u64 << offset) - 1;
        let depth = self.depth_behind(&block, !in_string & before);
        let inside = if offset == 0 { self.in_string & 1 } else { in_string >> (offset - 1) & 1 };
        match (self.ended, depth, inside) {
            (true, _, _) => Place::Behind,
            (false, 1, 0) => Place::OuterKey,
            _ => Place::Inside,
        }
    }

    /// Bits of the block that are in a string, opening quotes included; whether the block's last byte escapes the next.
    #[inline]
    fn strings(&self, block: &Block) -> (u64, bool) {
        let backslashes = block.mask(b'\\');
        let mut quotes = block.mask(b'"');
        let mut escaped = false;
        if backslashes != 0 || self.escaped {
            (quotes, escaped) = without_escaped(quotes, backslashes, self.escaped);
        }
        (prefix_xor(quotes) ^ self.in_string, escaped)
    }

    /// Open brackets behind the block, of its bits in `mask`; notices the end of the outer object.
    #[inline]
    fn depth_behind(&mut self, block: &Block, mask: u64) -> usize {
        let (open, close) = block.brackets();
        let (open, close) = (open & mask, close & mask);
        if open | close == 0 {
            return self.depth;
        }
        let closed = close.count_ones() as usize;
        if self.depth > closed {
            return self.depth + open.count_ones() as usize - closed;
        }
        self.depth_bit_by_bit(open, close)
    }

    fn depth_bit_by_bit(&mut self, open: u64, close: u64) -> usize {
        let mut depth = self.depth;
        let mut both = open | close;
        while both != 0 {
            let bit = both & both.wrapping_neg();
            if open & bit != 0 {
                depth += 1;
            } else {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    self.ended = true;
                    return 0;
                }
            }
            both ^= bit;
        }
        depth
    }
}

/// Bit `i` of the result is the parity of bits `0..=i`.
#[inline]
const fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ (bits << 32)
}

/// Quotes that no backslash escapes, and whether a backslash escapes the next block's first byte.
#[cold]
fn without_escaped(mut quotes: u64, mut backslashes: u64, escaped: bool) -> (u64, bool) {
    if escaped {
        quotes &= !1;
        backslashes &= !1;
    }
    while backslashes != 0 {
        let at = backslashes.trailing_zeros();
        if at == 63 {
            return (quotes, true);
        }
        let next = 1_u64 << (at + 1);
        quotes &= !next;
        backslashes &= !next & !(1_u64 << at);
    }
    (quotes, false)
}
