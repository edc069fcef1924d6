#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn resources(of: &[(&str, Value)]) -> Resources {
    let arguments = |value: &Value| value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    of.iter().map(|(address, value)| ((*address).to_owned(), arguments(value))).collect()
}

/// The changes, where arguments differ whose values do.
fn changed(old: &Resources, new: &Resources) -> Vec<ResourceChange> {
    let mut differences = BTreeMap::new();
    for (address, before) in old {
        let Some(after) = new.get(address) else { continue };
        let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let found = paths.into_iter().filter(|path| before.get(*path) != after.get(*path)).map(|path| Difference {
            path: path.clone(),
            old: before.get(path).cloned(),
            new: after.get(path).cloned(),
        });
        differences.insert(address.clone(), found.collect());
    }
    changes(old, new, &differences)
}

/// `sign address: path!` for each resource, with a mark on what replaces it.
fn shown(old: &[(&str, Value)], new: &[(&str, Value)]) -> Vec<String> {
    let line = |change: ResourceChange| {
        let arguments = change.arguments.iter().map(|argument| {
            let mark = if argument.replaces {
                "!"
            } else if argument.kept {
                "="
            } else {
                ""
            };
            format!(" {}{mark}", argument.path)
        });
        format!("{} {}{}", change.action, change.address, arguments.collect::<String>())
    };
    changed(&resources(old), &resources(new)).into_iter().map(line).collect()
}

#[test]
fn changes_that_terraform_ignores_are_none() {
    let group = |size: u32, name: &str, ignored: Value| json!({"target_size": size, "base_instance_name": name, "lifecycle.ignore_changes": ignored});
    for ignored in [json!(["${target_size}"]), json!(["target_size"]), json!("target_size")] {
        let old = [("google_compute_instance_group_manager.a", group(1, "a", ignored.clone()))];
        assert!(shown(&old, &[("google_compute_instance_group_manager.a", group(2, "a", ignored.clone()))]).is_empty());
        let new = [("google_compute_instance_group_manager.a", group(2, "b", ignored))];
        assert_eq!(shown(&old, &new), ["~ google_compute_instance_group_manager.a base_instance_name"]);
    }
}

#[test]
fn resources_are_added_changed_replaced_and_destroyed() {
    let old = [
        ("aws_vpc.gone", json!({"cidr_block": "10.0.0.0/16"})),
        ("aws_ebs_volume.etcd", json!({"encrypted": false, "size": 20})),
        ("aws_ebs_volume.grown", json!({"encrypted": true, "size": 20})),
        ("aws_sqs_queue.same", json!({"name": "q"})),
    ];
    let new = [
        ("aws_vpc.new", json!({"cidr_block": "10.0.0.0/16"})),
        ("aws_ebs_volume.etcd", json!({"encrypted": true, "size": 20})),
        ("aws_ebs_volume.grown", json!({"encrypted": true, "size": 40})),
        ("aws_sqs_queue.same", json!({"name": "q"})),
    ];
    assert_eq!(
        shown(&old, &new),
        ["-/+ aws_ebs_volume.etcd encrypted!", "~ aws_ebs_volume.grown size", "- aws_vpc.gone", "+ aws_vpc.new"]
    );
}

#[test]
fn a_new_version_of_a_launch_template_reaches_its_group() {
    let of = |image: &str| {
        [
            (
                "aws_launch_template.nodes",
                json!({"image_id": image, "name": "nodes", "lifecycle.create_before_destroy": true}),
            ),
            (
                "aws_autoscaling_group.nodes",
                json!({"launch_template.id": "${aws_launch_template.nodes.id}",
                    "launch_template.version": "${aws_launch_template.nodes.latest_version}"}),
            ),
        ]
    };
    assert_eq!(
        shown(&of("ami-1"), &of("ami-2")),
        ["~ aws_autoscaling_group.nodes launch_template.version", "~ aws_launch_template.nodes image_id"]
    );
    let changes = changed(&resources(&of("ami-1")), &resources(&of("ami-2")));
    assert_eq!(changes[0].arguments[0].because_of.as_deref(), Some("aws_launch_template.nodes"));
    assert_eq!(changes[0].arguments[0].new, None);
}

#[test]
fn replacements_spread_to_what_cannot_change_in_place() {
    let of = |cidr: &str| {
        [
            ("aws_vpc.a", json!({"cidr_block": cidr})),
            ("aws_subnet.a", json!({"vpc_id": "${aws_vpc.a.id}", "cidr_block": "10.0.0.0/24"})),
            ("aws_nat_gateway.a", json!({"subnet_id": "${aws_subnet.a.id}"})),
            ("aws_autoscaling_group.a", json!({"vpc_zone_identifier": ["${aws_subnet.a.id}"]})),
        ]
    };
    assert_eq!(
        shown(&of("10.0.0.0/16"), &of("10.1.0.0/16")),
        [
            "~ aws_autoscaling_group.a vpc_zone_identifier",
            "-/+ aws_nat_gateway.a subnet_id!",
            "-/+ aws_subnet.a vpc_id!",
            "-/+ aws_vpc.a cidr_block!",
        ]
    );
}

#[test]
fn configured_attributes_of_replaced_resources_are_known() {
    let of = |name: &str, policy: &str| {
        [
            ("aws_iam_role.a", json!({"name": name, "assume_role_policy": policy})),
            ("aws_iam_role_policy.a", json!({"role": "${aws_iam_role.a.name}"})),
        ]
    };
    assert_eq!(shown(&of("a", "x"), &of("a", "y")), ["~ aws_iam_role.a assume_role_policy"]);
    let changes = changed(&resources(&of("a", "x")), &resources(&of("b", "x")));
    assert_eq!(changes[1].arguments[0].old, Some(json!("a")));
    assert_eq!(changes[1].arguments[0].new, Some(json!("b")));
    assert_eq!(changes[1].action, Action::Replace);
}

