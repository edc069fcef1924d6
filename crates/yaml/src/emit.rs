//! The emitter: the bytes that go-yaml 2, which kops uses, writes, so that files are the same whoever wrote them.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::scalar::{self, Resolved};

/// Lines are folded at the first space after this column, as go-yaml does.
const WIDTH: usize = 80;
/// Longer keys, in bytes, are written as `? key`.
const MAX_SIMPLE_KEY: usize = 128;

/// Prints a value as a YAML document: keys sorted, two spaces of indentation, sequences flush with their key.
pub fn to_string(value: &Value) -> String {
    let mut emitter = Emitter::default();
    match value {
        Value::Object(map) if !map.is_empty() => emitter.mapping(map, 0, false),
        Value::Array(items) if !items.is_empty() => emitter.sequence(items, 0, false),
        other => {
            emitter.scalar(other, 2);
            emitter.newline();
        }
    }
    emitter.out
}

#[derive(Default)]
struct Emitter {
    out: String,
    /// Characters on the current line.
    column: usize,
}

impl Emitter {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column = if is_break(c) { 0 } else { self.column + 1 };
    }

    fn puts(&mut self, text: &str) {
        text.chars().for_each(|c| self.put(c));
    }

    fn newline(&mut self) {
        if self.column > 0 {
            self.put('\n');
        }
    }

    fn indent(&mut self, indent: usize) {
        self.newline();
        (0..indent).for_each(|_| self.put(' '));
    }

    /// The entries of a mapping; the first one may follow a `- ` on its line.
    fn mapping(&mut self, map: &Map<String, Value>, indent: usize, on_line: bool) {
        let mut keys: Vec<&String> = map.keys().collect();
        keys.sort_by(|a, b| natural_order(a, b));
        for (i, key) in keys.into_iter().enumerate() {
            if i > 0 || !on_line {
                self.indent(indent);
            }
            let value = &map[key];
            if key.len() > MAX_SIMPLE_KEY || key.chars().any(is_break) {
                self.puts("? ");
                self.text(key, indent + 2, false);
                self.indent(indent);
                self.puts(": ");
                self.nested(value, indent + 2);
                continue;
            }
            self.text(key, indent + 2, true);
            self.put(':');
            match value {
                Value::Object(map) if !map.is_empty() => self.mapping(map, indent + 2, false),
                Value::Array(items) if !items.is_empty() => self.sequence(items, indent, false),
                other => {
                    self.put(' ');
                    self.scalar(other, indent + 2);
                }
            }
        }
        self.newline();
    }

    fn sequence(&mut self, items: &[Value], indent: usize, on_line: bool) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 || !on_line {
                self.indent(indent);
            }
            self.puts("- ");
            self.nested(item, indent + 2);
        }
        self.newline();
    }

    /// A value that begins on the line of its indicator.
    fn nested(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => self.mapping(map, indent, true),
            Value::Array(items) if !items.is_empty() => self.sequence(items, indent, true),
            other => self.scalar(other, indent),
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.puts("null"),
            Value::Bool(value) => self.puts(if *value { "true" } else { "false" }),
            Value::Number(number) => self.puts(&go_number(number)),
            Value::String(text) => self.text(text, indent, false),
            Value::Array(_) => self.puts("[]"),
            Value::Object(_) => self.puts("{}"),
        }
    }

    /// A string in the plainest style in which it stays a string; continuation lines are at `indent`.
    fn text(&mut self, text: &str, indent: usize, key: bool) {
        let shape = Shape::of(text);
        let stays_string =
            matches!(scalar::resolve(text), Resolved::Text(_)) && !scalar::is_timestamp(text) && !is_base_60(text);
        // As a key it would merge.
        let stays_string = stays_string && !(key && text == "<<");
        if text.contains('\n') {
            if shape.block_allowed && !key {
                self.literal(text, indent);
            } else {
                self.double_quoted(text, indent, !key);
            }
        } else if !stays_string {
            self.double_quoted(text, indent, !key);
        } else if shape.plain_allowed {
            self.folding(text, indent, !key, false);
        } else if shape.single_quoted_allowed {
            self.put('\'');
            self.folding(&text.replace('\'', "''"), indent, !key, true);
            self.put('\'');
        } else {
            self.double_quoted(text, indent, !key);
        }
    }

    /// Writes a string of one line, folded at single spaces. Inside quotes, the first and last character do not fold.
    fn folding(&mut self, text: &str, indent: usize, fold: bool, quoted: bool) {
        let (mut after_space, mut after_break) = (false, false);
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            let inner = !quoted || (at > 0 && next.is_some());
            if after_break && !is_break(c) {
                self.indent(indent);
            }
            after_break = is_break(c);
            if c == ' ' && fold && !after_space && self.column > WIDTH && next != Some(' ') && inner {
                self.indent(indent);
            } else {
                self.put(c);
            }
            after_space = c == ' ';
        }
    }

    fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.put('"');
        let mut after_space = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map(|(_, c)| *c);
            if c == ' ' && fold && !after_space && self.column > WIDTH && at > 0 && next.is_some() {
                self.indent(indent);
                if next == Some(' ') {
                    self.put('\\');
                }
            } else if c == '"' || c == '\\' || c == '\u{feff}' || is_break(c) || !is_printable(c) {
                self.escape(c);
            } else {
                self.put(c);
            }
            after_space = c == ' ';
        }
        self.put('"');
    }

    fn escape(&mut self, c: char) {
        self.put('\\');
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                let long = match code {
                    0..=0xff => format!("x{code:02X}"),
                    0x100..=0xffff => format!("u{code:04X}"),
                    _ => format!("U{code:08X}"),
                };
                self.puts(&long);
                return;
            }
        };
        self.put(short);
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.put('|');
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.put('2');
        }
        let mut end = text.chars().rev();
        match (end.next().is_some_and(is_break), end.next()) {
            (false, _) => self.put('-'),
            (true, None) => self.put('+'),
            (true, Some(c)) if is_break(c) => self.put('+'),
            (true, Some(_)) => {}
        }
        self.put('\n');
        let mut fresh = true;
        for c in text.chars() {
            if is_break(c) {
                self.put(c);
                fresh = true;
            } else {
                if fresh {
                    self.indent(indent);
                    fresh = false;
                }
                self.put(c);
            }
        }
    }
}

