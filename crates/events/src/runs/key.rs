//! A row as one integer: actor, time and stream, in the order that rows have in a run.

/// Where the fields of a key are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// The actor that counts as 0.
    pub(super) actor: u32,
    /// The time that counts as 0.
    pub(super) time: i64,
    /// Bits of a time.
    pub(super) time_bits: u32,
    /// Bits of a stream's place in the order.
    pub(super) slot_bits: u32,
}

/// The number of bits that numbers up to `most` take.
pub(super) const fn bits(most: u64) -> u32 {
    u64::BITS - most.leading_zeros()
}

impl Layout {
    /// Room for these times and slots; the slots are numbers below `slots`.
    pub(super) fn new(actor: u32, times: (i64, i64), slots: usize) -> Self {
        let span = times.1.wrapping_sub(times.0).cast_unsigned();
        let most = slots.saturating_sub(1) as u64;
        Self { actor, time: times.0, time_bits: bits(span), slot_bits: bits(most) }
    }

    /// Bits below the actor.
    pub(super) const fn low_bits(&self) -> u32 {
        self.time_bits + self.slot_bits
    }

    const fn time_mask(&self) -> u64 {
        if self.time_bits == 0 { 0 } else { u64::MAX >> (u64::BITS - self.time_bits) }
    }
}

/// An integer that holds a row. The largest one stands for the end of a stream and for no row.
pub(super) trait Key: Copy + Ord {
    /// Behind every row.
    const END: Self;
    /// The key of a row; the actor is counted from the layout's.
    fn new(actor: u32, time: i64, slot: u32, layout: &Layout) -> Self;
    /// The actor, counted from the layout's.
    fn actor(self, layout: &Layout) -> u32;
    /// The time.
    fn time(self, layout: &Layout) -> i64;
    /// The slot.
    fn slot(self, layout: &Layout) -> usize;
    /// The same row with another slot.
    fn with_slot(self, slot: u32, layout: &Layout) -> Self;
    /// Whether actor and time are equal.
    fn ties(self, other: Self, layout: &Layout) -> bool;
}

impl Key for u64 {
    const END: Self = Self::MAX;

    #[inline(always)]
    fn new(actor: u32, time: i64, slot: u32, layout: &Layout) -> Self {
        let time = time.wrapping_sub(layout.time).cast_unsigned();
        // Up to 63 bits in all: neither shift leaves the word.
        (Self::from(actor) << layout.low_bits()) | (time << layout.slot_bits) | Self::from(slot)
    }

    #[inline(always)]
    fn actor(self, layout: &Layout) -> u32 {
        (self >> layout.low_bits()) as u32
    }

    #[inline(always)]
    fn time(self, layout: &Layout) -> i64 {
        let time = (self >> layout.slot_bits) & layout.time_mask();
        layout.time.wrapping_add(time.cast_signed())
    }

    #[inline(always)]
    fn slot(self, layout: &Layout) -> usize {
        (self & !(Self::MAX << layout.slot_bits)) as usize
    }

    #[inline(always)]
    fn with_slot(self, slot: u32, layout: &Layout) -> Self {
        (self & (Self::MAX << layout.slot_bits)) | Self::from(slot)
    }

    #[inline(always)]
    fn ties(self, other: Self, layout: &Layout) -> bool {
        (self ^ other) >> layout.slot_bits == 0
    }
}

impl Key for u128 {
    const END: Self = Self::MAX;

    #[inline(always)]
    fn new(actor: u32, time: i64, slot: u32, layout: &Layout) -> Self {
        let time = time.wrapping_sub(layout.time).cast_unsigned();
        // Up to 31 + 64 + 32 bits.
        (Self::from(actor) << layout.low_bits())
            | (Self::from(time) << layout.slot_bits)
            | Self::from(slot)
    }

    #[inline(always)]
    fn actor(self, layout: &Layout) -> u32 {
        (self >> layout.low_bits()) as u32
    }

    #[inline(always)]
    fn time(self, layout: &Layout) -> i64 {
        let time = (self >> layout.slot_bits) as u64 & layout.time_mask();
        layout.time.wrapping_add(time.cast_signed())
    }

    #[inline(always)]
    fn slot(self, layout: &Layout) -> usize {
        (self & !(Self::MAX << layout.slot_bits)) as usize
    }

    #[inline(always)]
    fn with_slot(self, slot: u32, layout: &Layout) -> Self {
        (self & (Self::MAX << layout.slot_bits)) | Self::from(slot)
    }

    #[inline(always)]
    fn ties(self, other: Self, layout: &Layout) -> bool {
        (self ^ other) >> layout.slot_bits == 0
    }
}
