//! BigInts as they stand in the bytes: a sign and 64-bit digits, the lowest first.

use std::fmt;

/// A whole number of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt<'a> {
    /// Whether it is below zero.
    pub negative: bool,
    /// The amount, little-endian. Zeros at the end mean nothing.
    pub bytes: &'a [u8],
}

impl BigInt<'_> {
    /// The number, if it is in the range of an `i64`.
    pub fn to_i64(self) -> Option<i64> {
        let significant = self.significant();
        if significant.len() > 8 {
            return None;
        }
        let mut low = [0; 8];
        low[..significant.len()].copy_from_slice(significant);
        let amount = i128::from(u64::from_le_bytes(low));
        i64::try_from(if self.negative { -amount } else { amount }).ok()
    }

    /// The amount in hexadecimal digits, without sign and prefix.
    pub fn to_hex(self) -> String {
        use fmt::Write as _;
        let significant = self.significant();
        let mut text = String::with_capacity(2 * significant.len() + 1);
        for byte in significant.iter().rev() {
            write!(text, "{byte:02x}").expect("a String can be written");
        }
        if text.is_empty() {
            "0".to_owned()
        } else {
            text
        }
    }

    fn significant(&self) -> &[u8] {
        let end = self.bytes.iter().rposition(|&byte| byte != 0);
        &self.bytes[..end.map_or(0, |end| end + 1)]
    }
}

/// In decimal, as JavaScript writes it, without the `n`.
impl fmt::Display for BigInt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits: Vec<u32> = self
            .significant()
            .chunks(4)
            .map(|chunk| {
                let mut word = [0; 4];
                word[..chunk.len()].copy_from_slice(chunk);
                u32::from_le_bytes(word)
            })
            .collect();
        let mut groups = Vec::new();
        while !digits.is_empty() {
            groups.push(divide(&mut digits, 1_000_000_000));
        }
        if self.negative {
            f.write_str("-")?;
        }
        write!(f, "{}", groups.last().unwrap_or(&0))?;
        groups
            .iter()
            .rev()
            .skip(1)
            .try_for_each(|group| write!(f, "{group:09}"))
    }
}

/// Divides in place, drops leading zeros, and gives the rest.
fn divide(digits: &mut Vec<u32>, by: u64) -> u64 {
    let mut rest = 0;
    for digit in digits.iter_mut().rev() {
        let amount = (rest << 32) | u64::from(*digit);
        *digit = u32::try_from(amount / by).expect("the rest is below the divisor");
        rest = amount % by;
    }
    while digits.last() == Some(&0) {
        digits.pop();
    }
    rest
}
