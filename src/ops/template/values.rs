//! The values of a template: files merged in their order, then the settings of the command line.

use std::path::Path;

use serde_json::{Map, Number, Value as Json};

use super::files::{expand, read};
use super::json::{self, JsonError};
use super::{TemplateError, strvals};
use kopsform_diagnostics::{Finding, Location, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_template::Value;
use kopsform_yaml::MAX_NODES;

/// The key that holds the cluster's name.
const CLUSTER_NAME: &str = "clusterName";

/// Where values come from.
#[derive(Debug, Clone, Default)]
pub struct ValuesOptions {
    /// Files and directories, merged in this order.
    pub files: Vec<String>,
    /// `key=value` in Helm's grammar, with numbers and booleans.
    pub set: Vec<String>,
    /// `key=value` in Helm's grammar, where every value is a string.
    pub set_string: Vec<String>,
    /// The cluster's name, for templates that ask for `.clusterName`.
    pub cluster_name: Option<String>,
}

/// Merged values. Numbers of files are floats, those of `--set` are integers, as kops has them.
#[derive(Debug, Clone, Default)]
pub struct Values {
    document: Map<String, Json>,
    /// Duplicate keys of a file: kops takes the last one silently.
    pub warnings: Vec<Finding>,
}

impl Values {
    /// Merges a document over the current one: maps key by key, anything else is replaced.
    pub fn merge(&mut self, document: Map<String, Json>) {
        merge(&mut self.document, document);
    }

    /// Parses a file's content and merges it. The name is for messages, which never show the content: values can be secrets.
    ///
    /// # Errors
    /// When it is not YAML or JSON, or not a mapping.
    pub fn merge_text(&mut self, name: &str, text: &str) -> Result<(), Report> {
        let (document, warnings) = parse(name, text)?;
        self.warnings.extend(warnings);
        self.merge(document);
        Ok(())
    }

    /// The values as they were read.
    pub fn document(&self) -> &Map<String, Json> {
        &self.document
    }

    /// The values as a template takes them.
    pub fn for_template(&self) -> Value {
        mapping(&self.document)
    }

    /// The same with another document.
    pub fn with_document(&self, document: Map<String, Json>) -> Self {
        Self { document, warnings: self.warnings.clone() }
    }

    /// One value of the top level.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.document.get(key).map(to_value)
    }

    /// Sets the cluster's name unless the values have one.
    pub fn name_cluster(&mut self, name: &str) {
        if !matches!(self.document.get(CLUSTER_NAME), Some(Json::String(_))) {
            self.document.insert(CLUSTER_NAME.to_owned(), Json::String(name.to_owned()));
        }
    }
}

