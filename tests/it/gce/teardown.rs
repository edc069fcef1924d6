//! `delete cluster` on Google Cloud, after target direct made the cluster: nothing of the cluster remains, and everything else stays
//! as it was.
//!
//! `KOPSFORM_TEST_EVERY_POINT=1` kills at each request, and not only at some; with 5, at every fifth.

use std::path::Path;
use std::process::{Command, Stdio};

use kopsform_model::fixture::{Fixture, group};
use kopsform_spec::names::gce::{self as names, Role};
use kopsform_spec::v1alpha2::{
    Api, CiliumNetworking, CloudConfiguration, Cluster, DnsAccess, DnsTopology, DnsType, EtcdBackup, Iam,
    InstanceGroup, InstanceGroupRole, KubeletConfig, LoadBalancerAccess, LoadBalancerType, Networking, SubnetType,
    Topology,
};
use serde_json::{Value, json};

use crate::support::simulated_aws::lock_of_node_software;
use crate::support::simulated_google::{BUCKET, PROJECT, REGION, SimulatedGoogle};
use crate::support::{points, stderr, stdout, succeed};

/// The project of a network that several projects share.
const HOST: &str = "host-project";
/// At how many requests each case is killed unless it is at all.
const SOME: usize = 2;

/// A cluster of a test.
struct Case {
    cluster: Cluster,
    groups: Vec<InstanceGroup>,
}

impl Case {
    fn new(name: &str, change: impl FnOnce(&mut Case)) -> Self {
        let Fixture { mut cluster, groups, .. } = Fixture::google();
        cluster.metadata.name = name.to_owned();
        let spec = &mut cluster.spec;
        spec.project = PROJECT.to_owned();
        spec.channel = "none".to_owned();
        spec.kubernetes_version = "1.36.0".to_owned();
        spec.config_base = format!("gs://{BUCKET}/{name}");
        spec.dns_zone = String::new();
        spec.non_masquerade_cidr = "100.64.0.0/10".to_owned();
        spec.kubernetes_api_access = vec!["0.0.0.0/0".to_owned()];
        spec.ssh_access = vec!["10.0.0.0/8".to_owned()];
        spec.iam = Some(Iam::default());
        spec.kubelet = Some(KubeletConfig { anonymous_auth: Some(false), ..KubeletConfig::default() });
        spec.networking = Some(Networking { cilium: Some(CiliumNetworking::default()), ..Networking::default() });
        let events = spec.etcd_clusters.clone().into_iter().map(|mut etcd| {
            etcd.name = "events".to_owned();
            etcd
        });
        let events: Vec<_> = events.collect();
        spec.etcd_clusters.extend(events);
        spec.api = Some(Api { dns: Some(DnsAccess::default()), ..Api::default() });
        let mut case = Self { cluster, groups };
        case.set_dns(DnsType::None);
        change(&mut case);
        case
    }

    fn name(&self) -> &str {
        &self.cluster.metadata.name
    }

    /// Stores the cluster and creates its resources.
    fn create(&self, google: &SimulatedGoogle, home: &Path) {
        let name = self.name();
        let cluster = kopsform_state::stored_cluster(&self.cluster);
        let mut objects = vec![object(&format!("{name}/config"), &cluster)];
        for group in &self.groups {
            let key = format!("{name}/instancegroup/{}", group.metadata.name);
            objects.push(object(&key, &kopsform_state::stored_instance_group(group)));
        }
        google.add(&objects);
        google.give_keys(name);
        let lock = home.join("kopsform.lock");
        std::fs::write(&lock, lock_of_node_software()).unwrap();
        let mut update = google.kopsform(home);
        update.args(["update", "cluster", name, "--target", "direct", "--create-kube-config=false", "--yes"]);
        succeed(update.env("KOPSFORM_LOCK", lock).env("KOPS_FEATURE_FLAGS", "+APIServerNodes"));
    }

