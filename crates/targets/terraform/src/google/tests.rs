//! Clusters on Google Cloud: every layout means the same, with arguments that the provider has.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::testing::meaning;
use crate::{Layout, ManagedFiles, Options, Output, Protected, ProviderBlocks, RenderError, render};
use kopsform_model::facts::GoogleBucketFact;
use kopsform_model::fixture::{Fixture, group};
use kopsform_model::{Graph, ManagedFile, gce};
use kopsform_spec::v1alpha2::{
    Api, GceNetworking, GuestAccelerator, InstanceGroupRole, LoadBalancerAccess, LoadBalancerType, Networking,
};

const LAYOUTS: [Layout; 3] = [Layout::Single, Layout::Split, Layout::Module];

/// A cluster with everything that is written: groups of all roles, both load balancers, IP aliases, accelerators, files.
fn fixture(name: &str) -> Fixture {
    let mut fixture = Fixture::google();
    fixture.cluster.metadata.name = name.to_owned();
    for (group_name, role) in [
        ("master-b", InstanceGroupRole::ControlPlane),
        ("bastions", InstanceGroupRole::Bastion),
        ("servers", InstanceGroupRole::ApiServer),
        ("gpu", InstanceGroupRole::Node),
    ] {
        let mut group = group(group_name, role);
        group.spec.zones = vec!["us-test1-b".to_owned()];
        fixture.groups.push(group);
    }
    let spec = &mut fixture.groups[5].spec;
    spec.gcp_provisioning_model = Some("SPOT".to_owned());
    spec.guest_accelerators =
        vec![GuestAccelerator { accelerator_type: "nvidia-tesla-t4".to_owned(), accelerator_count: 2 }];
    spec.taints = vec!["gpu=yes:NoSchedule".to_owned()];
    let spec = &mut fixture.cluster.spec;
    spec.networking = Some(Networking { gce: Some(GceNetworking {}), ..Networking::default() });
    spec.pod_cidr = "10.4.0.0/14".to_owned();
    spec.service_cluster_ip_range = "10.1.0.0/16".to_owned();
    spec.ssh_access = vec!["0.0.0.0/0".to_owned()];
    spec.node_port_access = vec!["10.0.0.0/8".to_owned(), "::/0".to_owned()];
    let balancer = LoadBalancerAccess { r#type: Some(LoadBalancerType::Public), ..LoadBalancerAccess::default() };
    spec.api = Some(Api { load_balancer: Some(balancer), ..Api::default() });
    for member in &mut spec.etcd_clusters[0].etcd_members {
        (member.volume_iops, member.volume_throughput) = (Some(3000), Some(140));
    }
    let acl = GoogleBucketFact { object_acl: Some(vec!["READER:user-a".to_owned()]), public: None };
    fixture.facts.gce.buckets.entry("p".to_owned()).or_default().insert("state".to_owned(), acl);
    fixture
}

fn graph(fixture: &Fixture) -> Graph {
    let mut graph = fixture.google_cluster().unwrap();
    let context = fixture.context();
    graph.export_of_cluster("cluster_name", context.cluster_name()).unwrap();
    for name in ["cluster-completed.spec", "nodeupconfig-nodes"] {
        let base = format!("gs://state/{}", fixture.cluster.metadata.name);
        let content = format!("${{x}} of {name}\n");
        let file = ManagedFile { name: name.into(), base, key: name.to_owned(), content, ..ManagedFile::default() };
        gce::files::add(&mut graph, &fixture.facts, file).unwrap();
    }
    graph.order().unwrap();
    graph
}

fn rendered(graph: &Graph, layout: Layout) -> Output {
    let prevent_destroy = BTreeSet::from([Protected::Etcd, Protected::Api]);
    render(graph, &Options { layout, prevent_destroy, ..Options::default() }).unwrap()
}

fn text(output: &Output) -> String {
    let files = output.files.iter().filter(|(path, _)| path.ends_with(".tf"));
    files.map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect()
}

const SHORT: &str = "a.example.com";
const LONG: &str = "a-rather-long-cluster-name-for-testing-limits.example.com";

#[test]
fn all_layouts_mean_the_same() {
    for name in [SHORT, LONG] {
        let graph = graph(&fixture(name));
        let [single, split, module] = LAYOUTS.map(|layout| rendered(&graph, layout));
        let wanted = meaning(&single);
        assert_eq!(wanted.resources.len(), graph.nodes().count());
        assert_eq!(meaning(&split).resources, wanted.resources, "{}", text(&split));
        assert_eq!(meaning(&module).resources, wanted.resources, "{}", text(&module));
        assert_eq!(split.addresses, module.addresses);
    }
}

#[test]
fn a_module_names_its_cluster_only_in_a_default() {
    for name in [SHORT, LONG] {
        let output = rendered(&graph(&fixture(name)), Layout::Module);
        for (path, content) in output.files.iter().filter(|(path, _)| path.ends_with(".tf")) {
            let content = String::from_utf8_lossy(content);
            let named = content.matches(name).count() + content.matches(&name.replace('.', "-")).count();
            assert_eq!(named, if path == "variables.tf" { 2 } else { 0 }, "{path}: {content}");
        }
    }
}

/// The arguments of the provider's resources, by the path of their block.
fn arguments_of_provider(version: &str) -> BTreeMap<String, BTreeSet<String>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/google_provider");
    let text = std::fs::read_to_string(directory.join(format!("{version}.txt"))).unwrap();
    let line = |line: &str| {
        let (path, arguments) = line.split_once(':').unwrap();
        (path.to_owned(), arguments.split_whitespace().map(str::to_owned).collect())
    };
    text.lines().map(line).collect()
}

