//! Go's `Sprintf`: the format string and its directives.

use super::budget::Budget;
use super::functions::FunctionError;
use super::print::{Directive, Printer};
use super::value::Value;

/// The largest width and precision; larger ones are errors in Go.
const MAX_WIDTH: usize = 1_000_000;

/// Formats values. What does not fit is marked in the output, as in Go: `%!d(string=x)`, `%!s(MISSING)`, `%!(EXTRA …)`.
pub(super) fn sprintf(format: &str, values: &[Value], budget: &mut Budget) -> Result<String, FunctionError> {
    budget.spend(format.len())?;
    let mut state = State {
        rest: format,
        values,
        next: 0,
        reordered: false,
        good_index: true,
        after_index: false,
        printer: Printer::new(budget),
    };
    while let Some(percent) = state.rest.find('%') {
        let (text, rest) = state.rest.split_at(percent);
        state.printer.push(text)?;
        state.rest = &rest[1..];
        state.directive()?;
    }
    let rest = state.rest;
    state.printer.push(rest)?;
    if !state.reordered && state.next < values.len() {
        state.extra()?;
    }
    Ok(state.printer.out)
}

struct State<'a> {
    rest: &'a str,
    values: &'a [Value],
    next: usize,
    /// An index such as `%[2]d` was used: then unused values are not an error.
    reordered: bool,
    good_index: bool,
    after_index: bool,
    printer: Printer<'a>,
}

