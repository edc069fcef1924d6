//! The events of an update, for users and programs.

use std::time::Duration;

use serde::Serialize;

use super::facts::Reason;
use kopsform_spec::v1alpha2::InstanceGroupRole;

/// Receives events as they happen, from one task at a time.
pub trait Observer: Send + Sync {
    /// Receives an event; `at` is the time since the update began.
    fn on_event(&self, at: Duration, event: &Event);
}

/// A pod that a drain waits for, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blocker {
    /// `namespace/name`.
    pub pod: String,
    /// The disruption budget that refuses its eviction, while it allows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetState>,
    /// The API's answer, or that the pod does not stop.
    pub message: String,
    /// What keeps the pod although it was deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finalizers: Vec<String>,
}

/// A disruption budget's numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BudgetState {
    /// Its name.
    pub name: String,
    /// How many evictions it allows now.
    pub disruptions_allowed: i32,
    /// How many of its pods are healthy.
    pub healthy: i32,
    /// How many have to be.
    pub desired: i32,
}

impl std::fmt::Display for Blocker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.budget {
            Some(budget) => write!(
                f,
                "pod {} (disruption budget {}: {} disruptions allowed, {} of {} needed pods healthy; the API answers: {})",
                self.pod, budget.name, budget.disruptions_allowed, budget.healthy, budget.desired, self.message
            ),
            None => write!(f, "pod {} ({})", self.pod, self.message),
        }
    }
}

/// Something that happened or is about to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The update begins.
    Began {
        groups: usize,
        instances: usize,
    },
    /// A disruption budget will refuse evictions of pods on nodes that are to be drained.
    BudgetAllowsNone {
        namespace: String,
        budget: BudgetState,
        pods: Vec<String>,
        nodes: Vec<String>,
    },
    /// A group's update begins.
    GroupBegan {
        group: String,
        #[serde(serialize_with = "super::plan::role_name")]
        role: InstanceGroupRole,
        instances: usize,
    },
    /// The cluster is being validated.
    Validating {
        group: String,
    },
    /// It is not healthy yet.
    NotHealthy {
        group: String,
        failures: Vec<String>,
        retry_in_seconds: f64,
    },
    /// It is healthy, and is checked again to make sure.
    HealthyOnce {
        group: String,
        successes: u32,
        of: u32,
        again_in_seconds: f64,
    },
    /// It is healthy.
    Healthy {
        group: String,
    },
    /// It did not get healthy in time, and the update continues anyway.
    HealthIgnored {
        group: String,
        failures: Vec<String>,
    },
    /// Nodes are tainted, so that new pods prefer others.
    Tainting {
        group: String,
        nodes: Vec<String>,
    },
    /// A warm instance is terminated.
    TerminatingWarm {
        group: String,
        instance: String,
    },
    /// An instance is detached from its group, which starts a replacement.
    Detaching {
        group: String,
        instance: String,
        node: Option<String>,
    },
    /// That failed; another instance is tried.
    DetachFailed {
        group: String,
        instance: String,
        message: String,
    },
    /// A pause.
    Waiting {
        group: String,
        seconds: f64,
        why: &'static str,
    },
    /// An instance is about to be replaced.
    Draining {
        group: String,
        instance: String,
        node: String,
        reasons: Vec<Reason>,
    },
    /// An instance is not drained, because it has no node or the Kubernetes API is not used.
    NotDrained {
        group: String,
        instance: String,
        why: &'static str,
    },
    /// An instance is deregistered from a load balancer.
    Deregistering {
        group: String,
        instance: String,
        load_balancer: String,
    },
    /// The instance stays registered: no other serves the API.
    StaysRegistered {
        group: String,
        instance: String,
    },
    /// That failed, and is tried again.
    DeregisterFailed {
        group: String,
        instance: String,
        load_balancer: String,
        message: String,
    },
    /// A pod is evicted.
    Evicting {
        group: String,
        node: String,
        pod: String,
    },
    /// Its eviction is refused for now.
    Blocked {
        group: String,
        node: String,
        blocker: Blocker,
    },
    /// A pod is deleted although its eviction is refused.
    Deleting {
        group: String,
        node: String,
        pod: String,
    },
    /// A drain failed, and by its options the update continues.
    DrainFailed {
        group: String,
        instance: String,
        node: String,
        message: String,
        then: &'static str,
    },
    /// An instance is terminated.
    Terminating {
        group: String,
        instance: String,
        node: Option<String>,
    },
    /// An instance is gone.
    Terminated {
        group: String,
        instance: String,
        done: usize,
        of: usize,
    },
    /// A node's object is deleted, since the instance's replacement gets its name.
    DeletingNode {
        group: String,
        node: String,
    },
    /// Checks of the API server fail, so no control-plane instance is replaced yet.
    ControlPlaneUnhealthy {
        group: String,
        checks: Vec<String>,
        retry_in_seconds: f64,
    },
    /// By its settings, the group's instances are neither drained nor terminated.
    NotTerminated {
        group: String,
    },
    /// A group is done.
    GroupDone {
        group: String,
        replaced: usize,
    },
    /// A group's update failed.
    GroupFailed {
        group: String,
        message: String,
    },
    /// What an update that ended early leaves on an instance.
    Left {
        group: String,
        instance: String,
        node: Option<String>,
        marks: Vec<&'static str>,
    },
    Warning {
        message: String,
    },
    /// The update was stopped.
    Stopped {
        replaced: usize,
        of: usize,
    },
    /// The update is done.
    Done {
        replaced: usize,
        groups: Vec<String>,
    },
}