    fn set_dns(&mut self, kind: DnsType) {
        let dns = Some(DnsTopology { r#type: Some(kind) });
        self.cluster.spec.topology = Some(Topology { dns, ..Topology::default() });
    }

    fn set_load_balancer(&mut self, kind: LoadBalancerType) {
        let access = LoadBalancerAccess { r#type: Some(kind), ..LoadBalancerAccess::default() };
        self.cluster.spec.api = Some(Api { load_balancer: Some(access), ..Api::default() });
    }

    fn add_group(&mut self, name: &str, role: InstanceGroupRole) {
        let mut group = group(name, role);
        group.spec.image = "ubuntu-os-cloud/ubuntu".to_owned();
        group.spec.machine_type = "e2-medium".to_owned();
        group.spec.zones = vec![format!("{REGION}-a")];
        self.groups.push(group);
    }

    /// Uses an existing network, and in it this subnet.
    fn set_network(&mut self, network: &str, subnet: &str) {
        self.cluster.spec.network_id = network.to_owned();
        self.cluster.spec.subnets.retain(|subnet| subnet.r#type == Some(SubnetType::Private));
        for existing in &mut self.cluster.spec.subnets {
            existing.id = subnet.to_owned();
        }
    }
}

fn object(key: &str, content: &impl serde::Serialize) -> (String, Value) {
    let content = kopsform_state::encode(content).unwrap();
    let content = std::str::from_utf8(&content).unwrap();
    ("objects".to_owned(), json!({ "bucket": BUCKET, "name": key, "content": content }))
}

/// Without a load balancer, and with records in Cloud DNS.
fn with_records() -> Case {
    Case::new("a.example.com", |case| case.set_dns(DnsType::Public))
}

/// Both load balancers, a bastion, and Cloud NAT.
fn with_load_balancers() -> Case {
    Case::new("b.example.com", |case| {
        case.set_load_balancer(LoadBalancerType::Public);
        case.add_group("bastions", InstanceGroupRole::Bastion);
    })
}

/// In a network of the platform team, whose subnets it uses.
fn in_existing_network() -> Case {
    Case::new("c.example.com", |case| {
        case.set_load_balancer(LoadBalancerType::Internal);
        case.set_network("platform", "platform-nodes");
    })
}

/// A name that is too long for most resources, API servers of their own, and backups in another bucket.
fn with_truncated_names() -> Case {
    Case::new("a-rather-long-cluster-name-for-testing-limits.example.com", |case| {
        case.set_dns(DnsType::Public);
        case.set_load_balancer(LoadBalancerType::Public);
        case.add_group("apiservers", InstanceGroupRole::ApiServer);
        let backups = EtcdBackup { backup_store: "gs://backups/etcd".to_owned(), ..EtcdBackup::default() };
        for etcd in &mut case.cluster.spec.etcd_clusters {
            etcd.backups = Some(backups.clone());
        }
    })
}

/// Gossip, and a service account that the user made.
fn with_given_account() -> Case {
    Case::new("e.k8s.local", |case| {
        case.set_dns(DnsType::Private);
        let account = format!("nodes@{PROJECT}.iam.gserviceaccount.com");
        let cloud = CloudConfiguration { gce_service_account: account, ..CloudConfiguration::default() };
        case.cluster.spec.cloud_config = Some(cloud);
    })
}

/// In a network of another project, where its firewall rules are, too.
fn in_shared_network() -> Case {
    Case::new("f.example.com", |case| {
        case.set_load_balancer(LoadBalancerType::Internal);
        case.set_network(&format!("{HOST}/shared"), "shared-nodes");
    })
}

fn global(collection: &str) -> String {
    format!("projects/{PROJECT}/global/{collection}")
}

fn regional(collection: &str) -> String {
    format!("projects/{PROJECT}/regions/{REGION}/{collection}")
}

fn zonal(collection: &str) -> String {
    format!("projects/{PROJECT}/zones/{REGION}-a/{collection}")
}

fn of_host(path: &str) -> String {
    format!("projects/{HOST}/{path}")
}

/// A world with resources of others: a platform team, and clusters whose names end or begin with a cluster's.
fn world_of_others(case: &Case, home: &Path) -> Option<SimulatedGoogle> {
    let google = SimulatedGoogle::start()?;
    let (name, safe) = (case.name(), names::safe_cluster_name(case.name()));
    let short: String = safe.chars().take(30).collect();
    let network = format!("{}/platform", global("networks"));
    let service = |name: &str| (regional("backendServices"), json!({ "name": name }));
    let others = [
        (format!("projects/{PROJECT}/serviceAccounts"), json!({ "accountId": "nodes", "serviceAccount": {} })),
        (global("networks"), json!({ "name": "platform" })),
        (
            regional("subnetworks"),
            json!({ "name": "platform-nodes", "network": network, "ipCidrRange": "10.0.16.0/20", "stackType": "IPV4_ONLY" }),
        ),
        (of_host("global/networks"), json!({ "name": "shared" })),
        (
            of_host(&format!("regions/{REGION}/subnetworks")),
            json!({
                "name": "shared-nodes", "network": of_host("global/networks/shared"), "ipCidrRange": "10.0.16.0/20",
                "stackType": "IPV4_ONLY",
            }),
        ),
        // Another network there has rules that are called as the cluster's.
        (of_host("global/networks"), json!({ "name": "other" })),
        (
            of_host("global/firewalls"),
            json!({
                "name": names::suffixed("ssh-external-to-bastion", name), "network": of_host("global/networks/other"),
                "targetTags": [names::role_tag(Role::Bastion, name)],
            }),
        ),
        // Not yet in use, as a team leaves it while it sets up a service.
        service("shop"),
        service(&format!("shop-{short}")),
        (regional("healthChecks"), json!({ "name": format!("shop-{short}") })),
        (regional("addresses"), json!({ "name": format!("shop-api-{short}") })),
        (zonal("disks"), json!({ "name": format!("shop-{short}"), "labels": { "k8s-io-cluster-name": "another" } })),
        // Opens a port on instances of the cluster and on others.
        (
            global("firewalls"),
            json!({ "name": "k8s-fw-both", "network": network, "targetTags": [names::role_tag(Role::Node, name), "shop"] }),
        ),
        (global("firewalls"), json!({ "name": format!("node-to-node-x-{short}"), "network": network })),
        (
            global("routes"),
            json!({ "name": "x-51a343e2-c285-4e73-b933-18a6ea44c3e4", "warnings": [{ "code": "NEXT_HOP_INSTANCE_NOT_FOUND" }] }),
        ),
        (format!("projects/{PROJECT}/managedZones"), json!({ "name": "example", "dnsName": "example.com." })),
        (format!("projects/{PROJECT}/managedZones/example/rrsets"), record(&format!("shop.{name}."), "A")),
        (format!("projects/{PROJECT}/managedZones/example/rrsets"), record("api.example.com.", "A")),
    ];
    google.add(&others);
    let members = json!({ "bindings": [
        { "role": "roles/container.serviceAgent", "members": ["user:a@example.com"] },
        { "role": "roles/viewer", "members": ["user:b@example.com"], "condition": { "title": "on weekdays" } },
    ]});
    google.set_project_policy(&members);
    for bucket in [BUCKET, "backups"] {
        google.set_bucket_policy(
            bucket,
            &json!({ "bindings": [{ "role": "roles/owner", "members": ["user:a@example.com"] }] }),
        );
    }
    // kops accepts every prefix of a name, so it takes these for the cluster's.
    // Without load balancers of its own, a cluster's names do not even collide with those of `private`, one of its subnets.
    let has_load_balancer = case.cluster.spec.api.as_ref().is_some_and(|api| api.load_balancer.is_some());
    let before = if has_load_balancer { "x-private" } else { "private" };
    for other in [format!("{before}-{name}"), format!("{name}.example.org")] {
        Case::new(&other, |case| case.set_load_balancer(LoadBalancerType::Public)).create(&google, home);
    }
    Some(google)
}

/// Whether the store has anything of a cluster.
fn left_in_store(google: &SimulatedGoogle, case: &Case) -> bool {
    let prefixes = [format!("{}/", case.name()), format!(".kopsform/{}/", case.name())];
    let world = google.world();
    let keys = world["buckets"][BUCKET]["objects"].as_array().unwrap();
    keys.iter().any(|key| prefixes.iter().any(|prefix| key.as_str().unwrap().starts_with(prefix)))
}

fn record(name: &str, kind: &str) -> Value {
    json!({ "name": name, "type": kind, "ttl": 60, "rrdatas": ["203.0.113.9"] })
}

/// What Kubernetes made in the cluster: a public load balancer of a service, a volume, a route, and records.
fn add_what_kubernetes_makes(google: &SimulatedGoogle, case: &Case) {
    let (name, safe) = (case.name(), names::safe_cluster_name(case.name()));
    let tag = names::role_tag(Role::Node, name);
    let (service, internal) = ("a51a343e2c2854e73b93318a6ea44c3e", "a61a343e2c2854e73b93318a6ea44c3e");
    let check = format!("{}/k8s-0123456789abcdef-node", global("httpHealthChecks"));
    let world = google.world();
    let instances = world["resources"].as_object().unwrap().keys();
    let instance = instances.filter(|path| path.contains("/instances/")).find(|path| {
        let items = &world["resources"][path.as_str()]["metadata"]["items"];
        items.as_array().unwrap().iter().any(|item| item["key"] == "cluster-name" && item["value"] == name)
    });
    let instance = instance.unwrap();
    let (project, network) = match case.cluster.spec.network_id.as_str() {
        "" => (PROJECT, names::network(name)),
        existing => match existing.split_once('/') {
            Some((project, network)) => (project, network.to_owned()),
            None => (PROJECT, existing.to_owned()),
        },
    };
    let network = format!("projects/{project}/global/networks/{network}");
    let of_network = |collection: &str| format!("projects/{project}/global/{collection}");
    let mut made = vec![
        (global("httpHealthChecks"), json!({ "name": "k8s-0123456789abcdef-node" })),
        (regional("targetPools"), json!({ "name": service, "healthChecks": [check] })),
        (
            regional("forwardingRules"),
            json!({ "name": service, "target": format!("{}/{service}", regional("targetPools")) }),
        ),
        (
            of_network("firewalls"),
            json!({ "name": format!("k8s-fw-{service}"), "network": network, "targetTags": [tag] }),
        ),
        (
            of_network("firewalls"),
            json!({ "name": "k8s-0123456789abcdef-node-http-hc", "network": network, "targetTags": [tag] }),
        ),
        // The same for an internal load balancer.
        (global("healthChecks"), json!({ "name": "k8s-0123456789abcdef-node" })),
        (
            zonal("instanceGroups"),
            json!({ "name": "k8s-ig--0123456789abcdef", "network": network, "instances": [instance] }),
        ),
        (
            regional("backendServices"),
            json!({
                "name": internal, "healthChecks": [format!("{}/k8s-0123456789abcdef-node", global("healthChecks"))],
                "backends": [{ "group": format!("{}/k8s-ig--0123456789abcdef", zonal("instanceGroups")) }],
            }),
        ),
        (
            regional("forwardingRules"),
            json!({
                "name": internal, "network": network, "loadBalancingScheme": "INTERNAL",
                "backendService": format!("{}/{internal}", regional("backendServices")),
            }),
        ),
        (
            of_network("firewalls"),
            json!({ "name": format!("k8s-fw-{internal}"), "network": network, "targetTags": [tag] }),
        ),
        (
            of_network("firewalls"),
            json!({ "name": "k8s-0123456789abcdef-node-hc", "network": network, "targetTags": [tag] }),
        ),
        (of_network("firewalls"), json!({ "name": format!("{internal}-hc"), "network": network, "targetTags": [tag] })),
        (zonal("disks"), json!({ "name": "pvc-51a343e2", "labels": { "k8s-io-cluster-name": safe } })),
        (
            of_network("routes"),
            json!({
                "name": route_name(&safe), "network": network, "nextHopInstance": instance,
            }),
        ),
    ];
    if case.cluster.publishes_dns_records() {
        for (label, kind) in [("api", "A"), ("api.internal", "A"), ("kops-controller.internal", "A"), ("bastion", "A")]
        {
            let path = format!("projects/{PROJECT}/managedZones/example/rrsets");
            made.push((path, record(&format!("{label}.{name}."), kind)));
        }
    }
    google.add(&made);
}

fn route_name(safe: &str) -> String {
    let prefix: String = safe.chars().take(26).collect();
    format!("{prefix}-51a343e2-c285-4e73-b933-18a6ea44c3e4")
}

fn delete(google: &SimulatedGoogle, home: &Path, case: &Case, arguments: &[&str]) -> Command {
    let mut command = google.kopsform(home);
    command.args(["delete", "cluster", case.name()]).args(arguments);
    command
}

const YES: [&str; 5] = ["--yes", "--interval", "50ms", "--wait", "60s"];

/// Creates and deletes a cluster; then deletes it again and again, killed at some request and rerun: before the request is carried
/// out, or after it was, when its answer is lost. Lists have pages of 2, and operations take a while.
fn leaves_the_world_as_it_was(case: &Case) {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let Some(google) = world_of_others(case, home) else { return };
    google.set_pace(2, 3);
    let before = google.world();
    case.create(&google, home);
    add_what_kubernetes_makes(&google, case);
    google.save();
    google.count();
    let output = stdout(&succeed(&mut delete(&google, home, case, &YES)));
    let total = google.requests().len();
    assert!(total > 80, "{total}");
    assert_same(&before, &google.world(), case.name());
    // In the right order, Google refuses nothing as being in use.
    assert!(!output.contains("will retry"), "{output}");

    let points = points(total, SOME);
    let (mut kills, is_long) = (0, points.len() > SOME);
    let mut wrong = Vec::new();
    for point in points {
        if is_long {
            eprintln!("{}: {} wrong before request {point} of {total}", case.name(), wrong.len());
        }
        google.restore();
        let mut child = delete(&google, home, case, &YES);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Requests are counted from the order to kill on. The command takes longer to start.
        google.kill(child.id(), point, point % 2 == 0);
        kills += usize::from(child.wait().unwrap().code().is_none());
        google.count();
        let is_left = left_in_store(&google, case);
        let rerun = delete(&google, home, case, &YES).output().unwrap();
        if rerun.status.success() != is_left {
            wrong.push(format!("killed at {point} of {total}: the next one ends with {}", stderr(&rerun)));
        }
        let different = differences(&before, &google.world());
        if !different.is_empty() {
            wrong.push(format!("killed at {point} of {total}: {}", different.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}: {}", case.name(), wrong.join("\n"));
    // How many requests there are depends on time: operations that are waited for.
    assert!(kills >= SOME, "{}: {kills} runs were killed", case.name());
}

#[test]
fn nothing_is_left_of_a_cluster_with_records() {
    leaves_the_world_as_it_was(&with_records());
}

#[test]
fn nothing_is_left_of_a_cluster_with_load_balancers() {
    leaves_the_world_as_it_was(&with_load_balancers());
}

#[test]
fn nothing_is_left_of_a_cluster_in_an_existing_network() {
    leaves_the_world_as_it_was(&in_existing_network());
}

#[test]
fn nothing_is_left_of_a_cluster_with_truncated_names() {
    leaves_the_world_as_it_was(&with_truncated_names());
}

#[test]
fn nothing_is_left_of_a_cluster_with_a_given_account() {
    leaves_the_world_as_it_was(&with_given_account());
}

#[test]
fn nothing_is_left_of_a_cluster_in_a_network_of_another_project() {
    leaves_the_world_as_it_was(&in_shared_network());
}

#[test]
fn a_preview_changes_nothing_and_lists_what_would_be_deleted() {
    let case = with_load_balancers();
    let home = tempfile::tempdir().unwrap();
    let Some(google) = world_of_others(&case, home.path()) else { return };
    case.create(&google, home.path());
    let before = google.world();
    let output = stdout(&succeed(&mut delete(&google, home.path(), &case, &[])));
    assert!(output.contains("Must specify --yes to delete cluster"), "{output}");
    for expected in [
        "InstanceGroupManager  a-nodes-b-example-com",
        "BackendService",
        "HTTP HealthCheck",
        "IamMembers",
        "ServiceAccount",
    ] {
        let spaces = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(spaces(&output).contains(&spaces(expected)), "{expected} is missing:\n{output}");
    }
    for foreign in ["x-private-b-example-com", "shop", "platform"] {
        assert!(!output.contains(foreign), "{foreign}:\n{output}");
    }
    google.count();
    let document = stdout(&succeed(&mut delete(&google, home.path(), &case, &["-o", "json"])));
    for request in google.requests() {
        assert!(request.starts_with("GET ") || request.ends_with(":getIamPolicy"), "{request}");
    }
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["deleted"], json!(false));
    assert!(
        document["resources"].as_array().unwrap().iter().any(|r| r["type"] == "Network" && r["id"] == "b-example-com")
    );
    assert_same(&before, &google.world(), "the preview");
}

#[test]
fn unregistering_deletes_only_the_state() {
    let case = with_records();
    let home = tempfile::tempdir().unwrap();
    let Some(google) = world_of_others(&case, home.path()) else { return };
    let before = google.world();
    case.create(&google, home.path());
    let created = google.world();
    succeed(&mut delete(&google, home.path(), &case, &["--yes", "--unregister"]));
    let after = google.world();
    assert_eq!(after["resources"], created["resources"]);
    assert_eq!(after["accounts"], created["accounts"]);
    assert_eq!(after["buckets"][BUCKET]["objects"], before["buckets"][BUCKET]["objects"]);
}

/// A backend that another team added keeps the service, which is reported; the rest of the cluster is still known.
#[test]
fn a_backend_service_that_others_use_is_kept_and_reported() {
    let case = with_load_balancers();
    let home = tempfile::tempdir().unwrap();
    let Some(google) = world_of_others(&case, home.path()) else { return };
    case.create(&google, home.path());
    let template = format!("{}/shop", global("instanceTemplates"));
    let group = format!("{}/shop", zonal("instanceGroups"));
    let service = format!("{}/api-b-example-com", regional("backendServices"));
    google.add(&[
        (global("instanceTemplates"), json!({ "name": "shop", "properties": {} })),
        (zonal("instanceGroupManagers"), json!({ "name": "shop", "instanceTemplate": template })),
    ]);
    google.set_fields(&service, &json!({ "backends": [{ "group": group }] }));
    let output = succeed(&mut delete(&google, home.path(), &case, &[]));
    assert!(stderr(&output).contains("backend service api-b-example-com is kept"), "{}", stderr(&output));
    assert!(!stdout(&output).contains("BackendService"), "{}", stdout(&output));
}

#[track_caller]
fn assert_same(before: &Value, after: &Value, what: &str) {
    let different = differences(before, after);
    assert!(different.is_empty(), "{what}: {}", different.join("\n"));
}

fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut after = after.clone();
    // What is next to backups of etcd is kept with them, as in kops.
    after["buckets"]["backups"]["objects"] = before["buckets"]["backups"]["objects"].clone();
    let mut different = Vec::new();
    for (part, value) in before.as_object().unwrap() {
        let (before, after) = (value.as_object().unwrap(), after[part].as_object().unwrap());
        let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys.into_iter().filter(|key| before.get(*key) != after.get(*key)) {
            different.push(format!("{part} {key}: {:?} became {:?}", before.get(key), after.get(key)));
        }
    }
    different
}
