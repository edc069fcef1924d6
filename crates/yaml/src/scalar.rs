//! The types of plain scalars in YAML 1.1, as go-yaml 2, which kops uses, resolves them.

use std::borrow::Cow;

/// A scalar as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The content without quotes, escapes resolved.
    pub text: String,
    /// Whether it was written without quotes, so that `yes` is a boolean and `1` a number.
    pub plain: bool,
}

/// The type and value of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved<'a> {
    /// An empty value, `~` or `null`.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number that fits `i64`.
    Int(i64),
    /// A larger whole number.
    UInt(u64),
    /// Any other number, infinity and NaN included.
    Float(f64),
    /// A string.
    Text(&'a str),
}

impl Resolved<'_> {
    /// The type with an article, for messages.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::UInt(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "a string",
        }
    }
}

impl Scalar {
    /// The type and value of the scalar, regardless of the field's type.
    pub fn resolve(&self) -> Resolved<'_> {
        if self.plain { resolve(&self.text) } else { Resolved::Text(&self.text) }
    }
}

/// The type and value of a plain scalar.
pub(super) fn resolve(text: &str) -> Resolved<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Resolved::Bool(true);
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Resolved::Bool(false);
        }
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        _ => {}
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'+' | b'-' | b'.' => {}
        _ => return Resolved::Text(text),
    }
    if is_timestamp(text) {
        return Resolved::Text(text);
    }
    let digits: Cow<'_, str> =
        if text.contains('_') && !text.starts_with('.') { text.replace('_', "").into() } else { text.into() };
    integer(&digits).or_else(|| float(&digits)).unwrap_or(Resolved::Text(text))
}

fn integer(text: &str) -> Option<Resolved<'static>> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match rest.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &rest[2..]),
        [b'0', b'o' | b'O', ..] => (8, &rest[2..]),
        [b'0', b'b' | b'B', ..] => (2, &rest[2..]),
        [b'0', _, ..] => (8, &rest[1..]),
        _ => (10, rest),
    };
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(value).map(Resolved::Int);
    }
    Some(i64::try_from(value).map_or(Resolved::UInt(value), Resolved::Int))
}

fn float(text: &str) -> Option<Resolved<'static>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !all_digits(whole) || !all_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if exponent.is_empty() || !all_digits(exponent) {
            return None;
        }
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite()).map(Resolved::Float)
}

/// Whether a scalar is a timestamp of YAML 1.1. In kops it stays a string, and is quoted when written.
pub(super) fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let Ok(year) = text[..4].parse::<i16>() else { return false };
    let mut rest = &text[5..];
    let Some(month) = take_number(&mut rest, '-') else { return false };
    let day_end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let Ok(day) = rest[..day_end].parse::<i8>() else { return false };
    if day_end > 2 || jiff::civil::Date::new(year, month, day).is_err() {
        return false;
    }
    let rest = &rest[day_end..];
    match rest.as_bytes().first() {
        None => true,
        Some(b'T' | b't') => is_clock(&rest[1..], true),
        Some(b' ') => is_clock(&rest[1..], false),
        Some(_) => false,
    }
}

/// Digits up to a separator, at most two.
fn take_number(rest: &mut &str, separator: char) -> Option<i8> {
    let (number, after) = rest.split_once(separator)?;
    *rest = after;
    if number.len() > 2 || !number.bytes().all(|b| b.is_ascii_digit()) { None } else { number.parse().ok() }
}

/// `15:4:5.999`, with a zone such as `Z` or `+02:00` if `zoned`.
fn is_clock(text: &str, zoned: bool) -> bool {
    let mut rest = text;
    let (Some(hour), Some(minute)) = (take_number(&mut rest, ':'), take_number(&mut rest, ':')) else { return false };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let Ok(second) = rest[..end].parse::<u8>() else { return false };
    if end > 2 || hour > 23 || minute > 59 || second > 59 {
        return false;
    }
    rest = &rest[end..];
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
        if end == 0 {
            return false;
        }
        rest = &fraction[end..];
    }
    if !zoned {
        return rest.is_empty();
    }
    rest == "Z"
        || matches!(rest.as_bytes(), [b'+' | b'-', a, b, b':', c, d]
            if [a, b, c, d].iter().all(|x| x.is_ascii_digit()) && (*a - b'0') * 10 + (*b - b'0') <= 24 && *c <= b'5')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_the_types_of_yaml_1_1() {
        use Resolved::{Bool, Float, Int, Null, Text, UInt};
        for (text, meaning) in [
            ("", Null),
            ("~", Null),
            ("yes", Bool(true)),
            ("off", Bool(false)),
            ("y", Bool(true)),
            ("12", Int(12)),
            ("-12", Int(-12)),
            ("+12", Int(12)),
            ("012", Int(10)),
            ("08", Float(8.0)),
            ("0x1F", Int(31)),
            ("0b11", Int(3)),
            ("0o17", Int(15)),
            ("1_000", Int(1000)),
            ("18446744073709551615", UInt(u64::MAX)),
            ("-9223372036854775808", Int(i64::MIN)),
            ("1.31", Float(1.31)),
            (".5", Float(0.5)),
            ("1e3", Float(1000.0)),
            ("1.", Float(1.0)),
            ("1.31.2", Text("1.31.2")),
            ("10.0.0.0/8", Text("10.0.0.0/8")),
            ("-", Text("-")),
            (".", Text(".")),
            ("+", Text("+")),
            ("0x", Text("0x")),
            ("1e", Text("1e")),
            ("1e999", Text("1e999")),
            ("2024-01-02", Text("2024-01-02")),
            ("YES!", Text("YES!")),
            ("1:30", Text("1:30")),
        ] {
            assert_eq!(resolve(text), meaning, "{text}");
        }
    }

    #[test]
    fn dates_are_recognised() {
        for text in
            ["2001-01-01", "2001-1-2", "2001-01-01T10:00:00Z", "2001-01-01t1:2:3.5+02:00", "2001-01-01 10:00:00"]
        {
            assert!(is_timestamp(text), "{text}");
        }
        for text in ["2001-13-01", "2001-01", "2001-01-01T10:00:00", "2001-01-01 10:00", "20010101", "2001-01-011"] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
