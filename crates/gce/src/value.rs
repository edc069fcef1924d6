//! Fields of JSON values, as APIs answer with them. What is absent is empty.

use serde_json::Value;

/// A string.
pub(crate) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The elements of a list.
pub(crate) fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// The strings of a list.
pub(crate) fn strings<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> + use<'v> {
    items(value, field).filter_map(Value::as_str)
}

/// The last part of an address: the name of what it leads to.
pub(crate) fn last(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// `PROJECT/IMAGE` of the address of an image.
pub(crate) fn image_text(address: &str) -> String {
    let project = address.split_once("projects/").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    format!("{project}/{}", last(address))
}
