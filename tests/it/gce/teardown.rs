//! `delete cluster` on Google Cloud: nothing of the cluster remains, and everything else stays as it was.

use kopsform_model::Graph;
use kopsform_model::fixture::{Fixture, group};
use kopsform_spec::names::gce::{self as names, Role};
use kopsform_spec::v1alpha2::{
    Api, CloudConfiguration, DnsTopology, DnsType, EtcdBackup, InstanceGroupRole, LoadBalancerAccess, LoadBalancerType,
    Topology,
};
use serde_json::{Value, json};

use super::apply::apply;
use crate::support::simulated_google::{BUCKET, PROJECT, REGION, SimulatedGoogle};
use crate::support::{stderr, stdout, succeed};

/// A cluster of a test.
pub(super) struct Case {
    pub(super) fixture: Fixture,
    pub(super) graph: Graph,
}

impl Case {
    fn new(name: &str, change: impl FnOnce(&mut Fixture)) -> Self {
        let mut fixture = Fixture::google();
        fixture.cluster.metadata.name = name.to_owned();
        let spec = &mut fixture.cluster.spec;
        spec.project = PROJECT.to_owned();
        spec.channel = "stable".to_owned();
        spec.kubernetes_version = "1.34.1".to_owned();
        spec.config_base = format!("gs://{BUCKET}/{name}");
        set_dns(&mut fixture, DnsType::None);
        change(&mut fixture);
        let graph = fixture.google_cluster().unwrap();
        Self { fixture, graph }
    }

    fn name(&self) -> &str {
        &self.fixture.cluster.metadata.name
    }

    /// Stores the cluster and creates its resources.
    fn create(&self, google: &SimulatedGoogle) {
        let name = self.name();
        let cluster = kopsform_state::stored_cluster(&self.fixture.cluster);
        let mut objects = vec![object(&format!("{name}/config"), &cluster)];
        for group in &self.fixture.groups {
            let key = format!("{name}/instancegroup/{}", group.metadata.name);
            objects.push(object(&key, &kopsform_state::stored_instance_group(group)));
        }
        google.add(&objects);
        apply(google, &self.graph);
    }
}

fn object(key: &str, content: &impl serde::Serialize) -> (String, Value) {
    let content = kopsform_state::encode(content).unwrap();
    let content = std::str::from_utf8(&content).unwrap();
    ("objects".to_owned(), json!({ "bucket": BUCKET, "name": key, "content": content }))
}

