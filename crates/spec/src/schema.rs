//! The JSON schemas of the API, generated from the types.
//!
//! [`plain`] is what documents are checked against; [`published`] is what editors and other programs get, with defaults,
//! patterns and examples, and without the `x-` keywords.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::decode::{ApiObject, KINDS};
use super::formats::Format;
use super::v1alpha2::{Cluster, InstanceGroup, Keyset, SshCredential};

/// Keywords that are stated on a list or map and hold for what is in it.
pub(super) const OF_ITEMS: [&str; 5] = ["enum", "format", "pattern", "minimum", "maximum"];

/// The schema of a type as its fields state it, allowed values and bounds of lists moved to their items.
pub fn plain<T: schemars::JsonSchema>() -> Value {
    let mut schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>().to_value();
    each_schema(&mut schema, &mut |schema| {
        // What serde fills in is not a default that users would know.
        schema.remove("default");
        for inner in ["items", "additionalProperties"] {
            if schema.get(inner).is_some_and(Value::is_object) {
                let moved: Vec<_> = OF_ITEMS.iter().filter_map(|key| Some((*key, schema.remove(*key)?))).collect();
                if let Some(Value::Object(inner)) = schema.get_mut(inner) {
                    inner.extend(moved.into_iter().map(|(key, value)| (key.to_owned(), value)));
                }
            }
        }
    });
    schema
}

/// A schema that is written to `schemas/`.
pub struct Published {
    /// The file's name.
    pub file: &'static str,
    /// What it is for.
    pub title: &'static str,
    /// Makes the schema without its head.
    pub make: fn() -> Value,
}

/// The schemas of specs that are written to `schemas/`.
pub const PUBLISHED: [Published; 5] = [
    Published { file: "cluster.json", title: "kops Cluster", make: published::<Cluster> },
    Published { file: "instancegroup.json", title: "kops InstanceGroup", make: published::<InstanceGroup> },
    Published { file: "keyset.json", title: "kops Keyset", make: published::<Keyset> },
    Published { file: "sshcredential.json", title: "kops SSHCredential", make: published::<SshCredential> },
    Published { file: "spec.json", title: "Any object of a kops spec", make: any_object },
];

impl Published {
    /// The schema with its head. It has no `$id`: schemas refer to each other by file name, so they work in any directory.
    pub fn schema(&self) -> Value {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.insert("title".to_owned(), json!(self.title));
        if let Value::Object(body) = (self.make)() {
            schema.extend(body.into_iter().filter(|(key, _)| !matches!(key.as_str(), "$schema" | "title")));
        }
        Value::Object(schema)
    }

    /// The contents of the file.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.schema()).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// The schema of a kind of object as editors get it.
pub fn published<T: ApiObject + schemars::JsonSchema>() -> Value {
    let mut schema = tidied::<T>();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(
            "apiVersion".to_owned(),
            json!({
                "description": "The version of the API.", "enum": ["kops.k8s.io/v1alpha2", "kops/v1alpha2"],
            }),
        );
        properties.insert("kind".to_owned(), json!({ "description": "The kind of the object.", "const": T::KIND }));
    }
    schema["required"] = json!(["apiVersion", "kind", "metadata"]);
    schema
}

/// The schema of a type in standard keywords.
pub fn tidied<T: schemars::JsonSchema>() -> Value {
    let mut schema = plain::<T>();
    each_schema(&mut schema, &mut tidy);
    schema
}

/// One schema for files with several kinds of objects. Objects of other APIs may have any fields.
fn any_object() -> Value {
    let of_kind = |kind: &str, file: &str| {
        json!({
            "if": { "properties": { "kind": { "const": kind } }, "required": ["kind"] },
            "then": { "$ref": file },
        })
    };
    json!({
        "description": "What the kind of the object says.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "if": { "properties": { "apiVersion": { "pattern": "^kops(\\.k8s\\.io)?/" } }, "required": ["apiVersion"] },
        "then": {
            "properties": { "kind": { "enum": KINDS } },
            "allOf": [
                of_kind(Cluster::KIND, "cluster.json"),
                of_kind(InstanceGroup::KIND, "instancegroup.json"),
                of_kind(Keyset::KIND, "keyset.json"),
                of_kind(SshCredential::KIND, "sshcredential.json"),
            ],
        },
    })
}

