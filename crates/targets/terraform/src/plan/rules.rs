//! Which changes of a plan destroy data or take down the API.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use super::document::{Effect, Plan, ResourceChange};
use super::identity::{
    Tags, is_api_forwarding_rule, is_api_load_balancer, is_etcd_disk, labelled_cluster, load_balancer_of_arn, text,
};
use super::inventory::{
    Attachment, Inventory, Registrations, is_listener, is_load_balancer, is_target_group, is_unknown,
};

/// What is protected, by the name that allows its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protected {
    /// etcd's volumes, which hold the state of the cluster.
    Etcd,
    /// The API's load balancer with its listeners, target groups and registrations.
    Api,
    /// Every instance group of the control plane at once.
    ControlPlane,
}

impl Protected {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 3] =
        [("etcd", Self::Etcd), ("api", Self::Api), ("control-plane", Self::ControlPlane)];
}

impl fmt::Display for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Etcd => "etcd",
            Self::Api => "api",
            Self::ControlPlane => "control-plane",
        })
    }
}

impl FromStr for Protected {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, protected)| *protected).ok_or(())
    }
}

/// What the plan does to something protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is destroyed.
    Destroy,
    /// It is replaced by another one.
    Replace,
    /// A group no longer registers its instances.
    Deregister,
    /// All groups are destroyed, replaced, or resized to no instances.
    RemoveAll,
    /// All groups replace their instances by an instance refresh.
    RefreshAll,
}

/// A change that destroys data or takes down the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub protected: Protected,
    pub action: Action,
    /// What it is, `etcd volume`.
    pub object: &'static str,
    /// Its name in the cloud, or that of the cluster for all groups of a control plane.
    pub name: String,
    /// The cluster, where tags name it; on Google Cloud with hyphens instead of dots, as labels name it.
    pub cluster: Option<String>,
    /// The addresses of the resources in Terraform.
    pub addresses: Vec<String>,
    /// What happens, in the order of the steps; for several groups in the order of their addresses.
    pub effects: Vec<Effect>,
    /// Why, in a phrase; absent if the plan does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How to avoid it.
    pub hint: String,
}

/// `etcd volume a.etcd-main.example.com would be destroyed: the configuration no longer has this resource`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, name, .. } = self;
        match self.action {
            Action::Destroy => write!(f, "{object} {name} would be destroyed")?,
            Action::Replace => {
                let effect = self.effects.first();
                let how = match effect {
                    Some(Effect::CreateThenDestroy) => "created again, then destroyed",
                    Some(Effect::CreateThenForget) => "created again, then forgotten by Terraform",
                    _ => "destroyed, then created again",
                };
                write!(f, "{object} {name} would be replaced: {how}")?;
            }
            Action::Deregister => write!(f, "{object} {name} would lose its registration")?,
            Action::RemoveAll => write!(f, "{object} {name} would lose every instance group at once")?,
            Action::RefreshAll => {
                write!(f, "{object} {name} would have the instances of every instance group replaced at once")?;
            }
        }
        match &self.reason {
            Some(reason) => write!(f, "; {reason}"),
            None => Ok(()),
        }
    }
}

/// Finds the changes of a plan that destroy data or take down the API, in the order of their kinds and addresses.
pub fn check(plan: &Plan) -> Vec<Finding> {
    let inventory = Inventory::of(plan);
    let checker = Checker { plan, inventory, twins: twins(plan) };
    let mut findings: Vec<Finding> = plan.changes.iter().filter_map(|change| checker.resource(change)).collect();
    findings.extend(checker.control_planes());
    findings.sort_by(|a, b| (a.protected, &a.addresses).cmp(&(b.protected, &b.addresses)));
    findings
}

/// The type and name of something in AWS, which stays the same when its address changes.
type Identity<'a> = (&'a str, &'a str);

/// The addresses at which the plan creates something, by what it is.
fn twins(plan: &Plan) -> BTreeMap<Identity<'_>, &str> {
    let created = plan.changes.iter().filter(|change| change.effect == Effect::Create);
    created
        .filter_map(|change| Some(((change.kind.as_str(), name_of(&change.after)?), change.address.as_str())))
        .collect()
}

