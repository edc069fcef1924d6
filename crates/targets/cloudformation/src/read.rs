//! Reads templates back: the resources of all stacks of a cluster, whichever file they are in.
//!
//! A nested stack gets what is in another one as a parameter. Here such a parameter is the reference that it passes on, so that
//! resources compare the same in one stack and in several.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::nested::SUFFIX;
use crate::render::ROOT_FILE;
use crate::resource::referred;

/// The resources and outputs of a cluster's templates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Templates {
    /// Resources by logical id, without nested stacks.
    pub resources: BTreeMap<String, TemplateResource>,
    /// Outputs of the root template by name.
    pub outputs: BTreeMap<String, Value>,
    /// Metadata of the root template.
    pub metadata: Value,
    /// Logical ids of nested stacks.
    pub stacks: Vec<String>,
}

/// A resource of a template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TemplateResource {
    /// The file of its template.
    pub file: String,
    /// CloudFormation's type, `AWS::EC2::VPC`.
    pub kind: String,
    /// Its properties, and the policies that it has: `DeletionPolicy`, `UpdateReplacePolicy`, `UpdatePolicy`. References are the
    /// strings of [`expression`].
    pub properties: Map<String, Value>,
}

/// A template that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct TemplateError {
    /// Its file.
    pub file: String,
    /// What is wrong, with line and column.
    pub message: String,
}

/// Policies of a resource that a change of the stack can change.
const POLICIES: [&str; 3] = ["DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy"];

/// The type of a nested stack.
const STACK: &str = "AWS::CloudFormation::Stack";

/// A reference as `Fn::Sub` writes it: `${Vpc}`, `${LaunchTemplateNodes.LatestVersionNumber}`.
pub fn expression(id: &str, attribute: Option<&str>) -> String {
    match attribute {
        None => format!("${{{id}}}"),
        Some(attribute) => format!("${{{id}.{attribute}}}"),
    }
}

/// The logical id and the attribute of an [`expression`].
pub fn parse_expression(text: &str) -> Option<(&str, Option<&str>)> {
    let inside = text.strip_prefix("${")?.strip_suffix('}')?;
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    match inside.split_once('.') {
        None if is_name(inside) => Some((inside, None)),
        Some((id, attribute)) if is_name(id) && is_name(attribute) => Some((id, Some(attribute))),
        _ => None,
    }
}

impl Templates {
    /// Reads the templates among some files; the files of others are ignored.
    ///
    /// # Errors
    /// When one of them is not a template.
    pub fn read(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, TemplateError> {
        let mut templates = BTreeMap::new();
        for (file, content) in files.iter().filter(|(file, _)| file.ends_with(SUFFIX)) {
            templates.insert(file.as_str(), parse(file, content)?);
        }
        let mut read = Self::default();
        let root = templates.get(ROOT_FILE).cloned().unwrap_or_default();
        let stacks = Stacks::of(&root, &templates);
        for (file, template) in &templates {
            let parameters = stacks.parameters(file);
            for (id, resource) in section(template, "Resources") {
                let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
                if kind == STACK {
                    read.stacks.push(id.clone());
                    continue;
                }
                let mut properties = section(resource, "Properties").clone();
                for policy in POLICIES {
                    properties.extend(resource.get(policy).map(|value| (policy.to_owned(), value.clone())));
                }
                let resolve = |value: &Value| resolved(value, &parameters);
                properties.values_mut().for_each(|value| *value = resolve(value));
                let resource = TemplateResource { file: (*file).to_owned(), kind: kind.to_owned(), properties };
                read.resources.insert(id.clone(), resource);
            }
        }
        let of_stacks = stacks.outputs();
        for (name, output) in section(&root, "Outputs") {
            let value = output.get("Value").unwrap_or(&Value::Null);
            read.outputs.insert(name.clone(), resolved(value, &of_stacks));
        }
        read.metadata = root.get("Metadata").cloned().unwrap_or_default();
        Ok(read)
    }
}

fn parse(file: &str, content: &[u8]) -> Result<Value, TemplateError> {
    let failed = |message: String| TemplateError { file: file.to_owned(), message };
    let text = std::str::from_utf8(content).map_err(|error| failed(format!("not UTF-8: {error}")))?;
    let parsed = kopsform_yaml::parse(file, text);
    if let Some(finding) = parsed.report.errors().next() {
        return Err(failed(finding.to_string()));
    }
    let value = parsed.documents.first().map(|document| document.root.to_json()).unwrap_or_default();
    match value.get("Resources") {
        Some(Value::Object(_)) => Ok(value),
        _ => Err(failed("it has no Resources, so it is not a template".to_owned())),
    }
}

/// A mapping in a template; empty if there is none.
fn section<'v>(value: &'v Value, name: &str) -> &'v Map<String, Value> {
    static EMPTY: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.get(name).and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// What references mean: id and attribute → expression.
type Meanings = BTreeMap<(String, Option<String>), String>;

/// The nested stacks of a root template.
struct Stacks<'t> {
    /// Logical id of the stack → file and parameters.
    stacks: BTreeMap<&'t str, (&'t str, &'t Map<String, Value>)>,
    templates: &'t BTreeMap<&'t str, Value>,
}

