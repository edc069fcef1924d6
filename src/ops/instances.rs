//! `get instances`: the instances of a cluster and whether they are up to date.

use serde::Serialize;

use super::cluster_access::ClusterSession;
use kopsform_rolling::facts::ClusterFacts;
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::ports::Kubernetes;

/// A listed instance, with kops' field names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceRow {
    /// The instance id; on Google Cloud the address.
    pub id: String,
    /// Its node.
    #[serde(rename = "nodeName", skip_serializing_if = "String::is_empty")]
    pub node_name: String,
    /// `UpToDate`, `NeedsUpdate` or `Detached`.
    pub status: String,
    /// Its roles by its tags.
    pub roles: Vec<String>,
    /// The private address.
    #[serde(rename = "internalIP")]
    pub internal_ip: String,
    /// The public address, empty on AWS, as kops has it.
    #[serde(rename = "externalIP")]
    pub external_ip: String,
    /// The cloud's group.
    #[serde(rename = "instanceGroup")]
    pub instance_group: String,
    /// The instance type.
    #[serde(rename = "machineType")]
    pub machine_type: String,
    /// `WarmPool`, on Google Cloud `UpToDate` while it runs, or empty.
    pub state: String,
}

/// Lists the instances. Without a response of the Kubernetes API, names of nodes are missing and `warn` receives why.
///
/// # Errors
/// When the cloud's groups cannot be described.
pub async fn list(session: &ClusterSession, mut warn: impl FnMut(&str)) -> Result<Vec<InstanceRow>, ObserveError> {
    let access = &session.access;
    let kubernetes = session.kubernetes();
    let kubernetes = kubernetes.as_ref().map(|kubernetes| kubernetes as &dyn Kubernetes);
    let facts = match observe_groups(access.cloud(), kubernetes, &access.cluster, &access.groups).await {
        Err(ObserveError::Nodes(error)) => {
            warn(&format!("cannot list node names. Kubernetes API unavailable: {error}"));
            observe_groups(access.cloud(), None, &access.cluster, &access.groups).await?
        }
        other => other?,
    };
    Ok(rows(&facts))
}

fn rows(facts: &ClusterFacts) -> Vec<InstanceRow> {
    let rows = facts.groups.iter().flat_map(|group| {
        group.instances.iter().map(|instance| InstanceRow {
            id: instance.link.clone(),
            node_name: instance.node_name().unwrap_or_default().to_owned(),
            status: instance.status().to_string(),
            roles: instance.roles.clone(),
            internal_ip: instance.internal_ip.clone(),
            external_ip: instance.external_ip.clone(),
            instance_group: instance.cloud_group.clone(),
            machine_type: instance.machine_type.clone(),
            state: if instance.warm { "WarmPool".to_owned() } else { instance.state.clone() },
        })
    });
    rows.collect()
}
