//! Which instance groups need a rolling update after a change, and why.
//!
//! An instance needs an update when the launch template of its group has got another version, or the group another launch
//! template: that is the rule of `rolling-update cluster`. Everything that nodes are configured with is part of the boot script,
//! by its hash, and so of the template. In addition, addons can ask for it when they change: the channel of addons says so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::compared::{Argument, Compared, ManagedFile, Resource, clusters, managed_file};
use super::render::shown;
use kopsform_compare::{Block, Configuration, Files, Finding};
use kopsform_model::aws::tags::{INSTANCE_GROUP, ROLE_PREFIX};
use kopsform_terraform::changes::{Action, first_field, kind_of, references};

/// A group whose instances have to be replaced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollingUpdate {
    /// The name of the instance group.
    pub group: String,
    pub by: ReplacedBy,
    pub reasons: Vec<String>,
}

/// What replaces the instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplacedBy {
    /// `kopsform rolling-update cluster`.
    RollingUpdate,
    /// Terraform: it replaces the auto scaling group.
    Terraform,
    /// CloudFormation: it replaces the auto scaling group.
    #[serde(rename = "cloudformation")]
    CloudFormation,
    /// Karpenter, when it finds that a node differs from its class.
    Karpenter,
}

/// An auto scaling group in both configurations.
pub(super) struct Group<'a> {
    pub name: &'a str,
    pub roles: BTreeSet<&'a str>,
    pub address: &'a str,
    /// The address of its launch template.
    pub template: Option<String>,
}

/// What a target calls the arguments of launch templates and auto scaling groups.
pub(super) struct Names {
    /// Of a launch template: its own tags, its name, and the boot script.
    pub own_tags: &'static str,
    pub name: &'static str,
    pub user_data: &'static str,
    /// Of a group: what its launch template is in.
    pub templates: [&'static str; 2],
    /// Who replaces a group.
    pub replaced_by: ReplacedBy,
}

const TERRAFORM: Names = Names {
    own_tags: "tags",
    name: "name",
    user_data: "user_data",
    templates: ["launch_template", "mixed_instances_policy"],
    replaced_by: ReplacedBy::Terraform,
};

/// The groups of Terraform configurations whose instances have to be replaced, by name.
pub(super) fn updates(
    old: &Configuration,
    new: &Configuration,
    files: (&Files, &Files),
    compared: &Compared,
) -> Vec<RollingUpdate> {
    let clusters = clusters([old, new]);
    let entries = |side: &Configuration, files: &Files| {
        entries(channels(side, &clusters).into_iter().filter_map(|file| files.get(file)))
    };
    updates_of(groups(old, new), &changed_addons(&entries(old, files.0), &entries(new, files.1)), &TERRAFORM, compared)
}

/// The groups whose instances have to be replaced, by name. `groups` are those that exist before and after.
pub(super) fn updates_of<'g>(
    groups: impl IntoIterator<Item = Group<'g>>,
    addons: &[Addon],
    names: &Names,
    compared: &Compared,
) -> Vec<RollingUpdate> {
    let by_address: BTreeMap<&str, &Resource> =
        compared.resources.iter().map(|resource| (resource.address.as_str(), resource)).collect();
    let is_template = |argument: &Argument| names.templates.contains(&first_field(&argument.change.path));
    let mut updates = Vec::new();
    for group in groups {
        let own = by_address.get(group.address);
        if own.is_some_and(|resource| resource.action.replaces()) {
            let reasons = own.map(|resource| arguments(&resource.arguments, &|argument| argument.change.replaces));
            updates.push(update(group.name, names.replaced_by, reasons.unwrap_or_default()));
            continue;
        }
        let mut reasons = Vec::new();
        let template = group.template.as_deref().and_then(|address| by_address.get(address));
        if let Some(template) = template {
            reasons.extend(of_template(template, &configuration_of(group.name, compared), names));
        }
        let other = |argument: &Argument| {
            let is_id = argument.change.path.to_ascii_lowercase().ends_with("id");
            argument.change.because_of.is_none() && is_id && is_template(argument)
        };
        if template.is_none_or(|template| !template.action.replaces()) {
            reasons.extend(own.map(|own| arguments(&own.arguments, &other)).unwrap_or_default());
        }
        reasons.extend(addons.iter().filter(|addon| addon.concerns(&group.roles)).map(|addon| addon.reason.clone()));
        if !reasons.is_empty() {
            updates.push(update(group.name, ReplacedBy::RollingUpdate, reasons));
        }
    }
    updates.extend(of_karpenter(compared));
    updates.sort_by(|a, b| a.group.cmp(&b.group));
    updates
}