fn name_of(attributes: &Value) -> Option<&str> {
    Tags::of(attributes).name().or_else(|| text(attributes, "name"))
}

/// Load balancer and port.
fn name_of_listener(listener: &Value) -> Option<String> {
    let balancer = load_balancer_of_arn(text(listener, "load_balancer_arn")?)?;
    Some(format!("{balancer}:{}", listener.get("port")?))
}

struct Checker<'a> {
    plan: &'a Plan,
    inventory: Inventory<'a>,
    /// What the plan creates, by identity: the same thing at another address.
    twins: BTreeMap<Identity<'a>, &'a str>,
}

impl<'a> Checker<'a> {
    fn resource(&self, change: &'a ResourceChange) -> Option<Finding> {
        let is_gone = change.effect.destroys() || change.effect.replaces();
        let before = &change.before;
        match change.kind.as_str() {
            // Also a volume that a replacement left behind: its data is destroyed with it.
            "aws_ebs_volume" if is_gone && Tags::of(before).is_etcd_volume() => {
                Some(self.gone(Protected::Etcd, "etcd volume", change))
            }
            "google_compute_disk" if is_gone && is_etcd_disk(before) => {
                Some(self.gone(Protected::Etcd, "etcd disk", change))
            }
            // What a replacement left behind takes no part in serving the API.
            _ if change.is_deposed => None,
            "google_compute_forwarding_rule" if is_gone => {
                is_api_forwarding_rule(before).then(|| self.gone(Protected::Api, "API forwarding rule", change))
            }
            kind if is_gone && (is_load_balancer(kind) || kind == "aws_elb") => {
                is_api_load_balancer(before).then(|| self.gone(Protected::Api, "API load balancer", change))
            }
            kind if is_gone && is_listener(kind) => {
                self.inventory.is_api_listener(before).then(|| self.gone(Protected::Api, "API listener", change))
            }
            kind if is_gone && is_target_group(kind) => {
                let is_api = self.inventory.is_api_target_group(before);
                is_api.then(|| self.gone(Protected::Api, "API target group", change))
            }
            "aws_autoscaling_group" if change.effect == Effect::Update => self.deregistered(change),
            _ if is_gone => self.detached(change),
            _ => None,
        }
    }

    /// The finding for something that is destroyed or replaced.
    fn gone(&self, protected: Protected, object: &'static str, change: &ResourceChange) -> Finding {
        let action = if change.effect.replaces() { Action::Replace } else { Action::Destroy };
        let name = name_of(&change.before).map(str::to_owned).or_else(|| name_of_listener(&change.before));
        let name = name.or_else(|| text(&change.before, "id").map(str::to_owned));
        Finding {
            protected,
            action,
            object,
            name: name.unwrap_or_else(|| change.address.clone()),
            cluster: Tags::of(&change.before).cluster().or_else(|| labelled_cluster(&change.before)).map(str::to_owned),
            addresses: vec![change.address.clone()],
            effects: vec![change.effect],
            reason: reason(change),
            hint: self.hint(protected, change),
        }
    }

    /// How to avoid that something is destroyed or replaced.
    fn hint(&self, protected: Protected, change: &ResourceChange) -> String {
        let identity = name_of(&change.before).map(|name| (change.kind.as_str(), name));
        if let Some(twin) = identity.and_then(|identity| self.twins.get(&identity)).filter(|_| !change.is_deposed) {
            return format!(
                "the plan creates it again as {twin}: add a `moved` block from {} to {twin}, or run `terraform state mv`",
                change.address
            );
        }
        let allow = format!("to do it deliberately, use --allow {protected}");
        match (protected, change.is_deposed) {
            (Protected::Etcd, true) => format!(
                "an earlier run replaced it and could not destroy it: check that no etcd member uses the volume; {allow}"
            ),
            (Protected::Etcd, false) => {
                format!("etcd's data is lost with the volume: revert the change, or back up etcd first; {allow}")
            }
            _ => format!("clients and nodes cannot reach the API meanwhile: revert the change; {allow}"),
        }
    }

