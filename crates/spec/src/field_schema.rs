//! The schema of a type, compiled from its JSON schema once, to check documents against.
//!
//! The JSON schema is generated from the type, so fields, allowed values and bounds are stated in one place. Besides the
//! standard keywords, a field may have
//! - `deprecated`, with `x-instead`, the replacement, and `x-deprecated-since`: writing the field is a warning;
//! - `x-lenient`: kops accepts values that are not allowed or out of bounds, so they are errors in strict runs only. On an
//!   object it applies to everything inside;
//! - `x-gce`: what the field may hold on Google Cloud, where that differs. Its keywords replace the format, allowed values, bounds
//!   and `x-lenient` of the field;
//! - `x-only`, the only cloud (`aws` or `gce`) that has the field. On others it has no effect, or kops refuses it, which
//!   `x-refused` states.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::cloud::Cloud;
use super::formats::Format;
use super::schema::OF_ITEMS;

/// What a value may be.
#[derive(Debug)]
pub enum FieldSchema {
    /// Named fields.
    Object(Fields),
    /// Values of one schema under keys that the user chooses.
    Map(Arc<FieldSchema>),
    /// A list of values of one schema.
    List(Arc<FieldSchema>),
    Text(Grammar),
    /// A whole number within bounds.
    Integer {
        /// The smallest one.
        min: i64,
        /// The largest one.
        max: i64,
        /// The range of the Go type, whether its values make sense or not.
        holds: (i64, i64),
    },
    /// `true` or `false`.
    Boolean,
    /// A duration in Go's notation.
    Duration,
    /// A quantity in Kubernetes' notation.
    Quantity,
    /// A number or a string, mostly a percentage.
    IntOrString(Option<&'static Format>),
    /// Bytes in base64.
    Base64,
    /// Any value.
    Any,
}

/// What a string may be.
#[derive(Debug, Default)]
pub struct Grammar {
    /// The allowed values, in the order of the type; empty where any string is allowed.
    pub allowed: Vec<String>,
    /// The format it must have.
    pub format: Option<&'static Format>,
    /// Whether the Go field is a pointer: then an empty string differs from a missing one.
    pub pointer: bool,
}

/// The fields of an object.
#[derive(Debug, Default)]
pub struct Fields {
    by_name: OnceLock<BTreeMap<String, Field>>,
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    /// The schema of its value.
    pub shape: Arc<FieldSchema>,
    /// Whether kops accepts values that are not allowed or out of bounds.
    pub lenient: bool,
    /// What to write instead of a deprecated field.
    pub instead: Option<String>,
    pub deprecated: bool,
    /// The release that deprecated it, where that is known.
    pub deprecated_since: Option<String>,
    /// Whether kops ignores it.
    pub ignored: bool,
    /// What it may hold on Google Cloud, where that differs.
    pub gce: Option<Alternative>,
    /// The only cloud that has it; `None` for all of them.
    pub only: Option<Cloud>,
    /// Whether kops refuses it on other clouds than `only`; otherwise it has no effect there.
    pub refused_elsewhere: bool,
}

/// What a field may hold on one of the clouds.
#[derive(Debug, Clone)]
pub struct Alternative {
    /// The schema of its value.
    pub shape: Arc<FieldSchema>,
    /// Whether kops accepts values that are not allowed or out of bounds.
    pub lenient: bool,
}

impl Field {
    /// What the field may hold on a cloud.
    pub fn on(&self, cloud: Cloud) -> (&FieldSchema, bool) {
        match (&self.gce, cloud) {
            (Some(gce), Cloud::Gce) => (&gce.shape, gce.lenient),
            _ => (&self.shape, self.lenient),
        }
    }
}

impl Fields {
    /// A field by its name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.by_name.get()?.get(name)
    }

    /// The names of all fields, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// All fields, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.by_name.get().into_iter().flatten().map(|(name, field)| (name.as_str(), field))
    }
}

impl FieldSchema {
    /// The schema of a type.
    pub fn of<T: schemars::JsonSchema>() -> Arc<FieldSchema> {
        let schema = super::schema::plain::<T>();
        let none = Value::Null;
        let mut compiler = Compiler { definitions: schema.get("$defs").unwrap_or(&none), done: HashMap::new() };
        compiler.shape(&schema)
    }

    /// What messages call a value of this schema.
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Object(_) | Self::Map(_) => "a mapping",
            Self::List(_) => "a list",
            Self::Text(_) => "a string",
            Self::Integer { .. } => "an integer",
            Self::Boolean => "true or false",
            Self::Duration => "a duration such as 30s, 5m or 1h30m",
            Self::Quantity => "a quantity such as 100m or 1Gi",
            Self::IntOrString(_) => "an integer or a percentage",
            Self::Base64 => "base64",
            Self::Any => "anything",
        }
    }
}

struct Compiler<'s> {
    definitions: &'s Value,
    done: HashMap<String, Arc<FieldSchema>>,
}

