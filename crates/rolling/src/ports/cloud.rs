//! AWS: auto scaling groups, instances and load balancers.

use async_trait::async_trait;

use super::ApiError;

/// The tag of an instance that an update took out of its auto scaling group; the value is the group's name.
pub const DETACHED_TAG: &str = "kops.k8s.io/detached-from-asg";

/// What AWS says about the auto scaling groups and instances of one cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CloudSnapshot {
    /// The auto scaling groups with the cluster's tag.
    pub groups: Vec<ScalingGroup>,
    /// The instances with the cluster's tag that are pending, running, stopping or stopped.
    pub instances: Vec<Ec2Instance>,
}

/// An auto scaling group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScalingGroup {
    /// Its name, `nodes.example.com`.
    pub name: String,
    /// The fewest instances it may have.
    pub min: i32,
    /// The number of instances it keeps.
    pub desired: i32,
    /// The most instances it may have.
    pub max: i32,
    /// What new instances are started from: `lt-0123:4`, or the name of a launch configuration.
    /// `$Latest` and `$Default` are resolved. `None` where the group has neither.
    pub launch: Option<String>,
    /// The instances in it.
    pub members: Vec<Member>,
    /// The instances in its warm pool.
    pub warm: Vec<Member>,
    /// Names of classic load balancers its instances are registered with.
    pub classic_balancers: Vec<String>,
    /// ARNs of target groups its instances are registered with.
    pub target_groups: Vec<String>,
    /// Set while the group is being deleted; the text says so.
    pub status: Option<String>,
    /// The launch template it names outright, which goes when the group is deleted.
    pub template_name: Option<String>,
    /// The launch configuration it names, which goes when the group is deleted.
    pub configuration_name: Option<String>,
}

/// An instance as its auto scaling group sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The instance id.
    pub id: String,
    /// What it was started from, written as in [`ScalingGroup::launch`].
    pub launch: Option<String>,
    /// `InService`, `Terminating:Wait`, `Warmed:Stopped`, …
    pub lifecycle: String,
}

/// An instance as EC2 sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ec2Instance {
    /// The instance id.
    pub id: String,
    /// The instance group, from the tag `kops.k8s.io/instancegroup`.
    pub group: String,
    /// The auto scaling group it was taken out of by an update.
    pub detached_from: Option<String>,
    /// The instance type.
    pub machine_type: String,
    /// The private IPv4 address.
    pub private_ip: String,
    /// Roles from the tags `k8s.io/role/…`, in the order of the tags.
    pub roles: Vec<String>,
}

/// Where a load balancer stands with one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// It sends traffic.
    InService,
    /// It finishes open connections.
    Draining,
    /// It sends nothing.
    Deregistered,
}

/// A load balancer, or a part of one, that instances are registered with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoadBalancerRef {
    /// A classic load balancer by its name.
    Classic(String),
    /// A target group by its ARN.
    TargetGroup(String),
}

impl std::fmt::Display for LoadBalancerRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Classic(name) => write!(f, "classic load balancer {name}"),
            Self::TargetGroup(arn) => {
                // arn:aws:elasticloadbalancing:region:account:targetgroup/NAME/ID
                write!(f, "target group {}", arn.split('/').nth(1).unwrap_or(arn))
            }
        }
    }
}

/// AWS, as far as a rolling update needs it.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Describes all groups and instances of the cluster, with a number of calls that does not grow with the groups.
    async fn snapshot(&self) -> Result<CloudSnapshot, ApiError>;

    /// Marks an instance as taken out of a group, before it is.
    async fn tag_detached(&self, instance: &str, group: &str) -> Result<(), ApiError>;

    /// Takes an instance out of its group, which starts another in its place.
    async fn detach(&self, instance: &str, group: &str) -> Result<(), ApiError>;

    /// Terminates an instance; one that is gone already is no error.
    async fn terminate(&self, instance: &str) -> Result<(), ApiError>;

    /// Asks whether a load balancer still sends traffic to an instance.
    async fn balancer_state(&self, balancer: &LoadBalancerRef, instance: &str) -> Result<TargetState, ApiError>;

    /// Takes an instance out of a load balancer.
    async fn deregister(&self, balancer: &LoadBalancerRef, instance: &str) -> Result<(), ApiError>;

    /// Deletes a group with all of its instances, and the launch template or configuration it alone uses.
    async fn delete_group(&self, group: &ScalingGroup) -> Result<(), ApiError>;
}
