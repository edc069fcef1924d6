//! Regular expressions. Go's dialect is translated to that of the `regex` crate, which has the same core.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use regex::Regex;

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::value::{Element, List, Value};

pub(super) fn register(table: &mut Table) {
    table.add("regexMatch", &[Type::Str, Type::Str], |call, args| match compiled(call, args, 0) {
        Ok(regex) => Ok(regex.is_match(args.text(1)).into()),
        Err(_) => Ok(false.into()),
    });
    table.add("mustRegexMatch", &[Type::Str, Type::Str], |call, args| {
        Ok(compiled(call, args, 0)?.is_match(args.text(1)).into())
    });
    for name in ["regexFind", "mustRegexFind"] {
        table.add(name, &[Type::Str, Type::Str], |call, args| {
            Ok(compiled(call, args, 0)?.find(args.text(1)).map_or("", |m| m.as_str()).into())
        });
    }
    for name in ["regexFindAll", "mustRegexFindAll"] {
        table.add(name, &[Type::Str, Type::Str, Type::Int], |call, args| {
            let regex = compiled(call, args, 0)?;
            let limit = usize::try_from(args.int(2)).unwrap_or(usize::MAX);
            let found: Vec<&str> = regex.find_iter(args.text(1)).take(limit).map(|m| m.as_str()).collect();
            call.budget.items(found.len())?;
            Ok(if found.is_empty() { List::nil(Element::Str) } else { List::strings(found) }.into())
        });
    }
    for name in ["regexReplaceAll", "mustRegexReplaceAll"] {
        table.add(name, &[Type::Str, Type::Str, Type::Str], |call, args| {
            let regex = compiled(call, args, 0)?;
            reserve(call, &regex, args)?;
            let replaced: String = regex.replace_all(args.text(1), args.text(2)).into_owned();
            call.budget.text(replaced.len())?;
            Ok(replaced.into())
        });
    }
    for name in ["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"] {
        table.add(name, &[Type::Str, Type::Str, Type::Str], |call, args| {
            let regex = compiled(call, args, 0)?;
            reserve(call, &regex, args)?;
            let replaced: String = regex.replace_all(args.text(1), regex::NoExpand(args.text(2))).into_owned();
            Ok(replaced.into())
        });
    }
    for name in ["regexSplit", "mustRegexSplit"] {
        table.add(name, &[Type::Str, Type::Str, Type::Int], split);
    }
    table.add("regexQuoteMeta", &[Type::Str], |call, args| {
        call.budget.text(args.text(0).len() * 2)?;
        let mut out = String::new();
        for c in args.text(0).chars() {
            if r"\.+*?()|[]{}^$".contains(c) {
                out.push('\\');
            }
            out.push(c);
        }
        Ok(out.into())
    });
}

/// Makes sure that a replacement stays within bounds before it is made.
fn reserve(call: &mut Call<'_>, regex: &Regex, args: &Args) -> Result<(), FunctionError> {
    let (text, replacement) = (args.text(1), args.text(2));
    let count = regex.find_iter(text).count();
    // Every `$` may stand for the whole text.
    let each = replacement.len().saturating_add(if replacement.contains('$') {
        let matched = regex.find_iter(text).map(|m| m.len()).max().unwrap_or(0);
        replacement.matches('$').count().saturating_mul(matched)
    } else {
        0
    });
    call.budget.text(text.len().saturating_add(count.saturating_mul(each)))
}

/// As Go splits: a limit of 0 gives nothing, and an empty match at the very end none.
fn split(call: &mut Call<'_>, args: &Args) -> Outcome {
    let regex = compiled(call, args, 0)?;
    let (text, limit) = (args.text(1), args.int(2));
    if limit == 0 {
        return Ok(List::nil(Element::Str).into());
    }
    if !args.text(0).is_empty() && text.is_empty() {
        return Ok(List::strings([""]).into());
    }
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut parts: Vec<Value> = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for found in regex.find_iter(text) {
        if parts.len() + 1 >= most {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(text[begin..end].into());
        }
        begin = found.end();
    }
    if end != text.len() {
        parts.push(text[begin..].into());
    }
    call.budget.items(parts.len())?;
    Ok(List::of(Element::Str, parts).into())
}

/// Compiles an expression; those of a loop are compiled once.
fn compiled(call: &mut Call<'_>, args: &Args, index: usize) -> Result<Regex, FunctionError> {
    const KEPT: usize = 64;
    static CACHE: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let expression = args.text(index);
    call.budget.spend(args.rest(0).iter().filter_map(Value::as_str).map(|t| t.len() / 16).sum())?;
    if let Ok(cache) = CACHE.lock()
        && let Some(regex) = cache.get(expression)
    {
        return Ok(regex.clone());
    }
    let fault = |reason: &str| FunctionError::new(format!("not a regular expression: {reason}"));
    let translated = translated(expression).ok_or_else(|| fault("a repetition is repeated"))?;
    let regex = Regex::new(&translated).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => fault("it is too large"),
        _ => fault("its syntax is wrong"),
    })?;
    if let Ok(mut cache) = CACHE.lock() {
        if cache.len() >= KEPT {
            cache.clear();
        }
        cache.insert(expression.to_owned(), regex.clone());
    }
    Ok(regex)
}

