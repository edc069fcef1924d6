//! The differences between two sets of rendered files.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::rolling::{self, RollingUpdate};
use crate::ops::sync::Secrets;
use kopsform_compare::{
    AttributeChange, Block, BlockChange, Configuration, Files, Finding, Severity, SyntaxError, compare_configurations,
};
use kopsform_terraform::DATA_DIRECTORY;
use kopsform_terraform::changes::{self, Action, ArgumentChange, Difference, ResourceChange};

/// Everything that differs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Compared {
    /// Resources that Terraform or CloudFormation adds, changes, replaces or destroys, without those of files.
    pub resources: Vec<Resource>,
    /// Files in the state store.
    pub files: Vec<ManagedFile>,
    /// Outputs, providers and other settings of the configuration.
    pub settings: Vec<Setting>,
    /// Instance groups whose instances have to be replaced.
    pub rolling_updates: Vec<RollingUpdate>,
}

/// A resource that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resource {
    /// The address in Terraform, `aws_vpc.main`, or the logical id in CloudFormation.
    pub address: String,
    /// Terraform's type, `aws_vpc`, or CloudFormation's, `AWS::EC2::VPC`.
    #[serde(rename = "type")]
    pub kind: String,
    pub action: Action,
    /// Empty if the resource is created or destroyed.
    pub arguments: Vec<Argument>,
}

/// An argument that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Argument {
    #[serde(flatten)]
    pub change: ArgumentChange,
    /// What differs within the document that it is or the file that it reads.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Finding>,
    /// Whether only the bytes of that document differ. Terraform updates the resource all the same.
    pub bytes_only: bool,
}

/// A file in the state store that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManagedFile {
    /// Its key in the store, without the name of the cluster's directory: `igconfig/node/nodes/nodeupconfig.yaml`.
    pub path: String,
    /// The address of its resource; absent if the run itself writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub action: Action,
    /// Arguments of its resource other than the content.
    pub arguments: Vec<Argument>,
    /// What differs in its content.
    pub content: Vec<Finding>,
    /// Whether only its bytes differ.
    pub bytes_only: bool,
}

/// A block that is no resource.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// `output.vpc_id`, `provider.aws`; in CloudFormation `output.VpcId`, `stack.NetworkStack`, `stack-policy.json`.
    pub address: String,
    pub action: Action,
    pub arguments: Vec<Argument>,
}

impl Compared {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.files.is_empty() && self.settings.is_empty()
    }

    /// The actions of all resources, those of files included, as Terraform counts them.
    pub fn actions(&self) -> impl Iterator<Item = Action> {
        let files = self.files.iter().filter(|file| file.address.is_some()).map(|file| file.action);
        self.resources.iter().map(|resource| resource.action).chain(files)
    }

    /// Removes sensitive values.
    pub(super) fn hide(&mut self, secrets: &[Secrets]) {
        let clean = |text: &str| secrets.iter().fold(text.to_owned(), |text, secrets| secrets.clean(&text));
        let resources = self.resources.iter_mut().flat_map(|resource| &mut resource.arguments);
        let settings = self.settings.iter_mut().flat_map(|setting| &mut setting.arguments);
        let mut findings: Vec<&mut Finding> = Vec::new();
        let mut arguments: Vec<&mut Argument> = resources.chain(settings).collect();
        for file in &mut self.files {
            arguments.extend(&mut file.arguments);
            findings.extend(&mut file.content);
        }
        for argument in arguments {
            argument.change.path = clean(&argument.change.path);
            [&mut argument.change.old, &mut argument.change.new].into_iter().for_each(|value| hide(value, &clean));
            findings.extend(&mut argument.content);
        }
        for finding in findings {
            for text in [&mut finding.summary, &mut finding.name, &mut finding.change, &mut finding.path] {
                *text = clean(text);
            }
            finding.object = finding.object.as_deref().map(clean);
            [&mut finding.old, &mut finding.new].into_iter().for_each(|value| hide(value, &clean));
        }
        for reason in self.rolling_updates.iter_mut().flat_map(|update| &mut update.reasons) {
            *reason = clean(reason);
        }
    }
}