impl Compiler<'_> {
    fn shape(&mut self, schema: &Value) -> Arc<FieldSchema> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let shape = self.definition(reference);
            // A count or text may have a format of its own where it is used.
            return match (&*shape, schema.get("format").and_then(Value::as_str).and_then(Format::named)) {
                (FieldSchema::IntOrString(_), Some(format)) => Arc::new(FieldSchema::IntOrString(Some(format))),
                _ => shape,
            };
        }
        // An `Option` of a named type is the type or null.
        if let Some(inner) =
            schema.get("anyOf").and_then(Value::as_array).and_then(|any| any.iter().find(|s| !is_null(s)))
        {
            let mut inner = inner.clone();
            if let (Value::Object(inner), Some(format)) = (&mut inner, schema.get("format")) {
                inner.insert("format".to_owned(), format.clone());
            }
            return self.shape(&inner);
        }
        if schema.get("properties").is_some() {
            let fields = Fields::default();
            let shape = Arc::new(FieldSchema::Object(fields));
            self.fill(&shape, schema);
            return shape;
        }
        Arc::new(self.leaf(schema))
    }

    fn definition(&mut self, reference: &str) -> Arc<FieldSchema> {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        if let Some(shape) = self.done.get(name) {
            return Arc::clone(shape);
        }
        let schema = self.definitions.get(name).cloned().unwrap_or(Value::Null);
        if schema.get("properties").is_none() {
            let shape = Arc::new(self.leaf(&schema));
            self.done.insert(name.to_owned(), Arc::clone(&shape));
            return shape;
        }
        let shape = Arc::new(FieldSchema::Object(Fields::default()));
        self.done.insert(name.to_owned(), Arc::clone(&shape));
        self.fill(&shape, &schema);
        shape
    }

    /// Fills in the fields of an object after it is known by name, since types may hold themselves.
    fn fill(&mut self, shape: &FieldSchema, schema: &Value) {
        let (FieldSchema::Object(fields), Some(properties)) =
            (shape, schema.get("properties").and_then(Value::as_object))
        else {
            return;
        };
        let by_name = properties
            .iter()
            .map(|(name, property)| {
                let text = |key: &str| property.get(key).and_then(Value::as_str);
                let flag = |key: &str| property.get(key).and_then(Value::as_bool).unwrap_or(false);
                let gce = property.get("x-gce").map(|keywords| on_gce(property, keywords));
                let field = Field {
                    gce: gce.map(|property| Alternative {
                        shape: self.shape(&property),
                        lenient: property.get("x-lenient").and_then(Value::as_bool).unwrap_or(false),
                    }),
                    only: text("x-only").and_then(Cloud::named),
                    refused_elsewhere: flag("x-refused"),
                    shape: self.shape(property),
                    lenient: flag("x-lenient"),
                    instead: text("x-instead").map(str::to_owned),
                    deprecated: flag("deprecated"),
                    deprecated_since: text("x-deprecated-since").map(str::to_owned),
                    ignored: text("description").is_some_and(|d| d.starts_with("Accepted ")),
                };
                (name.clone(), field)
            })
            .collect();
        let _ = fields.by_name.set(by_name);
    }

    fn leaf(&mut self, schema: &Value) -> FieldSchema {
        if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
            let allowed =
                variants.iter().filter_map(|v| v.get("const").and_then(Value::as_str)).map(str::to_owned).collect();
            return FieldSchema::Text(Grammar { allowed, ..Grammar::default() });
        }
        let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
        match format {
            "duration" => return FieldSchema::Duration,
            "amount" => return FieldSchema::Quantity,
            _ => {}
        }
        let either = |kinds: &Vec<Value>| ["integer", "string"].iter().all(|kind| kinds.contains(&Value::from(*kind)));
        if schema.get("type").and_then(Value::as_array).is_some_and(either) {
            return FieldSchema::IntOrString(Format::named(format));
        }
        let kind = match schema.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => {
                kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or_default()
            }
            _ => "",
        };
        match kind {
            "object" => match schema.get("additionalProperties") {
                Some(inner @ Value::Object(_)) => FieldSchema::Map(self.shape(inner)),
                Some(Value::Bool(true)) => FieldSchema::Any,
                _ => {
                    let fields = Fields::default();
                    let _ = fields.by_name.set(BTreeMap::new());
                    FieldSchema::Object(fields)
                }
            },
            "array" => FieldSchema::List(
                schema.get("items").map_or_else(|| Arc::new(FieldSchema::Any), |items| self.shape(items)),
            ),
            "string" if schema.get("contentEncoding").is_some() => FieldSchema::Base64,
            "string" => {
                let allowed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
                let allowed = allowed.filter_map(Value::as_str).map(str::to_owned).collect();
                let pointer = schema.get("type").is_some_and(Value::is_array);
                FieldSchema::Text(Grammar { allowed, format: Format::named(format), pointer })
            }
            "integer" => {
                let holds = match format {
                    "int16" => (i64::from(i16::MIN), i64::from(i16::MAX)),
                    "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
                    "uint8" => (0, i64::from(u8::MAX)),
                    "uint32" => (0, i64::from(u32::MAX)),
                    "uint64" => (0, i64::MAX),
                    _ => (i64::MIN, i64::MAX),
                };
                let bound = |key: &str| schema.get(key).and_then(Value::as_i64);
                FieldSchema::Integer {
                    min: bound("minimum").unwrap_or(holds.0),
                    max: bound("maximum").unwrap_or(holds.1),
                    holds,
                }
            }
            "boolean" => FieldSchema::Boolean,
            _ => FieldSchema::Any,
        }
    }
}

