//! The functions of Go's `text/template`, except `slice`, which sprig's replaces.

use std::cmp::Ordering;

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::print::{is_printable, plain, sprint, sprintln};
use crate::printf::sprintf;
use crate::value::{Element, Value};

pub(super) fn register(table: &mut Table) {
    table.variadic("call", &[Type::Any], Type::Any, |_, args| match args.any(0) {
        value if value.is_nil() => Err(FunctionError::new("null is not a function")),
        value => Err(FunctionError::new(format!("a {} is not a function", value.type_name()))),
    });
    table.variadic("html", &[], Type::Any, |call, args| escaped(call, args, escape_html));
    table.variadic("js", &[], Type::Any, |call, args| escaped(call, args, escape_js));
    table.variadic("urlquery", &[], Type::Any, |call, args| escaped(call, args, escape_query));
    table.variadic("print", &[], Type::Any, |call, args| Ok(sprint(args.rest(0), call.budget)?.into()));
    table.variadic("println", &[], Type::Any, |call, args| Ok(sprintln(args.rest(0), call.budget)?.into()));
    table.variadic("printf", &[Type::Str], Type::Any, |call, args| {
        Ok(sprintf(args.text(0), args.rest(1), call.budget)?.into())
    });
    table.variadic("index", &[Type::Any], Type::Any, index);
    table.add("len", &[Type::Any], |_, args| length(args.any(0)));
    table.add("not", &[Type::Any], |_, args| Ok((!args.any(0).truth()).into()));
    table.variadic("eq", &[Type::Any], Type::Any, |_, args| {
        if args.len() < 2 {
            return Err(FunctionError::new("missing argument for comparison"));
        }
        for other in args.rest(1) {
            if equal(args.any(0), other)? {
                return Ok(true.into());
            }
        }
        Ok(false.into())
    });
    table.add("ne", &[Type::Any, Type::Any], |_, args| Ok((!equal(args.any(0), args.any(1))?).into()));
    table.add("lt", &[Type::Any, Type::Any], |_, args| Ok(is_order(args, Ordering::is_lt)?.into()));
    table.add("le", &[Type::Any, Type::Any], |_, args| Ok(is_order(args, Ordering::is_le)?.into()));
    table.add("gt", &[Type::Any, Type::Any], |_, args| Ok(is_order(args, Ordering::is_gt)?.into()));
    table.add("ge", &[Type::Any, Type::Any], |_, args| Ok(is_order(args, Ordering::is_ge)?.into()));
}

fn index(_: &mut Call<'_>, args: &Args) -> Outcome {
    let mut item = args.any(0).clone();
    if item.is_nil() {
        return Err(FunctionError::new("can't index null"));
    }
    for key in args.rest(1) {
        item = match (&item, key) {
            (Value::Map(map), Value::Str(key)) => {
                map.get(key).unwrap_or(if map.element() == Element::Str { "".into() } else { Value::Nil })
            }
            (Value::Map(_), key) => {
                return Err(FunctionError::new(format!("keys are strings, not {}", described(key))));
            }
            (Value::List(list), key) => {
                let at = position(key, list.items().len())?;
                list.items()[at].clone()
            }
            (Value::Str(text), key) => Value::Uint8(text.as_bytes()[position(key, text.len())?]),
            (Value::Absent | Value::Nil, _) => return Err(FunctionError::new("can't index null")),
            (other, _) => return Err(FunctionError::new(format!("can't index {}", described(other)))),
        };
    }
    Ok(item)
}

fn position(key: &Value, length: usize) -> Result<usize, FunctionError> {
    let at = match key {
        Value::Int(n) | Value::Int64(n) => usize::try_from(*n).ok(),
        Value::Uint64(n) => usize::try_from(*n).ok(),
        Value::Uint8(n) => Some(usize::from(*n)),
        Value::Float(_) => {
            return Err(FunctionError::new("an index must be an int, not a float64").hint("convert it with `int`"));
        }
        other => return Err(FunctionError::new(format!("an index must be an int, not {}", described(other)))),
    };
    at.filter(|at| *at < length)
        .ok_or_else(|| FunctionError::new(format!("index out of range: there are {length} items, counted from 0")))
}

fn described(value: &Value) -> String {
    if value.is_nil() { "null".to_owned() } else { format!("a {}", value.type_name()) }
}

