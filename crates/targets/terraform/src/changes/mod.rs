//! What Terraform would do to get from one configuration to another: add, change, replace or destroy, by its provider's rules.
//!
//! Which arguments differ is for the caller to find out: [`changes`] decides what follows. `table` says which arguments replace a
//! resource when they change; `references` follows new ids and versions to the arguments that refer to them. Both configurations
//! are taken as they are written: what was changed in AWS by others is not known here.

mod references;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

pub use references::{Reference, references};
use table::{Replacement, argument};

/// The arguments of a resource by path: `max_size`, `tag[Name].value`, `launch_template.version`. Expressions are `"${…}"` strings;
/// lists of plain values are one value.
pub type Arguments = BTreeMap<String, Value>;

/// The resources of a configuration by address, `aws_vpc.main`.
pub type Resources = BTreeMap<String, Arguments>;

/// What Terraform does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing: the provider keeps the values that the configuration no longer has.
    None,
    Create,
    Update,
    /// It is destroyed, then created again.
    Replace,
    /// Another one is created, then it is destroyed.
    CreateThenDestroy,
    Destroy,
}

impl Action {
    /// Whether the resource is replaced by another one.
    pub fn replaces(self) -> bool {
        matches!(self, Self::Replace | Self::CreateThenDestroy)
    }
}

/// The sign by which Terraform shows an action.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "",
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "-/+",
            Self::CreateThenDestroy => "+/-",
            Self::Destroy => "-",
        })
    }
}

/// An argument that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArgumentChange {
    pub path: String,
    /// Absent if the argument is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Absent if the argument is removed, or not known before Terraform is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// The resource whose change gives it another value, while its expression stays the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because_of: Option<String>,
    /// Whether it forces the replacement of the resource.
    pub replaces: bool,
    /// Whether it is removed without any effect.
    pub kept: bool,
}

/// A resource that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ResourceChange {
    pub address: String,
    /// Terraform's type, `aws_vpc`.
    #[serde(rename = "type")]
    pub kind: String,
    pub action: Action,
    /// Empty for a resource that is created or destroyed.
    pub arguments: Vec<ArgumentChange>,
}

/// The type in an address.
pub fn kind_of(address: &str) -> &str {
    let address = address.split('[').next().unwrap_or_default();
    address.rsplit('.').nth(1).unwrap_or_default()
}

/// The name of the argument that a path begins with.
pub fn first_field(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or_default()
}

/// An argument that differs between two versions of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub path: String,
    /// Absent if the argument is new.
    pub old: Option<Value>,
    /// Absent if the argument is removed.
    pub new: Option<Value>,
}

/// The resources that change, in the order of their addresses. `differences` are the arguments of resources in both
/// configurations that differ, by address.
pub fn changes(
    old: &Resources,
    new: &Resources,
    differences: &BTreeMap<String, Vec<Difference>>,
) -> Vec<ResourceChange> {
    let addresses: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut drafts = BTreeMap::new();
    for address in addresses {
        let draft = match (old.get(address), new.get(address)) {
            (Some(old), Some(new)) => {
                let found = differences.get(address).map(Vec::as_slice).unwrap_or_default();
                Draft::of(address, found, (old, new))
            }
            (None, _) => Draft::whole(address, Action::Create),
            (_, None) => Draft::whole(address, Action::Destroy),
        };
        drafts.insert(address.as_str(), draft);
    }
    while spread(&mut drafts, old, new) {}
    drafts.into_values().filter_map(Draft::finished).collect()
}

/// A resource while its changes are gathered.
#[derive(Debug)]
struct Draft<'a> {
    address: &'a str,
    /// Created or destroyed as a whole.
    whole: Option<Action>,
    creates_first: bool,
    /// By path.
    arguments: BTreeMap<String, ArgumentChange>,
}

impl<'a> Draft<'a> {
    fn whole(address: &'a str, action: Action) -> Self {
        Self { address, whole: Some(action), creates_first: false, arguments: BTreeMap::new() }
    }

