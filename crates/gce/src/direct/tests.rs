//! What is created is found to be as it should be: the request of each kind, read back as Google would answer with it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::*;
use kopsform_direct::desired::{Settings, tasks};
use kopsform_direct::{Attribute, Ids, Object};
use kopsform_env::Environment;
use kopsform_model::fixture::{Fixture, group};
use kopsform_model::gce::network::existing;
use kopsform_model::gce::resources::{
    Address, BackendService, FirewallRule, ForwardingRule, HttpHealthCheck, InstanceGroupManager, InstanceTemplate,
    PersistentDisk, RegionHealthCheck, Router, Subnetwork,
};
use kopsform_spec::v1alpha2::{Api as ApiSpec, InstanceGroupRole, LoadBalancerAccess, Networking, SubnetType};

/// Clusters with all that there is: load balancers, bastions, private subnets, API server groups, Spot, IP aliases.
fn fixtures() -> Vec<Fixture> {
    let mut common = Fixture::google();
    common.cluster.spec.api =
        Some(ApiSpec { load_balancer: Some(LoadBalancerAccess::default()), ..ApiSpec::default() });
    for (name, role) in [("bastions", InstanceGroupRole::Bastion), ("apiserver", InstanceGroupRole::ApiServer)] {
        let mut group = group(name, role);
        group.spec.zones = vec!["us-test1-a".to_owned()];
        group.spec.image = "cos-cloud/cos".to_owned();
        group.spec.gcp_provisioning_model = Some("SPOT".to_owned());
        common.groups.push(group);
    }
    common.cluster.spec.subnets[0].r#type = Some(SubnetType::Private);
    let mut aliases = Fixture::google();
    aliases.cluster.spec.networking = Some(Networking { gce: Some(Default::default()), ..Networking::default() });
    aliases.cluster.spec.pod_cidr = "10.4.0.0/14".to_owned();
    aliases.cluster.spec.service_cluster_ip_range = "10.1.0.0/16".to_owned();
    let mut shared = common.clone();
    shared.cluster.spec.network_id = "host/shared".to_owned();
    vec![common, aliases, shared]
}

/// What a request of a task is read back as; `None` for what has no request with a body of its own.
fn created(cloud: &DirectCloud, task: &Task) -> Option<Object> {
    let body: Json = match task.id.kind {
        TaskKind::Network => return Some(network::object(&network::body(&task.id.name))),
        TaskKind::Subnet => return Some(subnetwork::object(&subnetwork::body(cloud, of::<Subnetwork>(cloud, task)?))),
        TaskKind::Router => router::body(cloud, of::<Router>(cloud, task)?),
        TaskKind::FirewallRule => firewall_rule::body(cloud, of::<FirewallRule>(cloud, task)?),
        TaskKind::Address => address::body(cloud, of::<Address>(cloud, task)?),
        TaskKind::HealthCheck => health_check::body(cloud, of::<RegionHealthCheck>(cloud, task)?),
        TaskKind::HttpHealthCheck => health_check::http_body(of::<HttpHealthCheck>(cloud, task)?),
        TaskKind::BackendService => backend_service::body(cloud, of::<BackendService>(cloud, task)?).unwrap(),
        TaskKind::Disk => disk::body(cloud, of::<PersistentDisk>(cloud, task)?),
        TaskKind::InstanceTemplate => instance_template::body(cloud, of::<InstanceTemplate>(cloud, task)?).unwrap(),
        TaskKind::ForwardingRule => {
            let mut body = forwarding_rule::body(cloud, of::<ForwardingRule>(cloud, task)?, "10.0.0.2");
            body["labels"] = serde_json::to_value(support::wanted_map(task, "Labels")).unwrap();
            body
        }
        TaskKind::InstanceGroupManager => {
            let template = "https://www.googleapis.com/compute/v1/projects/p/global/instanceTemplates/t";
            instance_group_manager::body(cloud, of::<InstanceGroupManager>(cloud, task)?, template)
        }
        _ => return None,
    };
    Some(match task.id.kind {
        TaskKind::Router => router::object(&task.id.name, &body),
        TaskKind::FirewallRule => firewall_rule::object(&body),
        TaskKind::Address => address::object(&body),
        TaskKind::HealthCheck => health_check::object(&body),
        TaskKind::HttpHealthCheck => health_check::http_object(&body),
        TaskKind::BackendService => backend_service::object(&body),
        TaskKind::Disk => disk::object(&body),
        TaskKind::InstanceTemplate => instance_template::object(&body),
        TaskKind::ForwardingRule => forwarding_rule::object(&body),
        _ => instance_group_manager::object(&body),
    })
}

