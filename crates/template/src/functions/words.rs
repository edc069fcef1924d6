//! Words: letter case, joining and splitting, wrapping.

use super::strings::{lower, sized, upper};
use super::{Args, Call, Outcome, Table, Type};

pub(super) fn register(table: &mut Table) {
    table.add("title", &[Type::Str], |call, args| sized(call, args.text(0), title));
    table.add("untitle", &[Type::Str], |call, args| sized(call, args.text(0), |s| at_word_starts(s, lower)));
    table.add("initials", &[Type::Str], |call, args| sized(call, args.text(0), initials));
    table.add("swapcase", &[Type::Str], |call, args| sized(call, args.text(0), swap_case));
    table.add("nospace", &[Type::Str], |call, args| {
        sized(call, args.text(0), |s| s.chars().filter(|c| !c.is_whitespace()).collect())
    });
    table.add("snakecase", &[Type::Str], |call, args| sized(call, args.text(0), |s| joined(s, '_')));
    table.add("kebabcase", &[Type::Str], |call, args| sized(call, args.text(0), |s| joined(s, '-')));
    table.add("camelcase", &[Type::Str], |call, args| sized(call, args.text(0), pascal_case));
    table.add("wrap", &[Type::Int, Type::Str], |call, args| wrapped(call, args, "\n", false));
    table.add("wrapWith", &[Type::Int, Type::Str, Type::Str], |call, args| {
        let separator = if args.text(1).is_empty() { "\n" } else { args.text(1) };
        wrapped(call, args, separator, true)
    });
}

fn title(text: &str) -> String {
    let mut before = ' ';
    text.chars()
        .map(|c| {
            let starts = is_separator(before);
            before = c;
            if starts { upper(c) } else { c }
        })
        .collect()
}

fn is_separator(c: char) -> bool {
    match c {
        c if c.is_ascii() => !(c.is_ascii_alphanumeric() || c == '_'),
        c if c.is_alphanumeric() => false,
        c => c.is_whitespace(),
    }
}

fn at_word_starts(text: &str, change: fn(char) -> char) -> String {
    let mut starts = true;
    text.chars()
        .map(|c| {
            let changed = if starts && !c.is_whitespace() { change(c) } else { c };
            starts = c.is_whitespace();
            changed
        })
        .collect()
}

fn initials(text: &str) -> String {
    text.split_whitespace().filter_map(|word| word.chars().next()).collect()
}

fn swap_case(text: &str) -> String {
    let mut after_space = true;
    text.chars()
        .map(|c| {
            if c.is_uppercase() {
                after_space = false;
                lower(c)
            } else if c.is_lowercase() {
                after_space = false;
                upper(c)
            } else {
                after_space = c.is_whitespace();
                c
            }
        })
        .collect()
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || c.is_whitespace()
}

/// `some_words here` → `SomeWordsHere`; connectors at the start are kept (the Go library xstrings, which sprig uses).
fn pascal_case(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut out = String::new();
    while let Some(c) = characters.next_if(|c| is_connector(*c)) {
        out.push(c);
    }
    let Some(first) = characters.next() else { return out };
    let mut in_upper = first.is_uppercase();
    let mut before = upper(first);
    for c in characters {
        if is_connector(c) && is_connector(before) {
            out.push(before);
            continue;
        }
        let mut next = c;
        if is_connector(before) {
            in_upper = c.is_uppercase();
            next = upper(c);
        } else {
            if in_upper {
                if c.is_uppercase() {
                    next = lower(c);
                } else {
                    in_upper = false;
                }
            }
            out.push(before);
        }
        before = next;
    }
    out.push(before);
    out
}

/// What a run of characters is to `snakecase` and `kebabcase`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    None,
    Number,
    Upper,
    Lower,
    Connector,
    Punctuation,
    Other,
}

fn is_punctuation(c: char) -> bool {
    // Unicode classes ASCII symbols such as `$` and `+` as symbols.
    match c {
        c if c.is_ascii() => c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c),
        c => matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'),
    }
}