impl<'t> Stacks<'t> {
    fn of(root: &'t Value, templates: &'t BTreeMap<&'t str, Value>) -> Self {
        let nested = section(root, "Resources").iter().filter_map(|(id, resource)| {
            let properties = section(resource, "Properties");
            let file = properties.get("TemplateURL")?.as_str()?;
            let parameters = properties.get("Parameters").and_then(Value::as_object);
            Some((id.as_str(), (file, parameters.unwrap_or(section(root, "")))))
        });
        Self { stacks: nested.collect(), templates }
    }

    /// What the outputs of stacks pass on, as `Fn::GetAtt` of the root template refers to them.
    fn outputs(&self) -> Meanings {
        let mut meanings = Meanings::new();
        for (stack, (file, _)) in &self.stacks {
            let outputs = self.templates.get(file).map(|template| section(template, "Outputs"));
            for (name, output) in outputs.into_iter().flatten() {
                // An output that joins a list passes the list on.
                let value = output.get("Value").unwrap_or(&Value::Null);
                let value = value.pointer("/Fn::Join/1").unwrap_or(value);
                if let Some((id, attribute)) = referred(value) {
                    let key = ((*stack).to_owned(), Some(format!("Outputs.{name}")));
                    meanings.insert(key, expression(id, attribute));
                }
            }
        }
        meanings
    }

    /// What the parameters of a template are.
    fn parameters(&self, file: &str) -> Meanings {
        let outputs = self.outputs();
        let of_file = self.stacks.values().filter(|(template, _)| *template == file);
        of_file
            .flat_map(|(_, parameters)| parameters.iter())
            .filter_map(|(name, value)| {
                let (id, attribute) = referred(value)?;
                let meaning = outputs.get(&(id.to_owned(), attribute.map(str::to_owned)))?;
                Some(((name.clone(), None), meaning.clone()))
            })
            .collect()
    }
}

/// A value with references as expressions.
fn resolved(value: &Value, meanings: &Meanings) -> Value {
    if let Some((id, attribute)) = referred(value) {
        let known = meanings.get(&(id.to_owned(), attribute.map(str::to_owned)));
        return Value::String(known.cloned().unwrap_or_else(|| expression(id, attribute)));
    }
    match value {
        Value::Array(items) => items.iter().map(|item| resolved(item, meanings)).collect(),
        Value::Object(fields) => match fields.get("Fn::Split").and_then(|split| split.get(1)) {
            // A list that was joined to pass it on.
            Some(joined) if fields.len() == 1 => resolved(joined, meanings),
            _ => Value::Object(fields.iter().map(|(name, item)| (name.clone(), resolved(item, meanings))).collect()),
        },
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::options::{Nesting, Options};
    use crate::render::render;
    use crate::testing::graph;
    use kopsform_model::fixture::Fixture;

    fn read(nesting: Nesting) -> Templates {
        let output = render(&graph(&Fixture::default()), &Options { nesting }).unwrap();
        Templates::read(&output.files).unwrap()
    }

    #[test]
    fn nested_stacks_read_as_the_same_resources_and_outputs_as_one() {
        let (single, nested) = (read(Nesting::Auto), read(Nesting::Always));
        assert_eq!((single.stacks.len(), nested.stacks.len()), (0, 3), "network, security, roles");
        assert_eq!(single.resources.keys().collect::<Vec<_>>(), nested.resources.keys().collect::<Vec<_>>());
        for (id, resource) in &single.resources {
            let other = &nested.resources[id];
            assert_eq!((&resource.kind, &resource.properties), (&other.kind, &other.properties), "{id}");
        }
        assert_eq!(single.outputs, nested.outputs);
        assert_eq!(single.metadata, nested.metadata);
    }

    #[test]
    fn references_are_expressions() {
        let single = read(Nesting::Auto);
        let gateway = single.resources.values().find(|r| r.kind == "AWS::EC2::NatGateway").unwrap();
        for (property, kind, attribute) in
            [("AllocationId", "AWS::EC2::EIP", Some("AllocationId")), ("SubnetId", "AWS::EC2::Subnet", None)]
        {
            let (id, found) = parse_expression(gateway.properties[property].as_str().unwrap()).unwrap();
            assert_eq!((single.resources[id].kind.as_str(), found), (kind, attribute));
        }
        for text in ["Vpc", "${}", "${a b}", "x${Vpc}", "${Vpc.}"] {
            assert_eq!(parse_expression(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_template_is_an_error_that_names_the_file() {
        for text in ["[", "a: 1\n", "Resources: []\n", "\u{0}"] {
            let files = BTreeMap::from([(ROOT_FILE.to_owned(), text.as_bytes().to_vec())]);
            let error = Templates::read(&files).unwrap_err();
            assert!(error.to_string().starts_with("kubernetes.template.yaml: "), "{error}");
        }
        let others = BTreeMap::from([("notes.yaml".to_owned(), b"[".to_vec())]);
        assert_eq!(Templates::read(&others).unwrap(), Templates::default());
    }
}
