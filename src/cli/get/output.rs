//! Output formats of `get`, with the same bytes as kops.

use serde::Serialize;
use serde_json::Value;

use crate::cli::CliError;

/// The formats that every listing supports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Aligned columns.
    Table,
    Yaml,
    Json,
}

impl Format {
    pub fn parse(text: &str) -> Result<Self, CliError> {
        match text {
            "table" => Ok(Self::Table),
            "yaml" => Ok(Self::Yaml),
            "json" => Ok(Self::Json),
            other => {
                Err(CliError::message(format!("unknown output format: {other:?}")).hint("use table, yaml or json"))
            }
        }
    }
}

/// Objects as YAML documents, separated as kops does.
pub(in crate::cli) fn yaml_documents(objects: &[Value]) -> String {
    let documents: Vec<String> = objects.iter().map(kopsform_yaml::to_string).collect();
    documents.join("\n---\n\n")
}

/// Objects as a JSON list, or a single object without brackets.
pub(in crate::cli) fn json_documents(objects: &[Value], single: bool) -> String {
    let documents: Vec<String> = objects.iter().map(|object| format!("{object}\n")).collect();
    let text = documents.join(",");
    if single { text } else { format!("[{text}]") }
}

pub(super) fn to_value<T: Serialize>(object: &T) -> Result<Value, CliError> {
    serde_json::to_value(object).map_err(|error| CliError::message(error.to_string()))
}

/// Rows that are not API objects, in YAML or JSON. No rows are printed as null, as Go encodes a nil slice.
pub(super) fn rows<T: Serialize>(rows: &[T], format: Format) -> Result<String, CliError> {
    let value = if rows.is_empty() { Value::Null } else { to_value(&rows)? };
    Ok(match format {
        Format::Json => value.to_string(),
        Format::Yaml | Format::Table => kopsform_yaml::to_string(&value),
    })
}
