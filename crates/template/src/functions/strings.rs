//! Strings: cutting, padding, replacing, quoting.

use std::sync::Arc;

use super::dicts::numbered;
use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::Budget;
use crate::print::{plain, quoted};
use crate::printf::sprintf;
use crate::value::{List, Value};

pub(super) fn register(table: &mut Table) {
    table.add("trim", &[Type::Str], |_, args| Ok(args.text(0).trim().into()));
    for name in ["trimAll", "trimall"] {
        table.add(name, &[Type::Str, Type::Str], |_, args| {
            Ok(args.text(1).trim_matches(|c| args.text(0).contains(c)).into())
        });
    }
    table.add("trimSuffix", &[Type::Str, Type::Str], |_, args| {
        let text = args.text(1);
        Ok(text.strip_suffix(args.text(0)).unwrap_or(text).into())
    });
    table.add("trimPrefix", &[Type::Str, Type::Str], |_, args| {
        let text = args.text(1);
        Ok(text.strip_prefix(args.text(0)).unwrap_or(text).into())
    });
    table.add("upper", &[Type::Str], |call, args| sized(call, args.text(0), |s| s.chars().map(upper).collect()));
    table.add("lower", &[Type::Str], |call, args| sized(call, args.text(0), |s| s.chars().map(lower).collect()));
    table.add("contains", &[Type::Str, Type::Str], |_, args| Ok(args.text(1).contains(args.text(0)).into()));
    table.add("hasPrefix", &[Type::Str, Type::Str], |_, args| Ok(args.text(1).starts_with(args.text(0)).into()));
    table.add("hasSuffix", &[Type::Str, Type::Str], |_, args| Ok(args.text(1).ends_with(args.text(0)).into()));
    table.add("repeat", &[Type::Int, Type::Str], |call, args| {
        let count = usize::try_from(args.int(0)).map_err(|_| FunctionError::new("negative repeat count"))?;
        call.budget.text(args.text(1).len().saturating_mul(count))?;
        Ok(args.text(1).repeat(count).into())
    });
    table.add("trunc", &[Type::Int, Type::Str], |_, args| {
        let (count, text) = (args.int(0), args.text(1));
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        Ok(match count {
            0.. if count < length => bytes(text, 0, count),
            ..0 if length.saturating_add(count) > 0 => bytes(text, length + count, length),
            _ => args.any(1).clone(),
        })
    });
    table.add("substr", &[Type::Int, Type::Int, Type::Str], |_, args| {
        let (start, end, text) = (args.int(0), args.int(1), args.text(2));
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let (start, end) = match (start, end) {
            (..0, end) => (0, end),
            (start, end) if end < 0 || end > length => (start, length),
            both => both,
        };
        if start > end || end > length {
            return Err(FunctionError::new(format!("bounds out of range: the string has {length} bytes")));
        }
        Ok(bytes(text, start, end))
    });
    table.add("abbrev", &[Type::Int, Type::Str], |_, args| {
        Ok(if args.int(0) < 4 { args.any(1).clone() } else { abbreviated(args.text(1), 0, args.int(0)).into() })
    });
    table.add("abbrevboth", &[Type::Int, Type::Int, Type::Str], |_, args| {
        let (left, right) = (args.int(0), args.int(1));
        let too_short = right < 4 || (left > 0 && right < 7);
        Ok(if too_short { args.any(2).clone() } else { abbreviated(args.text(2), left, right).into() })
    });
    table.add("replace", &[Type::Str, Type::Str, Type::Str], |call, args| {
        let (old, new, text) = (args.text(0), args.text(1), args.text(2));
        let count = text.matches(old).count();
        call.budget.text(text.len() + count.saturating_mul(new.len()))?;
        Ok(text.replace(old, new).into())
    });
    table.add("plural", &[Type::Str, Type::Str, Type::Int], |_, args| {
        Ok(args.any(if args.int(2) == 1 { 0 } else { 1 }).clone())
    });
    table.variadic("quote", &[], Type::Any, |call, args| {
        each(call, args, |value, budget| Ok(quoted(&to_text(value, budget)?, false)))
    });
    table.variadic("squote", &[], Type::Any, |call, args| {
        each(call, args, |value, budget| Ok(format!("'{}'", plain(value, budget)?)))
    });
    table.variadic("cat", &[], Type::Any, |call, args| {
        let values: Vec<Value> = args.rest(0).iter().filter(|v| !v.is_nil()).cloned().collect();
        let format = vec!["%v"; values.len()].join(" ");
        Ok(sprintf(&format, &values, call.budget)?.into())
    });
    table.add("indent", &[Type::Int, Type::Str], kops_indent);
    table.add("nindent", &[Type::Int, Type::Str], |call, args| {
        let (pad, text) = (padding(call.budget, args)?, args.text(1));
        Ok(format!("\n{pad}{}", text.replace('\n', &format!("\n{pad}"))).into())
    });
    table.add("split", &[Type::Str, Type::Str], |call, args| {
        Ok(numbered(parts(call.budget, args.text(0), args.text(1))?.into_iter()))
    });
    table.add("splitn", &[Type::Str, Type::Int, Type::Str], |call, args| {
        let (separator, text) = (args.text(0), args.text(2));
        Ok(match args.int(1) {
            0 => numbered(std::iter::empty()),
            ..0 => numbered(parts(call.budget, separator, text)?.into_iter()),
            count => {
                let mut all = parts(call.budget, separator, text)?;
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                if all.len() > count {
                    // The last part keeps its separators.
                    let skipped: usize = all[..count - 1].iter().map(|p| p.len() + separator.len()).sum();
                    all.truncate(count - 1);
                    all.push(text.get(skipped..).unwrap_or_default());
                }
                numbered(all.into_iter())
            }
        })
    });
    table.add("splitList", &[Type::Str, Type::Str], |call, args| {
        Ok(List::strings(parts(call.budget, args.text(0), args.text(1))?).into())
    });
    table.add("toString", &[Type::Any], |call, args| Ok(to_text(args.any(0), call.budget)?.into()));
}

