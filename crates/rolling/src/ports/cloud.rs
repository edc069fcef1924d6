//! The cloud: groups of instances, the instances themselves, and load balancers.
//!
//! Names, ids and states are the implementation's own. A plan compares and prints them and never looks into them.

use async_trait::async_trait;

use super::ApiError;

/// What a cloud's groups can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether an instance can leave its group and keep running while the group starts a replacement, as auto scaling
    /// groups allow. Managed instance groups of Google cannot: an update of theirs has no surge.
    pub detach: bool,
    /// Whether a replacement gets the name of the instance it replaces. Its node would then be the old one, cordon and
    /// taints included, so that one is deleted before.
    pub keeps_names: bool,
    /// What kops calls a group, in messages that scripts may read.
    pub abbreviation: &'static str,
    /// The same in words.
    pub group: &'static str,
}

impl Capabilities {
    /// What auto scaling groups of AWS can do.
    pub const AUTO_SCALING_GROUPS: Self =
        Self { detach: true, keeps_names: false, abbreviation: "ASG", group: "autoscaling group" };
    /// What managed instance groups of Google Cloud can do.
    pub const MANAGED_INSTANCE_GROUPS: Self =
        Self { detach: false, keeps_names: true, abbreviation: "MIG", group: "managed instance group" };
}

/// The groups and instances of one cluster at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudSnapshot {
    /// The groups that belong to the cluster.
    pub groups: Vec<CloudGroup>,
    /// The cluster's instances that are not terminated, in or out of groups.
    pub instances: Vec<CloudInstance>,
}

/// The process of an auto scaling group that starts instances, in [`CloudGroup::suspended`].
pub const LAUNCH_PROCESS: &str = "Launch";
/// Processes without which an auto scaling group may not notice that an instance was terminated, or not replace it.
pub const REPLACING_PROCESSES: [&str; 3] = ["HealthCheck", "ReplaceUnhealthy", "Terminate"];

/// A group that starts instances: an auto scaling group, a managed instance group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudGroup {
    /// The name, such as `nodes.example.com`.
    pub name: String,
    /// The name of its instance group, where the cloud records it. An instance group may have several groups then, one for
    /// each zone. `None` where the name decides ([`crate::discover::scaling_group_name`]).
    pub instance_group: Option<String>,
    /// The minimum number of instances.
    pub min: i32,
    /// The number of instances it keeps.
    pub desired: i32,
    /// The maximum number of instances.
    pub max: i32,
    /// What new instances are started from, with aliases such as `$Latest` resolved. `None` where the group names nothing.
    pub launch: Option<LaunchSource>,
    /// The instances in it.
    pub members: Vec<Member>,
    /// The instances in its warm pool.
    pub warm: Vec<Member>,
    /// The load balancers its instances are registered with.
    pub load_balancers: Vec<LoadBalancerRef>,
    /// What the group does not do at present, such as `Launch`, in the cloud's names.
    pub suspended: Vec<String>,
    /// Why the group is left alone, such as `Delete in progress`; `None` for a group in normal operation.
    pub status: Option<String>,
    /// The template only its instance group uses, which is deleted with it. Read by the implementation only.
    pub own_template: Option<OwnTemplate>,
}

/// A template that is deleted with its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTemplate {
    /// What the cloud calls it, such as `launch template`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
}

/// What instances are started from. An instance is outdated when its source differs from its group's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchSource {
    /// What the cloud calls it, such as `launch template`.
    pub kind: &'static str,
    /// Its id or name.
    pub id: String,
    /// The version, for kinds that have versions.
    pub version: Option<String>,
}

impl std::fmt::Display for LaunchSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Some(version) => write!(f, "{}:{version}", self.id),
            None => f.write_str(&self.id),
        }
    }
}

/// An instance as its group sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The instance id.
    pub id: String,
    /// What it was started from; `None` where the cloud does not say.
    pub launch: Option<LaunchSource>,
    /// What the group does with it.
    pub lifecycle: Lifecycle,
    /// The same as the cloud names it, such as `Terminating:Wait`. For messages only.
    pub state: String,
}

/// What a group does with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lifecycle {
    /// It belongs to the group: starting, in service or on standby.
    #[default]
    Active,
    /// It waits in the warm pool.
    Warm,
    /// It is leaving the group and keeps running.
    Detaching,
    /// It is being terminated.
    Terminating,
}

/// An instance as the cloud lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudInstance {
    /// The instance id. No two instances have the same, not even one after the other.
    pub id: String,
    /// What [`super::Node::instance`] of its node is; empty if that is the id.
    pub node_key: String,
    /// How kops identifies it in listings; empty if that is the id.
    pub link: String,
    /// The name of its instance group, by its tag or label.
    pub group: String,
    /// The cloud's group that an update detached it from.
    pub detached_from: Option<String>,
    /// The machine type.
    pub machine_type: String,
    /// The private IPv4 address.
    pub private_ip: String,
    /// The public IPv4 address, where the cloud lists it.
    pub public_ip: String,
    /// The roles by its tags or labels, in their order.
    pub roles: Vec<String>,
    /// kops' name for its state in listings, where it has one.
    pub state: String,
}

/// Whether a load balancer sends traffic to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// It sends traffic.
    InService,
    /// It sends no new traffic and finishes open connections.
    Draining,
    /// It sends nothing.
    Deregistered,
}

/// A load balancer, or a part of one, that instances are registered with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoadBalancerRef {
    /// The implementation's own identifier.
    pub id: String,
    /// What messages call it, such as `target group api`.
    pub title: String,
}

impl std::fmt::Display for LoadBalancerRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

/// The operations of a cloud that rolling updates need, for the groups and instances of one cluster.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// What its groups can do. Constant; no call is made.
    fn capabilities(&self) -> Capabilities;

    /// Describes all groups and instances of the cluster. The number of calls does not grow with the number of groups.
    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError>;

    /// Marks an instance as detached from a group. This comes before [`Cloud::detach`], so that an interrupted update
    /// finds the instance again.
    async fn mark_detached(&self, instance: &str, group: &str) -> Result<(), ApiError>;

    /// Detaches an instance from its group, which starts a replacement. Only where [`Capabilities::detach`] is set.
    async fn detach(&self, instance: &str, group: &str) -> Result<(), ApiError>;

    /// Terminates an instance, which its group replaces; one that no longer exists is not an error.
    async fn terminate(&self, instance: &str) -> Result<(), ApiError>;

    /// Whether a load balancer still sends traffic to an instance.
    async fn load_balancer_state(
        &self,
        load_balancer: &LoadBalancerRef,
        instance: &str,
    ) -> Result<TargetState, ApiError>;

    /// Deregisters an instance from a load balancer.
    async fn deregister(&self, load_balancer: &LoadBalancerRef, instance: &str) -> Result<(), ApiError>;

    /// Deletes the groups of an instance group with all of their instances, then each [`CloudGroup::own_template`]. Where a
    /// run was interrupted, the next one deletes the rest.
    async fn delete_groups(&self, instance_group: &str, groups: &[&CloudGroup]) -> Result<(), ApiError>;
}