/// Arguments and blocks that the provider does not have, and the number of those that it has.
fn unknown(path: &str, body: &hcl::Body, known: &BTreeMap<String, BTreeSet<String>>) -> (BTreeSet<String>, usize) {
    let Some(arguments) = known.get(path) else { return ([path.to_owned()].into(), 0) };
    let (mut missing, mut count) = (BTreeSet::new(), 0);
    for argument in body.attributes().map(hcl::Attribute::key) {
        // These two are Terraform's own.
        match matches!(argument, "provider" | "for_each") || arguments.contains(argument) {
            true => count += 1,
            false => _ = missing.insert(format!("{path}.{argument}")),
        }
    }
    for block in body.blocks().filter(|block| block.identifier() != "lifecycle") {
        let (name, body) = match block.identifier() {
            "dynamic" => {
                let content = block.body().blocks().find(|block| block.identifier() == "content").unwrap();
                (block.labels()[0].as_str(), content.body())
            }
            name => (name, block.body()),
        };
        let (inner, more) = unknown(&format!("{path}.{name}"), body, known);
        missing.extend(inner);
        count += more;
    }
    (missing, count)
}

#[test]
fn every_argument_is_one_of_the_provider() {
    // kops writes this one, so versions before 6.8.0 are not accepted.
    let since_6_8 = "google_compute_instance_template.disk.provisioned_throughput".to_owned();
    for (version, expected) in [("5", BTreeSet::from([since_6_8])), ("6", BTreeSet::new())] {
        let known = arguments_of_provider(version);
        let (mut missing, mut count, mut types) = (BTreeSet::new(), 0, BTreeSet::new());
        for layout in LAYOUTS {
            let body = hcl::parse(&text(&rendered(&graph(&fixture(SHORT)), layout))).unwrap();
            for block in body.blocks().filter(|block| block.identifier() == "resource") {
                let (more, known) = unknown(block.labels()[0].as_str(), block.body(), &known);
                types.insert(block.labels()[0].as_str().to_owned());
                missing.extend(more);
                count += known;
            }
        }
        assert_eq!(missing, expected, "version {version}");
        let of_provider = known.keys().filter(|path| !path.contains('.')).cloned().collect::<BTreeSet<_>>();
        assert_eq!(types, of_provider);
        assert!(count > 500, "{count}");
    }
}

#[test]
fn provider_blocks_are_those_of_google() {
    let graph = graph(&fixture(SHORT));
    let of = |provider_blocks, layout| {
        text(&render(&graph, &Options { provider_blocks, layout, ..Options::default() }).unwrap())
    };
    let full = of(ProviderBlocks::Full, Layout::Single);
    assert!(full.contains("\nprovider \"google\" {\n  project = \"p\"\n  region  = \"us-test1\"\n}\n"), "{full}");
    assert!(full.contains("\nprovider \"google\" {\n  alias = \"files\"\n}\n"), "{full}");
    assert!(full.contains("\"hashicorp/google\"") && !full.contains("aws"), "{full}");
    let required = of(ProviderBlocks::Required, Layout::Module);
    assert!(required.contains("configuration_aliases = [google.files]"), "{required}");
    let none = of(ProviderBlocks::None, Layout::Split);
    assert!(!none.contains("\nprovider") && !none.contains("\nterraform {"), "{none}");
}

#[test]
fn files_are_in_cloud_storage_or_uploaded() {
    let fixture = fixture(SHORT);
    let uploaded = Options { managed_files: ManagedFiles::Uploaded, ..Options::default() };
    let output = render(&graph(&fixture), &uploaded).unwrap();
    assert_eq!(output.uploads.len(), 2);
    assert!(!text(&output).contains("google_storage_object_acl"));
    let mut graph = graph(&fixture);
    let file = ManagedFile { name: "x".into(), base: "s3://elsewhere".to_owned(), ..ManagedFile::default() };
    graph.add_file(&fixture.context(), file).unwrap();
    let error = render(&graph, &Options::default()).unwrap_err();
    assert!(matches!(error, RenderError::NotInBucket { storage: "Cloud Storage", .. }), "{error}");
}

#[test]
fn load_balancers_and_disks_are_protected() {
    let output = rendered(&graph(&fixture(SHORT)), Layout::Single);
    let body = hcl::parse(&text(&output)).unwrap();
    let protected: BTreeSet<&str> = body
        .blocks()
        .filter(|block| hcl::format::to_string(block.body()).unwrap().contains("prevent_destroy"))
        .map(|block| block.labels()[0].as_str())
        .collect();
    let expected = [
        "google_compute_address",
        "google_compute_disk",
        "google_compute_forwarding_rule",
        "google_compute_region_backend_service",
        "google_compute_target_pool",
    ];
    assert_eq!(protected.into_iter().collect::<Vec<_>>(), expected);
}
