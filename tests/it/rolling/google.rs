//! The scenarios of rolling updates on Google Cloud. The simulation checks the rules of an update in each of them.
//!
//! Those of AWS that are left out need what managed instance groups do not have: detached instances, surge, warm pools, deregistration
//! from load balancers, suspended processes.

use serde_json::{Value, json};

use crate::support::simulated_google_cluster::{Seen, SimulatedGoogleCluster, group};
use crate::support::{stderr, stdout, succeed};

/// Nothing is slept: replacements are ready at once.
const FAST: [&str; 5] = [
    "--node-interval=0s",
    "--control-plane-interval=0s",
    "--bastion-interval=0s",
    "--post-drain-delay=0s",
    "--validate-count=1",
];

const A: &str = "us-test1-a";
const B: &str = "us-test1-b";

fn control_plane() -> Value {
    group("control-plane-a", "ControlPlane", 1, json!({}))
}

/// A cluster with workers, next to one instance of the control plane.
fn workers(size: usize, more: Value, cluster: Value) -> Option<SimulatedGoogleCluster> {
    SimulatedGoogleCluster::start(&[control_plane(), group("nodes", "Node", size, more)], cluster)
}

fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["rolling-update", "cluster"].into_iter().chain(FAST).chain(more.iter().copied()).collect()
}

/// Runs an update that has to succeed, and to have done everything.
#[track_caller]
fn updated(cluster: &mut SimulatedGoogleCluster, more: &[&str]) -> Seen {
    let more: Vec<_> = ["--yes"].into_iter().chain(more.iter().copied()).collect();
    succeed(&mut cluster.with_kubernetes(&arguments(&more)));
    let seen = cluster.seen();
    seen.is_done();
    seen
}

/// Runs an update that has to fail, and keep the rules.
#[track_caller]
fn failed(cluster: &mut SimulatedGoogleCluster, more: &[&str]) -> (String, Seen) {
    let more: Vec<_> = ["--yes"].into_iter().chain(more.iter().copied()).collect();
    let output = cluster.with_kubernetes(&arguments(&more)).output().unwrap();
    assert!(!output.status.success(), "{}", stderr(&output));
    let seen = cluster.seen();
    seen.keeps_the_rules();
    (stderr(&output), seen)
}

#[test]
fn an_instance_is_tainted_drained_and_recreated_under_its_name() {
    let pods = json!([{ "group": "nodes", "count": 2 }]);
    let Some(mut cluster) = workers(2, json!({ "outdated": 2 }), json!({ "pods": pods })) else { return };
    let before = cluster.seen().members["nodes"].clone();
    let seen = updated(&mut cluster, &[]);
    let [first, second] = before.as_slice() else { panic!("there were two: {before:?}") };
    let one = |name: &str, pod: usize| {
        [
            format!("patch {name} unschedulable"),
            format!("evict nodes-web-{pod}"),
            format!("delete node {name}"),
            format!("recreate {name}"),
        ]
    };
    let taints = [first, second].map(|name| format!("patch {name} taints"));
    let expected: Vec<_> = taints.into_iter().chain(one(first, 0)).chain(one(second, 1)).collect();
    assert_eq!(seen.changes, expected);
    assert_eq!(seen.members["nodes"], before, "names are kept");
    let again = succeed(&mut cluster.with_kubernetes(&arguments(&["--yes"])));
    assert!(stdout(&again).ends_with("\nNo rolling-update required.\n"), "{}", stdout(&again));
}

#[test]
fn the_simulation_notices_what_breaks_the_rules() {
    let Some(mut cluster) = workers(1, json!({ "outdated": 1 }), json!({})) else { return };
    let node = cluster.seen().members["nodes"][0].clone();
    // Nothing is drained.
    succeed(&mut cluster.kopsform(&arguments(&["--yes", "--cloudonly"])));
    let expected = ["is recreated, and its node exists", "got the node of the instance before it"];
    assert_eq!(cluster.seen().broken, expected.map(|what| format!("{node} {what}")));
}

