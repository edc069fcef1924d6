//! The reference of all fields, `docs/spec.md`, generated from the types.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use super::cloud::Cloud;
use super::decode::ApiObject;
use super::formats::Format;
use super::schema::plain;
use super::v1alpha2::{Cluster, InstanceGroup, SshCredential};

const HEAD: &str = "\
# Fields of specs

<!-- Generated from the types in crates/spec/src/v1alpha2: change those, then run `just update`. -->

The fields of clusters and instance groups in the API version `kops.k8s.io/v1alpha2`. The cloud is `spec.cloudProvider` of the
cluster; the description of a field names differences on Google Cloud, and the cloud if only one supports the field.

A type links to its own table. *Default* is the value of a field that is not set; an empty cell means that there is none, or
that the description has it. *Since* is the first kops release with the field; it is empty for fields older than kops 1.18.
Examples are in YAML.

## In an editor

`schemas/` has JSON Schemas of the same fields. Editors with the YAML language server (VS Code, Neovim, IntelliJ and others) check
and complete a file whose first line names its schema:

```yaml
# yaml-language-server: $schema=schemas/spec.json
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
```

The address is a path relative to the file, or an `https` address; `spec.json` is for files with several kinds of objects. Without a
clone of this project, `kopsform schema spec > spec.json` writes it. Schemas do not depend on the cloud: they allow what any cloud
supports.

`kopsform validate spec -f FILE` also finds what a schema cannot express, such as values of several objects that contradict each other.
";

/// The content of `docs/spec.md`.
pub fn markdown() -> String {
    let roots = [
        (Cluster::KIND, plain::<Cluster>()),
        (InstanceGroup::KIND, plain::<InstanceGroup>()),
        (SshCredential::KIND, plain::<SshCredential>()),
    ];
    let mut types = Types::default();
    for (kind, schema) in &roots {
        types.root(kind, schema);
    }
    let mut text = HEAD.to_owned();
    text.push_str("\n## Objects\n\n");
    for (kind, _) in &roots {
        let about = types.schemas.get(*kind).and_then(description).unwrap_or_default();
        let _ = writeln!(text, "- [{kind}](#{}): {about}", anchor(kind));
    }
    for name in &types.order {
        types.section(name, &mut text);
    }
    text
}