fn hide(value: &mut Option<Value>, clean: &dyn Fn(&str) -> String) {
    fn within(value: &mut Value, clean: &dyn Fn(&str) -> String) {
        match value {
            Value::String(text) => *text = clean(text),
            Value::Array(items) => items.iter_mut().for_each(|item| within(item, clean)),
            Value::Object(fields) => fields.values_mut().for_each(|field| within(field, clean)),
            Value::Number(_) | Value::Bool(_) | Value::Null => {}
        }
    }
    if let Some(value) = value {
        within(value, clean);
    }
}

/// Compares two sets of rendered files.
///
/// # Errors
/// The files that are not HCL.
pub fn compare(old: &Files, new: &Files) -> Result<Compared, Vec<SyntaxError>> {
    let (before, after) = match (Configuration::parse(old), Configuration::parse(new)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            return Err(before.err().into_iter().chain(after.err()).flatten().collect());
        }
    };
    let mut found = compare_configurations(&before, &after);
    let mut compared = Compared::default();
    let settings: Vec<String> = found.keys().filter(|address| !is_resource(address)).cloned().collect();
    for address in &settings {
        let Some(change) = found.remove(address).filter(|_| !is_about_state(address)) else { continue };
        // Outputs and the locals that they have their values from change together.
        let output = address.strip_prefix("local.").map(|name| format!("output.{name}"));
        if output.is_none_or(|output| !settings.contains(&output)) {
            compared.settings.push(setting(address.clone(), change));
        }
    }
    let attributes = |configuration: &Configuration| {
        let blocks = configuration.blocks.iter().filter(|(address, _)| is_resource(address));
        blocks.map(|(address, block)| (address.clone(), block.attributes())).collect()
    };
    let mut contents: BTreeMap<(String, String), (Vec<Finding>, Severity)> = BTreeMap::new();
    let mut differences: BTreeMap<String, Vec<Difference>> = BTreeMap::new();
    for (address, change) in found {
        let BlockChange::Changed { attributes } = change else { continue };
        for AttributeChange { path, old, new, content, severity } in attributes {
            if !content.is_empty() || severity == Severity::Bytes {
                contents.insert((address.clone(), path.clone()), (content, severity));
            }
            differences.entry(address.clone()).or_default().push(Difference { path, old, new });
        }
    }
    let clusters = clusters([&before, &after]);
    for change in changes::changes(&attributes(&before), &attributes(&after), &differences) {
        let ResourceChange { address, kind, action, arguments } = change;
        let argument = |change: ArgumentChange| {
            let (content, severity) =
                contents.remove(&(address.clone(), change.path.clone())).unwrap_or((Vec::new(), Severity::Meaning));
            Argument { change, content, bytes_only: severity == Severity::Bytes }
        };
        let arguments: Vec<Argument> = arguments.into_iter().map(argument).collect();
        let block = after.blocks.get(&address).or_else(|| before.blocks.get(&address));
        match block.and_then(|block| managed_file(&kind, block, &clusters)) {
            Some(path) => compared.files.push(file(path, address, action, arguments)),
            None => compared.resources.push(Resource { address, kind, action, arguments }),
        }
    }
    compared.files.extend(uploads(old, new, [&before, &after]));
    compared.files.sort_by(|a, b| a.path.cmp(&b.path));
    compared.rolling_updates = rolling::updates(&before, &after, (old, new), &compared);
    Ok(compared)
}

/// Whether an address is that of a resource.
fn is_resource(address: &str) -> bool {
    let first = address.split('.').next().unwrap_or_default();
    address.contains('.')
        && !matches!(
            first,
            "data" | "local" | "output" | "var" | "module" | "provider" | "moved" | "removed" | "import" | "check"
        )
}

/// Whether a block only says where the state of resources is.
fn is_about_state(address: &str) -> bool {
    ["moved.", "removed.", "import."].iter().any(|prefix| address.starts_with(prefix))
}

