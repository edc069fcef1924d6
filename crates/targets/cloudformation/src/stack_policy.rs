//! The stack policy: what an update of the stack must not replace or delete.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::declare::{id_of, type_of};
use kopsform_model::aws::resources::{EbsVolume, Listener};
use kopsform_model::{Graph, Kind, NodeId, Ref, Text};

/// The file of the policy.
pub const STACK_POLICY_FILE: &str = "stack-policy.json";

/// The policy of the stack with some resources. Everything may be updated, but the volumes of etcd and the load balancer of the API
/// with its listeners and target groups may be neither replaced nor deleted.
///
/// CloudFormation refuses a policy that names what the stack does not have. `nested` are resources of nested stacks, which may not be
/// replaced or deleted either.
pub fn policy(graph: &Graph, present: &BTreeSet<&str>, nested: &[String]) -> Value {
    let mut protected: BTreeSet<String> = nested.iter().map(|id| format!("LogicalResourceId/{id}")).collect();
    let mut add = |id: &NodeId| {
        let id = id_of(id);
        if present.contains(id.as_str()) {
            protected.insert(format!("LogicalResourceId/{id}"));
        }
    };
    graph.all::<EbsVolume>().for_each(|(name, _)| add(&Ref::<EbsVolume>::new(name).node()));
    let is_balancer = |kind| matches!(kind, Kind::NetworkLoadBalancer | Kind::ClassicLoadBalancer);
    graph.nodes().filter(|(id, _)| is_balancer(id.kind) && is_of_api(&id.name)).for_each(|(id, _)| add(id));
    for (name, listener) in graph.all::<Listener>().filter(|(_, listener)| is_of_api(listener.load_balancer.name())) {
        add(&Ref::<Listener>::new(name).node());
        add(&listener.target_group.node());
    }
    let mut statements = vec![json!({ "Action": "Update:*", "Effect": "Allow", "Principal": "*", "Resource": "*" })];
    let denied = |resource: Value, condition: Option<Value>| {
        let mut statement = json!({
            "Action": ["Update:Delete", "Update:Replace"], "Effect": "Deny", "Principal": "*", "Resource": resource,
        });
        if let Some(condition) = condition {
            statement["Condition"] = condition;
        }
        statement
    };
    // Also volumes whose etcd member left the spec: they are no longer in the template.
    let volumes = json!({ "StringEquals": { "ResourceType": [type_of(Kind::EbsVolume)] } });
    statements.push(denied("*".into(), Some(volumes)));
    if !protected.is_empty() {
        statements.push(denied(json!(protected), None));
    }
    json!({ "Statement": statements })
}

/// The load balancer of the API is called `api.` and the cluster, the one of bastions `bastion.`.
fn is_of_api(name: &Text) -> bool {
    name.without_cluster_name() == "api"
}
