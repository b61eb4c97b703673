//! Counter-based random numbers: a place in the model gives its own stream, the same on every platform.
//!
//! Only integers are used: floating-point functions differ in the last bit between platforms.

/// What a stream is for; part of the key, so that streams of different purposes never meet.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(super) enum Purpose {
    Birth = 1,
    Life,
    Traits,
    Draw,
    Visit,
    Event,
    Group,
    Shuffle,
}

/// A stream of numbers for one place of the model.
#[derive(Debug, Clone)]
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    /// The stream of `(seed, purpose, a, b)`.
    pub(super) fn new(seed: u64, purpose: Purpose, a: u64, b: u64) -> Self {
        let key = mix(seed ^ (purpose as u64).wrapping_mul(0xa076_1d64_78bd_642f));
        Self { state: mix(mix(key ^ a).wrapping_add(b.wrapping_mul(0xe703_7ed1_a0b4_28db))) }
    }

    /// The next 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.state)
    }

    /// Uniform in `0..n`; 0 if `n` is 0.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as u64) as i64
    }

    /// True `per_10_000` times in ten thousand.
    pub(super) fn chance(&mut self, per_10_000: u64) -> bool {
        self.below(10_000) < per_10_000
    }

    /// Log-uniform in about `low..high`, for durations and sizes with a long tail: a uniform octave, then uniform in it.
    pub(super) fn tail(&mut self, low: i64, high: i64) -> i64 {
        let octaves = (high / low.max(1)).max(1).ilog2().max(1);
        let base = low << self.below(u64::from(octaves));
        base + self.below(base as u64) as i64
    }

    /// The index of an entry, by weight; 0 for an empty table.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.enumerate() {
            if left < u64::from(weight) {
                return index;
            }
            left -= u64::from(weight);
        }
        0
    }
}

/// A bijection of 64 bits that scatters nearby inputs (the finalizer of SplitMix64).
pub(super) const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A permutation of `0..n`: a four-round Feistel network over the next even power of two, walked until inside.
#[derive(Debug, Clone)]
pub(super) struct Shuffle {
    n: u64,
    half_bits: u32,
    keys: [u64; 4],
}

impl Shuffle {
    /// The permutation of `0..n` that `seed` chooses.
    pub(super) fn new(seed: u64, n: u64) -> Self {
        let bits = 64 - n.saturating_sub(1).leading_zeros();
        let mut dice = Dice::new(seed, Purpose::Shuffle, n, 0);
        Self { n, half_bits: bits.div_ceil(2).max(1), keys: std::array::from_fn(|_| dice.next()) }
    }

    /// Where `x` (below `n`) goes.
    pub(super) fn apply(&self, mut x: u64) -> u64 {
        loop {
            x = self.round_trip(x);
            if x < self.n || self.n == 0 {
                return x;
            }
        }
    }

    fn round_trip(&self, x: u64) -> u64 {
        let mask = (1_u64 << self.half_bits) - 1;
        let (mut left, mut right) = (x >> self.half_bits, x & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (mix(right ^ key) & mask));
        }
        (left << self.half_bits) | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_is_a_permutation() {
        for n in [1_u64, 2, 3, 7, 64, 1000] {
            let shuffle = Shuffle::new(5, n);
            let mut seen: Vec<u64> = (0..n).map(|x| shuffle.apply(x)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn numbers_stay_in_their_bounds() {
        let mut dice = Dice::new(1, Purpose::Draw, 2, 3);
        for _ in 0..10_000 {
            assert!(dice.below(7) < 7);
            assert!((-3..=3).contains(&dice.between(-3, 3)));
            assert!((10..1280).contains(&dice.tail(10, 1280)));
            assert!(dice.weighted([1_u32, 0, 5].into_iter()) != 1);
        }
        assert_eq!(dice.below(0), 0);
    }
}
