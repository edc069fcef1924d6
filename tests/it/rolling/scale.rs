//! Large clusters: the plan is a matter of moments.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kopsform_rolling::discover::discover;
use kopsform_rolling::plan::{Plan, PlanOptions};
use kopsform_rolling::ports::{CloudSnapshot, Ec2Instance, Member, Node, ScalingGroup};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

const GROUPS: usize = 200;
const SIZE: usize = 10;

/// What the optimized program has to do in 100 ms, with room for one that is not optimized on a machine that is busy.
const BOUND: Duration = Duration::from_secs(3);

#[test]
fn two_hundred_groups_are_planned_at_once() {
    let names: Vec<_> = (0..GROUPS).map(|g| format!("nodes-{g:03}")).collect();
    let specs: Vec<_> = names.iter().map(|name| spec(name)).collect();
    let ids = || (0..GROUPS).flat_map(|g| (0..SIZE).map(move |n| (g, format!("i-{g:03}{n:02}"))));
    let member = |n: usize, id: String| Member {
        id,
        launch: Some(format!("lt-1:{}", n % 2 + 1)),
        lifecycle: "InService".to_owned(),
    };
    let snapshot = CloudSnapshot {
        groups: (names.iter().enumerate())
            .map(|(g, name)| ScalingGroup {
                name: format!("{name}.c"),
                desired: 10,
                launch: Some("lt-1:2".to_owned()),
                members: ids().filter(|(of, _)| *of == g).enumerate().map(|(n, (_, id))| member(n, id)).collect(),
                ..ScalingGroup::default()
            })
            .collect(),
        instances: ids().map(|(g, id)| Ec2Instance { id, group: names[g].clone(), ..Ec2Instance::default() }).collect(),
    };
    let nodes: Vec<_> =
        ids().map(|(_, id)| Arc::new(Node { name: id.clone(), instance: id, ..Node::default() })).collect();

    let began = Instant::now();
    let facts = discover("c", &specs, &snapshot, &nodes).unwrap();
    let selected: Vec<_> = names.iter().map(String::as_str).collect();
    let plan = Plan::new(&facts, &selected, &PlanOptions::default());
    let took = began.elapsed();

    assert_eq!((plan.groups().count(), plan.instance_count()), (GROUPS, GROUPS * SIZE / 2));
    eprintln!("{} instances in {GROUPS} groups: planned in {took:?}", GROUPS * SIZE);
    assert!(took < BOUND, "{took:?}");
}

fn spec(name: &str) -> InstanceGroup {
    let mut group = InstanceGroup::default();
    group.metadata.name = name.to_owned();
    group.spec.role = Some(InstanceGroupRole::Node);
    group
}