fn update(group: &str, by: ReplacedBy, reasons: Vec<String>) -> RollingUpdate {
    RollingUpdate { group: group.to_owned(), by, reasons }
}

/// The groups that exist before and after.
fn groups<'a>(old: &Configuration, new: &'a Configuration) -> impl Iterator<Item = Group<'a>> {
    let both = new
        .blocks
        .iter()
        .filter(|(address, _)| kind_of(address) == "aws_autoscaling_group" && old.blocks.contains_key(*address));
    both.filter_map(|(address, block)| {
        let tags = tags(block);
        let templates = block.attributes().into_values().flat_map(|value| references(&value));
        let template = templates.map(|found| found.address).find(|found| kind_of(found) == "aws_launch_template");
        Some(Group {
            name: tags.get(INSTANCE_GROUP).copied()?,
            roles: tags.keys().filter_map(|key| key.strip_prefix(ROLE_PREFIX)).collect(),
            address,
            template,
        })
    })
}

/// The tags of an auto scaling group.
fn tags(block: &Block) -> BTreeMap<&str, &str> {
    let blocks = block.value.get("tag").and_then(Value::as_array).into_iter().flatten();
    blocks.filter_map(|tag| Some((tag.get("key")?.as_str()?, tag.get("value")?.as_str()?))).collect()
}

/// What changes in a launch template so that it gets another version. Its own tags are no part of a version.
fn of_template(template: &Resource, configuration: &[Finding], names: &Names) -> Vec<String> {
    let makes_version = |argument: &Argument| {
        let field = first_field(&argument.change.path);
        field != names.own_tags && (field != names.name || template.action.replaces()) && !argument.change.kept
    };
    let mut reasons = arguments(&template.arguments, &|argument| {
        makes_version(argument) && first_field(&argument.change.path) != names.user_data
    });
    let is_user_data = |argument: &&Argument| first_field(&argument.change.path) == names.user_data;
    for data in template.arguments.iter().filter(is_user_data) {
        let found = of_content(data.content.iter().chain(configuration));
        if found.is_empty() {
            reasons.push(format!("{} differs in hashes or form", names.user_data));
        }
        reasons.extend(found);
    }
    if template.action.replaces() && reasons.is_empty() {
        reasons.push("its launch template is replaced".to_owned());
    }
    reasons
}

/// What differs in the boot script and the configuration of nodes, the version of Kubernetes first. The files that nodes download
/// follow from the rest, unless nothing else differs.
fn of_content<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<String> {
    let rank = |finding: &Finding| match finding.change.split(['.', '[', ' ', ':']).next() {
        Some("KubernetesVersion") => 0,
        Some("Assets") => 2,
        _ => 1,
    };
    let mut findings: Vec<(u8, &Finding)> = findings.into_iter().map(|finding| (rank(finding), finding)).collect();
    findings.sort_by_key(|(rank, _)| *rank);
    let has_others = findings.iter().any(|(rank, _)| *rank < 2);
    findings.retain(|(rank, _)| *rank < 2 || !has_others);
    let reason = |(_, finding): (u8, &Finding)| {
        let what = finding.what.strip_suffix(" of").unwrap_or(&finding.what);
        if what.is_empty() { finding.summary.clone() } else { format!("{what}: {}", finding.change) }
    };
    let mut reasons: Vec<String> = findings.into_iter().map(reason).collect();
    reasons.dedup();
    reasons
}

