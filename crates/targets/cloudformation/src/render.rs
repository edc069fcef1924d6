//! From the graph to files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::declare::{Scope, declare};
use crate::error::{MAX_BYTES, MAX_RESOURCES, RenderError};
use crate::nested;
use crate::options::{Nesting, Options};
use crate::outputs::outputs;
use crate::outside::Outside;
use crate::resource::Resource;
use crate::select::Selection;
use crate::site::Site;
use crate::stack_policy;
use crate::template::Template;
use kopsform_model::{Graph, ManagedFile, Presence};

/// The template to deploy: that of the stack, or of the one that has the others.
pub const ROOT_FILE: &str = "kubernetes.template.yaml";

/// The largest template, in bytes, that a request can carry; larger ones are read from S3.
pub const BODY_BYTES: usize = 51_200;

/// From so many resources on, a cluster has nested stacks: there is room left for what an update adds.
pub const NESTED_FROM: usize = 450;

/// Templates, and what is left to do or to say besides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// Name of a file in the output directory → content.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Files of the state store, which the command writes.
    pub uploads: Vec<ManagedFile>,
    /// Resources left out because they should exist already, `Task/name`.
    pub assumed: BTreeSet<String>,
    /// What CloudFormation has no resource for.
    pub outside: BTreeSet<Outside>,
    /// The resources of all templates.
    pub resources: Vec<Resource>,
    /// Whether they are in nested stacks.
    pub is_nested: bool,
    /// The cluster's name.
    pub cluster: String,
}

impl Output {
    /// The size of the largest template, in bytes.
    pub fn largest_template(&self) -> usize {
        let templates = self.files.iter().filter(|(name, _)| name.ends_with(nested::SUFFIX));
        templates.map(|(_, content)| content.len()).max().unwrap_or_default()
    }
}

/// Renders a graph. The same graph gives the same bytes.
///
/// # Errors
/// When the graph holds what a template cannot express.
pub fn render(graph: &Graph, options: &Options) -> Result<Output, RenderError> {
    let selection = Selection::of(graph)?;
    let (resources, outside) = resources(graph, &selection)?;
    let mut output = Output {
        uploads: selection.uploads.clone(),
        assumed: selection.assumed.clone(),
        outside,
        cluster: graph.cluster.clone(),
        ..Output::default()
    };
    let outputs = outputs(graph, &selection)?;
    let single = template(graph, &resources, outputs.clone());
    let text = single.to_text();
    let fits = resources.len() <= NESTED_FROM && text.len() <= MAX_BYTES;
    output.is_nested = options.nesting == Nesting::Always || !fits;
    let templates = match output.is_nested {
        false => BTreeMap::from([(ROOT_FILE.to_owned(), text)]),
        true => nested::templates(graph, &resources, outputs)?,
    };
    output.files = templates.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    output.files.extend(stack_policy::stack_policies(graph, &resources, output.is_nested));
    output.resources = resources;
    Ok(output)
}

/// The resources of a graph by logical id, and what CloudFormation has no resource for.
fn resources(graph: &Graph, selection: &Selection<'_>) -> Result<(Vec<Resource>, BTreeSet<Outside>), RenderError> {
    let scope = Scope::new(graph, selection);
    let (mut declared, mut outside) = (Vec::new(), BTreeSet::new());
    for (id, node) in graph.nodes().filter(|(id, _)| selection.keeps(id)) {
        let mut site = Site { scope: &scope, id, node, resources: &mut declared, outside: &mut outside };
        declare(&node.resource, &mut site);
    }
    if !selection.uploads.is_empty() {
        outside.insert(Outside::Files(selection.uploads.len()));
    }
    if let Some(error) = scope.into_error() {
        return Err(error);
    }
    let mut by_id: BTreeMap<String, Resource> = BTreeMap::new();
    for mut resource in declared {
        // What a reference leads to is created first in any case, and cfn-lint objects to saying so (W3005).
        let references = resource.references();
        resource.depends_on.retain(|id| !references.contains(id));
        if let Some(first) = by_id.get(&resource.logical_id) {
            return Err(RenderError::DuplicateId {
                id: resource.logical_id,
                first: first.node.to_string(),
                second: resource.node.to_string(),
            });
        }
        by_id.insert(resource.logical_id.clone(), resource);
    }
    Ok((by_id.into_values().collect(), outside))
}

/// A template with some resources.
fn template(graph: &Graph, resources: &[Resource], outputs: BTreeMap<String, Value>) -> Template {
    Template {
        header: header(&graph.cluster),
        description: description(&graph.cluster, None),
        metadata: metadata(graph),
        parameters: BTreeMap::new(),
        resources: resources.iter().map(|resource| (resource.logical_id.clone(), resource.to_value())).collect(),
        outputs,
    }
}

/// The first lines of a template: who wrote it, and what becomes of edits.
pub fn header(cluster: &str) -> Vec<String> {
    vec![
        format!("Generated by kopsform from the specs of the cluster {cluster}."),
        "Do not edit: the next run replaces this file. Change the specs.".to_owned(),
    ]
}

/// What the console shows of a stack.
pub fn description(cluster: &str, part: Option<&str>) -> String {
    match part {
        None => format!("Kubernetes cluster {cluster}"),
        Some(part) => format!("Kubernetes cluster {cluster}: {part}"),
    }
}

/// What tools may want to know of a template.
pub fn metadata(graph: &Graph) -> Map<String, Value> {
    let zone_ids: BTreeSet<&str> = graph
        .nodes()
        .filter(|(id, _)| id.kind == kopsform_model::Kind::HostedZone)
        .filter_map(|(_, node)| match &node.presence {
            Presence::Existing { id } => id.as_deref(),
            Presence::Managed => None,
        })
        .collect();
    let mut kops = json!({
        "Cluster": graph.cluster, "KopsVersion": kopsform_spec::KOPS_VERSION, "Region": graph.region,
    });
    if !zone_ids.is_empty() {
        kops["HostedZones"] = json!(zone_ids);
    }
    Map::from_iter([("Kopsform".to_owned(), kops)])
}

/// Refuses a template that CloudFormation does not accept.
///
/// # Errors
/// When it has too many resources or bytes.
pub fn check_size(part: &str, resources: usize, bytes: usize) -> Result<(), RenderError> {
    if resources > MAX_RESOURCES || bytes > MAX_BYTES {
        return Err(RenderError::TooLarge { part: part.to_owned(), resources, bytes });
    }
    Ok(())
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
