//! Ploy's cron expressions: the values of each field as bits, and the next moment that fits all of them.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Timelike as _, Utc};

/// Days that are looked at: the 29th of February is on a given day of the week once in 40 years at worst.
const HORIZON_DAYS: u32 = 41 * 366;

/// Bit `n`: the value `n` fits.
#[derive(Debug, Clone, Copy)]
pub(super) struct PloyCron {
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

impl PloyCron {
    pub(super) fn parse(fields: &[&str]) -> Option<PloyCron> {
        let (seconds, rest) = match fields.len() {
            5 => (1, fields),
            6 => (values(fields[0], 0, 59)?, &fields[1..]),
            _ => return None,
        };
        Some(PloyCron {
            seconds,
            minutes: values(rest[0], 0, 59)?,
            hours: values(rest[1], 0, 23)?,
            days: values(rest[2], 1, 31)?,
            months: values(rest[3], 1, 12)?,
            weekdays: values(rest[4], 0, 6)?,
        })
    }

    pub(super) fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = time.timestamp().checked_add(1)?;
        let first = DateTime::<Utc>::from_timestamp(first, 0)?;
        let mut date = first.date_naive();
        let mut from = first.num_seconds_from_midnight();
        for _ in 0..HORIZON_DAYS {
            if self.fits(date)
                && let Some(second) = self.time_from(from)
            {
                return Some(
                    date.and_hms_opt(0, 0, 0)?.and_utc() + chrono::Duration::seconds(second.into()),
                );
            }
            date = date.checked_add_days(Days::new(1))?;
            from = 0;
        }
        None
    }

    fn fits(&self, date: NaiveDate) -> bool {
        has(self.months, date.month())
            && has(self.days, date.day())
            && has(self.weekdays, date.weekday().num_days_from_sunday())
    }

    /// The first second of a day that fits, not before `from`.
    fn time_from(&self, from: u32) -> Option<u32> {
        let (hour, minute, second) = (from / 3600, from / 60 % 60, from % 60);
        if has(self.hours, hour) {
            if has(self.minutes, minute)
                && let Some(second) = first_from(self.seconds, second)
            {
                return Some(hour * 3600 + minute * 60 + second);
            }
            if let Some(minute) = first_from(self.minutes, minute + 1) {
                return Some(hour * 3600 + minute * 60 + first_from(self.seconds, 0)?);
            }
        }
        let hour = first_from(self.hours, hour + 1)?;
        let (minute, second) = (first_from(self.minutes, 0)?, first_from(self.seconds, 0)?);
        Some(hour * 3600 + minute * 60 + second)
    }
}

fn has(values: u64, value: u32) -> bool {
    values >> value & 1 == 1
}

fn first_from(values: u64, from: u32) -> Option<u32> {
    let left = values.checked_shr(from)?;
    (left != 0).then(|| from + left.trailing_zeros())
}

/// A list of `*`, `5`, `1-5`, each perhaps with a step: `*/5`, `1-5/2`, `3/5` (from 3 to the end).
fn values(field: &str, least: u32, most: u32) -> Option<u64> {
    let mut bits = 0;
    for item in field.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (least, most),
            Some((first, last)) => (number(first)?, number(last)?),
            None => {
                let first = number(range)?;
                (first, if step.is_some() { most } else { first })
            }
        };
        if first < least || last > most || first > last {
            return None;
        }
        let step = usize::try_from(step.unwrap_or(1))
            .ok()
            .filter(|step| *step > 0)?;
        bits |= (first..=last)
            .step_by(step)
            .fold(0u64, |bits, value| bits | 1 << value);
    }
    Some(bits)
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
