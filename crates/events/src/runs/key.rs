//! A row as one integer: actor, time, tie and stream, in the order that rows have in a run.

/// Where the fields of a key are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Layout {
    /// The actor that counts as 0.
    pub(super) actor: u32,
    /// The time that counts as 0.
    pub(super) time: i64,
    /// Bits of a time.
    pub(super) time_bits: u32,
    /// Bits of a tie; 0 if the keys hold none.
    pub(super) tie_bits: u32,
    /// Bits of a stream's place in the order.
    pub(super) slot_bits: u32,
}

/// The number of bits that numbers up to `most` take.
pub(super) const fn bits(most: u64) -> u32 {
    u64::BITS - most.leading_zeros()
}

impl Layout {
    /// Room for these times and slots, and for no ties; the slots are numbers below `slots`.
    pub(super) fn new(actor: u32, times: (i64, i64), slots: usize) -> Self {
        let span = times.1.wrapping_sub(times.0).cast_unsigned();
        let most = slots.saturating_sub(1) as u64;
        let (time_bits, slot_bits) = (bits(span), bits(most));
        Self { actor, time: times.0, time_bits, tie_bits: 0, slot_bits }
    }

    /// The same with so many bits for ties, if keys with so many bits for actors have room for them.
    pub(super) fn with_ties(self, tie_bits: u32, actor_bits: u32, narrow: bool) -> Self {
        let most = if narrow { u64::BITS } else { u128::BITS } - 1;
        let fits = actor_bits + self.low_bits() + tie_bits <= most;
        Self { tie_bits: if fits { tie_bits } else { 0 }, ..self }
    }

    /// Bits below the actor.
    pub(super) const fn low_bits(&self) -> u32 {
        self.time_bits + self.tie_bits + self.slot_bits
    }

    /// Bits below the time.
    const fn beside_bits(&self) -> u32 {
        self.tie_bits + self.slot_bits
    }

    /// Slot and tie of a row as they stand below its time.
    #[inline(always)]
    pub(super) fn beside(&self, slot: u32, tie: u32) -> u64 {
        u64::from(tie) << self.slot_bits | u64::from(slot)
    }

    const fn time_mask(&self) -> u64 {
        if self.time_bits == 0 { 0 } else { u64::MAX >> (u64::BITS - self.time_bits) }
    }
}

/// An integer that holds a row. The largest one stands for the end of a stream and for no row.
pub(super) trait Key: Copy + Ord {
    /// Behind every row.
    const END: Self;
    /// The key of a row; the actor is counted from the layout's, and what is beside the time is the layout's
    /// [`beside`](Layout::beside).
    fn new(actor: u32, time: i64, beside: u64, layout: &Layout) -> Self;
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
    fn new(actor: u32, time: i64, beside: u64, layout: &Layout) -> Self {
        let time = time.wrapping_sub(layout.time).cast_unsigned();
        // Up to 63 bits in all: neither shift leaves the word.
        (Self::from(actor) << layout.low_bits()) | (time << layout.beside_bits()) | beside
    }

    #[inline(always)]
    fn actor(self, layout: &Layout) -> u32 {
        (self >> layout.low_bits()) as u32
    }

    #[inline(always)]
    fn time(self, layout: &Layout) -> i64 {
        let time = (self >> layout.beside_bits()) & layout.time_mask();
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
        (self ^ other) >> layout.beside_bits() == 0
    }
}

impl Key for u128 {
    const END: Self = Self::MAX;

    #[inline(always)]
    fn new(actor: u32, time: i64, beside: u64, layout: &Layout) -> Self {
        let time = time.wrapping_sub(layout.time).cast_unsigned();
        // Up to 127 bits in all.
        (Self::from(actor) << layout.low_bits())
            | (Self::from(time) << layout.beside_bits())
            | Self::from(beside)
    }

    #[inline(always)]
    fn actor(self, layout: &Layout) -> u32 {
        (self >> layout.low_bits()) as u32
    }

    #[inline(always)]
    fn time(self, layout: &Layout) -> i64 {
        let time = (self >> layout.beside_bits()) as u64 & layout.time_mask();
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
        (self ^ other) >> layout.beside_bits() == 0
    }
}
