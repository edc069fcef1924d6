#![allow(clippy::unwrap_used)]

use kopsform_model::fixture::Fixture;
use kopsform_model::gce::network::existing;
use kopsform_model::{Lifecycle, Lifecycles};
use kopsform_spec::v1alpha2::{Api, LoadBalancerAccess};

use super::super::{Settings, tasks};
use crate::task::{Expected, Task, TaskId, TaskKind};
use crate::value::Value;

/// A cluster with a public load balancer.
fn fixture() -> Fixture {
    let mut fixture = Fixture::google();
    fixture.cluster.spec.api = Some(Api { load_balancer: Some(LoadBalancerAccess::default()), ..Api::default() });
    fixture
}

fn tasks_of(fixture: &Fixture) -> Vec<Task> {
    let graph = fixture.google_cluster().unwrap();
    let settings = Settings { existing: existing(&fixture.context()), ..Settings::default() };
    tasks(&graph, &settings)
}

fn task<'t>(tasks: &'t [Task], kind: TaskKind, name: &str) -> &'t Task {
    let id = TaskId::new(kind, name);
    tasks.iter().find(|task| task.id == id).unwrap_or_else(|| {
        let ids: Vec<String> = tasks.iter().map(|task| task.id.to_string()).collect();
        panic!("no {id} among {}", ids.join(", "))
    })
}

/// Whether a task comes before another, also by way of others.
fn comes_before(tasks: &[Task], first: &TaskId, then: &TaskId) -> bool {
    let Some(then) = tasks.iter().find(|task| task.id == *then) else { return false };
    then.needs.iter().any(|need| need == first || comes_before(tasks, first, need))
}

#[test]
fn instances_start_after_all_that_they_use() {
    let tasks = tasks_of(&fixture());
    let groups: Vec<&Task> = tasks.iter().filter(|task| task.id.kind == TaskKind::InstanceGroupManager).collect();
    assert_eq!(groups.len(), 3, "one for each zone of each group");
    let used = [
        TaskKind::BucketIamMember,
        TaskKind::Disk,
        TaskKind::FirewallRule,
        TaskKind::InstanceTemplate,
        TaskKind::Network,
        TaskKind::PoolHealthCheck,
        TaskKind::ProjectIamBinding,
    ];
    for kind in used {
        let first: Vec<&Task> = tasks.iter().filter(|task| task.id.kind == kind).collect();
        let is_before = |first: &&Task| groups.iter().any(|group| comes_before(&tasks, &first.id, &group.id));
        // Which buckets there are depends on the etcd backups, which this cluster has none of.
        assert!(kind == TaskKind::BucketIamMember || !first.is_empty(), "{}", kind.as_str());
        assert!(first.iter().all(is_before), "{}", kind.as_str());
    }
}

#[test]
fn load_balancers_come_after_the_groups_behind_them() {
    let tasks = tasks_of(&fixture());
    let rule = tasks.iter().find(|t| t.id.kind == TaskKind::ForwardingRule && t.value("BackendService").is_some());
    let rule = &rule.unwrap().id;
    for kind in [TaskKind::BackendService, TaskKind::HealthCheck, TaskKind::Address, TaskKind::InstanceGroupManager] {
        let firsts = tasks.iter().filter(|task| task.id.kind == kind);
        assert!(firsts.into_iter().any(|first| comes_before(&tasks, &first.id, rule)), "{}", kind.as_str());
    }
}

#[test]
fn a_network_of_others_is_looked_up_and_never_created() {
    let mut fixture = fixture();
    fixture.cluster.spec.network_id = "host/shared".to_owned();
    for subnet in &mut fixture.cluster.spec.subnets {
        subnet.id = format!("{}-id", subnet.name);
    }
    let tasks = tasks_of(&fixture);
    let network = task(&tasks, TaskKind::Network, "shared");
    assert_eq!(network.expected, Expected::Existing { id: Some("host/shared".to_owned()) });
    let subnets: Vec<&Task> = tasks.iter().filter(|task| task.id.kind == TaskKind::Subnet).collect();
    assert_eq!(subnets.len(), fixture.cluster.spec.subnets.len());
    for subnet in subnets {
        assert_eq!(subnet.expected, Expected::Existing { id: Some(format!("host/{}", subnet.id.name)) });
        assert_eq!(subnet.value("Network"), Some(&Value::from("shared")));
    }
    assert!(tasks.iter().all(|task| task.id.kind != TaskKind::Router), "others provide the way out");
}

#[test]
fn the_account_of_the_spec_is_looked_up() {
    let mut fixture = fixture();
    let cloud = fixture.cluster.spec.cloud_config.get_or_insert_default();
    cloud.gce_service_account = "nodes@p.iam.gserviceaccount.com".to_owned();
    let tasks = tasks_of(&fixture);
    let account = task(&tasks, TaskKind::ServiceAccount, "shared");
    assert_eq!(account.expected, Expected::Existing { id: Some("nodes@p.iam.gserviceaccount.com".to_owned()) });
    assert!(tasks.iter().all(|task| task.id.kind != TaskKind::ProjectIamBinding));
}

#[test]
fn the_lifecycle_of_what_no_node_is_about_can_be_overridden() {
    let mut fixture = fixture();
    fixture.cluster.spec.network_id = "shared".to_owned();
    let graph = fixture.google_cluster().unwrap();
    let overrides = [("Network".to_owned(), Lifecycle::Ignore)].into();
    let lifecycles = Lifecycles { overrides, ..Lifecycles::default() };
    let settings = Settings { existing: existing(&fixture.context()), lifecycles };
    let tasks = tasks(&graph, &settings);
    assert_eq!(task(&tasks, TaskKind::Network, "shared").lifecycle, Lifecycle::Ignore);
}

#[test]
fn boot_scripts_are_documents_which_previews_leave_out() {
    let tasks = tasks_of(&fixture());
    let template = tasks.iter().find(|task| task.id.kind == TaskKind::InstanceTemplate).unwrap();
    let Some(Value::Scripts(metadata)) = template.value("Metadata") else { panic!("{template:?}") };
    assert!(metadata["user-data"].starts_with("#!/bin/bash\n"));
    assert_eq!(metadata["cluster-name"], "a.example.com");
}
