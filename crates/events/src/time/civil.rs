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

impl Civil {
    /// The calendar day of a day number (years beyond a million are not reached by instants).
    #[inline]
    #[must_use]
    pub fn from_day(day: i64) -> Self {
        let shifted = day + EPOCH;
        let era = shifted.div_euclid(ERA);
        let of_era = shifted.rem_euclid(ERA) as i32;
        // The corrections take out the leap days of 4, 100 and 400 years.
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // Five months from March have 153 days.
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + (era * 400) as i32 + i32::from(month <= 2);
        Self { year, month, day }
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