/// All types, in the order in which they are met.
#[derive(Default)]
struct Types {
    order: Vec<String>,
    schemas: BTreeMap<String, Value>,
    /// Type → where it is used.
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Types {
    fn root(&mut self, kind: &str, schema: &Value) {
        if let Some(definitions) = schema.get("$defs").and_then(Value::as_object) {
            for (name, definition) in definitions {
                self.schemas.entry(name.clone()).or_insert_with(|| definition.clone());
            }
        }
        self.schemas.insert(kind.to_owned(), schema.clone());
        self.visit(kind, kind);
    }

    /// Visits a type, which is at a path, and everything below it.
    fn visit(&mut self, name: &str, path: &str) {
        let first = !self.order.iter().any(|known| known == name);
        if first {
            self.order.push(name.to_owned());
        }
        if path != name {
            self.uses.entry(name.to_owned()).or_default().insert(path.to_owned());
        }
        // A type that holds itself ends here.
        if !first && path.matches('.').count() > 12 {
            return;
        }
        let properties = self.schemas.get(name).and_then(|schema| schema.get("properties")).cloned();
        for (field, schema) in properties.as_ref().and_then(Value::as_object).into_iter().flatten() {
            if let Some(inner) = self.object_in(schema) {
                self.visit(&inner, &format!("{path}.{field}"));
            }
        }
    }

    /// The named object type that a field holds, itself or as items.
    fn object_in(&self, schema: &Value) -> Option<String> {
        let name = match inner(schema) {
            Inner::Reference(name) => name,
            Inner::Items(items) | Inner::Values(items) => return self.object_in(items),
            Inner::Plain => return None,
        };
        self.schemas.get(&name)?.get("properties").map(|_| name)
    }

    fn section(&self, name: &str, text: &mut String) {
        let Some(schema) = self.schemas.get(name) else { return };
        let _ = write!(text, "\n## {name}\n\n");
        if let Some(about) = description(schema) {
            let _ = write!(text, "{about}\n\n");
        }
        if let Some(uses) = self.uses.get(name) {
            let uses: Vec<String> = uses.iter().map(|path| format!("`{path}`")).collect();
            let _ = write!(text, "At {}.\n\n", uses.join(", "));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        let (mut rows, mut gone) = (String::new(), Vec::new());
        for (field, schema) in properties.into_iter().flatten() {
            if description(schema).as_deref() == Some("Accepted and ignored.") {
                gone.push(match schema.get("x-deprecated-since").and_then(Value::as_str) {
                    Some(since) => format!("`{field}` ({since})"),
                    None => format!("`{field}`"),
                });
                continue;
            }
            let since = schema.get("x-since").and_then(Value::as_str).unwrap_or_default();
            let cells = [
                format!("`{field}`"),
                self.kind(schema),
                schema.get("x-default").map(code).unwrap_or_default(),
                since.to_owned(),
                self.example(schema).map(|example| code(&example)).unwrap_or_default(),
                format!("{}{}", about(schema), self.clouds(schema)),
            ];
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            let _ = writeln!(rows, "| {} |", cells.join(" | "));
        }
        if !rows.is_empty() {
            text.push_str("| field | type | default | since | example | description |\n|---|---|---|---|---|---|\n");
            text.push_str(&rows);
        } else if gone.is_empty() {
            text.push_str("It has no fields: its presence is the setting.\n");
        }
        if !gone.is_empty() {
            let _ = writeln!(text, "\nAccepted and ignored since the release in parentheses: {}.", gone.join(", "));
        }
    }

    /// What is different on one of the clouds.
    fn clouds(&self, schema: &Value) -> String {
        let mut text = String::new();
        if let Some(only) = schema.get("x-only").and_then(Value::as_str).and_then(Cloud::named) {
            let elsewhere = if schema.get("x-refused").is_some() { "refused elsewhere" } else { "no effect elsewhere" };
            let _ = write!(text, " *{} only, {elsewhere}.*", only.title());
        }
        if let Some(gce) = schema.get("x-gce") {
            let mut parts = Vec::from_iter(gce.get("description").and_then(Value::as_str).map(str::to_owned));
            let has = |key: &str| gce.get(key).is_some();
            if ["enum", "format", "minimum", "maximum"].into_iter().any(has) {
                let kind = if has("format") || has("enum") { "string" } else { "integer" };
                let mut values = gce.clone();
                values["type"] = kind.into();
                parts.push(self.kind(&values));
            }
            parts.extend(gce.get("x-default").map(|default| format!("default {}", code(default))));
            if !parts.is_empty() {
                let _ = write!(text, " *On Google Cloud:* {}.", parts.join("; "));
            }
        }
        text
    }

    /// The type of a field, in Markdown.
    fn kind(&self, schema: &Value) -> String {
        match inner(schema) {
            Inner::Items(items) => return format!("list of {}", self.kind(items)),
            Inner::Values(values) => return format!("map of {}", self.kind(values)),
            Inner::Reference(name) => {
                let Some(target) = self.schemas.get(&name) else { return name };
                if target.get("properties").is_some() {
                    return format!("[{name}](#{})", anchor(&name));
                }
                return match (name.as_str(), allowed(target)) {
                    (_, Some(allowed)) => allowed,
                    ("Duration", _) => "duration".to_owned(),
                    ("Quantity", _) => "quantity".to_owned(),
                    ("IntOrString", _) => "integer or percentage".to_owned(),
                    ("Base64Bytes", _) => "base64".to_owned(),
                    _ => self.kind(target),
                };
            }
            Inner::Plain => {}
        }
        if let Some(allowed) = allowed(schema) {
            return allowed;
        }
        match type_of(schema) {
            "string" => match format_of(schema) {
                Some(format) => format!("string ({})", format.name.replace('-', " ")),
                None => "string".to_owned(),
            },
            "integer" => match (bound(schema, "minimum"), bound(schema, "maximum")) {
                (Some(min), Some(max)) => format!("integer, {min} to {max}"),
                (Some(min), None) => format!("integer from {min}"),
                (None, Some(max)) => format!("integer up to {max}"),
                (None, None) => "integer".to_owned(),
            },
            "boolean" => "boolean".to_owned(),
            "object" => "map".to_owned(),
            "array" => "list".to_owned(),
            _ => "any".to_owned(),
        }
    }

    /// An example of a field: its own, or one that its type suggests. Objects have examples of their own fields.
    fn example(&self, schema: &Value) -> Option<Value> {
        if let Some(example) = schema.get("examples").and_then(|examples| examples.get(0)) {
            return Some(example.clone());
        }
        let list = |item: Option<Value>| item.map(|item| Value::Array(vec![item]));
        match inner(schema) {
            Inner::Items(items) => return list(self.example(items)),
            Inner::Values(values) => {
                return self.example(values).map(|value| serde_json::json!({ "name": value }));
            }
            Inner::Reference(name) => {
                let target = self.schemas.get(&name)?;
                return match name.as_str() {
                    _ if target.get("properties").is_some() => None,
                    "Duration" => Some(schema.get("x-default").cloned().unwrap_or_else(|| "30s".into())),
                    "Quantity" => Some(schema.get("x-default").cloned().unwrap_or_else(|| "100m".into())),
                    "IntOrString" => Some(1.into()),
                    "Base64Bytes" => Some("a29wc2Zvcm0=".into()),
                    _ => other_value(target, schema.get("x-default")).or_else(|| self.example(target)),
                };
            }
            Inner::Plain => {}
        }
        let default = schema.get("x-default");
        if let Some(value) = other_value(schema, default) {
            return Some(value);
        }
        match type_of(schema) {
            "boolean" => Some(Value::Bool(default != Some(&Value::Bool(true)))),
            "integer" => Some(
                default.cloned().unwrap_or_else(|| bound(schema, "minimum").filter(|min| *min > 0).unwrap_or(1).into()),
            ),
            "string" => default.cloned(),
            _ => None,
        }
    }
}

/// What a schema is made of.
enum Inner<'s> {
    Reference(String),
    Items(&'s Value),
    Values(&'s Value),
    Plain,
}

fn inner(schema: &Value) -> Inner<'_> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return Inner::Reference(reference.rsplit('/').next().unwrap_or(reference).to_owned());
    }
    // An `Option` of a named type is the type or null.
    if let Some(any) = schema.get("anyOf").and_then(Value::as_array)
        && let Some(some) = any.iter().find(|one| one.get("type").and_then(Value::as_str) != Some("null"))
    {
        return inner(some);
    }
    match type_of(schema) {
        "array" => schema.get("items").map_or(Inner::Plain, Inner::Items),
        "object" => match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => Inner::Values(values),
            _ => Inner::Plain,
        },
        _ => Inner::Plain,
    }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or_default()
        }
        _ => "",
    }
}

