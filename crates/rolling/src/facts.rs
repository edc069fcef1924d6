//! The facts an update is planned from: groups, their instances, and why each needs an update.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::ports::{LaunchSource, LoadBalancerRef, Node};
use super::settings::SurgeSupport;
use kopsform_spec::v1alpha2::{InstanceGroupRole, InstanceManager, RollingUpdate};

/// Why an instance is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It was started from another launch source than its group's current one.
    Launch {
        /// Its own; `None` where the cloud does not say.
        from: Option<LaunchSource>,
        /// The group's.
        to: LaunchSource,
    },
    /// An earlier update detached it from its group and did not finish.
    Detached,
    /// Its node carries the annotation `kops.k8s.io/needs-update`.
    Annotation,
    /// An earlier update deleted its node and did not finish, so it does not join the cluster again.
    NodeDeleted,
    /// It is up to date, and `--force` replaces it anyway.
    Forced,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Launch { from: None, to } => write!(f, "{} unknown → {to}", to.kind),
            Self::Launch { from: Some(from), to } => match (&from.version, &to.version) {
                (Some(before), Some(now)) if (from.kind, &from.id) == (to.kind, &to.id) => {
                    write!(f, "{} {} version {before} → {now}", to.kind, to.id)
                }
                _ => write!(f, "{} {from} → {to}", to.kind),
            },
            Self::Detached => f.write_str("detached by an update that did not finish"),
            Self::Annotation => f.write_str("node is annotated kops.k8s.io/needs-update"),
            Self::NodeDeleted => f.write_str("its node was deleted by an update that did not finish"),
            Self::Forced => f.write_str("up to date, replaced by --force"),
        }
    }
}

/// As an object with its `kind`: `detached`, `annotation`, `nodeDeleted`, `forced`, or, with `from` and `to`, kinds such as
/// `launchTemplate`.
impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Document {
            kind: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            from: Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            to: Option<String>,
        }
        let plain = |kind: &str| Document { kind: kind.to_owned(), from: None, to: None };
        let document = match self {
            Self::Launch { from, to } => Document {
                kind: camel_case(to.kind),
                from: Some(from.as_ref().map(ToString::to_string).unwrap_or_default()),
                to: Some(to.to_string()),
            },
            Self::Detached => plain("detached"),
            Self::Annotation => plain("annotation"),
            Self::NodeDeleted => plain("nodeDeleted"),
            Self::Forced => plain("forced"),
        };
        document.serialize(serializer)
    }
}

/// `launch template` → `launchTemplate`.
fn camel_case(words: &str) -> String {
    let mut upper = false;
    let letters = words.chars().filter_map(|letter| match letter {
        ' ' => {
            upper = true;
            None
        }
        letter if std::mem::take(&mut upper) => Some(letter.to_ascii_uppercase()),
        letter => Some(letter),
    });
    letters.collect()
}

/// An instance's status, by kops' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Status {
    /// It is up to date with its group.
    UpToDate,
    /// It is replaced by the next update.
    NeedsUpdate,
    /// It is replaced by the next update and no longer a member of its group.
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
    /// What [`Node::instance`] of its node is.
    pub node_key: String,
    /// How kops identifies it in listings.
    pub link: String,
    /// The cloud's group that it belongs to, or belonged to before it was detached; the instance group's with Karpenter.
    pub cloud_group: String,
    /// Its node; `None` until it has joined the cluster.
    pub node: Option<Arc<Node>>,
    /// Whether it waits in the group's warm pool.
    pub warm: bool,
    /// Whether an earlier update detached it from its group.
    pub detached: bool,
    /// Why it needs an update; empty where it does not.
    pub reasons: Vec<Reason>,
    /// The instance type.
    pub machine_type: String,
    /// Its roles by its tags.
    pub roles: Vec<String>,
    /// The private address.
    pub internal_ip: String,
    /// The public address, where the cloud lists it.
    pub external_ip: String,
    /// kops' name for its state in listings, where it has one.
    pub state: String,
}

impl InstanceFacts {
    /// Whether the next update replaces it.
    pub fn needs_update(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// Whether its node's annotation is the only reason for an update.
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

/// A group of the cloud that an instance group has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudGroupFacts {
    /// Its name.
    pub name: String,
    /// The minimum number of instances.
    pub min: i32,
    /// The number of instances it keeps.
    pub target: i32,
    /// The maximum number of instances.
    pub max: i32,
}

/// One instance group as it is in the cloud.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupFacts {
    /// The instance group's name.
    pub name: String,
    /// What its instances do.
    pub role: InstanceGroupRole,
    /// What starts and stops them.
    pub manager: InstanceManager,
    /// Whether an instance can be detached while the group starts a replacement.
    pub can_detach: bool,
    /// The group's own settings for updates.
    pub rolling_update: Option<RollingUpdate>,
    /// The names of the cloud's groups, separated by commas; the instance group's own with Karpenter.
    pub cloud_name: String,
    /// The cloud's groups: one, or one for each zone; none with Karpenter.
    pub cloud_groups: Vec<CloudGroupFacts>,
    /// What the cloud's group does not do at present, such as `Launch`.
    pub suspended: Vec<String>,
    /// Members that are leaving the group, and so are not among its instances: the id and the cloud's name of the state.
    pub leaving: Vec<(String, String)>,
    /// The load balancers its instances are registered with.
    pub load_balancers: Vec<LoadBalancerRef>,
    /// Its instances: members in the cloud's order, then the warm pool, then detached ones by id.
    pub instances: Vec<InstanceFacts>,
}

