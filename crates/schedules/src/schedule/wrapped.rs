//! Ranges that go over the end of their field, such as `22-2` for hours, written out as lists: the parser takes
//! them and begins them one too early.

/// First and last value of each field.
const FIELDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (1, 7)];
const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
/// Cloudflare counts from Sunday, which is 1.
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The expression without such ranges. What is not understood stays as it is, for the parser to refuse.
pub(super) fn written_out(words: &[&str]) -> String {
    let fields = words.iter().enumerate().map(|(field, word)| {
        let parts = word.split(',').map(|part| match FIELDS.get(field) {
            Some(&limits) => list(part, field, limits).unwrap_or_else(|| part.to_owned()),
            None => part.to_owned(),
        });
        parts.collect::<Vec<_>>().join(",")
    });
    fields.collect::<Vec<_>>().join(" ")
}

/// The values of a range that ends before it begins; `None` for everything else.
fn list(part: &str, field: usize, (least, most): (u32, u32)) -> Option<String> {
    let (range, step) = part.split_once('/').unwrap_or((part, "1"));
    let (begin, end) = range.split_once('-')?;
    let (begin, end) = (value(begin, field)?, value(end, field)?);
    let step: usize = step.parse().ok().filter(|step| *step > 0)?;
    if begin <= end || begin > most || end < least {
        return None;
    }
    let values = (begin..=most).chain(least..=end).step_by(step);
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    Some(values.join(","))
}

fn value(text: &str, field: usize) -> Option<u32> {
    let names: &[&str] = match field {
        3 => &MONTHS,
        4 => &DAYS,
        _ => &[],
    };
    let named = names
        .iter()
        .position(|name| name.eq_ignore_ascii_case(text));
    let named = named.and_then(|index| u32::try_from(index + 1).ok());
    named.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::written_out;

    #[test]
    fn only_ranges_over_the_end_change() {
        for (expression, expected) in [
            ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
            ("50-10/5 1-3,20-1/2 * * *", "50,55,0,5,10 1-3,20,22,0 * * *"),
            ("0 0 L-3 NOV-FEB FRI-SUN", "0 0 L-3 11,12,1,2 6,7,1"),
            ("0 0 * * MON#1", "0 0 * * MON#1"),
            ("0 0 30-99 * x-1", "0 0 30-99 * x-1"),
            ("*/5 * 5-1/0 * *", "*/5 * 5-1/0 * *"),
        ] {
            let words: Vec<&str> = expression.split(' ').collect();
            assert_eq!(written_out(&words), expected);
        }
    }
}
