//! The plan of an update: from the facts about a cluster to ordered steps, each with its reason. Pure.
//!
//! Order, numbers and exceptions are those of kops: bastions side by side, the control plane one instance at a time, API
//! servers, then workers group by group. A group is validated, tainted, grown by its surge and then replaced
//! instance by instance; [`ReplacementWindow`] decides when the next one may begin.

mod group;
mod window;

use std::collections::BTreeSet;

use serde::Serialize;

pub use group::GroupPlan;
pub use window::{Decision, Limits, MemberState, ReplacementWindow};

use super::facts::{ClusterFacts, GroupFacts, InstanceFacts, Reason};
use super::settings::SurgeSupport;
use kopsform_spec::v1alpha2::{InstanceGroupRole, RollingUpdate};

/// What a plan depends on besides the facts.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Replace instances that are up to date, too.
    pub force: bool,
    /// Do not use the Kubernetes API: no taints, no drains, no surge, no validation.
    pub cloud_only: bool,
    /// One instance at a time, since the user is asked after each.
    pub interactive: bool,
    /// How many worker groups are updated side by side; 0 counts as 1.
    pub parallel_groups: usize,
    /// The cluster's settings for groups that have none of their own.
    pub defaults: Option<RollingUpdate>,
    /// The instances that an interrupted run with `--force` set out to replace: its successor replaces no others.
    pub forced_before: Option<BTreeSet<String>>,
}

/// What is done to a cluster, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// The stages that have something to do, each started when the previous one has ended.
    pub stages: Vec<Stage>,
}

/// The groups of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Their role.
    #[serde(serialize_with = "role_name")]
    pub role: InstanceGroupRole,
    /// How many are updated side by side.
    pub parallel: usize,
    /// The groups, by name.
    pub groups: Vec<GroupPlan>,
}

/// An instance of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// The instance id.
    pub instance: String,
    /// What [`crate::ports::Node::instance`] of its node is.
    #[serde(skip)]
    pub node_key: String,
    /// Its node; `None` if it has not joined the cluster, in which case it is not drained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Whether an earlier run has detached it from its group.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// Whether it takes no new pods: its node is cordoned, it was detached before it had one, or an update that was interrupted
    /// deleted it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub idle: bool,
    /// Why it is replaced.
    pub reasons: Vec<Reason>,
}

impl Target {
    fn of(group: &GroupFacts, instance: &InstanceFacts) -> Self {
        let reasons = if instance.needs_update() { instance.reasons.clone() } else { vec![Reason::Forced] };
        Self {
            instance: instance.id.clone(),
            node_key: instance.node_key.clone(),
            node: instance.node_name().map(str::to_owned),
            detached: instance.detached,
            idle: match &instance.node {
                Some(node) => node.unschedulable,
                None => {
                    let may_be_deleted = group.surge_support() == SurgeSupport::Unsupported;
                    (instance.detached || may_be_deleted) && group.role != InstanceGroupRole::Bastion
                }
            },
            reasons,
        }
    }
}

/// A step of a group's update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Step {
    /// Wait until the cluster is healthy, before anything is touched.
    Validate,
    /// Taint nodes that will be replaced, so that new pods prefer others.
    Taint {
        /// The nodes that are schedulable and not tainted yet.
        targets: Vec<Target>,
    },
    /// Terminate instances that wait in the warm pool.
    TerminateWarm {
        /// The instances.
        targets: Vec<Target>,
    },
    /// Detach instances from the group, which starts replacements, so that there are more than the group's size.
    Surge {
        /// How many.
        count: usize,
        /// In order of preference; later ones are used when earlier ones cannot be detached.
        candidates: Vec<Target>,
        /// Whether the first replacement has to prove itself before another instance is detached.
        prove_first: bool,
    },
    /// Drain and terminate instances, and wait for their replacements.
    Replace {
        /// The instances in order.
        targets: Vec<Target>,
        /// How many may be out of service or unproven at once.
        at_once: usize,
        /// How many instances may be missing of the group's size. Detached instances that serve make up for others.
        max_unavailable: usize,
        /// Whether the first replacement has to prove itself before another instance is touched.
        first_alone: bool,
    },
    /// Neither drain nor terminate the instances: `drainAndTerminate` is false.
    Leave,
}

/// Serializes the role by the name used in tables.
pub(crate) fn role_name<S: serde::Serializer>(role: &InstanceGroupRole, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(role.display_name())
}

impl Plan {
    /// Plans the update of the groups of the given names.
    pub fn new(facts: &ClusterFacts, selected: &[&str], options: &PlanOptions) -> Self {
        use InstanceGroupRole::{ApiServer, Bastion, ControlPlane, Node};
        let selected: BTreeSet<&str> = selected.iter().copied().collect();
        let stages = [Bastion, ControlPlane, ApiServer, Node].map(|role| {
            let groups: Vec<_> = facts
                .groups
                .iter()
                .filter(|g| g.role == role && selected.contains(g.name.as_str()))
                .filter_map(|g| GroupPlan::new(g, options))
                .collect();
            let parallel = match role {
                Bastion => groups.len(),
                ControlPlane | ApiServer => 1,
                Node => options.parallel_groups.max(1),
            };
            Stage { role, parallel, groups }
        });
        Self { stages: stages.into_iter().filter(|s| !s.groups.is_empty()).collect() }
    }

    /// The groups of all stages.
    pub fn groups(&self) -> impl Iterator<Item = &GroupPlan> {
        self.stages.iter().flat_map(|s| &s.groups)
    }

    /// How many instances are replaced, warm ones included.
    pub fn instance_count(&self) -> usize {
        self.groups().map(GroupPlan::instance_count).sum()
    }
}