impl GroupFacts {
    /// The instances that need an update, in the order kops takes them: those that are only annotated come last.
    pub fn needing_update(&self) -> impl Iterator<Item = &InstanceFacts> {
        let needing = || self.instances.iter().filter(|i| i.needs_update());
        needing().filter(|i| !i.only_annotated()).chain(needing().filter(|i| i.only_annotated()))
    }

    /// The minimum number of instances.
    pub fn min(&self) -> i32 {
        self.cloud_groups.iter().map(|g| g.min).sum()
    }

    /// The number of instances the cloud keeps.
    pub fn target(&self) -> i32 {
        self.cloud_groups.iter().map(|g| g.target).sum()
    }

    /// The maximum number of instances.
    pub fn max(&self) -> i32 {
        self.cloud_groups.iter().map(|g| g.max).sum()
    }

    /// How an update makes room for replacements.
    pub fn surge_support(&self) -> SurgeSupport {
        match (self.manager, self.can_detach) {
            (InstanceManager::Karpenter, _) => SurgeSupport::Concurrency,
            (InstanceManager::CloudGroup, true) => SurgeSupport::Detach,
            (InstanceManager::CloudGroup, false) => SurgeSupport::Unsupported,
        }
    }

    /// The instances that are up to date.
    pub fn up_to_date(&self) -> impl Iterator<Item = &InstanceFacts> {
        self.instances.iter().filter(|i| !i.needs_update())
    }

    /// `NeedsUpdate` or `Ready`, as shown in tables.
    pub fn status(&self) -> &'static str {
        if self.instances.iter().any(InstanceFacts::needs_update) { "NeedsUpdate" } else { "Ready" }
    }

    /// How many of its instances have joined the cluster.
    pub fn node_count(&self) -> usize {
        self.instances.iter().filter(|i| i.node.is_some()).count()
    }
}

/// The cluster's groups as they are in the cloud.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClusterFacts {
    /// The cluster's name.
    pub cluster: String,
    /// The groups, by name.
    pub groups: Vec<GroupFacts>,
    /// Groups of the cloud that belong to the cluster and have no instance group.
    pub unmatched: Vec<String>,
    /// Warnings: what was skipped and why.
    pub notes: Vec<String>,
}

impl ClusterFacts {
    /// Adds the reason for the instances whose nodes an earlier update deleted: the annotation of a node is gone with it, and
    /// so is `--force` of that update.
    pub fn note_deleted_nodes(&mut self, instances: &BTreeSet<String>) {
        for instance in self.groups.iter_mut().flat_map(|group| &mut group.instances) {
            if instance.node.is_none() && !instance.needs_update() && instances.contains(&instance.id) {
                instance.reasons.push(Reason::NodeDeleted);
            }
        }
    }

    /// Whether any instance needs an update.
    pub fn needs_update(&self) -> bool {
        self.groups.iter().any(|g| g.instances.iter().any(InstanceFacts::needs_update))
    }

    /// The group of a name.
    pub fn group(&self, name: &str) -> Option<&GroupFacts> {
        self.groups.iter().find(|g| g.name == name)
    }

    /// The instance of a node ([`Node::instance`]), with its group.
    pub fn instance_of_node(&self, key: &str) -> Option<(&GroupFacts, &InstanceFacts)> {
        self.groups.iter().find_map(|g| g.instances.iter().find(|i| i.node_key == key).map(|i| (g, i)))
    }

    /// An instance by its id, with its group.
    pub fn instance(&self, id: &str) -> Option<(&GroupFacts, &InstanceFacts)> {
        self.groups.iter().find_map(|g| g.instances.iter().find(|i| i.id == id).map(|i| (g, i)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(id: &str, version: &str) -> LaunchSource {
        LaunchSource { kind: "launch template", id: id.into(), version: Some(version.into()) }
    }

    #[test]
    fn reasons_name_the_versions() {
        let reason = |from: Option<LaunchSource>, to| Reason::Launch { from, to }.to_string();
        let (old, new, other) = (template("lt-1", "3"), template("lt-1", "4"), template("lt-2", "1"));
        assert_eq!(reason(Some(old.clone()), new), "launch template lt-1 version 3 → 4");
        assert_eq!(reason(Some(old), other.clone()), "launch template lt-1:3 → lt-2:1");
        assert_eq!(reason(None, other), "launch template unknown → lt-2:1");
        let plain = |id: &str| LaunchSource { kind: "launch configuration", id: id.into(), version: None };
        assert_eq!(reason(Some(plain("a")), plain("b")), "launch configuration a → b");
    }

    #[test]
    fn reasons_are_tagged_objects_for_programs() {
        let reason = Reason::Launch { from: Some(template("lt-1", "3")), to: template("lt-1", "4") };
        let json = serde_json::to_value([reason, Reason::Detached]).unwrap_or_default();
        let expected = serde_json::json!([
            { "kind": "launchTemplate", "from": "lt-1:3", "to": "lt-1:4" },
            { "kind": "detached" },
        ]);
        assert_eq!(json, expected);
    }
}