impl State<'_> {
    fn directive(&mut self) -> Result<(), FunctionError> {
        let mut directive = Directive::default();
        self.good_index = true;
        self.after_index = false;
        while let Some(c @ ('#' | '0' | '+' | '-' | ' ')) = self.peek() {
            match c {
                '#' => directive.sharp = true,
                '0' => directive.zero = true,
                '+' => directive.plus = true,
                '-' => directive.minus = true,
                _ => directive.space = true,
            }
            self.skip();
        }
        self.index();
        self.width(&mut directive)?;
        self.precision(&mut directive)?;
        if !self.after_index {
            self.index();
        }
        let Some(verb) = self.peek() else { return self.printer.push("%!(NOVERB)") };
        self.skip();
        match self.values.get(self.next) {
            _ if verb == '%' => return self.printer.push("%"),
            _ if !self.good_index => return self.printer.push(&format!("%!{verb}(BADINDEX)")),
            None => return self.printer.push(&format!("%!{verb}(MISSING)")),
            Some(value) => {
                if verb == 'v' {
                    directive.syntax = std::mem::take(&mut directive.sharp);
                    directive.plus = false;
                }
                self.printer.argument(value, verb, &directive)?;
            }
        }
        self.next += 1;
        Ok(())
    }

    fn width(&mut self, directive: &mut Directive) -> Result<(), FunctionError> {
        if self.peek() == Some('*') {
            self.skip();
            match self.star() {
                Some(width) => {
                    directive.minus |= width < 0;
                    directive.width = usize::try_from(width.unsigned_abs()).ok();
                }
                None => self.printer.push("%!(BADWIDTH)")?,
            }
            self.after_index = false;
            return Ok(());
        }
        directive.width = self.number();
        if self.after_index && directive.width.is_some() {
            self.good_index = false;
        }
        Ok(())
    }

    fn precision(&mut self, directive: &mut Directive) -> Result<(), FunctionError> {
        if self.peek() != Some('.') {
            return Ok(());
        }
        self.skip();
        if self.after_index {
            self.good_index = false;
        }
        self.index();
        if self.peek() == Some('*') {
            self.skip();
            let precision = self.star();
            directive.precision = precision.and_then(|p| usize::try_from(p).ok());
            if precision.is_none() {
                self.printer.push("%!(BADPREC)")?;
            }
            self.after_index = false;
            return Ok(());
        }
        directive.precision = Some(self.number().unwrap_or(0));
        Ok(())
    }

    /// `*`: a width or precision from the arguments.
    fn star(&mut self) -> Option<i64> {
        let value = self.values.get(self.next)?;
        self.next += 1;
        let number = match value {
            Value::Int(n) | Value::Int64(n) => *n,
            Value::Uint64(n) => i64::try_from(*n).ok()?,
            Value::Uint8(n) => i64::from(*n),
            _ => return None,
        };
        (number.unsigned_abs() <= MAX_WIDTH as u64).then_some(number)
    }

    /// `[3]`: which argument comes next.
    fn index(&mut self) {
        if self.peek() != Some('[') {
            return;
        }
        self.reordered = true;
        let Some(end) = self.rest.find(']') else {
            self.good_index = false;
            self.skip();
            return;
        };
        let number = self.rest[1..end].parse::<usize>().ok().filter(|n| (1..=self.values.len()).contains(n));
        self.rest = &self.rest[end + 1..];
        match number {
            Some(number) if self.values.get(number - 1).is_some() => {
                self.next = number - 1;
                self.after_index = true;
            }
            _ => {
                self.good_index = false;
                self.after_index = false;
            }
        }
    }

    fn number(&mut self) -> Option<usize> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.is_empty() {
            return None;
        }
        match digits.parse().ok().filter(|n| *n <= MAX_WIDTH) {
            Some(number) => {
                self.rest = rest;
                Some(number)
            }
            None => {
                // As in Go, the rest of the format is dropped.
                self.rest = "";
                None
            }
        }
    }

    fn extra(&mut self) -> Result<(), FunctionError> {
        self.printer.push("%!(EXTRA ")?;
        for (i, value) in self.values[self.next..].iter().enumerate() {
            self.printer.push(if i > 0 { ", " } else { "" })?;
            if value.is_nil() {
                self.printer.push("<nil>")?;
            } else {
                self.printer.push(&value.type_name())?;
                self.printer.push("=")?;
                self.printer.argument(value, 'v', &Directive::default())?;
            }
        }
        self.printer.push(")")
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self) {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::approx_constant)]
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn format(format: &str, values: &[Value]) -> String {
        sprintf(format, values, &mut Budget::default()).unwrap()
    }

    #[test]
    fn errors_show_in_the_output() {
        assert_eq!(format("%d", &["x".into()]), "%!d(string=x)");
        assert_eq!(format("%s %s", &["x".into()]), "x %!s(MISSING)");
        assert_eq!(format("%s", &["x".into(), Value::Int(1)]), "x%!(EXTRA int=1)");
        assert_eq!(format("%", &[]), "%!(NOVERB)");
        assert_eq!(format("%[3]d", &[Value::Int(1)]), "%!d(BADINDEX)");
        assert_eq!(format("%d", &[Value::Nil]), "%!d(<nil>)");
    }

    #[test]
    fn widths_and_flags() {
        assert_eq!(
            format("%5d|%-5d|%05d|%+d|%x|%#x|%o|%b|%c|%q|%U", &vec![Value::Int(65); 11]),
            "   65|65   |00065|+65|41|0x41|101|1000001|A|'A'|U+0041"
        );
        assert_eq!(
            format(
                "%6.2f|%e|%g|%8.3s|%*d",
                &[
                    Value::Float(3.14159),
                    Value::Float(1500.0),
                    Value::Float(1e21),
                    "abcdef".into(),
                    Value::Int(4),
                    Value::Int(7)
                ]
            ),
            "  3.14|1.500000e+03|1e+21|     abc|   7"
        );
        for (directive, length) in [
            ("%070000d", 70_000),
            ("%.70000d", 70_000),
            ("%70000d", 70_000),
            ("%-70000d", 70_000),
            ("%.70000U", 70_002),
        ] {
            assert_eq!(format(directive, &[Value::Int(65)]).len(), length, "{directive}");
        }
        for (directive, length) in [("%.70000f", 70_002), ("%.70000e", 70_006), ("%070000g", 70_000), ("%.70000g", 3)] {
            assert_eq!(format(directive, &[Value::Float(1.5)]).len(), length, "{directive}");
        }
        assert_eq!(format("%[2]s %[1]s", &["a".into(), "b".into()]), "b a");
        assert_eq!(format("%q %v %x", &["a\"b".into(), Value::Bool(true), "hi".into()]), r#""a\"b" true 6869"#);
    }
}
