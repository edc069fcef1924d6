//! The commands, against a simulated AWS and a Kubernetes API that requires client certificates.

use serde_json::{Value, json};

use crate::support::simulated_cluster::{SimulatedCluster, group};
use crate::support::{stderr, stdout, succeed};

/// Nothing is slept: replacements are ready at once.
const FAST: [&str; 5] = [
    "--node-interval=0s",
    "--control-plane-interval=0s",
    "--bastion-interval=0s",
    "--post-drain-delay=0s",
    "--validate-count=1",
];

fn control_plane() -> Value {
    group("control-plane-a", "ControlPlane", 1, json!({}))
}

fn rolling_update<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["rolling-update", "cluster"].into_iter().chain(FAST).chain(more.iter().copied()).collect()
}

fn parsed(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn mixed_instances_are_replaced_with_a_certificate_made_for_the_run() {
    let nodes = group("spot", "Node", 2, json!({ "mixed": true, "outdated": 2 }));
    let Some(mut cluster) = SimulatedCluster::start(&[control_plane(), nodes]) else { return };
    let before = cluster.seen().members["spot.sim.example.com"].clone();
    let done = succeed(&mut cluster.with_kubernetes(&rolling_update(&["--yes"])));
    assert!(stderr(&done).contains("done: 2 instances replaced in spot"), "{}", stderr(&done));

    let seen = cluster.seen();
    assert_eq!(seen.subjects, ["organizationName=system:masters commonName=kubecfg-tester"]);
    let [first, second] = before.as_slice() else { panic!("there were two: {before:?}") };
    let order: Vec<_> = seen.changes.iter().filter(|change| !change.contains("taints")).map(String::as_str).collect();
    let node = |id: &str| format!("PATCH node-{} unschedulable", &id[2..]);
    assert_eq!(
        order,
        [
            &format!("CreateTags {second}"),
            &format!("DetachInstances {second}"),
            &node(first),
            "evict web-0",
            &format!("TerminateInstances {first}"),
            &node(second),
            "evict web-1",
            &format!("TerminateInstances {second}"),
        ]
    );
    let after = &seen.members["spot.sim.example.com"];
    assert!(after.len() == 2 && after.iter().all(|id| !before.contains(id)), "{after:?}");
    let again = succeed(&mut cluster.with_kubernetes(&rolling_update(&["--yes"])));
    assert!(stdout(&again).ends_with("\nNo rolling-update required.\n"), "{}", stdout(&again));
}

#[test]
fn karpenter_instances_go_when_forced_and_are_not_detached() {
    let spot = group("spot", "Node", 2, json!({ "karpenter": true }));
    let Some(mut cluster) = SimulatedCluster::start(&[control_plane(), spot]) else { return };
    let shown = succeed(&mut cluster.with_kubernetes(&rolling_update(&["-o", "yaml"])));
    let report = parsed(&stdout(&shown));
    assert_eq!((&report["needsUpdate"], &report["groups"][1]["ready"]), (&json!(false), &json!(2)));

    succeed(&mut cluster.with_kubernetes(&rolling_update(&["--yes", "--force", "--instance-group=spot"])));
    let seen = cluster.seen();
    assert_eq!(seen.calls.get("TerminateInstances"), Some(&2));
    assert_eq!((seen.calls.get("DetachInstances"), seen.calls.get("CreateTags")), (None, None));
    assert_eq!(seen.changes.iter().filter(|change| change.starts_with("evict")).count(), 2);
}

#[test]
fn the_reasons_are_data_and_an_exit_code() {
    let groups = [
        control_plane(),
        group("nodes", "Node", 2, json!({ "outdated": 1 })),
        group("forgotten", "Node", 1, json!({ "unexpected": true })),
    ];
    let Some(mut cluster) = SimulatedCluster::start(&groups) else { return };
    let output = cluster.with_kubernetes(&rolling_update(&["-o", "yaml", "--detailed-exitcode"])).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("Found ASG with no corresponding instance group \"forgotten.sim.example.com\""),
        "{}",
        stderr(&output)
    );
    let report = parsed(&stdout(&output));
    let outdated: Vec<_> = report["groups"][1]["instances"].as_array().unwrap().iter().collect();
    let reasons: Vec<_> = outdated.iter().flat_map(|instance| instance["reasons"].as_array().unwrap()).collect();
    assert_eq!((reasons.len(), &reasons[0]["kind"]), (1, &json!("launchTemplate")));
    assert_eq!(report["plan"]["stages"][0]["groups"][0]["steps"][0]["action"], "validate");

    let table = succeed(&mut cluster.with_kubernetes(&rolling_update(&["-v"])));
    assert!(stderr(&table).contains(" version 1 → 2"), "{}", stderr(&table));
    assert!(!stdout(&table).contains(" version 1 → 2"), "{}", stdout(&table));

    let lines = succeed(&mut cluster.with_kubernetes(&rolling_update(&["--yes", "-o", "json"])));
    let events: Vec<Value> = stdout(&lines).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events[0]["cluster"], "sim.example.com");
    assert_eq!((&events[1]["event"], &events[1]["instances"]), (&json!("began"), &json!(1)));
    assert_eq!(events.last().unwrap()["event"], "done");
    let output = cluster.with_kubernetes(&rolling_update(&["--detailed-exitcode"])).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(cluster.seen().members.contains_key("forgotten.sim.example.com"));
}