impl Event {
    /// The group it is about.
    pub fn group(&self) -> Option<&str> {
        match self {
            Self::Began { .. }
            | Self::BudgetAllowsNone { .. }
            | Self::Warning { .. }
            | Self::Stopped { .. }
            | Self::Done { .. } => None,
            Self::GroupBegan { group, .. }
            | Self::Validating { group }
            | Self::NotHealthy { group, .. }
            | Self::HealthyOnce { group, .. }
            | Self::Healthy { group }
            | Self::HealthIgnored { group, .. }
            | Self::Tainting { group, .. }
            | Self::TerminatingWarm { group, .. }
            | Self::Detaching { group, .. }
            | Self::DetachFailed { group, .. }
            | Self::Waiting { group, .. }
            | Self::Draining { group, .. }
            | Self::NotDrained { group, .. }
            | Self::Deregistering { group, .. }
            | Self::StaysRegistered { group, .. }
            | Self::DeregisterFailed { group, .. }
            | Self::Evicting { group, .. }
            | Self::Blocked { group, .. }
            | Self::Deleting { group, .. }
            | Self::DrainFailed { group, .. }
            | Self::DeletingNode { group, .. }
            | Self::Terminating { group, .. }
            | Self::Terminated { group, .. }
            | Self::ControlPlaneUnhealthy { group, .. }
            | Self::NotTerminated { group }
            | Self::GroupDone { group, .. }
            | Self::GroupFailed { group, .. }
            | Self::Left { group, .. } => Some(group),
        }
    }
}