    /// A group of the control plane that no longer registers its instances with an API's target group or load balancer.
    fn deregistered(&self, change: &'a ResourceChange) -> Option<Finding> {
        let name = text(&change.before, "name").or_else(|| text(&change.before, "id"))?;
        if self.inventory.is_control_plane(name) != Some(true) {
            return None;
        }
        let before = Registrations::of(&change.before, &Value::Null);
        let after = Registrations::of(&change.after, &change.after_unknown);
        if after.is_open {
            return None;
        }
        // Attachments that the plan creates or keeps register the group, too.
        let attached: BTreeSet<&str> = self.attachments(name).collect();
        let lost: Vec<&str> = before
            .targets
            .iter()
            .filter(|target| self.inventory.is_api_target(target))
            .filter(|target| !after.targets.contains(*target) && !attached.contains(*target))
            .copied()
            .collect();
        if lost.is_empty() {
            return None;
        }
        Some(Finding {
            protected: Protected::Api,
            action: Action::Deregister,
            object: "control-plane group",
            name: name.to_owned(),
            cluster: Tags::of(&change.before).cluster().map(str::to_owned),
            addresses: vec![change.address.clone()],
            effects: vec![change.effect],
            reason: Some(format!("it would no longer be registered with {}", lost.join(", "))),
            hint: "the API's load balancer would not reach the group: keep the registration, or use --allow api"
                .to_owned(),
        })
    }

