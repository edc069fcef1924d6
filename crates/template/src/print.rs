//! Formats values as Go's package `fmt` does: `%v` and the other verbs, with flags, width and precision.

use super::budget::{Budget, MAX_VALUE_DEPTH, deeper};
use super::functions::FunctionError;
use super::number::{FloatStyle, float, shortest};
use super::object::Object;
use super::value::Value;

/// A value as `{{ value }}` prints it.
pub(super) fn display(value: &Value, budget: &mut Budget) -> Result<String, FunctionError> {
    match value {
        Value::Absent => Ok("<no value>".to_owned()),
        _ => plain(value, budget),
    }
}

/// A value as Go's `%v` prints it.
pub(super) fn plain(value: &Value, budget: &mut Budget) -> Result<String, FunctionError> {
    if let Value::Str(text) = value {
        budget.text(text.len())?;
        return Ok(text.to_string());
    }
    let mut printer = Printer::new(budget);
    printer.argument(value, 'v', &Directive::default())?;
    Ok(printer.out)
}

/// Values as Go's `Sprint` prints them: with a space between two if neither is a string.
pub(super) fn sprint(values: &[Value], budget: &mut Budget) -> Result<String, FunctionError> {
    let mut printer = Printer::new(budget);
    let mut before_is_string = true;
    for value in values {
        let is_string = matches!(value, Value::Str(_));
        if !is_string && !before_is_string {
            printer.out.push(' ');
        }
        printer.argument(value, 'v', &Directive::default())?;
        before_is_string = is_string;
    }
    Ok(printer.out)
}

/// Values with spaces between and a line break, as Go's `Sprintln` prints them.
pub(super) fn sprintln(values: &[Value], budget: &mut Budget) -> Result<String, FunctionError> {
    let mut printer = Printer::new(budget);
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            printer.out.push(' ');
        }
        printer.argument(value, 'v', &Directive::default())?;
    }
    printer.out.push('\n');
    Ok(printer.out)
}

/// The flags, width and precision of a `%` directive.
#[derive(Debug, Clone, Default)]
pub(super) struct Directive {
    pub plus: bool,
    pub minus: bool,
    pub sharp: bool,
    pub space: bool,
    pub zero: bool,
    /// `%#v`: Go syntax.
    pub syntax: bool,
    pub width: Option<usize>,
    pub precision: Option<usize>,
}

pub(super) struct Printer<'b> {
    pub out: String,
    budget: &'b mut Budget,
    depth: usize,
}

impl<'b> Printer<'b> {
    pub fn new(budget: &'b mut Budget) -> Self {
        Self { out: String::new(), budget, depth: 0 }
    }

    /// Prints an argument of `printf`.
    pub fn argument(&mut self, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        match (value, verb) {
            (Value::Absent | Value::Nil, 'T' | 'v') => self.pad("<nil>", directive),
            (Value::Absent | Value::Nil, _) => self.bad_verb(value, verb, directive),
            (_, 'T') => self.string(&value.type_name(), 's', directive),
            _ => self.value(value, verb, directive),
        }
    }

    fn value(&mut self, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        self.budget.spend(1)?;
        match value {
            Value::Absent | Value::Nil => self.push("<nil>"),
            Value::Bool(b) => match verb {
                't' | 'v' => self.pad(if *b { "true" } else { "false" }, directive),
                _ => self.bad_verb(value, verb, directive),
            },
            Value::Int(n) | Value::Int64(n) => self.integer(n.unsigned_abs(), *n < 0, value, verb, directive),
            Value::Uint64(n) => self.unsigned(*n, value, verb, directive),
            Value::Uint8(n) => self.unsigned(u64::from(*n), value, verb, directive),
            Value::Float(n) => self.float(*n, value, verb, directive),
            Value::Str(text) => match verb {
                'v' if directive.syntax => self.string(text, 'q', directive),
                'v' => self.string(text, 's', directive),
                's' | 'q' | 'x' | 'X' => self.string(text, verb, directive),
                _ => self.bad_verb(value, verb, directive),
            },
            Value::Object(object) => self.object(object, value, verb, directive),
            Value::List(_) | Value::Map(_) => {
                self.depth += 1;
                if self.depth > MAX_VALUE_DEPTH {
                    return Err(FunctionError::fatal(format!(
                        "a value nested more than {MAX_VALUE_DEPTH} levels deep"
                    )));
                }
                deeper(|| self.container(value, verb, directive))?;
                self.depth -= 1;
                Ok(())
            }
        }
    }

