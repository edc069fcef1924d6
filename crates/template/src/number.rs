//! Number constants, and how Go formats floats.

/// A constant, which has no type until it is used: `3` and `3.0` can both be an `int` and a `float64`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// The value as an `int`, if it is whole and fits.
    pub int: Option<i64>,
    /// The value as a `uint64`, if it is whole and fits.
    pub uint: Option<u64>,
    /// The value as a `float64`.
    pub float: Option<f64>,
    /// Written with a point or an exponent, so that it is a `float64` where any type is accepted.
    pub written_as_float: bool,
}

impl Number {
    /// Parses a constant such as `1_000`, `0x1F`, `0o17`, `1.5e3`, `0x1p4`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.ends_with('i') {
            return Err("complex numbers are not supported");
        }
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let hexadecimal = digits.starts_with("0x") || digits.starts_with("0X");
        let written_as_float =
            if hexadecimal { text.contains(['p', 'P', '.']) } else { text.contains(['.', 'e', 'E', 'p', 'P']) };
        if !underscores_are_fine(digits) {
            return Err("bad number syntax");
        }
        let plain = digits.replace('_', "");
        if written_as_float {
            let magnitude = if hexadecimal { hexadecimal_float(&plain) } else { decimal_float(&plain) };
            let float = magnitude.ok_or("bad number syntax")?;
            let float = if negative { -float } else { float };
            return Ok(Self::from_float(float));
        }
        let (radix, body) = match plain.as_bytes() {
            [b'0', b'x' | b'X', ..] => (16, &plain[2..]),
            [b'0', b'o' | b'O', ..] => (8, &plain[2..]),
            [b'0', b'b' | b'B', ..] => (2, &plain[2..]),
            [b'0', _, ..] => (8, &plain[1..]),
            _ => (10, plain.as_str()),
        };
        if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
            return Err("bad number syntax");
        }
        let magnitude = u64::from_str_radix(body, radix).map_err(|_| "integer overflow")?;
        let int = if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() };
        let uint = (!negative || magnitude == 0).then_some(magnitude);
        if int.is_none() && uint.is_none() {
            return Err("integer overflow");
        }
        let float = if negative { -(magnitude as f64) } else { magnitude as f64 };
        Ok(Self { int, uint, float: Some(float), written_as_float: false })
    }

    /// A character constant, which is the character's number.
    pub fn from_char(c: char) -> Self {
        let code = u32::from(c);
        Self {
            int: Some(i64::from(code)),
            uint: Some(u64::from(code)),
            float: Some(f64::from(code)),
            written_as_float: false,
        }
    }

    fn from_float(float: f64) -> Self {
        let int = float as i64;
        let uint = float as u64;
        Self {
            int: (int as f64 == float && float.abs() < 9.3e18).then_some(int),
            uint: (uint as f64 == float && float < 1.85e19).then_some(uint),
            float: Some(float),
            written_as_float: true,
        }
    }
}

/// Underscores are allowed between digits and after the base prefix only (Go's language specification, integer literals).
fn underscores_are_fine(digits: &str) -> bool {
    if !digits.contains('_') {
        return true;
    }
    let bytes = digits.as_bytes();
    let prefixed = matches!(bytes, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
    let body = if prefixed { &bytes[1..] } else { bytes };
    let is_digit = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_hexdigit());
    body.iter().enumerate().all(|(i, b)| {
        *b != b'_' || ((i > 0 && (is_digit(body.get(i - 1)) || (prefixed && i == 1))) && is_digit(body.get(i + 1)))
    })
}

fn decimal_float(text: &str) -> Option<f64> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse::<f64>().ok().filter(|f| f.is_finite())
}

fn hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.get(2..)?.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0f64;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let scale = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    Some(value * 2f64.powi(scale)).filter(|f| f.is_finite())
}

/// How a float is formatted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FloatStyle {
    /// `%e`, with this many digits after the point.
    Exponent(usize),
    /// `%f`, with this many digits after the point.
    Fixed(usize),
    /// `%g`: the shorter of both, with this many digits.
    General(usize),
}

/// The shortest digits that parse to the same number, as Go's `%v` prints them: with an exponent below 1e-4 and from 1e6 on
/// (`strconv.FormatFloat` with the format `g`).
pub(super) fn shortest(value: f64) -> String {
    shortest_within(value, -4..6)
}