/// The schema of a field on Google Cloud: the keywords of `x-gce` instead of those of the field.
fn on_gce(property: &Value, keywords: &Value) -> Value {
    let mut schema = property.clone();
    if let Value::Object(schema) = &mut schema {
        schema.retain(|key, _| key != "x-lenient" && !OF_ITEMS.contains(&key.as_str()));
        let of_items = ["items", "additionalProperties"]
            .into_iter()
            .find(|inner| schema.get(*inner).is_some_and(Value::is_object));
        let keywords = keywords.as_object().cloned().unwrap_or_default();
        if let Some(Value::Object(items)) = of_items.and_then(|inner| schema.get_mut(inner)) {
            items.retain(|key, _| !OF_ITEMS.contains(&key.as_str()));
            items.extend(
                keywords
                    .iter()
                    .filter(|(key, _)| OF_ITEMS.contains(&key.as_str()))
                    .map(|(k, v)| (k.clone(), v.clone())),
            );
            schema.extend(keywords.into_iter().filter(|(key, _)| key == "x-lenient"));
        } else {
            schema.extend(keywords);
        }
    }
    schema
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::v1alpha2::{Cluster, InstanceGroup};

    fn field<'s>(shape: &'s FieldSchema, path: &str) -> &'s FieldSchema {
        path.split('.').fold(shape, |shape, name| match shape {
            FieldSchema::Object(fields) => &fields.get(name).unwrap_or_else(|| panic!("no {name} in {path}")).shape,
            FieldSchema::List(inner) | FieldSchema::Map(inner) => inner,
            _ => panic!("{path}: {name} is under a leaf"),
        })
    }

    #[test]
    fn schemas_become_shapes() {
        let group = FieldSchema::of::<InstanceGroup>();
        assert!(matches!(field(&group, "spec.maxSize"), FieldSchema::Integer { min: 0, max: 2147483647, .. }));
        assert!(
            matches!(field(&group, "spec.role"), FieldSchema::Text(grammar) if grammar.allowed.contains(&"Master".to_owned()))
        );
        assert!(matches!(field(&group, "spec.maxInstanceLifetime"), FieldSchema::Duration));
        assert!(matches!(field(&group, "spec.nodeLabels.x"), FieldSchema::Text(Grammar { format: None, .. })));
        assert!(matches!(field(&group, "spec.rollingUpdate.maxSurge"), FieldSchema::IntOrString(Some(_))));
        let cluster = FieldSchema::of::<Cluster>();
        assert!(
            matches!(field(&cluster, "spec.subnets.0.type"), FieldSchema::Text(grammar) if !grammar.allowed.is_empty())
        );
        assert!(matches!(field(&cluster, "spec.sshAccess.0"), FieldSchema::Text(Grammar { format: Some(_), .. })));
        assert!(matches!(field(&cluster, "spec.kubeAPIServer.cpuRequest"), FieldSchema::Quantity));
        assert!(matches!(field(&cluster, "spec.docker"), FieldSchema::Any));
        assert!(matches!(field(&cluster, "spec.api.dns"), FieldSchema::Object(_)));
    }

    #[test]
    fn fields_may_hold_other_values_on_google_cloud() {
        let group = FieldSchema::of::<InstanceGroup>();
        let FieldSchema::Object(spec) = field(&group, "spec") else { panic!("spec is an object") };
        let allowed = |cloud| match spec.get("rootVolumeType").unwrap().on(cloud) {
            (FieldSchema::Text(grammar), lenient) => (grammar.allowed.contains(&"gp3".to_owned()), lenient),
            _ => panic!("rootVolumeType is a string"),
        };
        assert_eq!((allowed(Cloud::Aws), allowed(Cloud::Gce)), ((true, false), (false, true)));
        let zones = |cloud| match spec.get("zones").unwrap().on(cloud).0 {
            FieldSchema::List(items) => match &**items {
                FieldSchema::Text(grammar) => grammar.format.unwrap().name,
                _ => panic!("zones are strings"),
            },
            _ => panic!("zones is a list"),
        };
        assert_eq!((zones(Cloud::Aws), zones(Cloud::Gce)), ("zone", "gce-zone"));
        let only = |name: &str| spec.get(name).map(|field| (field.only, field.refused_elsewhere)).unwrap();
        assert_eq!(only("volumes"), (Some(Cloud::Aws), true));
        assert_eq!(only("guestAccelerators"), (Some(Cloud::Gce), false));
        assert_eq!(only("minSize"), (None, false));
    }
}