/// The styles a string can be written in.
struct Shape {
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut break_space, mut space_break, mut breaks) = (false, false, false, false);
        let mut previous: Option<char> = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let before_blank = chars.peek().is_none_or(|n| *n == ' ' || *n == '\t');
            match (previous, c) {
                (
                    None,
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`',
                ) => {
                    indicators = true;
                }
                (None, '?' | '-') | (_, ':') if before_blank => indicators = true,
                (Some(p), '#') if p == ' ' || p == '\t' || is_break(p) => indicators = true,
                _ => {}
            }
            special |= !is_printable(c) || is_unicode_break(c);
            breaks |= is_break(c);
            break_space |= c == ' ' && previous.is_some_and(is_break);
            space_break |= is_break(c) && previous == Some(' ');
            previous = Some(c);
        }
        let outer = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let outer_blank = outer(text.chars().next()) || outer(previous);
        let unquotable = break_space || space_break || special;
        Self {
            plain_allowed: !(indicators || unquotable || breaks || outer_blank),
            single_quoted_allowed: !unquotable,
            block_allowed: !text.is_empty() && !special && !space_break && previous != Some(' '),
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r') || is_unicode_break(c)
}

/// Line breaks of YAML 1.1 that YAML 1.2 (section 5.4) reads as any other character. kops writes the last two as they are,
/// followed by indentation, which a reader of 1.2 would take for blanks. Escaped in double quotes, both read them alike.
fn is_unicode_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml writes as it is. Characters above U+FFFF are not.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

/// Values such as `1:30`, which YAML 1.1 reads as numbers in base 60.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    if !parts.next().is_some_and(|first| first.starts_with(|c: char| c.is_ascii_digit()) && digits(first)) {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixty = |s: &str| match s.as_bytes() {
        [d] => d.is_ascii_digit(),
        [t, d] => matches!(t, b'0'..=b'5') && d.is_ascii_digit(),
        _ => false,
    };
    middle.iter().all(|s| sixty(s)) && sixty(last) && digits(fraction)
}

/// Keys in the order of go-yaml, which kops uses: letters after anything else, runs of digits by their value.
fn natural_order(a: &str, b: &str) -> Ordering {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let same = a.floor_char_boundary(same).min(b.floor_char_boundary(same));
    let (before, a, b) = (&a[..same], &a[same..], &b[same..]);
    let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) else { return a.len().cmp(&b.len()) };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero inside a number counts as a digit, a leading one does not.
    let inside_number =
        (x == '0' || y == '0') && before.bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    let number = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit);
        digits.fold((u64::from(inside_number), 0), |(value, count), digit| {
            (value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')), count + 1)
        })
    };
    number(a).cmp(&number(b)).then(x.cmp(&y))
}

/// A number as kops writes it: whole ones in full, others with the fewest digits, with an exponent from a million on.
fn go_number(number: &Number) -> String {
    if number.is_i64() || number.is_u64() {
        return number.to_string();
    }
    let Some(value) = number.as_f64() else { return number.to_string() };
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) || (value.fract() == 0.0 && exponent < 19) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn printed(text: &str) -> String {
        to_string(&json!([text])).trim_end().trim_start_matches("- ").to_owned()
    }

    #[test]
    fn strings_are_quoted_only_where_needed() {
        for (text, expected) in [
            ("x", "x"),
            ("yes", "\"yes\""),
            ("y", "\"y\""),
            ("012", "\"012\""),
            ("1.31", "\"1.31\""),
            ("1e3", "\"1e3\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("1:30", "\"1:30\""),
            ("", "\"\""),
            ("~", "\"~\""),
            ("=", "="),
            ("<<", "<<"),
            ("a: b", "'a: b'"),
            ("a:", "'a:'"),
            ("a #b", "'a #b'"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("it's", "it's"),
            ("'x", "'''x'"),
            ("*", "'*'"),
            ("tab\t", "\"tab\\t\""),
            ("\u{1}", "\"\\x01\""),
            ("é", "é"),
            ("🦀", "\"\\U0001F980\""),
            ("1.31.2", "1.31.2"),
            ("--- x", "'--- x'"),
        ] {
            assert_eq!(printed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn collections_are_written_as_kops_writes_them() {
        let value = json!({
            "b": {"d": [], "c": {}}, "a10": 1, "a9": 1.5, "A": null,
            "list": [{"x": 1, "y": [true, [1, 2]]}, ["q"]], "text": "one\ntwo\n", "open": "one\ntwo",
        });
        let expected = "A: null\na9: 1.5\na10: 1\nb:\n  c: {}\n  d: []\nlist:\n- x: 1\n  \"y\":\n  - true\n  - - 1\n    - 2\n- - q\nopen: |-\n  one\n  two\ntext: |\n  one\n  two\n";
        assert_eq!(to_string(&value), expected);
    }

    #[test]
    fn long_strings_fold_after_the_eightieth_column() {
        let words = vec!["long"; 24].join(" ");
        let lines: Vec<String> = to_string(&json!({"k": words})).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 82);
        assert!(lines[1].starts_with("  long"));
    }

    #[test]
    fn line_breaks_of_yaml_1_1_are_escaped() {
        for (text, expected) in [
            ("a\u{2028}b", "\"a\\Lb\""),
            ("a\n\u{2029}c", "\"a\\n\\Pc\""),
            ("\u{85}", "\"\\N\""),
            ("a\r\nb", "\"a\\r\\nb\""),
        ] {
            assert_eq!(printed(text), expected, "{text:?}");
        }
    }

    /// Keys and values that are long, of one kind of character or of few: folding, `? key`, indentation.
    fn long_strings() -> impl Strategy<Value = String> {
        let unit = prop_oneof![any::<char>().prop_map(String::from), "[ \n\t\r:#'\"\\\\-]{1,3}", "[a-z ]{1,9}", "\\PC"];
        (prop::collection::vec(unit, 1..4), 1usize..600).prop_map(|(units, count)| units.concat().repeat(count))
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            prop::collection::vec(any::<char>(), 0..10).prop_map(|text| Value::from(String::from_iter(text))),
            "[ a\n\r\t\u{85}\u{a0}\u{2028}\u{2029}\u{feff}\u{fffe}\u{0}\u{7f}-]{0,8}".prop_map(Value::from),
            long_strings().prop_map(Value::from),
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e6f64..1e6).prop_map(Value::from),
            "[ -~]{0,12}".prop_map(Value::from),
            "([a-z:#' -]{0,30}\n? ?){0,4}".prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
            "(yes|no|1|0x|2001-01-01|[ \n\t\"\\\\a-c]){0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(keys(), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn keys() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[ -~]{1,8}|[a-z]{1,3}[0-9]{0,3}|\\PC{1,4}",
            2 => prop::collection::vec(any::<char>(), 1..5).prop_map(String::from_iter),
            1 => long_strings(),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(value in values()) {
            let text = to_string(&value);
            let parsed = super::super::parse("f", &text);
            prop_assert!(parsed.report.is_empty(), "{}\n{text}", parsed.report);
            let back = parsed.documents.first().map_or(Value::Null, |d| d.root.to_json());
            prop_assert_eq!(&back, &value, "{}", text);
            prop_assert_eq!(to_string(&back), text);
        }

        /// The order of keys is total, whatever they are: sorting must not depend on where it starts.
        #[test]
        fn keys_have_an_order(a in keys(), b in keys()) {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &a), Ordering::Equal);
        }
    }
}
