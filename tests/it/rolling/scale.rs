//! Large clusters: planning is fast.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kopsform_rolling::discover::discover;
use kopsform_rolling::plan::{Plan, PlanOptions};
use kopsform_rolling::ports::{
    Capabilities, CloudGroup, CloudInstance, CloudSnapshot, LaunchSource, Lifecycle, Member, Node,
};
use kopsform_spec::v1alpha2::{InstanceGroup, InstanceGroupRole};

const GROUPS: usize = 200;
const SIZE: usize = 10;

/// An optimized build takes at most 100 ms; this leaves room for unoptimized builds on a busy machine.
const BOUND: Duration = Duration::from_secs(3);

#[test]
fn two_hundred_groups_are_planned_at_once() {
    let names: Vec<_> = (0..GROUPS).map(|g| format!("nodes-{g:03}")).collect();
    let specs: Vec<_> = names.iter().map(|name| spec(name)).collect();
    let ids = || (0..GROUPS).flat_map(|g| (0..SIZE).map(move |n| (g, format!("i-{g:03}{n:02}"))));
    let member = |n: usize, id: String| Member {
        id,
        launch: Some(template(n % 2 + 1)),
        lifecycle: Lifecycle::Active,
        state: "InService".to_owned(),
    };
    let snapshot = CloudSnapshot {
        groups: (names.iter().enumerate())
            .map(|(g, name)| CloudGroup {
                name: format!("{name}.c"),
                desired: 10,
                launch: Some(template(2)),
                members: ids().filter(|(of, _)| *of == g).enumerate().map(|(n, (_, id))| member(n, id)).collect(),
                ..CloudGroup::default()
            })
            .collect(),
        instances: ids()
            .map(|(g, id)| CloudInstance { id, group: names[g].clone(), ..CloudInstance::default() })
            .collect(),
    };
    let nodes: Vec<_> =
        ids().map(|(_, id)| Arc::new(Node { name: id.clone(), instance: id, ..Node::default() })).collect();

    let began = Instant::now();
    let facts = discover("c", &specs, &snapshot, Capabilities::AUTO_SCALING_GROUPS, &nodes).unwrap();
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

fn template(version: usize) -> LaunchSource {
    LaunchSource { kind: "launch template", id: "lt-1".to_owned(), version: Some(version.to_string()) }
}
