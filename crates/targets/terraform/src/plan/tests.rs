#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const CLUSTER: &str = "a.example.com";

/// A plan of resources: address, type, actions, attributes before and after.
fn plan(resources: &[Value]) -> Plan {
    Plan::parse(json!({"format_version": "1.2", "resource_changes": resources}).to_string().as_bytes()).unwrap()
}

fn resource(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let kind = address.rsplit_once('[').map_or(address, |(address, _)| address).rsplit('.').nth(1).unwrap().to_owned();
    json!({
        "address": address, "mode": "managed", "type": kind, "name": "x",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}},
    })
}

fn tagged(name: &str, more: Value) -> Value {
    let mut value = json!({"name": name, "tags": {"Name": name, "KubernetesCluster": CLUSTER}});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

fn volume() -> Value {
    json!({"id": "vol-1", "tags": {"Name": "a.etcd-main.a.example.com", "KubernetesCluster": CLUSTER,
        "k8s.io/etcd/main": "a/a", "k8s.io/role/control-plane": "1"}})
}

fn group(role: &str, size: u32, more: Value) -> Value {
    let name = format!("{role}.{CLUSTER}");
    let tag = |key: &str, value: &str| json!({"key": key, "propagate_at_launch": true, "value": value});
    let mut value = json!({"id": name, "name": name, "min_size": size, "max_size": size,
        "tag": [tag("KubernetesCluster", CLUSTER), tag(&format!("k8s.io/role/{role}"), "1")]});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

const LB_ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/api-a-example-com-0/1";
const TG_ARN: &str = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/tcp-a-example-com-0/1";

fn balancer() -> Value {
    json!({"arn": LB_ARN, "name": "api-a-example-com-0", "tags": {"Name": "api.a.example.com", "KubernetesCluster": CLUSTER}})
}

fn listener() -> Value {
    json!({"load_balancer_arn": LB_ARN, "port": 443, "default_action": [{"type": "forward", "target_group_arn": TG_ARN}]})
}

/// `protected action address` of each finding.
fn found(resources: &[Value]) -> Vec<String> {
    let text = |finding: Finding| {
        let action = serde_json::to_value(finding.action).unwrap();
        format!("{} {} {}", finding.protected, action.as_str().unwrap(), finding.addresses.join(" "))
    };
    check(&plan(resources)).into_iter().map(text).collect()
}

#[test]
fn messages_about_values_of_any_length_are_short() {
    let long = "a".repeat(100_000);
    let change = json!({"address": long, "change": {"actions": [long]}});
    let documents = [
        json!({"format_version": "1.2", "resource_changes": [change]}),
        json!({"format_version": long, "resource_changes": []}),
        json!({"format_version": [long], "resource_changes": []}),
        json!({"format_version": "1.2", "resource_changes": [{"change": {"before": null, "replace_paths": [{ long: 1 }]}}]}),
    ];
    for document in documents {
        let error = Plan::parse(document.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().len() < 5_000, "{} bytes", error.to_string().len());
    }
}

#[test]
fn etcd_volumes_are_known_by_their_tags_in_any_layout() {
    for address in [
        "aws_ebs_volume.a-etcd-main-a-example-com",
        "module.cluster.aws_ebs_volume.etcd[\"main/a\"]",
        "module.a[\"x.y\"].module.b.aws_ebs_volume.this[0]",
    ] {
        for (actions, action) in [
            (&["delete"][..], "destroy"),
            (&["delete", "create"], "replace"),
            (&["create", "delete"], "replace"),
            (&["create", "forget"], "replace"),
        ] {
            let found = found(&[resource(address, actions, volume(), Value::Null)]);
            assert_eq!(found, [format!("etcd {action} {address}")]);
        }
        for actions in [&["no-op"][..], &["update"], &["forget"]] {
            assert!(found(&[resource(address, actions, volume(), volume())]).is_empty(), "{actions:?}");
        }
    }
    let other = tagged("data", json!({}));
    assert!(found(&[resource("aws_ebs_volume.etcd-main", &["delete"], other, Value::Null)]).is_empty());
}

#[test]
fn resources_of_google_cloud_are_known_by_their_labels() {
    let labelled = |key: &str, value: &str| json!({"name": "x", "labels": {"k8s-io-cluster-name": "a", key: value}});
    for (address, before, protected) in [
        ("google_compute_disk.a", labelled("k8s-io-etcd-main", "a-2fa"), Some("etcd")),
        ("google_compute_disk.a", labelled("k8s-io-role-master", "master"), None),
        ("google_compute_disk.a", json!({"labels": {"k8s-io-etcd-main": "a"}}), None),
        ("google_compute_forwarding_rule.a", labelled("name", "api"), Some("api")),
        ("google_compute_forwarding_rule.a[\"x\"]", labelled("name", "api-us-test1"), Some("api")),
        ("google_compute_forwarding_rule.a", labelled("name", "kops-controller-us-test1"), None),
    ] {
        for (actions, action) in [(&["delete"][..], "destroy"), (&["delete", "create"], "replace")] {
            let after = if actions.len() == 1 { Value::Null } else { before.clone() };
            let found = found(&[resource(address, actions, before.clone(), after)]);
            let expected: Vec<String> = protected.iter().map(|what| format!("{what} {action} {address}")).collect();
            assert_eq!(found, expected, "{before}");
        }
        assert!(found(&[resource(address, &["update"], before.clone(), before.clone())]).is_empty());
    }
}

#[test]
fn the_apis_load_balancer_is_protected_with_everything_behind_it() {
    let target_group = json!({"arn": TG_ARN, "name": "anything"});
    let everything = |actions: &[&str]| {
        found(&[
            resource("aws_lb.api", actions, balancer(), Value::Null),
            resource("aws_lb_listener.api-443", actions, listener(), Value::Null),
            resource("aws_lb_target_group.tcp", actions, target_group.clone(), Value::Null),
        ])
    };
    assert_eq!(
        everything(&["delete"]),
        ["api destroy aws_lb.api", "api destroy aws_lb_listener.api-443", "api destroy aws_lb_target_group.tcp"]
    );
    assert_eq!(everything(&["delete", "create"]).len(), 3);
    assert!(everything(&["update"]).is_empty());
    let classic =
        tagged("api-a-example-com-0", json!({"tags": {"Name": "api.a.example.com", "KubernetesCluster": CLUSTER}}));
    assert_eq!(found(&[resource("aws_elb.x", &["delete"], classic, Value::Null)]), ["api destroy aws_elb.x"]);
}

#[test]
fn load_balancers_of_bastions_and_others_are_not_the_apis() {
    let arn = LB_ARN.replace("api-", "bastion-");
    let bastion = json!({"arn": arn, "name": "bastion-a-example-com-0",
        "tags": {"Name": "bastion.a.example.com", "KubernetesCluster": CLUSTER}});
    let listener = json!({"load_balancer_arn": arn, "port": 22});
    let targets = tagged("bastion-a-example-com-0", json!({"arn": "arn:x"}));
    let without_tags = json!({"arn": "arn:y", "name": "api-gateway"});
    let resources = [
        resource("aws_lb.bastion", &["delete"], bastion, Value::Null),
        resource("aws_lb_listener.bastion-22", &["delete"], listener, Value::Null),
        resource("aws_lb_target_group.bastion", &["delete"], targets, Value::Null),
        resource("aws_lb.api", &["delete"], without_tags, Value::Null),
    ];
    assert!(found(&resources).is_empty());
}

#[test]
fn listeners_and_target_groups_are_known_by_name_where_the_load_balancer_is_not_in_the_plan() {
    use kopsform_spec::names::load_balancer_name;
    let arn =
        format!("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/{}/1", load_balancer_name(CLUSTER, "api"));
    let listener = json!({"load_balancer_arn": arn, "port": 443});
    let targets = tagged(&load_balancer_name(CLUSTER, "kops-controller"), json!({"arn": "arn:z"}));
    let found = found(&[
        resource("aws_lb_listener.x", &["delete"], listener, Value::Null),
        resource("aws_lb_target_group.y", &["delete"], targets, Value::Null),
    ]);
    assert_eq!(found, ["api destroy aws_lb_listener.x", "api destroy aws_lb_target_group.y"]);
}

#[test]
fn the_control_plane_must_stay_registered() {
    let before = group("control-plane", 1, json!({"target_group_arns": [TG_ARN, "arn:own"]}));
    let with = |arns: Value| {
        let after = group("control-plane", 1, json!({"target_group_arns": arns}));
        resource("aws_autoscaling_group.cp", &["update"], before.clone(), after)
    };
    let rest = [
        resource("aws_lb.api", &["no-op"], balancer(), balancer()),
        resource("aws_lb_listener.api", &["no-op"], listener(), listener()),
    ];
    let found = |change: Value, more: &[Value]| found(&[&rest[..], &[change], more].concat());
    assert_eq!(found(with(json!(["arn:own"])), &[]), ["api deregister aws_autoscaling_group.cp"]);
    assert!(found(with(json!([TG_ARN])), &[]).is_empty(), "other target groups are not the API's");
    let mut unknown = with(json!([]));
    unknown["change"]["after_unknown"] = json!({"target_group_arns": true});
    assert!(found(unknown, &[]).is_empty());

    let attachment = |name: &str| json!({"autoscaling_group_name": name, "lb_target_group_arn": TG_ARN});
    let name = format!("control-plane.{CLUSTER}");
    let created = resource("aws_autoscaling_attachment.x", &["create"], Value::Null, attachment(&name));
    assert!(found(with(json!(["arn:own"])), &[created]).is_empty(), "an attachment registers the group instead");
    let unchanged = with(json!([TG_ARN, "arn:own"]));
    let destroyed = resource("aws_autoscaling_attachment.x", &["delete"], attachment(&name), Value::Null);
    assert_eq!(found(unchanged.clone(), &[destroyed]), ["api destroy aws_autoscaling_attachment.x"]);
    let nodes =
        resource("aws_autoscaling_group.nodes", &["no-op"], group("node", 1, json!({})), group("node", 1, json!({})));
    let of_nodes =
        resource("aws_autoscaling_attachment.x", &["delete"], attachment(&format!("node.{CLUSTER}")), Value::Null);
    assert!(found(unchanged.clone(), &[nodes, of_nodes]).is_empty());
    let instance = json!({"target_group_arn": TG_ARN, "target_id": "i-1"});
    let instance = resource("aws_lb_target_group_attachment.x", &["delete"], instance, Value::Null);
    assert_eq!(found(unchanged, &[instance]), ["api destroy aws_lb_target_group_attachment.x"]);
}

#[test]
fn registrations_with_what_the_plan_does_not_have_are_the_apis() {
    use kopsform_spec::names::load_balancer_name;
    let cp = |arns: Value| group("control-plane", 1, json!({"target_group_arns": arns}));
    let name = format!("control-plane.{CLUSTER}");
    let attachment = json!({"autoscaling_group_name": name, "lb_target_group_arn": "arn:x:targetgroup/mine/1"});
    let destroyed = resource("aws_autoscaling_attachment.x", &["delete"], attachment, Value::Null);
    let kept = resource("aws_autoscaling_group.cp", &["no-op"], cp(json!([])), cp(json!([])));
    assert_eq!(found(&[kept.clone(), destroyed.clone()]), ["api destroy aws_autoscaling_attachment.x"]);
    let mine = json!({"arn": "arn:x:targetgroup/mine/1", "name": "mine"});
    let mine = resource("aws_lb_target_group.mine", &["no-op"], mine.clone(), mine);
    assert!(found(&[kept, destroyed, mine]).is_empty(), "it is another load balancer's");
    let arn = format!("arn:x:targetgroup/{}/1", load_balancer_name(CLUSTER, "tcp"));
    let dropped = resource("aws_autoscaling_group.cp", &["update"], cp(json!([arn])), cp(json!([])));
    assert_eq!(found(&[dropped]), ["api deregister aws_autoscaling_group.cp"]);
}

#[test]
fn classic_load_balancers_must_keep_their_groups() {
    let classic = json!({"name": "api-lb", "tags": {"Name": "api.a.example.com", "KubernetesCluster": CLUSTER}});
    let of = |balancers: Value| group("master", 1, json!({"load_balancers": balancers}));
    let found = found(&[
        resource("aws_elb.api", &["no-op"], classic.clone(), classic),
        resource("aws_autoscaling_group.m", &["update"], of(json!(["api-lb"])), of(json!([]))),
    ]);
    assert_eq!(found, ["api deregister aws_autoscaling_group.m"]);
}

#[test]
fn some_groups_of_the_control_plane_may_go_but_not_all() {
    let one = |name: &str, actions: &[&str], before: u32, after: u32| {
        let more = |size| group("control-plane", size, json!({"name": name, "id": name}));
        resource(&format!("aws_autoscaling_group.{name}"), actions, more(before), more(after))
    };
    let found = |groups: &[Value]| found(groups);
    let gone = ["control-plane remove-all aws_autoscaling_group.a aws_autoscaling_group.b"];
    assert_eq!(found(&[one("a", &["delete"], 1, 0), one("b", &["delete", "create"], 1, 1)]), gone);
    assert_eq!(found(&[one("a", &["update"], 1, 0), one("b", &["delete"], 1, 0)]), gone);
    assert!(found(&[one("a", &["delete"], 1, 0), one("b", &["no-op"], 1, 1)]).is_empty());
    assert!(found(&[one("a", &["delete"], 1, 0), one("b", &["forget"], 1, 1)]).is_empty());
    let none_runs = [one("a", &["delete"], 1, 0), one("b", &["update"], 0, 0)];
    assert_eq!(found(&none_runs), ["control-plane remove-all aws_autoscaling_group.a"], "b has no instances");
    assert!(found(&[one("a", &["delete"], 0, 0)]).is_empty());
}

#[test]
fn clusters_are_checked_apart() {
    let other = json!({"name": "m", "min_size": 1, "max_size": 1, "tag": [
        {"key": "KubernetesCluster", "value": "b.example.com"}, {"key": "k8s.io/role/master", "value": "1"}]});
    let found = found(&[
        resource("aws_autoscaling_group.a", &["delete"], group("control-plane", 1, json!({})), Value::Null),
        resource("aws_autoscaling_group.b", &["no-op"], other.clone(), other),
    ]);
    assert_eq!(found, ["control-plane remove-all aws_autoscaling_group.a"]);
}

#[test]
fn an_instance_refresh_of_every_group_replaces_the_control_plane() {
    let of = |refresh: Value, version: &str| {
        group(
            "control-plane",
            1,
            json!({"instance_refresh": refresh, "launch_template": [{"id": "lt-1", "version": version}]}),
        )
    };
    let change = |refresh: Value, version: &str| {
        resource("aws_autoscaling_group.a", &["update"], of(refresh.clone(), "1"), of(refresh, version))
    };
    let refresh = json!([{"strategy": "Rolling"}]);
    assert_eq!(found(&[change(refresh.clone(), "2")]), ["control-plane refresh-all aws_autoscaling_group.a"]);
    assert!(found(&[change(refresh, "1")]).is_empty());
    assert!(found(&[change(json!([]), "2")]).is_empty(), "without a refresh, instances stay until a rolling update");
}

#[test]
fn data_sources_drift_and_moves_are_no_changes() {
    let mut data = resource("data.aws_lb.api", &["delete"], balancer(), Value::Null);
    data["mode"] = json!("data");
    data["type"] = json!("aws_lb");
    let mut moved = resource("module.a.aws_ebs_volume.x", &["no-op"], volume(), volume());
    moved["previous_address"] = json!("aws_ebs_volume.x");
    let drift = resource("aws_ebs_volume.x", &["delete"], volume(), Value::Null);
    let document = json!({"format_version": "1.2", "resource_changes": [data, moved], "resource_drift": [drift]});
    assert!(check(&Plan::parse(document.to_string().as_bytes()).unwrap()).is_empty());
}

#[test]
fn of_deposed_objects_only_volumes_matter() {
    let deposed = |mut resource: Value| {
        resource["deposed"] = json!("00000000");
        resource
    };
    let found = found(&[
        deposed(resource("aws_ebs_volume.x", &["delete"], volume(), Value::Null)),
        deposed(resource("aws_lb.api", &["delete"], balancer(), Value::Null)),
        deposed(resource("aws_autoscaling_group.a", &["delete"], group("master", 1, json!({})), Value::Null)),
        resource("aws_autoscaling_group.a", &["no-op"], group("master", 1, json!({})), group("master", 1, json!({}))),
    ]);
    assert_eq!(found, ["etcd destroy aws_ebs_volume.x"]);
}

#[test]
fn a_finding_says_why_and_how_to_avoid_it() {
    let mut replaced = resource("aws_ebs_volume.x", &["delete", "create"], volume(), volume());
    replaced["change"]["replace_paths"] = json!([["encrypted"], ["x", 0, "y"]]);
    replaced["action_reason"] = json!("replace_because_cannot_update");
    let finding = check(&plan(&[replaced])).remove(0);
    assert_eq!(
        finding.to_string(),
        "etcd volume a.etcd-main.a.example.com would be replaced: destroyed, then created again; a change of encrypted, x[0].y \
         forces replacement"
    );
    assert!(finding.hint.ends_with("use --allow etcd"), "{}", finding.hint);

    let mut gone = resource("aws_ebs_volume.x", &["delete"], volume(), Value::Null);
    gone["action_reason"] = json!("delete_because_no_resource_config");
    let again = resource("module.c.aws_ebs_volume.y", &["create"], Value::Null, volume());
    let finding = check(&plan(&[gone, again])).remove(0);
    assert!(finding.to_string().ends_with("destroyed; the configuration no longer has this resource"), "{finding}");
    assert!(
        finding.hint.contains("`moved` block from aws_ebs_volume.x to module.c.aws_ebs_volume.y"),
        "{}",
        finding.hint
    );
}

#[test]
fn what_is_not_a_plan_is_refused() {
    let error = |text: &str| Plan::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error("").contains("it is empty"), "{}", error(""));
    assert!(error("{").contains("ends too early"));
    assert!(error("{]").contains("not JSON: line 1, column 2"), "{}", error("{]"));
    assert!(error("[]").contains("expected an object"), "{}", error("[]"));
    assert!(error("{}").contains("no format_version"));
    assert!(error("{\"format_version\": \"1.0\"}").contains("no resource_changes"));
    assert!(error("{\"format_version\": \"1.0\", \"values\": {}}").contains("a state"));
    assert!(error("{\"format_version\": \"2.0\", \"resource_changes\": []}").contains("\"2.0\""));
    assert!(error("{\"format_version\": \"1.2\", \"resource_changes\": [], \"errored\": true}").contains("incomplete"));
    assert!(error("{\"format_version\": \"1.2\"}\n{\"a\": 1}\n").contains("log"));
    assert!(error("PK\u{3}\u{4}xyz").contains("binary"));
    let typed = "{\"format_version\": \"1.2\", \"resource_changes\": [{\"change\": {\"actions\": \"delete\"}}]}";
    assert!(error(typed).contains("resource_changes[0].change.actions"), "{}", error(typed));
    let unknown = "{\"format_version\": \"1.2\", \"resource_changes\": [{\"address\": \"a.b\", \"change\": {\"actions\": [\"burn\"]}}]}";
    assert!(error(unknown).contains("a.b has unknown actions: [\"burn\"]"), "{}", error(unknown));
    for version in ["0.1", "0.2", "1.0", "1.2", "1.99"] {
        let text = format!("{{\"format_version\": \"{version}\", \"resource_changes\": []}}");
        assert!(Plan::parse(text.as_bytes()).is_ok(), "{version}");
    }
}

/// Any JSON, with the names that plans have.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("tags"),
        Just("tag"),
        Just("key"),
        Just("value"),
        Just("Name"),
        Just("KubernetesCluster"),
        Just("k8s.io/etcd/main"),
        Just("target_group_arns"),
        Just("default_action"),
        Just("forward"),
        Just("target_group"),
        Just("arn"),
        Just("name"),
        Just("load_balancer_arn"),
        Just("traffic_source"),
        Just("instance_refresh"),
        Just("max_size"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(CLUSTER)),
        Just(json!("api.a.example.com")),
        Just(json!(LB_ARN)),
        Just(json!(TG_ARN)),
        "[a-z:/.]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

const KINDS: [&str; 10] = [
    "aws_ebs_volume",
    "aws_lb",
    "aws_elb",
    "aws_lb_listener",
    "aws_lb_target_group",
    "aws_autoscaling_group",
    "aws_autoscaling_attachment",
    "aws_autoscaling_traffic_source_attachment",
    "aws_elb_attachment",
    "aws_vpc",
];

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Plan::parse(&bytes);
    }

    #[test]
    fn no_json_makes_it_panic(value in any_json()) {
        let _ = Plan::parse(value.to_string().as_bytes());
        let document = json!({"format_version": "1.2", "resource_changes": value});
        let _ = Plan::parse(document.to_string().as_bytes()).map(|plan| check(&plan));
    }

    #[test]
    fn no_attributes_make_it_panic_and_what_stays_is_no_finding(
        resources in prop::collection::vec((0..KINDS.len(), any_json(), any_json(), any_json()), 0..6),
    ) {
        let with = |actions: &[&str]| {
            let resources = resources.iter().enumerate().map(|(i, (kind, before, after, unknown))| json!({
                "address": format!("{}.x{i}", KINDS[*kind]), "mode": "managed", "type": KINDS[*kind],
                "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown},
            }));
            check(&plan(&resources.collect::<Vec<_>>()))
        };
        for actions in [&["delete"][..], &["update"], &["create", "delete"], &["create"]] {
            with(actions);
        }
        prop_assert!(with(&["no-op"]).is_empty());
        prop_assert!(with(&["forget"]).is_empty());
    }
}
