//! How objects are shown, in the same bytes as kops shows them.

use serde::Serialize;
use serde_json::Value;

use crate::cli::CliError;

/// The formats every listing knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Columns.
    Table,
    /// YAML documents.
    Yaml,
    /// JSON.
    Json,
}

impl Format {
    pub fn parse(text: &str) -> Result<Self, CliError> {
        match text {
            "table" => Ok(Self::Table),
            "yaml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            other => {
                Err(CliError::message(format!("unknown output format: {other:?}"))
                    .hint("formats are table, yaml and json"))
            }
        }
    }
}

/// Objects as YAML documents.
pub(in crate::cli) fn yaml_documents(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(kopsform_yaml::to_string).collect();
    documents.join("\n---\n\n")
}

/// Objects as JSON: a list, or a single one without brackets.
pub(in crate::cli) fn json_documents(objects: &[Value], single: bool) -> String {
    let documents: Vec<String> = objects.iter().map(|object| format!("{object}\n")).collect();
    let text = documents.join(",");
    if single { text } else { format!("[{text}]") }
}

/// An object as a value, ready to be shown.
pub(super) fn to_value<T: Serialize>(object: &T) -> Result<Value, CliError> {
    serde_json::to_value(object).map_err(|error| CliError::message(error.to_string()))
}

/// Rows that are no objects of the API, in YAML or JSON. None at all are a null, as Go writes a list it never made.
pub(super) fn rows<T: Serialize>(rows: &[T], format: Format) -> Result<String, CliError> {
    let value = if rows.is_empty() { Value::Null } else { to_value(&rows)? };
    Ok(match format {
        Format::Json => value.to_string(),
        Format::Yaml | Format::Table => kopsform_yaml::to_string(&value),
    })
}
