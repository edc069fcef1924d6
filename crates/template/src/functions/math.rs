//! Arithmetic: on `int64` with sprig's lenient conversions, and on floats with exact decimals (the Go library decimal, which
//! sprig uses).

use super::strings::to_text;
use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::{Budget, MAX_LIST};
use crate::value::{Element, List, Value};

pub(super) fn register(table: &mut Table) {
    table.add("atoi", &[Type::Str], |_, args| Ok(Value::Int(args.text(0).parse().unwrap_or(0))));
    table.add("int", &[Type::Any], |_, args| Ok(Value::Int(to_int(args.any(0)))));
    table.add("int64", &[Type::Any], |_, args| Ok(Value::Int64(to_int(args.any(0)))));
    table.add("float64", &[Type::Any], |_, args| Ok(Value::Float(to_float(args.any(0)))));
    table.add("toDecimal", &[Type::Any], |call, args| {
        let text = to_text(args.any(0), call.budget)?;
        Ok(Value::Int64(i64::from_str_radix(&text, 8).unwrap_or(0)))
    });
    table.add("add1", &[Type::Any], |_, args| Ok(Value::Int64(to_int(args.any(0)).wrapping_add(1))));
    table.variadic("add", &[], Type::Any, |_, args| {
        Ok(Value::Int64(args.rest(0).iter().fold(0, |sum, v| sum.wrapping_add(to_int(v)))))
    });
    table.add("sub", &[Type::Any, Type::Any], |_, args| {
        Ok(Value::Int64(to_int(args.any(0)).wrapping_sub(to_int(args.any(1)))))
    });
    table.variadic("mul", &[Type::Any], Type::Any, |_, args| {
        Ok(Value::Int64(args.rest(0).iter().fold(1, |product, v| product.wrapping_mul(to_int(v)))))
    });
    table.add("div", &[Type::Any, Type::Any], |_, args| divided(args, i64::wrapping_div));
    table.add("mod", &[Type::Any, Type::Any], |_, args| divided(args, i64::wrapping_rem));
    for name in ["max", "biggest"] {
        table.variadic(name, &[Type::Any], Type::Any, |_, args| {
            Ok(Value::Int64(args.rest(0).iter().map(to_int).max().unwrap_or(0)))
        });
    }
    table.variadic("min", &[Type::Any], Type::Any, |_, args| {
        Ok(Value::Int64(args.rest(0).iter().map(to_int).min().unwrap_or(0)))
    });
    table.variadic("maxf", &[Type::Any], Type::Any, |_, args| {
        Ok(folded(args, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }))
    });
    table.variadic("minf", &[Type::Any], Type::Any, |_, args| {
        Ok(folded(args, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }))
    });
    table.add("floor", &[Type::Any], |_, args| Ok(Value::Float(to_float(args.any(0)).floor())));
    table.add("ceil", &[Type::Any], |_, args| Ok(Value::Float(to_float(args.any(0)).ceil())));
    table.variadic("round", &[Type::Any, Type::Int], Type::Float, |_, args| {
        let on = if args.len() > 2 { args.float(2) } else { 0.5 };
        let scale = 10f64.powf(args.int(1) as f64);
        let scaled = scale * to_float(args.any(0));
        let rounded = if scaled.fract() >= on { scaled.ceil() } else { scaled.floor() };
        Ok(Value::Float(rounded / scale))
    });
    table.add("add1f", &[Type::Any], |_, args| {
        Ok(Value::Float(Decimal::of(to_float(args.any(0))).plus(Decimal::of(1.0)).float()))
    });
    table.variadic("addf", &[], Type::Any, |_, args| {
        Ok(Value::Float(steps(Decimal::of(0.0), args.rest(0), Decimal::plus)?.float()))
    });
    table.variadic("subf", &[Type::Any], Type::Any, |_, args| floats(args, |a, b| a.plus(b.negated())));
    table.variadic("mulf", &[Type::Any], Type::Any, |_, args| floats(args, Decimal::times));
    table.variadic("divf", &[Type::Any], Type::Any, |_, args| {
        if args.rest(1).iter().any(|v| to_float(v) == 0.0) {
            return Err(FunctionError::new("division by zero"));
        }
        floats(args, Decimal::divided)
    });
    table.add("until", &[Type::Int], |call, args| {
        let count = args.int(0);
        integers(call.budget, 0, count, if count < 0 { -1 } else { 1 })
    });
    table.add("untilStep", &[Type::Int, Type::Int, Type::Int], |call, args| {
        integers(call.budget, args.int(0), args.int(1), args.int(2))
    });
    table.variadic("seq", &[], Type::Int, sequence);
    table.add("randInt", &[Type::Int, Type::Int], |call, args| {
        let (least, end) = (args.int(0), args.int(1));
        let width = u64::try_from(i128::from(end) - i128::from(least)).ok().filter(|w| *w > 0);
        let width = width.ok_or_else(|| FunctionError::new("the first number must be smaller than the second"))?;
        let bytes = call.eval_context.random(16)?;
        let number = bytes.iter().fold(0u128, |n, byte| n << 8 | u128::from(*byte)) % u128::from(width);
        Ok(Value::Int(i64::try_from(i128::from(least) + i128::try_from(number).unwrap_or(0)).unwrap_or(least)))
    });
}