fn set_dns(fixture: &mut Fixture, kind: DnsType) {
    let dns = Some(DnsTopology { r#type: Some(kind) });
    fixture.cluster.spec.topology = Some(Topology { dns, ..Topology::default() });
}

fn set_load_balancer(fixture: &mut Fixture, kind: LoadBalancerType) {
    let access = LoadBalancerAccess { r#type: Some(kind), ..LoadBalancerAccess::default() };
    fixture.cluster.spec.api = Some(Api { load_balancer: Some(access), ..Api::default() });
}

fn add_group(fixture: &mut Fixture, name: &str, role: InstanceGroupRole) {
    let mut group = group(name, role);
    group.spec.zones = vec![format!("{REGION}-a")];
    fixture.groups.push(group);
}

/// Without a load balancer, and with records in Cloud DNS.
fn with_records() -> Case {
    Case::new("a.example.com", |fixture| set_dns(fixture, DnsType::Public))
}

/// Both load balancers, a bastion, and Cloud NAT.
fn with_load_balancers() -> Case {
    Case::new("b.example.com", |fixture| {
        set_load_balancer(fixture, LoadBalancerType::Public);
        add_group(fixture, "bastions", InstanceGroupRole::Bastion);
    })
}

/// In a network of the platform team, whose subnets it uses.
fn in_existing_network() -> Case {
    Case::new("c.example.com", |fixture| {
        set_load_balancer(fixture, LoadBalancerType::Internal);
        fixture.cluster.spec.network_id = "platform".to_owned();
        for subnet in &mut fixture.cluster.spec.subnets {
            subnet.id = "platform-nodes".to_owned();
        }
    })
}

/// A name that is too long for most resources, API servers of their own, and backups in another bucket.
fn with_truncated_names() -> Case {
    let name = "a-rather-long-cluster-name-for-testing-limits.example.com";
    Case::new(name, |fixture| {
        set_load_balancer(fixture, LoadBalancerType::Public);
        add_group(fixture, "apiservers", InstanceGroupRole::ApiServer);
        let backups = EtcdBackup { backup_store: "gs://backups/etcd".to_owned(), ..EtcdBackup::default() };
        for etcd in &mut fixture.cluster.spec.etcd_clusters {
            etcd.backups = Some(backups.clone());
        }
    })
}

/// Gossip, and a service account that the user made.
fn with_given_account() -> Case {
    Case::new("e.k8s.local", |fixture| {
        let account = format!("nodes@{PROJECT}.iam.gserviceaccount.com");
        let cloud = CloudConfiguration { gce_service_account: account, ..CloudConfiguration::default() };
        fixture.cluster.spec.cloud_config = Some(cloud);
    })
}

pub(super) fn cases() -> [Case; 5] {
    [with_records(), with_load_balancers(), in_existing_network(), with_truncated_names(), with_given_account()]
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

/// A world with resources of others: a platform team, and clusters whose names end or begin with a cluster's.
fn world_of_others(case: &Case) -> Option<SimulatedGoogle> {
    let google = SimulatedGoogle::start()?;
    let (name, safe) = (case.name(), names::safe_cluster_name(case.name()));
    let short: String = safe.chars().take(30).collect();
    let network = format!("{}/platform", global("networks"));
    let service = |name: &str| (regional("backendServices"), json!({ "name": name }));
    let others = [
        (format!("projects/{PROJECT}/serviceAccounts"), json!({ "accountId": "nodes", "serviceAccount": {} })),
        (global("networks"), json!({ "name": "platform" })),
        (regional("subnetworks"), json!({ "name": "platform-nodes", "network": network })),
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
    let has_load_balancer = case.fixture.cluster.spec.api.is_some();
    let before = if has_load_balancer { "x-private" } else { "private" };
    for other in [format!("{before}-{name}"), format!("{name}.example.org")] {
        let change = |fixture: &mut Fixture| set_load_balancer(fixture, LoadBalancerType::Public);
        Case::new(&other, change).create(&google);
    }
    Some(google)
}

/// Whether the state of a cluster, which is deleted last, still exists.
fn is_stored(google: &SimulatedGoogle, case: &Case) -> bool {
    let config = format!("{}/config", case.name());
    google.world()["buckets"][BUCKET]["objects"].as_array().unwrap().contains(&json!(config))
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
    let network = match case.fixture.cluster.spec.network_id.as_str() {
        "" => names::network(name),
        existing => existing.to_owned(),
    };
    let network = format!("{}/{network}", global("networks"));
    let mut made = vec![
        (global("httpHealthChecks"), json!({ "name": "k8s-0123456789abcdef-node" })),
        (regional("targetPools"), json!({ "name": service, "healthChecks": [check] })),
        (
            regional("forwardingRules"),
            json!({ "name": service, "target": format!("{}/{service}", regional("targetPools")) }),
        ),
        (global("firewalls"), json!({ "name": format!("k8s-fw-{service}"), "network": network, "targetTags": [tag] })),
        (
            global("firewalls"),
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
        (global("firewalls"), json!({ "name": format!("k8s-fw-{internal}"), "network": network, "targetTags": [tag] })),
        (
            global("firewalls"),
            json!({ "name": "k8s-0123456789abcdef-node-hc", "network": network, "targetTags": [tag] }),
        ),
        (global("firewalls"), json!({ "name": format!("{internal}-hc"), "network": network, "targetTags": [tag] })),
        (zonal("disks"), json!({ "name": "pvc-51a343e2", "labels": { "k8s-io-cluster-name": safe } })),
        (
            global("routes"),
            json!({
                "name": route_name(&safe), "network": network, "nextHopInstance": instance,
            }),
        ),
    ];
    if case.fixture.cluster.publishes_dns_records() {
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

fn delete(google: &SimulatedGoogle, home: &std::path::Path, case: &Case, arguments: &[&str]) -> std::process::Command {
    let mut command = google.kopsform(home);
    command.args(["delete", "cluster", case.name()]).args(arguments);
    command
}

const YES: [&str; 5] = ["--yes", "--interval", "50ms", "--wait", "60s"];

#[test]
fn a_deleted_cluster_leaves_the_world_as_it_was() {
    for case in cases() {
        let Some(google) = world_of_others(&case) else { return };
        let home = tempfile::tempdir().unwrap();
        google.set_pace(2, 3);
        let before = google.world();
        case.create(&google);
        add_what_kubernetes_makes(&google, &case);
        let output = stdout(&succeed(&mut delete(&google, home.path(), &case, &YES)));
        assert_same(&before, &google.world(), case.name());
        // In the right order, Google refuses nothing as being in use.
        assert!(!output.contains("will retry"), "{output}");
    }
}

/// Each test is killed at other requests: before one is carried out, and after it was, when its answer is lost.
#[test]
fn a_deletion_that_is_killed_is_completed_by_the_next_one() {
    // All of them take hours on a small machine; KOPSFORM_TEST_EVERY_POINT kills at each.
    let every = std::env::var_os("KOPSFORM_TEST_EVERY_POINT").is_some();
    for (index, case) in cases().into_iter().enumerate() {
        let Some(google) = world_of_others(&case) else { return };
        let home = tempfile::tempdir().unwrap();
        google.set_pace(2, 3);
        let before = google.world();
        let (step, mut kills) = (if every { 1 } else { 41 }, 0);
        for at in (1 + index * 7..).step_by(step) {
            case.create(&google);
            add_what_kubernetes_makes(&google, &case);
            let mut child = delete(&google, home.path(), &case, &YES);
            child.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            // Requests are counted from the order to kill on. The command takes longer to start.
            let mut child = child.spawn().unwrap();
            google.kill(child.id(), at, at % 2 == 0);
            let killed = child.wait().unwrap().code().is_none();
            google.count();
            if is_stored(&google, &case) {
                succeed(&mut delete(&google, home.path(), &case, &YES));
            }
            // A command that is killed after it deleted the state leaves its lock, which the next one ignores.
            let after = without_locks(google.world());
            assert_same(&before, &after, &format!("{} killed at request {at}", case.name()));
            if !killed {
                break;
            }
            kills += 1;
        }
        assert!(kills > 2, "{}: {kills} runs were killed", case.name());
    }
}

#[test]
fn a_preview_changes_nothing_and_lists_what_would_be_deleted() {
    let case = with_load_balancers();
    let Some(google) = world_of_others(&case) else { return };
    let home = tempfile::tempdir().unwrap();
    case.create(&google);
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
    let Some(google) = world_of_others(&case) else { return };
    let home = tempfile::tempdir().unwrap();
    let before = google.world();
    case.create(&google);
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
    let Some(google) = world_of_others(&case) else { return };
    let home = tempfile::tempdir().unwrap();
    case.create(&google);
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

fn without_locks(mut world: Value) -> Value {
    let objects = world["buckets"][BUCKET]["objects"].as_array_mut().unwrap();
    objects.retain(|key| !key.as_str().unwrap().ends_with("/lock"));
    world
}

#[track_caller]
fn assert_same(before: &Value, after: &Value, what: &str) {
    if before == after {
        return;
    }
    let mut different = Vec::new();
    for (part, value) in before.as_object().unwrap() {
        let (before, after) = (value.as_object().unwrap(), after[part].as_object().unwrap());
        for key in before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key)) {
            different.push(format!("{part} {key}: {:?} became {:?}", before.get(key), after.get(key)));
        }
    }
    panic!("{what}: {}", different.join("\n"));
}
