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

/// EC2 gives a group in a VPC with an IPv6 network the rule for all IPv6 traffic that the template has, too.
#[test]
fn security_groups_come_before_the_ipv6_network_of_their_vpc_also_in_nested_stacks() {
    for (nesting, file) in [(Nesting::Auto, ROOT_FILE), (Nesting::Always, "network.template.yaml")] {
        let output = rendered(&Fixture::default(), nesting);
        let template = read(&output, file);
        let resources = template["Resources"].as_object().unwrap();
        let groups = resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::EC2::SecurityGroup");
        let groups: Vec<Value> = groups.map(|(id, _)| id.as_str().into()).collect();
        let block = resources.values().find(|resource| resource["Type"] == "AWS::EC2::VPCCidrBlock").unwrap();
        assert!(!groups.is_empty());
        assert_eq!(block["DependsOn"], Value::Array(groups), "{file}");
    }
}

/// Any other egress rule takes the one for all IPv4 traffic away.
#[test]
fn of_an_existing_group_the_rule_for_all_ipv4_traffic_comes_last_and_none_is_there_twice() {
    let mut fixture = Fixture::default();
    for group in &mut fixture.groups {
        group.spec.security_group_override = Some("sg-1".to_owned());
    }
    let output = rendered(&fixture, Nesting::Auto);
    let egress: Vec<&Resource> =
        output.resources.iter().filter(|resource| resource.kind == "AWS::EC2::SecurityGroupEgress").collect();
    let [first, second] = egress.as_slice() else { panic!("{egress:?}") };
    let (ipv4, ipv6) = if first.properties.contains_key("CidrIp") { (first, second) } else { (second, first) };
    assert_eq!((&ipv4.properties["CidrIp"], &ipv6.properties["CidrIpv6"]), (&"0.0.0.0/0".into(), &"::/0".into()));
    assert_eq!(ipv4.depends_on, BTreeSet::from([ipv6.logical_id.clone()]));
    let rules: BTreeSet<String> = output
        .resources
        .iter()
        .filter(|resource| resource.kind == "AWS::EC2::SecurityGroupIngress")
        .map(|resource| Value::Object(resource.properties.clone()).to_string())
        .collect();
    let count = output.resources.iter().filter(|resource| resource.kind == "AWS::EC2::SecurityGroupIngress").count();
    assert_eq!(rules.len(), count);
}

#[test]
fn an_address_that_cannot_be_looked_up_is_refused_with_its_field() {
    let mut fixture = Fixture::default();
    fixture.cluster.spec.subnets[0].public_ip = "192.0.2.7".into();
    let error = render(&graph(&fixture), &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "spec.subnets[].publicIP: CloudFormation cannot look up the allocation of the existing address 192.0.2.7"
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
