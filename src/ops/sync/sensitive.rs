//! Which parts of a rendered spec depend on sensitive outputs, however templates transform them.
//!
//! Templates can encode, cut, hash or compare a value, so looking for the value itself is not enough. Instead, the templates are
//! rendered again with other values in its place: what differs depends on it. The same holds for messages of templates that
//! cannot be rendered.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value as Json};

use crate::ops::template::{Rendered, TemplateError, Templates, Values};
use kopsform_diagnostics::{Finding, Report};

/// Shorter words are likely to be part of others, so they are not looked for in messages.
const SHORTEST: usize = 6;

/// What depends on sensitive outputs.
#[derive(Debug, Clone, Default)]
pub(super) struct Dependence {
    /// Lines of the rendered text, from 1.
    lines: BTreeSet<usize>,
    /// What templates made of the values, as it is printed there: words that are long enough not to be others.
    pub forms: Vec<String>,
}

/// The values with sensitive outputs changed.
struct Variants {
    /// Strings and numbers are others, of the same shape.
    values: Values,
    /// Names of entries of maps are others, too.
    keys: Values,
    /// These names.
    names: BTreeSet<String>,
}

impl Variants {
    /// `None` without sensitive outputs.
    fn of(values: &Values) -> Option<Self> {
        let (mut changed, mut renamed) = (values.document().clone(), values.document().clone());
        let mut names = BTreeSet::new();
        let mut found = false;
        for (name, output) in values.document() {
            if output.get("sensitive") != Some(&Json::Bool(true)) {
                continue;
            }
            let Some(value) = output.get("value") else { continue };
            found = true;
            collect_names(value, &mut names);
            set_value(&mut changed, name, change(value, false));
            set_value(&mut renamed, name, change(value, true));
        }
        found.then(|| Self { values: values.with_document(changed), keys: values.with_document(renamed), names })
    }
}

fn set_value(document: &mut Map<String, Json>, output: &str, value: Json) {
    if let Some(Json::Object(output)) = document.get_mut(output) {
        output.insert("value".to_owned(), value);
    }
}

