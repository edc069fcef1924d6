//! The differences between two sets of CloudFormation templates, by resource.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::compared::{Argument, Compared, Resource, setting, uploads};
use super::rolling::{self, CHANNEL_FILE, Group, Names, ReplacedBy};
use kopsform_cloudformation::STACK_POLICY_FILE;
use kopsform_cloudformation::read::{TemplateError, TemplateResource, Templates, parse_expression};
use kopsform_cloudformation::replacement::{follows, replaces};
use kopsform_compare::{
    AttributeChange, Block, BlockChange, Configuration, Files, Severity, SyntaxError, compare_configurations,
};
use kopsform_model::aws::tags::{INSTANCE_GROUP, ROLE_PREFIX};
use kopsform_terraform::DATA_DIRECTORY;
use kopsform_terraform::changes::{Action, ArgumentChange, first_field};

/// What the parts of resources are called.
const NAMES: Names = Names {
    own_tags: "TagSpecifications",
    name: "LaunchTemplateName",
    user_data: USER_DATA,
    templates: ["LaunchTemplate", "MixedInstancesPolicy"],
    replaced_by: ReplacedBy::CloudFormation,
};

/// The boot script of a launch template, which is compared as a file.
const USER_DATA: &str = "UserData";
/// The property that it is in.
const TEMPLATE_DATA: &str = "LaunchTemplateData";
/// Properties that are IAM policies.
const DOCUMENTS: [&str; 2] = ["AssumeRolePolicyDocument", "PolicyDocument"];

/// Compares two sets of templates, with the files of the state store in the directory of data.
///
/// # Errors
/// The file that is not a template.
pub(super) fn compare(old: &Files, new: &Files) -> Result<Compared, Vec<SyntaxError>> {
    let read = |files: &Files| Templates::read(files).map_err(|error| vec![syntax_error(error)]);
    let (before, after) = (read(old)?, read(new)?);
    let (old_blocks, new_blocks) = (blocks(&before, old), blocks(&after, new));
    let mut compared = Compared::default();
    let mut drafts: BTreeMap<String, Resource> = BTreeMap::new();
    for (address, change) in compare_configurations(&old_blocks, &new_blocks) {
        match (before.resources.get(&address), after.resources.get(&address)) {
            (None, None) => compared.settings.push(setting(address, change)),
            (old, new) => drop(drafts.insert(address.clone(), draft(address, old, new, change))),
        }
    }
    while spread(&mut drafts, &after, &new_blocks) {}
    compared.resources = drafts.into_values().collect();
    compared.files = uploads(old, new, [&old_blocks, &new_blocks]);
    compared.files.sort_by(|a, b| a.path.cmp(&b.path));
    let addons = rolling::changed_addons(&entries(old), &entries(new));
    compared.rolling_updates = rolling::updates_of(groups(&before, &after), &addons, &NAMES, &compared);
    Ok(compared)
}

fn syntax_error(error: TemplateError) -> SyntaxError {
    SyntaxError { file: error.file, message: error.message }
}

/// Templates as blocks by logical id: resources, outputs, nested stacks, and what stack policies and metadata say.
fn blocks(templates: &Templates, files: &Files) -> Configuration {
    let mut blocks = BTreeMap::new();
    // Files of the state store have hashes of each other, and boot scripts have those of node configurations.
    let mut contents: Files =
        files.iter().filter(|(file, _)| is_data(file)).map(|(f, c)| (f.clone(), c.clone())).collect();
    let mut add = |address: String, file: &str, value: Value, reads| {
        blocks.insert(address, Block { file: file.to_owned(), value, reads });
    };
    for (id, resource) in &templates.resources {
        let (properties, reads) = arguments(id, resource, &mut contents);
        add(id.clone(), &resource.file, Value::Object(properties), reads);
    }
    for (name, value) in &templates.outputs {
        add(format!("output.{name}"), "", json!({ "Value": value }), BTreeMap::new());
    }
    for stack in &templates.stacks {
        add(format!("stack.{stack}"), "", json!({ "Type": "AWS::CloudFormation::Stack" }), BTreeMap::new());
    }
    if !templates.metadata.is_null() {
        add("Metadata".to_owned(), "", templates.metadata.clone(), BTreeMap::new());
    }
    for (file, content) in files.iter().filter(|(file, _)| file.ends_with(STACK_POLICY_FILE)) {
        let policy =
            serde_json::from_slice(content).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(content).into()));
        add(file.clone(), file, json!({ "Policy": policy.to_string() }), BTreeMap::new());
    }
    Configuration::of_blocks(blocks, contents)
}

fn is_data(file: &str) -> bool {
    file.starts_with(DATA_DIRECTORY)
}

/// The properties of a resource. Documents in them become strings or files, which are compared by what they mean.
fn arguments(
    id: &str,
    resource: &TemplateResource,
    contents: &mut Files,
) -> (Map<String, Value>, BTreeMap<String, Vec<String>>) {
    let (mut properties, mut reads) = (resource.properties.clone(), BTreeMap::new());
    let data = properties.get_mut(TEMPLATE_DATA).and_then(Value::as_object_mut);
    let script = data.and_then(|data| data.remove(USER_DATA));
    if let Some(script) = script.as_ref().and_then(|script| script.get("Fn::Base64")).and_then(Value::as_str) {
        let file = format!("{USER_DATA}/{id}");
        properties.insert(USER_DATA.to_owned(), format!("${{file(\"{file}\")}}").into());
        reads.insert(USER_DATA.to_owned(), vec![file.clone()]);
        contents.insert(file, script.as_bytes().to_vec());
    } else if let Some(script) = script {
        properties.insert(USER_DATA.to_owned(), script);
    }
    // A role with one policy, as all of them have.
    if let Some([Value::Object(policy)]) =
        properties.get_mut("Policies").and_then(Value::as_array_mut).map(Vec::as_mut_slice)
        && let Some(document) = policy.remove("PolicyDocument")
    {
        properties.insert("PolicyDocument".to_owned(), document);
    }
    for name in DOCUMENTS {
        if let Some(document) = properties.get_mut(name) {
            *document = document.to_string().into();
        }
    }
    (properties, reads)
}

