//! The parts of clusters that a plan has, as they are now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Plan, ResourceChange};
use super::identity::{
    Tags, is_api_load_balancer, is_api_load_balancer_name, is_api_target_group, is_api_target_group_name,
    is_control_plane, load_balancer_of_arn, target_group_of_arn, text,
};

/// Whether a type is that of application and network load balancers; `aws_alb` is the provider's other name of `aws_lb`.
pub fn is_load_balancer(kind: &str) -> bool {
    matches!(kind, "aws_lb" | "aws_alb")
}

/// Whether a type is that of listeners.
pub fn is_listener(kind: &str) -> bool {
    matches!(kind, "aws_lb_listener" | "aws_alb_listener")
}

/// Whether a type is that of target groups.
pub fn is_target_group(kind: &str) -> bool {
    matches!(kind, "aws_lb_target_group" | "aws_alb_target_group")
}

/// The name and ARN of an auto scaling group, load balancer or target group, by which others refer to it.
fn identifiers(attributes: &Value) -> impl Iterator<Item = &str> {
    ["id", "arn", "name"].into_iter().filter_map(|name| text(attributes, name))
}

/// The parts of clusters that a plan has. Everything refers to attributes as they are now.
#[derive(Debug, Default)]
pub struct Inventory<'a> {
    /// Every cluster that a tag names.
    clusters: BTreeSet<&'a str>,
    /// Names and ARNs of load balancers, network and classic, of APIs.
    balancers: BTreeSet<&'a str>,
    /// ARNs and names of target groups of APIs.
    target_groups: BTreeSet<&'a str>,
    /// Names and ARNs of load balancers and target groups of others.
    others: BTreeSet<&'a str>,
    /// Names and ARNs of auto scaling groups, and whether each is of a control plane.
    groups: BTreeMap<&'a str, Group<'a>>,
}

/// An auto scaling group.
#[derive(Debug, Clone, Copy)]
struct Group<'a> {
    change: &'a ResourceChange,
    is_control_plane: bool,
}

impl<'a> Inventory<'a> {
    /// Takes the inventory of a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let mut inventory = Self::default();
        let existing = || plan.changes.iter().filter(|change| change.before.is_object());
        for change in existing() {
            inventory.clusters.extend(Tags::of(&change.before).cluster());
        }
        for change in existing().filter(|change| !change.is_deposed) {
            inventory.add(change);
        }
        // The target groups of a listener are known by the listener, too.
        for change in existing().filter(|change| is_listener(&change.kind)) {
            if inventory.is_api_listener(&change.before) {
                inventory.target_groups.extend(targets_of_listener(&change.before));
            }
        }
        inventory
    }

    fn add(&mut self, change: &'a ResourceChange) {
        let before = &change.before;
        match change.kind.as_str() {
            kind if is_load_balancer(kind) || kind == "aws_elb" => {
                let target = if is_api_load_balancer(before) { &mut self.balancers } else { &mut self.others };
                target.extend(identifiers(before));
            }
            kind if is_target_group(kind) => {
                let target = if is_api_target_group(before) { &mut self.target_groups } else { &mut self.others };
                target.extend(identifiers(before));
            }
            "aws_autoscaling_group" => {
                let group = Group { change, is_control_plane: is_control_plane(before) };
                self.groups.extend(identifiers(before).map(|name| (name, group)));
            }
            _ => {}
        }
    }

    /// Whether a listener is one of an API's load balancer, which need not be in the plan.
    pub fn is_api_listener(&self, listener: &Value) -> bool {
        let Some(arn) = text(listener, "load_balancer_arn") else { return false };
        self.balancers.contains(arn)
            || load_balancer_of_arn(arn)
                .is_some_and(|name| self.clusters.iter().any(|cluster| is_api_load_balancer_name(name, cluster)))
    }

    /// Whether a target group or classic load balancer, by ARN or name, is an API's. It need not be in the plan.
    pub fn is_api_target(&self, identifier: &str) -> bool {
        let is_named = |name: &str| {
            self.clusters
                .iter()
                .any(|cluster| is_api_target_group_name(name, cluster) || is_api_load_balancer_name(name, cluster))
        };
        self.target_groups.contains(identifier)
            || self.balancers.contains(identifier)
            || is_named(target_group_of_arn(identifier).unwrap_or(identifier))
    }

    /// Whether a target group or classic load balancer, by ARN or name, is in the plan and not an API's.
    pub fn is_other_target(&self, identifier: &str) -> bool {
        self.others.contains(identifier) && !self.is_api_target(identifier)
    }

    /// Whether a target group is behind an API's load balancer.
    pub fn is_api_target_group(&self, group: &Value) -> bool {
        is_api_target_group(group) || identifiers(group).any(|name| self.target_groups.contains(name))
    }

    /// Whether the auto scaling group with a name or ARN is of a control plane; `None` if the plan does not have it.
    pub fn is_control_plane(&self, group: &str) -> Option<bool> {
        self.groups.get(group).map(|group| group.is_control_plane)
    }

    /// Whether the plan destroys the auto scaling group with a name or ARN, without another one instead.
    pub fn is_destroyed(&self, group: &str) -> bool {
        self.groups.get(group).is_some_and(|group| group.change.effect == super::Effect::Destroy)
    }

    /// The auto scaling groups of each cluster's control plane; those without a tag of a cluster are under the empty name.
    pub fn control_planes(&self) -> BTreeMap<&'a str, Vec<&'a ResourceChange>> {
        let mut by_cluster: BTreeMap<&str, BTreeMap<&str, &ResourceChange>> = BTreeMap::new();
        for group in self.groups.values().filter(|group| group.is_control_plane) {
            let cluster = Tags::of(&group.change.before).cluster().unwrap_or_default();
            by_cluster.entry(cluster).or_default().insert(&group.change.address, group.change);
        }
        by_cluster.into_iter().map(|(cluster, groups)| (cluster, groups.into_values().collect())).collect()
    }
}

