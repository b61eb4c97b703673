//! The Gregorian calendar on day numbers.

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: i32,
    /// Day of the month, from 1.
    pub day: i32,
}

/// Days from 0000-03-01 to 1970-01-01: counting from March puts the leap day at the end of a year.
const EPOCH: i64 = 719_468;
/// Days of 400 years.
const ERA: i64 = 146_097;
/// Eras added so that days are not negative.
const SHIFT: i64 = 82;

/// Century and day in it, of years that start in March.
#[inline]
const fn century_of(day: i64) -> (u32, u32) {
    let quarters = 4 * (day + EPOCH + SHIFT * ERA) as u32 + 3;
    (quarters / ERA as u32, quarters % ERA as u32 / 4)
}

/// Year of a century and day in it: a multiplication by 2^32 / 1461 gives both.
#[inline]
const fn year_of(of_century: u32) -> (u32, u32) {
    let product = 2_939_745 * (4 * of_century + 3) as u64;
    ((product >> 32) as u32, product as u32 / 2_939_745 / 4)
}

impl Civil {
    /// The calendar day of a day number (in years -32,000 to 32,000).
    #[inline]
    #[must_use]
    pub const fn from_day(day: i64) -> Self {
        let (century, of_century) = century_of(day);
        let (year_of_century, of_year) = year_of(of_century);
        // Months from March have 30.6 days: 2141 / 65536 is near enough to its inverse.
        let month_and_day = 2_141 * of_year + 197_913;
        let (month, day) = (month_and_day >> 16, (month_and_day & 0xFFFF) / 2_141 + 1);
        let is_next_year = of_year >= 306;
        let year =
            (100 * century + year_of_century) as i32 - 400 * SHIFT as i32 + is_next_year as i32;
        let month = if is_next_year { month - 12 } else { month };
        Self { year, month: month as i32, day: day as i32 }
    }

    /// The day of the month alone.
    #[inline]
    #[must_use]
    pub const fn day_of_month(day: i64) -> i64 {
        let (_, of_year) = year_of(century_of(day).1);
        (((2_141 * of_year + 197_913) & 0xFFFF) / 2_141 + 1) as i64
    }

    /// Its day number. Month and day may be out of their usual range by some and then count on.
    #[inline]
    #[must_use]
    pub fn to_day(self) -> i64 {
        day_of(self.year, self.month, self.day)
    }

    /// Months since year 0.
    #[inline]
    #[must_use]
    pub const fn months(self) -> i64 {
        self.year as i64 * 12 + self.month as i64 - 1
    }

    /// The first day of a month counted as in [`Self::months`].
    #[inline]
    #[must_use]
    pub const fn first_of(months: i64) -> Self {
        Self { year: months.div_euclid(12) as i32, month: months.rem_euclid(12) as i32 + 1, day: 1 }
    }
}

/// The day number of a calendar day with a month of 1 to 12.
#[inline]
#[must_use]
pub fn day_of(year: i32, month: i32, day: i32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let from_march = (month + 9) % 12;
    let of_year = i64::from((153 * from_march + 2) / 5 + day - 1);
    let of_era = year.rem_euclid(400);
    year.div_euclid(400) * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH
}

/// Days of a month of 1 to 12.
#[inline]
#[must_use]
pub const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