/// `i-0123 (node-name)`, or the id alone.
pub(super) fn named(instance: &str, node: Option<&str>) -> String {
    match node {
        Some(node) if node != instance => format!("{instance} ({node})"),
        _ => instance.to_owned(),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A line for users, without the group, which is printed in front of it.
impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Began { groups, instances } => {
                write!(f, "replacing {} in {}", count(*instances, "instance"), count(*groups, "group"))
            }
            Self::BudgetAllowsNone { namespace, budget, pods, nodes } => write!(
                f,
                "disruption budget {namespace}/{} allows no eviction now ({} of {} needed pods healthy): it may block the \
                 drain of {} with {}",
                budget.name,
                budget.healthy,
                budget.desired,
                nodes.join(", "),
                pods.join(", ")
            ),
            Self::GroupBegan { instances, .. } => write!(f, "replacing {}", count(*instances, "instance")),
            Self::Validating { .. } => f.write_str("validating the cluster"),
            Self::NotHealthy { failures, retry_in_seconds, .. } => {
                write!(f, "not healthy yet, checking again in {retry_in_seconds:.0}s: {}", failures.join(", "))
            }
            Self::HealthyOnce { successes, of, again_in_seconds, .. } => {
                write!(f, "healthy ({successes} of {of} times in a row), checking again in {again_in_seconds:.0}s")
            }
            Self::Healthy { .. } => f.write_str("the cluster is healthy"),
            Self::HealthIgnored { failures, .. } => {
                write!(
                    f,
                    "still not healthy, continuing anyway (--fail-on-validate-error=false): {}",
                    failures.join(", ")
                )
            }
            Self::Tainting { nodes, .. } => write!(f, "tainting {}", nodes.join(", ")),
            Self::TerminatingWarm { instance, .. } => write!(f, "terminating {instance} in the warm pool"),
            Self::Detaching { instance, node, .. } => {
                write!(f, "detaching {}; its group starts a replacement", named(instance, node.as_deref()))
            }
            Self::DetachFailed { instance, message, .. } => write!(f, "cannot detach {instance}: {message}"),
            Self::Waiting { seconds, why, .. } => write!(f, "waiting {seconds}s {why}"),
            Self::Draining { instance, node, reasons, .. } => {
                let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
                write!(f, "draining {}: {}", named(instance, Some(node)), reasons.join("; "))
            }
            Self::NotDrained { instance, why, .. } => write!(f, "not draining {instance}: {why}"),
            Self::Deregistering { instance, load_balancer, .. } => {
                write!(f, "deregistering {instance} from {load_balancer}")
            }
            Self::StaysRegistered { instance, .. } => {
                write!(f, "{instance} stays registered with its load balancers: no other instance serves the API")
            }
            Self::DeregisterFailed { instance, load_balancer, message, .. } => {
                write!(f, "cannot deregister {instance} from {load_balancer}: {message}")
            }
            Self::Evicting { pod, .. } => write!(f, "evicting pod {pod}"),
            Self::Blocked { node, blocker, .. } => write!(f, "drain of {node} waits for {blocker}"),
            Self::Deleting { pod, .. } => write!(f, "deleting pod {pod}"),
            Self::DrainFailed { instance, node, message, then, .. } => {
                write!(f, "drain of {} failed, {then}: {message}", named(instance, Some(node)))
            }
            Self::DeletingNode { node, .. } => write!(f, "deleting node {node}; the replacement gets its name"),
            Self::Terminating { instance, node, .. } => {
                write!(f, "terminating {}", named(instance, node.as_deref()))
            }
            Self::Terminated { instance, done, of, .. } => write!(f, "{instance} is gone, {done} of {of} done"),
            Self::ControlPlaneUnhealthy { checks, retry_in_seconds, .. } => write!(
                f,
                "waiting to replace control-plane instances until these checks pass: {}; checking again in {retry_in_seconds:.0}s",
                checks.join(", ")
            ),
            Self::NotTerminated { .. } => {
                f.write_str("drainAndTerminate is false: instances are neither drained nor terminated")
            }
            Self::GroupDone { replaced, .. } => write!(f, "done, {} replaced", count(*replaced, "instance")),
            Self::GroupFailed { message, .. } => write!(f, "failed: {message}"),
            Self::Left { instance, node, marks, .. } => {
                write!(f, "left behind: {} is {}", named(instance, node.as_deref()), marks.join(", "))
            }
            Self::Warning { message } => f.write_str(message),
            Self::Stopped { replaced, of } => {
                write!(f, "stopped: {replaced} of {} replaced; run again to continue", count(*of, "instance"))
            }
            Self::Done { replaced, groups } => {
                write!(f, "done: {} replaced in {}", count(*replaced, "instance"), groups.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocked_drain_names_pod_budget_and_numbers() {
        let budget = BudgetState { name: "web".into(), disruptions_allowed: 0, healthy: 4, desired: 4 };
        let message = "The disruption budget web needs 4 healthy pods and has 4 currently".to_owned();
        let blocker = Blocker { pod: "default/web-0".into(), budget: Some(budget), message, finalizers: Vec::new() };
        let event = Event::Blocked { group: "nodes".into(), node: "n".into(), blocker };
        assert_eq!(
            event.to_string(),
            "drain of n waits for pod default/web-0 (disruption budget web: 0 disruptions allowed, 4 of 4 needed pods healthy; \
             the API answers: The disruption budget web needs 4 healthy pods and has 4 currently)"
        );
    }

    #[test]
    fn events_are_tagged_objects_for_programs() {
        let event = Event::Terminated { group: "nodes".into(), instance: "i-1".into(), done: 1, of: 2 };
        let json = serde_json::to_value(&event).unwrap_or_default();
        assert_eq!(json, serde_json::json!({"event":"terminated","group":"nodes","instance":"i-1","done":1,"of":2}));
    }
}
