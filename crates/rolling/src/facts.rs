//! What is known about a cluster before an update is planned: groups, their instances, and why each needs an update.

use std::sync::Arc;

use serde::Serialize;

use super::ports::{LoadBalancerRef, Node};
use kopsform_spec::v1alpha2::{InstanceGroupRole, InstanceManager, RollingUpdate};

/// Why an instance is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Reason {
    /// It runs another launch template, or another version of it, than its group starts now. Written `lt-0123:4`.
    LaunchTemplate {
        /// What it runs.
        from: String,
        /// What the group starts.
        to: String,
    },
    /// It runs another launch configuration than its group starts now.
    LaunchConfiguration {
        /// What it runs.
        from: String,
        /// What the group starts.
        to: String,
    },
    /// An earlier update took it out of its group and did not finish.
    Detached,
    /// Its node carries the annotation `kops.k8s.io/needs-update`.
    Annotation,
    /// It is up to date, and `--force` replaces it all the same.
    Forced,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LaunchTemplate { from, to } => match (from.rsplit_once(':'), to.rsplit_once(':')) {
                (Some((old, before)), Some((new, now))) if old == new => {
                    write!(f, "launch template {old} version {before} → {now}")
                }
                _ if from.is_empty() => write!(f, "launch template unknown → {to}"),
                _ => write!(f, "launch template {from} → {to}"),
            },
            Self::LaunchConfiguration { from, to } => write!(f, "launch configuration {from} → {to}"),
            Self::Detached => f.write_str("detached by an update that did not finish"),
            Self::Annotation => f.write_str("node is annotated kops.k8s.io/needs-update"),
            Self::Forced => f.write_str("up to date, replaced by --force"),
        }
    }
}

/// An instance's status, in kops' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Status {
    /// It is as its group would start it now.
    UpToDate,
    /// It is replaced by the next update.
    NeedsUpdate,
    /// It is replaced by the next update and no member of its group any more.
    Detached,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UpToDate => "UpToDate",
            Self::NeedsUpdate => "NeedsUpdate",
            Self::Detached => "Detached",
        })
    }
}

/// One instance of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceFacts {
    /// The instance id.
    pub id: String,
    /// Its node, unless it has not joined the cluster.
    pub node: Option<Arc<Node>>,
    /// Whether it waits in the group's warm pool.
    pub warm: bool,
    /// Whether an earlier update took it out of its group.
    pub detached: bool,
    /// Why it needs an update; empty where it does not.
    pub reasons: Vec<Reason>,
    /// The instance type.
    pub machine_type: String,
    /// Its roles by its tags.
    pub roles: Vec<String>,
    /// The private address.
    pub internal_ip: String,
}

impl InstanceFacts {
    /// Whether the next update replaces it.
    pub fn needs_update(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// Whether its node's annotation is all that asks for an update.
    fn only_annotated(&self) -> bool {
        matches!(self.reasons.as_slice(), [Reason::Annotation])
    }

    /// The status in tables.
    pub fn status(&self) -> Status {
        match (self.detached, self.needs_update()) {
            (true, _) => Status::Detached,
            (false, true) => Status::NeedsUpdate,
            (false, false) => Status::UpToDate,
        }
    }

    /// The name of its node.
    pub fn node_name(&self) -> Option<&str> {
        self.node.as_deref().map(|n| n.name.as_str())
    }
}

/// One instance group as it is in AWS.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFacts {
    /// The instance group's name.
    pub name: String,
    /// What its instances do.
    pub role: InstanceGroupRole,
    /// What starts and stops them.
    pub manager: InstanceManager,
    /// The group's own settings for updates.
    pub rolling_update: Option<RollingUpdate>,
    /// The name of the auto scaling group; the instance group's own with Karpenter.
    pub cloud_name: String,
    /// The fewest instances it may have.
    pub min: i32,
    /// The number of instances it keeps.
    pub target: i32,
    /// The most instances it may have.
    pub max: i32,
    /// The load balancers its instances are registered with.
    pub balancers: Vec<LoadBalancerRef>,
    /// Its instances: members in AWS' order, then the warm pool, then detached ones by id.
    pub instances: Vec<InstanceFacts>,
}

impl GroupFacts {
    /// The instances that need an update, in the order kops takes them: those that are only annotated come last.
    pub fn needing_update(&self) -> impl Iterator<Item = &InstanceFacts> {
        let needing = || self.instances.iter().filter(|i| i.needs_update());
        needing().filter(|i| !i.only_annotated()).chain(needing().filter(|i| i.only_annotated()))
    }

    /// The instances that are up to date.
    pub fn up_to_date(&self) -> impl Iterator<Item = &InstanceFacts> {
        self.instances.iter().filter(|i| !i.needs_update())
    }

    /// `NeedsUpdate` or `Ready`, as tables say it.
    pub fn status(&self) -> &'static str {
        if self.instances.iter().any(InstanceFacts::needs_update) { "NeedsUpdate" } else { "Ready" }
    }

    /// How many of its instances have joined the cluster.
    pub fn node_count(&self) -> usize {
        self.instances.iter().filter(|i| i.node.is_some()).count()
    }
}

/// The cluster's groups as they are in AWS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClusterFacts {
    /// The cluster's name.
    pub cluster: String,
    /// The groups, by name.
    pub groups: Vec<GroupFacts>,
    /// Auto scaling groups with the cluster's tag that no instance group stands for.
    pub unmatched: Vec<String>,
    /// What was left out and why.
    pub notes: Vec<String>,
}

impl ClusterFacts {
    /// Whether any instance needs an update.
    pub fn needs_update(&self) -> bool {
        self.groups.iter().any(|g| g.instances.iter().any(InstanceFacts::needs_update))
    }

    /// The group of a name.
    pub fn group(&self, name: &str) -> Option<&GroupFacts> {
        self.groups.iter().find(|g| g.name == name)
    }

    /// An instance by its id, with its group.
    pub fn instance(&self, id: &str) -> Option<(&GroupFacts, &InstanceFacts)> {
        self.groups.iter().find_map(|g| g.instances.iter().find(|i| i.id == id).map(|i| (g, i)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_tell_versions_apart() {
        let reason = |from: &str, to: &str| Reason::LaunchTemplate { from: from.into(), to: to.into() }.to_string();
        assert_eq!(reason("lt-1:3", "lt-1:4"), "launch template lt-1 version 3 → 4");
        assert_eq!(reason("lt-1:3", "lt-2:1"), "launch template lt-1:3 → lt-2:1");
        assert_eq!(reason("", "lt-2:1"), "launch template unknown → lt-2:1");
    }
}