#[test]
fn a_group_in_two_zones_is_one_group_with_a_line_for_each_zone() {
    let more = json!({ "zones": [A, B], "outdated": 3 });
    let Some(mut cluster) = workers(3, more, json!({})) else { return };
    let shown = succeed(&mut cluster.with_kubernetes(&arguments(&[])));
    let lines: Vec<Vec<String>> =
        stdout(&shown).lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let row = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        lines[..4],
        [
            row("NAME STATUS NEEDUPDATE READY MIN TARGET MAX NODES"),
            row("control-plane-a Ready 0 1 1 1 1 1"),
            row("nodes NeedsUpdate 1 0 1 1 1 1"),
            row("nodes NeedsUpdate 2 0 2 2 2 2"),
        ]
    );
    assert!(cluster.seen().changes.is_empty(), "a dry run changes nothing");
    let seen = updated(&mut cluster, &[]);
    assert_eq!(seen.recreated(), cluster.seen().members["nodes"], "zone by zone, in the order of the API");
}

#[test]
fn bastions_come_first_then_the_control_plane_and_workers_one_group_after_the_other() {
    let plane = |zone: &str| {
        group(
            &format!("control-plane-{zone}"),
            "ControlPlane",
            1,
            json!({ "zones": [format!("us-test1-{zone}")], "outdated": 1 }),
        )
    };
    let groups = [
        group("bastions", "Bastion", 1, json!({ "outdated": 1 })),
        plane("a"),
        plane("b"),
        plane("c"),
        group("api", "APIServer", 1, json!({ "outdated": 1 })),
        group("blue", "Node", 2, json!({ "zones": [A, B], "outdated": 2 })),
        group("green", "Node", 2, json!({ "zones": [A, B], "outdated": 2 })),
    ];
    let Some(mut cluster) = SimulatedGoogleCluster::start(&groups, json!({})) else { return };
    let order = updated(&mut cluster, &[]);
    let names: Vec<_> = order.recreated().iter().map(|name| name.rsplit_once('-').unwrap().0).collect();
    let planes = ["control-plane-a", "control-plane-b", "control-plane-c"];
    let expected: Vec<_> =
        ["bastions"].into_iter().chain(planes).chain(["api", "blue", "blue", "green", "green"]).collect();
    assert_eq!(names, expected);
}

#[test]
fn only_what_is_outdated_or_annotated_is_replaced() {
    let Some(mut cluster) = workers(3, json!({ "outdated": 1 }), json!({})) else { return };
    assert_eq!(updated(&mut cluster, &[]).recreated().len(), 1);
    let Some(mut cluster) = workers(3, json!({ "annotated": 2 }), json!({})) else { return };
    assert_eq!(updated(&mut cluster, &[]).recreated().len(), 2);
}

#[test]
fn force_replaces_everything_once() {
    let Some(mut cluster) = workers(2, json!({ "outdated": 1 }), json!({ "license": ["forced"] })) else { return };
    assert_eq!(updated(&mut cluster, &["--force"]).recreated().len(), 3);
}

#[test]
fn as_many_as_may_be_unavailable_are_replaced_at_once() {
    let spec = json!({ "rollingUpdate": { "maxUnavailable": 2 } });
    let more = json!({ "zones": [A, B], "outdated": 4, "unavailable": 2, "spec": spec });
    let Some(mut cluster) = workers(4, more, json!({})) else { return };
    updated(&mut cluster, &[]);
    // A quarter of four, rounded down.
    let spec = json!({ "rollingUpdate": { "maxUnavailable": "25%" } });
    let Some(mut cluster) = workers(4, json!({ "outdated": 4, "spec": spec }), json!({})) else { return };
    updated(&mut cluster, &[]);
}

#[test]
fn a_surge_has_no_effect_and_is_warned_about() {
    let spec = json!({ "rollingUpdate": { "maxSurge": 3 } });
    let Some(mut cluster) = workers(3, json!({ "outdated": 3, "spec": spec }), json!({})) else { return };
    let done = succeed(&mut cluster.with_kubernetes(&arguments(&["--yes"])));
    assert!(stderr(&done).contains("group nodes: maxSurge has no effect"), "{}", stderr(&done));
    cluster.seen().is_done();
}

#[test]
fn the_control_plane_goes_one_by_one() {
    let spec = json!({ "rollingUpdate": { "maxUnavailable": 3, "maxSurge": 1 } });
    let plane = group("control-plane-a", "ControlPlane", 3, json!({ "outdated": 3, "spec": spec }));
    let Some(mut cluster) = SimulatedGoogleCluster::start(&[plane], json!({})) else { return };
    updated(&mut cluster, &[]);
}

