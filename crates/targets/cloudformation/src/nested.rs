//! A stack for each part of a cluster, nested in one.
//!
//! What a stack needs from another one is an output of that one, which the root stack passes on as a parameter. Exports by name
//! (`Fn::ImportValue`) would do the same, but CloudFormation refuses to change an exported value while another stack imports it, so
//! no update could replace what is passed on.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::aws::group_label;
use crate::declare::get_att;
use crate::error::{MAX_BYTES, RenderError};
use crate::logical_id::alphanumeric;
use crate::render::{NESTED_FROM, ROOT_FILE, check_size, description, header, metadata};
use crate::resource::{Resource, Stack, referred};
use crate::template::Template;
use kopsform_model::Graph;
use sha2::{Digest as _, Sha256};

/// How the names of templates end.
pub const SUFFIX: &str = ".template.yaml";

/// The most parts that instance groups are spread over.
const MAX_PARTS: u16 = 256;

/// The file of the template of a nested stack.
fn file(stack: Stack) -> String {
    format!("{}{SUFFIX}", stack.name())
}

/// The logical id of a nested stack in the root stack.
pub fn stack_id(stack: Stack) -> String {
    format!("{}Stack", alphanumeric(&stack.name()))
}

/// The templates by file.
///
/// # Errors
/// When a part does not fit into a template.
pub fn templates(
    graph: &Graph,
    resources: &[Resource],
    outputs: BTreeMap<String, Value>,
) -> Result<BTreeMap<String, String>, RenderError> {
    let mut parts = 1;
    loop {
        let nested = Nested::of(resources, parts);
        let contents = nested.print(graph, outputs.clone());
        let is_full = |stack: &Stack| {
            let count = nested.stacks.get(stack).map_or(0, Vec::len);
            count > NESTED_FROM || contents.get(&file(*stack)).map_or(0, String::len) > MAX_BYTES
        };
        if parts < MAX_PARTS && nested.stacks.keys().any(|stack| matches!(stack, Stack::Groups(..)) && is_full(stack)) {
            parts *= 2;
            continue;
        }
        for (stack, members) in &nested.stacks {
            let name = file(*stack);
            check_size(&name, members.len(), contents.get(&name).map_or(0, String::len))?;
        }
        return Ok(contents);
    }
}

/// The part of a group: it depends on the name of the group, not on other groups.
fn part_of(resource: &Resource, parts: u16) -> u16 {
    let hash = Sha256::digest(group_label(&resource.node.name).as_bytes());
    u16::from_be_bytes([hash[0], hash[1]]) % parts
}

/// Which stack has which resource.
struct Nested<'a> {
    stacks: BTreeMap<Stack, Vec<&'a Resource>>,
    stack_of: BTreeMap<&'a str, Stack>,
}

/// What a stack gets from others: parameter → the stack and its output.
type Parameters = BTreeMap<String, (Stack, String)>;

impl<'a> Nested<'a> {
    fn of(resources: &'a [Resource], parts: u16) -> Self {
        let mut nested = Self { stacks: BTreeMap::new(), stack_of: BTreeMap::new() };
        for resource in resources {
            let stack = match resource.stack {
                Stack::Groups(..) => Stack::Groups(parts, part_of(resource, parts)),
                other => other,
            };
            nested.stacks.entry(stack).or_default().push(resource);
            nested.stack_of.insert(&resource.logical_id, stack);
        }
        nested
    }