/// The shortest digits; with an exponent if that is outside a range.
pub(super) fn shortest_within(value: f64, plain: std::ops::Range<i32>) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !plain.contains(&exponent) {
        return with_exponent(mantissa, exponent);
    }
    format!("{value}")
}

/// A float with a given number of digits.
pub(super) fn float(value: f64, style: FloatStyle) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_owned();
    }
    match style {
        FloatStyle::Fixed(digits) => {
            let (digits, zeros) = split_precision(digits);
            format!("{value:.digits$}{zeros}")
        }
        FloatStyle::Exponent(digits) => {
            let (digits, zeros) = split_precision(digits);
            let scientific = format!("{value:.digits$e}");
            let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            with_exponent(&format!("{mantissa}{zeros}"), exponent.parse().unwrap_or(0))
        }
        FloatStyle::General(digits) => {
            // Zeros at the end are dropped, and after this many digits there are only zeros.
            let digits = digits.clamp(1, MAX_PRECISION);
            let scientific = format!("{value:.*e}", digits - 1);
            let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let significant = without_trailing_zeros(mantissa);
            // A whole number with fewer digits than asked for has no exponent.
            if exponent < -4 || exponent >= i32::try_from(digits).unwrap_or(i32::MAX) {
                return with_exponent(significant, exponent);
            }
            let decimals = usize::try_from(i64::try_from(digits).unwrap_or(0) - 1 - i64::from(exponent)).unwrap_or(0);
            without_trailing_zeros(&format!("{value:.decimals$}")).to_owned()
        }
    }
}

/// No `float64` has more digits than this after its point, or all together.
const MAX_PRECISION: usize = 1100;

/// A precision as Rust can format it (at most 65,535), and the zeros that are missing then.
fn split_precision(digits: usize) -> (usize, String) {
    let exact = digits.min(MAX_PRECISION);
    (exact, "0".repeat(digits - exact))
}

fn not_finite(value: f64) -> Option<&'static str> {
    match value {
        _ if value.is_nan() => Some("NaN"),
        f64::INFINITY => Some("+Inf"),
        f64::NEG_INFINITY => Some("-Inf"),
        _ => None,
    }
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn with_exponent(mantissa: &str, exponent: i32) -> String {
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_have_no_type() {
        let number = Number::parse("3.0").unwrap_or_else(|e| unreachable!("{e}"));
        assert_eq!((number.int, number.uint, number.float), (Some(3), Some(3), Some(3.0)));
        assert!(number.written_as_float);
        for (text, value) in [
            ("0x1F", 31),
            ("017", 15),
            ("0o17", 15),
            ("0b101", 5),
            ("1_000", 1000),
            ("-7", -7),
            ("0x_1", 1),
            ("1e3", 1000),
        ] {
            assert_eq!(Number::parse(text).ok().and_then(|n| n.int), Some(value), "{text}");
        }
        assert_eq!(Number::parse("0x1p4").ok().and_then(|n| n.float), Some(16.0));
        for text in ["1__0", "_1", "1_", "0x", "08", "99999999999999999999", "1i", ".", "+", "1e999", "0xp1"] {
            assert!(Number::parse(text).is_err(), "{text}");
        }
        assert_eq!(Number::parse("-9223372036854775808").ok().and_then(|n| n.int), Some(i64::MIN));
    }

    #[test]
    fn floats_read_as_go_writes_them() {
        for (value, text) in [
            (3.0, "3"),
            (0.5, "0.5"),
            (1_000_000.0, "1e+06"),
            (123_456.0, "123456"),
            (1_234_567_890.0, "1.23456789e+09"),
            (0.00001, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0"),
            (1e100, "1e+100"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(shortest(value), text);
        }
        assert_eq!(float(3.25159, FloatStyle::General(3)), "3.25");
        assert_eq!(float(100_000.0, FloatStyle::General(6)), "100000");
        assert_eq!(float(1_000_000.0, FloatStyle::General(6)), "1e+06");
        assert_eq!(float(1.5, FloatStyle::Exponent(2)), "1.50e+00");
        // Rust's own widths and precisions end at 65,535.
        assert_eq!(float(0.1, FloatStyle::Fixed(1_000_000)).len(), 1_000_002);
        assert_eq!(float(5e-324, FloatStyle::Exponent(100_000)).len(), 100_007);
        assert_eq!(float(0.5, FloatStyle::General(1_000_000)), "0.5");
    }
}
