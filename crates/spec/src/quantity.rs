//! Quantities in Kubernetes' notation: parsing, and their canonical spelling.

use super::meta::Quantity;

/// The suffixes of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    /// Powers of 1024: `Ki`, `Mi`, …
    Binary,
    /// Powers of 1000: `m`, `k`, `M`, …
    Decimal,
    /// `e3`, `E3`.
    Exponent,
}

const BINARY: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
/// Quantities are exact to a billionth, as in Kubernetes.
const NANOS: i128 = 1_000_000_000;

impl Quantity {
    /// The canonical spelling: `0.5` becomes `500m`, `1024Mi` becomes `1Gi`; `None` if the string is not a quantity.
    pub fn canonical(&self) -> Option<Quantity> {
        let (nanos, notation) = parse(&self.0)?;
        Some(Quantity(print(nanos, notation)))
    }

    /// The amount in billionths; `None` if the string is not a quantity.
    pub fn nanos(&self) -> Option<i128> {
        parse(&self.0).map(|(nanos, _)| nanos)
    }
}

fn parse(text: &str) -> Option<(i128, Notation)> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let (scale, notation): (Scale, Notation) =
        if let Some(power) = BINARY.iter().position(|s| *s == suffix && !s.is_empty()) {
            (Scale::Times(1i128 << (10 * power)), Notation::Binary)
        } else if let Some(power) = DECIMAL.iter().position(|s| *s == suffix) {
            (Scale::Ten(3 * (power as i32 - 3)), Notation::Decimal)
        } else {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            (Scale::Ten(exponent.parse::<i32>().ok().filter(|e| e.abs() <= 40)?), Notation::Exponent)
        };
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    let (times, tens) = match scale {
        Scale::Times(factor) => (factor, 9 - fraction.len() as i32),
        Scale::Ten(power) => (1, 9 + power - fraction.len() as i32),
    };
    let mut nanos = digits.checked_mul(times)?;
    if tens >= 0 {
        nanos = nanos.checked_mul(10i128.checked_pow(tens.unsigned_abs())?)?;
    } else {
        let divisor = 10i128.checked_pow(tens.unsigned_abs())?;
        // What is smaller than a billionth is rounded up, away from zero.
        nanos = nanos / divisor + i128::from(nanos % divisor != 0);
    }
    Some((if negative { -nanos } else { nanos }, notation))
}

enum Scale {
    Times(i128),
    Ten(i32),
}

fn print(nanos: i128, notation: Notation) -> String {
    if nanos == 0 {
        return "0".to_owned();
    }
    if notation == Notation::Binary && nanos.abs() >= 1024 * NANOS {
        let mut value = nanos / NANOS + i128::from(nanos % NANOS > 0);
        let mut power = 0;
        while value % 1024 == 0 && power + 1 < BINARY.len() {
            value /= 1024;
            power += 1;
        }
        return format!("{value}{}", BINARY[power]);
    }
    let (mut value, mut power) = (nanos, 0);
    while value % 1000 == 0 && power + 1 < DECIMAL.len() {
        value /= 1000;
        power += 1;
    }
    if notation == Notation::Exponent {
        let exponent = 3 * (power as i32 - 3);
        return if exponent == 0 { value.to_string() } else { format!("{value}e{exponent}") };
    }
    format!("{value}{}", DECIMAL[power])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_amount_has_one_spelling() {
        for (text, canonical) in [
            ("100m", Some("100m")),
            ("0.5", Some("500m")),
            ("1000m", Some("1")),
            ("1024Mi", Some("1Gi")),
            ("1.5Gi", Some("1536Mi")),
            ("512", Some("512")),
            ("1Ki", Some("1Ki")),
            ("0.5Ki", Some("512")),
            ("2000", Some("2k")),
            ("1e3", Some("1e3")),
            ("12e1", Some("120")),
            ("-5", Some("-5")),
            (".5", Some("500m")),
            ("5.", Some("5")),
            ("0", Some("0")),
            ("0Gi", Some("0")),
            ("1E", Some("1E")),
            ("lots", None),
            ("", None),
            ("1 Gi", None),
            ("1GB", None),
            ("1..5", None),
            ("-", None),
        ] {
            assert_eq!(Quantity::from(text).canonical().map(|q| q.0).as_deref(), canonical, "{text}");
        }
    }
}