/// The parts between separators; with an empty one, the characters.
fn parts<'t>(budget: &mut Budget, separator: &str, text: &'t str) -> Result<Vec<&'t str>, FunctionError> {
    let parts: Vec<&str> = if separator.is_empty() {
        text.char_indices().map(|(i, c)| &text[i..i + c.len_utf8()]).collect()
    } else {
        text.split(separator).collect()
    };
    budget.items(parts.len())?;
    Ok(parts)
}

/// Any value as a string: a string as it is, anything else as it prints (sprig's `strval`).
pub(super) fn to_text(value: &Value, budget: &mut Budget) -> Result<Arc<str>, FunctionError> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        other => Ok(plain(other, budget)?.into()),
    }
}

/// The items of a list as strings, without nulls; anything else as a list of one (sprig's `strslice`).
pub(super) fn to_strings(value: &Value, budget: &mut Budget) -> Result<Vec<Arc<str>>, FunctionError> {
    match value {
        Value::List(list) => {
            budget.items(list.items().len())?;
            let items = list.items().iter().filter(|v| !v.is_nil());
            let mut text = |value| {
                let text = to_text(value, budget)?;
                // Sorted or joined, each is read.
                budget.spend(text.len() / 64)?;
                Ok(text)
            };
            items.map(&mut text).collect()
        }
        other if other.is_nil() => Ok(Vec::new()),
        other => Ok(vec![to_text(other, budget)?]),
    }
}

/// Makes a string from another one of about the same length.
pub(super) fn sized(call: &mut Call<'_>, text: &str, make: impl Fn(&str) -> String) -> Outcome {
    call.budget.text(text.len())?;
    Ok(make(text).into())
}

fn each(call: &mut Call<'_>, args: &Args, show: fn(&Value, &mut Budget) -> Result<String, FunctionError>) -> Outcome {
    let mut shown: Vec<String> = Vec::new();
    let mut length = 0;
    for value in args.rest(0).iter().filter(|v| !v.is_nil()) {
        let text = show(value, call.budget)?;
        length += text.len() + 1;
        call.budget.text(length)?;
        shown.push(text);
    }
    Ok(shown.join(" ").into())
}

/// Bytes of a string; a character that is cut in two becomes U+FFFD.
fn bytes(text: &str, start: i64, end: i64) -> Value {
    let bound = |n: i64| usize::try_from(n).unwrap_or(0).min(text.len());
    let bytes = text.as_bytes().get(bound(start)..bound(end)).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// A string cut to a width around an offset, with dots where something is missing (the Go library goutils, which sprig uses).
fn abbreviated(text: &str, offset: i64, width: i64) -> String {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let cut = |start: i64, end: i64| bytes(text, start, end).as_str().unwrap_or_default().to_owned();
    if length <= width {
        return text.to_owned();
    }
    let offset = offset.min(length);
    let offset = if length - offset < width - 3 { length - (width - 3) } else { offset };
    if offset <= 4 {
        return format!("{}...", cut(0, width - 3));
    }
    if width < 7 {
        return String::new();
    }
    if offset + width - 3 < length {
        return format!("...{}", abbreviated(&cut(offset, length), 0, width - 3));
    }
    format!("...{}", cut(length - (width - 3), length))
}

fn padding(budget: &mut Budget, args: &Args) -> Result<String, FunctionError> {
    let width = usize::try_from(args.int(0)).map_err(|_| FunctionError::new("negative indentation"))?;
    let lines = args.text(1).matches('\n').count() + 1;
    budget.text(width.saturating_mul(lines).saturating_add(args.text(1).len()))?;
    Ok(" ".repeat(width))
}

/// kops' own `indent`, which does not change the first line and empty lines (shown by the conformance templates that call `indent`).
fn kops_indent(call: &mut Call<'_>, args: &Args) -> Outcome {
    let pad = padding(call.budget, args)?;
    let mut out = String::new();
    for (i, line) in args.text(1).split('\n').enumerate() {
        if i > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&pad);
            }
        }
        out.push_str(line);
    }
    Ok(out.into())
}

/// A character in upper case, where that is one character.
pub(super) fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

/// A character in lower case, where that is one character.
pub(super) fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(lower), None) => lower,
        _ => c,
    }
}