/// Go's classes `\d`, `\w`, `\s` and `\b` know ASCII only, `\Q…\E` quotes, a brace that is no repetition is a plain
/// character, and so are brackets and doubled signs within a class. A repetition can't be repeated: that gives `None`.
fn translated(expression: &str) -> Option<String> {
    let mut out = String::with_capacity(expression.len() + 16);
    let mut rest = expression;
    let mut in_class = false;
    let mut class_start = false;
    // How much of `a*?` came just before: nothing, the repetition, or the mark that makes it reluctant too.
    let mut repeated = 0;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let starts_class = std::mem::take(&mut class_start);
        let repeats = !in_class && (matches!(c, '*' | '+' | '?') || (c == '{' && is_repetition(after)));
        match (repeats, c, repeated) {
            (false, ..) => repeated = 0,
            (true, _, 0) => repeated = 1,
            (true, '?', 1) => repeated = 2,
            _ => return None,
        }
        if repeats && c == '{' {
            let end = rest.find('}').map_or(rest.len(), |end| end + 1);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        match c {
            '\\' => {
                let Some(escaped) = after.chars().next() else {
                    out.push('\\');
                    break;
                };
                rest = &after[escaped.len_utf8()..];
                match escaped {
                    'd' | 'w' | 's' | 'D' | 'W' | 'S' => {
                        let set = match escaped.to_ascii_lowercase() {
                            'd' => "0-9",
                            'w' => "0-9A-Za-z_",
                            _ => r"\t\n\x0c\r ",
                        };
                        match (in_class, escaped.is_ascii_uppercase()) {
                            (true, false) => out.push_str(set),
                            (_, true) => out.push_str(&format!("[^{set}]")),
                            (false, false) => out.push_str(&format!("[{set}]")),
                        }
                    }
                    'b' | 'B' if !in_class => out.push_str(&format!("(?-u:\\{escaped})")),
                    'Q' => {
                        let (quoted, after) = rest.split_once(r"\E").unwrap_or((rest, ""));
                        out.push_str(&regex::escape(quoted));
                        rest = after;
                    }
                    'p' | 'P' | 'x' if rest.starts_with('{') => {
                        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                        out.extend(['\\', escaped]);
                        out.push_str(&rest[..end]);
                        rest = &rest[end..];
                    }
                    c => out.extend(['\\', c]),
                }
                continue;
            }
            '[' if !in_class => {
                in_class = true;
                class_start = true;
                out.push('[');
                if let Some(inner) = after.strip_prefix('^') {
                    out.push('^');
                    rest = inner;
                    continue;
                }
            }
            ']' if in_class && !starts_class => {
                in_class = false;
                out.push(']');
            }
            ']' if in_class => out.push_str("\\]"),
            '[' => match after.find(":]").filter(|_| after.starts_with(':')) {
                Some(end) => {
                    out.push_str(&rest[..end + 3]);
                    rest = &rest[end + 3..];
                    continue;
                }
                None => out.push_str("\\["),
            },
            '&' | '~' if in_class => out.extend(['\\', c]),
            '-' if in_class && after.starts_with('-') => out.push_str("\\-"),
            '{' if !in_class => out.push_str("\\{"),
            c => out.push(c),
        }
        rest = after;
    }
    Some(out)
}

/// Whether `{` begins a count such as `{2}`, `{2,}`, `{2,3}`.
fn is_repetition(after: &str) -> bool {
    let Some((count, _)) = after.split_once('}') else { return false };
    let (least, most) = count.split_once(',').unwrap_or((count, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_dialect_is_gos() {
        let matches =
            |expression: &str, text: &str| Regex::new(&translated(expression).unwrap()).unwrap().is_match(text);
        assert!(!matches(r"^\d$", "٣"));
        assert!(matches(r"^[\w-]+$", "a-b_1"));
        assert!(!matches(r"^\w+$", "é"));
        assert!(matches(r"a{", "a{"));
        assert!(matches(r"^a{2}$", "aa"));
        assert!(matches(r"^[[]$", "["));
        assert!(matches(r"^[]]$", "]"));
        assert!(matches(r"^[^]a]$", "b"));
        assert!(matches(r"^[[:alpha:]]+$", "abc"));
        assert!(matches(r"^[a&&b]+$", "&"));
        assert!(matches(r"^\Qa.b\E$", "a.b"));
        assert!(!matches(r"^\Qa.b\E$", "axb"));
        assert!(matches(r"^[^\D]+$", "12"));
        assert!(matches(r"^a+?\p{L}$", "aé"));
        assert_eq!(translated("a**"), None);
    }
}
