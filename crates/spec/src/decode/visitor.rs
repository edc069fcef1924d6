//! Checking a document against the schema of its type.

use serde_json::{Map, Value};

use super::hints::{elsewhere, present_name, swapped, synonym};
use super::{Strictness, locate};
use crate::cloud::Cloud;
use crate::field_schema::{Field, FieldSchema, Fields, Grammar};
use crate::formats::{Format, duration_hint};
use crate::meta::{Base64Bytes, Duration, Quantity};
use kopsform_diagnostics::{Finding, Report, Rule, nearest};
use kopsform_yaml::{self as yaml, Entry, Kind, Node, Resolved, Scalar, Source};

/// Visits a document with the schema of its type, and reports what does not fit.
pub(super) struct SchemaVisitor<'a> {
    source: &'a Source,
    strictness: Strictness,
    /// The cloud of the object's cluster, if it is known.
    cloud: Option<Cloud>,
    object: String,
    root: &'static FieldSchema,
    path: String,
    report: &'a mut Report,
}

impl<'a> SchemaVisitor<'a> {
    /// A visitor of the document of an object, called `Cluster/name` in findings.
    pub(super) fn new(
        source: &'a Source,
        strictness: Strictness,
        object: String,
        root: &'static FieldSchema,
        report: &'a mut Report,
    ) -> Self {
        Self { source, strictness, cloud: None, object, root, path: String::new(), report }
    }

    /// For an object whose cluster is on a cloud. Without one, values are accepted that any of the clouds accepts.
    pub(super) fn on(mut self, cloud: Option<Cloud>) -> Self {
        self.cloud = cloud;
        self
    }

    /// The whole document, in the form that its type deserializes.
    pub(super) fn visit(&mut self, root: &Node) -> Option<Value> {
        self.value(root, self.root, false)
    }

    /// Adds a finding that knows its path.
    pub(super) fn push_at(&mut self, finding: Finding, position: yaml::Position) {
        if self.report.is_full(finding.severity) {
            // Only counted: it needs no excerpt.
            return self.report.push(finding);
        }
        self.report.push(locate(self.source, finding, position).object(self.object.clone()));
    }

    fn push(&mut self, mut finding: Finding, position: yaml::Position) {
        finding.path.clone_from(&self.path);
        self.push_at(finding, position);
    }

    /// Reports what kops accepts and should not.
    fn strict(&mut self, rule: Rule, message: String, hint: Option<String>, position: yaml::Position) {
        let Some(severity) = self.strictness.severity() else { return };
        let mut finding = Finding::strict(severity, rule, "", message);
        finding.hint = hint;
        self.push(finding, position);
    }

    fn wrong(&mut self, node: &Node, message: String, hint: Option<String>) {
        let mut finding = Finding::error(Rule::WrongType, "", message);
        finding.hint = hint;
        self.push(finding, node.position);
    }

    fn within<R>(&mut self, step: &str, act: impl FnOnce(&mut Self) -> R) -> R {
        let length = self.path.len();
        self.path.push_str(step);
        let result = act(self);
        self.path.truncate(length);
        result
    }

    /// The path step of a field or key.
    fn step(&self, name: &str) -> String {
        let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        match (plain, self.path.is_empty()) {
            (true, true) => name.to_owned(),
            (true, false) => format!(".{name}"),
            (false, _) => format!("[{name:?}]"),
        }
    }