/// A value as an integer, as the Go library cast converts it: fractions are cut off, strings are parsed, anything else is 0.
pub(crate) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(n) | Value::Int64(n) => *n,
        Value::Uint64(n) => *n as i64,
        Value::Uint8(n) => i64::from(*n),
        Value::Float(n) if n.is_nan() || n.abs() >= 9.3e18 => i64::MIN,
        Value::Float(n) => *n as i64,
        Value::Bool(b) => i64::from(*b),
        Value::Str(text) => int_of_text(text),
        Value::Object(object) if object.kind_name() == "int" => object.number().unwrap_or(0),
        _ => 0,
    }
}

fn int_of_text(text: &str) -> i64 {
    // `12.00` is a number, `12.5` is not.
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    if whole.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) && !whole.contains('.') {
        let number = crate::number::Number::parse(whole).ok().filter(|n| !n.written_as_float);
        return number.and_then(|n| n.int).unwrap_or(0);
    }
    0
}

/// A value as a float; anything but a number or the string of one is 0.
pub(crate) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Float(n) => *n,
        Value::Uint64(n) => *n as f64,
        Value::Str(text) => text.parse().unwrap_or(0.0),
        other => to_int(other) as f64,
    }
}

fn divided(args: &Args, divide: fn(i64, i64) -> i64) -> Outcome {
    match to_int(args.any(1)) {
        0 => Err(FunctionError::new("division by zero")),
        divisor => Ok(Value::Int64(divide(to_int(args.any(0)), divisor))),
    }
}

fn folded(args: &Args, pick: fn(f64, f64) -> f64) -> Value {
    Value::Float(args.rest(1).iter().map(to_float).fold(to_float(args.any(0)), pick))
}

fn floats(args: &Args, step: fn(Decimal, Decimal) -> Decimal) -> Outcome {
    Ok(Value::Float(steps(Decimal::of(to_float(args.any(0))), args.rest(1), step)?.float()))
}

fn steps(start: Decimal, values: &[Value], step: fn(Decimal, Decimal) -> Decimal) -> Result<Decimal, FunctionError> {
    if values.iter().any(|v| !to_float(v).is_finite()) {
        return Err(FunctionError::new("not a finite number"));
    }
    Ok(values.iter().fold(start, |sum, v| step(sum, Decimal::of(to_float(v)))))
}

fn integers(budget: &mut Budget, start: i64, stop: i64, step: i64) -> Outcome {
    Ok(List::of(Element::Int, counted(budget, start, stop, step)?.into_iter().map(Value::Int).collect()).into())
}

/// The integers from `start` up to, but not including, `stop`; none if the step leads away from it.
fn counted(budget: &mut Budget, start: i64, stop: i64, step: i64) -> Result<Vec<i64>, FunctionError> {
    let leads = if stop < start { step < 0 } else { step > 0 };
    if !leads || start == stop {
        return Ok(Vec::new());
    }
    let count = (i128::from(stop) - i128::from(start)).unsigned_abs().div_ceil(i128::from(step).unsigned_abs());
    let count = usize::try_from(count).unwrap_or(MAX_LIST + 1);
    budget.items(count)?;
    Ok(std::iter::successors(Some(start), |n| n.checked_add(step)).take(count).collect())
}