    fn container(&mut self, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        let syntax = directive.syntax && verb == 'v';
        let (open, close, between) = match (value, syntax) {
            (Value::List(list), true) if list.is_nil() => return self.push(&format!("{}(nil)", value.type_name())),
            (Value::Map(map), true) if map.is_nil() => return self.push(&format!("{}(nil)", value.type_name())),
            (_, true) => (format!("{}{{", value.type_name()), "}", ", "),
            (Value::Map(_), false) => ("map[".to_owned(), "]", " "),
            _ => ("[".to_owned(), "]", " "),
        };
        self.push(&open)?;
        match value {
            Value::List(list) => {
                for (i, item) in list.items().iter().enumerate() {
                    self.push(if i > 0 { between } else { "" })?;
                    self.element(item, verb, directive)?;
                }
            }
            Value::Map(map) => {
                for (i, (key, item)) in map.entries().into_iter().enumerate() {
                    self.push(if i > 0 { between } else { "" })?;
                    self.value(&Value::Str(key), verb, directive)?;
                    self.push(":")?;
                    self.element(&item, verb, directive)?;
                }
            }
            _ => {}
        }
        self.push(close)
    }

    fn element(&mut self, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        if directive.syntax && verb == 'v' && value.is_nil() {
            return self.push("interface {}(nil)");
        }
        self.value(value, verb, directive)
    }

    fn object(
        &mut self,
        object: &Object,
        value: &Value,
        verb: char,
        directive: &Directive,
    ) -> Result<(), FunctionError> {
        if let Some(text) = object.text()
            && !directive.syntax
            && matches!(verb, 'v' | 's' | 'q' | 'x' | 'X')
        {
            return self.string(&text, if verb == 'v' { 's' } else { verb }, directive);
        }
        if let Some(n) = object.number() {
            return self.integer(n.unsigned_abs(), n < 0, value, verb, directive);
        }
        let fields = object.fields();
        self.push("{")?;
        for (i, (_, field)) in fields.iter().enumerate() {
            self.push(if i > 0 { " " } else { "" })?;
            self.value(field, verb, directive)?;
        }
        self.push("}")
    }

    /// What Go prints for a verb that does not fit a value: `%!d(string=x)`.
    pub fn bad_verb(&mut self, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        self.push(&format!("%!{verb}("))?;
        if value.is_nil() {
            self.push("<nil>")?;
        } else {
            self.push(&value.type_name())?;
            self.push("=")?;
            self.argument(value, 'v', directive)?;
        }
        self.push(")")
    }

    fn unsigned(&mut self, n: u64, value: &Value, verb: char, directive: &Directive) -> Result<(), FunctionError> {
        if verb == 'v' && directive.syntax {
            let sharp = Directive { sharp: true, ..directive.clone() };
            return self.integer(n, false, value, 'x', &sharp);
        }
        self.integer(n, false, value, verb, directive)
    }

    fn integer(
        &mut self,
        n: u64,
        negative: bool,
        value: &Value,
        verb: char,
        d: &Directive,
    ) -> Result<(), FunctionError> {
        let character = || u32::try_from(n).ok().filter(|_| !negative).and_then(char::from_u32);
        let digits = match verb {
            'v' | 'd' => n.to_string(),
            'b' => format!("{n:b}"),
            'o' | 'O' => format!("{n:o}"),
            'x' => format!("{n:x}"),
            'X' => format!("{n:X}"),
            'c' => {
                return self.pad(&character().unwrap_or('\u{FFFD}').to_string(), d);
            }
            'q' => {
                let c = character().unwrap_or('\u{FFFD}');
                return self.pad(&quoted_char(c, d.plus), d);
            }
            'U' => {
                let mut text = format!("U+{}", with_zeros(&format!("{n:X}"), d.precision.unwrap_or(4).max(4)));
                if let (true, Some(c)) = (d.sharp, character())
                    && is_printable(c)
                {
                    text.push_str(&format!(" '{c}'"));
                }
                return self.pad(&text, &Directive { zero: false, ..d.clone() });
            }
            _ => return self.bad_verb(value, verb, d),
        };
        let signed = negative || d.plus || d.space;
        let zero_width = d.width.filter(|_| d.zero && !d.minus && d.precision.is_none());
        let least = match (d.precision, zero_width) {
            (Some(0), _) if n == 0 => return self.pad("", &Directive { zero: false, ..d.clone() }),
            (Some(precision), _) => precision,
            (None, Some(width)) => width.saturating_sub(usize::from(signed)),
            (None, None) => 0,
        };
        let mut text = with_zeros(&digits, least);
        let prefix = match verb {
            'O' => "0o",
            'b' if d.sharp => "0b",
            'o' if d.sharp && !text.starts_with('0') => "0",
            'x' if d.sharp => "0x",
            'X' if d.sharp => "0X",
            _ => "",
        };
        text.insert_str(0, prefix);
        if let Some(sign) = sign(negative, d) {
            text.insert(0, sign);
        }
        self.pad(&text, &Directive { zero: false, ..d.clone() })
    }

