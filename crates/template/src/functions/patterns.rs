//! Regular expressions. Go's dialect is translated to that of the `regex` crate, which has the same core: neither has
//! anything that takes exponential time. What remains, such as many large expressions or many searches of a long string, is
//! counted as work.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use regex::{Captures, Match, Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::budget::Budget;
use crate::value::{Element, List, Value};

pub(super) fn register(table: &mut Table) {
    table.add("regexMatch", &[Type::Str, Type::Str], |call, args| match compiled(call, args) {
        Ok(expression) => Ok(expression.is_match(call.budget, args.text(1))?.into()),
        Err(error) if error.fatal => Err(error),
        Err(_) => Ok(false.into()),
    });
    table.add("mustRegexMatch", &[Type::Str, Type::Str], |call, args| {
        Ok(compiled(call, args)?.is_match(call.budget, args.text(1))?.into())
    });
    for name in ["regexFind", "mustRegexFind"] {
        table.add(name, &[Type::Str, Type::Str], |call, args| {
            let expression = compiled(call, args)?;
            expression.charge_search(call.budget, args.text(1))?;
            Ok(expression.regex.find(args.text(1)).map_or("", |m| m.as_str()).into())
        });
    }
    for name in ["regexFindAll", "mustRegexFindAll"] {
        table.add(name, &[Type::Str, Type::Str, Type::Int], find_all);
    }
    for name in ["regexReplaceAll", "mustRegexReplaceAll"] {
        table.add(name, &[Type::Str, Type::Str, Type::Str], |call, args| replace_all(call, args, true));
    }
    for name in ["regexReplaceAllLiteral", "mustRegexReplaceAllLiteral"] {
        table.add(name, &[Type::Str, Type::Str, Type::Str], |call, args| replace_all(call, args, false));
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

fn find_all(call: &mut Call<'_>, args: &Args) -> Outcome {
    let (text, limit) = (args.text(1), usize::try_from(args.int(2)).unwrap_or(usize::MAX));
    let mut found: Vec<&str> = Vec::new();
    compiled(call, args)?.each_match(call.budget, text, |_, m| {
        if found.len() >= limit {
            return Ok(ControlFlow::Break(()));
        }
        found.push(m.as_str());
        Ok(ControlFlow::Continue(()))
    })?;
    call.budget.items(found.len())?;
    Ok(if found.is_empty() { List::nil(Element::Str) } else { List::strings(found) }.into())
}

/// Replaces every match; with `expand`, `$1` and `${name}` stand for what a group matched.
fn replace_all(call: &mut Call<'_>, args: &Args, expand: bool) -> Outcome {
    let expression = compiled(call, args)?;
    let (text, replacement) = (args.text(1), args.text(2));
    let references = if expand { replacement.matches('$').count() } else { 0 };
    let mut out = String::new();
    let mut end = 0;
    let mut add = |budget: &mut Budget, m: Match<'_>, captures: Option<&Captures<'_>>| {
        // Every `$` may be replaced with the whole match.
        let most = replacement.len().saturating_add(references.saturating_mul(m.len()));
        budget.longer(out.len(), (m.start() - end).saturating_add(most))?;
        out.push_str(&text[end..m.start()]);
        match captures {
            Some(captures) => captures.expand(replacement, &mut out),
            None => out.push_str(replacement),
        }
        end = m.end();
        Ok(ControlFlow::Continue(()))
    };
    if references > 0 {
        expression.each_captures(call.budget, text, |budget, m, captures| add(budget, m, Some(captures)))?;
    } else {
        expression.each_match(call.budget, text, |budget, m| add(budget, m, None))?;
    }
    call.budget.longer(out.len(), text.len() - end)?;
    out.push_str(&text[end..]);
    Ok(out.into())
}

/// As Go splits: a limit of 0 gives nothing, and an empty match at the very end none.
fn split(call: &mut Call<'_>, args: &Args) -> Outcome {
    let expression = compiled(call, args)?;
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
    expression.each_match(call.budget, text, |_, found| {
        if parts.len() + 1 >= most {
            return Ok(ControlFlow::Break(()));
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(text[begin..end].into());
        }
        begin = found.end();
        Ok(ControlFlow::Continue(()))
    })?;
    if end != text.len() {
        parts.push(text[begin..].into());
    }
    call.budget.items(parts.len())?;
    Ok(List::of(Element::Str, parts).into())
}

/// What the steps of a match decide: whether to go on, or why not.
type Step = Result<ControlFlow<()>, FunctionError>;

/// A compiled expression, and what searching with it costs.
#[derive(Clone)]
struct Expression {
    regex: Regex,
    /// Steps for every four bytes that are searched: with the size of the expression, the slowest search gets slower.
    weight: usize,
    /// Whether a search can read far past the match it gives, as `a*b|a` does to see whether a `b` follows.
    reads_ahead: bool,
}

impl Expression {
    /// Counts one search of a string: at worst every byte is looked at by every part of the expression.
    fn charge_search(&self, budget: &mut Budget, text: &str) -> Result<(), FunctionError> {
        budget.spend((text.len() / 4).saturating_mul(self.weight))
    }

    fn is_match(&self, budget: &mut Budget, text: &str) -> Result<bool, FunctionError> {
        self.charge_search(budget, text)?;
        Ok(self.regex.is_match(text))
    }

    /// Counts one of many matches. If the expression reads ahead, the search for each match can read all that is left of the
    /// text, so that all of them together take time by the square of the text.
    fn charge_match(&self, budget: &mut Budget, left: usize) -> Result<(), FunctionError> {
        let read = if self.reads_ahead { left } else { left.min(256) };
        budget.spend((read / 64).saturating_mul(self.weight).saturating_add(1))
    }

    fn each_match<'t>(
        &self,
        budget: &mut Budget,
        text: &'t str,
        mut take: impl FnMut(&mut Budget, Match<'t>) -> Step,
    ) -> Result<(), FunctionError> {
        self.charge_search(budget, text)?;
        for found in self.regex.find_iter(text) {
            self.charge_match(budget, text.len() - found.end())?;
            if take(budget, found)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn each_captures<'t>(
        &self,
        budget: &mut Budget,
        text: &'t str,
        mut take: impl FnMut(&mut Budget, Match<'t>, &Captures<'t>) -> Step,
    ) -> Result<(), FunctionError> {
        self.charge_search(budget, text)?;
        for captures in self.regex.captures_iter(text) {
            let Some(found) = captures.get(0) else { continue };
            self.charge_match(budget, text.len() - found.end())?;
            if take(budget, found, &captures)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// A size of compiled expressions in bytes, what compiling up to that size costs in steps, and the weight of searches.
struct Size {
    limit: usize,
    steps: usize,
    weight: usize,
}

/// An expression is tried with the smallest size first: most fit.
const SIZES: [Size; 4] = [
    Size { limit: 16 << 10, steps: 400, weight: 1 },
    Size { limit: 128 << 10, steps: 4_000, weight: 4 },
    Size { limit: 1 << 20, steps: 40_000, weight: 32 },
    Size { limit: 4 << 20, steps: 200_000, weight: 128 },
];
/// The longest expression in bytes.
const MAX_EXPRESSION: usize = 32 << 10;

/// The expressions of a run, so that those of a loop are compiled once. Those that failed are kept, too.
#[derive(Default)]
pub(crate) struct Expressions {
    compiled: HashMap<Arc<str>, Result<Expression, FunctionError>>,
    /// The limits of their sizes, all together.
    bytes: usize,
}

impl Expressions {
    const MAX_COUNT: usize = 64;
    const MAX_BYTES: usize = 16 << 20;

    fn keep(&mut self, expression: &str, outcome: Result<Expression, FunctionError>, bytes: usize) {
        self.bytes += bytes;
        if self.compiled.len() >= Self::MAX_COUNT || self.bytes > Self::MAX_BYTES {
            self.compiled.clear();
            self.bytes = bytes;
        }
        self.compiled.insert(Arc::from(expression), outcome);
    }
}

/// The compiled form of the first argument.
fn compiled(call: &mut Call<'_>, args: &Args) -> Result<Expression, FunctionError> {
    let expression = args.text(0);
    if let Some(outcome) = call.expressions.compiled.get(expression) {
        return outcome.clone();
    }
    let invalid = |reason: &str| FunctionError::new(format!("not a regular expression: {reason}"));
    if expression.len() > MAX_EXPRESSION {
        return Err(invalid("it is too large"));
    }
    let mut outcome = Err(invalid("it is too large"));
    let mut bytes = expression.len();
    match translated(expression) {
        None => outcome = Err(invalid("a repetition is repeated")),
        Some(translated) => {
            for size in SIZES {
                // A few characters can stand for a class of thousands: `\pL`.
                call.budget.spend(size.steps + 8 * expression.len())?;
                bytes = size.limit;
                match RegexBuilder::new(&translated).size_limit(size.limit).build() {
                    Ok(regex) => {
                        let reads_ahead = regex_syntax::parse(&translated).is_ok_and(|hir| reads_ahead(&hir));
                        outcome = Ok(Expression { regex, weight: size.weight, reads_ahead });
                    }
                    Err(regex::Error::CompiledTooBig(_)) => continue,
                    Err(_) => outcome = Err(invalid("its syntax is wrong")),
                }
                break;
            }
        }
    }
    call.expressions.keep(expression, outcome.clone(), bytes);
    outcome
}

/// Whether something that may be left out, or that has an alternative, contains a repetition without bound. Elsewhere, a
/// repetition that goes on after a match would also find the end of every later match, and make the match longer.
fn reads_ahead(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(capture) => reads_ahead(&capture.sub),
        HirKind::Concat(parts) => parts.iter().any(reads_ahead),
        HirKind::Alternation(parts) => parts.iter().any(is_unbounded),
        HirKind::Repetition(repetition) => is_unbounded(&repetition.sub),
    }
}

fn is_unbounded(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
        HirKind::Capture(capture) => is_unbounded(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(is_unbounded),
        HirKind::Repetition(repetition) => repetition.max.is_none() || is_unbounded(&repetition.sub),
    }
}

/// An expression in the dialect of the `regex` crate. In Go's (RE2), the classes `\d`, `\w`, `\s` and `\b` know ASCII only,
/// `\Q…\E` quotes, a brace that is not a repetition is a plain character, and so are brackets and doubled signs within a
/// class. A repetition can't be repeated: that gives `None`.
fn translated(expression: &str) -> Option<String> {
    let out = String::with_capacity(expression.len() + 16);
    Translator { rest: expression, out, repeated: Repeated::Not }.run()
}

/// How the last part of an expression is repeated.
#[derive(Clone, Copy)]
enum Repeated {
    Not,
    Greedy,
    /// With a second mark: `a*?`.
    Reluctant,
}

struct Translator<'e> {
    rest: &'e str,
    out: String,
    repeated: Repeated,
}

impl Translator<'_> {
    fn run(mut self) -> Option<String> {
        while let Some(c) = self.rest.chars().next() {
            if matches!(c, '*' | '+' | '?') || (c == '{' && is_repetition(&self.rest[1..])) {
                self.repetition(c)?;
                continue;
            }
            self.repeated = Repeated::Not;
            match c {
                '\\' => self.escape(false),
                '[' => self.class(),
                '{' => self.replace("\\{"),
                c => self.copy(c.len_utf8()),
            }
        }
        Some(self.out)
    }

    /// Takes the next bytes over as they are.
    fn copy(&mut self, bytes: usize) {
        let (taken, rest) = self.rest.split_at(bytes.min(self.rest.len()));
        self.out.push_str(taken);
        self.rest = rest;
    }

    /// Writes something else for the next character, which is ASCII.
    fn replace(&mut self, text: &str) {
        self.out.push_str(text);
        self.rest = &self.rest[1..];
    }

    /// `*`, `+`, `?` and `{2,3}`.
    fn repetition(&mut self, mark: char) -> Option<()> {
        self.repeated = match (self.repeated, mark) {
            (Repeated::Not, _) => Repeated::Greedy,
            (Repeated::Greedy, '?') => Repeated::Reluctant,
            _ => return None,
        };
        self.copy(if mark == '{' { self.rest.find('}')? + 1 } else { 1 });
        Some(())
    }

    /// A backslash and what belongs to it.
    fn escape(&mut self, in_class: bool) {
        let Some(escaped) = self.rest[1..].chars().next() else { return self.copy(1) };
        let after = &self.rest[1 + escaped.len_utf8()..];
        match escaped {
            'd' | 'w' | 's' | 'D' | 'W' | 'S' => {
                let set = match escaped.to_ascii_lowercase() {
                    'd' => "0-9",
                    'w' => "0-9A-Za-z_",
                    _ => r"\t\n\x0c\r ",
                };
                match (in_class, escaped.is_ascii_uppercase()) {
                    (true, false) => self.out.push_str(set),
                    (_, true) => self.out.push_str(&format!("[^{set}]")),
                    (false, false) => self.out.push_str(&format!("[{set}]")),
                }
                self.rest = after;
            }
            'b' | 'B' if !in_class => {
                self.out.push_str(&format!("(?-u:\\{escaped})"));
                self.rest = after;
            }
            'Q' => {
                let (quoted, after) = after.split_once(r"\E").unwrap_or((after, ""));
                self.out.push_str(&regex::escape(quoted));
                self.rest = after;
            }
            'p' | 'P' | 'x' if after.starts_with('{') => {
                let name = after.find('}').map_or(after.len(), |end| end + 1);
                self.copy(2 + name);
            }
            escaped => self.copy(1 + escaped.len_utf8()),
        }
    }

    /// `[…]`, up to and including its end.
    fn class(&mut self) {
        self.copy(1);
        if self.rest.starts_with('^') {
            self.copy(1);
        }
        let mut first = true;
        while let Some(c) = self.rest.chars().next() {
            let after = &self.rest[c.len_utf8()..];
            match c {
                ']' if !first => return self.copy(1),
                ']' => self.replace("\\]"),
                '\\' => self.escape(true),
                // A named class, `[:alpha:]`.
                '[' => match after.find(":]").filter(|_| after.starts_with(':')) {
                    Some(end) => self.copy(end + 3),
                    None => self.replace("\\["),
                },
                '&' => self.replace("\\&"),
                '~' => self.replace("\\~"),
                '-' if after.starts_with('-') => self.replace("\\-"),
                c => self.copy(c.len_utf8()),
            }
            first = false;
        }
    }
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
        assert!(matches(r"^[\w\-]+\.[^\]]$", "a-b.x"));
        assert!(matches(r"^a{2}?b{1,}$", "aabb"));
        assert!(matches(r"^[^^]$", "a"));
        assert!(matches(r"^x{,2}$", "x{,2}"));
        for repeated in ["a**", "a+*", "a{2}{3}", "a???", "a*{2}"] {
            assert_eq!(translated(repeated), None, "{repeated}");
        }
    }

    fn run(text: &str, steps: u64) -> Result<String, String> {
        let template = crate::Template::parse("t", text).unwrap();
        let context = crate::EvalContext::default();
        let rendered = template.render_within(&Value::empty_map(), &context, Budget::new(steps, 64 << 20));
        rendered.map(|(output, _)| output).map_err(|report| report.to_string())
    }

    #[test]
    fn replacements_are_gos() {
        for (text, expected) in [
            (r#"{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}"#, "-W-xxW-"),
            (r#"{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "$1W" }}"#, "---"),
            (r#"{{ regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}" }}"#, "-${1}-${1}-"),
            (r#"{{ regexReplaceAll "x*" "axb" "-" }}"#, "-a-b-"),
            (r#"{{ regexFindAll "[a-z]" "a1b2c" 2 }}"#, "[a b]"),
            (r#"{{ regexFindAll "z" "a1b2c" -1 | len }}"#, "0"),
            (r#"{{ regexSplit "z+" "pizza" -1 }}"#, "[pi a]"),
            (r#"{{ regexSplit "z+" "pizza" 1 }}"#, "[pizza]"),
        ] {
            assert_eq!(run(text, 100_000).as_deref(), Ok(expected), "{text}");
        }
    }

    /// Expressions that take long to compile or to search with end with an error, and soon.
    #[test]
    fn expensive_expressions_end_with_an_error() {
        for text in [
            r#"{{ range $i := until 2000 }}{{ $_ := regexMatch (print `[\pL\pN]{1,400}` $i) "a" }}{{ end }}"#,
            r#"{{ range $i := until 20000 }}{{ $_ := regexMatch (print "x{900}" $i) "a" }}{{ end }}"#,
            r#"{{ range $i := until 20000 }}{{ $_ := regexMatch (print "(" $i) "a" }}{{ end }}"#,
            r#"{{ $s := repeat 400000 "a" }}{{ $_ := regexFindAll "a*b|a" $s -1 }}"#,
            r#"{{ $s := repeat 400000 "a" }}{{ $_ := regexReplaceAll "a*b|a" $s "" }}"#,
            r#"{{ $s := repeat 400000 "a" }}{{ $_ := regexSplit "a*b|a" $s -1 }}"#,
            r#"{{ $s := repeat 4000000 "ab" }}{{ range until 50 }}{{ $_ := regexMatch "[ab]*a[ab]{18}c" $s }}{{ end }}"#,
            r#"{{ $s := repeat 1000000 "a" }}{{ $_ := regexReplaceAll ".*" $s (repeat 1000000 "$0") }}"#,
            r#"{{ mustRegexMatch (repeat 100000 "(a|b)") "a" }}"#,
        ] {
            assert!(run(text, 1_000_000).is_err(), "{text}");
        }
    }

    #[test]
    fn expressions_that_read_ahead_are_found() {
        let ahead = |expression: &str| reads_ahead(&regex_syntax::parse(&translated(expression).unwrap()).unwrap());
        for expression in ["a*b|a", "(a+b)?a", "a([^d]*d)*", "(?:x|y.*z)", "(a+)+"] {
            assert!(ahead(expression), "{expression}");
        }
        for expression in ["a*b", "^[a-z0-9-]+$", r"(?m)^export +(\w+)=", "(ab)*", "a|b", "(a|bc)+", "x{2,}y?"] {
            assert!(!ahead(expression), "{expression}");
        }
    }

    /// What templates do with names and files of a cluster stays far from the bounds.
    #[test]
    fn everyday_expressions_are_cheap() {
        for text in [
            r#"{{ range $i := until 500 }}{{ regexMatch (printf "^nodes-%d-[a-z0-9-]+$" $i) "nodes-1-a" | ternary "" "" }}{{ end }}"#,
            r#"{{ $s := repeat 1000 "export A=b\n" }}{{ range until 100 }}{{ $_ := regexReplaceAll `(?m)^export +(\w+)=` $s "$1: " }}{{ end }}"#,
            r#"{{ regexReplaceAll "[^a-z0-9]+" (repeat 2000 "some-Name_1 ") "-" | len }}"#,
        ] {
            assert_eq!(run(text, 5_000_000).err(), None, "{text}");
        }
    }
}