/// Translates the `x-` keywords to standard ones.
fn tidy(schema: &mut Map<String, Value>) {
    schema.remove("x-only");
    schema.remove("x-refused");
    if let Some(Value::Object(gce)) = schema.remove("x-gce") {
        allow_both(schema, &gce);
    }
    // An `Option` of a named type becomes that type: then messages of editors name the field instead of all alternatives.
    if let Some(Value::Array(any)) = schema.get("anyOf")
        && let [Value::Object(some), Value::Object(null)] = any.as_slice()
        && null.get("type") == Some(&json!("null"))
    {
        let some = some.clone();
        schema.remove("anyOf");
        schema.extend(some);
    }
    if schema.contains_key("properties") {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if let Some(default) = schema.remove("x-default") {
        schema.insert("default".to_owned(), default);
    }
    let mut notes = Vec::new();
    let deprecated = match schema.remove("x-deprecated-since") {
        Some(Value::String(since)) => format!("Deprecated since {since}"),
        _ => "Deprecated".to_owned(),
    };
    if let Some(Value::String(instead)) = schema.remove("x-instead") {
        notes.push(format!("{deprecated}: {instead}."));
    } else if schema.get("deprecated") == Some(&Value::Bool(true)) {
        notes.push(format!("{deprecated}."));
    }
    if let Some(Value::String(since)) = schema.remove("x-since") {
        notes.push(format!("Since {since}."));
    }
    if !notes.is_empty()
        && let Some(Value::String(description)) = schema.get_mut("description")
    {
        *description = format!("{description} {}", notes.join(" "));
    }
    let lenient = schema.remove("x-lenient").is_some();
    // The formats of JSON Schema of the same names are others, such as ISO 8601 for `duration`.
    if let Some(Value::String(name)) = schema.remove("format")
        && let Some(pattern) = Format::named(&name).and_then(|format| format.pattern)
    {
        // An empty string is the same as none.
        schema.insert("pattern".to_owned(), json!(format!("^$|{pattern}")));
    }
    let nullable = schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.contains(&json!("null")));
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        // Where the Go field is a pointer, kops checks an empty string against the allowed values too.
        if values.iter().all(Value::is_string) && (lenient || !nullable) {
            values.push(json!(""));
        }
        if nullable {
            values.push(Value::Null);
        }
    }
}

/// A schema does not depend on the cloud of the cluster, so it allows what any of them does.
fn allow_both(schema: &mut Map<String, Value>, gce: &Map<String, Value>) {
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        return allow_both(items, gce);
    }
    schema.remove("format");
    if let Some(Value::Array(mut values)) = schema.remove("enum")
        && let Some(Value::Array(more)) = gce.get("enum")
    {
        let more: Vec<Value> = more.iter().filter(|value| !values.contains(value)).cloned().collect();
        values.extend(more);
        schema.insert("enum".to_owned(), Value::Array(values));
    }
    for (bound, wider) in [("minimum", i64::min as fn(i64, i64) -> i64), ("maximum", i64::max)] {
        let own = schema.remove(bound).and_then(|value| value.as_i64());
        if let (Some(own), Some(other)) = (own, gce.get(bound).and_then(Value::as_i64)) {
            schema.insert(bound.to_owned(), json!(wider(own, other)));
        }
    }
}

/// Applies a change to a schema and every schema in it.
fn each_schema(schema: &mut Value, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Value::Object(map) = schema else { return };
    change(map);
    for key in ["properties", "$defs"] {
        if let Some(Value::Object(inner)) = map.get_mut(key) {
            inner.values_mut().for_each(|schema| each_schema(schema, change));
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            each_schema(inner, change);
        }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(inner)) = map.get_mut(key) {
            inner.iter_mut().for_each(|schema| each_schema(schema, change));
        }
    }
}

/// The plain schema of clusters, made once.
pub fn cluster() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(plain::<Cluster>);
    &SCHEMA
}

/// The plain schema of instance groups, made once.
pub fn instance_group() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(plain::<InstanceGroup>);
    &SCHEMA
}
