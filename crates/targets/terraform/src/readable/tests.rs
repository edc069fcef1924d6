//! Every layout means the same, for graphs of any content.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::testing::{Meaning, meaning};
use crate::{Layout, ManagedFiles, Options, Output, Protected, ProviderBlocks, render};
use kopsform_model::aws::iam::PolicyDocument;
use kopsform_model::aws::resources::*;
use kopsform_model::{FileStorage, Graph, In, Layer, Lifecycles, ManagedFile, Ref, Text, text};

const CLUSTER: &str = "a.example.com";

fn cluster() -> Text {
    Text::cluster_name(CLUSTER)
}

/// Strings that look like references, templates and keys of others.
fn words() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]", "[ab]-[ab]", r#"[ab$%{}"\\/.]{1,4}"#, Just("each.key".to_owned()), Just(CLUSTER.to_owned())]
}

/// Names of resources, in the characters that they have.
fn names() -> impl Strategy<Value = Text> {
    let name = || "[ab][ab./-]{0,3}";
    prop_oneof![
        name().prop_map(Text::from),
        name().prop_map(|name| text![name, ".", cluster()]),
        name().prop_map(|name| Text::truncated(name.clone(), format!("{name}-1a2b3c"))),
    ]
}

/// Values of tags.
fn contents() -> impl Strategy<Value = Text> {
    prop_oneof![names(), words().prop_map(Text::from)]
}

fn tags() -> impl Strategy<Value = Tags> {
    let own = proptest::collection::btree_map(
        prop_oneof![Just("Name".into()), words().prop_map(Text::from)],
        contents(),
        0..4,
    );
    (own, any::<bool>()).prop_map(|(mut tags, is_owned)| {
        if is_owned {
            tags.insert("KubernetesCluster".into(), cluster());
            tags.insert(text!["kubernetes.io/cluster/", cluster()], "owned".into());
        }
        tags
    })
}

/// What is added to a graph.
#[derive(Debug, Clone)]
enum Added {
    Subnet(Text, Tags, Option<String>),
    Group(Text, String, Tags),
    Rule(Text, Option<usize>, Option<usize>, u16, bool),
    Volume(Text, String, i64, Option<i64>, Tags),
    Role(Text, Tags),
    File(Text, bool, String),
    Instances(Text, Vec<String>, Option<String>, Tags),
}

fn added() -> impl Strategy<Value = Added> {
    let of_group = || proptest::option::of(0..3_usize);
    let role = prop_oneof![Just(None), Just(Some("control-plane")), Just(Some("node"))];
    prop_oneof![
        (names(), tags(), proptest::option::of("subnet-[ab]"))
            .prop_map(|(name, tags, id)| Added::Subnet(name, tags, id)),
        (names(), words(), tags()).prop_map(|(name, description, tags)| Added::Group(name, description, tags)),
        (names(), of_group(), of_group(), 0..3_u16, any::<bool>())
            .prop_map(|(name, group, peer, port, out)| Added::Rule(name, group, peer, port, out)),
        (names(), words(), 1..3_i64, proptest::option::of(1..3_i64), tags())
            .prop_map(|(name, zone, size, iops, tags)| Added::Volume(name, zone, size, iops, tags)),
        (names(), tags()).prop_map(|(name, tags)| Added::Role(name, tags)),
        (names(), any::<bool>(), words()).prop_map(|(name, public, content)| Added::File(name, public, content)),
        (names(), proptest::collection::vec(words(), 0..4), proptest::option::of(words()), tags(), role).prop_map(
            |(name, types, spot, mut tags, role)| {
                if let Some(role) = role {
                    tags.insert(format!("k8s.io/role/{role}").into(), "1".into());
                    tags.insert("kops.k8s.io/instancegroup".into(), Text::from(name.as_str()));
                }
                Added::Instances(name, types, spot, tags)
            }
        ),
    ]
}