    fn float(&mut self, n: f64, value: &Value, verb: char, d: &Directive) -> Result<(), FunctionError> {
        let magnitude = n.abs();
        let text = match verb {
            'e' | 'E' => float(magnitude, FloatStyle::Exponent(d.precision.unwrap_or(6))),
            'f' | 'F' => float(magnitude, FloatStyle::Fixed(d.precision.unwrap_or(6))),
            'v' | 'g' | 'G' => match d.precision {
                None => shortest(magnitude),
                Some(digits) => float(magnitude, FloatStyle::General(digits)),
            },
            'b' => binary(magnitude),
            'x' | 'X' => hexadecimal(magnitude, d.precision),
            _ => return self.bad_verb(value, verb, d),
        };
        let mut text = text.trim_start_matches('+').to_owned();
        if d.sharp && verb != 'b' && n.is_finite() {
            text = with_point(&text, verb, d.precision);
        }
        if matches!(verb, 'E' | 'G' | 'X') {
            text = text.to_uppercase().replace("INF", "Inf").replace("NAN", "NaN");
        }
        let sign = if n.is_infinite() && n > 0.0 && !d.space {
            // Go prints the plus of an infinity only where it is asked for.
            if d.plus || verb == 'v' || d.width.is_none() { Some('+') } else { None }
        } else if n.is_nan() {
            if d.plus {
                Some('+')
            } else if d.space {
                Some(' ')
            } else {
                None
            }
        } else {
            sign(n.is_sign_negative(), d)
        };
        let zeros = d.zero && !d.minus && n.is_finite();
        if let (true, Some(width)) = (zeros, d.width) {
            let least = width.saturating_sub(usize::from(sign.is_some()));
            text = with_zeros(&text, least);
        }
        if let Some(sign) = sign {
            text.insert(0, sign);
        }
        self.pad(&text, &Directive { zero: false, ..d.clone() })
    }

    fn string(&mut self, text: &str, verb: char, d: &Directive) -> Result<(), FunctionError> {
        let cut = |text: &str| match d.precision {
            Some(precision) => text.chars().take(precision).collect::<String>(),
            None => text.to_owned(),
        };
        match verb {
            'q' => {
                let text = cut(text);
                if d.sharp && !text.contains(['`', '\u{feff}']) && text.chars().all(|c| c == '\t' || !c.is_control()) {
                    return self.pad(&format!("`{text}`"), d);
                }
                self.pad(&quoted(&text, d.plus), d)
            }
            'x' | 'X' => {
                let bytes = text.as_bytes();
                let bytes = &bytes[..d.precision.unwrap_or(bytes.len()).min(bytes.len())];
                let mut text = String::with_capacity(bytes.len() * 2);
                let prefix = if verb == 'x' { "0x" } else { "0X" };
                for (i, byte) in bytes.iter().enumerate() {
                    if d.space && i > 0 {
                        text.push(' ');
                    }
                    if d.sharp && (i == 0 || d.space) {
                        text.push_str(prefix);
                    }
                    text.push_str(&if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
                }
                self.pad(&text, d)
            }
            _ => self.pad(&cut(text), d),
        }
    }

    pub fn pad(&mut self, text: &str, d: &Directive) -> Result<(), FunctionError> {
        let missing = d.width.unwrap_or(0).saturating_sub(text.chars().count());
        if missing == 0 {
            return self.push(text);
        }
        self.budget.longer(self.out.len(), missing)?;
        if d.minus {
            self.push(text)?;
            self.out.extend(std::iter::repeat_n(' ', missing));
            return Ok(());
        }
        self.out.extend(std::iter::repeat_n(if d.zero { '0' } else { ' ' }, missing));
        self.push(text)
    }

    pub fn push(&mut self, text: &str) -> Result<(), FunctionError> {
        self.budget.longer(self.out.len(), text.len())?;
        self.out.push_str(text);
        Ok(())
    }
}

/// A number with leading zeros up to a length. Go's limit is a million; a width of Rust's `format!` is at most 65,535.
fn with_zeros(digits: &str, length: usize) -> String {
    let mut text = "0".repeat(length.saturating_sub(digits.chars().count()));
    text.push_str(digits);
    text
}

fn sign(negative: bool, d: &Directive) -> Option<char> {
    match (negative, d.plus, d.space) {
        (true, ..) => Some('-'),
        (_, true, _) => Some('+'),
        (_, _, true) => Some(' '),
        _ => None,
    }
}

/// For `%#g` and similar verbs: always with a point, and with the zeros that `%g` drops.
fn with_point(text: &str, verb: char, precision: Option<usize>) -> String {
    let (mantissa, tail) = match text.find(['e', 'p']) {
        Some(i) => text.split_at(i),
        None => (text, ""),
    };
    let mut mantissa = mantissa.to_owned();
    let digits = mantissa.trim_start_matches(['0', '.']).chars().filter(char::is_ascii_digit).count();
    if !mantissa.contains('.') {
        mantissa.push('.');
    }
    if matches!(verb, 'v' | 'g' | 'G') {
        let wanted = precision.unwrap_or(6).max(1);
        mantissa.extend(std::iter::repeat_n('0', wanted.saturating_sub(digits.max(1))));
    }
    format!("{mantissa}{tail}")
}

fn binary(n: f64) -> String {
    if !n.is_finite() {
        return shortest(n);
    }
    let bits = n.to_bits();
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) };
    format!("{mantissa}p{exponent:+}")
}