#[test]
fn many_groups_are_described_in_few_calls() {
    let mut groups = vec![control_plane()];
    groups.extend((0..50).map(|n| {
        // Launch templates by alias have to be looked up, too.
        let version = if n % 2 == 0 { "$Latest" } else { "2" };
        group(&format!("nodes-{n:02}"), "Node", 10, json!({ "outdated": 5, "mixed": n % 3 == 0, "now": version }))
    }));
    let Some(mut cluster) = SimulatedCluster::start(&groups) else { return };
    let shown = succeed(&mut cluster.with_kubernetes(&rolling_update(&["-o", "json"])));
    let report: Value = serde_json::from_str(&stdout(&shown)).unwrap();
    let outdated: Vec<_> =
        report["groups"].as_array().unwrap().iter().map(|g| g["needUpdate"].as_u64().unwrap()).collect();
    assert_eq!((outdated.len(), outdated.iter().sum::<u64>()), (51, 250));
    let seen = cluster.seen();
    assert!(seen.calls.values().sum::<usize>() <= 20, "{:?}", seen.calls);
    assert_eq!(seen.changes, Vec::<String>::new(), "nothing is changed");
}

#[test]
fn validation_and_instances_are_listed_in_every_form() {
    let nodes = group("nodes", "Node", 2, json!({ "outdated": 1 }));
    let Some(mut cluster) = SimulatedCluster::start(&[control_plane(), nodes]) else { return };
    let table = succeed(&mut cluster.with_kubernetes(&["validate", "cluster"]));
    assert!(stdout(&table).ends_with("\nYour cluster sim.example.com is ready\n"), "{}", stdout(&table));
    let text = stdout(&succeed(&mut cluster.with_kubernetes(&["validate", "cluster", "-o", "yaml"])));
    assert!(text.contains("  status: \"True\"\n"), "quoted as kops does: {text}");
    let (yaml, json) = (parsed(&text), succeed(&mut cluster.with_kubernetes(&["validate", "cluster", "-o", "json"])));
    assert_eq!(yaml, serde_json::from_str::<Value>(&stdout(&json)).unwrap());
    assert_eq!(yaml["nodes"].as_array().unwrap().len(), 3);

    let rows = parsed(&stdout(&succeed(&mut cluster.with_kubernetes(&["get", "instances", "-o", "yaml"]))));
    let rows = rows.as_array().unwrap();
    let statuses: Vec<_> = rows.iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == "NeedsUpdate").count(), 1, "{statuses:?}");
    assert!(rows.iter().all(|row| row["nodeName"].as_str().unwrap().starts_with("node-")), "{rows:?}");
    let json = stdout(&succeed(&mut cluster.with_kubernetes(&["get", "instances", "-o", "json"])));
    assert_eq!(json!(rows), serde_json::from_str::<Value>(&json).unwrap());
    assert!(json.ends_with("}]"), "kops prints no line break: {json}");
    let table = stdout(&succeed(&mut cluster.with_kubernetes(&["get", "instances"])));
    assert_eq!(table.lines().filter(|line| line.starts_with("i-")).count(), 3, "{table}");
    assert_eq!(cluster.seen().changes, Vec::<String>::new());
}

