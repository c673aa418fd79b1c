//! Compatibility dates.
//!
//! A date picks the behaviour of the runtime of that day. This file knows the calendar, not which
//! behaviour changed when.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

/// How far the zone is ahead of UTC in which a day begins first: 14 hours.
const EARLIEST_ZONE_SECONDS: u64 = 14 * 3_600;

/// A calendar day, `YYYY-MM-DD`. Later days compare greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CompatibilityDate {
    year: u16,
    month: u8,
    day: u8,
}

impl CompatibilityDate {
    /// What Ploy takes when `ploy.yaml` says nothing.
    pub const PLOY_DEFAULT: Self = Self::known(2025, 4, 2);

    /// What a wrangler config without a date gets. Wrangler takes the newest date that its runtime
    /// knows; ours is the date under which the reference behaviour was recorded.
    pub const NEWEST: Self = Self::known(2026, 7, 1);

    /// The date in `flags.txt` of what was never otherwise.
    pub(crate) const ALWAYS: Self = Self::known(2000, 1, 1);

    /// The last day that has begun somewhere on Earth, by the system's clock.
    pub(crate) fn today() -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = since_1970.map_or(0, |time| time.as_secs()) + EARLIEST_ZONE_SECONDS;
        Self::of_day(seconds / 86_400)
    }

    /// The day with that number, counted from 1970-01-01.
    fn of_day(mut days: u64) -> Self {
        let mut date = Self::known(1970, 1, 1);
        loop {
            let length = days_in(date.year, date.month);
            if days < u64::from(length) {
                date.day += u8::try_from(days).expect("months are short");
                return date;
            }
            days -= u64::from(length);
            (date.year, date.month) = match date.month {
                12 if date.year == 9999 => return date,
                12 => (date.year + 1, 1),
                month => (date.year, month + 1),
            };
        }
    }

    const fn known(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// `None` if there is no such day, or the year does not have four digits.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let exists = (1..=9999).contains(&year) && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Year, month (1 to 12) and day (1 to 31).
    pub fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// Why a text is no compatibility date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateError {
    /// Not four digits, two digits and two digits with hyphens between them.
    Form,
    /// The form is right, but the calendar has no such day.
    NoSuchDay,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "a date is written YYYY-MM-DD, such as 2026-07-01",
            Self::NoSuchDay => "there is no such day in the calendar",
        })
    }
}

impl std::error::Error for DateError {}

impl FromStr for CompatibilityDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| {
            let part = bytes.get(range)?;
            part.iter().try_fold(0u16, |sum, byte| {
                byte.is_ascii_digit()
                    .then(|| sum * 10 + u16::from(byte - b'0'))
            })
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError::Form);
        }
        match (digits(0..4), digits(5..7), digits(8..10)) {
            // Two digits fit in a byte.
            (Some(year), Some(month), Some(day)) => {
                Self::new(year, month as u8, day as u8).ok_or(DateError::NoSuchDay)
            }
            _ => Err(DateError::Form),
        }
    }
}

impl fmt::Display for CompatibilityDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        for text in [
            "2025-04-02",
            "2024-02-29",
            "2000-02-29",
            "0001-01-01",
            "9999-12-31",
        ] {
            let date: CompatibilityDate = text.parse().unwrap();
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let cases = [
            ("2025-4-2", DateError::Form),
            ("2025-04-02T00:00:00Z", DateError::Form),
            ("2025/04/02", DateError::Form),
            ("", DateError::Form),
            ("2025-04-0x", DateError::Form),
            ("2025–04–02", DateError::Form),
            ("２０２５-04", DateError::Form),
            ("2025-02-29", DateError::NoSuchDay),
            ("1900-02-29", DateError::NoSuchDay),
            ("2025-13-01", DateError::NoSuchDay),
            ("2025-00-01", DateError::NoSuchDay),
            ("2025-01-00", DateError::NoSuchDay),
            ("2025-04-31", DateError::NoSuchDay),
            ("0000-01-01", DateError::NoSuchDay),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<CompatibilityDate>(), Err(error), "{text}");
        }
    }

    #[test]
    fn later_days_are_greater() {
        let date = |text: &str| text.parse::<CompatibilityDate>().unwrap();
        assert!(date("2024-12-31") < date("2025-01-01"));
        assert!(date("2025-01-31") < date("2025-02-01"));
        assert!(CompatibilityDate::PLOY_DEFAULT < CompatibilityDate::NEWEST);
    }
}
