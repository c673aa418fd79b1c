//! Due times against dates worked out by hand, and Ploy's against a search of every second.

use chrono::{Datelike as _, NaiveDateTime, Timelike as _};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> i64 {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
    time.and_utc().timestamp_millis()
}

fn next(syntax: Syntax, expression: &str, after: &str) -> Option<String> {
    let schedule = Schedule::parse(expression, syntax).unwrap();
    let next = schedule.next_after(at(after))?;
    let next = DateTime::<Utc>::from_timestamp_millis(next).unwrap();
    Some(next.format("%Y-%m-%d %H:%M:%S").to_string())
}

#[test]
fn cloudflares_due_times() {
    // 2026-11-21 is a Saturday.
    for (expression, after, expected) in [
        ("* * * * *", "2026-11-21 20:00:00", "2026-11-21 20:01:00"),
        ("*  *\t* * *", "2026-11-21 20:00:59", "2026-11-21 20:01:00"),
        ("*/30 * * * *", "2026-11-21 20:00:01", "2026-11-21 20:30:00"),
        ("0 17 * * sun", "2026-11-21 20:00:00", "2026-11-22 17:00:00"),
        ("0 17 * * 1", "2026-11-21 20:00:00", "2026-11-22 17:00:00"),
        (
            "10 7 * * MON-FRI",
            "2026-11-21 20:00:00",
            "2026-11-23 07:10:00",
        ),
        ("0 18 * * 6L", "2026-11-21 20:00:00", "2026-11-27 18:00:00"),
        ("59 23 LW * *", "2026-11-21 20:00:00", "2026-11-30 23:59:00"),
        ("0 0 L-3 * *", "2026-11-21 20:00:00", "2026-11-27 00:00:00"),
        ("0 0 15W * *", "2026-11-21 20:00:00", "2026-12-15 00:00:00"),
        (
            "0 0 * * MON#1",
            "2026-11-21 20:00:00",
            "2026-12-07 00:00:00",
        ),
        ("0 22-2 * * *", "2026-11-21 20:00:00", "2026-11-21 22:00:00"),
        ("0 22-2 * * *", "2026-11-21 23:00:00", "2026-11-22 00:00:00"),
        ("0 0 29 2 *", "2026-11-21 20:00:00", "2028-02-29 00:00:00"),
        // One of the two days is enough.
        ("0 0 30 * SUN", "2026-11-21 20:00:00", "2026-11-22 00:00:00"),
        ("0 0 25 * SUN", "2026-11-22 00:00:00", "2026-11-25 00:00:00"),
    ] {
        let found = next(Syntax::Cloudflare, expression, after);
        assert_eq!(found.as_deref(), Some(expected), "{expression}");
    }
    assert_eq!(
        next(Syntax::Cloudflare, "0 0 30 2 *", "2026-01-01 00:00:00"),
        None
    );
}

#[test]
fn ploys_due_times() {
    for (expression, after, expected) in [
        ("* * * * *", "2026-11-21 20:00:00", "2026-11-21 20:01:00"),
        (
            "*/5 * * * * *",
            "2026-11-21 20:00:00",
            "2026-11-21 20:00:05",
        ),
        (
            "5/20 * * * * *",
            "2026-11-21 20:00:45",
            "2026-11-21 20:01:05",
        ),
        (
            "0 9-17/4 * * *",
            "2026-11-21 09:00:00",
            "2026-11-21 13:00:00",
        ),
        ("0 0 * * 0", "2026-11-21 20:00:00", "2026-11-22 00:00:00"),
        // Both days must fit.
        ("0 0 13 * 5", "2026-11-21 20:00:00", "2027-08-13 00:00:00"),
        ("0 0 29 2 1", "2026-11-21 20:00:00", "2044-02-29 00:00:00"),
    ] {
        let found = next(Syntax::Ploy, expression, after);
        assert_eq!(found.as_deref(), Some(expected), "{expression}");
    }
    assert_eq!(
        next(Syntax::Ploy, "0 0 31 2 *", "2026-01-01 00:00:00"),
        None
    );
}

#[test]
fn what_is_no_expression_is_refused() {
    for syntax in [Syntax::Cloudflare, Syntax::Ploy] {
        for expression in [
            "",
            "* * * *",
            "61 * * * *",
            "a * * * *",
            "* * * * * * *",
            "*/0 * * * *",
        ] {
            assert!(Schedule::parse(expression, syntax).is_err(), "{expression}");
        }
    }
}

#[test]
fn the_latest_of_many_is_found_and_of_none_nothing() {
    let every_second = Schedule::parse("* * * * * *", Syntax::Ploy).unwrap();
    let yearly = Schedule::parse("0 0 1 1 *", Syntax::Cloudflare).unwrap();
    let (long_ago, now) = (at("2001-01-01 00:00:00"), at("2026-11-21 20:00:00"));
    assert_eq!(every_second.latest(long_ago, now), Some(now));
    assert_eq!(
        yearly.latest(long_ago, now),
        Some(at("2026-01-01 00:00:00"))
    );
    assert_eq!(yearly.latest(at("2026-01-01 00:00:00"), now), None);
    assert_eq!(yearly.latest(now, long_ago), None);
}

fn field(least: u32, most: u32) -> impl Strategy<Value = (String, Vec<u32>)> {
    prop_oneof![
        Just(("*".to_owned(), (least..=most).collect())),
        (least..=most).prop_map(|one| (one.to_string(), vec![one])),
        (least..=most, 1..=most).prop_map(move |(first, step)| {
            let values = (first..=most).step_by(step as usize).collect();
            (format!("{first}/{step}"), values)
        }),
        (least..=most, least..=most).prop_map(|(a, b)| {
            let (first, last) = (a.min(b), a.max(b));
            (format!("{first}-{last}"), (first..=last).collect())
        }),
    ]
}

proptest! {
    /// The next due time is the first second that fits, of those of two days.
    #[test]
    fn no_second_is_left_out(
        second in field(0, 59), minute in field(0, 59), hour in field(0, 23),
        start in 0i64..4_000_000_000,
    ) {
        let expression = format!("{} {} {} * * *", second.0, minute.0, hour.0);
        let schedule = Schedule::parse(&expression, Syntax::Ploy).unwrap();
        let fits = |time: &i64| {
            let time = DateTime::<Utc>::from_timestamp(*time, 0).unwrap();
            second.1.contains(&time.second())
                && minute.1.contains(&time.minute())
                && hour.1.contains(&time.hour())
        };
        let expected = (start + 1..start + 2 * 86_400 + 1).find(fits).map(|found| found * 1000);
        prop_assert_eq!(schedule.next_after(start * 1000), expected, "{}", expression);
    }

    /// Cloudflare's own parser gives times that fit, and none before.
    #[test]
    fn minutes_and_hours_of_cloudflare_fit(
        minute in field(0, 59), hour in field(0, 23), start in 0i64..4_000_000_000,
    ) {
        let start = start - start % 60;
        let expression = format!("{} {} * * *", minute.0, hour.0);
        let Ok(schedule) = Schedule::parse(&expression, Syntax::Cloudflare) else {
            // A step that is too long for its field.
            return Ok(());
        };
        let fits = |time: &i64| {
            let time = DateTime::<Utc>::from_timestamp(*time, 0).unwrap();
            minute.1.contains(&time.minute()) && hour.1.contains(&time.hour()) && time.day() > 0
        };
        let expected = (1..=2 * 1440).map(|n| start + n * 60).find(fits).map(|found| found * 1000);
        prop_assert_eq!(schedule.next_after(start * 1000), expected, "{}", expression);
    }
}