    /// What attachments of their own will register a group with.
    fn attachments(&self, group: &'a str) -> impl Iterator<Item = &'a str> {
        let remaining = self.plan.changes.iter().filter(|change| !change.is_deposed && change.after.is_object());
        remaining.filter_map(move |change| {
            let attachment = Attachment::of(&change.kind, &change.after)?;
            attachment.target.filter(|_| attachment.group == Some(group))
        })
    }

    /// An attachment that registers the control plane with an API's target group or load balancer.
    fn detached(&self, change: &ResourceChange) -> Option<Finding> {
        let attachment = Attachment::of(&change.kind, &change.before)?;
        let is_control_plane = attachment.group.and_then(|group| self.inventory.is_control_plane(group)) == Some(true);
        // What the control plane is registered with is the API's, unless the plan shows something else.
        let concerns_api = |target: &&str| {
            self.inventory.is_api_target(target) || (is_control_plane && !self.inventory.is_other_target(target))
        };
        let target = attachment.target.filter(concerns_api)?;
        if let Some(group) = attachment.group {
            // The registration of a group goes with the group.
            if self.inventory.is_control_plane(group) == Some(false) || self.inventory.is_destroyed(group) {
                return None;
            }
            if self.keeps_registration(group, target) {
                return None;
            }
        }
        let mut finding = self.gone(Protected::Api, "API attachment", change);
        finding.name = match attachment.group {
            Some(group) => format!("of {group} to {target}"),
            None => format!("to {target}"),
        };
        Some(finding)
    }

    /// Whether the group itself, or another attachment, will register what an attachment registers now.
    fn keeps_registration(&self, group: &str, target: &str) -> bool {
        let groups = self.plan.changes.iter().filter(|change| change.kind == "aws_autoscaling_group");
        let mut own = groups.filter(|change| text(&change.after, "name") == Some(group));
        let unchanged = |change: &ResourceChange| matches!(change.effect, Effect::None | Effect::Update);
        own.any(|change| {
            // Its attributes list what attachments registered, so only what the plan adds counts.
            let before = Registrations::of(&change.before, &Value::Null);
            let after = Registrations::of(&change.after, &change.after_unknown);
            unchanged(change) && after.targets.contains(target) && !before.targets.contains(target)
        }) || self.plan.changes.iter().any(|change| {
            let attachment = Attachment::of(&change.kind, &change.after).unwrap_or_default();
            let is_new_or_kept = !change.is_deposed && !change.effect.replaces() && change.effect != Effect::Forget;
            is_new_or_kept && attachment.group == Some(group) && attachment.target == Some(target)
        })
    }

    /// Control planes that lose all of their groups, or all of their instances, at once.
    fn control_planes(&self) -> impl Iterator<Item = Finding> {
        self.inventory.control_planes().into_iter().filter_map(|(cluster, groups)| {
            let running: Vec<&ResourceChange> = groups.into_iter().filter(|group| !is_empty(&group.before)).collect();
            let all =
                |holds: fn(&ResourceChange) -> bool| !running.is_empty() && running.iter().all(|group| holds(group));
            let action = if all(loses_instances) {
                Action::RemoveAll
            } else if all(|group| loses_instances(group) || refreshes(group)) {
                Action::RefreshAll
            } else {
                return None;
            };
            let hint = match action {
                Action::RemoveAll => {
                    "the API and etcd are gone meanwhile: change one group at a time, or use --allow control-plane"
                }
                _ => {
                    "etcd loses its quorum: remove instance_refresh from the groups and use `kopsform rolling-update \
                     cluster`, or use --allow control-plane"
                }
            };
            Some(Finding {
                protected: Protected::ControlPlane,
                action,
                object: "control plane",
                name: if cluster.is_empty() { "without a cluster's tag".to_owned() } else { format!("of {cluster}") },
                cluster: Some(cluster.to_owned()).filter(|name| !name.is_empty()),
                addresses: running.iter().map(|group| group.address.clone()).collect(),
                effects: running.iter().map(|group| group.effect).collect(),
                reason: running.first().and_then(|group| reason(group)),
                hint: hint.to_owned(),
            })
        })
    }
}

/// Whether a group has no instances, by its size.
fn is_empty(group: &Value) -> bool {
    let size = |name: &str| group.get(name).and_then(Value::as_f64);
    size("max_size") == Some(0.0) || (size("desired_capacity") == Some(0.0) && size("min_size").unwrap_or(0.0) == 0.0)
}

fn loses_instances(group: &ResourceChange) -> bool {
    match group.effect {
        Effect::Update => is_empty(&group.after),
        effect => effect.destroys() || effect.replaces(),
    }
}

/// Whether AWS replaces the instances of a group because their launch template changes.
fn refreshes(group: &ResourceChange) -> bool {
    let refresh = group.after.get("instance_refresh").and_then(Value::as_array);
    let changes =
        |name: &str| group.before.get(name) != group.after.get(name) || is_unknown(group.after_unknown.get(name));
    group.effect == Effect::Update
        && refresh.is_some_and(|refresh| !refresh.is_empty())
        && ["launch_template", "mixed_instances_policy", "launch_configuration"].into_iter().any(changes)
}

/// Why Terraform destroys or replaces something. Reasons are those of its documentation.
fn reason(change: &ResourceChange) -> Option<String> {
    let arguments = change.replace_paths.join(", ");
    Some(match change.reason.as_deref() {
        _ if change.is_deposed => "it was left behind when an earlier run replaced it".to_owned(),
        Some("replace_because_cannot_update") | None if !arguments.is_empty() => {
            format!("a change of {arguments} forces replacement")
        }
        Some("replace_because_cannot_update") => "it cannot be changed in place".to_owned(),
        Some("replace_because_tainted") => "it is marked as tainted".to_owned(),
        Some("replace_by_request") => "-replace asks for it".to_owned(),
        Some("replace_by_triggers") => "replace_triggered_by asks for it".to_owned(),
        Some("delete_because_no_resource_config") => "the configuration no longer has this resource".to_owned(),
        Some("delete_because_no_module") => "the configuration no longer has its module".to_owned(),
        Some("delete_because_wrong_repetition" | "delete_because_count_index" | "delete_because_each_key") => {
            "count or for_each no longer includes it".to_owned()
        }
        Some("delete_because_no_move_target") => "a `moved` block leads to an address without a resource".to_owned(),
        _ => return None,
    })
}