fn of<'c, T: kopsform_model::Kinded>(cloud: &'c DirectCloud, task: &Task) -> Option<&'c T> {
    cloud.resource::<T>(task).ok()
}

#[test]
fn what_was_created_is_as_it_should_be() {
    let mut kinds = BTreeSet::new();
    for fixture in fixtures() {
        let graph = fixture.google_cluster().unwrap();
        let settings = Settings { existing: existing(&fixture.context()), ..Settings::default() };
        let tasks = tasks(&graph, &settings);
        let mut ids = Ids::default();
        for task in &tasks {
            let attributes = [(Attribute::Id, "t".to_owned()), (Attribute::PublicAddress, "10.0.0.2".to_owned())];
            ids.insert(task.id.clone(), attributes.into());
        }
        let cloud = DirectCloud::new(Api::new(&Environment::default()), graph);
        for task in &tasks {
            let Some(object) = created(&cloud, task) else { continue };
            kinds.insert(task.id.kind.as_str());
            for field in &task.fields {
                if let (Some(wanted), Some(found)) = (&field.value, object.fields.get(field.name)) {
                    let wanted = wanted.resolve(&ids);
                    assert!(wanted.accepts(found), "{}: {}: {wanted:?} is not {found:?}", task.id, field.name);
                }
            }
        }
    }
    assert_eq!(kinds.len(), 12, "{kinds:?}");
}

#[test]
fn a_template_that_differs_in_anything_is_another_one() {
    let fixture = &fixtures()[0];
    let graph = fixture.google_cluster().unwrap();
    let tasks = tasks(&graph, &Settings::default());
    let cloud = DirectCloud::new(Api::new(&Environment::default()), graph);
    let task = tasks.iter().find(|task| task.id.kind == TaskKind::InstanceTemplate).unwrap();
    let body = instance_template::body(&cloud, of::<InstanceTemplate>(&cloud, task).unwrap()).unwrap();
    assert!(instance_template::is_as_wanted(task, &instance_template::object(&body)));
    for (pointer, other) in [
        ("/properties/machineType", serde_json::json!("n2-standard-2")),
        ("/properties/metadata/items/0/value", serde_json::json!("other")),
        ("/properties/labels", serde_json::json!({})),
        ("/properties/networkInterfaces/0/accessConfigs", serde_json::json!([])),
        ("/properties/scheduling/onHostMaintenance", serde_json::json!("")),
        ("/properties/serviceAccounts/0/scopes", serde_json::json!([])),
    ] {
        let mut changed = body.clone();
        if let Some(value) = changed.pointer_mut(pointer) {
            *value = other;
            assert!(!instance_template::is_as_wanted(task, &instance_template::object(&changed)), "{pointer}");
        }
    }
}

#[test]
fn rules_and_subnets_are_in_the_project_of_their_network() {
    let fixture = &fixtures()[2];
    let graph = fixture.google_cluster().unwrap();
    let cloud = DirectCloud::new(Api::new(&Environment::default()), graph.clone());
    let (_, rule) = graph.all::<FirewallRule>().next().unwrap();
    assert_eq!(cloud.project_of(&rule.network), "host");
    assert_eq!(cloud.network_path(&rule.network), "projects/host/global/networks/shared");
    let network = firewall_rule::body(&cloud, rule)["network"].clone();
    assert_eq!(network, "https://www.googleapis.com/compute/v1/projects/host/global/networks/shared");
}