fn sequence(call: &mut Call<'_>, args: &Args) -> Outcome {
    let int = |i: usize| args.int(i);
    let (start, step, end) = match args.len() {
        1 => (1, None, int(0)),
        2 => (int(0), None, int(1)),
        3 => (int(0), Some(int(1)), int(2)),
        _ => return Ok("".into()),
    };
    let direction = if end < start { -1 } else { 1 };
    if end < start && step.is_some_and(|step| step > 0) {
        return Ok("".into());
    }
    let numbers = counted(call.budget, start, end.saturating_add(direction), step.unwrap_or(direction))?;
    let strings: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Ok(strings.join(" ").into())
}

/// A decimal fraction, so that `addf 0.1 0.2` is `0.3`; a float where that overflows.
#[derive(Clone, Copy)]
enum Decimal {
    /// A number times a power of ten.
    Exact(i128, i32),
    Float(f64),
}

/// How many digits after the point a division has.
const DIVISION_DIGITS: i32 = 16;

impl Decimal {
    fn of(value: f64) -> Self {
        let text = format!("{value:e}");
        let exact = text.split_once('e').and_then(|(mantissa, exponent)| {
            let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
            let exponent: i32 = exponent.parse().ok()?;
            Some(Self::Exact(digits, exponent - i32::try_from(fraction.len()).ok()?))
        });
        exact.unwrap_or(Self::Float(value))
    }

    fn float(self) -> f64 {
        match self {
            Self::Exact(digits, exponent) => format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN),
            Self::Float(value) => value,
        }
    }

    fn negated(self) -> Self {
        match self {
            Self::Exact(digits, exponent) => Self::Exact(-digits, exponent),
            Self::Float(value) => Self::Float(-value),
        }
    }

    fn plus(self, other: Self) -> Self {
        if let (Self::Exact(a, x), Self::Exact(b, y)) = (self, other) {
            let exponent = x.min(y);
            let sum = scaled(a, x - exponent).zip(scaled(b, y - exponent)).and_then(|(a, b)| a.checked_add(b));
            if let Some(sum) = sum {
                return Self::Exact(sum, exponent);
            }
        }
        Self::Float(self.float() + other.float())
    }

    fn times(self, other: Self) -> Self {
        if let (Self::Exact(a, x), Self::Exact(b, y)) = (self, other)
            && let Some((product, exponent)) = a.checked_mul(b).zip(x.checked_add(y))
        {
            return Self::Exact(product, exponent);
        }
        Self::Float(self.float() * other.float())
    }

    fn divided(self, other: Self) -> Self {
        if let (Self::Exact(a, x), Self::Exact(b, y)) = (self, other)
            && b != 0
        {
            // a·10^x / (b·10^y), to 16 digits after the point, halves rounded away from zero.
            let shift = x - y + DIVISION_DIGITS;
            let parts = if shift >= 0 { scaled(a, shift).zip(Some(b)) } else { Some(a).zip(scaled(b, -shift)) };
            if let Some((a, b)) = parts {
                let (quotient, rest) = (a / b, a % b);
                let away =
                    if rest.unsigned_abs() >= b.unsigned_abs().div_ceil(2) { a.signum() * b.signum() } else { 0 };
                return Self::Exact(quotient + away, -DIVISION_DIGITS);
            }
        }
        Self::Float(self.float() / other.float())
    }
}

fn scaled(digits: i128, exponent: i32) -> Option<i128> {
    if digits == 0 {
        return Some(0);
    }
    digits.checked_mul(10i128.checked_pow(u32::try_from(exponent).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_steps_are_exact() {
        let of = Decimal::of;
        assert_eq!(of(0.1).plus(of(0.2)).float(), 0.3);
        assert_eq!(of(1.1).times(of(1.1)).float(), 1.21);
        assert_eq!(of(1.0).divided(of(3.0)).float(), 0.3333333333333333);
        assert_eq!(of(2.0).divided(of(3.0)).float(), 0.6666666666666667);
        assert_eq!(of(1e300).plus(of(1e-300)).float(), 1e300);
    }

    #[test]
    fn strings_are_parsed_leniently() {
        for (text, number) in
            [("12", 12), ("12.00", 12), ("12.5", 0), ("x", 0), ("0x1f", 31), ("-3", -3), ("", 0), ("010", 8)]
        {
            assert_eq!(int_of_text(text), number, "{text}");
        }
    }
}
