//! `get instances`: the instances of a cluster and whether they are up to date.

use serde::Serialize;

use kopsform_rolling::facts::ClusterFacts;
use kopsform_rolling::observe::{ObserveError, observe_groups};
use kopsform_rolling::ports::{Cloud, Kubernetes};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// An instance as it is listed, in kops' words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceRow {
    /// The instance id.
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
    /// The public address, which kops leaves empty on AWS.
    #[serde(rename = "externalIP")]
    pub external_ip: String,
    /// The auto scaling group.
    #[serde(rename = "instanceGroup")]
    pub instance_group: String,
    /// The instance type.
    #[serde(rename = "machineType")]
    pub machine_type: String,
    /// `WarmPool`, or nothing.
    pub state: String,
}

/// Lists the instances; a Kubernetes API that does not answer costs the names of the nodes, which `warn` is told.
pub async fn list(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    cloud: &dyn Cloud,
    kubernetes: &dyn Kubernetes,
    mut warn: impl FnMut(&str),
) -> Result<Vec<InstanceRow>, ObserveError> {
    let facts = match observe_groups(cloud, Some(kubernetes), cluster, groups).await {
        Err(ObserveError::Nodes(error)) => {
            warn(&format!("cannot list node names. Kubernetes API unavailable: {error}"));
            observe_groups(cloud, None, cluster, groups).await?
        }
        other => other?,
    };
    Ok(rows(&facts))
}

fn rows(facts: &ClusterFacts) -> Vec<InstanceRow> {
    let rows = facts.groups.iter().flat_map(|group| {
        group.instances.iter().map(|instance| InstanceRow {
            id: instance.id.clone(),
            node_name: instance.node_name().unwrap_or_default().to_owned(),
            status: instance.status().to_string(),
            roles: instance.roles.clone(),
            internal_ip: instance.internal_ip.clone(),
            external_ip: String::new(),
            instance_group: group.cloud_name.clone(),
            machine_type: instance.machine_type.clone(),
            state: if instance.warm { "WarmPool".to_owned() } else { String::new() },
        })
    });
    rows.collect()
}