/// Reads and merges values.
///
/// # Errors
/// When a file cannot be read or is not a mapping, or when a setting is invalid.
pub fn load_values(options: &ValuesOptions, environment: &Environment) -> Result<Values, TemplateError> {
    let mut values = Values::default();
    let mut report = Report::default();
    for file in expand(&options.files, "values file", environment)? {
        let text = read(&file, "values file")?;
        if let Err(errors) = values.merge_text(&shown(&file), &text) {
            report.extend(errors);
        }
    }
    if report.has_errors() {
        return Err(report.into());
    }
    for (flag, settings, strings) in [("set", &options.set, false), ("set-string", &options.set_string, true)] {
        for setting in settings {
            strvals::set(setting, strings, &mut values.document)
                .map_err(|reason| TemplateError::Set { flag, reason })?;
        }
    }
    if let Some(name) = &options.cluster_name {
        values.name_cluster(name);
    }
    Ok(values)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn parse(name: &str, text: &str) -> Result<(Map<String, Json>, Vec<Finding>), Report> {
    // Terraform's outputs are JSON, which is read faster than YAML.
    if text.trim_start().starts_with('{') {
        match json::parse_bounded(text, MAX_NODES as usize) {
            Ok(Json::Object(mut document)) => {
                document.values_mut().for_each(make_floats);
                return Ok((document, Vec::new()));
            }
            Err(JsonError::TooMany) => {
                let finding = Finding::error(Rule::YamlLimit, "", format!("more than {MAX_NODES} values"));
                let finding = finding.at(Location { file: name.to_owned(), line: 1, column: 1 });
                return Err(finding.hint("remove values that templates do not use").into());
            }
            Ok(_) | Err(JsonError::Syntax) => {}
        }
    }
    let mut parsed = kopsform_yaml::parse(name, text);
    let mut warnings = Vec::new();
    for mut finding in std::mem::take(&mut parsed.report.findings) {
        finding.excerpt = None;
        if finding.rule == Rule::DuplicateKey {
            warnings.push(finding.as_strict(Severity::Warning));
        } else {
            parsed.report.push(finding);
        }
    }
    if parsed.report.has_errors() {
        return Err(parsed.report);
    }
    let Some(first) = parsed.documents.first() else { return Ok((Map::new(), warnings)) };
    match first.root.to_json() {
        Json::Object(mut document) => {
            document.values_mut().for_each(make_floats);
            Ok((document, warnings))
        }
        _ => {
            let message = format!("values must be a mapping, not {}", first.root.describe());
            let finding = Finding::error(Rule::NoMapping, "", message);
            let finding = finding.at(parsed.source.place(first.root.position));
            Err(finding.hint("write `key: value` lines").into())
        }
    }
}

/// Turns the numbers of a file into floats, which is how kops reads them.
fn make_floats(value: &mut Json) {
    match value {
        Json::Number(number) => {
            if let Some(float) = number.as_f64().and_then(Number::from_f64) {
                *number = float;
            }
        }
        Json::Array(items) => items.iter_mut().for_each(make_floats),
        Json::Object(entries) => entries.values_mut().for_each(make_floats),
        _ => {}
    }
}

fn merge(into: &mut Map<String, Json>, from: Map<String, Json>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Json::Object(inner)), Json::Object(other)) => merge(inner, other),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn to_value(document: &Json) -> Value {
    match document {
        Json::Number(number) => match number.as_i64().filter(|_| !number.is_f64()) {
            Some(n) => Value::Int64(n),
            None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(items) => kopsform_template::List::new(items.iter().map(to_value).collect()).into(),
        Json::Object(entries) => mapping(entries),
        other => Value::from(other),
    }
}

fn mapping(entries: &Map<String, Json>) -> Value {
    let entries = entries.iter().map(|(key, value)| (key.as_str().into(), to_value(value)));
    entries.collect::<kopsform_template::Map>().into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn later_files_win_key_by_key() {
        let mut values = Values::default();
        values.merge_text("a", "a: {b: 1, c: [1]}\nd: 1").unwrap();
        values.merge_text("b", "{\"a\": {\"c\": [2], \"e\": null}}").unwrap();
        assert_eq!(
            Json::Object(values.document.clone()),
            serde_json::json!({"a": {"b": 1.0, "c": [2.0], "e": null}, "d": 1.0})
        );
        assert!(matches!(values.get("d"), Some(Value::Float(_))));
    }

    #[test]
    fn a_duplicate_key_is_a_warning() {
        let mut values = Values::default();
        values.merge_text("a", "a: 1\na: 2").unwrap();
        assert_eq!(values.warnings.len(), 1);
        assert!(matches!(values.get("a"), Some(Value::Float(n)) if n == 2.0));
    }

    #[test]
    fn errors_never_show_values() {
        let report = Values::default().merge_text("v.yaml", "password: hunter2\n  broken: [").unwrap_err();
        assert!(!report.to_string().contains("hunter2"), "{report}");
        assert!(report.to_string().contains("v.yaml:2"), "{report}");
        assert!(Values::default().merge_text("v.yaml", "- a").is_err());
        assert!(Values::default().merge_text("v.yaml", "").is_ok());
    }

    #[test]
    fn the_values_own_cluster_name_wins() {
        let mut values = Values::default();
        values.name_cluster("one");
        values.name_cluster("two");
        assert!(matches!(values.get("clusterName"), Some(Value::Str(name)) if &*name == "one"));
    }
}