fn next_word(text: &str) -> (Word, &str, &str) {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return (Word::None, "", "") };
    let run = |inside: &dyn Fn(char) -> bool, from: usize| {
        from + text[from..].find(|c| !inside(c)).unwrap_or(text.len() - from)
    };
    let lower_letter = |c: char| c.is_alphabetic() && !c.is_uppercase();
    let start = first.len_utf8();
    let (word, end) = if is_connector(first) {
        (Word::Connector, run(&is_connector, start))
    } else if is_punctuation(first) {
        (Word::Punctuation, run(&is_punctuation, start))
    } else if first.is_uppercase() {
        let uppers = run(&char::is_uppercase, start);
        let end = if uppers == start {
            run(&lower_letter, start)
        } else {
            // The last of several capitals begins the next word: `HTTPServer` is `HTTP`, `Server`.
            match text[uppers..].chars().next() {
                Some(c) if c.is_alphabetic() => uppers - text[..uppers].chars().next_back().map_or(0, char::len_utf8),
                _ => uppers,
            }
        };
        (Word::Upper, end)
    } else if first.is_alphabetic() {
        (Word::Lower, run(&lower_letter, start))
    } else if first.is_numeric() {
        (Word::Number, run(&char::is_numeric, start))
    } else {
        let other = |c: char| !(is_connector(c) || c.is_alphanumeric() || is_punctuation(c));
        (Word::Other, run(&other, start))
    };
    (word, &text[..end], &text[end..])
}

/// Words in lower case with a connector between.
fn joined(text: &str, connector: char) -> String {
    let mut out = String::new();
    let put = |out: &mut String, kind: Word, word: &str| {
        for c in word.chars() {
            out.push(match kind {
                Word::Connector | Word::Upper if is_connector(c) => connector,
                Word::Connector | Word::Upper => lower(c),
                _ => c,
            });
        }
    };
    let joins = |kind: Word| !matches!(kind, Word::None | Word::Connector | Word::Punctuation);
    let (mut kind, mut word, mut rest) = next_word(text);
    while !rest.is_empty() {
        if kind != Word::Connector {
            put(&mut out, kind, word);
        }
        let (before, last) = (kind, word);
        (kind, word, rest) = next_word(rest);
        match before {
            Word::Number => {
                while matches!(kind, Word::Lower | Word::Number) {
                    put(&mut out, kind, word);
                    (kind, word, rest) = next_word(rest);
                }
                if joins(kind) {
                    out.push(connector);
                }
            }
            Word::Connector => put(&mut out, before, last),
            Word::Punctuation => {}
            _ if kind != Word::Number => {
                if !matches!(kind, Word::Connector | Word::Punctuation) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => {
                let number = word;
                (kind, word, rest) = next_word(rest);
                if kind != Word::Lower {
                    put(&mut out, Word::Number, number);
                    if !matches!(kind, Word::Connector | Word::Punctuation) {
                        out.push(connector);
                    }
                } else {
                    out.push(connector);
                    put(&mut out, Word::Number, number);
                    while matches!(kind, Word::Lower | Word::Number) {
                        put(&mut out, kind, word);
                        (kind, word, rest) = next_word(rest);
                    }
                    if joins(kind) {
                        out.push(connector);
                    }
                }
            }
        }
    }
    put(&mut out, kind, word);
    out
}

/// Breaks a string at spaces into lines of a maximum length in bytes; longer words are only broken with `breaks_words`.
fn wrapped(call: &mut Call<'_>, args: &Args, separator: &str, breaks_words: bool) -> Outcome {
    let text = args.text(args.len() - 1);
    let width = usize::try_from(args.int(0)).unwrap_or(0).max(1);
    let lines = text.len() / width + 1;
    call.budget.text(text.len().saturating_add(lines.min(text.len()).saturating_mul(separator.len() + 1)))?;
    let mut out = String::new();
    let mut rest = text;
    while rest.len() > width {
        if let Some(after) = rest.strip_prefix(' ') {
            rest = after;
            continue;
        }
        let window = floor_boundary(rest, width + 1);
        if let Some(space) = rest[..window].rfind(' ') {
            out.push_str(&rest[..space]);
            out.push_str(separator);
            rest = &rest[space + 1..];
        } else if breaks_words {
            let end = floor_boundary(rest, width).max(rest.chars().next().map_or(1, char::len_utf8));
            out.push_str(&rest[..end]);
            out.push_str(separator);
            rest = &rest[end..];
        } else {
            let from = floor_boundary(rest, width);
            match rest[from..].find(' ') {
                Some(space) => {
                    out.push_str(&rest[..from + space]);
                    out.push_str(separator);
                    rest = &rest[from + space + 1..];
                }
                None => break,
            }
        }
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The last character boundary at or before a byte.
fn floor_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (text, snake) in [
            ("FirstName", "first_name"),
            ("HTTPServer", "http_server"),
            ("NoHTTPS", "no_https"),
            ("GO_PATH", "go_path"),
            ("GO PATH", "go_path"),
            ("http2xx", "http_2xx"),
            ("HTTP20xOK", "http_20x_ok"),
            ("Duration2m3s", "duration_2m3s"),
            ("", ""),
        ] {
            assert_eq!(joined(text, '_'), snake);
        }
        assert_eq!(pascal_case("some_words here"), "SomeWordsHere");
        assert_eq!(pascal_case("HTTP_server"), "HttpServer");
    }
}
