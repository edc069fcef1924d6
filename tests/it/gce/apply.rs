//! What an apply of a cluster's graph leaves in Google Cloud: the resources with the names, labels and references that the graph
//! says, without those details of machines on which no test depends.

use std::collections::BTreeMap;

use kopsform_model::gce::resources::{
    Address, BackendService, BucketIamMember, FirewallRule, ForwardingRule, HttpHealthCheck, InstanceGroupManager,
    InstanceTemplate, Labels, Network, PersistentDisk, ProjectIamBinding, RegionHealthCheck, Router, RouterNat, Scheme,
    ServiceAccount, Sources, Subnetwork, TargetPool,
};
use kopsform_model::{Graph, In, Ref, Text};
use serde_json::{Map, Value, json};

use crate::support::simulated_google::{PROJECT, REGION, SimulatedGoogle};

/// Creates everything of a graph.
pub fn apply(google: &SimulatedGoogle, graph: &Graph) {
    google.add(&resources(graph));
    grant(google, graph);
}

fn global(collection: &str) -> String {
    format!("projects/{PROJECT}/global/{collection}")
}

fn regional(collection: &str) -> String {
    format!("projects/{PROJECT}/regions/{REGION}/{collection}")
}

fn zonal(zone: &str, collection: &str) -> String {
    format!("projects/{PROJECT}/zones/{zone}/{collection}")
}

/// The link to a network or subnet, of the cluster or of others; an existing one may be in another project: `PROJECT/NAME`.
fn link<T>(reference: &In<T>, collection: &str) -> String {
    match reference {
        In::Node(node) => format!("{collection}/{}", node.name()),
        In::Existing(id) => match id.split_once('/') {
            Some((project, name)) => format!("{}/{name}", collection.replace(PROJECT, project)),
            None => format!("{collection}/{id}"),
        },
    }
}

fn network(reference: &In<Network>) -> String {
    link(reference, &global("networks"))
}

fn subnetwork(reference: &In<Subnetwork>) -> String {
    link(reference, &regional("subnetworks"))
}

fn labels(labels: &Labels) -> Value {
    labels.iter().map(|(key, value)| (key.to_string(), json!(value.as_str()))).collect::<Map<_, _>>().into()
}

fn strings(names: &[Text]) -> Vec<&str> {
    names.iter().map(Text::as_str).collect()
}

/// The name that a template gets from its prefix.
fn template_name(graph: &Graph, template: &Ref<InstanceTemplate>) -> String {
    format!("{}20260101", graph.get(template).unwrap().name_prefix)
}

