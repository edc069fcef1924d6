//! The stack policy: what an update of the stack must not replace or delete.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::declare::{id_of, type_of};
use crate::nested;
use crate::resource::{Resource, Stack};
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
/// The policies of the stack, or of the stacks that have what is protected and of the one that they are nested in.
pub fn stack_policies(graph: &Graph, resources: &[Resource], is_nested: bool) -> BTreeMap<String, Vec<u8>> {
    let ids = |wanted: &dyn Fn(&Resource) -> bool| -> BTreeSet<&str> {
        resources.iter().filter(|resource| wanted(resource)).map(|resource| resource.logical_id.as_str()).collect()
    };
    let text = |policy: &Value| (serde_json::to_string_pretty(policy).unwrap_or_default() + "\n").into_bytes();
    if !is_nested {
        let policy = policy(graph, &ids(&|_| true), &[]);
        return BTreeMap::from([(STACK_POLICY_FILE.to_owned(), text(&policy))]);
    }
    let mut policies = BTreeMap::new();
    let mut nested = Vec::new();
    for stack in [Stack::Storage, Stack::LoadBalancers] {
        let present = ids(&|resource| resource.stack == stack);
        if !present.is_empty() {
            nested.push(nested::stack_id(stack));
            policies.insert(format!("{}.{STACK_POLICY_FILE}", stack.name()), text(&policy(graph, &present, &[])));
        }
    }
    policies.insert(STACK_POLICY_FILE.to_owned(), text(&policy(graph, &BTreeSet::new(), &nested)));
    policies
}