#[test]
fn groups_and_roles_are_selected() {
    let groups = [
        group("control-plane-a", "ControlPlane", 1, json!({ "outdated": 1 })),
        group("blue", "Node", 1, json!({ "outdated": 1 })),
        group("green", "Node", 1, json!({ "outdated": 1 })),
    ];
    let Some(mut cluster) = SimulatedGoogleCluster::start(&groups, json!({})) else { return };
    succeed(&mut cluster.with_kubernetes(&arguments(&["--yes", "--instance-group=green"])));
    assert!(cluster.seen().keeps_the_rules().recreated()[0].starts_with("green-"));
    succeed(&mut cluster.with_kubernetes(&arguments(&["--yes", "--instance-group-roles=control-plane"])));
    let seen = cluster.seen();
    assert_eq!(seen.recreated().len(), 2);
    assert!(seen.recreated()[1].starts_with("control-plane-a-"));
    let unknown = cluster.with_kubernetes(&arguments(&["--yes", "--instance-group=grean"])).output().unwrap();
    assert!(stderr(&unknown).contains("did you mean green?"), "{}", stderr(&unknown));
}

#[test]
fn without_the_kubernetes_api_instances_are_recreated_alone() {
    let cloud_only = json!({ "license": ["undrained"], "faults": [{ "match": "/api", "times": 1000 }] });
    let Some(mut cluster) = workers(2, json!({ "outdated": 2, "zones": [A, B] }), cloud_only) else { return };
    succeed(&mut cluster.kopsform(&arguments(&["--yes", "--cloudonly"])));
    let seen = cluster.seen();
    assert_eq!(seen.recreated().len(), 2);
    assert!(seen.changes.iter().all(|change| change.starts_with("recreate")), "{:?}", seen.changes);
}

#[test]
fn a_budget_that_refuses_is_waited_for() {
    let pods = json!([{ "group": "nodes", "count": 1, "refusals": 1 }]);
    let Some(mut cluster) = workers(1, json!({ "outdated": 1 }), json!({ "pods": pods })) else { return };
    updated(&mut cluster, &[]);
}

#[test]
fn a_drain_that_takes_too_long_leaves_the_instance() {
    let pods = json!([{ "group": "nodes", "count": 1, "refusals": -1 }]);
    let cluster = json!({ "pods": pods });
    let Some(mut cluster) = workers(2, json!({ "outdated": 2 }), cluster) else { return };
    let (message, seen) = failed(&mut cluster, &["--drain-timeout=1s"]);
    assert!(message.contains("nodes-web-0"), "{message}");
    assert!(seen.recreated().is_empty());
}

#[test]
fn a_drain_error_can_be_ignored() {
    let cluster = json!({ "pods": [{ "group": "nodes", "count": 1, "refusals": -1 }], "license": ["undrained"] });
    let Some(mut cluster) = workers(1, json!({ "outdated": 1 }), cluster) else { return };
    updated(&mut cluster, &["--drain-timeout=1s", "--fail-on-drain-error=false"]);
}

#[test]
fn an_instance_without_a_node_is_recreated_without_a_drain() {
    let Some(mut cluster) = workers(2, json!({ "outdated": 1, "unregistered": 1 }), json!({})) else { return };
    // Without the flag, the update would wait for the node.
    let seen = updated(&mut cluster, &["--max-unready-nodes=1"]);
    assert_eq!(seen.recreated().len(), 1);
}

#[test]
fn a_replacement_that_takes_a_while_is_waited_for() {
    let more = json!({ "outdated": 2, "joins": 1, "ready": 1 });
    let Some(mut cluster) = workers(2, more, json!({})) else { return };
    updated(&mut cluster, &[]);
}

#[test]
fn a_replacement_that_never_joins_or_gets_ready_ends_the_update() {
    for more in [json!({ "outdated": 2, "joins": -1 }), json!({ "outdated": 2, "ready": -1 })] {
        let Some(mut cluster) = workers(2, more, json!({})) else { return };
        let (message, seen) = failed(&mut cluster, &["--validation-timeout=1s"]);
        assert!(message.contains("cluster did not validate"), "{message}");
        assert_eq!(seen.recreated().len(), 1);
    }
}

#[test]
fn an_unhealthy_cluster_is_not_touched() {
    let Some(mut cluster) = workers(2, json!({ "outdated": 1, "unregistered": 2 }), json!({})) else { return };
    let (message, seen) = failed(&mut cluster, &["--validation-timeout=1s"]);
    assert!(message.contains("has not yet joined cluster"), "{message}");
    assert!(seen.changes.is_empty(), "{:?}", seen.changes);
}