/// The requests that create resources, each after what it refers to.
pub fn resources(graph: &Graph) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut add = |collection: String, body: Value| all.push((collection, body));
    for (_, r) in graph.all::<ServiceAccount>() {
        let path = format!("projects/{}/serviceAccounts", r.project);
        let account = json!({ "displayName": r.display_name });
        add(path, json!({ "accountId": r.account_id.as_str(), "serviceAccount": account }));
    }
    for (_, r) in graph.all::<Network>() {
        add(global("networks"), json!({ "name": r.name.as_str() }));
    }
    for (_, r) in graph.all::<Subnetwork>() {
        let body = json!({ "name": r.name.as_str(), "network": network(&r.network), "ipCidrRange": r.cidr });
        add(regional("subnetworks"), body);
    }
    for (_, r) in graph.all::<Router>() {
        let nats = graph.all::<RouterNat>().map(|(_, nat)| {
            let subnets = nat.subnetworks.iter().map(|subnet| json!({ "name": subnetwork(&In::Node(subnet.clone())) }));
            json!({ "name": nat.name.as_str(), "subnetworks": subnets.collect::<Vec<_>>() })
        });
        let nats: Vec<Value> = nats.collect();
        add(regional("routers"), json!({ "name": r.name.as_str(), "network": network(&r.network), "nats": nats }));
    }
    for (_, r) in graph.all::<FirewallRule>() {
        let mut body = json!({
            "name": r.name.as_str(), "network": network(&r.network), "targetTags": strings(&r.targets), "disabled": r.disabled,
        });
        match &r.sources {
            Sources::Ranges(ranges) => body["sourceRanges"] = json!(ranges),
            Sources::Tags(tags) => body["sourceTags"] = json!(strings(tags)),
        }
        add(global("firewalls"), body);
    }
    for (_, r) in graph.all::<Address>() {
        let mut body = json!({ "name": r.name.as_str() });
        if let Some(subnet) = &r.subnetwork {
            body["subnetwork"] = json!(subnetwork(subnet));
            body["address"] = json!(internal_address(&r.name));
        } else {
            body["address"] = json!("198.51.100.7");
        }
        add(regional("addresses"), body);
    }
    for (_, r) in graph.all::<HttpHealthCheck>() {
        add(global("httpHealthChecks"), json!({ "name": r.name.as_str(), "port": r.port }));
    }
    for (_, r) in graph.all::<RegionHealthCheck>() {
        add(regional("healthChecks"), json!({ "name": r.name.as_str() }));
    }
    for (_, r) in graph.all::<TargetPool>() {
        let check = format!("{}/{}", global("httpHealthChecks"), r.health_check.name());
        add(regional("targetPools"), json!({ "name": r.name.as_str(), "healthChecks": [check] }));
    }
    for (_, r) in graph.all::<PersistentDisk>() {
        add(zonal(&r.zone, "disks"), json!({ "name": r.name.as_str(), "labels": labels(&r.labels) }));
    }
    for (id, r) in graph.all::<InstanceTemplate>() {
        let items = r.metadata.iter().map(|(key, value)| json!({ "key": key, "value": value.as_str() }));
        let interface =
            json!({ "network": network(&r.interface.network), "subnetwork": subnetwork(&r.interface.subnetwork) });
        let properties = json!({
            "labels": labels(&r.labels), "metadata": { "items": items.collect::<Vec<_>>() },
            "networkInterfaces": [interface], "tags": { "items": strings(&r.tags) },
        });
        let name = template_name(graph, &Ref::new(id));
        add(global("instanceTemplates"), json!({ "name": name, "properties": properties }));
    }
    for (_, r) in graph.all::<InstanceGroupManager>() {
        let template = format!("{}/{}", global("instanceTemplates"), template_name(graph, &r.template));
        let pools = r.target_pools.iter().map(|pool| format!("{}/{}", regional("targetPools"), pool.name()));
        let body = json!({
            "name": r.name.as_str(), "baseInstanceName": r.base_instance_name, "targetSize": r.target_size,
            "instanceTemplate": template, "targetPools": pools.collect::<Vec<_>>(),
        });
        add(zonal(&r.zone, "instanceGroupManagers"), body);
    }
    for (_, r) in graph.all::<BackendService>() {
        let backends = r.groups.iter().map(|group| {
            let group = graph.get(group).unwrap();
            json!({ "group": format!("{}/{}", zonal(&group.zone, "instanceGroups"), group.name) })
        });
        let check = format!("{}/{}", regional("healthChecks"), r.health_check.name());
        let body =
            json!({ "name": r.name.as_str(), "healthChecks": [check], "backends": backends.collect::<Vec<_>>() });
        add(regional("backendServices"), body);
    }
    for (_, r) in graph.all::<ForwardingRule>() {
        let mut body = json!({ "name": r.name.as_str(), "labels": labels(&r.labels) });
        match &r.scheme {
            Scheme::External(pool) => {
                body["target"] = json!(format!("{}/{}", regional("targetPools"), pool.name()));
                body["IPAddress"] = json!("198.51.100.7");
            }
            Scheme::Internal { backend, network: of, subnetwork: inside } => {
                body["backendService"] = json!(format!("{}/{}", regional("backendServices"), backend.name()));
                body["network"] = json!(network(of));
                body["subnetwork"] = json!(subnetwork(inside));
                body["IPAddress"] = json!(internal_address(r.address.name()));
            }
        }
        add(regional("forwardingRules"), body);
    }
    all
}

/// An address that depends on the name of the resource alone.
fn internal_address(name: &Text) -> String {
    let sum: u32 = name.as_str().bytes().map(u32::from).sum();
    format!("10.0.{}.{}", sum / 250 % 250, sum % 250 + 2)
}

/// A role and its member.
type Grant = (String, String);

/// What the project's policy grants, and what those of buckets do.
pub fn members(graph: &Graph) -> (Vec<Grant>, Vec<(String, Grant)>) {
    let email = |account: &Ref<ServiceAccount>| {
        let account = graph.get(account).unwrap();
        format!("serviceAccount:{}@{}.iam.gserviceaccount.com", account.account_id, account.project)
    };
    let project = graph.all::<ProjectIamBinding>().map(|(_, r)| (r.role.clone(), email(&r.member)));
    let buckets = graph.all::<BucketIamMember>();
    let buckets = buckets.map(|(_, r)| (r.bucket.clone(), (r.role.as_str().to_owned(), email(&r.member))));
    (project.collect(), buckets.collect())
}

/// Adds the members of policies.
fn grant(google: &SimulatedGoogle, graph: &Graph) {
    let world = google.world();
    let (project, buckets) = members(graph);
    if !project.is_empty() {
        google.set_project_policy(&with_members(&world["policies"][PROJECT], &project));
    }
    let mut by_bucket: BTreeMap<String, Vec<Grant>> = BTreeMap::new();
    for (bucket, grant) in buckets {
        by_bucket.entry(bucket).or_default().push(grant);
    }
    for (bucket, members) in by_bucket {
        google.set_bucket_policy(&bucket, &with_members(&world["buckets"][&bucket]["policy"], &members));
    }
}

/// A policy with more members, each in the binding of its role that has no condition.
fn with_members(policy: &Value, members: &[(String, String)]) -> Value {
    let mut policy = policy.clone();
    if policy["bindings"].is_null() {
        policy = json!({ "version": 1, "bindings": [] });
    }
    for (role, member) in members {
        let bindings = policy["bindings"].as_array_mut().unwrap();
        match bindings.iter_mut().find(|b| b["role"] == role.as_str() && b.get("condition").is_none()) {
            Some(binding) => binding["members"].as_array_mut().unwrap().push(json!(member)),
            None => bindings.push(json!({ "role": role, "members": [member] })),
        }
    }
    policy
}