pub(super) fn setting(address: String, change: BlockChange) -> Setting {
    let (action, attributes) = match change {
        BlockChange::Added { .. } => (Action::Create, Vec::new()),
        BlockChange::Removed { .. } => (Action::Destroy, Vec::new()),
        BlockChange::Changed { attributes } => (Action::Update, attributes),
    };
    let argument = |change: AttributeChange| Argument {
        change: ArgumentChange {
            path: change.path,
            old: change.old,
            new: change.new,
            because_of: None,
            replaces: false,
            kept: false,
        },
        content: change.content,
        bytes_only: change.severity == Severity::Bytes,
    };
    Setting { address, action, arguments: attributes.into_iter().map(argument).collect() }
}

/// The key of a file in the state store below the directory of its cluster, if a resource is a file.
pub(super) fn managed_file(kind: &str, block: &Block, clusters: &[String]) -> Option<String> {
    let key = block.value.get("key")?.as_str().filter(|_| kind == "aws_s3_object")?;
    let below = clusters.iter().find_map(|cluster| {
        let inside = key.split_once(&format!("/{cluster}/")).map(|(_, below)| below);
        inside.or_else(|| key.strip_prefix(cluster.as_str())?.strip_prefix('/'))
    });
    Some(below.unwrap_or(key).to_owned())
}

/// The names of the clusters of configurations as keys have them: a module takes it from a variable.
pub(super) fn clusters(configurations: [&Configuration; 2]) -> Vec<String> {
    let named = configurations.into_iter().flat_map(|configuration| {
        let blocks = ["local.cluster_name", "output.cluster_name"].map(|address| configuration.blocks.get(address));
        let names = blocks.into_iter().flatten().filter_map(|block| block.value.get("value")?.as_str());
        names.filter(|name| !name.contains("${")).map(str::to_owned).collect::<Vec<_>>()
    });
    named.chain(["${var.cluster_name}".to_owned()]).collect()
}

fn file(path: String, address: String, action: Action, arguments: Vec<Argument>) -> ManagedFile {
    let (content, arguments): (Vec<Argument>, Vec<Argument>) =
        arguments.into_iter().partition(|argument| argument.change.path == "content");
    let bytes_only = content.iter().any(|argument| argument.bytes_only);
    let content = content.into_iter().flat_map(|argument| argument.content).collect();
    ManagedFile { path, address: Some(address), action, arguments, content, bytes_only }
}

/// Files that the run itself writes to the state store: those in the directory of data that no block reads.
pub(super) fn uploads(old: &Files, new: &Files, configurations: [&Configuration; 2]) -> Vec<ManagedFile> {
    let read = |name: &String| {
        configurations
            .iter()
            .any(|c| c.blocks.values().any(|block| block.reads.values().flatten().any(|file| file == name)))
    };
    let data = |files: &Files| -> Files {
        let own = files.iter().filter(|(name, _)| name.starts_with(DATA_DIRECTORY) && !read(name));
        own.map(|(name, content)| (name.clone(), content.clone())).collect()
    };
    let (before, after) = (data(old), data(new));
    let mut by_file: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in kopsform_compare::compare(&before, &after) {
        by_file.entry(finding.file.clone()).or_default().push(finding);
    }
    let upload = |(name, found): (String, Vec<Finding>)| {
        let action = match (before.contains_key(&name), after.contains_key(&name)) {
            (false, _) => Action::Create,
            (_, false) => Action::Destroy,
            _ => Action::Update,
        };
        let bytes_only = found.iter().all(|finding| finding.severity == Severity::Bytes);
        let content = if action == Action::Update && !bytes_only { found } else { Vec::new() };
        let path = name.strip_prefix(&format!("{DATA_DIRECTORY}/")).unwrap_or(&name).to_owned();
        let bytes_only = bytes_only && action == Action::Update;
        ManagedFile { path, address: None, action, arguments: Vec::new(), content, bytes_only }
    };
    by_file.into_iter().map(upload).collect()
}
