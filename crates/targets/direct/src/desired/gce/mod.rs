//! Tasks of clusters on Google Cloud.
//!
//! Almost everything there goes by a name that is known beforehand, so fields hold names, as those of kops do, and dependencies are
//! stated next to them. Only templates of instances and addresses are referred to by what Google calls them.

mod access;
mod instances;
mod load_balancers;
mod network;
#[cfg(test)]
mod tests;

use kopsform_model::In;
use kopsform_model::gce::resources::{Labels, Network, Subnetwork};

use super::{Builder, task_of};
use crate::task::{Task, TaskKind};
use crate::value::Value;

pub use access::account_email;
pub use instances::accelerator_text;
pub use network::allowed_text;

/// The name of the task for the service account that the spec names for all instances.
pub(super) const SHARED_ACCOUNT: &str = "shared";

impl Builder<'_> {
    /// The network and subnets that others own.
    pub(super) fn existing_tasks(&self) -> Vec<Task> {
        let existing = &self.settings.existing;
        let network = existing.network.as_deref().map(|network| self.existing_network(network));
        let subnetworks = existing.subnetworks.iter().map(|(id, subnet)| self.existing_subnetwork(id, subnet));
        network.into_iter().chain(subnetworks).collect()
    }
}

/// The last part of `NAME` or `PROJECT/NAME`.
fn name_of(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Adds a field with the name of a network, and the dependency on it.
fn in_network(task: Task, network: &In<Network>) -> Task {
    match network {
        In::Node(node) => {
            let id = task_of(TaskKind::Network, node);
            task.fixed("Network", id.name.as_str()).after(id)
        }
        In::Existing(id) => {
            task.fixed("Network", name_of(id)).after(super::TaskId::new(TaskKind::Network, name_of(id)))
        }
    }
}

/// Adds a field with the name of a subnet, and the dependency on it.
fn in_subnetwork(task: Task, field: &'static str, subnetwork: &In<Subnetwork>) -> Task {
    let id = match subnetwork {
        In::Node(node) => task_of(TaskKind::Subnet, node),
        In::Existing(id) => super::TaskId::new(TaskKind::Subnet, name_of(id)),
    };
    task.fixed(field, id.name.as_str()).after(id)
}

/// Labels that are all there may be.
fn all_labels(labels: &Labels) -> Value {
    Value::Map(labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
}

/// Labels of which Google may hold more.
fn labels_of_interest(labels: &Labels) -> Value {
    Value::TagsOfInterest(labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
}