/// The ARNs that the actions of a listener forward to.
fn targets_of_listener(listener: &Value) -> impl Iterator<Item = &str> {
    let actions = listener.get("default_action").and_then(Value::as_array).into_iter().flatten();
    actions.flat_map(|action| {
        let forwards = action.get("forward").and_then(Value::as_array).into_iter().flatten();
        let groups = forwards.filter_map(|forward| forward.get("target_group")?.as_array()).flatten();
        text(action, "target_group_arn").into_iter().chain(groups.filter_map(|group| text(group, "arn")))
    })
}

/// What instances of an auto scaling group are registered with, by ARN or name.
#[derive(Debug, Default)]
pub struct Registrations<'a> {
    pub targets: BTreeSet<&'a str>,
    /// Whether more may follow that Terraform does not know yet.
    pub is_open: bool,
}

impl<'a> Registrations<'a> {
    /// The registrations among the attributes of an auto scaling group, some of which may be unknown.
    pub fn of(group: &'a Value, unknown: &Value) -> Self {
        let mut registrations = Self::default();
        for name in ["target_group_arns", "load_balancers"] {
            let items = group.get(name).and_then(Value::as_array).into_iter().flatten();
            registrations.targets.extend(items.filter_map(Value::as_str));
            registrations.is_open |= is_unknown(unknown.get(name));
        }
        let sources = group.get("traffic_source").and_then(Value::as_array).into_iter().flatten();
        registrations.targets.extend(sources.filter_map(|source| text(source, "identifier")));
        // Computed from the other two where a configuration has those.
        registrations.is_open |= is_unknown(unknown.get("traffic_source"));
        registrations
    }
}

/// Whether a value, or a part of it, is not known yet.
pub fn is_unknown(unknown: Option<&Value>) -> bool {
    match unknown {
        Some(Value::Bool(is_unknown)) => *is_unknown,
        Some(Value::Array(items)) => items.iter().any(is_unknown_part),
        Some(Value::Object(fields)) => fields.values().any(is_unknown_part),
        _ => false,
    }
}

fn is_unknown_part(value: &Value) -> bool {
    is_unknown(Some(value))
}

/// The auto scaling group, or instance, that an attachment registers, and with what.
#[derive(Debug, Default)]
pub struct Attachment<'a> {
    /// The name of the auto scaling group; `None` for an attached instance.
    pub group: Option<&'a str>,
    /// The ARN of the target group, or the name of the classic load balancer.
    pub target: Option<&'a str>,
}

impl<'a> Attachment<'a> {
    /// The attachment that a resource is; `None` for a resource of another type.
    pub fn of(kind: &str, attributes: &'a Value) -> Option<Self> {
        let group = text(attributes, "autoscaling_group_name");
        let first = |names: &[&str]| names.iter().find_map(|name| text(attributes, name));
        Some(match kind {
            // `alb_target_group_arn` was its name before version 4.
            "aws_autoscaling_attachment" => {
                Self { group, target: first(&["lb_target_group_arn", "alb_target_group_arn", "elb"]) }
            }
            "aws_autoscaling_traffic_source_attachment" => {
                let source = attributes.get("traffic_source").and_then(|sources| sources.get(0));
                Self { group, target: source.and_then(|source| text(source, "identifier")) }
            }
            "aws_lb_target_group_attachment" | "aws_alb_target_group_attachment" => {
                Self { group: None, target: first(&["target_group_arn"]) }
            }
            "aws_elb_attachment" => Self { group: None, target: first(&["elb"]) },
            _ => return None,
        })
    }
}