fn hexadecimal(n: f64, precision: Option<usize>) -> String {
    if !n.is_finite() {
        return shortest(n);
    }
    if n == 0.0 {
        let zeros = "0".repeat(precision.unwrap_or(0));
        return format!("0x0{}{zeros}p+00", if zeros.is_empty() { "" } else { "." });
    }
    let bits = n.to_bits();
    let mut exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1023;
    let mut mantissa = (bits & ((1 << 52) - 1)) | (1 << 52);
    if exponent == -1023 {
        mantissa &= (1 << 52) - 1;
        exponent = -1022;
        while mantissa & (1 << 52) == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
    }
    if let Some(digits) = precision.filter(|p| *p < 13) {
        let shift = 52 - 4 * digits;
        let half = 1u64 << (shift - 1);
        let rest = mantissa & ((1 << shift) - 1);
        mantissa >>= shift;
        if rest > half || (rest == half && mantissa & 1 == 1) {
            mantissa += 1;
        }
        mantissa <<= shift;
        if mantissa >= 1 << 53 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut fraction = format!("{:013x}", mantissa & ((1 << 52) - 1));
    match precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(digits) if digits <= 13 => fraction.truncate(digits),
        Some(digits) => fraction.extend(std::iter::repeat_n('0', digits.min(1000) - 13)),
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x1{point}{fraction}p{sign}{:02}", exponent.abs())
}

/// A string in double quotes with Go's escapes.
pub(super) fn quoted(text: &str, ascii_only: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        escape(c, '"', ascii_only, &mut out);
    }
    out.push('"');
    out
}

fn quoted_char(c: char, ascii_only: bool) -> String {
    let mut out = String::from("'");
    escape(c, '\'', ascii_only, &mut out);
    out.push('\'');
    out
}

fn escape(c: char, quote: char, ascii_only: bool, out: &mut String) {
    let code = u32::from(c);
    match c {
        c if c == quote || c == '\\' => out.extend(['\\', c]),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        c if is_printable(c) && (c.is_ascii() || !ascii_only) => out.push(c),
        _ if code < 0x20 || code == 0x7f => out.push_str(&format!("\\x{code:02x}")),
        _ if code < 0x10000 => out.push_str(&format!("\\u{code:04x}")),
        _ => out.push_str(&format!("\\U{code:08x}")),
    }
}

/// Go's `strconv.IsPrint`: a letter, mark, number, punctuation, symbol or the ASCII space.
pub(super) fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        _ if c.is_control() || c.is_whitespace() => false,
        // After another character: at the start of a string, combining marks would be escaped.
        _ => format!("a{c}").escape_debug().count() == 2,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn quoting_keeps_what_shows() {
        assert_eq!(
            quoted("a\"\\\n\u{1}é\u{a0}\u{301}\u{1F600}", false),
            "\"a\\\"\\\\\\n\\x01é\\u00a0\u{301}\u{1F600}\""
        );
        assert_eq!(quoted("é\u{1F600}", true), "\"\\u00e9\\U0001f600\"");
    }

    #[test]
    fn a_null_shows_as_no_value_only_at_the_top() {
        let budget = &mut Budget::default();
        let list = Value::List(crate::value::List::new(vec![Value::Nil, Value::Int(1)]));
        assert_eq!(display(&Value::Absent, budget).unwrap(), "<no value>");
        assert_eq!(display(&list, budget).unwrap(), "[<nil> 1]");
        assert_eq!(sprint(&["a".into(), Value::Int(1), Value::Int(2), "b".into()], budget).unwrap(), "a1 2b");
    }
}
