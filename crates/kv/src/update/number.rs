//! JSON numbers for `$inc`: whole numbers stay exact to 64 bits, everything else is what JavaScript
//! would compute and print.

/// A JSON number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    /// A whole number that fits.
    Int(i64),
    /// Any other, rounded to the nearest double; infinite when it is too large.
    Float(f64),
}

/// Up to here every whole number is a double of its own, so that taking `2.0` for 2 loses nothing.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

impl Number {
    /// Reads a JSON number; `None` for any other JSON text.
    pub(crate) fn parse(json: &str) -> Option<Number> {
        if !json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return None;
        }
        if let Ok(int) = json.parse() {
            return Some(Number::Int(int));
        }
        let float: f64 = json.parse().ok()?;
        let whole = float.fract() == 0.0 && float.abs() <= MAX_EXACT;
        Some(if whole {
            Number::Int(float as i64)
        } else {
            Number::Float(float)
        })
    }

    /// The sum: exact if both are whole and it fits, else rounded to a double. `None` if it is too
    /// large for a double.
    pub(crate) fn plus(self, other: Number) -> Option<Number> {
        let sum = match (self, other) {
            (Number::Int(a), Number::Int(b)) => match a.checked_add(b) {
                Some(sum) => return Some(Number::Int(sum)),
                None => (i128::from(a) + i128::from(b)) as f64,
            },
            _ => self.as_f64() + other.as_f64(),
        };
        sum.is_finite().then_some(Number::Float(sum))
    }

    fn as_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }

    /// JSON text as `JSON.stringify` would give it, but with every digit of a whole number.
    pub(crate) fn to_json(self) -> String {
        match self {
            Number::Int(int) => int.to_string(),
            Number::Float(float) => javascript(float),
        }
    }
}

/// `Number.prototype.toString` of ECMAScript for a finite number: the shortest digits that read
/// back as the same number, with an exponent from 1e21 on and below 1e-6.
fn javascript(float: f64) -> String {
    if float == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{:e}", float.abs());
    let (mantissa, exponent) = scientific
        .split_once('e')
        .expect("this format always has an exponent");
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent
        .parse()
        .expect("the exponent of a double is a small number");
    let sign = if float < 0.0 { "-" } else { "" };
    format!("{sign}{}", place_point(&digits, exponent))
}

/// `digits` times ten to the power of `exponent`, the point being after the first digit.
fn place_point(digits: &str, exponent: i32) -> String {
    let before = exponent + 1;
    match usize::try_from(before) {
        Ok(before @ 1..=21) if digits.len() <= before => format!("{digits:0<before$}"),
        Ok(before @ 1..=21) => format!("{}.{}", &digits[..before], &digits[before..]),
        _ if (-5..=0).contains(&before) => {
            format!("0.{}{digits}", "0".repeat(before.unsigned_abs() as usize))
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{exponent:+}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(a: &str, b: &str) -> Option<String> {
        let sum = Number::parse(a).unwrap().plus(Number::parse(b).unwrap());
        sum.map(Number::to_json)
    }

    #[test]
    fn sums_are_exact_or_those_of_javascript() {
        let cases = [
            ("1", "1", "2"),
            ("1.0", "1", "2"),
            ("-0", "0", "0"),
            ("1e3", "1", "1001"),
            ("9007199254740993", "1", "9007199254740994"),
            ("9223372036854775806", "1", "9223372036854775807"),
            ("9223372036854775807", "1", "9223372036854776000"),
            ("-9223372036854775808", "-1", "-9223372036854776000"),
            ("12345678901234567890", "1", "12345678901234567000"),
            ("0.1", "0.2", "0.30000000000000004"),
            ("1.5", "1.5", "3"),
            ("1.5", "1", "2.5"),
            ("5", "-5", "0"),
            ("0.5", "-0.5", "0"),
            ("1e21", "0.5", "1e+21"),
            ("1e20", "0.5", "100000000000000000000"),
            ("1.25e-7", "0", "1.25e-7"),
            ("1e-6", "0", "0.000001"),
            ("0.00012", "0", "0.00012"),
            ("1e-7", "0", "1e-7"),
            ("-1.5e300", "0", "-1.5e+300"),
            ("123456.789", "0", "123456.789"),
        ];
        for (a, b, expected) in cases {
            assert_eq!(sum(a, b).as_deref(), Some(expected), "{a} + {b}");
        }
    }

    #[test]
    fn what_no_double_holds_has_no_sum() {
        assert_eq!(sum("1e308", "1e308"), None);
        assert_eq!(sum("1e999", "1"), None);
        assert_eq!(sum("1", "-1e999"), None);
    }

    #[test]
    fn only_numbers_are_numbers() {
        for text in ["\"5\"", "null", "true", "[1]", "{}", "Infinity", "NaN"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