#[test]
fn another_group_that_is_unhealthy_does_not_matter() {
    let groups = [
        control_plane(),
        group("blue", "Node", 1, json!({ "outdated": 1 })),
        group("green", "Node", 1, json!({ "unregistered": 1 })),
    ];
    let Some(mut cluster) = SimulatedGoogleCluster::start(&groups, json!({})) else { return };
    succeed(&mut cluster.with_kubernetes(&arguments(&["--yes"])));
    assert_eq!(cluster.seen().keeps_the_rules().recreated().len(), 1);
}

#[test]
fn drain_and_terminate_false_only_taints() {
    let spec = json!({ "rollingUpdate": { "drainAndTerminate": false } });
    let Some(mut cluster) = workers(2, json!({ "outdated": 1, "spec": spec }), json!({})) else { return };
    succeed(&mut cluster.with_kubernetes(&arguments(&["--yes"])));
    let seen = cluster.seen();
    assert!(seen.changes.len() == 1 && seen.changes[0].ends_with("taints"), "{:?}", seen.changes);
}

#[test]
fn a_refused_recreation_is_reported_and_the_next_run_continues() {
    let refused =
        json!([{ "match": "recreateInstances", "status": 403, "reason": "forbidden", "message": "no permission" }]);
    let Some(mut cluster) = workers(2, json!({ "outdated": 2 }), json!({ "faults": refused })) else { return };
    let (message, _) = failed(&mut cluster, &[]);
    assert!(message.contains("no permission") && message.contains("recreateInstances"), "{message}");
    // Its node is deleted and its pods are gone, so it is not drained again.
    updated(&mut cluster, &[]);
}

#[test]
fn a_node_that_cannot_be_deleted_keeps_its_instance() {
    let refused = json!([{ "match": "DELETE /api/v1/nodes", "times": 5, "status": 403, "reason": "Forbidden" }]);
    let Some(mut cluster) = workers(1, json!({ "outdated": 1 }), json!({ "faults": refused })) else { return };
    let (message, seen) = failed(&mut cluster, &[]);
    assert!(message.contains("error deleting node"), "{message}");
    assert!(seen.recreated().is_empty());
}

#[test]
fn throttled_calls_are_repeated() {
    let throttled = json!([
        { "match": "instanceGroupManagers", "times": 2, "status": 429, "reason": "rateLimitExceeded" },
        { "match": "recreateInstances", "times": 1, "status": 503 },
        { "match": "GET /api/v1/nodes", "times": 2, "status": 503 },
    ]);
    let Some(mut cluster) = workers(2, json!({ "outdated": 2 }), json!({ "faults": throttled })) else { return };
    updated(&mut cluster, &[]);
}

#[test]
fn short_pages_and_slow_operations_change_nothing() {
    let more = json!({ "zones": [A, B], "outdated": 5 });
    let Some(mut cluster) = workers(5, more, json!({ "page": 2, "slow": 3 })) else { return };
    assert_eq!(updated(&mut cluster, &[]).recreated().len(), 5);
}

#[test]
fn the_number_of_requests_of_a_snapshot_depends_on_groups_alone() {
    let Some(mut cluster) = workers(6, json!({ "zones": [A, B] }), json!({})) else { return };
    succeed(&mut cluster.with_kubernetes(&["get", "instances"]));
    let requests = cluster.seen().requests;
    // Templates, groups, instances, and the members of three groups.
    assert_eq!(requests.len(), 6, "{requests:#?}");
}

#[test]
fn instances_are_listed_as_kops_identifies_them() {
    let Some(mut cluster) = workers(1, json!({ "outdated": 1 }), json!({})) else { return };
    let shown = succeed(&mut cluster.with_kubernetes(&["get", "instances", "-o", "json"]));
    let rows: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    let members = cluster.seen().members;
    let (plane, node) = (&members["control-plane-a"][0], &members["nodes"][0]);
    let link = |name: &str| {
        format!("https://www.googleapis.com/compute/v1/projects/example-project/zones/us-test1-a/instances/{name}")
    };
    assert_eq!(rows[0]["id"], link(plane).as_str());
    assert_eq!(rows[0]["roles"], json!(["control-plane", "control-plane"]));
    let expected = json!({
        "id": link(node), "nodeName": node, "status": "NeedsUpdate", "roles": ["node"], "internalIP": "",
        "externalIP": "203.0.113.1", "instanceGroup": "a-nodes-sim-example-com", "machineType": "e2-medium", "state": "UpToDate",
    });
    assert_eq!(rows[1], expected);
    let table = stdout(&succeed(&mut cluster.with_kubernetes(&["get", "instances"])));
    assert!(table.contains("control-plane, control-plane"), "{table}");
}