fn length(value: &Value) -> Outcome {
    let length = match value {
        Value::Str(text) => text.len(),
        Value::List(list) => list.items().len(),
        Value::Map(map) => map.len(),
        other => return Err(FunctionError::new(format!("{} has no length", described(other)))),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// The groups of types that `eq` and `lt` compare with each other.
#[derive(PartialEq, Eq)]
enum Comparable {
    Bool,
    Int,
    Uint,
    Float,
    Str,
    Nil,
    Other,
}

fn comparable(value: &Value) -> Comparable {
    match value {
        Value::Absent | Value::Nil => Comparable::Nil,
        Value::Bool(_) => Comparable::Bool,
        Value::Int(_) | Value::Int64(_) => Comparable::Int,
        Value::Uint64(_) | Value::Uint8(_) => Comparable::Uint,
        Value::Float(_) => Comparable::Float,
        Value::Str(_) => Comparable::Str,
        Value::Object(object) if object.number().is_some() => Comparable::Int,
        _ => Comparable::Other,
    }
}

/// A whole number, wide enough for signed and unsigned ones.
fn whole(value: &Value) -> Option<i128> {
    Some(match value {
        Value::Int(n) | Value::Int64(n) => i128::from(*n),
        Value::Uint64(n) => i128::from(*n),
        Value::Uint8(n) => i128::from(*n),
        Value::Object(object) => i128::from(object.number()?),
        _ => return None,
    })
}

fn equal(a: &Value, b: &Value) -> Result<bool, FunctionError> {
    match (a, b) {
        _ if a.is_nil() || b.is_nil() => Ok(match (a, b) {
            (Value::List(list), _) | (_, Value::List(list)) => list.is_nil(),
            (Value::Map(map), _) | (_, Value::Map(map)) => map.is_nil(),
            _ => a.is_nil() && b.is_nil(),
        }),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Str(a), Value::Str(b)) => Ok(a == b),
        (Value::Float(a), Value::Float(b)) => Ok(a == b),
        (Value::Object(x), Value::Object(y)) if comparable(a) == Comparable::Other => {
            Ok(x.type_name() == y.type_name() && x.text().is_some() && x.text() == y.text())
        }
        _ => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => Ok(a == b),
            _ if comparable(a) == comparable(b) => {
                Err(FunctionError::new(format!("{}s can't be compared", a.type_name()))
                    .hint("`deepEqual` compares lists and maps"))
            }
            _ => Err(incompatible(a, b)),
        },
    }
}

fn incompatible(a: &Value, b: &Value) -> FunctionError {
    let error =
        FunctionError::new(format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name()));
    match (a, b) {
        (Value::Float(_), _) | (_, Value::Float(_)) => {
            error.hint("numbers of a values file are floats: compare with `3.0`, or convert with `int`")
        }
        _ => error,
    }
}

fn is_order(args: &Args, wanted: fn(Ordering) -> bool) -> Result<bool, FunctionError> {
    let (a, b) = (args.any(0), args.any(1));
    let ordered = |v: &Value| !matches!(comparable(v), Comparable::Other | Comparable::Nil);
    if !ordered(a) || !ordered(b) {
        return Err(FunctionError::new("invalid type for comparison"));
    }
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Ok(wanted(a.cmp(b))),
        // Every comparison with NaN is false.
        (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b).is_some_and(wanted)),
        (Value::Bool(_), Value::Bool(_)) => Err(FunctionError::new("booleans have no order")),
        _ => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => Ok(wanted(a.cmp(&b))),
            _ => Err(incompatible(a, b)),
        },
    }
}

fn escaped(call: &mut Call<'_>, args: &Args, escape: fn(&str) -> String) -> Outcome {
    let text = match args.rest(0) {
        [one] if !one.is_nil() => plain(one, call.budget)?,
        all => {
            let shown: Vec<Value> =
                all.iter().map(|v| if v.is_nil() { "<no value>".into() } else { v.clone() }).collect();
            sprint(&shown, call.budget)?
        }
    };
    call.budget.text(text.len() * 6)?;
    Ok(escape(&text).into())
}

fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => out.push('\u{FFFD}'),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}

fn escape_js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '<' | '>' | '&' | '=' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if c < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c if c.is_ascii() || is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\u{:04X}", u32::from(c))),
        }
    }
    out
}

/// Escapes a string for the query of a URL.
pub(super) fn escape_query(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