/// A graph with as much of what is asked for as has names of its own.
fn graph(added: Vec<Added>) -> Graph {
    let mut graph = Graph::new(CLUSTER, "us-east-1", Lifecycles::default());
    let vpc =
        Vpc { cidr: "10.0.0.0/8".into(), amazon_ipv6: true, dns_hostnames: true, dns_support: true, tags: Tags::new() };
    let vpc = graph.add(Layer::Network, cluster(), vpc).unwrap();
    graph.export(&vpc, "vpc_ipv6_cidr_block", vpc.ipv6_cidr()).unwrap();
    graph.export(&vpc, "vpc_ipv6_cidr_length", vpc.ipv6_prefix_length()).unwrap();
    let mut groups: Vec<Ref<SecurityGroup>> = Vec::new();
    let mut subnets: Vec<Ref<Subnet>> = Vec::new();
    for (index, item) in added.into_iter().enumerate() {
        let index = i64::try_from(index).unwrap();
        // A name that another resource has is no error here: the first one stays.
        match item {
            Added::Subnet(name, tags, id) => {
                let ipv6 = Some(SubnetIpv6::Nth(NthSubnet { prefix_length: 64, index }));
                let subnet =
                    Subnet { vpc: vpc.clone(), zone: "a".into(), ipv4: None, ipv6, named_by_resource: false, tags };
                let subnet = match id {
                    Some(id) => graph.add_existing(Layer::Network, name, subnet, Some(id)),
                    None => graph.add(Layer::Network, name, subnet),
                };
                if let Ok(subnet) = subnet {
                    graph.export_item(&subnet, "subnet_ids", subnet.id()).unwrap();
                    subnets.push(subnet);
                }
            }
            Added::Group(name, description, tags) => {
                let group = SecurityGroup { vpc: vpc.clone(), name: name.clone(), description, tags };
                groups.extend(graph.add(Layer::Security, name, group));
            }
            Added::Rule(name, group, peer, port, is_egress) => {
                let of = |index: Option<usize>| {
                    index.and_then(|index| groups.get(index)).map(|group| In::Node(group.clone()))
                };
                let group = of(group).unwrap_or_else(|| In::Existing("sg-1".into()));
                let peer = of(peer).map_or_else(|| RulePeer::Ipv4("0.0.0.0/0".into()), RulePeer::Group);
                let direction = if is_egress { Direction::Egress } else { Direction::Ingress };
                let rule = SecurityGroupRule { group, direction, peer, traffic: Traffic::tcp(port), tags: Tags::new() };
                _ = graph.add(Layer::Security, name, rule);
            }
            Added::Volume(name, zone, size, iops, tags) => {
                let volume = EbsVolume {
                    zone,
                    volume_type: "gp3".into(),
                    size,
                    iops,
                    throughput: None,
                    encrypted: true,
                    kms_key: None,
                    tags,
                };
                _ = graph.add(Layer::Cluster, name, volume);
            }
            Added::Role(name, tags) => {
                let trust = PolicyDocument::new(Vec::new());
                let role = IamRole { name: name.clone(), trust, permissions_boundary: None, tags };
                _ = graph.add(Layer::Security, name, role);
            }
            Added::File(name, public, content) => {
                let storage = FileStorage { region: "us-east-1".into(), ..FileStorage::default() };
                let (base, key) = (format!("s3://state/{CLUSTER}"), format!("x/{name}"));
                let file =
                    ManagedFile { name: name.clone(), base, key, content, public, storage, ..ManagedFile::default() };
                _ = graph.add(Layer::Cluster, name, file);
            }
            Added::Instances(name, types, spot, tags) => instances(&mut graph, name, types, spot, &tags, &subnets),
        }
    }
    graph
}

fn instances(
    graph: &mut Graph,
    name: Text,
    types: Vec<String>,
    spot: Option<String>,
    tags: &Tags,
    subnets: &[Ref<Subnet>],
) {
    let disk = |device: &String| Disk { device: device.clone(), content: DiskContent::InstanceStore(0) };
    let template = LaunchTemplate {
        name: name.clone(),
        image: "ami-1".into(),
        instance_type: "t3.small".into(),
        profile: In::Existing("profile".into()),
        key: None,
        user_data: spot.clone(),
        disks: types.iter().map(disk).collect(),
        network_interface: NetworkInterface { public_ip: None, ipv6_addresses: 0, security_groups: Vec::new() },
        metadata: MetadataOptions { ipv6: false, hop_limit: 1, tokens: "required".into() },
        cpu_credits: None,
        ebs_optimized: None,
        spot: spot.map(|max_price| SpotOptions { max_price, duration_minutes: None, interruption_behavior: None }),
        detailed_monitoring: false,
        tenancy: None,
        tags: tags.clone(),
    };
    let Ok(launch_template) = graph.add(Layer::Cluster, name.clone(), template) else { return };
    let mixed = MixedInstances { instance_types: types.clone(), ..MixedInstances::default() };
    let group = AutoscalingGroup {
        name: name.clone(),
        launch_template,
        mixed_instances: (types.len() > 1).then_some(mixed),
        min_size: 1,
        max_size: 1,
        subnets: subnets.to_vec(),
        load_balancers: Vec::new(),
        target_groups: Vec::new(),
        metrics: ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec(),
        capacity_rebalance: None,
        max_instance_lifetime: 0,
        protect_from_scale_in: false,
        suspended_processes: Vec::new(),
        tags: tags.clone(),
        warm_pool: (types.len() == 1).then_some(WarmPool { min_size: 0, max_size: None }),
    };
    let group = graph.add(Layer::Cluster, name, group).unwrap();
    graph.export_item(&group, "node_autoscaling_group_ids", group.id()).unwrap();
}

fn rendered(graph: &Graph, layout: Layout) -> Option<Output> {
    let options = Options {
        layout,
        prevent_destroy: BTreeSet::from([Protected::Etcd, Protected::Api]),
        provider_blocks: ProviderBlocks::None,
        managed_files: ManagedFiles::Objects,
        ..Options::default()
    };
    // Names that differ in characters that addresses do not have are an error.
    render(graph, &options).ok()
}

/// The lists of a module's outputs have an order of their own, which does not depend on the cluster's name.
fn sorted(mut meaning: Meaning) -> Meaning {
    for value in meaning.outputs.values_mut().filter_map(hcl::Value::as_array_mut) {
        value.sort_by_cached_key(ToString::to_string);
    }
    meaning
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn all_layouts_mean_the_same(added in proptest::collection::vec(added(), 0..14)) {
        let graph = graph(added);
        let Some(single) = rendered(&graph, Layout::Single) else { return Ok(()) };
        let split = rendered(&graph, Layout::Split).unwrap();
        let module = rendered(&graph, Layout::Module).unwrap();
        prop_assert_eq!(&rendered(&graph, Layout::Split).unwrap(), &split);
        prop_assert_eq!(split.addresses.values().collect::<BTreeSet<_>>().len(), single.addresses.len());
        prop_assert_eq!(&split.addresses, &module.addresses);
        let text = |output: &Output| {
            let files = output.files.iter().filter(|(path, _)| path.ends_with(".tf"));
            files.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect::<String>()
        };
        let wanted = meaning(&single);
        prop_assert_eq!(&meaning(&split), &wanted, "{}", text(&split));
        prop_assert_eq!(sorted(meaning(&module)), sorted(wanted), "{}", text(&module));
    }
}