#[test]
fn a_cluster_is_validated_with_its_instances_and_nodes() {
    let Some(cluster) = workers(2, json!({ "zones": [A, B] }), json!({})) else { return };
    let shown = succeed(&mut cluster.with_kubernetes(&["validate", "cluster"]));
    assert!(stdout(&shown).ends_with("\nYour cluster sim.example.com is ready\n"), "{}", stdout(&shown));

    let Some(mut cluster) = workers(2, json!({ "unregistered": 1 }), json!({})) else { return };
    let output = cluster.with_kubernetes(&["validate", "cluster", "-o", "json"]).output().unwrap();
    assert!(!output.status.success());
    let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let failure = &document["failures"][0];
    let name = cluster.seen().members["nodes"][0].clone();
    assert_eq!(failure["type"], "Machine");
    assert!(failure["name"].as_str().unwrap().ends_with(&format!("/zones/us-test1-a/instances/{name}")), "{failure}");
}

#[test]
fn the_kubernetes_api_is_at_the_external_address_of_the_load_balancer() {
    let rule = |name: &str, scheme: &str, address: &str, of: &str| {
        let labels = json!({ "k8s-io-cluster-name": of });
        let body = json!({ "name": name, "loadBalancingScheme": scheme, "IPAddress": address, "labels": labels });
        json!(["projects/example-project/regions/us-test1/forwardingRules", body])
    };
    let resources = json!([
        rule("api-us-test1-sim-example-com", "INTERNAL", "10.0.0.9", "sim-example-com"),
        rule("api-sim-example-com", "EXTERNAL", "203.0.113.5", "sim-example-com"),
        rule("api-other-example-com", "EXTERNAL", "203.0.113.4", "other-example-com"),
    ]);
    for (resources, flags, server) in [
        (resources.clone(), vec![], "https://203.0.113.5"),
        (json!([resources[0], resources[2]]), vec![], "https://10.0.0.9"),
        (json!([resources[2]]), vec![], "https://api.internal.sim.example.com"),
        (resources, vec!["--internal"], "https://api.internal.sim.example.com"),
    ] {
        let Some(cluster) = workers(1, json!({}), json!({ "resources": resources, "page": 1 })) else { return };
        succeed(&mut cluster.kopsform(&["create", "keypair", "kubernetes-ca", "--primary"]));
        let export = ["export", "kubeconfig", "--admin"].into_iter().chain(flags).collect::<Vec<_>>();
        succeed(&mut cluster.kopsform(&export));
        let text = std::fs::read_to_string(cluster.home().join("kubeconfig")).unwrap();
        let config: Value = serde_yaml::from_str(&text).unwrap();
        let entry = &config["clusters"][0]["cluster"];
        assert_eq!(entry["server"], server);
        assert_eq!(entry["tls-server-name"], "api.internal.sim.example.com");
    }
}

#[test]
fn a_single_instance_is_drained_and_recreated() {
    let Some(mut cluster) = workers(2, json!({}), json!({ "alone": true, "license": ["forced"] })) else { return };
    let name = cluster.seen().members["nodes"][1].clone();
    let dry = succeed(&mut cluster.with_kubernetes(&["delete", "instance", &name]));
    assert!(stdout(&dry).contains(&format!("/instances/{name} ({name}) found for deletion")), "{}", stdout(&dry));
    assert!(cluster.seen().changes.is_empty());
    let link =
        format!("https://www.googleapis.com/compute/v1/projects/example-project/zones/us-test1-a/instances/{name}");
    let flags = ["--post-drain-delay=0s", "--validate-count=1", "--yes"];
    let command: Vec<_> = ["delete", "instance", &link].into_iter().chain(flags).collect();
    succeed(&mut cluster.with_kubernetes(&command));
    let seen = cluster.seen();
    assert_eq!(seen.keeps_the_rules().recreated(), [name.as_str()]);
    assert_eq!(seen.changes.len(), 3, "cordoned, deleted, recreated: {:?}", seen.changes);
    let unknown = cluster.with_kubernetes(&["delete", "instance", "nodes-none"]).output().unwrap();
    assert!(stderr(&unknown).contains("could not find instance nodes-none"), "{}", stderr(&unknown));
}