    /// A value as a stack has it: what is in another stack comes from a parameter, which is noted.
    fn within(&self, stack: Stack, value: &Value, parameters: &mut Parameters) -> Value {
        if let Some((id, attribute)) = referred(value) {
            let Some(other) = self.stack_of.get(id).filter(|other| **other != stack) else { return value.clone() };
            let name = format!("{id}{}", alphanumeric(attribute.unwrap_or_default()));
            parameters.insert(name.clone(), (*other, name.clone()));
            return json!({ "Ref": name });
        }
        match value {
            Value::Array(items) => items.iter().map(|item| self.within(stack, item, parameters)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, item)| (key.clone(), self.within(stack, item, parameters)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    fn print(&self, graph: &Graph, outputs: BTreeMap<String, Value>) -> BTreeMap<String, String> {
        let mut templates: BTreeMap<Stack, Template> = BTreeMap::new();
        let mut parameters: BTreeMap<Stack, Parameters> = BTreeMap::new();
        let mut after: BTreeMap<Stack, BTreeSet<Stack>> = BTreeMap::new();
        // What each stack passes on: output → value.
        let mut passed: BTreeMap<Stack, BTreeMap<String, Value>> = BTreeMap::new();
        for (stack, members) in &self.stacks {
            let needs = parameters.entry(*stack).or_default();
            let mut resources = BTreeMap::new();
            for member in members {
                let mut resource = (*member).clone();
                for value in resource.properties.values_mut() {
                    *value = self.within(*stack, value, needs);
                }
                let (own, others): (BTreeSet<String>, BTreeSet<String>) =
                    resource.depends_on.into_iter().partition(|id| self.stack_of.get(id.as_str()) == Some(stack));
                resource.depends_on = own;
                let others = others.iter().filter_map(|id| self.stack_of.get(id.as_str()).copied());
                after.entry(*stack).or_default().extend(others);
                for (id, attribute) in references(member) {
                    if let Some(other) = self.stack_of.get(id.as_str()).filter(|other| *other != stack) {
                        let (name, value) = output(&id, attribute.as_deref());
                        passed.entry(*other).or_default().insert(name, value);
                    }
                }
                resources.insert(resource.logical_id.clone(), resource.to_value());
            }
            let template = Template {
                header: header(&graph.cluster),
                description: description(&graph.cluster, Some(&stack.name().replace('-', " "))),
                resources,
                ..Template::default()
            };
            templates.insert(*stack, template);
        }
        let root_outputs = self.root_outputs(outputs, &mut passed);
        let mut root = Template {
            header: header(&graph.cluster),
            description: description(&graph.cluster, None),
            metadata: metadata(graph),
            outputs: root_outputs,
            ..Template::default()
        };
        for (stack, template) in &mut templates {
            let needs = parameters.remove(stack).unwrap_or_default();
            let description = |(other, _): &(Stack, String)| format!("From the stack {}", other.name());
            template.parameters = needs
                .iter()
                .map(|(name, from)| (name.clone(), json!({ "Type": "String", "Description": description(from) })))
                .collect();
            let passed = passed.remove(stack).unwrap_or_default();
            template.outputs = passed.into_iter().map(|(name, value)| (name, json!({ "Value": value }))).collect();
            let referred: BTreeSet<Stack> = needs.values().map(|(other, _)| *other).collect();
            let after = after.remove(stack).unwrap_or_default();
            root.resources.insert(stack_id(*stack), nested_stack(*stack, &needs, after.difference(&referred)));
        }
        let mut contents: BTreeMap<String, String> =
            templates.into_iter().map(|(stack, template)| (file(stack), template.to_text())).collect();
        contents.insert(ROOT_FILE.to_owned(), root.to_text());
        contents
    }

    /// The outputs of the root stack, with what they are made of added to what stacks pass on.
    fn root_outputs(
        &self,
        outputs: BTreeMap<String, Value>,
        passed: &mut BTreeMap<Stack, BTreeMap<String, Value>>,
    ) -> BTreeMap<String, Value> {
        outputs.into_iter().map(|(name, value)| (name, self.with_outputs_of_stacks(&value, passed))).collect()
    }

    fn with_outputs_of_stacks(&self, value: &Value, passed: &mut BTreeMap<Stack, BTreeMap<String, Value>>) -> Value {
        if let Some((id, attribute)) = referred(value) {
            let Some(stack) = self.stack_of.get(id) else { return value.clone() };
            if attribute == Some("Ipv6CidrBlocks") {
                // A list: outputs of stacks are strings.
                let name = format!("{id}Ipv6CidrBlocks");
                passed.entry(*stack).or_default().insert(name.clone(), json!({ "Fn::Join": [",", value] }));
                return json!({ "Fn::Split": [",", get_att(&stack_id(*stack), &format!("Outputs.{name}"))] });
            }
            let (name, value) = output(id, attribute);
            passed.entry(*stack).or_default().insert(name.clone(), value);
            return get_att(&stack_id(*stack), &format!("Outputs.{name}"));
        }
        match value {
            Value::Array(items) => items.iter().map(|item| self.with_outputs_of_stacks(item, passed)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, item)| (key.clone(), self.with_outputs_of_stacks(item, passed)))
                .collect::<Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }
}

/// The output that passes an id or an attribute on.
fn output(id: &str, attribute: Option<&str>) -> (String, Value) {
    let name = format!("{id}{}", alphanumeric(attribute.unwrap_or_default()));
    let value = match attribute {
        None => json!({ "Ref": id }),
        Some(attribute) => get_att(id, attribute),
    };
    (name, value)
}

/// What the properties of a resource refer to.
fn references(resource: &Resource) -> BTreeSet<(String, Option<String>)> {
    fn find(value: &Value, found: &mut BTreeSet<(String, Option<String>)>) {
        if let Some((id, attribute)) = referred(value) {
            found.insert((id.to_owned(), attribute.map(str::to_owned)));
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| find(item, found)),
            Value::Object(map) => map.values().for_each(|item| find(item, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    resource.properties.values().for_each(|value| find(value, &mut found));
    found
}

/// The resource of a nested stack. It keeps what it retains, so deleting the stack as a whole is safe.
fn nested_stack<'s>(stack: Stack, needs: &Parameters, after: impl Iterator<Item = &'s Stack>) -> Value {
    let parameters: Map<String, Value> = needs
        .iter()
        .map(|(name, (other, output))| (name.clone(), get_att(&stack_id(*other), &format!("Outputs.{output}"))))
        .collect();
    let mut properties = json!({ "TemplateURL": file(stack) });
    if !parameters.is_empty() {
        properties["Parameters"] = Value::Object(parameters);
    }
    let mut resource = json!({
        "Type": "AWS::CloudFormation::Stack",
        "Properties": properties,
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    });
    let after: Vec<String> = after.filter(|other| **other != stack).map(|other| stack_id(*other)).collect();
    if !after.is_empty() {
        resource["DependsOn"] = json!(after);
    }
    resource
}