#[test]
fn a_network_load_balancer_grows_in_place_and_never_shrinks() {
    let of = |subnets: &[&str], groups: Value| {
        let mut arguments = json!({"load_balancer_type": "network"});
        for (i, subnet) in subnets.iter().enumerate() {
            arguments[format!("subnet_mapping[{i}].subnet_id")] = json!(subnet);
        }
        if !groups.is_null() {
            arguments["security_groups"] = groups;
        }
        [("aws_lb.api", arguments)]
    };
    let none = Value::Null;
    let shown = |old: &[&str], new: &[&str]| shown(&of(old, none.clone()), &of(new, none.clone()));
    assert_eq!(shown(&["a"], &["a", "b"]), ["~ aws_lb.api subnet_mapping[1].subnet_id"]);
    assert_eq!(shown(&["a", "b"], &["a"]), ["-/+ aws_lb.api subnet_mapping[1].subnet_id!"]);
    assert_eq!(shown(&["a"], &["b"]), ["-/+ aws_lb.api subnet_mapping[0].subnet_id!"]);
    let groups = |old: Value, new: Value| super::tests::shown(&of(&["a"], old), &of(&["a"], new));
    assert_eq!(groups(json!(null), json!(["x"])), ["-/+ aws_lb.api security_groups!"]);
    assert_eq!(groups(json!(["x"]), json!(["y"])), ["~ aws_lb.api security_groups"]);
    assert_eq!(groups(json!(["x"]), json!(null)), [" aws_lb.api security_groups="], "the provider keeps them");
}

#[test]
fn an_ipv6_network_of_a_subnet_changes_in_place_before_it_assigns_addresses() {
    let of = |cidr: &str, assigns: bool| {
        [("aws_subnet.a", json!({"ipv6_cidr_block": cidr, "assign_ipv6_address_on_creation": assigns}))]
    };
    assert_eq!(shown(&of("a", true), &of("b", true)), ["-/+ aws_subnet.a ipv6_cidr_block!"]);
    assert_eq!(shown(&of("a", false), &of("b", false)), ["~ aws_subnet.a ipv6_cidr_block"]);
}

#[test]
fn an_item_that_is_removed_from_a_list_is_not_kept() {
    let of = |list: Value| resources(&[("aws_autoscaling_group.a", json!({"vpc_zone_identifier": list}))]);
    let (path, old, new) = ("vpc_zone_identifier[1]".to_owned(), Some(json!("b")), None);
    let differences = BTreeMap::from([("aws_autoscaling_group.a".to_owned(), vec![Difference { path, old, new }])]);
    let found = changes(&of(json!(["a", "b"])), &of(json!(["a"])), &differences);
    assert_eq!((found[0].action, found[0].arguments[0].kept), (Action::Update, false));
}

fn any_resources() -> impl Strategy<Value = Resources> {
    let address = prop::sample::select(vec![
        "aws_vpc.a",
        "aws_subnet.a",
        "aws_subnet.b[\"k.x\"]",
        "aws_launch_template.a",
        "aws_autoscaling_group.a",
        "aws_lb.a",
        "aws_ebs_volume.a",
    ]);
    let path = prop::sample::select(vec![
        "name",
        "cidr_block",
        "vpc_id",
        "tags.Name",
        "subnet_mapping[0].subnet_id",
        "subnet_mapping[x].subnet_id",
        "security_groups",
        "launch_template.version",
        "lifecycle.create_before_destroy",
        "encrypted",
        "size",
        "ipv6_cidr_block",
    ]);
    let value = prop::sample::select(vec![
        json!("x"),
        json!("1"),
        json!(1),
        json!(true),
        json!("true"),
        json!(["a", "b"]),
        json!(["b", "a"]),
        json!([]),
        json!("${aws_vpc.a.id}"),
        json!("${aws_launch_template.a.latest_version}"),
        json!("${aws_subnet.b[\"k.x\"].vpc_id}"),
        json!(["${aws_lb.a.arn}"]),
        json!("${"),
        Value::Null,
    ]);
    let arguments = prop::collection::btree_map(path.prop_map(str::to_owned), value, 0..6);
    prop::collection::btree_map(address.prop_map(str::to_owned), arguments, 0..6)
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(resources in any_resources()) {
        prop_assert_eq!(changed(&resources, &resources), []);
    }

    /// Rules that depend on the direction, such as that a load balancer only grows in place, decide about actions; what differs
    /// does not depend on it.
    #[test]
    fn changes_mirror(old in any_resources(), new in any_resources()) {
        let mirrored = |changes: Vec<ResourceChange>, is_mirrored: bool| -> Vec<(String, Option<Action>, Vec<ArgumentChange>)> {
            let swap = |change: ArgumentChange| {
                let (old, new) = if is_mirrored { (change.new, change.old) } else { (change.old, change.new) };
                ArgumentChange { old, new, replaces: false, kept: false, ..change }
            };
            changes.into_iter().filter_map(|change| {
                let action = match change.action {
                    Action::Create if is_mirrored => Some(Action::Destroy),
                    Action::Destroy if is_mirrored => Some(Action::Create),
                    whole @ (Action::Create | Action::Destroy) => Some(whole),
                    _ => None,
                };
                let own = change.arguments.into_iter().filter(|argument| argument.because_of.is_none());
                let own: Vec<_> = own.map(swap).collect();
                (action.is_some() || !own.is_empty()).then_some((change.address, action, own))
            }).collect()
        };
        prop_assert_eq!(mirrored(changed(&old, &new), false), mirrored(changed(&new, &old), true));
    }
}