#[test]
fn a_single_instance_is_replaced_by_the_name_of_its_node() {
    let Some(mut cluster) = SimulatedCluster::start(&[control_plane(), group("nodes", "Node", 2, json!({}))]) else {
        return;
    };
    let id = cluster.seen().members["nodes.sim.example.com"][0].clone();
    let node = format!("node-{}", &id[2..]);
    let dry = succeed(&mut cluster.with_kubernetes(&["delete", "instance", &node]));
    assert_eq!(
        stdout(&dry),
        format!("Instance {id} ({node}) found for deletion\n\nMust specify --yes to delete instance\n")
    );
    assert_eq!(cluster.seen().changes, Vec::<String>::new());
    let flags = ["delete", "instance", &node, "--yes", "--post-drain-delay=0s", "--validate-count=1"];
    succeed(&mut cluster.with_kubernetes(&flags));
    let seen = cluster.seen();
    assert_eq!(seen.changes.last(), Some(&format!("TerminateInstances {id}")));
    assert!(seen.changes.contains(&format!("DetachInstances {id}")), "{:?}", seen.changes);
    assert_eq!(seen.members["nodes.sim.example.com"].len(), 2);
}

#[test]
fn groups_are_deleted_in_aws_unless_terraform_does_it() {
    let groups = ["blue", "green"].map(|name| group(name, "Node", 1, json!({})));
    let [blue, green] = groups;
    let Some(mut cluster) = SimulatedCluster::start(&[control_plane(), blue, green]) else { return };
    let declined = cluster.kopsform(&["delete", "ig", "blue"]).output().unwrap();
    assert_eq!(declined.status.code(), Some(1));
    assert!(cluster.has_spec("blue"), "no answer is no");

    let shown = stdout(&declined);
    assert!(shown.contains("autoscaling group\tblue.sim.example.com") && shown.contains("instance"), "{shown}");
    assert_eq!(cluster.seen().changes, Vec::<String>::new());

    cluster.record_terraform();
    let staged = succeed(&mut cluster.kopsform(&["delete", "ig", "blue", "--yes"]));
    assert_eq!(stdout(&staged), "InstanceGroup \"blue\" found for deletion\n\nDeleted InstanceGroup: \"blue\"\n");
    assert!(stderr(&staged).contains("`terraform apply`"), "{}", stderr(&staged));
    assert!(!cluster.has_spec("blue"));
    assert_eq!(cluster.seen().changes, Vec::<String>::new());

    cluster.forget_target();
    succeed(&mut cluster.kopsform(&["delete", "ig", "green", "--yes"]));
    assert!(!cluster.has_spec("green"));
    let seen = cluster.seen();
    assert_eq!(seen.changes, ["DeleteAutoScalingGroup", "DeleteLaunchTemplate"]);
    assert!(seen.members.contains_key("blue.sim.example.com") && !seen.members.contains_key("green.sim.example.com"));

    let last = cluster.kopsform(&["delete", "ig", "control-plane-a", "--yes", "--cloud"]).output().unwrap();
    assert!(stderr(&last).contains("cannot delete the only control plane instance group"), "{}", stderr(&last));
    assert_eq!(cluster.seen().changes.len(), 2, "nothing else is touched");
}

#[test]
fn without_residue_nothing_is_reverted() {
    let Some(cluster) = SimulatedCluster::start(&[control_plane()]) else { return };
    let output = succeed(&mut cluster.with_kubernetes(&rolling_update(&["--abort", "--yes"])));
    assert_eq!(stdout(&output), "Nothing to revert from an earlier rolling-update.\n");
}
