//! A cluster's groups and the plan of an update, as data for programs.

use serde::Serialize;

use super::execute::TightBudget;
use super::facts::{ClusterFacts, GroupFacts, InstanceFacts, Reason, Status};
use super::journal::RunRecord;
use super::plan::Plan;

/// The report of a dry run with `-o json` or `-o yaml`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report<'a> {
    cluster: &'a str,
    needs_update: bool,
    groups: Vec<GroupReport<'a>>,
    plan: &'a Plan,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocking_budgets: Vec<BudgetReport<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unfinished_run: Option<&'a RunRecord>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unmatched_auto_scaling_groups: &'a [String],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupReport<'a> {
    name: &'a str,
    role: &'static str,
    status: &'static str,
    need_update: usize,
    ready: usize,
    min: i32,
    target: i32,
    max: i32,
    nodes: usize,
    cloud_name: &'a str,
    instances: Vec<InstanceReport<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct InstanceReport<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
    status: Status,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    warm: bool,
    reasons: &'a [Reason],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BudgetReport<'a> {
    namespace: &'a str,
    name: &'a str,
    disruptions_allowed: i32,
    healthy: i32,
    desired: i32,
    pods: &'a [String],
    nodes: &'a [String],
}

impl<'a> Report<'a> {
    /// The report; `facts` holds the selected groups only.
    pub fn new(
        facts: &'a ClusterFacts,
        plan: &'a Plan,
        budgets: &'a [TightBudget],
        unfinished_run: Option<&'a RunRecord>,
    ) -> Self {
        Self {
            cluster: &facts.cluster,
            needs_update: facts.needs_update(),
            groups: facts.groups.iter().map(GroupReport::of).collect(),
            plan,
            blocking_budgets: budgets.iter().map(BudgetReport::of).collect(),
            unfinished_run,
            unmatched_auto_scaling_groups: &facts.unmatched,
        }
    }
}

impl<'a> GroupReport<'a> {
    fn of(group: &'a GroupFacts) -> Self {
        Self {
            name: &group.name,
            role: group.role.display_name(),
            status: group.status(),
            need_update: group.needing_update().count(),
            ready: group.up_to_date().count(),
            min: group.min(),
            target: group.target(),
            max: group.max(),
            nodes: group.node_count(),
            cloud_name: &group.cloud_name,
            instances: group.instances.iter().map(InstanceReport::of).collect(),
        }
    }
}

impl<'a> InstanceReport<'a> {
    fn of(instance: &'a InstanceFacts) -> Self {
        Self {
            id: &instance.id,
            node: instance.node_name(),
            status: instance.status(),
            warm: instance.warm,
            reasons: &instance.reasons,
        }
    }
}

impl<'a> BudgetReport<'a> {
    fn of(tight: &'a TightBudget) -> Self {
        Self {
            namespace: &tight.budget.namespace,
            name: &tight.budget.name,
            disruptions_allowed: tight.budget.allowed,
            healthy: tight.budget.healthy,
            desired: tight.budget.desired,
            pods: &tight.pods,
            nodes: &tight.nodes,
        }
    }
}
