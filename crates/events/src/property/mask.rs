//! Blocks of 64 bytes as bit masks: which bytes equal a given one.

/// 64 bytes of a text; bytes behind its end are zero.
pub(super) struct Block([u8; 64]);

impl Block {
    /// The block that starts at `at`.
    #[inline]
    pub(super) fn read(bytes: &[u8], at: usize) -> Self {
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(block) = rest.first_chunk::<64>() {
            return Self(*block);
        }
        let mut block = [0; 64];
        block.iter_mut().zip(rest).for_each(|(slot, byte)| *slot = *byte);
        Self(block)
    }

    /// Bit `i` says whether byte `i` is `byte`.
    #[inline]
    pub(super) fn mask(&self, byte: u8) -> u64 {
        self.lanes(|lane| lane.equals(byte))
    }

    /// Opening and closing brackets, square and curly.
    #[inline]
    pub(super) fn brackets(&self) -> (u64, u64) {
        // Bit 5 set turns `[` into `{` and `]` into `}`.
        (self.lanes(|lane| lane.fold().equals(b'{')), self.lanes(|lane| lane.fold().equals(b'}')))
    }

    #[inline]
    fn lanes(&self, test: impl Fn(Lane) -> u16) -> u64 {
        let (lanes, _) = self.0.as_chunks::<16>();
        let mut bits = 0;
        for (index, lane) in lanes.iter().enumerate() {
            bits |= u64::from(test(Lane::new(lane))) << (index * 16);
        }
        bits
    }
}

#[cfg(target_arch = "x86_64")]
use x86::Lane;

/// 16 bytes in an SSE2 register, which every x86-64 has.
#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "the intrinsics ask for SSE2, which every x86-64 target has; they touch registers only"
)]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x, _mm_set1_epi8,
    };

    #[derive(Clone, Copy)]
    pub(super) struct Lane(__m128i);

    impl Lane {
        #[inline]
        pub(super) fn new(bytes: &[u8; 16]) -> Self {
            let both = u128::from_le_bytes(*bytes);
            // The halves of 128 bits: nothing is lost.
            // SAFETY: SSE2 is part of x86-64.
            Self(unsafe { _mm_set_epi64x((both >> 64) as i64, both as i64) })
        }

        #[inline]
        pub(super) fn fold(self) -> Self {
            // SAFETY: SSE2 is part of x86-64.
            Self(unsafe { _mm_or_si128(self.0, _mm_set1_epi8(0x20)) })
        }

        #[inline]
        pub(super) fn equals(self, byte: u8) -> u16 {
            // SAFETY: SSE2 is part of x86-64. The mask has 16 bits.
            unsafe {
                _mm_movemask_epi8(_mm_cmpeq_epi8(self.0, _mm_set1_epi8(byte.cast_signed()))) as u16
            }
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
use portable::Lane;

/// 16 bytes in two words.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    #[derive(Clone, Copy)]
    pub(super) struct Lane([u64; 2]);

    const LOW: u64 = 0x0101_0101_0101_0101;
    const SEVEN: u64 = 0x7F7F_7F7F_7F7F_7F7F;

    impl Lane {
        #[inline]
        pub(super) fn new(bytes: &[u8; 16]) -> Self {
            let both = u128::from_le_bytes(*bytes);
            Self([both as u64, (both >> 64) as u64])
        }

        #[inline]
        pub(super) fn fold(self) -> Self {
            Self(self.0.map(|word| word | (LOW * 0x20)))
        }

        #[inline]
        pub(super) fn equals(self, byte: u8) -> u16 {
            let [low, high] = self.0.map(|word| {
                let difference = word ^ (LOW * u64::from(byte));
                // Bit 7 of each byte that is zero, then the eight bits side by side.
                let zero = !(((difference & SEVEN) + SEVEN) | difference | SEVEN);
                ((zero >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u16
            });
            low | (high << 8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_agree_with_bytes() {
        let text: Vec<u8> = (0..=255).chain("{\"a\":[1,\\]}".bytes().cycle().take(100)).collect();
        for at in 0..text.len() {
            let block = Block::read(&text, at);
            let expected = |test: &dyn Fn(u8) -> bool| {
                (0..64)
                    .filter(|offset| text.get(at + offset).is_some_and(|byte| test(*byte)))
                    .fold(0, |bits, offset| bits | 1_u64 << offset)
            };
            for byte in [b'"', b'\\', b'a', 0xFF] {
                assert_eq!(block.mask(byte), expected(&|found| found == byte));
            }
            let (open, close) = block.brackets();
            assert_eq!(open, expected(&|byte| matches!(byte, b'{' | b'[')));
            assert_eq!(close, expected(&|byte| matches!(byte, b'}' | b']')));
            let portable = |byte| {
                let (lanes, _) = block.0.as_chunks::<16>();
                lanes.iter().rev().fold(0, |bits, lane| {
                    bits << 16 | u64::from(portable::Lane::new(lane).equals(byte))
                })
            };
            assert_eq!(portable(b'"'), block.mask(b'"'));
            assert_eq!(portable(0xFF), block.mask(0xFF));
            let (lanes, _) = block.0.as_chunks::<16>();
            let folded = lanes.iter().rev().fold(0, |bits, lane| {
                bits << 16 | u64::from(portable::Lane::new(lane).fold().equals(b'{'))
            });
            assert_eq!(folded, open);
        }
    }
}