/// Arguments with their values.
fn arguments(all: &[Argument], wanted: &dyn Fn(&Argument) -> bool) -> Vec<String> {
    all.iter().filter(|argument| wanted(argument)).map(|argument| shown(&argument.change)).collect()
}

/// What differs in the configuration that nodeup reads on the instances of a group.
fn configuration_of(group: &str, compared: &Compared) -> Vec<Finding> {
    let files = compared.files.iter().filter(|file| group_of(&file.path) == Some((group, "nodeupconfig.yaml")));
    files.flat_map(|file| file.content.clone()).collect()
}

/// The group and the name of a file of `igconfig/ROLE/GROUP/`.
fn group_of(path: &str) -> Option<(&str, &str)> {
    let mut parts = path.strip_prefix("igconfig/")?.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(group), Some(file), None) => Some((group, file)),
        _ => None,
    }
}

/// Groups that Karpenter manages have a boot script in the state store.
fn of_karpenter(compared: &Compared) -> impl Iterator<Item = RollingUpdate> {
    let is_script = |file: &&ManagedFile| {
        file.action == Action::Update && group_of(&file.path).is_some_and(|(_, file)| file == "nodeupscript.sh")
    };
    compared.files.iter().filter(is_script).filter_map(|script| {
        let (group, _) = group_of(&script.path)?;
        let configuration = configuration_of(group, compared);
        let mut reasons = of_content(script.content.iter().chain(&configuration));
        if reasons.is_empty() {
            reasons.push("its boot script differs in hashes or form".to_owned());
        }
        Some(update(group, ReplacedBy::Karpenter, reasons))
    })
}

/// A changed addon that asks for a rolling update.
pub(super) struct Addon {
    reason: String,
    /// `all`, `control-plane` or `workers`.
    of: String,
}

impl Addon {
    /// Whether it concerns instances of some roles. Bastions are no nodes.
    fn concerns(&self, roles: &BTreeSet<&str>) -> bool {
        let is_control_plane = roles.contains("control-plane") || roles.contains("master");
        match self.of.as_str() {
            "control-plane" => is_control_plane,
            "workers" => roles.contains("node"),
            _ => !roles.contains("bastion"),
        }
    }
}

/// The addons that change and ask for a rolling update. A new addon does not.
pub(super) fn changed_addons(before: &Entries, after: &Entries) -> Vec<Addon> {
    let changed = after.iter().filter_map(|(name, entry)| {
        let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(str::to_owned);
        let old = before.get(name)?;
        let of = text(entry, "needsRollingUpdate")?;
        (text(old, "manifestHash") != text(entry, "manifestHash"))
            .then(|| Addon { reason: format!("addon {name} changes and asks for it"), of })
    });
    changed.collect()
}

/// The entries of the channel of addons by name.
pub(super) type Entries = BTreeMap<String, Value>;

/// How the key of the channel of addons ends.
pub(super) const CHANNEL_FILE: &str = "bootstrap-channel.yaml";

/// The files that have the channel of addons.
fn channels<'c>(configuration: &'c Configuration, clusters: &[String]) -> Vec<&'c String> {
    let channels = configuration.blocks.iter().filter_map(|(address, block)| {
        let path = managed_file(kind_of(address), block, clusters)?;
        path.ends_with(CHANNEL_FILE).then_some(block)
    });
    channels.flat_map(|block| block.reads.values().flatten()).collect()
}

/// The entries of channels of addons.
pub(super) fn entries<'c>(channels: impl IntoIterator<Item = &'c Vec<u8>>) -> Entries {
    let mut entries = Entries::new();
    for text in channels.into_iter().filter_map(|content| std::str::from_utf8(content).ok()) {
        let Ok(channel) = kopsform_yaml::from_str::<Value>(CHANNEL_FILE, text) else { continue };
        for entry in channel.pointer("/spec/addons").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = entry.get("name").and_then(Value::as_str) {
                entries.insert(name.to_owned(), entry.clone());
            }
        }
    }
    entries
}