    /// The value in the form that its type deserializes; `None` where it is null or does not fit.
    fn value(&mut self, node: &Node, shape: &FieldSchema, lenient: bool) -> Option<Value> {
        if matches!(shape, FieldSchema::Any) {
            return Some(node.to_json());
        }
        if node.is_null() {
            return None;
        }
        match (shape, &*node.kind) {
            (FieldSchema::Object(fields), Kind::Mapping(entries)) => Some(self.fields(entries, fields, lenient)),
            (FieldSchema::Map(inner), Kind::Mapping(entries)) => {
                let mut map = Map::new();
                for Entry { key, value, .. } in entries {
                    let step = self.step(key);
                    let converted = self.within(&step, |w| {
                        w.value(value, inner, lenient).or_else(|| (value.is_null()).then(|| zero(inner)))
                    });
                    if let Some(converted) = converted {
                        map.insert(key.clone(), converted);
                    }
                }
                Some(Value::Object(map))
            }
            (FieldSchema::List(inner), Kind::Sequence(items)) => {
                let mut list = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    let converted = self.within(&format!("[{i}]"), |w| {
                        if item.is_null() {
                            w.strict(
                                Rule::EmptyItem,
                                "the list has an empty item".to_owned(),
                                Some("remove the `-`".to_owned()),
                                item.position,
                            );
                        }
                        w.value(item, inner, lenient)
                    });
                    // A placeholder keeps the indexes of the items after one that does not fit.
                    list.push(converted.unwrap_or_else(|| zero(inner)));
                }
                Some(Value::Array(list))
            }
            (FieldSchema::List(inner), _)
                if !matches!(**inner, FieldSchema::Object(_)) || matches!(&*node.kind, Kind::Mapping(_)) =>
            {
                let found = node.describe();
                self.wrong(
                    node,
                    format!("expected a list, found {found}"),
                    Some("begin each item with `- `".to_owned()),
                );
                None
            }
            (_, Kind::Scalar(scalar)) => self.scalar(node, scalar, shape, lenient),
            _ => {
                let message = format!("expected {}, found {}", shape.describe(), node.describe());
                self.wrong(node, message, None);
                None
            }
        }
    }

    fn fields(&mut self, entries: &[Entry], fields: &Fields, lenient: bool) -> Value {
        let mut map = Map::new();
        for entry in entries {
            let step = self.step(&entry.key);
            let converted = self.within(&step, |w| match fields.get(&entry.key) {
                Some(field) => {
                    w.deprecation(entry, field);
                    if w.other_cloud(entry, field) {
                        return None;
                    }
                    let (shape, field_lenient) = field.on(w.cloud.unwrap_or_else(|| likely_cloud(&entry.value, field)));
                    w.value(&entry.value, shape, lenient || field_lenient)
                }
                None => {
                    w.unknown(entry, fields);
                    None
                }
            });
            if let Some(converted) = converted {
                map.insert(entry.key.clone(), converted);
            }
        }
        Value::Object(map)
    }

    fn deprecation(&mut self, entry: &Entry, field: &Field) {
        if !field.deprecated || self.strictness == Strictness::Stored || entry.value.is_null() {
            return;
        }
        let message = match (field.ignored, &field.deprecated_since) {
            (true, Some(since)) => format!("the field has been ignored since {since}"),
            (true, None) => "the field is ignored".to_owned(),
            (false, Some(since)) => format!("the field has been deprecated since {since}"),
            (false, None) => "the field is deprecated".to_owned(),
        };
        let mut finding = Finding::warning(Rule::DeprecatedField, "", message);
        finding.hint = Some(field.instead.clone().unwrap_or_else(|| "remove it".to_owned()));
        self.push(finding, entry.key_position);
    }

    /// Reports a field that the object's cloud does not have. Returns whether kops refuses it.
    fn other_cloud(&mut self, entry: &Entry, field: &Field) -> bool {
        let (Some(cloud), Some(only)) = (self.cloud, field.only) else { return false };
        // kops refuses an empty mapping too.
        let is_refused_empty = field.refused_elsewhere && matches!(&*entry.value.kind, Kind::Mapping(_));
        let is_given = !entry.value.is_null() && (!entry.value.is_empty() || is_refused_empty);
        if cloud == only || self.strictness == Strictness::Stored || !is_given {
            return false;
        }
        let (cloud, only) = (cloud.title(), only.title());
        let finding = if field.refused_elsewhere {
            Finding::error(
                Rule::UnsupportedField,
                "",
                format!("{} is for clusters on {only}, not on {cloud}", entry.key),
            )
        } else {
            Finding::warning(
                Rule::NoEffect,
                "",
                format!("{} is for clusters on {only}, and has no effect on {cloud}", entry.key),
            )
        };
        self.push(finding.hint("remove it"), entry.key_position);
        field.refused_elsewhere
    }

    fn unknown(&mut self, entry: &Entry, fields: &Fields) {
        let Some(severity) = self.strictness.severity() else { return };
        if self.report.is_full(severity) {
            // Only counted: looking for the nearest name would take long.
            return self.strict(Rule::UnknownField, "unknown field".to_owned(), None, entry.key_position);
        }
        let hint = present_name(&entry.key).map(str::to_owned);
        let hint = hint.or_else(|| synonym(self.root, fields, &self.path, &entry.key));
        let hint = hint.or_else(|| swapped(fields, &entry.key, entry.value.text()));
        let hint = hint.or_else(|| nearest(&entry.key, fields.names()).map(|name| format!("did you mean {name}?")));
        let hint = hint.or_else(|| elsewhere(self.root, &self.path, &entry.key)).or_else(|| {
            let count = fields.names().count();
            (1..=8)
                .contains(&count)
                .then(|| format!("fields here are {}", fields.names().collect::<Vec<_>>().join(", ")))
        });
        self.strict(Rule::UnknownField, "unknown field".to_owned(), hint, entry.key_position);
    }

    fn scalar(&mut self, node: &Node, scalar: &Scalar, shape: &FieldSchema, lenient: bool) -> Option<Value> {
        let resolved = scalar.resolve();
        let text = scalar.text.as_str();
        match (shape, &resolved) {
            (FieldSchema::Text(grammar), Resolved::Text(text)) => self.text(node, text, grammar, lenient),
            (FieldSchema::Text(_), other) => {
                let message = format!("expected a string, found {}", other.describe());
                self.wrong(node, message, Some(format!("put it in quotes: {text:?}")));
                Some(Value::String(text.to_owned()))
            }
            (FieldSchema::Integer { min, max, .. }, Resolved::Int(number)) => {
                self.integer(node, *number, *min, *max, lenient)
            }
            (FieldSchema::Integer { min, max, .. }, Resolved::Float(number))
                if number.fract() == 0.0 && number.abs() < 9e15 =>
            {
                self.integer(node, *number as i64, *min, *max, lenient)
            }
            (FieldSchema::Boolean, Resolved::Bool(value)) => Some(Value::Bool(*value)),
            (FieldSchema::Duration, Resolved::Text(text)) => match text.parse::<Duration>() {
                Ok(_) => Some(Value::String((*text).to_owned())),
                Err(error) => self.bad(Rule::BadDuration, node, error.to_string(), duration_hint(text)),
            },
            (FieldSchema::Duration, Resolved::Int(number)) => self.bad(
                Rule::BadDuration,
                node,
                format!("{number} has no unit"),
                Some(format!("write {number}s, {number}m or {number}h")),
            ),
            (FieldSchema::Quantity, Resolved::Text(_) | Resolved::Int(_) | Resolved::UInt(_) | Resolved::Float(_)) => {
                // A number loses its spelling: `1e3` is 1000, and so 1k.
                let number = if let Resolved::Float(number) = resolved { Some(number.to_string()) } else { None };
                match Quantity::from(number.as_deref().unwrap_or(text)).canonical() {
                    Some(quantity) => Some(Value::String(quantity.0)),
                    None => {
                        let hint = text.strip_suffix(['B', 'b']).map(|short| format!("write {short}"));
                        self.bad(
                            Rule::BadQuantity,
                            node,
                            format!("{text:?} is not a quantity such as 100m or 1Gi"),
                            hint,
                        )
                    }
                }
            }
            (FieldSchema::IntOrString(format), Resolved::Int(number)) => {
                let min = if format.is_some() { 0 } else { i64::from(i32::MIN) };
                self.integer(node, *number, min, i64::from(i32::MAX), false)
            }
            (FieldSchema::IntOrString(format), Resolved::Text(text)) => {
                self.formatted(node, text, *format, lenient).then(|| Value::String((*text).to_owned()))
            }
            (FieldSchema::Base64, Resolved::Text(text)) => {
                let value = Value::String((*text).to_owned());
                match serde_json::from_value::<Base64Bytes>(value.clone()) {
                    Ok(_) => Some(value),
                    Err(error) => self.bad(Rule::BadBase64, node, format!("not base64: {error}"), None),
                }
            }
            _ => {
                let found = if scalar.plain { resolved.describe() } else { "a string" };
                let fits = !scalar.plain
                    && matches!(
                        (shape, Scalar { text: text.to_owned(), plain: true }.resolve()),
                        (FieldSchema::Integer { .. }, Resolved::Int(_)) | (FieldSchema::Boolean, Resolved::Bool(_))
                    );
                let hint = fits.then(|| format!("without quotes: {text}"));
                self.wrong(node, format!("expected {}, found {found}", shape.describe()), hint);
                None
            }
        }
    }

    fn bad(&mut self, rule: Rule, node: &Node, message: String, hint: Option<String>) -> Option<Value> {
        let mut finding = Finding::error(rule, "", message);
        finding.hint = hint;
        self.push(finding, node.position);
        None
    }

    fn text(&mut self, node: &Node, text: &str, grammar: &Grammar, lenient: bool) -> Option<Value> {
        let value = Value::String(text.to_owned());
        if grammar.allowed.is_empty() {
            // An empty field is like a missing one; an empty item of a list is an item.
            let fits =
                (text.is_empty() && !self.path.ends_with(']')) || self.formatted(node, text, grammar.format, lenient);
            return fits.then_some(value);
        }
        if grammar.allowed.iter().any(|value| value == text) {
            return Some(value);
        }
        if text.is_empty() && !grammar.pointer {
            return None;
        }
        // What is in the store was accepted once; validation says whether it is right.
        if self.strictness == Strictness::Stored || (text.is_empty() && lenient) {
            return Some(value);
        }
        let allowed = || grammar.allowed.iter().map(String::as_str);
        let hint = Some(match nearest(text, allowed()) {
            Some(value) => format!("did you mean {value}?"),
            None if grammar.allowed.len() == 1 => format!("write {}", grammar.allowed[0]),
            None => format!("one of {}", grammar.allowed.join(", ")),
        });
        let message = format!("unknown value {text:?}");
        if lenient {
            self.strict(Rule::UnknownValue, message, hint, node.position);
            return Some(value);
        }
        self.bad(Rule::UnknownValue, node, message, hint)
    }

    /// Whether a string is kept: it has its format, or kops accepts it.
    fn formatted(&mut self, node: &Node, text: &str, format: Option<&Format>, lenient: bool) -> bool {
        let Some(format) = format else { return true };
        let Err(error) = format.check(text) else { return true };
        if self.strictness == Strictness::Stored {
            return true;
        }
        if (lenient && !error.refused) || error.accepted {
            self.strict(format.rule, error.message, error.hint, node.position);
            return true;
        }
        self.bad(format.rule, node, error.message, error.hint);
        false
    }

    fn integer(&mut self, node: &Node, number: i64, min: i64, max: i64, lenient: bool) -> Option<Value> {
        if (min..=max).contains(&number) || self.strictness == Strictness::Stored {
            return Some(number.into());
        }
        let message =
            if number < min { format!("{number} is less than {min}") } else { format!("{number} is more than {max}") };
        let hint = if number < min { format!("write {min} or more") } else { format!("write {max} or less") };
        if lenient && i32::try_from(number).is_ok() {
            self.strict(Rule::OutOfRange, message, Some(hint), node.position);
            return Some(number.into());
        }
        self.bad(Rule::OutOfRange, node, message, Some(hint))
    }
}