fn collect_names(value: &Json, names: &mut BTreeSet<String>) {
    match value {
        Json::Object(entries) => {
            for (name, value) in entries {
                names.insert(name.clone());
                collect_names(value, names);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        _ => {}
    }
}

/// Another value of the same shape, so that templates treat it alike.
fn change(value: &Json, rename: bool) -> Json {
    match value {
        Json::Null | Json::Bool(_) => value.clone(),
        Json::Number(number) => match number.as_f64().and_then(|float| Number::from_f64(float + 1.0)) {
            Some(other) => Json::Number(other),
            None => value.clone(),
        },
        Json::String(text) => Json::String(change_text(text)),
        Json::Array(items) => items.iter().map(|item| change(item, rename)).collect(),
        Json::Object(entries) => {
            let name = |name: &String| if rename { change_text(name) } else { name.clone() };
            Json::Object(entries.iter().map(|(key, value)| (name(key), change(value, rename))).collect())
        }
    }
}

/// Every letter and digit is another one of its kind.
fn change_text(text: &str) -> String {
    let next = |c: char, first: u8, last: u8| {
        if c == char::from(last) { char::from(first) } else { char::from_u32(c as u32 + 1).unwrap_or(c) }
    };
    let changed: String = text
        .chars()
        .map(|c| match c {
            'a'..='z' => next(c, b'a', b'z'),
            'A'..='Z' => next(c, b'A', b'Z'),
            '0'..='9' => next(c, b'0', b'9'),
            c if c.is_alphabetic() => {
                if c == 'é' {
                    'è'
                } else {
                    'é'
                }
            }
            c => c,
        })
        .collect();
    if changed == text && !text.is_empty() { format!("{text}x") } else { changed }
}

impl Dependence {
    /// Compares a rendered text with what it would be with other values.
    pub fn of(rendered: &Rendered, templates: &Templates, values: &Values) -> Self {
        let Some(variants) = Variants::of(values) else { return Self::default() };
        let mut dependence = Self::default();
        match templates.render(&variants.values.for_template()) {
            Ok(other) => dependence.compare(&rendered.text, &other.text, true),
            // Templates that refuse other values give no comparison: no line is known to be free of the outputs.
            Err(_) => dependence.lines.extend(1..=rendered.text.lines().count()),
        }
        // Templates that ask for an entry by its name cannot be rendered without it, which is no reason to hide anything.
        if let Ok(other) = templates.render(&variants.keys.for_template()) {
            dependence.compare(&rendered.text, &other.text, false);
        }
        dependence
    }

    fn compare(&mut self, text: &str, other: &str, with_forms: bool) {
        let (lines, others): (Vec<&str>, Vec<&str>) = (text.lines().collect(), other.lines().collect());
        if lines.len() == others.len() {
            for (i, (line, other)) in lines.iter().zip(&others).enumerate().filter(|(_, (line, other))| line != other) {
                self.lines.insert(i + 1);
                if with_forms {
                    self.forms.extend(differing_words(line, other));
                }
            }
        } else {
            let same = |(a, b): &(&&str, &&str)| a == b;
            let before = lines.iter().zip(&others).take_while(same).count();
            let after = lines.iter().rev().zip(others.iter().rev()).take_while(same).count();
            let end = lines.len().saturating_sub(after).max(before);
            self.lines.extend(before + 1..=end);
            if with_forms {
                self.forms.extend(lines[before..end].iter().flat_map(|line| words(line)).map(str::to_owned));
            }
        }
        // The lines of a block follow its key, where findings are placed.
        let indent = |line: &str| line.len() - line.trim_start().len();
        for (i, line) in lines.iter().enumerate() {
            let is_header = line.trim_end().trim_end_matches(['-', '+']).ends_with(['|', '>']);
            let in_block = |next: &&&str| next.trim().is_empty() || indent(next) > indent(line);
            if is_header {
                let block = lines[i + 1..].iter().take_while(in_block).count();
                if self.lines.range(i + 2..i + 2 + block).next().is_some() {
                    self.lines.insert(i + 1);
                }
            }
        }
    }

    /// Hides what findings about the rendered text `file` say of lines that depend on sensitive outputs. Their locations, fields
    /// and rules stay.
    pub fn hide(&self, file: &str, report: &mut Report) {
        for finding in &mut report.findings {
            let is_of_line = |line| self.lines.contains(&line);
            if finding.location.as_ref().is_some_and(|location| location.file == file && is_of_line(location.line)) {
                hide(finding);
            }
        }
    }
}

fn hide(finding: &mut Finding) {
    finding.message = format!(
        "the value is refused by the rule {}; it is not shown because it depends on a sensitive output",
        finding.rule
    );
    finding.hint = None;
    finding.excerpt = None;
}

/// The parts of a line between spaces, quotes and brackets.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let separates = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '{' | '}');
    // A key ends with a colon.
    let parts = line.split(separates).map(|part| part.strip_suffix(':').unwrap_or(part));
    parts.filter(|part| part.chars().count() >= SHORTEST)
}

/// The parts of a line that another line does not have.
fn differing_words(line: &str, other: &str) -> Vec<String> {
    let others: BTreeSet<&str> = words(other).collect();
    words(line).filter(|word| !others.contains(word)).map(str::to_owned).collect()
}

/// Hides what the errors of templates say, as far as it depends on sensitive outputs.
pub(super) fn hide_in_error(error: TemplateError, templates: &Templates, values: &Values) -> TemplateError {
    let TemplateError::Invalid(mut report) = error else { return error };
    let Some(variants) = Variants::of(values) else { return TemplateError::Invalid(report) };
    let others = match templates.render(&variants.values.for_template()) {
        Err(TemplateError::Invalid(others)) => others.findings,
        _ => Vec::new(),
    };
    for finding in &mut report.findings {
        let is_same = |other: &Finding| other.location == finding.location && other.message == finding.message;
        if !others.iter().any(is_same) {
            finding.message =
                "the template fails here; the reason is not shown because it depends on a sensitive output".to_owned();
            finding.hint = None;
        }
        let names_entry = |hint: &String| {
            hint.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').any(|word| variants.names.contains(word))
        };
        if finding.hint.as_ref().is_some_and(names_entry) {
            finding.hint = None;
        }
    }
    TemplateError::Invalid(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_values_have_the_same_shape() {
        for text in ["Hunter2secretValue", "10.0.0.0/16", "-", "é", "zZ9"] {
            let changed = change_text(text);
            assert_ne!(changed, text);
            assert!(
                changed.starts_with(|c: char| c.is_alphanumeric() == text.starts_with(char::is_alphanumeric)),
                "{changed}"
            );
        }
        assert_eq!(change_text(""), "");
        assert_eq!(change_text("10.0.0.9/16"), "21.1.1.0/27");
    }

    #[test]
    fn lines_that_differ_depend_on_the_values() {
        let mut dependence = Dependence::default();
        dependence.compare(
            "a: 1\nb: \"c2VjcmV0\"\nc: |\n  x\n  abcd-secret\nd: 1\n",
            "a: 1\nb: \"zzzz\"\nc: |\n  x\n  other\nd: 1\n",
            true,
        );
        assert_eq!(dependence.lines, BTreeSet::from([2, 3, 5]));
        assert_eq!(dependence.forms, ["c2VjcmV0", "abcd-secret"]);
        let mut dependence = Dependence::default();
        dependence.compare("a: 1\nb: secret\nc: 1\n", "a: 1\nc: 1\n", true);
        assert_eq!((dependence.lines, dependence.forms), (BTreeSet::from([2]), vec!["secret".to_owned()]));
    }
}
