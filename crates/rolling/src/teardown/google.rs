//! Kinds of resources on Google Cloud.

use std::fmt;

/// A kind of resource on Google Cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoogleKind {
    /// An instance template.
    InstanceTemplate,
    /// A managed instance group of a zone, with its instances.
    InstanceGroupManager,
    /// An instance.
    Instance,
    /// A persistent disk of a zone or a region.
    Disk,
    /// An address.
    Address,
    /// A forwarding rule.
    ForwardingRule,
    /// A target pool.
    TargetPool,
    /// A health check of target pools.
    HttpHealthCheck,
    /// A backend service.
    BackendService,
    /// A health check of backend services.
    HealthCheck,
    /// A group of instances that is not managed: Kubernetes makes them for internal load balancers of services.
    InstanceGroup,
    /// A firewall rule.
    FirewallRule,
    /// A route to the pods of an instance.
    Route,
    /// A router with its NAT.
    Router,
    /// A subnet.
    Subnet,
    /// A network.
    Network,
    /// The cluster's service accounts as members of the IAM policy of a project or bucket.
    IamMembers,
    /// A service account.
    ServiceAccount,
    /// A record of Cloud DNS, as `<zone>/<type>/<name>`.
    Record,
}

/// The name kops lists it under; kops has no kind for members of policies and unmanaged groups.
impl fmt::Display for GoogleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InstanceTemplate => "InstanceTemplate",
            Self::InstanceGroupManager => "InstanceGroupManager",
            Self::Instance => "Instance",
            Self::Disk => "Disk",
            Self::Address => "Address",
            Self::ForwardingRule => "ForwardingRule",
            Self::TargetPool => "TargetPool",
            Self::HttpHealthCheck => "HTTP HealthCheck",
            Self::BackendService => "BackendService",
            Self::HealthCheck => "HealthCheck",
            Self::InstanceGroup => "InstanceGroup",
            Self::FirewallRule => "FirewallRule",
            Self::Route => "Route",
            Self::Router => "Router",
            Self::Subnet => "Subnet",
            Self::Network => "Network",
            Self::IamMembers => "IamMembers",
            Self::ServiceAccount => "ServiceAccount",
            Self::Record => "DNSRecord",
        })
    }
}
