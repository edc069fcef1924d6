//! Target direct on Google Cloud: a preview reads, `--yes` makes it so, an interrupted update is continued, and what belongs to others
//! stays as it is.
//!
//! `KOPSFORM_TEST_EVERY_POINT=1` kills after each request that changes something, and not only after some.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::simulated_aws::lock_of_node_software;
use crate::support::simulated_google::{PROJECT, REGION, SimulatedGoogle};
use crate::support::{points, stderr, stdout, succeed};

const NAME: &str = "direct.example.com";
/// How many points are tried unless all are.
const SOME: usize = 4;

/// A cluster with a public load balancer, nodes in two zones, and Cloud NAT.
const CLUSTER: &str = r#"apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata: {name: direct.example.com}
spec:
  channel: none
  cloudProvider: gce
  project: example-project
  configBase: gs://state/direct.example.com
  etcdClusters:
  - {name: main, etcdMembers: [{name: a, instanceGroup: control-plane-a}], backups: {backupStore: "gs://backups/direct"}}
  - {name: events, etcdMembers: [{name: a, instanceGroup: control-plane-a}]}
  iam: {legacy: false}
  kubelet: {anonymousAuth: false}
  kubernetesApiAccess: [0.0.0.0/0]
  kubernetesVersion: 1.36.0
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess: [10.0.0.0/8]
  networking: {cilium: {}}
  topology: {dns: {type: None}}
  api: {loadBalancer: {type: Public}}
  subnets:
  - {name: us-test1, region: us-test1, type: Private, cidr: 10.0.16.0/20}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: control-plane-a, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: Master, image: ubuntu-os-cloud/ubuntu, machineType: e2-medium, minSize: 1, maxSize: 1, subnets: [us-test1], zones: [us-test1-a]}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: nodes, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: Node, image: ubuntu-os-cloud/ubuntu, machineType: e2-medium, minSize: 2, maxSize: 3, subnets: [us-test1], zones: [us-test1-a, us-test1-b]}
"#;

fn kopsform(google: &SimulatedGoogle, home: &Path) -> Command {
    let lock = home.join("kopsform.lock");
    if !lock.exists() {
        std::fs::write(&lock, lock_of_node_software()).unwrap();
    }
    let mut command = google.kopsform(home);
    command.env("KOPSFORM_LOCK", lock);
    command
}

fn store(google: &SimulatedGoogle, home: &Path, spec: &str) {
    let file = home.join("cluster.yaml");
    std::fs::write(&file, spec).unwrap();
    succeed(kopsform(google, home).args(["replace", "--force", "-f"]).arg(&file));
}

fn update(google: &SimulatedGoogle, home: &Path, more: &[&str]) -> Command {
    let mut command = kopsform(google, home);
    let cluster = ["update", "cluster", "--name", NAME, "--target", "direct", "--create-kube-config=false"];
    command.args(cluster).args(more);
    command
}

fn shown(command: &mut Command) -> String {
    stdout(&succeed(command))
}

/// A simulator with the cluster and its keysets in its store, and a home.
fn start(spec: &str) -> Option<(SimulatedGoogle, tempfile::TempDir)> {
    let google = SimulatedGoogle::start()?;
    google.give_keys(NAME);
    let home = tempfile::tempdir().unwrap();
    store(&google, home.path(), spec);
    Some((google, home))
}

/// Requests that change something. Policies are read with POST.
fn writes(google: &SimulatedGoogle) -> Vec<String> {
    let is_read = |request: &String| request.starts_with("GET ") || request.ends_with(":getIamPolicy");
    google.requests().into_iter().filter(|request| !is_read(request)).collect()
}