/// The cloud that accepts a value, for an object whose cluster is not known: AWS unless only Google Cloud does.
fn likely_cloud(node: &Node, field: &Field) -> Cloud {
    match &field.gce {
        Some(gce) if !fits(node, &field.shape) && fits(node, &gce.shape) => Cloud::Gce,
        _ => Cloud::Aws,
    }
}

/// Whether the strings and numbers of a value are allowed. Other values do not depend on the cloud.
fn fits(node: &Node, shape: &FieldSchema) -> bool {
    match (shape, &*node.kind) {
        (FieldSchema::List(inner), Kind::Sequence(items)) => items.iter().all(|item| fits(item, inner)),
        (FieldSchema::Text(grammar), Kind::Scalar(scalar)) if grammar.allowed.is_empty() => {
            grammar.format.is_none_or(|format| format.check(&scalar.text).is_ok())
        }
        (FieldSchema::Text(grammar), Kind::Scalar(scalar)) => grammar.allowed.contains(&scalar.text),
        (FieldSchema::Integer { min, max, .. }, Kind::Scalar(scalar)) => match scalar.resolve() {
            Resolved::Int(number) => (*min..=*max).contains(&number),
            _ => true,
        },
        _ => true,
    }
}

/// The zero value of the Go type.
fn zero(shape: &FieldSchema) -> Value {
    match shape {
        FieldSchema::Object(_) | FieldSchema::Map(_) => Value::Object(Map::new()),
        FieldSchema::List(_) => Value::Array(Vec::new()),
        FieldSchema::Text(grammar) => Value::String(grammar.allowed.first().cloned().unwrap_or_default()),
        FieldSchema::Base64 => Value::String(String::new()),
        FieldSchema::Integer { .. } | FieldSchema::IntOrString(_) => 0.into(),
        FieldSchema::Boolean => false.into(),
        FieldSchema::Duration => "0s".into(),
        FieldSchema::Quantity => "0".into(),
        FieldSchema::Any => Value::Null,
    }
}
