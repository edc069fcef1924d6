//! From the graph to files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::declare::{Scope, Site, declare};
use crate::error::{MAX_BYTES, MAX_RESOURCES, RenderError};
use crate::nested;
use crate::options::{Nesting, Options};
use crate::outputs::outputs;
use crate::outside::Outside;
use crate::resource::{Resource, Stack};
use crate::select::Selection;
use crate::stack_policy::{self, STACK_POLICY_FILE};
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
    output.files.extend(stack_policies(graph, &resources, output.is_nested));
    output.resources = resources;
    Ok(output)
}

/// The policies of the stack, or of the stacks that have what is protected and of the one that they are nested in.
fn stack_policies(graph: &Graph, resources: &[Resource], is_nested: bool) -> BTreeMap<String, Vec<u8>> {
    let ids = |wanted: &dyn Fn(&Resource) -> bool| -> BTreeSet<&str> {
        resources.iter().filter(|resource| wanted(resource)).map(|resource| resource.logical_id.as_str()).collect()
    };
    let text = |policy: &Value| (serde_json::to_string_pretty(policy).unwrap_or_default() + "\n").into_bytes();
    if !is_nested {
        let policy = stack_policy::policy(graph, &ids(&|_| true), &[]);
        return BTreeMap::from([(STACK_POLICY_FILE.to_owned(), text(&policy))]);
    }
    let mut policies = BTreeMap::new();
    let mut nested = Vec::new();
    for stack in [Stack::Storage, Stack::LoadBalancers] {
        let present = ids(&|resource| resource.stack == stack);
        if !present.is_empty() {
            nested.push(nested::stack_id(stack));
            policies.insert(
                format!("{}.{STACK_POLICY_FILE}", stack.name()),
                text(&stack_policy::policy(graph, &present, &[])),
            );
        }
    }
    policies.insert(STACK_POLICY_FILE.to_owned(), text(&stack_policy::policy(graph, &BTreeSet::new(), &nested)));
    policies
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::declare::id_of;
    use crate::resource::referred;
    use crate::testing::graph;
    use kopsform_model::aws::resources::{AutoscalingGroup, Tags};
    use kopsform_model::fixture::{Fixture, group};
    use kopsform_model::{Layer, Lifecycles, Ref};
    use kopsform_spec::v1alpha2::InstanceGroupRole;

    fn text(output: &Output, file: &str) -> String {
        String::from_utf8(output.files[file].clone()).unwrap()
    }

    fn read(output: &Output, file: &str) -> Value {
        let text = text(output, file);
        let parsed = kopsform_yaml::parse(file, &text);
        assert!(parsed.report.is_empty(), "{}", parsed.report);
        parsed.documents.first().unwrap().root.to_json()
    }

    fn rendered(fixture: &Fixture, nesting: Nesting) -> Output {
        render(&graph(fixture), &Options { nesting }).unwrap()
    }

    #[test]
    fn the_order_of_groups_does_not_matter() {
        let mut fixture = Fixture::default();
        fixture.groups.push(group("workers", InstanceGroupRole::Node));
        let all = |fixture: &Fixture| [Nesting::Auto, Nesting::Always].map(|nesting| rendered(fixture, nesting));
        let before = all(&fixture);
        for _ in 0..fixture.groups.len() {
            fixture.groups.rotate_left(1);
            assert_eq!(all(&fixture), before);
        }
    }

    /// All references within a template lead to its resources or parameters.
    fn check_references(value: &Value, known: &BTreeSet<String>) {
        if let Some((id, _)) = referred(value) {
            assert!(known.contains(id), "{id}");
            return;
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| check_references(item, known)),
            Value::Object(map) => map.values().for_each(|item| check_references(item, known)),
            _ => {}
        }
    }

    #[test]
    fn references_resolve_in_single_and_nested_templates() {
        for nesting in [Nesting::Auto, Nesting::Always] {
            let output = rendered(&Fixture::default(), nesting);
            for file in output.files.keys().filter(|name| name.ends_with(".yaml")) {
                let template = read(&output, file);
                let names =
                    |section: &str| template[section].as_object().into_iter().flatten().map(|(name, _)| name.clone());
                let known: BTreeSet<String> = names("Resources").chain(names("Parameters")).collect();
                check_references(&template["Resources"], &known);
                check_references(&template["Outputs"], &known);
                let dependencies = template["Resources"].as_object().unwrap().values();
                let dependencies =
                    dependencies.flat_map(|resource| resource["DependsOn"].as_array().cloned().unwrap_or_default());
                dependencies.for_each(|id| assert!(known.contains(id.as_str().unwrap()), "{id}"));
            }
        }
    }

    #[test]
    fn nested_stacks_hold_the_same_resources() {
        let single = rendered(&Fixture::default(), Nesting::Auto);
        let nested = rendered(&Fixture::default(), Nesting::Always);
        assert!(nested.is_nested && !single.is_nested);
        let ids = |output: &Output| -> BTreeSet<String> {
            let templates = output.files.keys().filter(|name| name.ends_with(".yaml"));
            let all = templates.flat_map(|file| {
                let template = read(output, file);
                template["Resources"]
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(id, value)| (id.clone(), value.clone()))
                    .collect::<Vec<_>>()
            });
            all.filter(|(_, value)| value["Type"] != "AWS::CloudFormation::Stack").map(|(id, _)| id).collect()
        };
        assert_eq!(ids(&single), ids(&nested));
    }

    #[test]
    fn a_new_group_changes_the_id_of_no_other_resource() {
        let mut fixture = Fixture::default();
        let ids = |fixture: &Fixture| -> BTreeSet<String> {
            rendered(fixture, Nesting::Auto).resources.into_iter().map(|resource| resource.logical_id).collect()
        };
        let before = ids(&fixture);
        fixture.groups.push(group("bastions", InstanceGroupRole::Bastion));
        assert!(ids(&fixture).is_superset(&before));
    }

    #[test]
    fn egress_is_written_with_its_group() {
        let output = rendered(&Fixture::default(), Nesting::Auto);
        assert!(!text(&output, ROOT_FILE).contains("AWS::EC2::SecurityGroupEgress"));
        let groups: Vec<&Resource> = output.resources.iter().filter(|r| r.kind == "AWS::EC2::SecurityGroup").collect();
        assert!(!groups.is_empty());
        for group in groups {
            assert!(group.properties["SecurityGroupEgress"].as_array().unwrap().len() >= 2, "{group:?}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_looked_up_is_refused_with_its_field() {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.subnets[0].public_ip = "192.0.2.7".into();
        let error = render(&graph(&fixture), &Options::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "publicIP of the subnets of zone us-east-1a: CloudFormation cannot look up the allocation of the existing address 192.0.2.7"
        );
    }

    #[test]
    fn more_resources_than_a_template_takes_become_nested_stacks() {
        let mut graph = graph(&Fixture::default());
        for number in 0..NESTED_FROM {
            let queue = kopsform_model::aws::resources::Queue {
                name: format!("q{number}").into(),
                retention: 300,
                policy: kopsform_model::aws::iam::PolicyDocument::new(Vec::new()),
                tags: Tags::new(),
            };
            graph.add(Layer::Cluster, format!("q{number}"), queue).unwrap();
        }
        // The part with the queues is too large itself.
        let error = render(&graph, &Options::default()).unwrap_err();
        assert!(error.to_string().starts_with("events.template.yaml has 9"), "{error}");
    }

    #[test]
    fn what_is_left_out_and_unknown_is_an_error() {
        let lifecycles = Lifecycles { network: kopsform_model::Lifecycle::Ignore, ..Lifecycles::default() };
        let full = graph(&Fixture::default());
        let mut partial = Graph::new("a.example.com", "us-east-1", lifecycles);
        for (id, node) in full
            .nodes()
            .filter(|(id, _)| matches!(id.kind, kopsform_model::Kind::Vpc | kopsform_model::Kind::SecurityGroup))
        {
            match &node.resource {
                kopsform_model::Resource::Vpc(vpc) => drop(partial.add(node.layer, id.name.clone(), (**vpc).clone())),
                kopsform_model::Resource::SecurityGroup(group) => {
                    drop(partial.add(node.layer, id.name.clone(), (**group).clone()))
                }
                _ => {}
            }
        }
        let error = render(&partial, &Options::default()).unwrap_err().to_string();
        assert!(error.contains("needs the id of VPC/a.example.com, which this run leaves out"), "{error}");
    }

    #[test]
    fn ids_spell_the_names_of_groups() {
        let name = kopsform_model::text!["nodes.", kopsform_model::Text::cluster_name("a.example.com")];
        let id = id_of(&Ref::<AutoscalingGroup>::new(name.clone()).node());
        assert_eq!(id, "AutoScalingGroupNodes");
        let id = id_of(&Ref::<kopsform_model::aws::resources::LaunchTemplate>::new(name).node());
        assert_eq!(id, "LaunchTemplateNodes");
    }
}