#[test]
fn a_group_in_two_zones_is_deleted_with_its_templates() {
    let Some(mut cluster) = workers(3, json!({ "zones": [A, B], "outdated": 1 }), json!({ "page": 1, "slow": 2 }))
    else {
        return;
    };
    succeed(&mut cluster.kopsform(&["delete", "ig", "nodes", "--cloud", "--yes"]));
    let seen = cluster.seen();
    assert_eq!(seen.members.get("nodes"), None);
    assert!(seen.resources.iter().all(|path| !path.contains("nodes")), "{:#?}", seen.resources);
    assert!(seen.resources.iter().any(|path| path.contains("control-plane-a")), "{:#?}", seen.resources);
}

#[test]
fn a_group_of_another_cluster_with_the_same_name_is_kept() {
    // The group nodes-sim of the cluster example.com, in another region: names hold only the letter of the zone.
    let metadata = json!([
        { "key": "cluster-name", "value": "example.com" },
        { "key": "kops-k8s-io-instance-group-name", "value": "nodes-sim" },
    ]);
    let others = json!([
        ["projects/example-project/global/instanceTemplates",
            { "name": "others", "properties": { "metadata": { "items": metadata } } }],
        ["projects/example-project/zones/us-other1-a/instanceGroupManagers", {
            "name": "a-nodes-sim-example-com", "baseInstanceName": "others", "targetSize": 0,
            "instanceTemplate": "projects/example-project/global/instanceTemplates/others",
        }],
    ]);
    let Some(mut cluster) = workers(2, json!({}), json!({ "resources": others })) else { return };
    succeed(&mut cluster.kopsform(&["delete", "ig", "nodes", "--cloud", "--yes"]));
    let left = cluster.seen().resources;
    let left: Vec<_> = left.iter().filter(|path| !path.contains("control-plane")).collect();
    assert_eq!(left.len(), 3, "a template, a managed group and its group: {left:#?}");
    assert!(left.iter().any(|path| path.ends_with("us-other1-a/instanceGroupManagers/a-nodes-sim-example-com")));
    assert!(left.iter().any(|path| path.ends_with("instanceTemplates/others")));
}

#[test]
fn the_deletion_of_a_group_that_fails_half_way_is_continued() {
    // The second group's deletion, and the first template's.
    for fault in ["DELETE .*/b-nodes-sim-example-com", "DELETE .*/instanceTemplates/nodes-new"] {
        let faults =
            json!([{ "match": fault, "times": 1, "status": 403, "reason": "forbidden", "message": "not yet" }]);
        let Some(mut cluster) = workers(2, json!({ "zones": [A, B] }), json!({ "faults": faults })) else { return };
        let delete = ["delete", "ig", "nodes", "--cloud", "--yes"];
        let output = cluster.kopsform(&delete).output().unwrap();
        assert!(!output.status.success() && stderr(&output).contains("not yet"), "{}", stderr(&output));
        succeed(&mut cluster.kopsform(&delete));
        let seen = cluster.seen();
        assert!(seen.resources.iter().all(|path| !path.contains("nodes")), "{fault}: {:#?}", seen.resources);
    }
}

#[test]
fn an_update_that_was_killed_at_any_change_is_continued() {
    let pods = json!([{ "group": "nodes", "count": 2 }]);
    for at in ["PATCH /api/v1/nodes", "eviction", "DELETE /api/v1/nodes", "recreateInstances"] {
        for (skip, after) in [(0, true), (1, false)] {
            let Some(mut cluster) = workers(2, json!({ "outdated": 2, "zones": [A, B] }), json!({ "pods": pods }))
            else {
                return;
            };
            let mut command = cluster.with_kubernetes(&arguments(&["--yes"]));
            assert!(cluster.killed(&mut command, at, skip, after), "{at} {skip} {after}");
            assert!(!cluster.seen().keeps_the_rules().untidy.is_empty() || skip == 1, "{at} {skip} {after}");
            updated(&mut cluster, &[]);
        }
    }
}

#[test]
fn credentials_that_are_refused_end_an_update_and_the_next_one_continues() {
    for at in ["recreateInstances", "DELETE /api/v1/nodes", "PATCH /api/v1/nodes"] {
        let faults = json!([{ "match": at, "times": 1, "status": 401, "reason": "authError" }]);
        let Some(mut cluster) = workers(2, json!({ "outdated": 2 }), json!({ "faults": faults })) else { return };
        let (_, seen) = failed(&mut cluster, &[]);
        assert!(!seen.untidy.is_empty());
        updated(&mut cluster, &[]);
    }
}
