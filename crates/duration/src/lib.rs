//! Durations in Go's notation, `1h30m` or `1.5s`, as nanoseconds in an `i64`.
//!
//! Kubernetes specs, template functions and command-line flags all take this notation. The rules are those of Go's
//! `time.ParseDuration` and `Duration.String`.

use std::fmt::Write;

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// Parses a duration such as `1h30m`, `-1.5h` or `300ms`; the result is in nanoseconds.
///
/// `None` where the string is not a duration, or exceeds the range of `i64`. `0` needs no unit.
pub fn parse(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        total = total.checked_add(component(number, unit_length(unit)?)?)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// The nanoseconds of `number` units.
fn component(number: &str, unit: u64) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() == 0 || fraction.contains('.') {
        return None;
    }
    let mut total: i128 = 0;
    for digit in whole.bytes() {
        total = total * 10 + i128::from(digit - b'0');
        if total > 1 << 63 {
            return None;
        }
    }
    Some(total * i128::from(unit) + fraction_of(fraction, unit))
}

/// The nanoseconds of the digits after the point: in floating point, and without the digits that exceed 63 bits, as in Go.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "Go's result is rounded the same way")]
fn fraction_of(digits: &str, unit: u64) -> i128 {
    const LIMIT: u64 = 1 << 63;
    let (mut value, mut scale) = (0_u64, 1_f64);
    for digit in digits.bytes() {
        if value > (LIMIT - 1) / 10 {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if next > LIMIT {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as i128
}

fn unit_length(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        // The micro sign and the Greek letter mu.
        "us" | "\u{b5}s" | "\u{3bc}s" => MICROSECOND,
        "ms" => MILLISECOND,
        "s" => SECOND,
        "m" => MINUTE,
        "h" => HOUR,
        _ => return None,
    })
}

/// Formats nanoseconds, the largest unit first: `1h0m0s`, `1.5s`, `20ms`, `0s`.
pub fn format(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let n = nanoseconds.unsigned_abs();
    let mut text = sign.to_owned();
    match n {
        0 => text.push_str("0s"),
        1..MICROSECOND => push_units(&mut text, n, 1, "ns"),
        MICROSECOND..MILLISECOND => push_units(&mut text, n, MICROSECOND, "\u{b5}s"),
        MILLISECOND..SECOND => push_units(&mut text, n, MILLISECOND, "ms"),
        SECOND.. => {
            if n >= HOUR {
                push_units(&mut text, n / HOUR, 1, "h");
            }
            if n >= MINUTE {
                push_units(&mut text, n % HOUR / MINUTE, 1, "m");
            }
            push_units(&mut text, n % MINUTE, SECOND, "s");
        }
    }
    text
}

/// Appends `value / unit` as a decimal without trailing zeros.
fn push_units(text: &mut String, value: u64, unit: u64, symbol: &str) {
    // Writing to a string can't fail.
    let _ = write!(text, "{}", value / unit);
    if !value.is_multiple_of(unit) {
        let digits = format!("{}", unit + value % unit);
        // The first digit stands for the unit itself and keeps the zeros after the point.
        let _ = write!(text, ".{}", digits[1..].trim_end_matches('0'));
    }
    text.push_str(symbol);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parses_what_go_parses() {
        // As time.ParseDuration of Go 1.26 answers.
        for (text, expected) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("+5s", Some(5_000_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("-1.5h", Some(-5_400_000_000_000)),
            (".5s", Some(500_000_000)),
            ("1.s", Some(1_000_000_000)),
            ("39h9m14.425s", Some(140_954_425_000_000)),
            ("10us", Some(10_000)),
            ("10\u{b5}s", Some(10_000)),
            ("10\u{3bc}s", Some(10_000)),
            ("0.3333333333333333333h", Some(1_200_000_000_000)),
            ("0.333333333333333333h", Some(1_199_999_999_999)),
            ("0.830103483285477580700h", Some(2_988_372_539_827)),
            ("1.0000000001h", Some(3_600_000_000_360)),
            ("0.9999999999999999999999999s", Some(1_000_000_000)),
            ("00000000000000000000001s", Some(1_000_000_000)),
            ("9223372036854775807ns", Some(i64::MAX)),
            ("-9223372036854775808ns", Some(i64::MIN)),
            ("9223372036854775808ns", None),
            ("", None),
            ("-", None),
            ("3", None),
            (".s", None),
            ("1.2.3s", None),
            ("5 s", None),
            ("1d", None),
            ("9999999.9h", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn formats_as_go_does() {
        for (nanoseconds, expected) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1\u{b5}s"),
            (2_200_000, "2.2ms"),
            (20_000_000, "20ms"),
            (1_500_000_000, "1.5s"),
            (60_000_000_000, "1m0s"),
            (3_600_000_000_000, "1h0m0s"),
            (259_380_500_000_000, "72h3m0.5s"),
            (-1_000_000_001, "-1.000000001s"),
            (i64::MAX, "2562047h47m16.854775807s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(format(nanoseconds), expected);
        }
    }

    proptest! {
        #[test]
        fn parses_what_it_formats(nanoseconds: i64) {
            prop_assert_eq!(parse(&format(nanoseconds)), Some(nanoseconds));
        }

        #[test]
        fn never_panics(text in "[-+]?([0-9.]{0,40}(ns|us|\u{b5}s|ms|s|m|h|x|\u{3bc})?){0,50}") {
            let _ = parse(&text);
        }
    }
}