/// What exists, without what differs each time: names of templates end with a time, those of instances are random, and the files of
/// the store depend on keys.
fn contents(google: &SimulatedGoogle) -> Value {
    let mut world = google.world();
    for resource in world["resources"].as_object_mut().unwrap().values_mut() {
        // It has certificates and addresses.
        resource["properties"]["metadata"] = Value::Null;
        resource["IPAddress"] = Value::Null;
        resource["address"] = Value::Null;
    }
    let resources: Vec<(String, Value)> = world["resources"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, _)| !path.contains("/instances/"))
        .map(|(path, body)| (without_time(path), serde_json::from_str(&without_time(&body.to_string())).unwrap()))
        .collect();
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for path in world["resources"].as_object().unwrap().keys() {
        *counts.entry(path.rsplit_once('/').unwrap().0).or_default() += 1;
    }
    json!({
        "resources": resources.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "counts": counts,
        "accounts": world["accounts"], "policies": world["policies"], "records": world["records"],
        "objects": world["buckets"]["state"]["objects"], "policy": world["buckets"]["backups"]["policy"],
    })
}

/// A string without the ten digits of the second in which a template was created.
fn without_time(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive('-') {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        out.push_str(if digits == 10 { "TIME" } else { "" });
        out.push_str(if digits == 10 { &part[10..] } else { part });
    }
    out
}

/// Asserts that two contents are the same, and names what differs.
fn assert_same(found: &Value, expected: &Value, context: &str) {
    for (part, wanted) in expected.as_object().unwrap() {
        match (wanted.as_object(), found[part].as_object()) {
            (Some(wanted), Some(found)) => {
                let names: std::collections::BTreeSet<&String> = wanted.keys().chain(found.keys()).collect();
                for name in names {
                    assert_eq!(found.get(name), wanted.get(name), "{context}: {part}: {name}");
                }
            }
            _ => assert_eq!(&found[part], wanted, "{context}: {part}"),
        }
    }
}

#[test]
fn a_new_cluster_is_previewed_when_it_is_stored_and_created_with_yes() {
    let Some(google) = SimulatedGoogle::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let create = |name: &str, more: &[&str]| {
        let mut command = kopsform(&google, home);
        command.args(["create", "cluster", name, "--cloud", "gce", "--project", PROJECT, "--zones", "us-test1-a"]);
        command.args(["--kubernetes-version", "1.36.0", "--dns", "none"]).args(more);
        command
    };
    let networks =
        || google.world()["resources"].as_object().unwrap().keys().filter(|k| k.contains("/networks/")).count();
    let before = networks();

    let previewed = shown(&mut create("stored.example.com", &[]));
    let later = shown(kopsform(&google, home).args(["update", "cluster", "stored.example.com"]));
    assert!(later.contains("  Network/stored-example-com\n"), "{later}");
    assert!(previewed.contains(&later), "the specs are stored as previewed: {later}");
    assert_eq!(networks(), before, "a preview creates nothing");

    let created = shown(&mut create("new.example.com", &["--yes"]));
    assert!(created.contains("Applied "), "{created}");
    assert_eq!(networks(), before + 1);
    let kubeconfig = std::fs::read_to_string(home.join("kubeconfig")).unwrap();
    assert!(kubeconfig.contains("current-context: new.example.com"), "{kubeconfig}");
    let again = shown(kopsform(&google, home).args(["update", "cluster", "new.example.com"]));
    assert_eq!(again, "No changes need to be applied\n");
}

