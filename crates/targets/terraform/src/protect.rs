//! Which resources Terraform must not destroy.

use std::collections::BTreeSet;

use super::naming::short_name;
use super::options::Protected;
use kopsform_model::aws::resources::{Listener, NetworkLoadBalancer};
use kopsform_model::{Graph, Kind, NodeId, Ref, Text};

/// What load balancers consist of on Google Cloud.
const GOOGLE_LOAD_BALANCERS: [Kind; 4] = [Kind::Address, Kind::ForwardingRule, Kind::TargetPool, Kind::BackendService];

/// The nodes of a graph that are protected.
pub fn protected(graph: &Graph, what: &BTreeSet<Protected>) -> BTreeSet<NodeId> {
    let mut nodes = BTreeSet::new();
    if what.contains(&Protected::Etcd) {
        let disks = graph.nodes().filter(|(id, _)| matches!(id.kind, Kind::EbsVolume | Kind::PersistentDisk));
        nodes.extend(disks.map(|(id, _)| id.clone()));
    }
    if what.contains(&Protected::Api) {
        let balancers = graph.nodes().filter(|(id, _)| {
            matches!(id.kind, Kind::NetworkLoadBalancer | Kind::ClassicLoadBalancer) && is_of_api(&id.name)
        });
        nodes.extend(balancers.map(|(id, _)| id.clone()));
        for (name, listener) in graph.all::<Listener>().filter(|(_, listener)| serves_api(&listener.load_balancer)) {
            nodes.insert(Ref::<Listener>::new(name).node());
            nodes.insert(listener.target_group.node());
        }
        // On Google Cloud, all load balancers of a cluster are of the API and of what is reached at its addresses.
        nodes
            .extend(graph.nodes().filter(|(id, _)| GOOGLE_LOAD_BALANCERS.contains(&id.kind)).map(|(id, _)| id.clone()));
    }
    nodes
}

fn serves_api(balancer: &Ref<NetworkLoadBalancer>) -> bool {
    is_of_api(balancer.name())
}

/// The load balancer of the API is called `api.` and the cluster, the one of bastions `bastion.`.
fn is_of_api(name: &Text) -> bool {
    short_name(name) == "api"
}