    /// The arguments whose expressions differ.
    fn of(address: &'a str, differences: &[Difference], (old, new): (&Arguments, &Arguments)) -> Self {
        let kind = kind_of(address);
        let mut arguments = BTreeMap::new();
        let ignored = ignored(new);
        for difference in differences.iter().filter(|difference| !is_meta(&difference.path)) {
            let field = first_field(&difference.path);
            if ignored.contains(&field) {
                continue;
            }
            let rule = argument(kind, field);
            let is_gone = || !new.keys().any(|path| first_field(path) == field);
            let kept = rule.is_kept && difference.new.is_none() && is_gone();
            let of_field = || differences.iter().filter(|other| first_field(&other.path) == field);
            let replaces = !kept
                && match rule.replacement {
                    Replacement::Never => false,
                    Replacement::Always => true,
                    Replacement::IfNone => is_empty(old.get(field)) != is_empty(new.get(field)),
                    Replacement::IfWas(other) => old.get(other).is_some_and(is_true),
                    Replacement::UnlessGrown => of_field().any(|difference| difference.old.is_some()),
                };
            let Difference { path, old, new } = difference.clone();
            let change = ArgumentChange { path: path.clone(), old, new, because_of: None, replaces, kept };
            arguments.insert(path, change);
        }
        let creates_first = new.iter().any(|(path, value)| {
            first_field(path) == "lifecycle" && path.ends_with("create_before_destroy") && is_true(value)
        });
        Self { address, whole: None, creates_first, arguments }
    }

    fn action(&self) -> Action {
        if let Some(action) = self.whole {
            return action;
        }
        if self.arguments.values().any(|change| change.replaces) {
            return if self.creates_first { Action::CreateThenDestroy } else { Action::Replace };
        }
        if self.arguments.values().all(|change| change.kept) { Action::None } else { Action::Update }
    }

    fn finished(self) -> Option<ResourceChange> {
        if self.whole.is_none() && self.arguments.is_empty() {
            return None;
        }
        Some(ResourceChange {
            address: self.address.to_owned(),
            kind: kind_of(self.address).to_owned(),
            action: self.action(),
            arguments: self.arguments.into_values().collect(),
        })
    }
}

/// Follows the changes of resources to the arguments that refer to them. Returns whether there are new ones.
fn spread(drafts: &mut BTreeMap<&str, Draft<'_>>, old: &Resources, new: &Resources) -> bool {
    let mut found = Vec::new();
    for (address, draft) in drafts.iter().filter(|(_, draft)| draft.whole.is_none()) {
        let Some(arguments) = new.get(*address) else { continue };
        let unchanged = arguments.iter().filter(|(path, _)| !is_meta(path) && !draft.arguments.contains_key(*path));
        for (path, value) in unchanged {
            for reference in references(value) {
                let Some(target) = drafts.get(reference.address.as_str()) else { continue };
                let Some(mut change) = change_of(target, &reference.attribute, old, new) else { continue };
                let is_known = change.new.is_some();
                if !is_known {
                    change.old = Some(value.clone());
                }
                let rule = argument(kind_of(address), first_field(path));
                change.replaces = rule.replacement == Replacement::Always;
                change.path.clone_from(path);
                found.push(((*address).to_owned(), change));
                break;
            }
        }
    }
    let is_change = !found.is_empty();
    for (address, change) in found {
        if let Some(draft) = drafts.get_mut(address.as_str()) {
            draft.arguments.insert(change.path.clone(), change);
        }
    }
    is_change
}

/// How an attribute of a resource changes while expressions that refer to it stay the same; `None` if it does not.
fn change_of(target: &Draft<'_>, attribute: &str, old: &Resources, new: &Resources) -> Option<ArgumentChange> {
    let because_of = Some(target.address.to_owned());
    let change = ArgumentChange { path: String::new(), old: None, new: None, because_of, replaces: false, kept: false };
    let action = target.action();
    // An argument has the value that is configured, whether or not the resource is replaced.
    let configured = |resources: &Resources| resources.get(target.address)?.get(attribute).cloned();
    if let Some(value) = configured(new) {
        let changed = target.arguments.get(attribute)?;
        return (!changed.kept).then(|| ArgumentChange { old: configured(old), new: Some(value), ..change });
    }
    let follows = argument(kind_of(target.address), attribute).follows_update && action == Action::Update;
    (action.replaces() || follows).then_some(change)
}

/// The arguments whose changes Terraform ignores, as `lifecycle` says.
fn ignored(arguments: &Arguments) -> Vec<&str> {
    let lists =
        arguments.iter().filter(|(path, _)| first_field(path) == "lifecycle" && path.contains("ignore_changes"));
    let items = lists.flat_map(|(_, value)| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    // An argument's name is an expression, which JSON has in a template.
    items.filter_map(Value::as_str).map(|item| item.trim_start_matches("${").trim_end_matches('}')).collect()
}

/// Whether a path is that of a meta-argument, which changes how Terraform works and not the resource.
fn is_meta(path: &str) -> bool {
    matches!(first_field(path), "lifecycle" | "provider" | "depends_on" | "provisioner" | "connection")
}

/// Whether a list has no items.
fn is_empty(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty))
}

/// Terraform converts strings to booleans.
fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}