#[test]
fn what_is_applied_is_as_desired_and_only_changes_are_made_later() {
    let Some((google, home)) = start(CLUSTER) else { return };
    let home = home.path();
    google.count();
    let preview = shown(&mut update(&google, home, &[]));
    for task in
        ["Network/direct-example-com", "InstanceTemplate/nodes-direct-example-com", "Address/api-direct-example-com"]
    {
        assert!(preview.contains(&format!("\n  {task}\n")), "{task}: {preview}");
    }
    assert!(preview.ends_with("Must specify --yes to apply changes\n"), "{preview}");
    assert_eq!(writes(&google), Vec::<String>::new(), "a preview writes nothing");

    succeed(&mut update(&google, home, &["--yes"]));
    assert_eq!(shown(&mut update(&google, home, &[])), "No changes need to be applied\n");
    google.count();
    assert_eq!(shown(&mut update(&google, home, &["--yes"])), "No changes need to be applied\n");
    assert_eq!(writes(&google), Vec::<String>::new());

    // A template never changes: another one replaces it, and the earlier one stays.
    store(
        &google,
        home,
        &CLUSTER.replacen("machineType: e2-medium, minSize: 2", "machineType: e2-standard-2, minSize: 2", 1),
    );
    let document = shown(&mut update(&google, home, &["-o", "json"]));
    let document: Value = serde_json::from_str(&document).unwrap();
    let created: Vec<&Value> = document["create"].as_array().unwrap().iter().map(|task| &task["task"]).collect();
    assert_eq!(created, [&json!("InstanceTemplate/nodes-direct-example-com")]);
    let groups = document["modify"].as_array().unwrap().iter().filter(|task| task["kind"] == "InstanceGroupManager");
    for group in groups.clone() {
        let unknown = json!({"unknown": "InstanceTemplate/nodes-direct-example-com"});
        assert_eq!(group["fields"]["InstanceTemplate"]["to"], unknown, "{group}");
    }
    assert_eq!(groups.count(), 2, "{document}");
    succeed(&mut update(&google, home, &["--yes"]));
    assert_eq!(shown(&mut update(&google, home, &[])), "No changes need to be applied\n");
    let world = google.world();
    let templates =
        world["resources"].as_object().unwrap().keys().filter(|path| path.contains("/instanceTemplates/nodes-"));
    assert_eq!(templates.count(), 2);

    // What Google cannot change is refused before anything is.
    store(&google, home, &CLUSTER.replace("10.0.16.0/20", "10.0.32.0/20"));
    google.count();
    let refused = update(&google, home, &["--yes"]).output().unwrap();
    assert!(
        stderr(&refused).contains("CIDR cannot be changed from 10.0.16.0/20 to 10.0.32.0/20"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(writes(&google), Vec::<String>::new());
}

#[test]
fn lists_in_pages_and_slow_operations_change_nothing() {
    let Some((google, home)) = start(CLUSTER) else { return };
    succeed(&mut update(&google, home.path(), &["--yes"]));
    let expected = contents(&google);
    let Some((google, home)) = start(CLUSTER) else { return };
    google.set_pace(2, 3);
    succeed(&mut update(&google, home.path(), &["--yes"]));
    assert_same(&contents(&google), &expected, "2 on a page");
    assert_eq!(shown(&mut update(&google, home.path(), &[])), "No changes need to be applied\n");
}

/// Each time, the answer to a request that changed something is lost: then the next update must not do it again.
#[test]
fn an_update_that_is_killed_at_any_change_is_continued_by_the_next() {
    // Without keysets: creating them is interrupted, too.
    let Some(google) = SimulatedGoogle::start() else { return };
    let home = tempfile::tempdir().unwrap();
    store(&google, home.path(), CLUSTER);
    google.set_pace(2, 2);
    google.save();
    google.count();
    succeed(&mut update(&google, home.path(), &["--yes"]));
    let (expected, total) = (contents(&google), writes(&google).len());
    assert!(total > 40, "{total}");
    let points = points(total, SOME);
    let (mut kills, is_long) = (0, points.len() > SOME);
    for point in points {
        if is_long {
            eprintln!("killed after change {point} of {total}");
        }
        google.restore();
        let mut killed = update(&google, home.path(), &["--yes"]);
        let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        google.kill_after_write(killed.id(), point);
        kills += usize::from(!killed.wait().unwrap().success());
        google.count();
        succeed(&mut update(&google, home.path(), &["--yes"]));
        assert_same(&contents(&google), &expected, &format!("killed at {point} of {total}"));
        assert_eq!(shown(&mut update(&google, home.path(), &[])), "No changes need to be applied\n");
    }
    assert!(kills >= SOME, "{kills} runs were killed");
}

#[test]
fn members_of_roles_labels_and_rules_of_others_stay() {
    let Some((google, home)) = start(CLUSTER) else { return };
    let home = home.path();
    let role = "roles/container.serviceAgent";
    let others = json!([
        {"role": role, "members": ["serviceAccount:gke@example.com"]},
        {"role": role, "members": ["user:u@example.com"], "condition": {"title": "t", "expression": "false"}},
        {"role": "roles/owner", "members": ["user:owner@example.com"]},
    ]);
    google.set_project_policy(&json!({ "bindings": others }));
    google.set_bucket_policy(
        "backups",
        &json!({ "bindings": [{"role": "roles/storage.objectAdmin", "members": ["user:u@example.com"]}] }),
    );
    let firewalls = format!("projects/{PROJECT}/global/firewalls");
    google.add(&[(firewalls.clone(), json!({ "name": "theirs", "allowed": [{ "IPProtocol": "tcp" }] }))]);
    succeed(&mut update(&google, home, &["--yes"]));

    let world = google.world();
    let bindings = &world["policies"][PROJECT]["bindings"];
    let members = bindings[0]["members"].as_array().unwrap();
    assert_eq!((members.len(), &members[0]), (2, &json!("serviceAccount:gke@example.com")), "{bindings}");
    assert_eq!((&bindings[1], &bindings[2]), (&others[1], &others[2]));
    let members = &world["buckets"]["backups"]["policy"]["bindings"][0]["members"];
    assert_eq!(members.as_array().unwrap().len(), 2, "{members}");
    assert!(world["resources"][format!("{firewalls}/theirs")].is_object());
}

#[test]
fn what_was_changed_by_hand_is_set_back() {
    let Some((google, home)) = start(CLUSTER) else { return };
    let home = home.path();
    succeed(&mut update(&google, home, &["--yes"]));
    let expected = contents(&google);
    google.set_project_policy(&json!({ "bindings": [] }));
    let preview = shown(&mut update(&google, home, &[]));
    assert!(
        preview.starts_with("Will create resources:\n  ProjectIAMBinding/serviceaccount-control-plane\n"),
        "{preview}"
    );
    succeed(&mut update(&google, home, &["--yes"]));
    assert_same(&contents(&google), &expected, "the member is back");
}

#[test]
fn a_network_of_others_is_used_and_left_as_it_is() {
    let spec = CLUSTER
        .replace("  subnets:\n", "  networkID: shared\n  subnets:\n")
        .replace("type: Private, cidr: 10.0.16.0/20}", "type: Public, cidr: 10.60.0.0/20, id: team-a}");
    let Some((google, home)) = start(&spec) else { return };
    let home = home.path();
    // Nothing is written before it is known that the network exists.
    google.count();
    let missing = update(&google, home, &["--yes"]).output().unwrap();
    assert!(stderr(&missing).contains("Network/shared: shared does not exist"), "{}", stderr(&missing));
    assert_eq!(writes(&google), Vec::<String>::new());

    let network = format!("projects/{PROJECT}/global/networks");
    let subnets = format!("projects/{PROJECT}/regions/{REGION}/subnetworks");
    let subnet = json!({
        "name": "team-a", "ipCidrRange": "10.60.0.0/20", "stackType": "IPV4_ONLY", "network": format!("{network}/shared"),
    });
    google.add(&[
        (network.clone(), json!({ "name": "shared", "autoCreateSubnetworks": false })),
        (subnets.clone(), subnet),
    ]);
    let before = google.world();
    succeed(&mut update(&google, home, &["--yes"]));
    let after = google.world();
    for path in [format!("{network}/shared"), format!("{subnets}/team-a")] {
        assert_eq!(after["resources"][&path], before["resources"][&path], "{path}");
    }
    let resources = after["resources"].as_object().unwrap();
    assert!(resources.keys().all(|path| !path.contains("/routers/")), "others provide the way out");
    assert_eq!(shown(&mut update(&google, home, &[])), "No changes need to be applied\n");
}

#[test]
fn a_lock_is_held_in_the_bucket_while_changes_are_made() {
    let Some((google, home)) = start(CLUSTER) else { return };
    let home = home.path();
    succeed(kopsform(&google, home).args(["state", "lock", "--name", NAME]));
    google.count();
    let refused = update(&google, home, &["--yes"]).output().unwrap();
    assert!(!refused.status.success() && stderr(&refused).contains("lock"), "{}", stderr(&refused));
    let of_compute: Vec<String> = writes(&google).into_iter().filter(|request| request.contains("/compute/")).collect();
    assert_eq!(of_compute, Vec::<String>::new());

    // The update takes the lock before its first change, and releases it after the last one.
    let Some((google, home)) = start(CLUSTER) else { return };
    google.count();
    succeed(&mut update(&google, home.path(), &["--yes"]));
    let requests = google.requests();
    let is_of_lock = |request: &&String| request.contains(".kopsform") && !request.starts_with("GET ");
    let released = requests.iter().rposition(|request| is_of_lock(&request));
    let changed = requests.iter().rposition(|request| request.starts_with("POST ") && request.contains("/compute/"));
    assert!(released > changed && changed.is_some(), "{requests:#?}");
}

/// With the first group of API servers, kops-controller gets a backend service of its own, which its forwarding rule then leads to.
#[test]
fn a_forwarding_rule_is_led_to_another_backend_service() {
    let gossip = |spec: &str| spec.replace(NAME, "direct.k8s.local").replace("type: None", "type: Private");
    let Some((google, home)) = start(&gossip(CLUSTER)) else { return };
    let home = home.path();
    let update = |more: &[&str]| {
        let mut command = kopsform(&google, home);
        let cluster = ["update", "cluster", "direct.k8s.local", "--target", "direct", "--create-kube-config=false"];
        command.args(cluster).args(more).env("KOPS_FEATURE_FLAGS", "+APIServerNodes");
        shown(&mut command)
    };
    update(&["--yes"]);
    let rule = format!("projects/{PROJECT}/regions/{REGION}/forwardingRules/kops-controller-us-test1-direct-k8s-local");
    let first = google.world()["resources"][&rule].clone();
    let service = |rule: &Value| rule["backendService"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(service(&first), "api-direct-k8s-local");

    let group = r#"---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata: {name: apiserver, labels: {kops.k8s.io/cluster: direct.example.com}}
spec: {role: APIServer, image: ubuntu-os-cloud/ubuntu, machineType: e2-medium, minSize: 1, maxSize: 1, subnets: [us-test1], zones: [us-test1-a]}
"#;
    let file = home.join("cluster.yaml");
    std::fs::write(&file, gossip(&format!("{CLUSTER}{group}"))).unwrap();
    let mut replace = kopsform(&google, home);
    succeed(replace.env("KOPS_FEATURE_FLAGS", "+APIServerNodes").args(["replace", "--force", "-f"]).arg(&file));
    update(&["--yes"]);
    let second = google.world()["resources"][&rule].clone();
    assert_eq!(service(&second), "kops-controller-direct-k8s-local");
    assert_eq!(second["IPAddress"], first["IPAddress"], "its address stays");
    assert_eq!(update(&[]), "No changes need to be applied\n");
}

/// What instances are started from is compared with what the spec says; where no stage was done, none counts as done.
#[test]
fn the_stages_of_an_upgrade_follow_the_templates() {
    let Some((google, home)) = start(CLUSTER) else { return };
    let home = home.path();
    succeed(&mut update(&google, home, &["--yes"]));
    let states = || {
        let mut plan = kopsform(&google, home);
        plan.args(["upgrade", "plan", NAME, "--out", "out", "--api-server", "https://127.0.0.1:1", "-o", "json"]);
        let plan: Value = serde_json::from_str(&shown(&mut plan)).unwrap();
        let stages = plan["stages"].as_array().unwrap().iter();
        stages
            .map(|stage| (stage["state"].as_str().unwrap().to_owned(), stage["evidence"].to_string()))
            .collect::<Vec<_>>()
    };
    let done = states();
    assert!(done.iter().all(|(state, _)| state == "done"), "{done:?}");
    assert!(done[2].1.contains("launch templates are up to date: nodes"), "{done:?}");

    store(&google, home, &CLUSTER.replace("ubuntu-os-cloud/ubuntu", "ubuntu-os-cloud/newer"));
    let next = states();
    let names: Vec<&str> = next.iter().map(|(state, _)| state.as_str()).collect();
    assert_eq!(names, ["next", "waiting", "waiting", "waiting"], "{next:?}");
    assert!(next[0].1.contains("image (ubuntu-os-cloud/ubuntu, not ubuntu-os-cloud/newer)"), "{next:?}");

    succeed(&mut update(&google, home, &["--yes"]));
    let applied = states();
    assert_eq!((applied[0].0.as_str(), applied[1].0.as_str()), ("done", "next"), "{applied:?}");
    assert!(applied[1].1.contains("control-plane-a: 1 of 1 instances is out of date"), "{applied:?}");
}