fn format_of(schema: &Value) -> Option<&'static Format> {
    Format::named(schema.get("format")?.as_str()?)
}

fn bound(schema: &Value, key: &str) -> Option<i64> {
    schema.get(key).and_then(Value::as_i64)
}

/// The allowed values of a string, in the order of the type.
fn list_of_allowed(schema: &Value) -> Vec<Value> {
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        return allowed.iter().filter(|value| !value.is_null()).cloned().collect();
    }
    let variants = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    variants.filter_map(|variant| variant.get("const").cloned()).collect()
}

fn allowed(schema: &Value) -> Option<String> {
    let allowed: Vec<String> = list_of_allowed(schema).iter().map(code).collect();
    (!allowed.is_empty()).then(|| allowed.join(", "))
}

/// An allowed value that is not the default.
fn other_value(schema: &Value, default: Option<&Value>) -> Option<Value> {
    let allowed = list_of_allowed(schema);
    allowed.iter().find(|value| Some(*value) != default).or(allowed.first()).cloned()
}

fn description(schema: &Value) -> Option<String> {
    Some(schema.get("description")?.as_str()?.replace('\n', " "))
}

/// What a field says, and what to write instead where it is deprecated.
fn about(schema: &Value) -> String {
    let mut about = description(schema).unwrap_or_default();
    if schema.get("deprecated") == Some(&Value::Bool(true)) {
        match schema.get("x-deprecated-since").and_then(Value::as_str) {
            Some(since) => about.push_str(&format!(" *Deprecated since {since}*")),
            None => about.push_str(" *Deprecated*"),
        }
        match schema.get("x-instead").and_then(Value::as_str) {
            Some(instead) => about.push_str(&format!(": {instead}.")),
            None => about.push('.'),
        }
    }
    about
}

/// A value as inline code, in the one-line form of YAML.
fn code(value: &Value) -> String {
    format!("`{}`", flow(value))
}

fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => kopsform_yaml::to_string(other).trim_end().to_owned(),
    }
}

/// The anchor of a heading.
fn anchor(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_works_has_a_row_with_its_parts() {
        let text = markdown();
        let row =
            |field: &str| text.lines().filter(|line| line.starts_with(&format!("| `{field}` |"))).collect::<Vec<_>>();
        let lifetime = row("maxInstanceLifetime");
        assert!(
            lifetime[0].starts_with("| `maxInstanceLifetime` | duration | `0s` | kops 1.24 | `168h0m0s` |"),
            "{lifetime:?}"
        );
        assert!(row("subnets").iter().any(|row| row.contains("list of [Subnet](#subnet)")), "{:?}", row("subnets"));
        assert!(row("rootVolumeType")[0].contains("`standard`, `gp3`, `gp2`, `io1`, `io2` | `gp3`"));
        assert!(row("role")[0].contains("`Master`"), "{:?}", row("role"));
        for link in text.match_indices("](#").map(|(at, _)| &text[at + 3..]) {
            let target = link.split(')').next().unwrap_or_default();
            let heading = text.lines().any(|line| line.strip_prefix("## ").is_some_and(|name| anchor(name) == target));
            assert!(heading, "no heading for #{target}");
        }
    }
}