/// What CloudFormation does to a resource, as far as its own properties say.
fn draft(
    address: String,
    old: Option<&TemplateResource>,
    new: Option<&TemplateResource>,
    change: BlockChange,
) -> Resource {
    let kind = new.or(old).map(|resource| resource.kind.clone()).unwrap_or_default();
    let is_other_type = matches!((old, new), (Some(old), Some(new)) if old.kind != new.kind);
    let (action, attributes) = match change {
        BlockChange::Added { .. } => (Action::Create, Vec::new()),
        BlockChange::Removed { .. } => (Action::Destroy, Vec::new()),
        BlockChange::Changed { attributes } => (Action::Update, attributes),
    };
    let arguments: Vec<Argument> = attributes
        .into_iter()
        .map(|AttributeChange { path, old, new, content, severity }| {
            let replaces = is_other_type || replaces(&kind, property(&path));
            let change = ArgumentChange { path, old, new, because_of: None, replaces, kept: false };
            Argument { change, content, bytes_only: severity == Severity::Bytes }
        })
        .collect();
    let mut resource = Resource { address, kind, action, arguments };
    settle(&mut resource);
    resource
}

/// The property that a path is in.
fn property(path: &str) -> &str {
    match first_field(path) {
        USER_DATA => TEMPLATE_DATA,
        field => field,
    }
}

/// CloudFormation makes the new resource before it deletes the old one.
fn settle(resource: &mut Resource) {
    if resource.action == Action::Update && resource.arguments.iter().any(|argument| argument.change.replaces) {
        resource.action = Action::CreateThenDestroy;
    }
}

/// Follows the changes of resources to the properties that refer to them. Returns whether there are new ones.
fn spread(drafts: &mut BTreeMap<String, Resource>, after: &Templates, blocks: &Configuration) -> bool {
    let mut found = Vec::new();
    for (id, resource) in &after.resources {
        let draft = drafts.get(id);
        if draft.is_some_and(|draft| draft.action == Action::Create) {
            continue;
        }
        let Some(block) = blocks.blocks.get(id) else { continue };
        let is_known =
            |path: &str| draft.is_some_and(|draft| draft.arguments.iter().any(|known| known.change.path == path));
        for (path, value) in block.attributes().into_iter().filter(|(path, _)| !is_known(path)) {
            let Some(because_of) = references(&value).into_iter().find(|reference| changes(drafts, reference)) else {
                continue;
            };
            let replaces = replaces(&resource.kind, property(&path));
            let because_of = Some(because_of.0.to_owned());
            let change =
                ArgumentChange { path, old: Some(value.clone()), new: None, because_of, replaces, kept: false };
            found.push((id, &resource.kind, Argument { change, content: Vec::new(), bytes_only: false }));
        }
    }
    let is_change = !found.is_empty();
    for (id, kind, argument) in found {
        let draft = drafts.entry(id.clone()).or_insert_with(|| Resource {
            address: id.clone(),
            kind: kind.clone(),
            action: Action::Update,
            arguments: Vec::new(),
        });
        draft.arguments.push(argument);
        settle(draft);
    }
    is_change
}

/// The references in a value or a list.
fn references(value: &Value) -> Vec<(&str, Option<&str>)> {
    match value {
        Value::String(text) => parse_expression(text).into_iter().collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Whether a reference has another value after the update.
fn changes(drafts: &BTreeMap<String, Resource>, (id, attribute): &(&str, Option<&str>)) -> bool {
    let Some(target) = drafts.get(*id) else { return false };
    let follows = |argument: &Argument| {
        attribute.is_some_and(|attribute| follows(&target.kind, property(&argument.change.path), attribute))
    };
    target.action.replaces() || target.action == Action::Update && target.arguments.iter().any(follows)
}

/// The Auto Scaling groups that exist before and after.
fn groups<'a>(before: &Templates, after: &'a Templates) -> Vec<Group<'a>> {
    let both = after.resources.iter().filter(|(id, resource)| {
        resource.kind == "AWS::AutoScaling::AutoScalingGroup" && before.resources.contains_key(*id)
    });
    both.filter_map(|(id, resource)| {
        let tags: BTreeMap<&str, &str> = resource
            .properties
            .get("Tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
            .collect();
        let roles: BTreeSet<&str> = tags.keys().filter_map(|key| key.strip_prefix(ROLE_PREFIX)).collect();
        let template = NAMES.templates.iter().find_map(|name| {
            template_of(resource.properties.get(*name)?)
                .filter(|id| after.resources.get(*id).is_some_and(|found| found.kind == "AWS::EC2::LaunchTemplate"))
        });
        Some(Group {
            name: tags.get(INSTANCE_GROUP).copied()?,
            roles,
            address: id,
            template: template.map(str::to_owned),
        })
    })
    .collect()
}

/// The logical id that a launch template is referred to by.
fn template_of(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => parse_expression(text).map(|(id, _)| id),
        Value::Array(items) => items.iter().find_map(template_of),
        Value::Object(fields) => fields.values().find_map(template_of),
        _ => None,
    }
}

/// The entries of the channel of addons in the state store.
fn entries(files: &Files) -> rolling::Entries {
    let channels = files.iter().filter(|(file, _)| is_data(file) && file.ends_with(CHANNEL_FILE));
    rolling::entries(channels.map(|(_, content)| content))
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
